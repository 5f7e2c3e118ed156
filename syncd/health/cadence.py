"""What is usual: at which hours of which weekdays something new comes, learned from what was read.

Pure, and exact: everything is a whole number. An hour in which something new was read counts once,
however much it was, so that a bank file of 800 payments teaches no more than one payment, and a
first load nothing at all. Surprise is measured in thousandths of a nat: for arrivals by chance it
is a thousand times the number that was to be expected.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low
from zoneinfo import ZoneInfo

from syncd.health.calendar import DAY, Calendar

WEEKS = 8
"""So far back is learned."""
LEAST = dt.timedelta(days=14)
"""Before so much is known, nothing is usual."""
LEAST_DAYS, LEAST_HOURS = 10, 10
"""Days that were read, and hours with something new, without which nothing is usual either."""
FLOOR = 3000
FACTOR = 2
"""Silence is implausible above so many times what the second longest silence came to: the longest
may have been an accident of its own."""
MANY = 6
"""A whole day without is noticed where each of the days before had some, and usually so many."""

HOUR = dt.timedelta(hours=1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

Week = tuple[tuple[int, ...], ...]
"""Seven days, Monday first, of 24 hours, or of 25 where it is the time before each hour."""
Cell = tuple[dt.date, int]
"""An hour of a day, in the books' zone."""


@dataclass(frozen=True)
class Cadence:
    """`surprise` is that of one hour without anything new; `usual` is how much has come before each
    hour of a median day. `always` are the weekdays of which every one had some, `of_days` in all,
    and `over` the hour at which their median day is over."""

    surprise: Week
    enough: int
    usual: Week
    always: tuple[int, ...] = ()
    of_days: int = 0
    over: int = 24


def hour_of(moment: dt.datetime) -> int:
    """Whole hours since 1970."""
    return (moment - EPOCH) // HOUR


def cell_of(hour: int, zone: ZoneInfo) -> Cell:
    local = (EPOCH + hour * HOUR).astimezone(zone)
    return local.date(), local.hour


def learn(
    news: Mapping[int, int],
    read: Collection[int],
    zone: ZoneInfo,
    calendar: Calendar,
    today: dt.date,
) -> Cadence | None:
    """`news` is how much was new, by hour; `read` are the hours in which anything was read. None
    where too little is known. The first day read is left out: it was the first load, or a part; so
    is a silence that goes on, from which nobody should learn that it is usual."""
    days = sorted({cell_of(hour, zone)[0] for hour in read})
    days = [day for day in days[1:] if today - WEEKS * 7 * DAY <= day < today]
    if not days or today - days[0] < LEAST - DAY:
        return None
    days = [day for day in days if not calendar.quiet(day)]
    counts: dict[Cell, int] = defaultdict(int)
    for hour, count in news.items():
        counts[cell_of(hour, zone)] += count
    known = set(days)
    active = sorted(cell for cell, count in counts.items() if count and cell[0] in known)
    days = [day for day in days if active and day <= active[-1][0]]
    if len(days) < LEAST_DAYS or len(active) < LEAST_HOURS:
        return None
    surprise = _surprise(days, active)
    weeks = max(2, len({day.isocalendar()[:2] for day in days}))
    usual = _usual(days, counts)
    always, of_days = _always(days, {day for day, _ in active})
    over = max((_over(usual[weekday]) for weekday in always), default=24)
    enough = _enough(surprise, days, active, weeks)
    return Cadence(surprise, enough, usual, always, of_days, over)


def silence(
    surprise: Week, since: Cell, until: Cell, calendar: Calendar, known: Collection[dt.date] = ()
) -> int:
    """How surprising it is that nothing came strictly between two hours. With `known` only these
    days count."""
    total, day = 0, since[0]
    while day <= until[0]:
        if (not known or day in known) and not calendar.quiet(day):
            first = since[1] + 1 if day == since[0] else 0
            last = until[1] if day == until[0] else 24
            total += sum(surprise[day.weekday()][first:last])
        day += DAY
    return total


def implausible(cadence: Cadence, since: Cell, until: Cell, calendar: Calendar) -> bool:
    """Whether it is no accident that nothing came between two hours: it surprises too much, or a
    whole day passed without any, as none did before."""
    if silence(cadence.surprise, since, until, calendar) >= cadence.enough:
        return True
    last = until[0] if until[1] >= cadence.over else until[0] - DAY
    passed = (since[0] + ahead * DAY for ahead in range(1, (last - since[0]).days + 1))
    return cadence.of_days >= LEAST_DAYS and any(
        day.weekday() in cadence.always
        and cadence.usual[day.weekday()][24] >= MANY
        and not calendar.quiet(day)
        for day in passed
    )


def expected(cadence: Cadence, since: Cell, until: Cell, calendar: Calendar) -> int:
    """How much usually comes between two hours."""
    total, day = 0, since[0]
    while day <= until[0]:
        if not calendar.quiet(day):
            row = cadence.usual[day.weekday()]
            first = row[since[1]] if day == since[0] else 0
            total += (row[until[1]] if day == until[0] else row[24]) - first
        day += DAY
    return total


def _surprise(days: Sequence[dt.date], active: Sequence[Cell]) -> Week:
    """-ln of the share of days without anything in this hour, by the rule of succession."""
    of = [sum(day.weekday() == weekday for day in days) for weekday in range(7)]
    hits = [[0] * 24 for _ in range(7)]
    for day, hour in active:
        hits[day.weekday()][hour] += 1
    return tuple(
        tuple(_nats(of[weekday] + 1, of[weekday] - some + 1) for some in hits[weekday])
        for weekday in range(7)
    )


def _nats(of: int, without: int) -> int:
    return round(1000 * math.log(of / without))


def _enough(surprise: Week, days: Sequence[dt.date], active: Sequence[Cell], weeks: int) -> int:
    """Above which a silence is implausible: the less is known, the later."""
    known, nothing = set(days), Calendar()
    gaps = sorted(silence(surprise, one, other, nothing, known) for one, other in pairwise(active))
    # Within what was learned, each silence made itself a little less surprising.
    second = gaps[-2] * weeks // (weeks - 1) if len(gaps) > 1 else 0
    young = 2 * WEEKS - 2 - min(weeks, WEEKS)
    return max(FLOOR, FACTOR * second) * young // (WEEKS - 2)


def _usual(days: Iterable[dt.date], counts: Mapping[Cell, int]) -> Week:
    rows: list[list[list[int]]] = [[[] for _ in range(25)] for _ in range(7)]
    for day in days:
        so_far = 0
        for hour in range(25):
            rows[day.weekday()][hour].append(so_far)
            so_far += counts.get((day, hour), 0)
    return tuple(
        tuple(median_low(some) if some else 0 for some in rows[weekday]) for weekday in range(7)
    )


def _always(days: Sequence[dt.date], with_some: Collection[dt.date]) -> tuple[tuple[int, ...], int]:
    found = tuple(
        weekday
        for weekday in range(7)
        if any(day.weekday() == weekday for day in days)
        and all(day in with_some for day in days if day.weekday() == weekday)
    )
    return found, sum(day.weekday() in found for day in days)


def _over(row: Sequence[int]) -> int:
    """The hour before which all of the day has come."""
    return next(hour for hour in range(25) if row[hour] == row[24])
