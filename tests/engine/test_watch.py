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
