"""Every awkward case played once, and what was read afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from syncd.domain import Kind
from tests.tryton import awkward
from tests.tryton.reader import Mirror, Reader
from tests.tryton.sums import Documents, documents
from tests.world.books import Books, today

SETTLING = (Kind.PAYMENT, Kind.CREDIT_NOTE, Kind.ADJUSTMENT)


@dataclass(frozen=True)
class Settled:
    """`customers` by case; `records` are Tryton's own, `found` what the shipped mapping makes of
    them; `missed` is what following the changes did not see."""

    customers: Mapping[str, int]
    missed: list[tuple[Kind, str]]
    records: Mapping[Kind, Mapping[str, Mapping[str, Any]]]
    found: Documents

    def balance(self, case: str) -> Mapping[str, Any]:
        return self.records[Kind.BALANCE][str(self.customers[case])]

    def of(self, kind: Kind, case: str) -> list[Any]:
        customer = str(self.customers[case])
        records: list[Any] = list(self.found[kind].values())
        return [one for one in records if one.customer == customer]


def play(reader: Reader) -> Settled:
    prepare(reader.books)
    mirror = Mirror(reader)
    customers = {}
    for name, case in awkward.CASES.items():
        customers[name] = reader.books.create_customer(f"{name.capitalize()}: Ёлкин и 田中")
        case(reader.books, customers[name])
    missed = mirror.follow()
    records = {kind: reader.data(kind) for kind in (*SETTLING, Kind.BALANCE)}
    return Settled(customers, missed, records, documents(reader))


def prepare(books: Books) -> None:
    """Dollars that lost value yesterday, accounts for exchange differences, a payment term of two
    halves, and a bank whose statements are entered."""
    day = today() - dt.timedelta(days=1)
    rate = {"date": day, "rate": Decimal("1.60"), "currency": books.currencies["USD"]}
    books.create("currency.currency.rate", rate)
    revenue, expense = (
        books.search("account.account", [[f"type.{kind}", "=", True], ["closed", "!=", True]])[0]
        for kind in ("revenue", "expense")
    )
    books.write(
        "account.configuration",
        1,
        currency_exchange_credit_account=revenue,
        currency_exchange_debit_account=expense,
    )
    half = {"type": "percent", "ratio": Decimal("0.5"), "divisor": Decimal(2)}
    halves = [
        {**half, "relativedeltas": [["create", [{"days": 14}]]]},
        {"type": "remainder", "relativedeltas": [["create", [{"days": 60}]]]},
    ]
    term = {"name": "99 days net", "lines": [["create", halves]]}
    books.create("account.invoice.payment_term", term)
    journals = books.search("account.journal", [["type", "=", "statement"]])
    bank = {
        "name": "Bank",
        "journal": journals[0],
        "account": books.one("account.account", ["code", "=", "1.1.1"]),
        "validation": "amount",
        "company": books.context["company"],
    }
    books.create("account.statement.journal", bank)
