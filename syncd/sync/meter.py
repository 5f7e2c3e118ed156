"""What is left of a connection's allowance, looked at before each request.

A system counts calls or credits over a day that moves on; what syncd spent of them is in the store,
by the hour. Runs stop at a reserve, which is for people and for other programs, and go on at the
next full hour, when the same hour of the day before no longer counts: a connection near its end is
asked once an hour.

Where a system allows so many requests an hour, a tenth of them is left alone in the same way. A
cycle reads what changed, writes it, and only then proves, so that what is left goes to changes.
"""

from __future__ import annotations

import datetime as dt

import msgspec
import sqlalchemy as sa

from syncd.clock import Clock
from syncd.errors import RateLimitedError
from syncd.port import Request
from syncd.store import calls
from syncd.sync.pair import Side

KEPT = 10
"""One part in so many is the reserve, where nobody said how much."""
HOUR = dt.timedelta(hours=1)


class Meter(msgspec.Struct):
    """Of one side in one run. `spent` is what 24 hours cost before it, `limit` what they may;
    `asked` counts the requests before it of the hour that began at `hour`."""

    side: Side
    clock: Clock
    spent: int
    limit: int | None
    hour: dt.datetime
    asked: int

    @classmethod
    def read(cls, tx: sa.Connection, side: Side, clock: Clock) -> Meter:
        way, hour = side.transport, _hour(clock)
        spent = calls.last_day(tx, side.name, clock.utc()).credits - way.credits
        asked = calls.since(tx, side.name, hour - dt.timedelta(seconds=1)).all - way.calls
        way.left = None  # of an earlier run
        return cls(side, clock, spent, side.budget, hour, asked)

    def before_send(self, request: Request) -> None:
        """RateLimitedError where it would go into the reserve."""
        self._of_the_hour()
        if not request.cost:
            return
        way, kept = self.side.transport, reserve(self.limit, self.side.reserve)
        known = [way.left] if way.left is not None else []
        if self.limit is not None:
            known.append(self.limit - self.spent - way.credits)
        if known and min(known) - request.cost < kept:
            of = f" of {self.limit:,}" if self.limit is not None else ""
            counts = self.side.connector.facts.counts
            raise RateLimitedError(
                f"{max(0, min(known)):,}{of} {counts} of 24 hours are left, and {kept:,} are kept "
                "for others; nothing is lost, and it goes on by itself at the next full hour",
                self._rest_of_the_hour(),
            )

    def _of_the_hour(self) -> None:
        if (most := self.side.connector.facts.hourly) is None:
            return
        if (hour := _hour(self.clock)) != self.hour:
            self.hour, self.asked = hour, -self.side.transport.calls
        left, kept = most - self.asked - self.side.transport.calls, reserve(most, None)
        if left <= kept:
            raise RateLimitedError(
                f"{max(0, left):,} of {most:,} calls of this hour are left, and {kept:,} are kept "
                "for others; nothing is lost, and it goes on by itself at the next full hour",
                self._rest_of_the_hour(),
            )

    def _rest_of_the_hour(self) -> float:
        return (_hour(self.clock) + HOUR - self.clock.utc()).total_seconds()


def _hour(clock: Clock) -> dt.datetime:
    return clock.utc().replace(minute=0, second=0, microsecond=0)


def reserve(limit: int | None, said: int | None) -> int:
    return said if said is not None else (limit or 0) // KEPT
