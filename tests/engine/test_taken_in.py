"""People make one card of a customer's and another, and the other is won by the deals that came."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.memory import Fault
from syncd.store import link_journal, streams
from syncd.sync import linking
from syncd.sync.linking import By
from syncd.sync.pair import Scene
from tests.engine.rig import Rig, open_problems
from tests.engine.sums import due_is_what_a_fresh_look_finds
from tests.engine.test_won import link_of, live, made, quiet, win

__all__ = ["live"]
WHO = By("eva@desk", "told by phone")


@pytest.fixture
def cards(live: Rig) -> tuple[str, str]:
    """That of a won customer, which is in the books now, and one that is nobody's."""
    account = win(live)
    live.later()
    return account, live.world.crm.add_account("Kundin, Filiale Linz")


def decide(rig: Rig, say: Callable[[Scene], object]) -> None:
    with rig.pair.store.transaction() as tx:
        say(Scene(tx, rig.pair, streams.stream_ids(tx, "main"), 0))


def test_where_the_crm_says_so_the_customer_follows(live: Rig, cards: tuple[str, str]) -> None:
    was, into = cards
    live.world.crm.habits.tells_merges = True
    customer, _ = link_of(live, was) or ("", "")
    live.world.crm.merge(was, into)
    live.later()
    assert made(live) == ["Neue Kundin GmbH"], "no second one"
    assert link_of(live, into) == (customer, "crm") and open_problems(live) == []
    with live.pair.store.reading() as tx:
        change = link_journal.of_customer(tx, "crm", "books", customer)[-1]
    assert (change.what, change.before, change.after) == ("merged in the CRM", was, into)
    due_is_what_a_fresh_look_finds(live)
    live.later(full=True)
    quiet(live)


@pytest.mark.parametrize("one_company", [True, False])
def test_where_it_does_not_a_person_is_asked_before_a_second_one_is_made(
    live: Rig, cards: tuple[str, str], one_company: bool
) -> None:
    was, into = cards
    customer, _ = link_of(live, was) or ("", "")
    live.world.crm.merge(was, into)
    for seconds in (60, 60, 90_000):
        live.later(seconds)
        due_is_what_a_fresh_look_finds(live)
    assert made(live) == ["Neue Kundin GmbH"]
    [said] = open_problems(live)
    assert f"syncd links merge {was} {into} --why R" in said
    assert f"syncd links reject {customer} {into} --why R" in said
    if one_company:
        decide(live, lambda scene: linking.merge(scene, was, into, WHO))
    else:
        decide(live, lambda scene: linking.reject(scene, customer, into, b"", WHO))
    live.later()
    assert (link_of(live, into) == (customer, "eva@desk")) is one_company
    assert len(made(live)) == (1 if one_company else 2)
    due_is_what_a_fresh_look_finds(live)
    live.later(full=True)
    left = [] if one_company else [f"Card {was} of customer {customer} is no longer in crm"]
    assert [text.partition(":")[0] for text in open_problems(live)] == left
    quiet(live)


def test_a_deal_that_was_moved_to_another_company_asks_nothing(
    live: Rig, cards: tuple[str, str]
) -> None:
    was, into = cards
    [deal] = live.world.crm.deals
    live.world.crm.edit_deal(deal, account=into)
    live.later()
    assert made(live) == ["Neue Kundin GmbH", "Kundin, Filiale Linz"]
    assert link_of(live, was) and open_problems(live) == []


def test_a_crm_that_does_not_answer_makes_no_second_one(live: Rig, cards: tuple[str, str]) -> None:
    was, into = cards
    live.world.crm.merge(was, into)
    live.world.fault(f"GET /crm/account/{was}", Fault.REFUSE, 1)
    live.later()
    assert made(live) == ["Neue Kundin GmbH"]
    live.later()
    assert any(f"links merge {was} {into}" in text for text in open_problems(live))
    assert made(live) == ["Neue Kundin GmbH"]


def test_a_card_that_went_before_it_knew_its_customer_is_named_in_the_question(live: Rig) -> None:
    """Its customer was made, and the answer got lost."""
    live.world.fault("POST /books/customers", Fault.CUT_AFTER, 1)
    was = win(live)
    live.later()
    live.world.crm.delete("account", was)
    live.later(600)
    live.later(600)
    [said] = open_problems(live)
    assert f"Card {was} of customer" in said and f"syncd links merge {was} CARD" in said
