"""Fields that belong to Zoho or to both sides, between 1C and Zoho CRM: contacts in 1C are rows of
a table part, which is written whole.

The tests of this module are one story and run in the order they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from syncd.domain import Kind
from syncd.merging import Owner
from syncd.store import streams
from syncd.sync import conflicts
from syncd.sync.pair import Scene
from syncd.sync.want import follow
from tests.onec.office import Office
from tests.onec_zoho.trade import Trade

CUSTOMERS, PART = "Catalog_Контрагенты", "КонтактнаяИнформация"
WRITING = """extends: zoho_crm
customer.email: custom_fields.Office_Email
won.email: custom_fields.Office_Email | trim | lower
won.phone: Phone | trim
owners:
  name: shared
  email: crm
  phone: shared
  street: {owner: shared, empty: null_is_value}
"""
OLD, NEW, OTHER = "+7 495 111-11-11", "+7 812 222-22-22", "+7 383 333-33-33"
HOME, MOVED = "101000, Москва, ул. Ленина, 1", "190000, Санкт-Петербург, Невский пр., 7"


@dataclass
class Both:
    """Customers of 1C with a phone, a fax, an e-mail and an address each, and their accounts."""

    trade: Trade
    keys: list[str]

    def row(self, at: int) -> dict[str, Any]:
        return dict(self.trade.office.desk.base.objects[CUSTOMERS][self.keys[at]])

    def ways(self, at: int) -> dict[str, Mapping[str, Any]]:
        return {one["Тип"]: one for one in self.row(at)[PART]}

    def way(self, at: int, kind: str = "Телефон") -> object:
        return self.ways(at).get(kind, {}).get("Представление")

    def books(self, at: int, kind: str, shown: str) -> None:
        """An accountant types it in 1C's form."""
        rows = [
            {**one, "Представление": shown, "Значение": "{}", **_own(kind, shown)}
            if one["Тип"] == kind
            else one
            for one in self.row(at)[PART]
        ]
        self.trade.office.desk.base.change(CUSTOMERS, self.keys[at], {PART: rows})

    def shown(self, at: int, field: str = "Phone") -> object:
        return self.trade.cards()[self.keys[at]].get(field)

    def card(self, at: int, **values: object) -> None:
        [one] = self.trade.crm.having("Accounts", ERP_ID=self.keys[at])
        self.trade.crm.change("Accounts", one.id, **values)

    def later(self) -> tuple[int, int]:
        """Writes to 1C and to Zoho in an hour's cycle."""
        before = self.trade.office.transport.writes, self.trade.transport.writes
        self.trade.later(3600)
        after = self.trade.office.transport.writes, self.trade.transport.writes
        return after[0] - before[0], after[1] - before[1]

    def asked(self) -> list[str]:
        return [one for one in self.trade.problems() if "differ in" in one]


def _own(kind: str, shown: str) -> dict[str, str]:
    return {"АдресЭП": shown} if kind == "АдресЭлектроннойПочты" else {}


def contacts(number: int) -> list[dict[str, Any]]:
    said = {
        "Телефон": {"Представление": OLD, "НомерТелефона": "74951111111", "Значение": "{}"},
        "Факс": {"Представление": f"+7 495 900-00-0{number}"},
        "АдресЭлектроннойПочты": {
            "Представление": f"k{number}@example.com",
            "АдресЭП": f"k{number}@example.com",
        },
        "Адрес": {"Представление": HOME, "Значение": "{}", "Вид_Key": FACTUAL},
    }
    return [
        {"LineNumber": n, "Тип": kind, **more} for n, (kind, more) in enumerate(said.items(), 1)
    ]


