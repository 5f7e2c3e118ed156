"""What is wrong although nothing errors: facts of a pair and a moment in, alarms out.

Pure: no store, no clock. `Memory` is what one look leaves for the next; everything else is a fact.
docs/health.md says what each alarm can see, and what it cannot.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

import msgspec

from syncd.health import cadence
from syncd.health.cadence import Cadence
from syncd.health.calendar import Calendar
from syncd.health.sentences import Alarm, Sentences
from syncd.health.timing import INTERVALS

AWAKE = dt.timedelta(minutes=3)
"""Looks this far apart follow each other; more, and this process slept or was not there."""
JUMP = dt.timedelta(minutes=2)
"""The clock may be put right by less."""
JUMP_TOLD = dt.timedelta(days=1)
"""So long a jump is told where no clock of the books confirms the new time."""
SKEW = dt.timedelta(minutes=15)
"""So far two clocks may differ."""
STALE = dt.timedelta(minutes=15)
LIMITED = dt.timedelta(hours=1)
"""A system may ask to be left alone so long."""
FORGOTTEN = dt.timedelta(days=1)
"""A pause of this age is forgotten, unless its end is near."""
NEAR = dt.timedelta(days=7)
LEDGER_ALONE, DOCUMENTS_ALONE = 3, 10
"""Reads in a row in which balances moved and no document did, and the other way round."""

ALL = "*"
"""Stands for all kinds of the books together."""
LEDGER = "balance"
DOCUMENTS = frozenset({"invoice", "payment", "credit_note", "adjustment"})
"""What moves a balance."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind that is read, and its cursor. `connection` is where."""

    kind: str
    connection: str
    complete_at: dt.datetime | None = None
    news_at: dt.datetime | None = None
    source_time: dt.datetime | None = None
    missed_since: dt.datetime | None = None


class Pause(msgspec.Struct, frozen=True):
    """`by_person`: not because the system asked to be left alone."""

    until: dt.datetime
    by_person: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """`began` and `ended` are those of the last run and `cycle` when the last whole one began;
    `at_work`: it is going on. `boot` are seconds since the machine `boot_id` started. `news` are
    the kinds that brought something new, of each run since the last look that had any."""

    pair: str
    books: str
    crm: str
    every: dt.timedelta
    streams: Sequence[Stream] = ()
    began: dt.datetime | None = None
    ended: dt.datetime | None = None
    at_work: bool = False
    cycle: dt.datetime | None = None
    cycle_ended: dt.datetime | None = None
    pauses: Mapping[str, Pause] = field(default_factory=dict)
    """Of the pair or a connection, by name; those that are over are not among them."""
    unavailable: frozenset[str] = frozenset()
    """Connections that have a problem of their own."""
    doubted: frozenset[str] = frozenset()
    """Kinds whose reads are not believed, which is a problem of its own."""
    news: Sequence[frozenset[str]] = ()
    boot: float = 0.0
    boot_id: str = ""


class Learned(msgspec.Struct, frozen=True):
    """What is usual: by kind, and for all of the books together. `ledger` and `documents` are the
    most reads in a row in which one of them moved alone."""

    zone: str
    cadences: Mapping[str, Cadence] = msgspec.field(default_factory=dict)
    ledger: int = 0
    documents: int = 0


class Tick(msgspec.Struct, frozen=True):
    """A time that a source told, and the first and the last read at which it did."""

    time: dt.datetime
    first: dt.datetime
    last: dt.datetime


class Jump(msgspec.Struct, frozen=True):
    """The clock was moved on by so many seconds, against the time since the machine started."""

    at: dt.datetime
    by: float


@dataclass(frozen=True)
class Memory:
    """Of the last look. `awake` is since when looks have followed each other; `paused` since when
    each pause was seen, `since` when each alarm began; `alone` counts ledger and documents."""

    at: dt.datetime
    boot: float
    boot_id: str
    awake: dt.datetime
    jump: Jump | None = None
    ticks: Mapping[str, Tick] = field(default_factory=dict)
    paused: Mapping[str, dt.datetime] = field(default_factory=dict)
    alone: tuple[int, int] = (0, 0)
    run: int = 0
    since: Mapping[str, dt.datetime] = field(default_factory=dict)


