"""How much a connection is asked, by the hours of the last day, against what its system allows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from statistics import median_low

from syncd.assembly import Assembly
from syncd.doctor.findings import Finding, Notes
from syncd.settings import ConnectionSettings
from syncd.store import calls

FEW = 3
"""Fewer whole hours than this tell nothing of what is usual: the first reads everything."""


def of_calls(
    assembly: Assembly, note: Notes, one: ConnectionSettings, hourly: int | None
) -> Iterator[Finding]:
    """Nothing where nothing was asked. The running hour counts for the most, not for the usual."""
    if not assembly.settings.state.exists():
        return
    now = assembly.clock.utc()
    store = assembly.store()
    try:
        with store.reading() as tx:
            hours = calls.by_hour(tx, one.name, now - calls.DAY)
            day = calls.last_day(tx, one.name, now).all
    finally:
        store.close()
    if hours:
        whole = [each.all for hour, each in hours if hour + dt.timedelta(hours=1) <= now]
        usual = median_low(whole) if len(whole) >= FEW else None
        most = max(each.all for _, each in hours)
        yield judged(note, usual, most, day, hourly, one.budget)


def judged(
    note: Notes, usual: int | None, most: int, day: int, hourly: int | None, budget: int | None
) -> Finding:
    """`usual` and `most` requests an hour against `hourly`, `day` of 24 hours against `budget`."""
    about = f"about {usual:,} requests an hour" if usual is not None else "too few hours to tell"
    says = f"{about}, {most:,} in the busiest, {day:,} in 24 h; {_allowed(hourly, budget)}"
    less = "let its pairs run less often: a larger `every`"
    if _over(usual, hourly) or _over(day, budget):
        return note.wrong("calls", says, less)
    if _over(most, hourly) or _over(usual, hourly, 2) or _over(day, budget, 2):
        return note.look("calls", says, less)
    return note.ok("calls", says)


def _over(number: int | None, limit: int | None, times: int = 1) -> bool:
    return number is not None and limit is not None and number * times > limit


def _allowed(hourly: int | None, budget: int | None) -> str:
    limits = [f"{hourly:,} an hour"] if hourly is not None else []
    limits += [f"{budget:,} in 24 h"] if budget is not None else []
    return f"allowed: {', '.join(limits)}" if limits else "no limit is known"