FACTUAL = "0f5b1d3e-0000-4000-8000-000000000001"
"""A kind of address that is not the one which new ones get."""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    folder = tmp_path_factory.mktemp("shared")
    (folder / "zoho.yaml").write_text(WRITING, encoding="utf-8")
    office = Office()
    base = office.desk.base
    trade = Trade(folder, office, writing=folder / "zoho.yaml")
    for row in trade.crm.rows("Accounts"):  # people of another story
        trade.crm.delete("Accounts", row.id)
    trade.set_up()
    trade.run()
    keys = sorted(trade.cards())
    for number, key in enumerate(keys):
        base.change(CUSTOMERS, key, {PART: contacts(number)})
    trade.later(3600)
    trade.later(90_000)
    assert {card["Phone"] for card in trade.cards().values()} == {OLD}
    return Both(trade, keys)


def test_an_edit_reaches_the_other_side_once(both: Both) -> None:
    before = both.row(0)[PART]
    both.card(0, Phone=NEW, Billing_Street=MOVED, Office_Email="Neu@Example.com")
    both.card(1, Account_Name="ООО «Переименовано»")
    both.books(2, "Телефон", NEW)
    both.books(2, "Адрес", MOVED)
    both.books(3, "АдресЭлектроннойПочты", "buh@example.com")  # what Zoho owns
    both.card(5, Phone=NEW)
    assert both.later() == (4, 1)
    assert [both.way(0, one) for one in ("Телефон", "Адрес")] == [NEW, MOVED]
    assert both.ways(0)["АдресЭлектроннойПочты"]["АдресЭП"] == "neu@example.com"
    assert both.row(1)["Description"] == "ООО «Переименовано»"
    assert (both.shown(2), both.shown(2, "Billing_Street")) == (NEW, MOVED)
    assert both.ways(3)["АдресЭлектроннойПочты"]["АдресЭП"] == "k3@example.com"
    assert both.asked() == []
    changed = both.ways(0)
    assert (changed["Адрес"]["Значение"], changed["Адрес"]["Вид_Key"]) == ("", FACTUAL)
    assert changed["Телефон"]["НомерТелефона"] == "78122222222"
    assert both.row(0)[PART][1] == before[1], "the fax is as it was"
    assert both.later() == (0, 0)


def test_two_edits_ask_and_an_emptied_field_is_what_the_mapping_says(both: Both) -> None:
    both.books(4, "Телефон", NEW)
    both.card(4, Phone=OTHER)
    both.card(6, Phone=None, Billing_Street=None)
    both.books(5, "Телефон", OLD)  # there and back, for the first time
    both.card(7, Phone="8 (495) 1111111", Account_Name=str(both.shown(7, "Account_Name")).upper())
    name = both.row(7)["Description"]
    assert both.later() == (1, 1)
    assert (both.way(4), both.shown(4)) == (NEW, OTHER)
    [asked] = both.asked()
    assert f"Customer {both.keys[4]} and its card differ in phone" in asked
    assert (both.way(6), both.shown(6)) == (OLD, None), "skip_empty: nothing was said"
    assert "Адрес" not in both.ways(6), "null_is_value: it was taken away"
    assert (both.way(7), both.row(7)["Description"]) == (OLD, name), "a manner is no edit"
    assert both.later() == (0, 0)


def test_a_person_decides_and_the_other_side_hears_of_it(both: Both) -> None:
    with both.trade.pair.store.transaction() as tx:
        scene = Scene(tx, both.trade.pair, streams.stream_ids(tx, "main"), 1)
        assert conflicts.take(scene, "phone", Owner.CRM) == [both.keys[4]]
        follow(scene, Kind.CUSTOMER, [both.keys[4]])
    assert both.later() == (1, 0)
    assert (both.way(4), both.shown(4)) == (OTHER, OTHER)
    assert both.asked() == []


def test_what_comes_back_twice_within_a_day_is_a_question(both: Both) -> None:
    both.card(5, Phone=NEW)
    both.later()
    both.books(5, "Телефон", OLD)
    both.later()
    assert any(both.keys[5] in one for one in both.asked())
    assert both.later() == (0, 0)