def judge(
    facts: Facts,
    before: Memory | None,
    learned: Learned | None,
    calendar: Calendar,
    now: dt.datetime,
) -> tuple[list[Alarm], Memory]:
    """Everything that is wrong now."""
    memory = remember(facts, before, now)
    zone = ZoneInfo(learned.zone) if learned else calendar.zone or ZoneInfo("UTC")
    look = _Look(facts, memory, learned, calendar, now, Sentences(facts.pair, facts.books, zone))
    alarms = list(look.alarms())
    since = {one.cause: memory.since.get(one.cause, one.since) for one in alarms}
    alarms = [msgspec.structs.replace(one, since=since[one.cause]) for one in alarms]
    return alarms, replace(memory, since=since)


def limit(every: dt.timedelta) -> dt.timedelta:
    """How old the last complete read may be."""
    return max(STALE, 3 * every)


# -- from look to look ---------------------------------------------------------------------------


def remember(facts: Facts, before: Memory | None, now: dt.datetime) -> Memory:
    """What the next look has to know; alarms apart."""
    if before is None:
        before = Memory(now, facts.boot, facts.boot_id, now)
    follows = dt.timedelta(0) <= now - before.at <= max(AWAKE, facts.every)
    return replace(
        before,
        at=now,
        boot=facts.boot,
        boot_id=facts.boot_id,
        awake=before.awake if follows else now,
        jump=_jump(facts, before, now),
        ticks={one.kind: tick for one in facts.streams if (tick := _tick(one, before))},
        paused={name: before.paused.get(name, now) for name in facts.pauses},
        alone=alone(facts.news, before.alone),
    )


def _jump(facts: Facts, before: Memory, now: dt.datetime) -> Jump | None:
    """Adds what the clock was moved since the last look; back to where it was is no jump."""
    passed = (now - before.at).total_seconds()
    if facts.boot_id == before.boot_id:
        moved = passed - (facts.boot - before.boot)
    else:
        moved = min(0.0, passed)  # what passed between two starts of the machine is not known
    old = before.jump
    if abs(moved) >= JUMP.total_seconds():
        by = moved + (old.by if old else 0.0)
        return Jump(now, by) if abs(by) >= JUMP.total_seconds() else None
    if old is None or now - old.at > JUMP_TOLD:
        return None
    return None if _confirmed(facts, old, now) else old


def _confirmed(facts: Facts, jump: Jump, now: dt.datetime) -> bool:
    """A source that was asked after the jump was told tells the same time."""
    return any(
        one.complete_at
        and one.source_time
        and jump.at < one.complete_at <= now
        and abs(one.complete_at - one.source_time) <= SKEW
        for one in facts.streams
    )


def _tick(one: Stream, before: Memory) -> Tick | None:
    if one.complete_at is None or one.source_time is None:
        return None
    old = before.ticks.get(one.kind)
    if old is None or one.source_time > old.time or one.complete_at < old.last:
        return Tick(one.source_time, one.complete_at, one.complete_at)
    return msgspec.structs.replace(old, last=one.complete_at)


def alone(news: Sequence[frozenset[str]], before: tuple[int, int] = (0, 0)) -> tuple[int, int]:
    """Reads in a row in which only balances moved, and in which only documents did. A document may
    come one read before or after its balance."""
    ledger, documents = before
    for kinds in news:
        moved, explained = LEDGER in kinds, bool(kinds & DOCUMENTS)
        if moved or explained:
            ledger = 0 if explained else ledger + 1
            documents = 0 if moved else documents + 1
    return ledger, documents


