"""Ordinary days of ordinary companies, as a reader of their books sees them hour by hour."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from syncd.health.cadence import HOUR, hour_of, learn
from syncd.health.calendar import DAY, Calendar
from syncd.health.freshness import ALL, Facts, Learned, Memory, Stream, judge
from syncd.health.sentences import Alarm

OFFICE = (9, 10, 11, 11, 12, 14, 15, 15, 16, 17)
"""Hours at which people type, the busy ones twice."""


@dataclass
class Company:
    """`a_day` is how many payments an ordinary working day has, at least and at most."""

    seed: int
    a_day: tuple[int, int]
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Moscow"))
    calendar: Calendar = field(default_factory=Calendar)
    first: dt.date = dt.date(2026, 9, 7)
    closed: frozenset[dt.date] = frozenset()
    """Days on which nobody works."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def day(self, day: dt.date) -> list[dt.datetime]:
        if day.weekday() >= 5 or day in self.closed or self.calendar.quiet(day):
            return []
        count = self._random.randint(*self.a_day)
        times = [
            dt.time(self._random.choice(OFFICE), self._random.randrange(60)) for _ in range(count)
        ]
        local = (dt.datetime.combine(day, time, self.zone) for time in sorted(times))
        return [moment.astimezone(dt.UTC) for moment in local]


@dataclass
class Watch:
    """Looks at one company once an hour, and learns each night, as the real one does."""

    company: Company
    every: dt.timedelta = HOUR
    news: dict[int, int] = field(default_factory=dict)
    hours: list[int] = field(default_factory=list)
    newest: dt.datetime | None = None
    memory: Memory | None = None
    learned: Learned | None = None
    day: dt.date | None = None

    def days(
        self, count: int, silent_from: dt.datetime | None = None
    ) -> Iterator[tuple[dt.datetime, list[Alarm]]]:
        """Each look and what it found; goes on where the last call ended."""
        company = self.company
        for _ in range(count):
            self.day = company.first if self.day is None else self.day + DAY
            coming = company.day(self.day)
            midnight = dt.datetime.combine(self.day, dt.time(0), company.zone)
            now = midnight.astimezone(dt.UTC)
            end = dt.datetime.combine(self.day + DAY, dt.time(0), company.zone)
            while now < end.astimezone(dt.UTC):
                now += HOUR
                read = now - dt.timedelta(minutes=5)
                new = [one for one in coming if now - HOUR <= one - dt.timedelta(minutes=5) < now]
                if silent_from:
                    new = [one for one in new if one < silent_from]
                yield now, self._look(read, new, now)

    def _look(self, read: dt.datetime, new: list[dt.datetime], now: dt.datetime) -> list[Alarm]:
        hour = hour_of(read)
        self.hours.append(hour)
        if new:
            self.newest = read
            self.news[hour] = self.news.get(hour, 0) + len(new)
        today = now.astimezone(self.company.zone).date()
        if self.learned is None or today != self._learned_on:
            self.learned, self._learned_on = self._learn(today), today
        facts = Facts(
            "main",
            "books",
            "crm",
            self.every,
            [Stream("payment", "books", read, self.newest, read)],
            began=read,
            ended=read,
            cycle=read,
            cycle_ended=read,
            boot=now.timestamp(),
            boot_id="one",
        )
        alarms, self.memory = judge(facts, self.memory, self.learned, self.company.calendar, now)
        return alarms

    _learned_on: dt.date | None = None

    def _learn(self, today: dt.date) -> Learned:
        news: Mapping[int, int] = self.news
        company = self.company
        known = learn(news, self.hours, company.zone, company.calendar, today)
        kinds = {"payment": known, ALL: known} if known else {}
        return Learned(company.zone.key, kinds)
