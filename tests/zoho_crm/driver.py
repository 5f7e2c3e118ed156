"""Zoho CRM for the conformance kit: which values its fields take, and what is really there."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal

from syncd.domain import Kind, Value
from syncd.port import FieldDef, Read
from tests.clocks import ManualClock
from tests.zoho_crm.office import Office

PAGE = 2
CARDS = ("Accounts", "Contacts")
DOCUMENTS = ("ERP_Orders", "ERP_Invoices", "ERP_Payments", "ERP_Credit_Notes")
KEY = "custom_fields.ERP_ID"

NEEDED = [
    FieldDef(target, f"custom_fields.{name}", kind, name)
    for target in (*CARDS, *DOCUMENTS)
    for name, kind in (
        ("ERP_ID", "text"),
        ("Kit_Text", "text"),
        ("Kit_Amount", "number"),
        ("Kit_Day", "date"),
        ("Kit_Flag", "flag"),
        ("Kit_Lines", "long_text"),
    )
]


class ZohoDriver:
    markers: Mapping[str, str] = dict.fromkeys((*CARDS, *DOCUMENTS), KEY)
    currencies: Mapping[str, str] = dict.fromkeys(DOCUMENTS, "custom_fields.Kit_Text")

    def __init__(self, office: Office) -> None:
        self.office = office

    def wait(self, seconds: float) -> None:
        """The query language reads what was written."""

    def fields(self, target: str, n: int) -> Mapping[str, Value]:
        custom: dict[str, Value] = {
            "custom_fields.Kit_Text": f"Текст {n} 山田",
            "custom_fields.Kit_Amount": Decimal("-1000.01") - n,
            "custom_fields.Kit_Day": "2026-11-01",
            "custom_fields.Kit_Flag": True,
            "custom_fields.Kit_Lines": f"Долг {n},\nпросрочено",
        }
        if target == "Contacts":
            return {**_person(n), **custom}
        if target != "Accounts":
            return {"Name": f"РТ-{n}", **custom}
        return {
            "Account_Name": f"ООО «O'Ромашка» {n} 株式会社",
            "Phone": f"+43{n}",
            "Website": f"https://example.test/{n}",
            "Billing_Street": "Хофгассе 1",
            "Billing_City": "Wien",
            "Billing_State": "W",
            "Billing_Code": "1010",
            "Billing_Country": "AT",
            "Description": "Kit\n山田",
            **custom,
        }

    def changed(self, target: str, n: int) -> Mapping[str, Value]:
        custom: dict[str, Value] = {
            "custom_fields.Kit_Text": None,
            "custom_fields.Kit_Amount": Decimal("0.5"),
            "custom_fields.Kit_Day": None,
            "custom_fields.Kit_Flag": False,
        }
        if target == "Contacts":
            name = f"Кузнецова Екатерина {n}"
            named = {"Full_Name": name, "First_Name": None, "Last_Name": name}
            return {**named, "Phone": None, **custom}
        if target != "Accounts":
            return {"Name": f"請求書 {n}", **custom}
        return {"Account_Name": f"Новое имя {n}", "Phone": None, **custom}

    def bad(self, target: str, n: int) -> Mapping[str, Value]:
        return {**self.fields(target, n), "custom_fields.Kit_Day": "the day before"}

    def gone(self, target: str) -> str:
        return "5725767000999999999"

    def count(self, target: str, marker: str, parents: Mapping[str, str]) -> int:
        links = {word.removesuffix("s"): parent for word, parent in parents.items()}
        return len(self.office.having(target, ERP_ID=marker, **links))


def _person(n: int) -> Mapping[str, Value]:
    return {
        "Full_Name": f"花子 山田 {n}",
        "First_Name": "花子",
        "Last_Name": f"山田 {n}",
        "Email": f"o'hanako.{n}@example.test",
        "Phone": f"+81{n}",
        "Mobile": f"+8190{n}",
        "Title": "経理",
        "Mailing_Street": "Хофгассе 1",
        "Mailing_City": "大阪",
        "Mailing_State": "大阪府",
        "Mailing_Zip": "530-0001",
        "Mailing_Country": "JP",
        "Description": "Kit\n山田",
    }


CARD_PATHS = {
    "Accounts": ("Account_Name", "Account_Name", "Billing_City"),
    "Contacts": ("Contact_Name", "Last_Name", "Full_Name", "Mailing_City"),
}
"""By card: how a deal leads to it, what it is called by, and what else is read."""


class ZohoReader:
    """The books' side of the kit: what a salesperson does meanwhile, on a clock that is moved."""

    page = PAGE
    can: Mapping[Kind, frozenset[str]] = {
        Kind.DEAL: frozenset({"touch", "delete", "void", "stamp"}),
        Kind.WON: frozenset({"touch", "delete", "stamp"}),
    }

    def __init__(self, office: Office, clock: ManualClock, card: str = "Accounts") -> None:
        self._lookup, self._name, *more = CARD_PATHS[card]
        deal = ("Deal_Name", "Stage", f"{self._lookup}.id", "Closing_Date", "Amount")
        won = ("id", self._name, "Phone", *more, "custom_fields.Tax_ID")
        self.paths: Mapping[Kind, tuple[str, ...]] = {Kind.DEAL: deal, Kind.WON: won}
        self.modules: Mapping[Kind, str] = {Kind.DEAL: "Deals", Kind.WON: card}
        self._office = office
        self._clock = clock
        self._numbers = itertools.count(1)

    def read(self, kind: Kind) -> Read:
        return Read(kind, self.modules[kind], self.paths[kind])

    def seed(self, kind: Kind, count: int) -> Sequence[str]:
        return [self._one(kind) for _ in range(count)]

    def edit(self, kind: Kind, key: str) -> None:
        name = {Kind.DEAL: "Deal_Name", Kind.WON: self._name}[kind]
        self._office.change(self.modules[kind], key, **{name: f"Edited {next(self._numbers)}"})

    def touch(self, kind: Kind, key: str) -> None:
        self._office.change(self.modules[kind], key)

    def stamp(self, kind: Kind, key: str, moment: dt.datetime) -> None:
        """Nobody types it there; the sandbox lets it be set."""
        self._office.crm.rows[self.modules[kind]][key].modified = moment

    def edit_child(self, kind: Kind, key: str) -> None:
        raise AssertionError("nothing has children, and `can` says so")

    def delete(self, kind: Kind, key: str) -> None:
        self._office.delete(self.modules[kind], key)

    def void(self, kind: Kind, key: str) -> None:
        self._office.change("Deals", key, Stage="Closed Lost")

    def unknown(self, kind: Kind) -> str:
        return "5725767000999999999"

    def count(self, kind: Kind) -> int:
        return len(self._office.rows(self.modules[kind]))

    def wait(self, seconds: float) -> None:
        self._clock.advance(seconds)

    def _one(self, kind: Kind) -> str:
        number = next(self._numbers)
        named = {self._name: f"山田商事 {number}", "Tax_ID": "77"}
        card = self._office.add(self.modules[Kind.WON], **named)
        if kind is Kind.WON:
            return card
        return self._office.add(
            "Deals",
            Deal_Name=f"Сделка {number}",
            Stage="Closed Won",
            Closing_Date="2026-11-18",
            Amount=18900.5,
            **{self._lookup: card},
        )
