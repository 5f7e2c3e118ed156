"""Two small systems to map between, and short ways to load a file for them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from textwrap import dedent
from typing import Any

from syncd.domain import Canonical, Card, Kind, Money, Sums, Value
from syncd.errors import ConfigError
from syncd.mapping import BooksMapping, CrmMapping, load_books, load_crm
from syncd.port import Facts, Record, Source, Target, Tier

SHIPPED = Path(__file__).parents[2] / "mappings"

_text = dict.fromkeys

BOOKS = Facts(
    "memory_books",
    sources={kind: Source(f"{kind}s") for kind in Kind},
    targets={
        "customers": Target(Tier.T2, _text(("name", "code", "email", "phone", "tax_id"), "text")),
        "contacts": Target(
            Tier.T2, _text(("name", "role", "phone", "email", "code"), "text"), ("customers",)
        ),
    },
)


def crm_facts(*currencies: str) -> Facts:
    """No currencies: any."""
    text = _text
    return Facts(
        "memory_crm",
        sources={
            Kind.DEAL: Source("deals"),
            Kind.LEAD: Source("leads"),
            Kind.WON: Source("account"),
        },
        targets={
            "account": Target(
                Tier.T3,
                text(("name", "email", "phone", "tax_id", "currency", "books_id"), "text")
                | {"custom_fields.*": "text"},
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
                Tier.T3,
                text(("amount", "payment_date", "reference"), "text"),
                ("invoice",),
                listable=False,
            ),
            "deal": Target(Tier.T1, {"custom_fields.*": "text"}, made=False, listable=False),
            "note": Target(
                Tier.T3, text(("text", "reference"), "text"), ("account",), listable=False
            ),
        },
        currencies=frozenset(currencies) or None,
    )


CHANGED = dt.datetime(2026, 11, 18, 15, 40, tzinfo=dt.UTC)


def sums(code: str, receivable: str = "0", prepaid: str = "0", **more: str) -> Sums:
    """One row of a card; what is not said is zero. `aged` is what is overdue for 1 to 30 days."""
    zero = Money(0, code)
    overdue = Money.of(more.pop("overdue", "0"), code)
    rest = {name: Money.of(amount, code) for name, amount in more.items()}
    names = ("credits", "total_sales", "sales_12m", "average_order", "open_orders")
    return Sums(
        receivable=Money.of(receivable, code),
        prepaid=Money.of(prepaid, code),
        overdue=overdue,
        ageing=(overdue, zero, zero, zero),
        **{name: rest.pop(name, zero) for name in names},
        **rest,
    )


def card(*rows: Sums, own: str = "EUR", complete: bool = True, **more: Any) -> Card:
    return Card(
        key="7", customer="7", currency=own, changed=CHANGED, rows=rows, complete=complete, **more
    )


CARD = """\
system: memory_crm
customer: {write: account, marker: books_id, fields: {name: name}}
"""


def card_file(fields: str, *, stages: str = "", head: str = "") -> str:
    """A smallest CRM file with a card; `fields` stand on line 6."""
    text = f"card:\n  update: account\n  of: customer\n  fields: {{{fields}}}\n"
    return CARD + text + (f"  stages: {stages}\n" if stages else "") + head


def shown(mapping: CrmMapping, record: Card) -> dict[str, Value]:
    """What the card of the target gets, without `custom_fields.`."""
    [want] = mapping.outbound[Kind.CARD](record)
    return {path.removeprefix("custom_fields."): value for path, value in want.fields.items()}


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
