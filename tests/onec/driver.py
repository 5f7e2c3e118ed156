"""Drives a base of the sandbox behind the connector's back, for the conformance kit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from syncd.domain import Kind, Value
from syncd.port import Read
from syncd.sandbox.onec.trade.company import house, tax_id
from syncd.sandbox.onec.trade.desk import Desk, Person, Terms
from tests.onec.office import Office

PAGE = 5
UNKNOWN = "ffffffff-0000-4000-8000-ffffffffffff"
COMMENT = "Комментарий"
ZONE = ZoneInfo("Europe/Moscow")


def bare(desk: Desk) -> None:
    """A company in which nothing happened yet."""
    house(desk.base)


class OneCDriver:
    page = PAGE
    can: Mapping[Kind, frozenset[str]] = {
        Kind.CUSTOMER: frozenset({"touch", "delete"}),
        Kind.ORDER: frozenset({"touch", "child", "delete", "void", "stamp"}),
        Kind.INVOICE: frozenset({"touch", "delete", "void", "stamp"}),
        Kind.PAYMENT: frozenset({"touch", "child", "delete", "void", "stamp"}),
        Kind.CREDIT_NOTE: frozenset({"touch", "child", "delete", "void", "stamp"}),
        Kind.ADJUSTMENT: frozenset({"touch", "delete", "void", "stamp"}),
        Kind.BALANCE: frozenset({"child"}),
    }

    def __init__(self, office: Office) -> None:
        self._office = office
        self._desk = office.desk
        self._base = office.desk.base
        self._number = 0

    def read(self, kind: Kind) -> Read:
        read = self._office.read(kind)
        more = () if kind in (Kind.CUSTOMER, Kind.BALANCE) else (COMMENT,)
        return Read(kind, read.object, (*read.paths, *more))

    def seed(self, kind: Kind, count: int) -> Sequence[str]:
        return [self._one(kind) for _ in range(count)]

    def _one(self, kind: Kind) -> str:
        customer = self._customer()
        if kind is Kind.CUSTOMER:
            return customer
        terms = self._terms()
        if kind is Kind.PAYMENT:
            return self._desk.pay(customer, {self._order(customer): Decimal(5)}, terms)
        order = self._order(customer)
        if kind is Kind.ORDER:
            return order
        if kind is Kind.CREDIT_NOTE:
            return self._desk.take_back(order, Decimal("1.50"))
        if kind is Kind.ADJUSTMENT:
            key = self._desk.write_off(order, Decimal("2.50"))
            return f"{key}.{customer}.RUB"
        shipment = self._desk.ship(order)
        return customer if kind is Kind.BALANCE else shipment

    def edit(self, kind: Kind, key: str) -> None:
        self._number += 1
        if kind is Kind.CUSTOMER:
            self._change(kind, key, {"Description": f"Правка {self._number}"})
        elif kind is Kind.BALANCE:
            self._desk.pay(key, {"": Decimal("1.25")}, self._terms())
        else:
            self._change(kind, key, {COMMENT: f"Правка {self._number} 編集"})

    def touch(self, kind: Kind, key: str) -> None:
        """A write that changes nothing: only the version is another one."""
        self._change(kind, key, {})

    def stamp(self, kind: Kind, key: str, moment: dt.datetime) -> None:
        """The date of the document, which people type."""
        day = moment.astimezone(ZONE).replace(tzinfo=None)
        self._change(kind, key, {"Date": day.isoformat(timespec="seconds")})

    def edit_child(self, kind: Kind, key: str) -> None:
        """Nothing of the record itself is written: a shipment changes what is open of its order,
        and what a payment or a return of the order settles."""
        if kind is Kind.BALANCE:
            self._desk.ship(self._order(key))
            return
        row = self._base.get(self._set(kind, key), key)
        order = key if kind is Kind.ORDER else str(self._order_of(kind, row))
        self._desk.ship(order)

    def _order_of(self, kind: Kind, row: Mapping[str, object]) -> object:
        parts = row["РасшифровкаПлатежа"] if kind is Kind.PAYMENT else [row]
        assert isinstance(parts, list)
        return parts[0]["Заказ" if kind is Kind.PAYMENT else "ЗаказКлиента"]

    def delete(self, kind: Kind, key: str) -> None:
        self._base.delete(self._set(kind, key), key.partition(".")[0])

    def void(self, kind: Kind, key: str) -> None:
        self._change(kind, key, {"Posted": False})

    def unknown(self, kind: Kind) -> str:
        return UNKNOWN if kind is not Kind.ADJUSTMENT else f"{UNKNOWN}.{UNKNOWN}.RUB"

    def count(self, kind: Kind) -> int:
        customers = Kind.CUSTOMER if kind is Kind.BALANCE else kind
        return sum(len(self._base.objects.get(name, {})) for name in self._sets(customers))

    def wait(self, seconds: float) -> None:
        self._office.clock.advance(seconds)

    def _sets(self, kind: Kind) -> Sequence[str]:
        if kind is Kind.CUSTOMER:
            return [self._desk.customers]
        layout = self._office.layout
        mine = layout.of(kind)
        return [one for one in mine if kind is not Kind.ADJUSTMENT or one in layout.others]

    def _set(self, kind: Kind, key: str) -> str:
        key = key.partition(".")[0]
        return next(one for one in self._sets(kind) if key in self._base.objects.get(one, {}))

    def _change(self, kind: Kind, key: str, values: Mapping[str, object]) -> None:
        self._base.change(self._set(kind, key), key.partition(".")[0], dict(values))

    def _customer(self) -> str:
        self._number += 1
        person = Person("Ольга と 田中", tax_id(self._number), email="o@example.org")
        return self._desk.customer(person)

    def _terms(self) -> Terms:
        currency = next(iter(self._base.objects["Catalog_Валюты"]))
        return Terms(next(iter(self._base.objects["Catalog_Организации"])), currency)

    def _order(self, customer: str) -> str:
        item = next(iter(self._base.objects["Catalog_Номенклатура"]))
        return self._desk.order(customer, [(item, Decimal(1), Decimal("10.50"))], self._terms())


class OneCTargetDriver:
    """The targets `customer`, `contact` and `contract`, as a CRM's objects are driven. An address
    is a row of a table part, without a marker or fields of its own: see test_children.py."""

    markers: Mapping[str, str] = dict.fromkeys(("customer", "contact", "contract"), "marker")
    currencies: Mapping[str, str] = {}

    def __init__(self, office: Office) -> None:
        self._office = office

    def fields(self, target: str, n: int) -> Mapping[str, Value]:
        if target == "contact":
            ways = {"phone": f"+7 495 {n % 1000}", "email": f"anna{n}@example.org"}
            return {"name": f"Анна {n} 花子", "role": f"Бухгалтер {n}", **ways}
        if target == "contract":
            firms = self._office.desk.base.objects["Catalog_Организации"].values()
            return {"name": f"Договор {n}", "organisation": next(iter(firms))["Description"]}
        return {
            "name": f"ООО «Пример {n}»",
            "full_name": f"Общество {n} 株式会社",
            "tax_id": tax_id(n % 900_000_000),
            "branch_id": f"{n % 10**9:09}",
            "email": f"office{n}@example.org",
            "phone": "+7 495 000-00-00",
            "address": f"Москва, ул. Ленина, {n}",
        }

    def changed(self, target: str, n: int) -> Mapping[str, Value]:
        return {**self.fields(target, n), "email": None, "branch_id": None}

    def bad(self, target: str, n: int) -> Mapping[str, Value]:
        wrong = {"organisation": "ООО «Никто»"} if target == "contract" else {"name": None}
        return {**self.fields(target, n), **wrong}

    def gone(self, target: str) -> str:
        return UNKNOWN

    def count(self, target: str, marker: str, parents: Mapping[str, str]) -> int:
        sets = {
            "contact": "Catalog_КонтактныеЛицаПартнеров",
            "contract": "Catalog_ДоговорыКонтрагентов",
        }
        name = sets.get(target, self._office.desk.customers)
        rows = self._office.desk.base.objects[name].values()
        notes = ("ДополнительнаяИнформация", "Комментарий")
        return sum(marker in [row.get(one) for one in notes] for row in rows)

    def wait(self, seconds: float) -> None:
        self._office.clock.advance(seconds)
