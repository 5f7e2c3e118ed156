"""Fields that both sides may change: each hears of what the other said, once, and nobody's edit is
overwritten."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from connectors.memory import Fault
from syncd.merging import Empty, Owner, Rule
from syncd.store import mirror
from syncd.store.tables import link
from tests.engine.linked import GRAZ, LINZ, RULES, SHARED, VIENNA, Linked, linked
from tests.engine.rig import Rig
from tests.engine.test_missing import answer, asked


@pytest.fixture
def one(rig: Rig) -> Linked:
    return linked(rig)


def test_what_a_person_types_on_the_card_reaches_the_books_and_only_there(one: Linked) -> None:
    one.crm(phone=LINZ)
    one.later()
    assert one.says() == (LINZ, LINZ)
    assert one.writes() == [("books", {"phone": LINZ})]
    one.quiet()


def test_what_accounting_types_reaches_the_card_and_only_there(one: Linked) -> None:
    one.books(phone=GRAZ)
    one.later()
    assert one.says() == (GRAZ, GRAZ)
    assert one.writes() == [("crm", {"phone": GRAZ})]
    one.quiet()


def test_two_edits_are_a_question_and_neither_is_overwritten(one: Linked) -> None:
    one.books(phone=GRAZ)
    one.crm(phone=LINZ)
    one.later()
    assert one.says() == (GRAZ, LINZ)
    assert one.writes() == []
    [problem] = [text for text in one.rig.problems() if "differ" in text]
    assert "phone" in problem
    assert GRAZ not in problem, "a problem names no personal data"
    one.crm(phone=GRAZ)
    one.later()
    assert [text for text in one.rig.problems() if "differ" in text] == []
    one.quiet()


def test_who_takes_an_edit_back_leaves_the_field_to_the_other_side(one: Linked) -> None:
    """What both agreed on is known to whoever typed over it on the other side: it is no edit."""
    one.books(phone=GRAZ)
    one.crm(phone=LINZ)
    one.later()
    assert one.says() == (GRAZ, LINZ)
    one.books(phone="0043 1 23 45 67")
    one.later()
    assert one.says() == (LINZ, LINZ)
    assert [text for text in one.rig.problems() if "differ" in text] == []
    one.quiet()


@pytest.mark.parametrize("owner", [Owner.CRM, Owner.SHARED])
def test_a_card_that_was_empty_and_says_again_what_the_books_say_is_told_nothing(
    rig: Rig, owner: Owner
) -> None:
    one = linked(rig)
    one.rules(phone=Rule(owner))
    one.later()
    one.crm(phone=None)
    one.later()
    assert one.says() == (VIENNA, None)
    one.crm(phone=VIENNA)
    one.later()
    assert (one.says(), one.writes()) == ((VIENNA, VIENNA), [])
    one.books(phone=LINZ)
    one.later()
    assert one.says() == ((LINZ, LINZ) if owner is Owner.SHARED else (VIENNA, VIENNA))
    one.quiet()


def test_what_both_said_between_two_runs_alone_is_not_what_they_agreed_on(one: Linked) -> None:
    """Who types back what both agreed on, as far as syncd saw, leaves the field to the other."""
    one.books(phone=GRAZ)
    one.crm(phone=GRAZ)
    one.books(phone="0043 1 23 45 67")
    one.crm(phone=LINZ)
    one.later()
    assert one.says() == (LINZ, LINZ)
    one.quiet()


def test_a_field_goes_there_and_back(one: Linked) -> None:
    for books, crm in ((None, LINZ), (VIENNA, None), (None, GRAZ), (VIENNA, None)):
        one.rig.clock.advance(86400)
        if books:
            one.books(phone=books)
        else:
            one.crm(phone=crm)
        one.later()
        assert one.says() == (books or crm, books or crm)
        assert len(one.writes()) == 1
    one.quiet()


def test_what_comes_back_twice_within_a_day_is_a_question_and_no_loop(one: Linked) -> None:
    for _ in range(4):
        one.crm(phone=LINZ)
        one.later()
        one.books(phone=VIENNA)
        one.later()
    assert len(one.writes()) < 8
    assert any("differ in phone" in text for text in one.rig.problems())


def test_what_the_crm_owns_accounting_cannot_change_for_long(one: Linked) -> None:
    one.crm(email="neu@example.ru")
    one.later()
    assert one.says("email") == ("neu@example.ru", "neu@example.ru")
    one.books(email="falsch@example.ru")
    one.later()
    assert one.says("email") == ("neu@example.ru", "neu@example.ru")
    one.quiet()


def test_another_manner_of_writing_moves_nothing(one: Linked) -> None:
    one.crm(phone="0043 1 234567", email="BUH@example.ru")
    one.later()
    assert one.writes() == []
    one.quiet()


def test_the_rest_of_a_customer_is_of_the_books_as_before(one: Linked) -> None:
    one.crm(phone=LINZ)
    one.books(name="ООО «Новый»")
    one.later()
    assert one.says("name") == ("ООО «Новый»", "ООО «Новый»")
    assert one.says() == (LINZ, LINZ)
    one.quiet()


def test_an_edit_that_came_after_the_last_read_is_not_overwritten(one: Linked) -> None:
    """What is shared is read once more before it is written."""
    one.books(phone=GRAZ)
    one.rig.pair = one.rig.build(lambda name: one.crm(phone=LINZ) if name == "deriving" else None)
    one.rules(**RULES)
    one.later()
    assert one.says() == (GRAZ, LINZ)


def test_an_edit_is_not_overwritten_by_what_the_books_only_spell_otherwise(one: Linked) -> None:
    """The card hears that too."""
    one.rules(**RULES, name=SHARED)
    for changes in ({"phone": GRAZ}, {"name": "ООО «Новый»"}, {"name": "ООО «НОВЫЙ»"}):
        one.later()
        one.books(**changes)
    once = iter([True])

    def types(point: str) -> None:
        if point == "deriving" and next(once, False):
            one.crm(name="Новый Плюс")

    one.rig.pair = one.rig.build(types)
    one.rules(**RULES, name=SHARED)
    one.later()
    one.later()
    assert one.says("name") == ("Новый Плюс", "Новый Плюс")
    one.quiet()


@pytest.mark.parametrize(
    ("empty", "after", "asks"),
    [
        (Empty.SKIP, (VIENNA, None), False),
        (Empty.VALUE, (None, None), False),
        (Empty.HOLD, (VIENNA, None), True),
    ],
)
def test_an_emptied_field_is_what_the_mapping_says(
    one: Linked, empty: Empty, after: tuple[object, object], asks: bool
) -> None:
    one.rules(phone=Rule(Owner.SHARED, empty=empty))
    one.crm(phone=None)
    one.later()
    assert one.says() == after
    assert any("differ" in text for text in one.rig.problems()) is asks
    one.quiet()


def test_what_the_card_said_first_goes_there_when_the_books_take_it_away(one: Linked) -> None:
    one.rules(phone=Rule(Owner.SHARED, empty=Empty.VALUE))
    one.crm(phone=LINZ)
    one.later()
    one.books(phone=None)
    one.later()
    assert one.says() == (None, None)
    one.quiet()


def test_a_question_about_a_card_that_is_gone_is_none(one: Linked) -> None:
    one.rig.world.crm.add_account("Pâtisserie Dupont")
    one.books(phone=GRAZ)
    one.crm(phone=LINZ)
    one.later()
    assert any("differ in phone" in text for text in one.rig.problems())
    one.rig.world.crm.delete("account", one.account)
    one.later()
    assert [text for text in one.rig.problems() if "differ" in text] == []


def test_a_card_whose_answer_was_lost_says_what_it_was_made_of(one: Linked) -> None:
    """What somebody types there before it is read is an edit, and no question."""
    world = one.rig.world
    new = world.books.add_customer("Pâtisserie Dupont", phone=VIENNA)
    world.fault("POST /crm/account*", Fault.CUT_AFTER, 1)
    one.later()
    [card] = world.crm.marked("account", new)
    world.crm.edit("account", card.id, phone=LINZ)
    one.later()
    one.later()
    assert world.books.intake.get("customers", new).fields["phone"] == LINZ
    assert one.rig.problems() == []


@pytest.mark.parametrize("side", ["books", "crm"])
def test_an_answer_that_is_lost_tells_it_once(one: Linked, side: str) -> None:
    (one.crm if side == "books" else one.books)(phone=LINZ)
    one.rig.world.fault(f"PATCH /{side}/*", Fault.CUT_AFTER, 1)
    one.later()
    one.rig.clock.advance(600)
    one.later()
    assert one.says() == (LINZ, LINZ)
    one.quiet()


def test_a_side_that_does_not_take_what_it_is_told_is_asked_about_and_not_told_again(
    one: Linked,
) -> None:
    """Another program puts its own value back as soon as syncd has written."""
    one.rig.build(lambda name: one.books(phone=VIENNA) if name == "answered" else None)
    one.rules(**RULES)
    one.crm(phone=LINZ)
    for _ in range(3):
        one.later()
    assert one.says() == (VIENNA, LINZ)
    assert len(one.writes()) == 1
    assert any("differ in phone" in text for text in one.rig.problems())


@pytest.mark.parametrize("side", ["books", "crm"])
def test_a_side_that_cannot_be_read_back_is_no_question(one: Linked, side: str) -> None:
    def leave(point: str) -> None:
        if point == "answered":
            one.rig.world.fault(f"GET /{side}/*", Fault.REFUSE, 1)

    one.rig.build(leave)
    one.rules(**RULES)
    (one.crm if side == "books" else one.books)(phone=LINZ)
    one.later()
    assert [text for text in one.rig.problems() if "differ" in text] == []
    one.rig.build()
    one.rules(**RULES)
    one.later()
    assert one.says() == (LINZ, LINZ)
    one.quiet()


def test_a_card_that_was_made_and_never_read_is_read_before_it_is_written(one: Linked) -> None:
    world = one.rig.world
    new = world.books.add_customer("Pâtisserie Dupont", phone=VIENNA)
    one.rig.later()
    [card] = world.crm.marked("account", new)
    world.crm.edit("account", card.id, phone=LINZ)
    world.books.edit_customer(new, phone=GRAZ)
    one.rig.later()
    assert world.crm.objects["account"][card.id].fields["phone"] == LINZ
    assert any("differ in phone" in text for text in one.rig.problems())


def test_what_could_not_be_told_yet_is_no_question(one: Linked) -> None:
    """The books take nothing just now; what the card hears meanwhile is another field."""
    one.rig.world.fault("PATCH /books/*", Fault.REFUSE, 1)
    one.crm(phone=LINZ)
    one.books(name="ООО «Новый»")
    one.later()
    assert one.says("name") == ("ООО «Новый»", "ООО «Новый»")
    assert one.says() == (VIENNA, LINZ)
    assert [text for text in one.rig.problems() if "differ" in text] == []
    one.later()
    assert one.says() == (LINZ, LINZ)
    one.quiet()


def test_what_only_the_card_ever_said_stays_when_the_books_come_to_own_it(one: Linked) -> None:
    one.rules(phone=Rule(Owner.CRM, "first_order"))
    world = one.rig.world
    new = world.books.add_customer("Pâtisserie Dupont")
    one.later()
    [card] = world.crm.marked("account", new)
    world.fault("PATCH /books/*", Fault.REFUSE, 1)
    world.crm.edit("account", card.id, phone=LINZ)
    one.later()
    world.books.add_order(new, "10.00")
    one.later()
    assert world.crm.objects["account"][card.id].fields["phone"] == LINZ


def test_with_another_card_a_customer_agreed_on_nothing_yet(one: Linked) -> None:
    """What the other card says is no edit: a person is asked, and the books keep their value."""
    other = one.rig.world.crm.add_account("ООО «Пример» 2", phone=LINZ)
    with one.rig.pair.store.transaction() as tx:
        tx.execute(sa.update(link).values(card_id=other))
    one.later()
    assert one.says()[0] == VIENNA
    assert any("differ in phone" in text for text in one.rig.problems())


# -- a customer that the books no longer have ------------------------------------------------------


@pytest.mark.parametrize("state", [mirror.DELETED, mirror.ARCHIVED, None])
def test_a_customer_that_is_gone_hears_nothing_and_its_card_keeps_what_people_type(
    one: Linked, state: str | None
) -> None:
    for name in ("株式会社サンプル", "Ёлка и Ко"):
        one.rig.world.books.add_customer(name)
    one.later()
    one.writes()
    row = one.rig.world.books.tables["customers"].pop(one.customer)
    one.later()
    if state:
        for number, cause in asked(one.rig):
            if cause == "vanished customer":
                answer(one.rig, state, number)
    one.crm(phone=LINZ)
    one.later()
    one.later()
    assert one.rig.world.crm.objects["account"][one.account].fields["phone"] == LINZ
    assert one.writes() == [] and one.rig.states() == {}
    one.rig.world.books.tables["customers"][one.customer] = row
    one.later()
    assert one.says() == (LINZ, LINZ), "it hears of it once it is there again"
    assert one.rig.problems() == []
    one.quiet()
