"""The conformance drivers of the memory world: what a person would do in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from connectors.memory import World
from syncd.domain import Kind, Value
from syncd.port import Read

NOON = dt.datetime(2026, 11, 18, 12, 0, tzinfo=dt.UTC)
OBJECTS = {
    Kind.CUSTOMER: "customers",
    Kind.INVOICE: "invoices",
    Kind.PAYMENT: "payments",
    Kind.BALANCE: "balances",
}


class Clock:
    """Stands still until somebody waits."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> dt.datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


class MemoryBooksDriver:
    page = 2
    can: Mapping[Kind, frozenset[str]] = {
        Kind.CUSTOMER: frozenset({"touch", "delete"}),
        Kind.INVOICE: frozenset({"touch", "delete"}),
        Kind.PAYMENT: frozenset({"touch", "child", "delete"}),
        Kind.BALANCE: frozenset({"child"}),
    }

    def __init__(self, world: World, clock: Clock) -> None:
        self.books = world.books
        self.wait = clock.wait

    def read(self, kind: Kind) -> Read:
        return Read(kind, OBJECTS[kind], ())

    def seed(self, kind: Kind, count: int) -> Sequence[str]:
        customers = [self.books.add_customer("Иван Петров と 田中") for _ in range(count)]
        if kind is Kind.CUSTOMER:
            return customers
        invoices = [self.books.post_invoice(key, "100.00") for key in customers]
        if kind is Kind.INVOICE:
            return invoices
        payments = [
            self.books.pay(key, "60.00", allocations=[(invoice, "10.00")])
            for key, invoice in zip(customers, invoices, strict=True)
        ]
        return payments if kind is Kind.PAYMENT else customers

    def edit(self, kind: Kind, key: str) -> None:
        if kind is Kind.CUSTOMER:
            self.books.rename(key, "田中商店")
        elif kind is Kind.INVOICE:
            self.books.edit_invoice(key, total="250.00")
        elif kind is Kind.PAYMENT:
            self.books.void_payment(key)
        else:
            self.books.post_invoice(key, "33.10")

    def touch(self, kind: Kind, key: str) -> None:
        self.books.touch(OBJECTS[kind], key)

    def edit_child(self, kind: Kind, key: str) -> None:
        rows = self.books.tables["payments"].values()
        owner = "customer" if kind is Kind.BALANCE else "id"
        payment = next(row.data for row in rows if row.data[owner] == key)
        self.books.allocate(payment["id"], payment["allocations"][0]["invoice"], "25.00")

    def delete(self, kind: Kind, key: str) -> None:
        self.books.delete(OBJECTS[kind], key)

    def unknown(self, kind: Kind) -> str:
        return "987654"

    def count(self, kind: Kind) -> int:
        return len(self.books.tables["customers" if kind is Kind.BALANCE else OBJECTS[kind]])


class MemoryCrmDriver:
    markers: Mapping[str, str] = {
        "account": "books_id",
        "contact": "books_id",
        "invoice": "books_id",
        "payment": "reference",
    }
    currencies: Mapping[str, str] = {"account": "currency", "invoice": "currency"}

    def __init__(self, world: World, clock: Clock) -> None:
        self.crm = world.crm
        self.wait = clock.wait

    def fields(self, target: str, n: int) -> Mapping[str, Value]:
        match target:
            case "account":
                return {
                    "name": f"Käufer {n} 株式会社",
                    "email": f"k{n}@example.test",
                    "phone": f"+43{n}",
                    "currency": "EUR",
                }
            case "contact":
                return {"name": f"Иванова {n}"}
            case "invoice":
                return {
                    "title": f"INV-{n}",
                    "currency": "EUR",
                    "issue_date": "2026-11-01",
                    "due_date": "2026-11-15",
                    "amount": Decimal("1000.00") + n,
                    "state": "open",
                }
            case _:
                cents = Decimal(n // 100 % 500 + 1) / 100
                return {"amount": cents, "payment_date": "2026-11-16"}

    def changed(self, target: str, n: int) -> Mapping[str, Value]:
        match target:
            case "account":
                return {"name": f"Новое имя {n}", "phone": None, "currency": "USD"}
            case "contact":
                return {"name": f"Петров {n}"}
            case "invoice":
                return {"amount": Decimal("7.50"), "due_date": None, "state": "cancelled"}
            case _:
                return {"amount": Decimal("7.50"), "payment_date": "2026-11-17"}

    def bad(self, target: str, n: int) -> Mapping[str, Value]:
        wrong: dict[str, dict[str, Value]] = {
            "account": {"name": None},
            "contact": {"name": None},
            "invoice": {"issue_date": "the day before"},
            "payment": {"amount": Decimal(-5)},
        }
        return {**self.fields(target, n), **wrong[target]}

    def gone(self, target: str) -> str:
        return f"{target}-987654"

    def count(self, target: str, marker: str, parents: Mapping[str, str]) -> int:
        found = self.crm.marked(target, marker)
        return len([item for item in found if item.parents == dict(parents)])
