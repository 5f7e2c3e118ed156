"""One look at the health of a pair: after each run, once a minute by the daemon, and whenever.

It asks the store alone. What is wrong becomes a problem, and one that is over is closed: mails,
screens and exit codes need nothing of their own.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from hashlib import blake2b

import msgspec
import sqlalchemy as sa

from syncd.clock import Clock
from syncd.domain import FROM_CRM, TRIGGERS, Kind
from syncd.health import facts as reader
from syncd.health.calendar import UTC, Calendar
from syncd.health.freshness import Learned, Memory, judge
from syncd.health.sentences import Alarm
from syncd.health.timing import EVERY
from syncd.image import encode
from syncd.mapping.words import IN_BOOKS
from syncd.store import looks, problems, streams
from syncd.store.engine import Store
from syncd.sync.pair import Pair, WonMode

_memory = msgspec.json.Decoder(Memory).decode
_learned = msgspec.json.Decoder(Learned).decode


class Watched(msgspec.Struct, frozen=True):
    """A pair as its health is looked at. `every` are seconds; `kinds` those that its mappings
    read."""

    name: str
    kinds: tuple[Kind, ...]
    every: float = EVERY
    calendar: Calendar = msgspec.field(default_factory=Calendar)

    @property
    def interval(self) -> dt.timedelta:
        return dt.timedelta(seconds=self.every)

    @property
    def of_books(self) -> list[Kind]:
        return [kind for kind in self.kinds if kind not in FROM_CRM]


class Looked(msgspec.Struct, frozen=True):
    """Causes of the problems that a look opened and closed."""

    opened: Sequence[str] = ()
    closed: Sequence[str] = ()


def watched(pair: Pair, calendar: Calendar, every: float = EVERY) -> Watched:
    kinds = [kind for kind in IN_BOOKS if pair.inbound(kind)]
    if pair.won.mode is not WonMode.OFF:
        kinds += [kind for kind in TRIGGERS if pair.inbound(kind)]
    zone = calendar.zone or pair.reading.zone or UTC
    return Watched(pair.name, tuple(kinds), every, dataclasses.replace(calendar, zone=zone))


def look(store: Store, clock: Clock, watched: Watched) -> Looked:
    """Nothing to say of a pair that has never run."""
    with store.reading() as tx:
        state = streams.pair_state(tx, watched.name)
        if state is None:
            return Looked()
        stored, learned_on, learned = looks.load(tx, watched.name)
        today = _today(watched, clock.utc())
        if learned is None or learned_on != today:
            now = clock.utc()
            learned = encode(reader.learned(tx, watched.name, watched.calendar, now))
            learned_on = today
        before = _memory(stored) if stored else None
        after = before.run if before else None
        facts, run = reader.collect(tx, state, watched.kinds, watched.interval, after, clock)
    known = _learned(learned)
    alarms, memory = judge(facts, before, known, watched.calendar, clock.utc())
    memory = dataclasses.replace(memory, run=run)
    with store.transaction() as tx:
        looks.save(tx, watched.name, encode(memory), learned_on, learned)
        return _tell(tx, watched.name, alarms, run, clock.utc())


def _today(watched: Watched, now: dt.datetime) -> str:
    """Names what was learned: it is learned anew each day, and under another calendar."""
    calendar = watched.calendar
    said = [calendar.country, sorted(calendar.weekend), [str(span) for span in calendar.spans]]
    mark = blake2b(encode(said), digest_size=4).hexdigest()
    zone = calendar.zone or UTC
    return f"{now.astimezone(zone).date()} {zone.key} {mark}"


def _tell(
    tx: sa.Connection, pair: str, alarms: Sequence[Alarm], run: int, now: dt.datetime
) -> Looked:
    """The text is that of the moment it was noticed. What a person waived stays so until it was
    over once."""
    known = {cause for word in problems.HEALTH for cause in problems.causes(tx, pair, word)}
    wanted = {one.cause: one for one in alarms}
    opened = []
    for cause, one in wanted.items():
        if cause in known or problems.waived(tx, pair, cause, one.since):
            continue
        problems.raise_problem(
            tx, pair=pair, cause=cause, owner=one.owner, text=one.text, run=run, at=now
        )
        opened.append(cause)
    closed = sorted(known - set(wanted))
    for cause in closed:
        problems.close(tx, pair, cause, now)
    return Looked(opened, closed)
