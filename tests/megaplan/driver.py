"""Megaplan for the conformance kit: which values its fields take, and what is really there."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal

from syncd.domain import Kind, Value
from syncd.port import FieldDef, Read
from syncd.sandbox.megaplan.account import Entity
from syncd.sandbox.megaplan.schema import COMPANY, DEAL
from tests.clocks import ManualClock
from tests.megaplan.office import SELLER, Office

PAGE = 2
KEY = "custom_fields.Код_в_учёте"
GONE = "999999999"
MADE = {
    "Kit_Text": "text",
    "Kit_Amount": "number",
    "Kit_Money": "money",
    "Kit_Count": "integer",
    "Kit_Day": "date",
    "Kit_Flag": "flag",
    "Kit_Lines": "text",
}
"""Extra fields beside that of the key, by their kind."""
_KINDS = {"text": "text", "long_text": "text", "number": "number", "date": "date", "flag": "flag"}


class MegaplanDriver:
    markers: Mapping[str, str] = {COMPANY: KEY}
    currencies: Mapping[str, str] = {}

    def __init__(self, office: Office) -> None:
        self.office = office
        for label, kind in MADE.items():
            office.account.make_field(COMPANY, label.replace("_", " "), kind)

    def make(self, field: FieldDef) -> None:
        """As an administrator does: over the API nobody can."""
        self.office.account.make_field(field.target, field.label, _KINDS[field.type])

    def wait(self, seconds: float) -> None:
        """A filter finds what was written."""

    def fields(self, target: str, n: int) -> Mapping[str, Value]:
        return {
            "name": f"ООО «O'Ромашка» {n} 株式会社",
            "phone": f"+43{n}",
            "email": f"o'hanako.{n}@example.test",
            "description": "Kit\n山田",
            "custom_fields.Kit_Text": f"Текст {n} 山田",
            "custom_fields.Kit_Amount": Decimal("-1000.01") - n,
            "custom_fields.Kit_Money": Decimal("1000.01") + n,
            "custom_fields.Kit_Count": Decimal(n),
            "custom_fields.Kit_Day": "2026-01-31",
            "custom_fields.Kit_Flag": True,
            "custom_fields.Kit_Lines": f"Долг {n},\nпросрочено",
        }

    def changed(self, target: str, n: int) -> Mapping[str, Value]:
        return {
            "name": f"Новое имя {n}",
            "phone": None,
            "email": f"other.{n}@example.test",
            "custom_fields.Kit_Text": None,
            "custom_fields.Kit_Amount": Decimal("0.5"),
            "custom_fields.Kit_Money": Decimal("0.00"),
            "custom_fields.Kit_Day": "2026-12-01",
            "custom_fields.Kit_Flag": False,
        }

    def bad(self, target: str, n: int) -> Mapping[str, Value]:
        return {**self.fields(target, n), "email": "nobody"}

    def gone(self, target: str) -> str:
        return GONE

    def count(self, target: str, marker: str, parents: Mapping[str, str]) -> int:
        return len(self.office.of_key(marker))


class MegaplanReader:
    """The books' side of the kit: what a salesperson does meanwhile, on a clock that is moved."""

    page = PAGE
    can: Mapping[Kind, frozenset[str]] = {
        Kind.DEAL: frozenset({"touch", "delete", "void", "stamp"}),
        Kind.LABEL: frozenset({"touch", "delete", "void", "stamp"}),
        Kind.WON: frozenset({"touch", "delete", "child", "stamp"}),
    }
    objects: Mapping[Kind, str] = {Kind.DEAL: DEAL, Kind.LABEL: COMPANY, Kind.WON: COMPANY}
    paths: Mapping[Kind, tuple[str, ...]] = {
        Kind.DEAL: (
            "name",
            "result",
            "contractor.contentType",
            "contractor.id",
            "stateTimeUpdated",
        ),
        Kind.LABEL: ("id", "name", "type.name"),
        Kind.WON: (
            "id",
            "name",
            "phone",
            "payers.inn",
            "contacts.name",
            "contacts.email",
            "custom_fields.ИНН",
        ),
    }

    def __init__(self, office: Office, clock: ManualClock) -> None:
        self._office = office
        self._clock = clock
        self._numbers = itertools.count(1)

    def read(self, kind: Kind) -> Read:
        return Read(kind, self.objects[kind], self.paths[kind])

    def seed(self, kind: Kind, count: int) -> Sequence[str]:
        return [self._one(kind) for _ in range(count)]

    def edit(self, kind: Kind, key: str) -> None:
        self._office.change(self._row(kind, key), name=f"Правка {next(self._numbers)}")

    def touch(self, kind: Kind, key: str) -> None:
        self._office.account.touch(self._row(kind, key), SELLER)

    def stamp(self, kind: Kind, key: str, moment: dt.datetime) -> None:
        self._row(kind, key).updated = moment

    def edit_child(self, kind: Kind, key: str) -> None:
        [payer] = self._office.account.derived(self._row(kind, key), "payers")
        row = self._office.account.get("Payer", payer["id"])
        assert row
        self._office.change(row, inn=f"77{next(self._numbers):08}")

    def delete(self, kind: Kind, key: str) -> None:
        self._office.delete(self._row(kind, key))

    def void(self, kind: Kind, key: str) -> None:
        row = self._row(kind, key)
        if kind is Kind.DEAL:
            self._office.move(row, "Отказ")
        else:
            self._office.becomes(row, "Контакт")

    def unknown(self, kind: Kind) -> str:
        return GONE

    def count(self, kind: Kind) -> int:
        return len(self._office.rows(self.objects[kind]))

    def wait(self, seconds: float) -> None:
        self._clock.advance(seconds)

    def _row(self, kind: Kind, key: str) -> Entity:
        row = self._office.account.get(self.objects[kind], key)
        assert row
        return row

    def _one(self, kind: Kind) -> str:
        number = next(self._numbers)
        company = self._office.company(f"山田商事 {number}", "Клиент")
        self._office.payer(company, "7700000009")
        if kind is Kind.DEAL:
            return self._office.deal(company).id
        if kind is Kind.WON:
            self._office.person(company, "花子", f"山田 {number}")
        return company.id
