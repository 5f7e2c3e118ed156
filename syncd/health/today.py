"""What `status` says of a day: how much came, and what is usual by now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from syncd.health.calendar import Calendar, Span
from syncd.store import glance
from syncd.store.glance import Read

DOCUMENTS = ("payment", "invoice", "order")
AHEAD = 7
"""Days in which days without data are announced."""


class Came(msgspec.Struct, frozen=True):
    """New versions of a kind, and how many a median day of this weekday has by now."""

    kind: str
    count: int
    usual: int


class Today(msgspec.Struct, frozen=True):
    """`by` is the full hour up to which is counted, `quiet` the days without data that are now or
    soon."""

    day: dt.date
    by: int
    came: Sequence[Came]
    quiet: Span | None


def today(read: Read, pair: str, calendar: Calendar, now: dt.datetime) -> Today | None:
    """None where nothing is to be said: nothing learned yet, and no days without data near."""
    known = glance.learned(read, pair) or {"zone": "UTC", "cadences": {}}
    local = now.astimezone(ZoneInfo(known["zone"]))
    quiet = calendar.next_quiet(local.date(), AHEAD)
    came: list[Came] = []
    if not calendar.quiet(local.date()):
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        full = local.replace(minute=0, second=0, microsecond=0)
        counts = glance.came(read, pair, midnight, full)
        for kind in DOCUMENTS:
            cadence, count = known["cadences"].get(kind), counts.get(kind, 0)
            usual = cadence["usual"][local.weekday()][local.hour] if cadence else 0
            if usual or (cadence and count):
                came.append(Came(kind, count, usual))
    return Today(local.date(), local.hour, came, quiet) if came or quiet else None
