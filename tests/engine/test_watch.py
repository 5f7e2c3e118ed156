"""The watch over both sides, which the random histories go by, judged by itself."""

from __future__ import annotations

import functools

import pytest

from syncd.merging import Owner, Owners, Rule
from tests.engine.rig import Rig
from tests.engine.test_both_sides import NAMES, value
from tests.engine.watch import BOOKS, CRM, WORDS, Watch


@pytest.mark.parametrize("syncd_told", [False, True])
def test_the_watch_knows_an_edit_that_was_taken_back(rig: Rig, syncd_told: bool) -> None:
    """Whoever typed on the card had seen what the books say again; but what syncd told the card
    meanwhile, nobody had."""
    books, crm = rig.world.books, rig.world.crm
    watch = Watch(rig.world, Owners({word: Rule(Owner.SHARED) for word in WORDS}))
    first, second, third = (value(0, "phone", version) for version in (0, 2, 3))
    key = books.add_customer(NAMES[0], phone=first)
    card = crm.add_account(NAMES[0], phone=first)
    for place in ((BOOKS, key), (CRM, card)):
        watch.appeared(place, 0)

    def types(phone: str | None, side: str = BOOKS) -> None:
        place = (side, key if side == BOOKS else card)
        edit = functools.partial(books.edit_customer, key, phone=phone)
        if side == CRM:
            edit = functools.partial(crm.edit, "account", card, phone=phone)
        watch.types(place, "phone", phone, edit)

    types(second)
    if not syncd_told:
        types(third, CRM)
    types(first)
    if syncd_told:
        crm.update("account", card, {"phone": second}, {})
    said = second if syncd_told else third
    books.intake.update("customers", key, {"phone": said}, {})
    assert bool(watch.wrong) is syncd_told, watch.wrong


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
