"""Somebody else changes, again and again, what the books own: one problem, that names who."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from connectors.memory import CrmHabits
from syncd.matching import RULES
from syncd.notify import say
from syncd.notify.tongues import TONGUES
from syncd.store import overwritten, problems
from tests.engine.rig import NUMBERS, Rig, one_of_each
from tests.engine.test_clock import card

DAY = 24 * 3600.0
FIVE = 300.0


def begun(folder: Path, *, tells: bool, match: bool, threshold: int = 3) -> Rig:
    crm = CrmHabits(tells_who=tells)
    options = {**crm.honest(), "tells_who": "yes" if tells else "no"}
    numbers = msgspec.structs.replace(NUMBERS, overwritten=threshold)
    rig = Rig(folder, crm=crm, crm_options=options, numbers=numbers)
    if match:
        writing = msgspec.structs.replace(rig.pair.writing, match=RULES)
        rig.pair = dataclasses.replace(rig.pair, writing=writing)
    one_of_each(rig)
    rig.set_up()
    rig.run()
    return rig


@pytest.fixture
def telling(tmp_path: Path) -> Rig:
    """The CRM says who and when, and all cards are compared."""
    return begun(tmp_path, tells=True, match=True)


@pytest.fixture
def silent(tmp_path: Path) -> Rig:
    """The CRM says nothing of the kind: the daily proof is the only look."""
    return begun(tmp_path, tells=False, match=False)


def account(rig: Rig) -> str:
    return rig.world.crm.marked("account", "1")[0].id


def over(rig: Rig, value: int, by: str = "Анна Робот", seconds: float = 60) -> None:
    rig.clock.advance(seconds)
    rig.world.crm.edit("account", account(rig), by=by, custom_fields__receivable=Decimal(value))
    rig.clock.advance(FIVE - seconds)


def told(rig: Rig) -> list[str]:
    return [text for text in rig.problems() if "second writer" in text]


def test_who_answers_each_write_is_named_within_the_hour(telling: Rig) -> None:
    for value in range(3):
        assert told(telling) == []
        over(telling, value)
        telling.run()
        assert card(telling, "1")["receivable"] == 70, "the books' value is written again"
    [text] = told(telling)
    assert "crm" in text and "3 times on 18 Nov 2026" in text
    assert "each time within 10 minutes of a write of syncd, by Анна Робот;" in text
    assert "custom_fields.receivable of customer 1." in text
    with telling.pair.store.reading() as tx:
        [one] = problems.listed(tx, "main")
    said = {language: say.what(language, one.cause, one.text)[0] for language in TONGUES}
    assert said["en"].startswith("A second writer in crm changes") and len({*said.values()}) == 3
    over(telling, 9, by="Import")
    telling.run()
    assert "4 times" in told(telling)[0] and "Анна Робот (3), Import (1)" in told(telling)[0]


def test_it_closes_after_a_whole_day_without_and_a_waiver_holds(silent: Rig) -> None:
    day = silent.clock.utc().date()
    with silent.pair.store.transaction() as tx:
        for _ in range(3):
            overwritten.note(tx, "crm", day, "Anna", "customer 1", {"line": ("a", "b")}, soon=True)
        elsewhere = {"pair": "other", "cause": "overwritten crm", "owner": "sysadmin"}
        now = silent.clock.utc()
        number = problems.raise_problem(tx, **elsewhere, text="it", run=1, at=now)
    silent.run()
    assert told(silent) == [], "one connection has one, whichever of its pairs tells it"
    with silent.pair.store.transaction() as tx:
        problems.waive(tx, number, "anna", "seen", now)
    silent.later(DAY)
    assert "on 18 Nov 2026" in told(silent)[0], "it was yesterday"
    with silent.pair.store.transaction() as tx:
        [one] = problems.listed(tx, "main")
        problems.waive(tx, one.id, "anna", "until the import ends", silent.clock.utc())
    silent.later(FIVE)
    assert told(silent) == []
    with silent.pair.store.transaction() as tx:
        problems.reopen(tx, one.id)
    silent.later(DAY)
    assert told(silent) == []


def test_an_idle_cycle_reads_no_card_back_and_own_writes_are_nobodys(telling: Rig) -> None:
    telling.world.books.post_invoice("1", "5.00")
    telling.later(FIVE)
    before = len(telling.world.requests)
    for _ in range(3):
        telling.later(FIVE)
    asked = [path for method, path in telling.world.requests[before:] if "/crm/" in path]
    assert not [path for path in asked if "/crm/account/" in path]
    assert len([path for path in asked if "/crm/cards" in path]) == 3, "one list a cycle"
    for n in range(3):
        telling.world.crm.edit("account", account(telling), by="Anna", phone=f"555 {n}")
        telling.later(FIVE)
    assert told(telling) == [], "what people type elsewhere on a card is nobody's business"
    assert card(telling, "1")["phone"] == "555 2"


def test_the_proof_sees_it_where_the_crm_says_nothing(silent: Rig) -> None:
    """Once a day, and so it takes three days that the same card comes back."""
    for value in range(3):
        assert told(silent) == []
        over(silent, value)
        silent.run()
        assert card(silent, "1")["receivable"] == value, "no cycle reads it"
        silent.later(DAY - FIVE, prove=True)
        assert card(silent, "1")["receivable"] == 70
    [text] = told(silent)
    assert "once on 21 Nov 2026, none of them within 10 minutes" in text
    assert "by somebody whom it does not name" in text


def test_many_cards_in_a_night_are_one_problem_that_names_who(tmp_path: Path) -> None:
    rig = begun(tmp_path, tells=True, match=False, threshold=12)
    keys = [rig.world.books.add_customer(f"Kunde {n}") for n in range(13)]
    for key in keys:
        rig.world.books.post_invoice(key, "10.00")
    rig.run()
    for key in keys:
        [one] = rig.world.crm.marked("account", key)
        rig.world.crm.edit("account", one.id, by="鈴木", custom_fields__receivable=Decimal(1))
    rig.later(DAY, prove=True)
    [text] = told(rig)
    assert "13 times" in text and "by 鈴木;" in text and " and 8 more" in text


def test_a_value_that_was_never_seen_there_is_no_sign_of_anybody(tmp_path: Path) -> None:
    """The CRM keeps something else than it is sent, and its answers do not show it."""
    crm = CrmHabits(answers_values=False)
    rig = Rig(tmp_path, crm=crm, crm_options=crm.honest())
    rig.numbers = msgspec.structs.replace(NUMBERS, overwritten=1)
    rig.build()
    one_of_each(rig)
    rig.set_up()
    rig.run()
    with rig.pair.store.transaction() as tx:
        tx.exec_driver_sql("UPDATE part SET confirmed = 0")
    over(rig, 3)
    rig.run(prove=True)
    assert told(rig) == [] and card(rig, "1")["receivable"] == 70
    over(rig, 4)
    rig.run(prove=True)
    assert len(told(rig)) == 1, "now syncd had looked that its own value was there"


def test_what_is_kept_of_it_has_a_bound(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overwritten, "SUBJECTS", 5)
    day = dt.date(2026, 11, 18)
    with rig.pair.store.transaction() as tx:
        for n in range(overwritten.SUBJECTS + 20):
            overwritten.note(
                tx, "crm", day, "Anna", f"customer {n}", {"a": (None, "b")}, soon=False
            )
        rows = overwritten.since(tx, "crm", day)
        assert len(rows) == overwritten.SUBJECTS + 1
        assert sum(one.times for one in rows) == overwritten.SUBJECTS + 20
    rig.later(overwritten.KEPT * DAY, write=False)
    with rig.pair.store.reading() as tx:
        assert overwritten.since(tx, "crm", day) == [], "nothing is kept longer than a week"
