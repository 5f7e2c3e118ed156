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
    Kind.ORDER: "orders",
    Kind.INVOICE: "invoices",
    Kind.PAYMENT: "payments",
    Kind.CREDIT_NOTE: "credit_notes",
    Kind.ADJUSTMENT: "adjustments",
    Kind.BALANCE: "balances",
    Kind.DEAL: "deals",
    Kind.LABEL: "account",
    Kind.WON: "account",
}
DOCUMENT = frozenset({"touch", "delete", "void", "stamp"})
SETTLER = DOCUMENT | {"child"}


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
        Kind.CUSTOMER: DOCUMENT,
        Kind.ORDER: SETTLER,
        Kind.INVOICE: DOCUMENT,
        Kind.PAYMENT: SETTLER,
        Kind.CREDIT_NOTE: SETTLER,
        Kind.ADJUSTMENT: SETTLER,
        Kind.BALANCE: frozenset({"child", "stamp"}),
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
        if kind is Kind.ORDER:
            return [self.books.add_order(key, "100.00", seller="田中") for key in customers]
        invoices = [self.books.post_invoice(key, "100.00") for key in customers]
        if kind is Kind.INVOICE:
            return invoices
        seeded = [
            self._settler(kind, key, invoice)
            for key, invoice in zip(customers, invoices, strict=True)
        ]
        return customers if kind is Kind.BALANCE else seeded

    def _settler(self, kind: Kind, customer: str, invoice: str) -> str:
        part = [(invoice, "10.00")]
        if kind is Kind.CREDIT_NOTE:
            return self.books.post_credit_note(customer, "60.00", allocations=part)
        if kind is Kind.ADJUSTMENT:
            return self.books.adjust(customer, "-60.00", "write_off", allocations=part)
        return self.books.pay(customer, "60.00", allocations=part)

    def edit(self, kind: Kind, key: str) -> None:
        match kind:
            case Kind.CUSTOMER:
                self.books.rename(key, "田中商店")
            case Kind.ORDER:
                self.books.edit_order(key, total="250.00")
            case Kind.INVOICE:
                self.books.edit_invoice(key, total="250.00")
            case Kind.BALANCE:
                self.books.post_invoice(key, "33.10")
            case _:
                self.books.unpost(OBJECTS[kind], key)

    def touch(self, kind: Kind, key: str) -> None:
        self.books.touch(OBJECTS[kind], key)

    def stamp(self, kind: Kind, key: str, moment: dt.datetime) -> None:
        if kind is Kind.BALANCE:
            self.books.ledger[key] = moment
        else:
            self.books.type_stamp(OBJECTS[kind], key, moment.isoformat())

    def edit_child(self, kind: Kind, key: str) -> None:
        if kind is Kind.ORDER:
            self.books.invoice_order(key, "25.00")
            return
        object = OBJECTS[Kind.PAYMENT if kind is Kind.BALANCE else kind]
        owner = "customer" if kind is Kind.BALANCE else "id"
        rows = self.books.tables[object].values()
        settler = next(row.data for row in rows if row.data[owner] == key)
        allocate = {
            "payments": self.books.allocate,
            "credit_notes": self.books.allocate_credit,
            "adjustments": self.books.allocate_adjustment,
        }[object]
        allocate(settler["id"], settler["allocations"][0]["invoice"], "25.00")

    def delete(self, kind: Kind, key: str) -> None:
        self.books.delete(OBJECTS[kind], key)

    def void(self, kind: Kind, key: str) -> None:
        {
            Kind.CUSTOMER: self.books.deactivate,
            Kind.ORDER: self.books.cancel_order,
            Kind.INVOICE: self.books.cancel_invoice,
            Kind.PAYMENT: self.books.void_payment,
            Kind.CREDIT_NOTE: self.books.cancel_credit_note,
            Kind.ADJUSTMENT: self.books.cancel_adjustment,
        }[kind](key)

    def unknown(self, kind: Kind) -> str:
        return "987654"

    def count(self, kind: Kind) -> int:
        return len(self.books.tables["customers" if kind is Kind.BALANCE else OBJECTS[kind]])


