"""What an operator sees of a pair's health, and does about it."""

from __future__ import annotations

import datetime as dt
import re

from syncd.store import looks, problems
from syncd.store.engine import open_store
from tests.cli.desk import Desk


def stand_still(desk: Desk) -> None:
    """From now on the books' answers come out of a cache."""
    now = desk.clock.utc() + dt.timedelta(seconds=1)
    desk.world.books.habits.clock_stands = now.isoformat()


def test_a_run_that_finds_its_pair_unwell_exits_with_1_and_closes_it_when_it_is_well(
    live: Desk,
) -> None:
    stand_still(live)
    assert live.later().code == 0
    said = live.later()
    assert said.code == 1 and "1 open problem, 1 new" in said.out
    shown = live.syncd("status")
    assert shown.code == 1 and "[sysadmin]  books tells the same time in every answer" in shown.out
    assert live.later().code == 0, "it is known"
    live.world.books.habits.clock_stands = None
    assert live.later().out.endswith("ok, nothing waits\n")
    assert "no problems" in live.syncd("status").out


def test_it_is_shown_and_waived_like_any_problem(live: Desk) -> None:
    stand_still(live)
    for _ in range(2):
        live.later()
    told = live.syncd("problems", "show", "1").out
    assert "Closes itself when its clock goes on." in told
    assert "closes itself as it says; a waiver holds until it was over once" in told
    assert live.syncd("problems", "waive", "1", "--reason", "a proxy of ours").code == 0
    assert live.later().code == 0 and "no problems" in live.syncd("status").out


def test_status_says_how_much_of_a_budget_is_used(live: Desk) -> None:
    live.configure(crm={"budget": 1000})
    live.later()
    lines = live.syncd("status").out.splitlines()
    [line] = [one for one in lines if one.startswith("calls")]
    assert re.fullmatch(r"calls     crm: \d\d of 1,000 in 24 hours \(\d\.\d %\)", line)
    later = 25 * 60
    live.clock.advance(later * 60)
    assert "crm: 0 of 1,000 in 24 hours (0.0 %)" in live.syncd("status").out


def test_status_says_that_no_run_comes(live: Desk) -> None:
    assert "no run since" not in live.later().out + live.syncd("status").out
    live.clock.advance(600)
    asked = live.syncd("status").out
    assert "no run since Wed 18 Nov 12:05: is the service, or its timer, at work?" in asked
    live.syncd("pause", "main", "--until", "2h", "--reason", "stocktaking")
    assert "no run since" not in live.syncd("status").out


def test_status_announces_days_without_data(live: Desk) -> None:
    live.pair["calendar"] = {"days": ["2026-11-20/2026-11-22"]}
    live.configure()
    assert "quiet?    calendar: no data expected soon, 20-22 November" in live.syncd("status").out
    live.clock.advance(2 * 24 * 3600)
    assert "quiet?    calendar: no data expected now, 20-22 November" in live.syncd("status").out


def test_status_says_what_is_usual_once_it_is_known(live: Desk) -> None:
    """Two weeks of two payments a day, at noon."""
    for _ in range(15):
        live.clock.advance(24 * 3600)
        for customer in ("1", "2"):
            live.world.books.pay(customer, "1.00")
        assert live.syncd("run").code == 0
    live.clock.advance(24 * 3600 + 3600)
    live.syncd("run")
    assert "quiet?    0 payments (usually 2) on a Friday by 13:00" in live.syncd("status").out
    found = live.syncd("status", "--json").json()["today"]
    assert found["by"] == 13 and found["came"][0]["usual"] == 2
    assert live.clock.utc().date() == dt.date(2026, 12, 4)


def test_a_look_leaves_nothing_personal_behind(live: Desk) -> None:
    stand_still(live)
    for _ in range(2):
        live.later()
    store = open_store(live.state)
    with store.reading() as tx:
        memory, _, learned = looks.load(tx, "main")
        [one] = problems.listed(tx, "main")
    store.close()
    left = f"{memory!r}{learned!r}{one.text}"
    assert "Пример" not in left and "Sample" not in left and "\\xd0" not in left
