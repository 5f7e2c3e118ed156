"""The only customer of a card that was written leaves it: what was written is taken back, once."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.memory import CrmHabits, Fault
from connectors.memory.objects import Object
from syncd.domain import Kind
from syncd.errors import UsageError
from syncd.matching import RULES
from syncd.merging import Owner, Owners, Rule
from syncd.store import link_journal, links
from syncd.sync.pair import Limits
from syncd.why import why
from tests.engine.agreement import differences
from tests.engine.rig import Killed, Rig
from tests.engine.sums import due_is_what_a_fresh_look_finds, the_sums_close
from tests.engine.test_members import busy, card_of, changes, decide, shown

NAME = "ООО «Пример»"
TIERS = ("T1", "T2", "T3")


def written(folder: Path, **habits: Any) -> tuple[Rig, str, str]:
    """Live; a customer with documents, its card that was written, and another customer."""
    crm = CrmHabits(**habits)
    rig = Rig(folder, crm=crm, crm_options=crm.honest())
    key = busy(rig, NAME, "120.00")
    rig.world.books.edit_customer(key, email="buh@example.ru", phone="+7 495 123-45-67")
    busy(rig, "株式会社サンプル", "80.00")
    rig.set_up()
    rig.run()
    assert differences(rig.world) == []
    return rig, key, card_of(rig, key)


def linked(rig: Rig, key: str) -> str | None:
    with rig.pair.store.reading() as tx:
        return links.linked(tx, "crm", "books", [key]).get(key)


def on(rig: Rig, card: str, target: str) -> list[Object]:
    return [one for one in rig.world.crm.listed(target) if one.parents["account"] == card]


def quiet(rig: Rig) -> None:
    """Nothing is left to do, and everything is as the store has it."""
    the_sums_close(rig)
    due_is_what_a_fresh_look_finds(rig)
    before = rig.world.writes()
    rig.later()
    assert (rig.states(), rig.world.writes()) == ({}, before)
    assert rig.world.crm.doubles() == []


@pytest.mark.parametrize("tier", TIERS)
def test_the_card_says_nothing_more_of_its_former_customer(tmp_path: Path, tier: str) -> None:
    rig, key, card = written(tmp_path, tier=tier)
    said = decide(rig, "split", key)
    assert "taken back by the next run" in said and "documents cancelled" in said
    assert linked(rig, key) is None
    rig.later()
    fields = shown(rig, card)
    assert fields["name"] == NAME, "a card is called something"
    assert "currency" not in fields or fields["currency"] == "EUR"
    rest = {path for path, value in fields.items() if value is not None}
    assert rest <= {"name", "currency"}
    [invoice] = on(rig, card, "invoice")
    assert (invoice.fields["state"], invoice.fields.get("books_id")) == ("cancelled", None)
    assert invoice.fields["title"] and invoice.fields["amount"] == Decimal("120.00")
    payments = rig.world.crm.listed("payment")
    assert [one for one in payments if one.parents["invoice"] == invoice.id] == []
    assert on(rig, card, "note") == []
    assert [one.fields.get("books_id") for one in on(rig, card, "contact")] == [None]
    own = card_of(rig, key)
    assert own != card and shown(rig, own)["books_id"] == key
    assert shown(rig, own)["custom_fields.receivable"] == 100
    assert differences(rig.world) == []
    quiet(rig)


def test_the_name_of_the_former_card_is_no_question(tmp_path: Path) -> None:
    """The CRM has each name once: a person said that they are two."""
    rig, key, _card = written(tmp_path)
    decide(rig, "split", key)
    rig.later()
    assert shown(rig, card_of(rig, key))["name"] == f"{NAME} (K0001)"
    assert rig.problems() == []


def test_what_people_own_and_what_the_card_had_before_stays(tmp_path: Path) -> None:
    rig, key, card = written(tmp_path)
    owners = Owners({"email": Rule(Owner.CRM), "phone": Rule(Owner.SHARED)})
    writing = msgspec.structs.replace(rig.pair.writing, owners=owners)
    rig.pair = dataclasses.replace(rig.pair, writing=writing)
    rig.world.crm.edit("account", card, website="https://example.ru", custom_fields__note="VIP")
    decide(rig, "split", key)
    rig.later()
    fields = shown(rig, card)
    assert (fields["email"], fields["phone"]) == ("buh@example.ru", "+7 495 123-45-67")
    assert (fields["website"], fields["custom_fields.note"]) == ("https://example.ru", "VIP")
    assert fields.get("custom_fields.receivable") is None and fields.get("books_id") is None


def test_documents_follow_to_the_card_that_a_person_names(tmp_path: Path) -> None:
    rig, key, card = written(tmp_path)
    other = rig.world.crm.add_account("Beispiel")
    decide(rig, "split", key)
    with pytest.raises(UsageError, match=f"card {card} still says what syncd wrote"):
        decide(rig, "accept", key, card)
    decide(rig, "accept", key, other)
    rig.later()
    rig.later()
    assert card_of(rig, key) == other
    assert differences(rig.world) == []
    assert [one.fields["state"] for one in on(rig, other, "invoice")] == ["open"]
    assert [one.fields["state"] for one in on(rig, card, "invoice")] == ["cancelled"]
    quiet(rig)


@pytest.fixture
def asked(tmp_path: Path) -> tuple[Rig, str, str, list[str]]:
    """Two more cards that may be the customer's, which was split from its own; and that was written
    down at the CRM."""
    rig, key, card = written(tmp_path, unique_names=False)
    who = {"tax_id": "7700000009", "email": "buh@example.ru"}
    rig.world.books.edit_customer(key, **who)
    rig.later()
    twins = [rig.world.crm.add_account(NAME, **who) for _ in range(2)]
    writing = msgspec.structs.replace(rig.pair.writing, match=RULES)
    rig.pair = dataclasses.replace(rig.pair, writing=writing)
    rig.later(full=True)
    decide(rig, "split", key)
    rig.later(full=True)
    return rig, key, card, twins


def test_a_rejected_pair_is_not_suggested_and_the_customer_is_a_question(
    asked: tuple[Rig, str, str, list[str]],
) -> None:
    rig, key, card, twins = asked
    assert linked(rig, key) is None, "two cards may be its own"
    [text] = [text for text in rig.problems() if f"Customer {key}" in text]
    assert all(twin in text for twin in twins) and f"card {card} " not in text
    assert shown(rig, card).get("books_id") is None, "what was written is taken back all the same"
    decide(rig, "accept", key, twins[0])
    rig.later(full=True)
    assert differences(rig.world) == []
    quiet(rig)


def test_taken_back_afterwards_the_card_is_written_again(
    asked: tuple[Rig, str, str, list[str]],
) -> None:
    rig, key, card, _twins = asked
    [split] = [one for one in changes(rig, key) if _what(rig, one) == "split"]
    decide(rig, "undo", split)
    rig.later(full=True)
    assert card_of(rig, key) == card
    assert differences(rig.world) == []
    states = [one.fields["state"] for one in on(rig, card, "invoice")]
    assert sorted(states) == ["cancelled", "open"], "what was cancelled stays so"
    quiet(rig)


def _what(rig: Rig, number: str) -> str:
    with rig.pair.store.reading() as tx:
        found = link_journal.find(tx, "crm", "books", int(number))
    assert found is not None
    return found.what


def test_taken_back_before_anything_was_sent_nothing_is_written(tmp_path: Path) -> None:
    rig, key, card = written(tmp_path)
    decide(rig, "split", key)
    before = rig.world.writes()
    decide(rig, "undo", changes(rig, key)[-1])
    rig.later()
    assert (card_of(rig, key), rig.world.writes()) == (card, before)
    assert differences(rig.world) == []
    quiet(rig)


def test_a_card_that_people_deleted_meanwhile_is_no_question(tmp_path: Path) -> None:
    rig, key, card = written(tmp_path)
    decide(rig, "split", key)
    for target in ("payment", "note", "invoice", "contact"):
        for one in rig.world.crm.listed(target):
            above = one.parents.get("account") or ""
            invoice = rig.world.crm.objects["invoice"].get(one.parents.get("invoice", ""))
            if card in (above, invoice.parents["account"] if invoice else ""):
                rig.world.crm.delete(target, one.id)
    rig.world.crm.delete("account", card)
    rig.later()
    rig.later()
    assert rig.problems() == []
    assert differences(rig.world) == []
    quiet(rig)


def test_a_guard_stops_it(tmp_path: Path) -> None:
    rig, key, card = written(tmp_path)
    decide(rig, "split", key)
    rig.pair = dataclasses.replace(rig.pair, limits=Limits(few=0, blanks=0.0))
    rig.later()
    assert shown(rig, card)["books_id"] == key, "a guard stops it, as it stops anything"
    assert any("would lose a value" in text for text in rig.problems())
    rig.pair = dataclasses.replace(rig.pair, limits=Limits())
    rig.later()
    assert shown(rig, card).get("books_id") is None
    quiet(rig)


def test_why_says_what_the_new_card_waits_for(tmp_path: Path) -> None:
    """The CRM refuses what is taken back: nothing is made beside it."""
    rig, key, card = written(tmp_path)
    decide(rig, "split", key)
    rig.world.fault("PATCH /crm/account/*", Fault.REFUSE, 9)
    rig.later()
    rig.later()
    reason = why(rig.pair, Kind.CUSTOMER, key).reason
    told = f"{reason} {reason.root}"
    assert "its former object" in told or "refuses accounts" in told
    made = [one for one in rig.world.crm.listed("account") if one.fields.get("books_id") == key]
    assert [one.id for one in made] == [card]
    rig.world.faults.planned.clear()
    rig.later(90_000)
    assert differences(rig.world) == []
    quiet(rig)


def test_what_can_be_moved_is_cancelled_all_the_same(tmp_path: Path) -> None:
    """Its next card may be a question for days."""
    rig, key, card = written(tmp_path, moves=True)
    decide(rig, "split", key)
    rig.later()
    assert differences(rig.world) == []
    assert [one.fields["state"] for one in on(rig, card, "invoice")] == ["cancelled"]
    quiet(rig)


POINTS = ("committed", "answered")


@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_nothing_is_doubled_and_nothing_lost(tmp_path: Path, point: str) -> None:
    """Each time the point is passed, until a life goes by without, at one tier after the other."""
    nth, died = 1, True
    while died:
        died = _one_life(tmp_path / str(nth), TIERS[nth % 3], point, nth)
        nth += 1
    assert nth > 2


@pytest.mark.parametrize("point", ["before commit", "recovering", "recovered"])
@pytest.mark.parametrize("tier", ["T1", "T3"])
def test_an_answer_that_got_lost_and_a_death_as_it_is_looked_for(
    tmp_path: Path, point: str, tier: str
) -> None:
    assert _one_life(tmp_path / "one", tier, point, 1, lost=True)


def _one_life(folder: Path, tier: str, point: str, nth: int, *, lost: bool = False) -> bool:
    folder.mkdir()
    rig, key, card = written(folder, tier=tier)
    decide(rig, "split", key)
    if lost:
        rig.world.fault("PATCH /crm/*", Fault.CUT_AFTER, 2)
        rig.world.fault("DELETE /crm/*", Fault.CUT_AFTER, 1)
        rig.later()
        rig.world.faults.planned.clear()
    seen = 0

    def checkpoint(name: str) -> None:
        nonlocal seen
        seen += name == point
        if seen == nth:
            raise Killed

    rig.pair.store.close()
    rig.build(checkpoint)
    try:
        rig.later()
        died = False
    except Killed:
        died = True
    rig.pair.store.close()
    rig.build()
    rig.later()
    rig.later()
    assert differences(rig.world) == []
    rest = {path for path, value in shown(rig, card).items() if value is not None}
    assert rest <= {"name", "currency"}
    [invoice] = on(rig, card, "invoice")
    assert invoice.fields["state"] == "cancelled"
    made = [one for one in rig.world.crm.listed("account") if one.fields.get("books_id") == key]
    assert len(made) == 1
    quiet(rig)
    rig.pair.store.close()
    return died
