"""Quiet hours: when a system wants to be left alone, as for its nightly backup."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

QUIET = "quiet hours"
"""Stands in every sentence that says so."""

_WRITTEN = re.compile(r"(\d{1,2}:\d{2})-(\d{1,2}:\d{2}) (\S+)")


class Quiet(msgspec.Struct, frozen=True):
    """Every night from `begins` until `ends` on the clocks of `zone`; over midnight where `ends` is
    the earlier one."""

    begins: dt.time
    ends: dt.time
    zone: ZoneInfo

    def until(self, now: dt.datetime) -> dt.datetime | None:
        """When it ends, in UTC, if it is quiet now."""
        today = now.astimezone(self.zone).date()
        for day in (today - dt.timedelta(days=1), today):
            last = day + dt.timedelta(days=self.ends <= self.begins)
            begins, ends = self._moment(day, self.begins), self._moment(last, self.ends)
            if begins <= now < ends:
                return ends
        return None

    def _moment(self, day: dt.date, time: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, time, self.zone).astimezone(dt.UTC)

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M} {self.zone.key}"

    @property
    def sentence(self) -> str:
        return f"is left alone: {QUIET} {self}"


def parse(text: str) -> Quiet:
    """`22:00-02:00 Europe/Moscow`. Raises ValueError that says what was expected."""
    found = _WRITTEN.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text}: expected hours and a zone, as 22:00-02:00 Europe/Moscow")
    try:
        begins, ends = (dt.time.fromisoformat(one.zfill(5)) for one in found.groups()[:2])
    except ValueError:
        raise ValueError(f"{text}: there is no such time of day") from None
    try:
        zone = ZoneInfo(found[3])
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(
            f"{text}: unknown zone {found[3]}, expected one as Europe/Moscow"
        ) from None
    if begins == ends:
        raise ValueError(f"{text}: that is the whole day; to leave a system alone: syncd pause")
    return Quiet(begins, ends, zone)
