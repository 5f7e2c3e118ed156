"""Drives an account of the sandbox behind the connector's back, for the conformance kit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from syncd.domain import Kind, Value
from syncd.port import Read
from syncd.sandbox.netsuite.ledger import Ledger
from syncd.sandbox.netsuite.papers import Terms
from syncd.sandbox.netsuite.sample import company
from tests.netsuite.office import Office

PAGE = 5
UNKNOWN = "99999999"
_ALL = frozenset({"touch", "delete", "void", "stamp"})


class NetSuiteDriver:
    page = PAGE
    can: Mapping[Kind, frozenset[str]] = {
        Kind.CUSTOMER: frozenset({"touch", "delete", "stamp"}),
        Kind.ORDER: frozenset({"touch", "child", "delete", "void", "stamp"}),
        Kind.INVOICE: _ALL,
        Kind.PAYMENT: _ALL | {"child"},
        Kind.CREDIT_NOTE: _ALL | {"child"},
        Kind.ADJUSTMENT: _ALL - {"void"},
        Kind.BALANCE: frozenset({"child"}),
    }

    def __init__(self, office: Office) -> None:
        self._office = office
        self._ledger: Ledger = office.ledger
        self._store = office.sandbox.store
        self._number = 0

    def read(self, kind: Kind) -> Read:
        read = self._office.read(kind)
        more = () if kind is Kind.BALANCE else ("memo" if read.object == "transaction" else "url",)
        return Read(kind, read.object, (*read.paths, *more))

    def seed(self, kind: Kind, count: int) -> Sequence[str]:
        return [self._one(kind) for _ in range(count)]

    def _one(self, kind: Kind) -> str:
        customer = self._customer()
        if kind is Kind.CUSTOMER:
            return str(customer)
        ledger, lines = self._ledger, [(1, Decimal(1), Decimal("10.50"))]
        if kind is Kind.ORDER:
            return str(ledger.order(customer, lines))
        invoice = ledger.invoice(customer, lines)
        if kind in (Kind.INVOICE, Kind.BALANCE):
            return str(invoice if kind is Kind.INVOICE else customer)
        if kind is Kind.PAYMENT:
            paid = ledger.payment(customer, Decimal(5))
            return str(ledger.apply(paid, invoice, Decimal(5)))
        if kind is Kind.CREDIT_NOTE:
            credit = ledger.credit(customer, [(1, Decimal(1), Decimal("1.50"))], invoice=invoice)
            return str(ledger.apply(credit, invoice, Decimal("1.50")))
        off = ledger.write_off(customer, Decimal("2.50"), Terms(currency=1))
        return f"{ledger.apply(off, invoice, Decimal('2.50'))}.{customer}"

    def edit(self, kind: Kind, key: str) -> None:
        self._number += 1
        if kind is Kind.CUSTOMER:
            self._change(kind, key, {"url": f"https://{self._number}.example.com"})
        elif kind is Kind.BALANCE:
            self._ledger.payment(int(key), Decimal("1.25"))
        else:
            self._change(kind, key, {"memo": f"Правка {self._number} 編集"})

    def touch(self, kind: Kind, key: str) -> None:
        self._change(kind, key, {})

    def stamp(self, kind: Kind, key: str, moment: dt.datetime) -> None:
        self._change(kind, key, {"lastmodifieddate": moment})

    def edit_child(self, kind: Kind, key: str) -> None:
        """Nothing of the record itself is saved: a bill of an order, an invoice that is settled."""
        ledger, id = self._ledger, int(key.partition(".")[0])
        if kind is Kind.BALANCE:
            ledger.invoice(id, [(1, Decimal(1), Decimal("3.25"))])
            return
        held = ledger.get(id)
        if kind is Kind.ORDER:
            ledger.invoice(held["entity"], [(1, Decimal(1), Decimal("0.50"))], order=id)
            self._store.update("transaction", {"id": id}, {"status": held["status"]})
            return
        linked = self._store.one("SELECT previousdoc AS x FROM link WHERE nextdoc = ?", id)
        assert linked is not None
        self._office.sandbox.switches.apply_touches = "invoice"
        ledger.unapply(id, linked["x"])
        ledger.apply(id, linked["x"], Decimal("0.75"))

    def delete(self, kind: Kind, key: str) -> None:
        if kind is Kind.CUSTOMER:
            row = self._store.get("customer", int(key))
            assert row is not None
            self._office.people.delete(self._ledger, "customer", row)
        else:
            self._ledger.delete(int(key.partition(".")[0]))

    def void(self, kind: Kind, key: str) -> None:
        if kind is Kind.ORDER:
            self._ledger.close(int(key), "C")
        else:
            self._ledger.void(int(key.partition(".")[0]))

    def unknown(self, kind: Kind) -> str:
        return UNKNOWN if kind is not Kind.ADJUSTMENT else f"{UNKNOWN}.{UNKNOWN}"

    def count(self, kind: Kind) -> int:
        if kind in (Kind.CUSTOMER, Kind.BALANCE):
            return len(self._store.rows("SELECT id FROM customer_"))
        from connectors.netsuite.documents import TYPES

        marks = ", ".join("?" * len(TYPES[kind]))
        where = f"type IN ({marks})"
        return len(self._store.rows(f'SELECT id FROM "transaction" WHERE {where}', *TYPES[kind]))

    def wait(self, seconds: float) -> None:
        self._office.clock.advance(seconds)

    def _customer(self) -> int:
        self._number += 1
        return company(self._office.people, f"Ольга と 田中 {self._number}")

    def _change(self, kind: Kind, key: str, values: Mapping[str, object]) -> None:
        table = "customer" if kind in (Kind.CUSTOMER, Kind.BALANCE) else "transaction"
        saved = {"lastmodifieddate": self._store.now(), **values}
        self._store.update(table, {"id": int(key.partition(".")[0])}, saved)


class NetSuiteTargetDriver:
    markers: Mapping[str, str] = {"customer": "externalId"}
    currencies: Mapping[str, str] = {}

    def __init__(self, office: Office) -> None:
        self._office = office

    def fields(self, target: str, n: int) -> Mapping[str, Value]:
        return {
            "name": f"ООО «Пример {n}» 株式会社",
            "email": f"office{n}@example.org",
            "phone": f"+7 495 {n % 10**7:07}",
            "url": f"https://{n}.example.com",
            "comments": f"Заметка {n}",
            "tax_id": f"{n % 10**10:010}",
            "street": f"ул. Ленина, {n}",
            "city": f"Москва {n}",
            "state": f"MO{n % 100}",
            "postcode": f"{n % 10**6:06}",
            "country": ("RU", "JP", "US", "DE")[n % 4],
        }

    def changed(self, target: str, n: int) -> Mapping[str, Value]:
        return {**self.fields(target, n), "email": None, "phone": None}

    def bad(self, target: str, n: int) -> Mapping[str, Value]:
        return {**self.fields(target, n), "name": None}

    def gone(self, target: str) -> str:
        return UNKNOWN

    def count(self, target: str, marker: str, parents: Mapping[str, str]) -> int:
        where = "SELECT id FROM customer_ WHERE externalid = ?"
        return len(self._office.sandbox.store.rows(where, marker))

    def wait(self, seconds: float) -> None:
        self._office.clock.advance(seconds)
