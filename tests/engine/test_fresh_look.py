"""What is due is what a fresh look would find, also where no record of its own is another now: its
card is gone, its customer, or the document that gave a field to the books."""

from __future__ import annotations

import pytest

from connectors.memory import Fault
from syncd.merging import Empty, Owner, Rule
from syncd.store import link_journal, streams
from syncd.sync import linking
from syncd.sync.linking import By
from syncd.sync.pair import Scene
from tests.engine.linked import GRAZ, LINZ, VIENNA, Linked, linked
from tests.engine.rig import Rig
from tests.engine.sums import due_is_what_a_fresh_look_finds, the_sums_close


@pytest.fixture
def one(rig: Rig) -> Linked:
    found = linked(rig)
    rig.world.crm.add_account("株式会社サンプル")  # nobody's, so that never all cards are gone
    found.later()
    return found


def checked(one: Linked) -> None:
    """The next full pass; what must hold of the state after it."""
    one.later()
    the_sums_close(one.rig)
    due_is_what_a_fresh_look_finds(one.rig)


def test_a_card_that_said_something_else_is_due_once_it_is_gone(one: Linked) -> None:
    """What the books say was not written there, as a person's word was awaited; now there is
    nothing to differ from, and whoever writes there finds it gone."""
    one.rules(phone=Rule(Owner.CRM, empty=Empty.HOLD))
    one.crm(phone=None)
    one.later()
    one.rig.world.crm.delete("account", one.account)
    checked(one)
    checked(one)
    assert any(f"Card {one.account} of customer" in text for text in one.rig.problems())


def test_what_the_books_were_to_hear_of_a_card_that_is_gone_is_wanted_no_more(one: Linked) -> None:
    one.rig.world.fault("PATCH /books/*", Fault.REFUSE, 1)
    one.crm(phone=LINZ)
    one.later()
    assert one.rig.states() == {"due": 1}
    one.rig.world.crm.delete("account", one.account)
    checked(one)
    checked(one)
    intake = one.rig.world.books.intake
    assert intake.get("customers", one.customer).fields["phone"] == VIENNA


def test_what_may_still_reach_the_books_is_settled_though_its_card_is_gone(one: Linked) -> None:
    """The answer was lost; what became of it is looked up once the doubt time is over."""
    one.rig.world.fault("PATCH /books/*", Fault.CUT_AFTER, 1)
    one.crm(phone=LINZ)
    one.later()
    assert one.rig.states() == {"doubt": 1}
    one.rig.world.crm.delete("account", one.account)
    one.rig.run(full=True)
    the_sums_close(one.rig)
    due_is_what_a_fresh_look_finds(one.rig)
    for _ in range(3):
        checked(one)
    assert "doubt" not in one.rig.states()


def test_a_customer_that_vanished_meanwhile_hears_nothing_of_its_card(one: Linked) -> None:
    for name in ("Ёлка и Ко", "Pâtisserie Dupont"):
        one.rig.world.books.add_customer(name)
    one.later()
    one.rig.world.fault("PATCH /books/*", Fault.REFUSE, 1)
    one.crm(phone=LINZ)
    one.later()
    assert one.rig.states() == {"due": 1}
    del one.rig.world.books.tables["customers"][one.customer]
    checked(one)
    checked(one)
    assert one.rig.states() == {}


@pytest.mark.parametrize("by_hand", [False, True])
def test_documents_that_are_anothers_now_take_the_field_along(one: Linked, by_hand: bool) -> None:
    """Until its first invoice a customer's phone is the card's. The books name another customer on
    theirs, or a person says that the two are one."""
    books, crm = one.rig.world.books, one.rig.world.crm
    other = books.add_customer("Pâtisserie Dupont", phone=VIENNA)
    one.rules(phone=Rule(Owner.CRM, "first_invoice"))
    one.later()
    [card] = crm.marked("account", other)
    one.rig.world.fault("PATCH /crm/*", Fault.REFUSE, 1)
    one.crm(phone=LINZ)
    checked(one)
    assert one.says() == (VIENNA, LINZ), "it has an invoice, and could not be told so"
    if by_hand:
        with one.rig.pair.store.transaction() as tx:
            scene = Scene(tx, one.rig.pair, streams.stream_ids(tx, "main"), 0)
            linking.merge_customers(scene, one.customer, other, By("eva", "told by phone"))
    else:
        books.merge(one.customer, other)
    one.rig.later()
    due_is_what_a_fresh_look_finds(one.rig)
    assert one.says() == (LINZ, LINZ)
    crm.edit("account", card.id, phone=GRAZ)
    one.rig.later(full=True)
    assert books.intake.get("customers", other).fields["phone"] == VIENNA


def test_who_is_off_a_card_hears_nothing_of_it_any_more(one: Linked) -> None:
    """It has another card; what was to be heard of the first one is open."""
    [other] = one.rig.world.crm.objects["account"].keys() - {one.account}
    one.rig.world.fault("PATCH /books/*", Fault.REFUSE, 1)
    one.crm(phone=LINZ)
    one.later()
    assert one.rig.states() == {"due": 1}
    with one.rig.pair.store.transaction() as tx:
        scene = Scene(tx, one.rig.pair, streams.stream_ids(tx, "main"), 0)
        by = By("eva", "told by phone")
        linking.move(scene, one.customer, other, by, link_journal.IN_CRM)
    checked(one)
    checked(one)
    assert one.says() == (VIENNA, LINZ)
