"""What one side was told is read back from it, so that who types over it later is heard; what both
say by themselves is told to neither."""

from __future__ import annotations

import pytest

from connectors.memory import Fault
from syncd.merging import Empty, Owner, Rule
from tests.engine.linked import GRAZ, LINZ, VIENNA, Linked, linked
from tests.engine.rig import Rig

RULES = {"phone": Rule(Owner.CRM, empty=Empty.HOLD), "email": Rule(Owner.SHARED)}


@pytest.fixture
def one(rig: Rig) -> Linked:
    one = linked(rig)
    one.rules(**RULES)
    one.later()
    return one


def asked(one: Linked) -> list[str]:
    return [text for text in one.rig.problems() if "differ" in text]


def test_what_the_books_hear_after_a_card_was_read_back_is_read_back_too(one: Linked) -> None:
    """Somebody types on the card while it is told something else."""
    left = [LINZ]
    one.rig.build(lambda name: one.crm(phone=left.pop()) if name == "committed" and left else None)
    one.rules(**RULES)
    one.books(email="neu@example.ru")
    one.later()
    assert one.says() == (LINZ, LINZ)
    one.books(phone=GRAZ)
    one.later()
    assert one.says() == (LINZ, LINZ), "the CRM owns it"
    assert asked(one) == []
    one.quiet()


@pytest.mark.parametrize("typed", [GRAZ, VIENNA])
def test_books_that_could_not_be_read_back_are_by_the_next_run(one: Linked, typed: str) -> None:
    """Who types there meanwhile, be it what was there before, is heard."""

    def leave(point: str) -> None:
        if point == "answered":
            one.rig.world.fault("GET /books/*", Fault.REFUSE, 1)

    one.rig.build(leave)
    one.rules(**RULES)
    one.crm(phone=LINZ)
    one.later()
    assert one.says() == (LINZ, LINZ)
    one.books(phone=typed)
    one.rig.build()
    one.rules(**RULES)
    one.later()
    [question] = asked(one)
    assert "phone" in question and one.says() == (typed, LINZ)
    one.quiet()


@pytest.mark.parametrize("empty", [Empty.SKIP, Empty.HOLD])
@pytest.mark.parametrize("owner", [Owner.CRM, Owner.SHARED])
def test_what_was_taken_away_and_typed_again_is_not_written(
    one: Linked, owner: Owner, empty: Empty
) -> None:
    one.rules(phone=Rule(owner, empty=empty))
    one.crm(phone=None)
    one.later()
    one.crm(phone=VIENNA)
    one.later()
    assert one.says() == (VIENNA, VIENNA) and asked(one) == []
    assert one.writes() == []
    one.quiet()


def test_what_people_made_equal_by_hand_is_not_written(one: Linked) -> None:
    one.rules(phone=Rule(Owner.SHARED))
    one.books(phone=GRAZ)
    one.crm(phone=LINZ)
    one.later()
    assert len(asked(one)) == 1
    one.crm(phone=GRAZ)
    one.later()
    assert one.says() == (GRAZ, GRAZ) and asked(one) == []
    assert one.writes() == []
    one.books(phone=VIENNA)
    one.later()
    assert one.says() == (VIENNA, VIENNA)
    one.quiet()