class MemoryDealsDriver:
    """The CRM as a source."""

    page = 2
    can: Mapping[Kind, frozenset[str]] = {
        Kind.DEAL: frozenset({"delete", "void", "stamp"}),
        Kind.LABEL: frozenset({"delete"}),
        Kind.WON: frozenset({"delete"}),
    }

    def __init__(self, world: World, clock: Clock) -> None:
        self.crm = world.crm
        self.wait = clock.wait

    def read(self, kind: Kind) -> Read:
        return Read(kind, OBJECTS[kind], ())

    def seed(self, kind: Kind, count: int) -> Sequence[str]:
        """Each card with one won deal, and one that is still open."""
        accounts = [self.crm.add_account("Иван Петров と 田中") for _ in range(count)]
        deals = [self.crm.open_deal(account, "Печать", "90.00", "EUR") for account in accounts]
        for account, deal in zip(accounts, deals, strict=True):
            self.crm.open_deal(account, "Later", "10.00", "EUR")
            self.crm.win(deal)
        return deals if kind is Kind.DEAL else accounts

    def edit(self, kind: Kind, key: str) -> None:
        if kind is Kind.DEAL:
            self.crm.edit_deal(key, name="田中商店")
        else:
            self.crm.edit("account", key, name="田中商店")

    def touch(self, kind: Kind, key: str) -> None:
        raise NotImplementedError("nothing has a stamp")

    def stamp(self, kind: Kind, key: str, moment: dt.datetime) -> None:
        """People type the day on which a deal was closed; an account has no time at all."""
        if kind is Kind.DEAL:
            self.crm.edit_deal(key, closed=moment.date().isoformat())

    def edit_child(self, kind: Kind, key: str) -> None:
        raise NotImplementedError("nothing has children")

    def delete(self, kind: Kind, key: str) -> None:
        self.crm.delete("deal" if kind is Kind.DEAL else "account", key)

    def void(self, kind: Kind, key: str) -> None:
        self.crm.lose(key)

    def unknown(self, kind: Kind) -> str:
        return "deal-987654" if kind is Kind.DEAL else "account-987654"

    def count(self, kind: Kind) -> int:
        if kind is not Kind.DEAL:
            return len(self.crm.objects["account"])
        return sum(deal["stage"] == "won" for deal in self.crm.deals.values())


class MemoryIntakeDriver:
    """The books as a target."""

    markers: Mapping[str, str] = {"customers": "code", "contacts": "code"}
    currencies: Mapping[str, str] = {}

    def __init__(self, world: World, clock: Clock) -> None:
        self.books = world.books
        self.wait = clock.wait

    def fields(self, target: str, n: int) -> Mapping[str, Value]:
        card: dict[str, Value] = {"name": f"Käufer {n} 株式会社", "email": f"k{n}@example.test"}
        card["phone"] = f"+43 {n}"
        return {**card, **({"role": "Einkauf"} if target == "contacts" else {"tax_id": f"ATU{n}"})}

    def changed(self, target: str, n: int) -> Mapping[str, Value]:
        return {"name": f"Новое имя {n}", "email": None}

    def bad(self, target: str, n: int) -> Mapping[str, Value]:
        return {**self.fields(target, n), "name": None}

    def gone(self, target: str) -> str:
        return "987654"

    def count(self, target: str, marker: str, parents: Mapping[str, str]) -> int:
        found = self.books.intake.marked(target, marker)
        return len([item for item in found if item.parents == dict(parents)])


class MemoryCrmDriver:
    markers: Mapping[str, str] = {
        "account": "books_id",
        "contact": "books_id",
        "invoice": "books_id",
        "payment": "reference",
        "note": "reference",
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
                    "tax_id": f"ATU{n}",
                    "street": "Невский проспект, 1",
                    "city": "Wien",
                    "postcode": "1010",
                    "country": "AT",
                    "currency": "EUR",
                }
            case "contact":
                return {"name": f"Иванова {n}"}
            case "note":
                return {"text": f"Order {n} was refused.\nFirst of its kind."}
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
                return {
                    "name": f"Новое имя {n}",
                    "phone": None,
                    "street": None,
                    "city": "Graz",
                    "currency": "USD",
                }
            case "contact":
                return {"name": f"Петров {n}"}
            case "note":
                return {"text": f"田中 {n}"}
            case "invoice":
                return {"amount": Decimal("7.50"), "due_date": None, "state": "cancelled"}
            case _:
                return {"amount": Decimal("7.50"), "payment_date": "2026-11-17"}

    def bad(self, target: str, n: int) -> Mapping[str, Value]:
        wrong: dict[str, dict[str, Value]] = {
            "account": {"name": None},
            "contact": {"name": None},
            "note": {"text": None},
            "invoice": {"issue_date": "the day before"},
            "payment": {"amount": Decimal(-5)},
        }
        return {**self.fields(target, n), **wrong[target]}

    def gone(self, target: str) -> str:
        return f"{target}-987654"

    def count(self, target: str, marker: str, parents: Mapping[str, str]) -> int:
        found = self.crm.marked(target, marker)
        return len([item for item in found if item.parents == dict(parents)])
