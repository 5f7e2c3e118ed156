"""Rows of the store as the rest of syncd sees them; without SQLAlchemy, so that what only looks at
them need not import it."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import msgspec

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


def stored(value: dt.datetime | None) -> int | None:
    """Microseconds since 1970: whole numbers, for a division of durations takes twice the time."""
    if value is None:
        return None
    since = value - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@lru_cache(4096)  # the records of a page have many times in common
def moment(value: int | None) -> dt.datetime | None:
    return None if value is None else EPOCH + value * MICROSECOND


PLAN, SHADOW, PILOT, LIVE_MODE = "plan", "shadow", "pilot", "live"
"""Modes of a pair. Plan and shadow write nothing; pilot writes for its scope alone."""

HEALTH = ("silence", "unexplained", "hidden", "stale", "frozen", "clock", "schedule", "paused")
"""First words of causes that a look at a pair's health raises, and closes when they are over."""
WHOLE_SYSTEM = (
    *("connection", "implausible", "restored", "guard", "differs", "emptied", "alerts", "service"),
    *("state", "disk", "sellers", "conflict", "overwritten", "merged"),
    *HEALTH,
)
"""First words of causes that concern a system or all cards, not records: what raises them closes
them."""

NAMED = 5
"""How many of the records that wait because of a problem a screen names."""


class ConnectionState(msgspec.Struct, frozen=True):
    name: str
    system: str
    identity: str | None
    label: str | None
    paused_until: dt.datetime | None
    reason: str | None


class PairState(msgspec.Struct, frozen=True):
    """`since` is when it took its mode, `connected` when it first ran; `scope` is the encoded
    scope of a pilot. `restored` is when its state was found to be older than what was written
    since: nothing is made without a look until that is over. `restored_sign` is what told it, until
    a person says to go on; `looked_back` when all of both systems was compared with it."""

    name: str
    books: str
    crm: str
    mode: str
    since: dt.datetime
    connected: dt.datetime | None
    scope: bytes | None
    paused_until: dt.datetime | None
    reason: str | None
    restored: dt.datetime | None
    restored_sign: str | None
    looked_back: dt.datetime | None


class PageCount(msgspec.Struct, frozen=True):
    """read = new + unchanged + filtered + unmappable."""

    read: int = 0
    new: int = 0
    unchanged: int = 0
    filtered: int = 0
    unmappable: int = 0


class Tally(msgspec.Struct, frozen=True):
    """due at start + became due = applied + found equal + collapsed + owed + held + deferred +
    failed, in parts."""

    due_at_start: int = 0
    became_due: int = 0
    applied: int = 0
    found_equal: int = 0
    collapsed: int = 0
    owed: int = 0
    held: int = 0
    deferred: int = 0
    failed: int = 0

    @property
    def closes(self) -> bool:
        settled = self.applied + self.found_equal + self.collapsed
        waiting = self.owed + self.held + self.deferred + self.failed
        return self.due_at_start + self.became_due == settled + waiting

    @property
    def open(self) -> int:
        return self.owed + self.held + self.deferred + self.failed


class Run(msgspec.Struct, frozen=True):
    id: int
    pair: str
    epoch: int
    command: str
    mode: str
    began: dt.datetime
    ended: dt.datetime | None
    result: str | None
    note: str | None
    reads: int | None
    writes: int | None


class Problem(msgspec.Struct, frozen=True):
    """`text` is a sentence with keys and amounts, never names of people but of colleagues who sell;
    `records` and `parts` tell how much waits because of it, and `subjects` name the first few, as
    `invoice:42`."""

    id: int
    cause: str
    owner: str
    text: str
    opened: dt.datetime
    run: int
    closed: dt.datetime | None
    waived_by: str | None
    waived_why: str | None
    records: int
    parts: int
    subjects: tuple[str, ...] = ()
