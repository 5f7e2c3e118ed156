"""A customer that was won, and a process killed on the way from its card to the books and back:
exactly one customer there, with one contact, and its number on the card."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.crash.conftest import MakeStand
from tests.crash.outcome import made_in_vain, won_differences
from tests.crash.stand import DOUBT_TIME, Hold, Stand
from tests.crash.test_corrections import Kill, NthWrite, at_write
from tests.engine.agreement import differences, sent_in_vain

TIERS = ("T1", "T2", "T3", "T4")
ANSWERS = ("lost", "late", "after the timeout")
CREATE = {"customers": "P* /books/customers", "contacts": "P* /books/contacts"}
TAX_ID = "ATU12345678"

FAULTED = {
    # point: (which passing, since when, requests in doubt on disk after the kill, the same at T4)
    "before commit": (1, "committed", 1, 1),
    "committed": (2, "committed", 2, 2),
    "answered": (1, "committed", 2, 1),
    "recovering": (1, None, 1, 1),
    "recovered": (1, None, 1, 1),
}
"""Of two won cards, the first create of a target loses its answer. `before commit` is where the
other customer, just made, is read before its number goes onto its card."""

CASES = [
    (point, ANSWERS[(row + column) % len(ANSWERS)], tier)
    for row, point in enumerate(FAULTED)
    for column, tier in enumerate(TIERS)
]
"""Every point at every tier; each answer comes with each point, and with each tier."""


def win(stand: Stand, name: str, **fields: object) -> str:
    crm = stand.world.crm
    account = crm.add_account(name, **fields)
    crm.win(crm.open_deal(account, f"Kitchen for {name}", "900", "EUR"))
    return account


def win_two(stand: Stand) -> str:
    """The card of the first one."""
    first = win(stand, "ООО «Ромашка»", email="kasse@example.com", tax_id=TAX_ID)
    win(stand, "株式会社サンプル", email="keiri@example.jp")
    return first


def spoil(stand: Stand, target: str, answer: str) -> Hold | None:
    """What becomes of the first create of a target in the books."""
    if answer == "lost":
        stand.world.fault(CREATE[target], "cut_after")
        return None
    return stand.hold(CREATE[target], "before" if answer == "late" else "after")


def let_arrive(stand: Stand, hold: Hold | None, target: str, account: str) -> None:
    if hold is None:
        return
    hold.released.set()
    for _ in range(1000):
        if stand.world.books.intake.marked(target, f"CRM-{account}"):
            return
        stand.holds[0].released.wait(0.01)
        stand.served.control("dump", {})
    raise AssertionError("what was held back never arrived")


def asked_once(stand: Stand, asked: int) -> None:
    """At T4: nobody but a person can say what is there."""
    problems = stand.problems()
    assert [cause.split()[0] for _, cause in problems] == ["asked"] * asked
    for (text,) in stand.rows("SELECT text FROM problem WHERE closed IS NULL"):
        assert " was sent to books " in text, "where to look"
    stand.run()
    assert stand.problems() == problems, "asked once, however often it runs"
    stand.answer_problems()
    stand.run()


def at_rest(stand: Stand) -> None:
    """Two more runs: what may still follow, and one that finds nothing to do."""
    stand.run()
    report: dict[str, Any] = stand.run()
    open_ones = stand.rows("SELECT stream, key, state FROM part WHERE state <> 'clean'")
    assert (report["writes"], report["in_doubt"], stand.problems(), open_ones) == (0, 0, [], [])
    assert won_differences(stand.world) == []
    assert made_in_vain(stand.world) == []
    assert differences(stand.world) == []
    assert sent_in_vain(stand.world) == []


@pytest.mark.parametrize(("point", "answer", "tier"), CASES)
def test_killed_with_the_answer_of_the_books_missing(
    stand_of: MakeStand, point: str, answer: str, tier: str
) -> None:
    nth, since, *doubts = FAULTED[point]
    in_doubt = doubts[tier == "T4"]
    kill: Any = (point, nth, since) if since else (point, nth)
    stand = stand_of(books_tier=tier)
    first = win_two(stand)
    hold = spoil(stand, "customers", answer)
    if since is None:
        assert stand.run()["in_doubt"] == 1
        let_arrive(stand, hold, "customers", first)
        stand.advance(DOUBT_TIME + 1)
        assert stand.syncd("run", kill=kill).code == -signal.SIGKILL
    else:
        assert stand.syncd("run", kill=kill).code == -signal.SIGKILL
        assert stand.run()["in_doubt"] == in_doubt, "nobody looks, and nothing of it is sent"
        let_arrive(stand, hold, "customers", first)
        stand.advance(DOUBT_TIME + 1)
        stand.run()
    if tier == "T4":
        stand.run()
        asked_once(stand, in_doubt)
    at_rest(stand)


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_killed_with_the_contact_in_doubt_and_its_customer_made(
    stand_of: MakeStand, answer: str, tier: str
) -> None:
    stand = stand_of(books_tier=tier)
    first = win_two(stand)
    hold = spoil(stand, "contacts", answer)
    kill = ("before commit", 1, "committed")
    assert stand.syncd("run", kill=kill).code == -signal.SIGKILL
    assert len(stand.world.books.tables["customers"]) == 2
    assert stand.run()["in_doubt"] == 1
    let_arrive(stand, hold, "contacts", first)
    stand.advance(DOUBT_TIME + 1)
    stand.run()
    if tier == "T4":
        asked_once(stand, 1)
    at_rest(stand)


# -- every step of the way -----------------------------------------------------------------------


def at_point(stand: Stand, nth: int) -> int:
    return stand.syncd("run", kill=("*", nth, "committed")).code


def deaths(stand_of: Callable[[], Stand], kill: Kill, most: int) -> Iterator[tuple[Stand, int]]:
    """One won card again and again, and each time the run dies a step later."""
    for nth in range(1, most + 1):
        stand = stand_of()
        win(stand, "ООО «Ромашка»", email="kasse@example.com", tax_id=TAX_ID)
        code = kill(stand, nth)
        if code == 0:
            return
        assert code == -signal.SIGKILL
        yield stand, nth


POINTS = 11
WRITES = 5
"""A customer and a contact in the books; the card's number, its contact, its figures. Only the
first two are what a tier of the books makes a difference for."""

BEFORE, AFTER = at_write("before", carried_out=False), at_write("after", carried_out=True)
WAYS: dict[str, tuple[Kill, int, str]] = {
    "every point": (at_point, POINTS, "T2"),
    "before every write": (BEFORE, WRITES, "T2"),
    "after every write": (AFTER, WRITES, "T2"),
    **{f"before the writes at {tier}": (BEFORE, 2, tier) for tier in TIERS if tier != "T2"},
    **{f"after the writes at {tier}": (AFTER, 2, tier) for tier in TIERS if tier != "T2"},
}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_step_it_dies_at_one_customer_is_made(stand_of: MakeStand, way: str) -> None:
    """From the customer in the books to the figures on its card."""
    kill, steps, tier = WAYS[way]
    most, nth = (steps if tier != "T2" else 2 * steps), 0
    for stand, nth in deaths(lambda: stand_of(books_tier=tier), kill, most):
        if nth % 2:
            stand.run()  # what is in doubt waits, the rest goes on
        stand.advance(DOUBT_TIME + 1)
        stand.run()
        if tier == "T4" and stand.problems():
            asked_once(stand, 1)
        at_rest(stand)
    assert nth >= steps


# -- its persons -----------------------------------------------------------------------------------


@pytest.mark.parametrize("nth", [2, 3])
def test_killed_between_two_persons_each_is_made_once(stand_of: MakeStand, nth: int) -> None:
    stand = stand_of()
    account = win(stand, "ООО «Ромашка»", email="kasse@example.com", tax_id=TAX_ID)
    for name in ("Анна Иванова", "鈴木 花子"):
        stand.world.crm.add_person(account, name)
    stand.trap(NthWrite("P* /books/contacts*", nth), "after")
    assert stand.syncd("run").code == -signal.SIGKILL
    stand.advance(DOUBT_TIME + 1)
    stand.run()
    at_rest(stand)


# -- two cards of one company --------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["lost", "late"])
def test_a_second_card_of_the_company_waits_while_the_first_is_in_doubt(
    stand_of: MakeStand, answer: str
) -> None:
    """Nobody knows yet whether the books have the company, so it is neither made nor linked."""
    stand = stand_of()
    first = win(stand, "Holz AG", tax_id=TAX_ID)
    hold = spoil(stand, "customers", answer)
    kill = ("answered", 1)
    assert stand.syncd("run", kill=kill).code == -signal.SIGKILL
    second = win(stand, "Holz AG Wien", tax_id="atu 123 456 78")
    assert stand.run()["in_doubt"] == 1
    assert stand.rows("SELECT card_id FROM link") == []
    let_arrive(stand, hold, "customers", first)
    stand.advance(DOUBT_TIME + 1)
    stand.run()
    assert stand.run()["writes"] == 0
    assert len(stand.world.books.tables["customers"]) == 1
    assert stand.rows("SELECT card_id FROM link") == [(first,)]
    assert [cause for _, cause in stand.problems()] == [f"won match {second}"]