# -- alarms --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Look:
    facts: Facts
    memory: Memory
    learned: Learned | None
    calendar: Calendar
    now: dt.datetime
    say: Sentences

    def alarms(self) -> Iterator[Alarm]:
        yield from self._clocks()
        yield from self._forgotten()
        if self.facts.pair in self.facts.pauses:
            return
        yield from self._schedule()
        yield from self._stale()
        yield from self._hidden()
        if self.memory.jump is None:
            yield from self._silence()
            yield from self._unexplained()

    def _clocks(self) -> Iterator[Alarm]:
        if jump := self.memory.jump:
            yield self.say.jump(jump.at, jump.by)
        told: set[str] = set()
        for one in self.facts.streams:
            tick = self.memory.ticks.get(one.kind)
            if tick is None or one.connection in told:
                continue
            if tick.last - tick.first >= min(dt.timedelta(minutes=1), self.facts.every / 2):
                told.add(one.connection)
                yield self.say.frozen(one.connection, tick.time, tick.first)
            elif (ahead := self._ahead(one)) and self.memory.jump is None:
                told.add(one.connection)
                yield self.say.skew(one.connection, ahead, self.now)

    def _ahead(self, one: Stream) -> dt.timedelta | None:
        """By how much the clock of a source is ahead of ours; None where they agree."""
        assert one.source_time and one.complete_at
        if one.source_time - one.complete_at > SKEW:
            return one.source_time - one.complete_at
        began = self.facts.began
        if began and one.complete_at >= began and began - one.source_time > SKEW:
            return one.source_time - began
        return None

    def _forgotten(self) -> Iterator[Alarm]:
        for name, pause in self.facts.pauses.items():
            since = self.memory.paused[name]
            near = pause.until - self.now <= NEAR
            if pause.by_person and self.now - since >= FORGOTTEN and not near:
                yield self.say.forgotten(name, since)

    def _schedule(self) -> Iterator[Alarm]:
        """Time that this process slept through, or was not there, is no sign of anything."""
        facts = self.facts
        last = max(filter(None, (facts.began, facts.ended)), default=None)
        if last is None or facts.at_work:
            return
        reference = max(min(last, self.now), self.memory.awake)
        if self.now - reference >= INTERVALS * facts.every:
            yield self.say.schedule(last, facts.every)

    def _stale(self) -> Iterator[Alarm]:
        """Runs come and end, and yet something is not read completely."""
        facts = self.facts
        if facts.cycle is None or facts.cycle_ended is None:
            return
        old: dict[str, list[Stream]] = {}
        for one in facts.streams:
            if one.complete_at and one.complete_at < facts.cycle and self._is_old(one):
                old.setdefault(one.connection, []).append(one)
        for connection, some in old.items():
            oldest = min(one.complete_at for one in some if one.complete_at)
            yield self.say.stale(connection, [one.kind for one in some], oldest)

    def _is_old(self, one: Stream) -> bool:
        facts, pause = self.facts, self.facts.pauses.get(one.connection)
        if one.connection in facts.unavailable or (pause and pause.by_person):
            return False
        allowed = max(limit(facts.every), LIMITED) if pause else limit(facts.every)
        assert one.complete_at and facts.cycle_ended
        return facts.cycle_ended - one.complete_at >= allowed

    def _hidden(self) -> Iterator[Alarm]:
        """The second time in a row, so that nothing of the moment is told."""
        for one in self.facts.streams:
            since = one.missed_since
            if since and one.complete_at and one.complete_at - since >= self.facts.every / 2:
                yield self.say.hidden(one.connection, one.kind, since)

    # -- what is usual --------------------------------------------------------------------------

    def _silence(self) -> Iterator[Alarm]:
        """All of the books, else single kinds: one cause is one problem."""
        books = [one for one in self.facts.streams if one.connection == self.facts.books]
        news = [one.news_at for one in books if one.news_at]
        read = [one.complete_at for one in books if one.complete_at]
        if not self.learned:
            return
        everything = None
        if news and len(read) == len(books) and not self.facts.doubted:
            together = Stream(ALL, self.facts.books, min(read), max(news))
            everything = self._silent(together)
        if everything:
            yield everything
        for one in self.facts.streams:
            alarm = self._silent(one)
            if alarm and (everything is None or alarm.cause in self.memory.since):
                yield alarm

    def _silent(self, one: Stream) -> Alarm | None:
        cadence_of = self.learned.cadences.get(one.kind) if self.learned else None
        if cadence_of is None or one.news_at is None or one.complete_at is None:
            return None
        if one.connection in self.facts.unavailable or one.kind in self.facts.doubted:
            return None
        zone = self.say.zone
        since = cadence.cell_of(cadence.hour_of(one.news_at), zone)
        until = cadence.cell_of(cadence.hour_of(one.complete_at), zone)
        if not cadence.implausible(cadence_of, since, until, self.calendar):
            return None
        usual = cadence.expected(cadence_of, since, until, self.calendar)
        if one.kind == ALL:
            return self.say.all_silent(one.news_at, one.complete_at, usual)
        return self.say.silent(one.connection, one.kind, one.news_at, one.complete_at, usual)

    def _unexplained(self) -> Iterator[Alarm]:
        if not self.learned or all(one.kind != LEDGER for one in self.facts.streams):
            return  # books that tell no balances have nothing to move
        ledger, documents = self.memory.alone
        if ledger >= max(LEDGER_ALONE, 2 * self.learned.ledger + 1):
            yield self.say.ledger_alone(ledger, self._last_news(DOCUMENTS))
        if documents >= max(DOCUMENTS_ALONE, 2 * self.learned.documents + 1):
            yield self.say.documents_alone(documents, self._last_news({LEDGER}))

    def _last_news(self, kinds: frozenset[str] | set[str]) -> dt.datetime:
        found = [one.news_at for one in self.facts.streams if one.kind in kinds and one.news_at]
        return max(found, default=self.now)
