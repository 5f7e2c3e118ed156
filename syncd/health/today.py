"""What `status` says of a day: how much came, and what is usual by now."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from syncd.health.calendar import Calendar, Span
from syncd.health.freshness import Learned
from syncd.store import looks, runs, streams

DOCUMENTS = ("payment", "invoice", "order")
AHEAD = 7
"""Days in which days without data are announced."""


@dataclass(frozen=True, slots=True)
class Came:
    """New versions of a kind, and how many a median day of this weekday has by now."""

    kind: str
    count: int
    usual: int


@dataclass(frozen=True, slots=True)
class Today:
    """`by` is the full hour up to which is counted, `quiet` the days without data that are now or
    soon."""

    day: dt.date
    by: int
    came: Sequence[Came]
    quiet: Span | None


def today(tx: sa.Connection, pair: str, calendar: Calendar, now: dt.datetime) -> Today | None:
    """None where nothing is to be said: nothing learned yet, and no days without data near."""
    _, _, stored = looks.load(tx, pair)
    known = msgspec.json.decode(stored, type=Learned) if stored else Learned("UTC")
    local = now.astimezone(ZoneInfo(known.zone))
    quiet = calendar.next_quiet(local.date(), AHEAD)
    came: list[Came] = []
    if not calendar.quiet(local.date()):
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        full = local.replace(minute=0, second=0, microsecond=0)
        counts = _counts(tx, pair, midnight, full)
        for kind in DOCUMENTS:
            cadence = known.cadences.get(kind)
            usual = cadence.usual[local.weekday()][local.hour] if cadence else 0
            if usual or (cadence and counts[kind]):
                came.append(Came(kind, counts[kind], usual))
    return Today(local.date(), local.hour, came, quiet) if came or quiet else None


def _counts(tx: sa.Connection, pair: str, since: dt.datetime, until: dt.datetime) -> Counter[str]:
    found: Counter[str] = Counter()
    first = runs.first_since(tx, pair, since)
    if first is None:
        return found
    names = {one: kind.value for kind, one in streams.stream_ids(tx, pair).items()}
    for _, began, stream, count in runs.news(tx, pair, first - 1):
        if began < until:
            found[names[stream]] += count
    return found
