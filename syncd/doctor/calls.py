"""How much a connection is asked, by the hours of the last day, against what its system allows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from statistics import median_low

import msgspec

from syncd.assembly import Assembly
from syncd.doctor.findings import Finding, Notes
from syncd.port import Identity
from syncd.settings import ConnectionSettings
from syncd.store import calls
from syncd.sync.meter import reserve
from syncd.sync.pair import Side

FEW = 3
"""Fewer whole hours than this tell nothing of what is usual: the first reads everything."""


class Allowed(msgspec.Struct, frozen=True):
    """Calls in an hour; calls or credits in 24 hours, and those of them that runs leave alone; what
    the system says is left. None: not known."""

    counts: str
    hourly: int | None
    daily: int | None
    kept: int | None
    left: int | None


def allowed(one: ConnectionSettings, side: Side, identity: Identity | None) -> Allowed:
    facts = side.connector.facts
    daily = one.budget or (identity.allowance if identity else None)
    kept = reserve(daily, one.reserve) or None
    return Allowed(facts.counts, facts.hourly, daily, kept, side.transport.left)


def of_calls(
    assembly: Assembly, note: Notes, one: ConnectionSettings, limits: Allowed
) -> Iterator[Finding]:
    """Nothing where nothing was asked. The running hour counts for the most, not for the usual."""
    if not assembly.settings.state.exists():
        return
    now = assembly.clock.utc()
    store = assembly.store()
    try:
        with store.reading() as tx:
            hours = calls.by_hour(tx, one.name, now - calls.DAY)
            day = calls.last_day(tx, one.name, now)
    finally:
        store.close()
    if hours:
        whole = [each for hour, each in hours if hour + dt.timedelta(hours=1) <= now]
        usual = None
        if len(whole) >= FEW:
            usual = tuple(median_low(each) for each in zip(*map(_both, whole), strict=True))
        most = tuple(max(each) for each in zip(*(_both(one) for _, one in hours), strict=True))
        yield judged(note, usual, most, _both(day), limits)


Both = tuple[int, ...]
"""Requests, and what they cost."""


def _both(one: calls.Calls) -> Both:
    return one.all, one.credits


def judged(note: Notes, usual: Both | None, most: Both, day: Both, limits: Allowed) -> Finding:
    """`usual` and `most` in an hour, `day` in 24 of them."""
    about = "too few hours to tell"
    if usual:
        about = f"about {_said(usual, limits, ' requests')} an hour"
    busy, whole = _said(most, limits), _said(day, limits)
    says = f"{about}, {busy} in the busiest, {whole} in 24 h; {_allowed(limits)}"
    less = "let its pairs run less often: a larger `every`"
    hour, spent = usual[0] if usual else None, day[1]
    if _over(hour, limits.hourly) or _over(spent, limits.daily):
        return note.wrong("calls", says, less)
    if _over(most[0], limits.hourly) or _over(hour, limits.hourly, 2):
        return note.look("calls", says, less)
    if _over(spent, limits.daily, 2):
        return note.look("calls", says, less)
    return note.ok("calls", says)


def _over(number: int | None, limit: int | None, times: int = 1) -> bool:
    return number is not None and limit is not None and number * times > limit


def _said(both: Both, limits: Allowed, what: str = "") -> str:
    asked, cost = both
    return f"{asked:,}{what}" + (f" ({cost:,} credits)" if limits.counts == "credits" else "")


def _allowed(limits: Allowed) -> str:
    found = [f"{limits.hourly:,} an hour"] if limits.hourly is not None else []
    if limits.daily is not None:
        kept = f", {limits.kept:,} of them kept" if limits.kept else ""
        unit = " credits" if limits.counts == "credits" else ""
        found.append(f"{limits.daily:,}{unit} in 24 h{kept}")
    left = f"; it says {limits.left:,} are left" if limits.left is not None else ""
    return (f"allowed: {', '.join(found)}" if found else "no limit is known") + left
