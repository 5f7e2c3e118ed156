"""A small connector file to change line by line, and its flows driven by hand."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from syncd.domain import Kind
from syncd.mapping.document import Problems
from syncd.port import All, Page, Read, Request, Scope
from syncd.rest.connector import RestConnector
from syncd.rest.files import compiled
from tests.flows import Answer, drive

HEAD = """\
connector: shop
kind: rest
version: 1
identity: {get: /me, id: id, label: name}
"""
INVOICES = """\
read:
  invoice:
    object: invoices
    list: /invoices
    by_key: /invoices/{key}
"""


def shop(text: str, options: Mapping[str, str] | None = None) -> RestConnector:
    """The file with these lines behind its head."""
    whole = HEAD + textwrap.dedent(text)
    return RestConnector(compiled(whole, "shop", Problems("shop.yaml")), options or {})


def invoices(lines: str) -> RestConnector:
    """With these lines of the kind invoice beside its list."""
    return shop(INVOICES + textwrap.indent(textwrap.dedent(lines), "    "))


def page(
    connector: RestConnector, *answers: Answer, scope: Scope | None = None
) -> tuple[list[Request], Page]:
    read = Read(Kind.INVOICE, "invoices", ())
    return drive(connector.pull(read, All() if scope is None else scope), *answers)


def keys(page: Page) -> list[str]:
    return [record.key for record in page.records]


def paged(query: str, paging: str, more: str = "") -> RestConnector:
    return shop(
        f"""\
        read:
          invoice:
            object: invoices
            by_key: /invoices/{{key}}
            records: data
            list: {{get: /invoices, query: {{{query}}}}}
            paging: {{{paging}}}
            {more}
        """
    )


def data(*ids: int, **rest: Any) -> Answer:
    return Answer(200, {"data": [{"id": one} for one in ids], **rest})
