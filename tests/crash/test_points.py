"""A process killed at each named point, at every tier, whatever became of the answer: after the
next runs nothing is lost, nothing is doubled, and a person is asked only where nobody can know."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import pytest

from syncd.domain import Kind
from syncd.mapping.words import IN_BOOKS
from tests.crash.conftest import MakeStand
from tests.crash.outcome import won_differences
from tests.crash.stand import DOUBT_TIME, Hold, Stand
from tests.engine.agreement import differences, sent_in_vain

ROOT = Path(__file__).parents[2]
TIERS = ("T1", "T2", "T3", "T4")
CREATE = "P* /crm/account"
"""POST or, at T1, PUT; updates go to a longer path."""

FAULTED = {
    # point: (which passing, requests in doubt on disk after the kill, the same at T4)
    "before commit": (1, 1, 1),
    "committed": (2, 2, 2),
    "answered": (1, 2, 1),
    "recovering": (1, 1, 1),
    "recovered": (1, 1, 1),
}
"""The first create of a run loses its answer. A commit decides the first requests of both
customers, at T4 one alone. At `answered` none of their outcomes is on disk; at `committed` the loss
is, with the next request. Everything is read before anything is sent, so `before commit` comes in
the run after the one that lost the answer, with news of who is in doubt."""

PLAIN = {"before commit": (1, 0, 0), "committed": (1, 2, 1), "answered": (1, 2, 1)}
"""Every answer comes in time, and the process dies."""

ELSEWHERE = {
    "deriving": "test_cards.py",
    "before acknowledge": "test_acknowledge.py",
    "linked": "test_matching.py",
}
"""Nothing is sent there, whatever the tier."""

BY_SERVER = {
    # (when the server kills it, is the request carried out)
    "received, never carried out": ("before", "never"),
    "received, carried out after the kill": ("before", "later"),
    "carried out, not answered": ("after", "at once"),
}


def trade(stand: Stand) -> None:
    books = stand.world.books
    first, _ = books.add_customer("ООО «Ромашка»"), books.add_customer("株式会社サンプル")
    invoice = books.post_invoice(first, "120.50")
    books.pay(first, "100.00", allocations=[(invoice, "70.50")])
    stand.advance(2)  # stamps of the very second that the source's clock says do not move a cursor


def news(stand: Stand) -> None:
    """Of the customer whose card may be there, and of the other one."""
    stand.world.books.rename("1", "ООО «Ромашка-2»")
    stand.world.books.post_invoice("2", "9000", currency="JPY")
    stand.advance(2)


def spoil(stand: Stand, answer: str) -> Hold | None:
    """What becomes of the first create: carried out and cut; or our timeout passes before it is
    carried out (late), or before it is answered."""
    if answer == "lost":
        stand.world.fault(CREATE, "cut_after")
        return None
    return stand.hold(CREATE, "before" if answer == "late" else "after")


def come_to_rest(stand: Stand, in_doubt: int, hold: Hold | None = None) -> dict[str, Any]:
    """The next runs: one that cannot wait, and one after the doubt time; the report of that."""
    assert stand.run()["in_doubt"] == in_doubt
    if hold:
        hold.released.set()
        arrived(stand)
    stand.advance(DOUBT_TIME + 1)
    return stand.run()


def arrived(stand: Stand) -> None:
    """A create that was held back has been carried out."""
    for _ in range(1000):
        if stand.world.crm.marked("account", "1"):
            return
        stand.holds[0].released.wait(0.01)
        stand.served.control("dump", {})
    raise AssertionError("what was held back never arrived")


def check(stand: Stand, report: dict[str, Any], tier: str, asked: int) -> None:
    if tier == "T4" and asked:
        problems = stand.problems()
        assert [cause.split()[0] for _, cause in problems] == ["asked"] * asked
        stand.run()
        assert stand.problems() == problems, "asked once, however often it runs"
        stand.answer_problems()
        stand.run()
        report = stand.run()
        assert report["writes"] == 0
    assert (report["in_doubt"], report["open_problems"]) == (0, 0)
    assert differences(stand.world) == []
    assert stand.world.crm.doubles() == []
    if tier != "T4":  # where nothing can be looked up, what a person confirmed is written again
        assert sent_in_vain(stand.world) == []


def test_every_point_of_the_engine_is_listed_and_died_at() -> None:
    code = "\n".join(file.read_text() for file in (ROOT / "syncd").rglob("*.py"))
    points = set(re.findall(r"\.checkpoint\(\"(.+?)\"\)", code))
    page = (ROOT / "docs" / "crash-points.md").read_text()
    assert points == set(re.findall(r"^\| `(.+?)`", page, re.M)) == {*FAULTED, *ELSEWHERE}
    for point, file in ELSEWHERE.items():
        assert f'kill=("{point}"' in (Path(__file__).parent / file).read_text()


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("answer", ["lost", "late", "after the timeout"])
@pytest.mark.parametrize("point", FAULTED)
def test_killed_with_an_answer_missing(
    stand_of: MakeStand, point: str, answer: str, tier: str
) -> None:
    nth, *doubts = FAULTED[point]
    in_doubt = doubts[tier == "T4"]
    stand = stand_of(tier)
    trade(stand)
    hold = spoil(stand, answer)
    if point in ("committed", "answered"):
        assert stand.syncd("run", kill=(point, nth)).code == -signal.SIGKILL
        report = come_to_rest(stand, in_doubt, hold)
    elif point == "before commit":
        assert stand.run()["in_doubt"] == 1
        news(stand)
        assert stand.syncd("run", kill=(point, nth)).code == -signal.SIGKILL
        report = come_to_rest(stand, in_doubt, hold)
    else:
        assert stand.run()["in_doubt"] == 1
        if hold:
            hold.released.set()
            arrived(stand)
        stand.advance(DOUBT_TIME + 1)
        assert stand.syncd("run", kill=(point, nth)).code == -signal.SIGKILL
        report = come_to_rest(stand, 0)
    check(stand, report, tier, in_doubt)


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("point", PLAIN)
def test_killed_at_a_point(stand_of: MakeStand, point: str, tier: str) -> None:
    nth, *doubts = PLAIN[point]
    in_doubt = doubts[tier == "T4"]
    stand = stand_of(tier)
    trade(stand)
    assert stand.syncd("run", kill=(point, nth)).code == -signal.SIGKILL
    check(stand, come_to_rest(stand, in_doubt), tier, in_doubt)


PAGES = (*IN_BOOKS, Kind.DEAL, Kind.WON)
"""The order in which kinds are read."""


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_that_was_read_and_not_stored_is_read_again(stand_of: MakeStand, kind: Kind) -> None:
    """With several records a page, of which only the last has the stamp the cursor moves to."""
    stand = stand_of(page=10)
    trade(stand)
    books, crm = stand.world.books, stand.world.crm
    books.invoice_order(books.add_order("2", "80.00"))
    books.pay("2", "30.00", allocations=[("2", "30.00")])
    books.post_credit_note("2", "25.00", allocations=[("2", "20.00")])
    books.adjust("2", "-5.00", "write_off", allocations=[("2", "5.00")])
    crm.win(crm.open_deal(crm.add_account("山田家具店"), "Tables"))
    stand.advance(2)
    nth = PAGES.index(kind) + 1
    assert stand.syncd("run", kill=("before commit", nth)).code == -signal.SIGKILL
    assert stand.rows(KNOWN.format(kind=kind)) == [(0,)]
    stand.advance(DOUBT_TIME + 1)
    check(stand, stand.run(), "T3", 0)
    assert won_differences(stand.world) == []


KNOWN = """
    SELECT count(*) FROM record JOIN stream ON stream.id = record.stream
    WHERE stream.kind = '{kind}'
"""


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("moment", BY_SERVER)
def test_killed_while_it_waits_for_the_answer(stand_of: MakeStand, moment: str, tier: str) -> None:
    """Killed at the first of the requests that a commit decided; the second never left."""
    when, carried_out = BY_SERVER[moment]
    in_doubt = 1 if tier == "T4" else 2
    stand = stand_of(tier)
    trade(stand)
    hold = None
    if carried_out == "later":
        hold = stand.hold(CREATE, when, kill=True)
    else:
        stand.trap(CREATE, when, drop=carried_out == "never")
    assert stand.syncd("run").code == -signal.SIGKILL
    assert len(stand.world.crm.marked("account", "1")) == (carried_out == "at once")
    check(stand, come_to_rest(stand, in_doubt, hold), tier, in_doubt)
