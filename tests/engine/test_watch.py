"""The watch over both sides, which the random histories go by, judged by itself."""

from __future__ import annotations

import functools
from typing import Literal

import pytest

from syncd.merging import Owner, Owners, Rule
from syncd.port import Request
from tests.engine.companies import NAMES, value
from tests.engine.rig import Killed, Rig
from tests.engine.watch import BOOKS, CRM, WORDS, Watch

FIRST, SECOND, THIRD = (value(0, "phone", version) for version in (0, 2, 3))


class Watched:
    """A customer and its card, of one phone, that syncd has read."""

    def __init__(self, rig: Rig) -> None:
        self.world = rig.world
        self.watch = Watch(self.world, Owners({word: Rule(Owner.SHARED) for word in WORDS}))
        self.key = self.world.books.add_customer(NAMES[0], phone=FIRST)
        self.card = self.world.crm.add_account(NAMES[0], phone=FIRST)
        for place in ((BOOKS, self.key), (CRM, self.card)):
            self.watch.appeared(place, 0)
        self.looks()

    def looks(self) -> None:
        for path in ("/books/customers", "/crm/cards"):
            assert self.world.handle(Request("GET", path)).status == 200

    def types(self, side: str, phone: str | None) -> None:
        place = (side, self.key if side == BOOKS else self.card)
        edit = functools.partial(self.world.books.edit_customer, self.key, phone=phone)
        if side == CRM:
            edit = functools.partial(self.world.crm.edit, "account", self.card, phone=phone)
        self.watch.types(place, "phone", phone, edit)

    def tells_books(self, phone: str | None) -> None:
        self.world.books.intake.update("customers", self.key, {"phone": phone}, {})


@pytest.fixture
def one(rig: Rig) -> Watched:
    return Watched(rig)


@pytest.mark.parametrize("syncd_told", [False, True])
def test_the_watch_knows_an_edit_that_was_taken_back(one: Watched, syncd_told: bool) -> None:
    """Whoever typed on the card had seen what the books say again; but what syncd told the card
    meanwhile, nobody had."""
    one.types(BOOKS, SECOND)
    if not syncd_told:
        one.types(CRM, THIRD)
    one.types(BOOKS, FIRST)
    if syncd_told:
        one.world.crm.update("account", one.card, {"phone": SECOND}, {})
    one.tells_books(SECOND if syncd_told else THIRD)
    assert bool(one.watch.wrong) is syncd_told, one.watch.wrong


@pytest.mark.parametrize("seen", [False, True])
def test_the_watch_asks_for_no_more_than_syncd_can_have_seen(one: Watched, seen: bool) -> None:
    """Both sides say the same for a while: an edit back is one only if a look fell into it."""
    for side in (BOOKS, CRM):
        one.types(side, SECOND)
    if seen:
        one.looks()
    one.types(BOOKS, FIRST)
    one.types(CRM, THIRD)
    one.tells_books(THIRD)
    assert bool(one.watch.wrong) is seen, one.watch.wrong


def test_the_watch_asks_for_nothing_that_a_run_which_died_had_seen(one: Watched) -> None:
    for side in (BOOKS, CRM):
        one.types(side, SECOND)
    with one.watch.until(Killed):
        one.looks()
        raise Killed
    one.types(BOOKS, FIRST)
    one.types(CRM, THIRD)
    one.tells_books(THIRD)
    assert one.watch.wrong == []


@pytest.mark.parametrize("seen", [False, True])
def test_the_watch_calls_vain_what_syncd_can_have_seen_there_already(
    one: Watched, seen: bool
) -> None:
    """What the books own is written without a look, over what was seen there last."""
    one.world.crm.update("account", one.card, {"phone": SECOND}, {})
    one.types(CRM, None)
    one.looks()
    one.types(CRM, SECOND)
    if seen:
        one.looks()
    one.world.crm.update("account", one.card, {"phone": SECOND}, {})
    vain = [text for text in one.watch.wrong if text.endswith("in vain")]
    assert bool(vain) is seen, one.watch.wrong


@pytest.mark.parametrize("tier", ["T3", "T4"])
def test_the_watch_knows_that_a_marker_which_is_not_shown_is_told_again(
    one: Watched, tier: Literal["T3", "T4"]
) -> None:
    """Where the answer was lost, it is not known whether it is there."""
    one.world.crm.habits.tier = tier
    for _ in range(2):
        one.world.crm.update("account", one.card, {"books_id": one.key}, {})
    assert bool(one.watch.wrong) is (tier == "T3"), one.watch.wrong


@pytest.mark.parametrize("tells", [False, True])
def test_the_watch_calls_no_card_a_second_one_where_nobody_told_of_the_merge(
    rig: Rig, tells: bool
) -> None:
    watch = Watch(rig.world, Owners({}))
    keys = [rig.world.books.add_customer(name) for name in NAMES[:2]]
    for company, key in enumerate(keys):
        watch.appeared((BOOKS, key), company)
    rig.world.crm.create("account", {"name": NAMES[0], "books_id": keys[0]}, {})
    watch.united((BOOKS, keys[1]), (BOOKS, keys[0]), tells=tells)
    rig.world.crm.create("account", {"name": NAMES[1], "books_id": keys[1]}, {})
    assert bool(watch.wrong) is tells, watch.wrong


@pytest.mark.parametrize("twice", [False, True])
def test_the_watch_calls_no_card_a_second_one_that_is_of_a_customer_of_its_own(
    rig: Rig, twice: bool
) -> None:
    """One is out of use, somebody typed it anew, and syncd sees both for the first time."""
    rig.world.crm.habits.unique_names = False
    watch, books = Watch(rig.world, Owners({})), rig.world.books
    keys = [books.add_customer(NAMES[0])]
    watch.appeared((BOOKS, keys[0]), 0)
    books.deactivate(keys[0])
    keys += [books.add_customer(NAMES[0])]
    watch.appeared((BOOKS, keys[1]), 0)
    for key in [*keys, keys[0]] if twice else keys:
        rig.world.crm.create("account", {"name": NAMES[0], "books_id": key}, {})
    assert bool(watch.wrong) is twice, watch.wrong


@pytest.mark.parametrize("asked", [False, True])
def test_the_watch_knows_that_two_cards_are_one_once_the_crm_has_said_so(
    rig: Rig, asked: bool
) -> None:
    world = rig.world
    watch = Watch(world, Owners({}))
    key = world.books.add_customer(NAMES[0])
    cards = [world.crm.add_account(name) for name in NAMES[:2]]
    for place, company in (((BOOKS, key), 0), ((CRM, cards[0]), 0), ((CRM, cards[1]), 1)):
        watch.appeared(place, company)
    watch.known.add((BOOKS, key))
    watch.united((CRM, cards[1]), (CRM, cards[0]))
    world.crm.merge(cards[0], cards[1])
    world.crm.habits.tells_merges = True
    if asked:
        rig.pair.followed("account", {"id": cards[0]}, {})
    world.books.intake.create("customers", {"name": NAMES[1], "code": f"CRM-{cards[1]}"}, {})
    assert bool(watch.wrong) is asked, watch.wrong
