"""A pass over a list whose rows move to the front as they change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.megaplan import Megaplan
from syncd.domain import Kind
from syncd.errors import UnavailableError
from syncd.port import All, Read
from syncd.sandbox.megaplan.account import Entity
from tests.clocks import ManualClock

from .office import Office

READ = Read(Kind.LABEL, "ContractorCompany", ("id", "name"))


def walked(
    office: Office, clock: ManualClock, disturb: Callable[[list[Entity]], None]
) -> tuple[list[str], list[Entity]]:
    """Keys of a pass over nine cards, three on a page; something happens after the first page."""
    cards = []
    for number in range(9):
        clock.advance(60)
        cards.append(office.company(f"Клиент {number}"))
    clock.advance(60)
    connector = Megaplan({"page": "3"})
    way = office.inside(connector)
    seen: list[str] = []
    position: str | None = None
    while True:
        page = way.run(connector.pull(READ, All(position)))
        seen += [record.key for record in page.records]
        if position is None:
            clock.advance(60)
            disturb(cards)
        position = page.next
        if position is None:
            return seen, cards


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def office(clock: ManualClock) -> Office:
    return Office(clock)


def test_a_quiet_pass_has_each_card_once(office: Office, clock: ManualClock) -> None:
    seen, cards = walked(office, clock, lambda _: None)
    assert sorted(seen) == sorted(one.id for one in cards)


def test_a_card_that_changes_before_its_page_is_in_the_pass(
    office: Office, clock: ManualClock
) -> None:
    """It is at the front by then, where the pass has been."""
    seen, cards = walked(office, clock, lambda cards: office.change(cards[0], name="Правка"))
    assert sorted({*seen}) == sorted(one.id for one in cards)


@pytest.mark.parametrize("gone", ["404", "empty", "start"])
def test_a_page_whose_last_card_is_gone_is_followed_all_the_same(
    office: Office, clock: ManualClock, gone: str
) -> None:
    office.switches.gone_anchor = gone
    seen, cards = walked(office, clock, lambda cards: office.delete(cards[6]))
    assert {*seen} >= {one.id for one in cards if one is not cards[6]}


def test_where_a_whole_page_is_gone_the_pass_begins_again(
    office: Office, clock: ManualClock
) -> None:
    def all_gone(cards: list[Entity]) -> None:
        for one in cards[6:]:
            office.delete(one)

    with pytest.raises(UnavailableError, match="moved on"):
        walked(office, clock, all_gone)


@pytest.mark.parametrize("heeds", ["heed", "ignore", "refuse"])
def test_a_key_is_found_whether_the_filter_is_heeded_or_not(
    office: Office, clock: ManualClock, heeds: str
) -> None:
    office.switches.filter_extra, office.switches.max_limit = heeds, 3
    cards = [office.company(f"Клиент {number}") for number in range(9)]
    for number, card in enumerate(cards):
        office.type_over(card, "Код в учёте", f"K-{number}")
    connector = Megaplan({})
    way = office.inside(connector)
    for number, card in enumerate(cards):
        found = way.run(connector.find("ContractorCompany", {"marker": f"K-{number}"}, {}))
        assert [one.remote_id for one in found] == [card.id]
    assert way.run(connector.find("ContractorCompany", {"marker": "k-1"}, {})) == []
    asked = sum("contractor" in str(one["request"]) for one in office.served.log)
    assert (asked < 15) is (heeds == "heed"), "one request each, where it is"
