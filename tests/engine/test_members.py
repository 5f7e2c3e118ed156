"""Several customers of one books under one card: the primary one and its members."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.memory import CrmHabits, Fault
from syncd.domain import Kind
from syncd.store import link_journal, links, proofs, streams
from syncd.sync import linking
from syncd.sync.pair import Scene
from syncd.sync.suggesting import seals
from syncd.verbs import of_customer
from syncd.why import why
from tests.engine.agreement import differences
from tests.engine.rig import Killed, Rig

PARENT, SISTER = "Пример Холдинг", "サンプル株式会社"


def decide(rig: Rig, verb: str, *words: str, primary: bool = False) -> str:
    """What a person decides about links, between two runs."""
    by = linking.By("anna", "one group")
    with rig.pair.store.transaction() as tx:
        scene = Scene(tx, rig.pair, streams.stream_ids(tx, "main"), 0)
        if verb == "accept":
            return linking.accept(scene, *words, by, primary=primary)
        if verb == "split":
            [key] = words
            card = links.linked(tx, "crm", "books", [key])[key]
            seal = seals(scene, [(key, card)])[key, card]
            return linking.split(scene, key, seal, by)
        if verb == "merge":
            return linking.merge(scene, *words, by)
        return linking.undo(scene, int(words[0]), by)


def card_of(rig: Rig, key: str) -> str:
    with rig.pair.store.reading() as tx:
        return links.linked(tx, "crm", "books", [key])[key]


def primary(rig: Rig, card: str) -> str:
    with rig.pair.store.reading() as tx:
        return links.customers_of(tx, "crm", "books", [card])[card]


def primary_card(rig: Rig, key: str) -> str | None:
    with rig.pair.store.reading() as tx:
        return links.primary(tx, "crm", "books", [key]).get(key)


def shown(rig: Rig, card: str) -> dict[str, object]:
    return dict(rig.world.crm.objects["account"][card].fields)


def changes(rig: Rig, key: str) -> list[str]:
    """Numbers of the decisions about this customer, oldest first."""
    with rig.pair.store.reading() as tx:
        return [str(one.id) for one in link_journal.of_customer(tx, "crm", "books", key)]


def busy(rig: Rig, name: str, owed: str) -> str:
    """A customer with an invoice, part of which is paid, and a credit note."""
    books = rig.world.books
    customer = books.add_customer(name)
    invoice = books.post_invoice(customer, owed)
    books.pay(customer, "30.00", allocations=[(invoice, "20.00")])
    books.post_credit_note(customer, "5.00")
    return customer


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """A CRM that lets documents be moved."""
    habits = CrmHabits(moves=True)
    return Rig(tmp_path, crm=habits, crm_options=habits.honest())


@pytest.fixture
def group(rig: Rig) -> tuple[Rig, str, str, str]:
    """Live; a primary customer with a card that was written, a member of it, and the card."""
    first = busy(rig, PARENT, "120.00")
    rig.set_up()
    rig.run()
    rig.world.books.add_customer("Ohne Belege")
    second = busy(rig, SISTER, "80.00")
    rig.run(write=False)
    card = card_of(rig, first)
    decide(rig, "accept", second, card)
    rig.later()
    return rig, first, second, card


def test_a_members_documents_and_sums_land_on_the_primary_ones_card(
    group: tuple[Rig, str, str, str],
) -> None:
    rig, first, second, card = group
    assert differences(rig.world, {first: [second]}) == []
    fields = shown(rig, card)
    assert (fields["books_id"], fields["name"]) == (first, PARENT)
    assert (fields["custom_fields.receivable"], fields["custom_fields.prepaid"]) == (160, 20)
    assert rig.states() == {}
    report = rig.later(60)
    assert report.writes == 0


def test_a_member_owes_what_another_has_paid_ahead_and_neither_is_taken_off(
    group: tuple[Rig, str, str, str],
) -> None:
    rig, first, second, card = group
    rig.world.books.pay(first, "500.00")
    rig.world.books.post_invoice(second, "7.00", currency="USD")
    rig.later()
    assert differences(rig.world, {first: [second]}) == []
    fields = shown(rig, card)
    assert (fields["custom_fields.receivable"], fields["custom_fields.prepaid"]) == (160, 520)
    assert "USD 7.00" in str(fields["custom_fields.line"])


def test_a_member_that_is_split_off_takes_its_figures_and_documents_along(
    group: tuple[Rig, str, str, str],
) -> None:
    rig, first, second, card = group
    assert "its documents" not in decide(rig, "split", second)
    rig.later()
    assert differences(rig.world) == []
    own = card_of(rig, second)
    assert own != card
    assert (shown(rig, own)["books_id"], shown(rig, card)["books_id"]) == (second, first)
    assert shown(rig, own)["custom_fields.receivable"] == 60
    assert shown(rig, card)["custom_fields.receivable"] == 100
    assert (rig.states(), rig.later().writes) == ({}, 0)


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_what_moves_with_a_split_member_is_moved_though_the_run_died_before_it_sent_that(
    group: tuple[Rig, str, str, str], nth: int
) -> None:
    """What was written down is looked for, and found where it was: it was not moved yet."""
    rig, first, second, _card = group
    decide(rig, "split", second)
    left = nth

    def dies(point: str) -> None:
        nonlocal left
        left -= point == "committed"
        if point == "committed" and left == 0:
            raise Killed

    rig.pair.store.close()
    rig.pair = rig.build(dies)
    with contextlib.suppress(Killed):
        rig.later()
    rig.pair.store.close()
    rig.pair = rig.build()
    for seconds in (600, 600, 90_000):
        rig.later(seconds)
    assert differences(rig.world) == []
    assert rig.states() == {}, rig.problems()
    assert card_of(rig, first) != card_of(rig, second)


def test_a_split_member_is_back_before_anything_was_written(
    group: tuple[Rig, str, str, str],
) -> None:
    rig, first, second, _ = group
    decide(rig, "split", second)
    number = changes(rig, second)[-1]
    decide(rig, "undo", number)
    assert rig.later().writes == 0
    assert differences(rig.world, {first: [second]}) == []


def test_the_primary_customer_leaves_and_the_next_one_writes_its_own(
    group: tuple[Rig, str, str, str],
) -> None:
    rig, first, second, card = group
    assert f"with customer {second} as the primary one" in decide(rig, "split", first)
    rig.later()
    assert differences(rig.world) == []
    assert (shown(rig, card)["books_id"], shown(rig, card)["name"]) == (second, SISTER)
    assert card_of(rig, first) != card
    assert (rig.states(), rig.later().writes) == ({}, 0)


def test_a_primary_customer_that_left_is_the_primary_one_again(
    group: tuple[Rig, str, str, str],
) -> None:
    rig, first, second, card = group
    decide(rig, "split", first)
    decide(rig, "undo", changes(rig, first)[-1])
    assert primary(rig, card) == first
    rig.later()
    assert differences(rig.world, {first: [second]}) == []
    assert rig.states() == {}


def test_who_left_gets_a_card_when_the_next_ones_name_was_written_and_no_answer_came(
    group: tuple[Rig, str, str, str],
) -> None:
    rig, first, second, card = group
    decide(rig, "split", first)
    rig.world.fault("PATCH /crm/account*", Fault.CUT_AFTER)
    rig.later()
    rig.later()
    assert differences(rig.world) == []
    assert card_of(rig, first) != card_of(rig, second) == card
    assert (rig.states(), rig.later().writes) == ({}, 0)


def test_who_left_gets_a_card_when_another_than_the_next_one_has_written_its_name(
    group: tuple[Rig, str, str, str],
) -> None:
    rig, first, second, card = group
    third = busy(rig, "Dritte & Co", "40.00")
    rig.run(write=False)
    decide(rig, "accept", third, card)
    rig.later()
    decide(rig, "split", first)
    rig.world.fault("PATCH /crm/account*", Fault.REFUSE)
    rig.later()
    decide(rig, "accept", third, card, primary=True)
    rig.later()
    assert differences(rig.world, {third: [second]}) == []
    assert primary_card(rig, third) == card != card_of(rig, first)
    assert (rig.states(), rig.later().writes) == ({}, 0)


def test_a_card_that_is_listed_before_the_next_one_has_written_its_name_is_known(
    group: tuple[Rig, str, str, str],
) -> None:
    """After a pause, all that the CRM has is compared with the state: nothing else wrote there."""
    rig, first, second, card = group
    decide(rig, "split", first)
    rig.later(3600)
    assert (rig.problems(), differences(rig.world)) == ([], [])
    assert card_of(rig, first) != card_of(rig, second) == card
    assert (rig.states(), rig.later().writes) == ({}, 0)


def test_a_person_chooses_the_primary_customer(group: tuple[Rig, str, str, str]) -> None:
    rig, first, second, card = group
    assert "the primary one" in decide(rig, "accept", second, card, primary=True)
    before = len(rig.world.crm.journal)
    rig.later()
    assert differences(rig.world, {second: [first]}) == []
    assert (shown(rig, card)["books_id"], shown(rig, card)["name"]) == (second, SISTER)
    written = rig.world.crm.journal[before:]
    assert [(one.target, *sorted(one.fields)) for one in written] == [
        ("account", "books_id", "name")
    ], "documents and figures stay where they are"
    decide(rig, "undo", changes(rig, second)[-1])
    rig.later()
    assert differences(rig.world, {first: [second]}) == []
    assert (rig.states(), rig.later().writes) == ({}, 0)


def test_cards_that_were_merged_have_the_customers_of_both(
    group: tuple[Rig, str, str, str],
) -> None:
    rig, first, second, card = group
    books, crm = rig.world.books, rig.world.crm
    third = busy(rig, "Dritte & Co", "40.00")
    rig.later()
    into = card_of(rig, third)
    crm.delete("account", card)
    for one in [
        key for key, each in crm.objects["contact"].items() if each.parents["account"] == card
    ]:
        crm.objects["contact"][one].parents["account"] = into
    rig.later(keys=((Kind.CUSTOMER, first),), recheck=True)
    assert f"customers {first}, {second} moved" in decide(rig, "merge", card, into)
    books.post_invoice(second, "3.00")
    rig.later()
    rig.later()
    assert differences(rig.world, {third: [first, second]}) == []
    assert (rig.states(), rig.later().writes) == ({}, 0)


def test_a_member_of_a_card_that_nobody_looked_at_yet_waits_for_it(rig: Rig) -> None:
    card = rig.world.crm.add_account("Von Hand")
    first, second = busy(rig, PARENT, "120.00"), busy(rig, SISTER, "80.00")
    rig.set_up()
    decide(rig, "accept", first, card)
    decide(rig, "accept", second, card)
    rig.run()
    rig.later()
    assert differences(rig.world, {first: [second]}) == []
    assert (rig.states(), rig.later().writes) == ({}, 0)


def test_a_customer_that_is_of_no_interest_by_itself_is_read_as_a_member(
    group: tuple[Rig, str, str, str],
) -> None:
    rig, first, second, card = group
    third = rig.world.books.add_customer("Nur Gruppe", in_scope=False)
    rig.world.books.post_invoice(third, "9.00")
    rig.later()
    decide(rig, "accept", third, card)
    rig.later()
    assert differences(rig.world, {first: [second, third]}) == []
    assert shown(rig, card)["custom_fields.receivable"] == 169
    decide(rig, "split", third)
    rig.later()
    assert differences(rig.world, {first: [second]}) == []
    assert shown(rig, card_of(rig, third))["custom_fields.receivable"] == 9
    assert rig.states() == {}


def test_a_card_that_is_made_again_keeps_its_members(group: tuple[Rig, str, str, str]) -> None:
    rig, first, second, card = group
    rig.world.crm.delete("account", card)
    everything = [one for key in (first, second) for one in of_customer(rig.pair, key)]
    rig.later(keys=tuple(everything), recheck=True, recreate=True)
    rig.later()
    assert card_of(rig, first) == card_of(rig, second) != card
    assert shown(rig, card_of(rig, first))["custom_fields.receivable"] == 160


def test_each_customer_of_a_card_is_proven(group: tuple[Rig, str, str, str]) -> None:
    """What one ledger says too much is not made good by what another says too little."""
    rig, first, second, card = group
    rig.world.books.habits.ledger_off = {first: Decimal(5), second: Decimal(-5)}
    rig.world.books.touch("invoices", "1")
    rig.later(full=True)
    rig.later(prove=True)
    assert shown(rig, card)["custom_fields.receivable"] == 160
    text = next(one for one in rig.problems() if "the ledger of" in one)
    assert text.startswith("2 customers differ")
    rig.world.books.habits.ledger_off = {}
    rig.later(full=True)
    rig.later(prove=True)
    assert rig.problems() == []


def test_a_figure_that_somebody_typed_over_a_shared_card_is_put_right(
    group: tuple[Rig, str, str, str],
) -> None:
    rig, first, second, card = group
    rig.world.crm.edit("account", card, **{"custom_fields.receivable": "1"})
    rig.later(prove=True)
    assert shown(rig, card)["custom_fields.receivable"] == 160
    with rig.pair.store.reading() as tx:
        rows = {row.customer: row.agreed for row in proofs.every(tx, "main")}
    assert rows == {first: False, second: True} | dict.fromkeys(rows.keys() - {first, second}, True)


@pytest.mark.parametrize("which", ["first", "second"])
def test_customers_of_one_card_that_the_books_made_one_are_one_there(
    group: tuple[Rig, str, str, str], which: str
) -> None:
    rig, first, second, card = group
    loser, left = (first, second) if which == "first" else (second, first)
    rig.world.books.merge(loser, left)
    rig.later(full=True)
    rig.later()
    assert card_of(rig, left) == primary_card(rig, left) == card
    assert differences(rig.world) == []
    assert (rig.states(), rig.problems(), rig.later().writes) == ({}, [], 0)


def test_a_customer_that_a_member_was_merged_into_takes_its_place(
    group: tuple[Rig, str, str, str],
) -> None:
    rig, first, second, card = group
    third = rig.world.books.add_customer("Nachfolger")
    rig.world.books.merge(second, third)
    rig.later(full=True)
    rig.later()
    assert (primary(rig, card), card_of(rig, third)) == (first, card)
    assert differences(rig.world, {first: [third]}) == []
    assert rig.states() == {}


def test_why_tells_whose_document_each_is_and_adds_up_to_the_card(
    group: tuple[Rig, str, str, str],
) -> None:
    rig, first, second, card = group
    for asked in (first, second):
        answer = why(rig.pair, Kind.CUSTOMER, asked, "receivable")
        assert answer.card == card and answer.field is not None
        assert answer.field.wanted == 160 and answer.field.rest is None
        counts = {one.customer: one.counts.amount for one in answer.field.items if one.counts}
        assert counts == {first: 100, second: 60}
        assert f"with customer {second} as members" in answer.field.note
