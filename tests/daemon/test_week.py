"""A week in fast motion: outages, restarts, edits, a holiday, the end of summer time, and all that
can stand still without an error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from syncd.store import runs
from tests.daemon.week import EVERY, VIENNA, Company
from tests.engine.agreement import differences

Action = Callable[[Company], object]


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 10, day, hour, minute, tzinfo=VIENNA)


def learn(company: Company) -> None:
    """Three weeks of office hours, a cycle an hour, from which it learns what is usual."""
    company.open()
    while company.local < at(20, 23):
        company.clock.advance(3600)
        if company.working():
            for _ in range(3):
                company.trade()
            company.cycle()
    company.clock.advance((at(21, 0).astimezone(dt.UTC) - company.clock.now).total_seconds())


def hide(company: Company) -> None:
    """The read by time shows no invoices any more, whatever is there."""
    company.trade()
    company.cycle()
    company.world.books.habits.empty_since = ["invoices"]


def see(company: Company) -> None:
    company.world.books.habits.empty_since = []


def cache(company: Company) -> None:
    company.world.books.habits.clock_stands = company.clock.now.isoformat()


def no_cache(company: Company) -> None:
    company.world.books.habits.clock_stands = None


def freeze(*tables: str) -> Action:
    return lambda company: company.world.books.freeze(*tables)


def thaw(company: Company) -> None:
    company.world.books.copy = None


def trade(company: Company) -> None:
    company.trade()


def outage(side: str) -> Action:
    return lambda company: company.world.fault(f"* /{side}/*", "refuse", times=10**6)


def mended(company: Company) -> None:
    company.world.faults.planned.clear()


def restart(company: Company) -> None:
    company.restart()


def edit(company: Company) -> None:
    """The accountant takes an invoice back and posts it again; a customer moves."""
    books = company.world.books
    invoice = books.post_invoice(company.customers[0], "77.00")
    company.cycle()
    books.unpost("invoices", invoice)
    company.cycle()
    books.repost("invoices", invoice)
    books.edit_customer(company.customers[1], phone="+43 1 0000000")


def no_timer(company: Company) -> None:
    """Somebody switches the schedule off: only the daemon's own minute goes on."""
    for _ in range(15):
        company.clock.advance(60)
        company.look()


def jump(company: Company) -> None:
    company.clock.now += dt.timedelta(hours=5)
    company.look()
    company.clock.now -= dt.timedelta(hours=5)
    company.look()


PLAN: list[tuple[dt.datetime, Action]] = [
    (at(21, 9), restart),
    (at(21, 10), hide),
    (at(21, 10, 30), see),
    (at(21, 11), edit),
    (at(21, 13), outage("crm")),
    (at(21, 15), mended),
    (at(22, 9, 30), cache),
    (at(22, 10, 30), no_cache),
    (at(22, 11), freeze("invoices", "payments")),
    *((at(22, 11, minute), trade) for minute in range(5, 35, 5)),
    (at(22, 12), thaw),
    (at(22, 13), outage("books")),
    (at(22, 13, 30), mended),
    (at(22, 16, 55), freeze()),
    (at(23, 16, 30), thaw),
    (at(24, 12), restart),
    (at(27, 9), no_timer),
    (at(27, 11), jump),
    (at(27, 14), restart),
]

PLANTED = {
    "hidden books invoice": (at(21, 10), 2),
    "frozen books": (at(22, 9, 30), 2),
    "unexplained books documents": (at(22, 11, 25), 2),
    "silence books": (at(23, 8), 0),
    "schedule main": (at(27, 9), 3),
    "clock machine": (at(27, 11), 2),
}
"""Cause of an alarm -> from when on it can be seen, and within how many intervals it must be told;
a silence is none until so much is missing that it is no accident: that day, before people go; and
balances must move alone more often than the edit of the day before has taught."""

KNOWN = {"connection crm", "connection books"}
"""Problems that are no alarms: a system was away."""

PAGES = "SELECT count(*) FROM page WHERE read <> new + unchanged + filtered + unmappable"
TALLIES = """
    SELECT count(*) FROM tally WHERE due_at_start + became_due
        <> applied + found_equal + collapsed + owed + held + deferred + failed
"""


@pytest.mark.timeout(1500)
def test_a_week_of_cycles_ends_in_agreement_with_every_failure_noticed_and_no_false_alarm(
    places: Callable[[], Path],
) -> None:
    company = Company(places(), at(29, 0) - dt.timedelta(days=29))
    learn(company)
    assert not company.told, "three ordinary weeks"
    plan, memory, process = list(PLAN), list[int](), psutil.Process()

    def five_minutes() -> None:
        while plan and plan[0][0] <= company.local:
            plan.pop(0)[1](company)
        company.cycle()
        if company.local.hour == 23 and company.local.minute >= 55:
            memory.append(process.memory_info().rss)
            if company.world.books.copy is None:
                assert differences(company.world) == []

    before = company.cycles
    company.week(at(28, 0), five_minutes)
    assert company.cycles - before >= 2016
    assert not plan and differences(company.world) == []
    assert [one.cause for one in company.problems()] == []

    assert set(company.told) - KNOWN == set(PLANTED), "what was planted, and nothing else"
    for cause, (seen, intervals) in PLANTED.items():
        ends = seen + intervals * EVERY + dt.timedelta(minutes=1) if intervals else at(23, 17)
        assert seen <= company.told[cause].astimezone(VIENNA) <= ends, cause

    with company.desk.pair.store.reading() as tx:
        assert len(runs.recent(tx, "main", 5000)) == company.cycles
        open_sums = [tx.exec_driver_sql(query).scalar() for query in (PAGES, TALLIES)]
    assert open_sums == [0, 0], "every sum of every run closes"
    company.close()
    assert max(memory[2:]) - memory[1] < 0.1 * memory[1], f"memory stays as it was: {memory}"
