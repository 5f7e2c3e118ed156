"""Days on which nothing is expected of the books: weekends, public holidays, and days of their own.

Pure but for the tables of the library `holidays`, which is imported when a country is named.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = dt.timedelta(days=1)
UTC = ZoneInfo("UTC")


class Span(msgspec.Struct, frozen=True):
    """Days, the first and the last included."""

    first: dt.date
    last: dt.date

    def __str__(self) -> str:
        first, last = _short(self.first), _short(self.last)
        same_month = (self.first.year, self.first.month) == (self.last.year, self.last.month)
        if self.first == self.last:
            return last
        return f"{self.first.day}-{last}" if same_month else f"{first} - {last}"


@dataclass(frozen=True)
class Calendar:
    """`zone` is that of the books, None: what their mapping says. `country` is a code of ISO 3166
    with or without a subdivision, as DE or DE-BY; `weekend` are numbers of weekdays, Monday 0."""

    zone: ZoneInfo | None = None
    country: str | None = None
    spans: tuple[Span, ...] = ()
    weekend: frozenset[int] = field(default=frozenset())

    def quiet(self, day: dt.date) -> bool:
        return (
            day.weekday() in self.weekend
            or any(span.first <= day <= span.last for span in self.spans)
            or day in self._holidays
        )

    def next_quiet(self, day: dt.date, within: int) -> Span | None:
        """The days without data that begin on this day or the next ones; bare weekends are no
        news."""
        for ahead in range(within):
            first = last = day + ahead * DAY
            if not self._holiday(first):
                continue
            while self.quiet(last + DAY):
                last += DAY
            return Span(first, last)
        return None

    def _holiday(self, day: dt.date) -> bool:
        return self.quiet(day) and day.weekday() not in self.weekend

    @cached_property
    def _holidays(self) -> Container[dt.date]:
        return holidays_of(self.country) if self.country else ()


def holidays_of(country: str) -> Container[dt.date]:
    """ValueError where there is no such country, or no such part of it."""
    import holidays  # a quarter of a second, and seldom needed

    code, _, part = country.partition("-")
    try:
        return holidays.country_holidays(code, subdiv=part or None)
    except NotImplementedError:  # its way to say that there is no such one
        raise ValueError(country) from None


def countries() -> list[str]:
    import holidays

    return sorted(holidays.list_supported_countries())


def _short(day: dt.date) -> str:
    return f"{day.day} {day:%B}"
