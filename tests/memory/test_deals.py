"""The CRM as a source: what was won there, and whose card it is."""

from __future__ import annotations

import datetime as dt

import pytest

from connectors.memory import LocalTransport, MemoryCrm, World
from syncd.domain import Kind
from syncd.port import All, Keys, Op, Page, Read, Scope, Since, Write
from tests.memory.driver import NOON, OBJECTS, Clock


class Sales:
    def __init__(self) -> None:
        self.clock = Clock()
        self.world = World(self.clock)
        self.crm = self.world.crm
        self.connector = MemoryCrm(self.crm.habits.honest())
        self.run = LocalTransport(self.connector, self.world.handle).run
        self.account = self.crm.add_account(
            "ООО «Пример»", tax_id="U7", city="Wien", custom_fields__debt="12"
        )
        self.deal = self.crm.open_deal(self.account, "Печать", "90.00", "EUR", seller="Анна")

    def page(self, kind: Kind, scope: Scope) -> Page:
        return self.run(self.connector.pull(Read(kind, OBJECTS[kind], ()), scope))

    def keys(self, kind: Kind, scope: Scope) -> list[str]:
        return [record.key for record in self.page(kind, scope).records]


@pytest.fixture
def sales() -> Sales:
    return Sales()


def test_only_won_deals_are_listed_and_any_is_given_by_its_key(sales: Sales) -> None:
    assert sales.keys(Kind.DEAL, All()) == []
    [record] = sales.page(Kind.DEAL, Keys((sales.deal,))).records
    assert record.data["stage"] == "open"
    sales.crm.win(sales.deal)
    [record] = sales.page(Kind.DEAL, All()).records
    assert record.stamp is None
    assert record.data == {
        "id": sales.deal,
        "name": "Печать",
        "account": sales.account,
        "amount": "90.00",
        "currency": "EUR",
        "stage": "won",
        "closed": "2026-11-18",
        "seller": "Анна",
    }
    sales.crm.reopen(sales.deal)
    assert sales.keys(Kind.DEAL, All()) == []
    sales.crm.lose(sales.deal)
    [record] = sales.page(Kind.DEAL, Keys((sales.deal,))).records
    assert record.data["stage"] == "lost"


@pytest.mark.parametrize(("closed", "seen"), [("2026-11-17", False), ("2026-11-18", True)])
def test_since_begins_with_the_whole_day(sales: Sales, closed: str, seen: bool) -> None:
    sales.crm.win(sales.deal, closed=closed)
    assert bool(sales.keys(Kind.DEAL, Since(NOON))) is seen
    assert sales.keys(Kind.DEAL, Since(NOON - dt.timedelta(days=1))) == [sales.deal]


def test_a_card_is_told_with_its_address_and_custom_fields(sales: Sales) -> None:
    [record] = sales.page(Kind.WON, All()).records
    assert record.key == sales.account
    assert (record.data["name"], record.data["tax_id"]) == ("ООО «Пример»", "U7")
    assert (record.data["city"], record.data["postcode"]) == ("Wien", None)
    assert record.data["custom_fields"] == {"debt": "12"}
    assert record.data["books_id"] is None


def test_cards_are_given_whatever_their_deals(sales: Sales) -> None:
    other = sales.crm.add_account("Zweite")
    assert sales.keys(Kind.WON, All()) == [sales.account, other]
    assert sales.keys(Kind.WON, Since(NOON)) == [sales.account, other]
    assert sales.keys(Kind.WON, Keys((sales.account, "account-987654"))) == [sales.account]


def test_cards_made_by_hand_are_no_doubles_and_not_in_the_journal(sales: Sales) -> None:
    sales.crm.add_account("Zweite")
    assert sales.crm.doubles() == []
    assert sales.crm.journal == []


def test_a_note_can_be_changed_and_removed(sales: Sales) -> None:
    parents = {"account": sales.account}
    made = Write(Op.CREATE, "note", "n-1", None, parents, {"text": "one"})
    [outcome] = sales.run(sales.connector.push([made]))
    key = str(outcome.remote_id)
    changed = Write(Op.UPDATE, "note", "n-1", key, parents, {"text": "two"})
    assert sales.run(sales.connector.push([changed]))[0].seen == {"text": "two"}
    [found] = sales.run(sales.connector.find("note", {"marker": "n-1"}, parents))
    assert found.fields["text"] == "two"
    removed = Write(Op.REMOVE, "note", "n-1", key, parents, {})
    assert sales.run(sales.connector.push([removed]))[0].error is None
    assert sales.run(sales.connector.find("note", {"id": key}, parents)) == []


def test_an_emptied_crm_has_nothing_but_its_set_up(sales: Sales) -> None:
    sales.crm.define("account", "custom_fields.line", "text")
    sales.crm.win(sales.deal)
    sales.crm.empty()
    assert sales.keys(Kind.DEAL, All()) == sales.keys(Kind.WON, All()) == []
    assert sales.run(sales.connector.survey("account", None)).found == []
    assert "custom_fields.line" in sales.crm.definitions["account"]
