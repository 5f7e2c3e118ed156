"""What people of the company do, for a test in another process: POST /_sandbox/do/NAME with the
arguments as JSON.

Amounts are text or numbers in the document's currency; a document is its `tranid` or id, a customer
its id; a day is `2026-11-20`. A line is `[item, quantity, price]`.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from syncd.sandbox.netsuite.ledger import Ledger
from syncd.sandbox.netsuite.login import Login
from syncd.sandbox.netsuite.papers import Lines, Terms
from syncd.sandbox.netsuite.people import People
from syncd.sandbox.netsuite.store import plain
from syncd.sandbox.netsuite.wire import Refused

Said = Mapping[str, Any]
Document = int | str


@dataclass(frozen=True, slots=True)
class Operations:
    people: People
    ledger: Ledger
    login: Login

    def run(self, name: str, values: Said) -> Said:
        """ValueError: no such operation, arguments that do not fit, or a rule against it."""
        known = operations()
        if name not in known:
            raise ValueError(f"unknown operation {name}; there are: {', '.join(sorted(known))}")
        try:
            with self.ledger.store.at_once():
                done = known[name](self, **values)
        except Refused as refused:
            raise ValueError(refused.detail) from None
        except InvalidOperation:
            raise ValueError(f"{name}: an amount is no number") from None
        return {"id": done} if done is not None else {}

    # sales

    def order(self, customer: int, lines: list[list[Any]], **terms: Any) -> int:
        return self.ledger.order(customer, _lines(lines), _terms(terms))

    def invoice(
        self, customer: int, lines: list[list[Any]], order: Document | None = None, **terms: Any
    ) -> int:
        of = None if order is None else self._id(order)
        return self.ledger.invoice(customer, _lines(lines), _terms(terms), of)

    def cash_sale(self, customer: int, lines: list[list[Any]], **terms: Any) -> int:
        return self.ledger.cash_sale(customer, _lines(lines), _terms(terms))

    def credit(
        self, customer: int, lines: list[list[Any]], invoice: Document | None = None, **terms: Any
    ) -> int:
        of = None if invoice is None else self._id(invoice)
        return self.ledger.credit(customer, _lines(lines), _terms(terms), of)

    # money

    def pay(self, customer: int, amount: Any, apply: Said | None = None, **terms: Any) -> int:
        """`apply` is invoice -> amount; what is left of the payment is unapplied."""
        made = self.ledger.payment(customer, Decimal(str(amount)), _terms(terms))
        for invoice, part in (apply or {}).items():
            self.ledger.apply(made, self._id(invoice), Decimal(str(part)))
        return made

    def deposit(
        self, customer: int, amount: Any, order: Document | None = None, **terms: Any
    ) -> int:
        of = None if order is None else self._id(order)
        return self.ledger.deposit(customer, Decimal(str(amount)), _terms(terms), of)

    def apply(self, credit: Document, invoice: Document, amount: Any) -> int:
        return self.ledger.apply(self._id(credit), self._id(invoice), Decimal(str(amount)))

    def unapply(self, credit: Document, invoice: Document) -> None:
        self.ledger.unapply(self._id(credit), self._id(invoice))

    def refund(self, credit: Document, amount: Any, **terms: Any) -> int:
        return self.ledger.refund(self._id(credit), Decimal(str(amount)), _terms(terms))

    def write_off(
        self, customer: int, amount: Any, invoice: Document | None = None, **terms: Any
    ) -> int:
        whole = Decimal(str(amount))
        made = self.ledger.write_off(customer, whole, _terms(terms))
        if invoice is not None:
            self.ledger.apply(made, self._id(invoice), whole)
        return made

    def charge(self, customer: int, amount: Any, **terms: Any) -> int:
        return self.ledger.charge(customer, Decimal(str(amount)), _terms(terms))

    # documents

    def void(self, document: Document) -> int:
        return self.ledger.void(self._id(document))

    def delete(self, document: Document) -> None:
        self.ledger.delete(self._id(document))

    def close(self, order: Document, status: str = "H") -> None:
        self.ledger.close(self._id(order), status)

    def due(self, document: Document, day: str) -> None:
        self.ledger.due(self._id(document), dt.date.fromisoformat(day))

    # people

    def customer(self, **values: Any) -> int:
        """Columns of `customer`, and `subsidiary`."""
        given = {"subsidiary": 1, "entitystatus": 13, **values}
        return self.people.customer(_columns(given))

    def change(self, id: int, **values: Any) -> None:
        self.people.change(id, _columns(values))

    def contact(self, **values: Any) -> int:
        return self.people.contact(values)

    def address(self, customer: int, **place: Any) -> int:
        return self.people.address(customer, place)

    def field(self, name: str, kind: str = "text") -> None:
        """A custom field of customers."""
        self.people.add_field(f"{name}:{kind}")

    # access

    def map_certificate(self, pem: str) -> str:
        """A certificate or public key in PEM; gives its certificate id."""
        return self.login.map(pem)

    def end_tokens(self) -> None:
        """No access token is valid any more."""
        self.login.live.clear()

    def _id(self, document: Document) -> int:
        if isinstance(document, int) or document.isdigit():
            return int(document)
        return self.ledger.find(document)


def operations() -> dict[str, Callable[..., Any]]:
    return {
        name: made
        for name, made in inspect.getmembers(Operations, inspect.isfunction)
        if not name.startswith("_") and name != "run"
    }


def _lines(given: list[list[Any]]) -> Lines:
    return [(int(item), Decimal(str(q)), Decimal(str(price))) for item, q, price in given]


def _terms(given: Said) -> Terms:
    values = dict(given)
    for name in ("date", "due"):
        if values.get(name) is not None:
            values[name] = dt.date.fromisoformat(values[name])
    if values.get("rate") is not None:
        values["rate"] = Decimal(str(values["rate"]))
    return replace(Terms(), **values)


def _columns(given: Said) -> dict[str, Any]:
    values = {("subsidiary_" if one == "subsidiary" else one): held for one, held in given.items()}
    return {name: plain(value) for name, value in values.items()}
