"""The course of one cycle: what its phases share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from syncd.domain import Kind
from syncd.store import intents
from syncd.sync.emptied import Presence
from syncd.sync.order import Order
from syncd.sync.pair import Pair, Side
from syncd.sync.session import Session
from syncd.sync.systems import Systems

TELL_EVERY = 1.0
"""Seconds between two commits for nothing but the progress of a run."""


class Course(msgspec.Struct):
    """`up` tells which systems answered so far, by the name of their connection; `told`, by the
    clock since boot, when others were told last what the run does."""

    session: Session
    order: Order
    systems: Systems
    presence: Presence
    began: dt.datetime
    told: float
    up: dict[str, bool] = msgspec.field(default_factory=dict)

    @property
    def pair(self) -> Pair:
        return self.session.pair

    @property
    def streams(self) -> dict[Kind, int]:
        return self.session.streams

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.pair.books, self.pair.crm

    def attempt(self, side: Side, work: Callable[[], None]) -> bool:
        """Does this as long as the system answers; False once it does not."""
        if self.up[side.name]:
            self.up[side.name] = self.systems.guarded(side, work)
        return self.up[side.name]

    def in_doubt(self, side: Side) -> int:
        """Requests to this system whose outcome is unknown."""
        with self.pair.store.reading() as tx:
            found = intents.unsettled(tx, self.pair.name)
        return sum(self.pair.writer(one.target) is side for one in found)

    def progress(self, what: str) -> None:
        """What others who wait for the pair are told: at once, unless that was just done."""
        self.session.doing = what
        now = self.pair.clock.boot()
        if now - self.told >= TELL_EVERY:
            self.told = now
            with self.session.commit():
                pass


@dataclass
class Phase:
    """A half of a cycle, on its course."""

    course: Course

    @property
    def pair(self) -> Pair:
        return self.course.pair

    @property
    def session(self) -> Session:
        return self.course.session

    @property
    def order(self) -> Order:
        return self.course.order
