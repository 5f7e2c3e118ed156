"""What the books own and somebody types over on a card is written again in the cycle that reads the
card; both values are kept, and one that comes back is a problem."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.memory import CrmHabits
from syncd.domain import Kind
from syncd.matching import RULES
from syncd.merging import Owner, Owners, Rule
from syncd.store import overwritten
from syncd.why import why
from tests.engine.rig import Rig
from tests.engine.sums import due_is_what_a_fresh_look_finds, the_sums_close
from tests.engine.test_clock import card

EMAIL, TYPED = "buh@example.ru", "отдел@example.ru"


def begun(folder: Path, *, owners: Owners | None = None, **habits: Any) -> Rig:
    crm = CrmHabits(tells_who=True, **habits)
    rig = Rig(folder, crm=crm, crm_options={**crm.honest(), "tells_who": "yes"})
    writing = msgspec.structs.replace(rig.pair.writing, match=RULES, owners=owners or Owners())
    rig.pair = dataclasses.replace(rig.pair, writing=writing)
    key = rig.world.books.add_customer("ООО «Пример»", email=EMAIL)
    rig.world.books.post_invoice(key, "120.00")
    rig.set_up()
    rig.run()
    rig.later()
    return rig


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return begun(tmp_path)


def over(rig: Rig, **fields: object) -> None:
    rig.clock.advance(60)
    [one] = rig.world.crm.marked("account", "1")
    rig.world.crm.edit("account", one.id, by="Anna", **fields)
    rig.later()
    the_sums_close(rig)


def told(rig: Rig) -> list[str]:
    return [text for text in rig.problems() if "second writer" in text]


def test_it_is_written_again_in_that_cycle_and_asks_nothing_more(rig: Rig) -> None:
    before = len(rig.world.requests)
    rig.later()
    quiet = len(rig.world.requests) - before
    over(rig, email=TYPED)
    assert card(rig, "1")["email"] == EMAIL
    asked = rig.world.requests[before + quiet :]
    assert [one for one in asked if one[0] == "PATCH"] == [("PATCH", "/crm/account/account-1")]
    assert len(asked) == quiet + 3, "as ever the look at its figures; the write, read back"
    due_is_what_a_fresh_look_finds(rig)
    writes = rig.world.writes()
    rig.later()
    assert rig.world.writes() == writes and rig.states() == {}


def test_both_values_are_kept_and_why_tells_them(rig: Rig) -> None:
    over(rig, email=TYPED)
    with rig.pair.store.reading() as tx:
        [one] = overwritten.since(tx, "crm", rig.clock.utc().date())
    assert (one.subject, one.values) == ("customer 1", {"email": (1, EMAIL, TYPED)})
    field = why(rig.pair, Kind.CUSTOMER, "1", "email").field
    assert field is not None
    assert "typed over in crm once" in field.note and f"{EMAIL} became {TYPED}" in field.note


def test_once_is_no_problem_and_one_that_comes_back_is(rig: Rig) -> None:
    over(rig, email=TYPED)
    assert told(rig) == []
    over(rig, email="second@example.ru")
    [text] = told(rig)
    assert "2 times" in text and "by Anna; email of customer 1." in text
    assert TYPED not in text and EMAIL not in text, "values are personal data"
    assert card(rig, "1")["email"] == EMAIL


def test_what_is_no_edit_of_the_books_fields_stays(tmp_path: Path) -> None:
    owners = Owners({"phone": Rule(Owner.CRM)})
    rig = begun(tmp_path, owners=owners)
    before = rig.world.writes()
    over(rig, name="ооо «пример»", phone="+7 495 765-43-21", tax_id="7700000009")
    assert card(rig, "1")["name"] == "ооо «пример»", "another manner of the same"
    assert card(rig, "1")["tax_id"] == "7700000009", "the books say nothing of it"
    own = [one for one in rig.world.crm.journal if one.op == "update" and "email" in one.fields]
    assert own == [] and told(rig) == []
    over(rig, books_id="Q-17")
    assert card_by_name(rig)["books_id"] == "Q-17", "people write the key as well"
    assert rig.world.writes() - before <= 1, "the phone reached the books"


def card_by_name(rig: Rig) -> dict[str, object]:
    [one] = rig.world.crm.listed("account")
    return dict(one.fields)


@pytest.mark.parametrize("answers", [True, False])
def test_a_crm_that_writes_in_its_own_way_is_nobody(tmp_path: Path, answers: bool) -> None:
    rig = begun(tmp_path, answers_values=answers, capitals=True, rewrites_phone=True)
    writes = rig.world.writes()
    rig.world.books.edit_customer("1", phone="+7 (495) 123-45-67", email="neu@example.ru")
    for _ in range(4):
        rig.later()
    assert rig.world.writes() == writes + 1 and told(rig) == []


def test_a_second_look_at_the_same_card_counts_once(rig: Rig) -> None:
    rig.clock.advance(60)
    rig.world.crm.edit("account", "account-1", email=TYPED)
    rig.later(write=False)
    rig.later(write=False)
    with rig.pair.store.reading() as tx:
        [one] = overwritten.since(tx, "crm", rig.clock.utc().date())
    assert one.times == 1, "what it shows is the base since"
    rig.later()
    assert card(rig, "1")["email"] == EMAIL


def test_what_is_typed_while_another_field_is_written_is_no_way_of_the_crm_to_write(
    tmp_path: Path,
) -> None:
    """The card is read back after that write, and shows what was never sent."""
    rig = begun(tmp_path, answers_values=False)
    [one] = rig.world.crm.marked("account", "1")

    def types(point: str) -> None:
        if point == "committed":
            rig.world.crm.edit("account", one.id, by="Anna", email=TYPED)

    rig.world.books.rename("1", "ООО «Новый»")
    pair = rig.pair
    rig.pair = dataclasses.replace(pair, checkpoint=types)
    rig.later()
    assert (card(rig, "1")["name"], card(rig, "1")["email"]) == ("ООО «Новый»", TYPED)
    rig.pair = pair
    rig.later()
    rig.later()
    assert card(rig, "1")["email"] == EMAIL
