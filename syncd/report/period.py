"""From which day to which day a report goes. Days are those of the books; both ends are in it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import msgspec

from syncd.errors import UsageError

MONTHS = 12
"""So many months are shown where a report goes by month and no period is named."""


class Period(msgspec.Struct, frozen=True):
    since: dt.date
    until: dt.date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, dt.date) and self.since <= day <= self.until

    def __str__(self) -> str:
        """`Nov 2026`, `Dec 2025 to Nov 2026`, or `1 Oct 2026 to 15 Nov 2026`."""
        if self == month_of(self.since):
            return f"{self.since:%b %Y}"
        if self == Period(month_of(self.since).since, month_of(self.until).until):
            return f"{self.since:%b %Y} to {self.until:%b %Y}"
        return f"{self.since.day} {self.since:%b %Y} to {self.until.day} {self.until:%b %Y}"

    @property
    def months(self) -> Iterator[Period]:
        """The parts of it, month by month."""
        since = self.since
        while since <= self.until:
            month = month_of(since)
            yield Period(since, min(month.until, self.until))
            since = month.until + dt.timedelta(days=1)

    @property
    def before(self) -> Period:
        """The month before a month; else as many days just before it."""
        last = self.since - dt.timedelta(days=1)
        if self == month_of(self.since):
            return month_of(last)
        return Period(last - (self.until - self.since), last)


def month_of(day: dt.date) -> Period:
    first = day.replace(day=1)
    after = (first + dt.timedelta(days=31)).replace(day=1)
    return Period(first, after - dt.timedelta(days=1))


def last_months(today: dt.date, count: int = MONTHS) -> Period:
    """This month and those before it."""
    first = today.replace(day=1)
    for _ in range(count - 1):
        first = (first - dt.timedelta(days=1)).replace(day=1)
    return Period(first, month_of(today).until)


def typed(month: str | None, since: str | None, until: str | None, today: dt.date) -> Period | None:
    """What a person typed: a month, or days. None where nothing was. UsageError."""
    if month is None and since is None and until is None:
        return None
    if month is not None and (since or until):
        raise UsageError("--month names both ends: leave --since and --until out")
    if month is not None:
        if not re.fullmatch(r"\d{4}-\d{2}", month):
            raise UsageError(f"--month {month}: expected a month like {today:%Y-%m}")
        found = month_of(_day("--month", f"{month}-01", f"a month like {today:%Y-%m}", month))
    elif since is None:
        raise UsageError(f"--until {until} needs --since DAY")
    else:
        example = f"a day like {today.isoformat()}"
        first = _day("--since", since, example)
        last = _day("--until", until, example) if until else max(first, today)
        found = Period(first, last)
        if last < first:
            raise UsageError(f"--until {until} is before --since {since}")
    if found.since > today:
        raise UsageError(f"{found} has not begun: today is {today.isoformat()} in the books")
    return found


def _day(option: str, text: str, expected: str, shown: str = "") -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = dt.date.min
    # The last and first year leave no room for the months around them.
    if not 1900 <= day.year <= 9000 or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise UsageError(f"{option} {shown or text}: expected {expected}")
    return day
