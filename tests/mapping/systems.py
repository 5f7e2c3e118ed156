"""Two small systems to map between, and short ways to load a file for them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from textwrap import dedent
from typing import Any

from syncd.domain import Canonical, Kind
from syncd.errors import ConfigError
from syncd.mapping import BooksMapping, Card, CrmMapping, load_books, load_crm
from syncd.port import Facts, Record, Source, Target, Tier

SHIPPED = Path(__file__).parents[2] / "mappings"

BOOKS = Facts(
    "memory_books",
    sources={kind: Source(f"{kind}s") for kind in Kind},
)


def crm_facts(*currencies: str) -> Facts:
    """No currencies: any."""
    text = dict.fromkeys
    return Facts(
        "memory_crm",
        targets={
            "account": Target(
                Tier.T3,
                text(("name", "email", "phone", "currency", "books_id", "custom_fields.*"), "text"),
                unique="name",
            ),
            "contact": Target(Tier.T3, text(("name", "books_id"), "text"), ("account",)),
            "invoice": Target(
                Tier.T3,
                text(("title", "currency", "state", "books_id"), "text")
                | text(("issue_date", "due_date"), "date")
                | {"amount": "number"},
                ("account", "contact"),
            ),
            "payment": Target(
                Tier.T3, text(("amount", "payment_date", "reference"), "text"), ("invoice",)
            ),
        },
        currencies=frozenset(currencies) or None,
    )


CHANGED = dt.datetime(2026, 11, 18, 15, 40, tzinfo=dt.UTC)


def card(*, numbered: bool = False) -> Card:
    return Card(CHANGED, numbered)


def books(folder: Path, text: str) -> BooksMapping:
    return load_books(_file(folder, "books.yaml", text), BOOKS)


def crm(folder: Path, text: str, *currencies: str) -> CrmMapping:
    return load_crm(_file(folder, "crm.yaml", text), crm_facts(*currencies))


def shipped_crm(*currencies: str) -> CrmMapping:
    return load_crm(SHIPPED / "memory_crm.yaml", crm_facts(*currencies))


def _file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(dedent(text), "utf-8")
    return path


CUSTOMER = """\
system: memory_books
customer:
  read: customers
  where: {where}
  fields:
    name: {name}
    code: {code}
"""


def customer_file(name: str = "name", code: str = "code", where: str = "1 == 1") -> str:
    """A smallest books file; `where` stands on line 4, `name` on 6, `code` on 7."""
    return CUSTOMER.format(where=where, name=name, code=code)


def mapped(folder: Path, data: dict[str, Any], **lines: str) -> Canonical | None:
    return books(folder, customer_file(**lines)).inbound[Kind.CUSTOMER](Record("7", data))


def problems(folder: Path, text: str) -> list[str]:
    """What a books file is refused for; the file's own name left out."""
    try:
        books(folder, text)
    except ConfigError as refused:
        return [line.removeprefix("books.yaml:") for line in refused.problems]
    return []


def crm_problems(folder: Path, text: str) -> list[str]:
    try:
        crm(folder, text)
    except ConfigError as refused:
        return [line.removeprefix("crm.yaml:") for line in refused.problems]
    return []
