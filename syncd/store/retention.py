"""Retention: what goes after its time, in small batches, so that nobody waits for it.

The newest version of every record and the one last delivered stay for ever, and so does all that an
open intent or a plan not yet applied names. Nothing here needs the pair to be free: each batch is a
transaction of its own, and between two of them others have their turn.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa

from syncd.clock import Clock
from syncd.domain import Kind
from syncd.store import intents
from syncd.store.disk import told
from syncd.store.engine import Store
from syncd.store.locks import alone
from syncd.store.mirror import VANISHED
from syncd.store.tables import (
    change,
    intent,
    intent_item,
    page,
    part,
    person,
    person_change,
    plan,
    plan_row,
    problem,
    record,
    request,
    run,
    state,
    stream,
    tally,
    typed,
)

BATCH = 500
"""Rows a transaction."""
SCANNED = 2_000
"""Records looked at in one go."""
PAGES = 256
"""Free pages given back in one go: 1 MB."""
REST = 0.02
"""Seconds between two batches, at least; and as long as the last one took."""
EVERY = dt.timedelta(hours=23)
MOST_FREE = 0.1
"""Of the file, that stays free for what comes."""

Key = tuple[object, ...]
Tell = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Keep:
    """Days. Versions count from when the next one came, personal ones from when they were seen."""

    changes: float = 400
    personal: float = 90
    runs: float = 400
    pages: float = 60
    """What each run read and wrote, kind by kind."""
    requests: float = 400
    problems: float = 400
    """Those that are closed."""
    plans: float = 90
    """Those that were applied, or replaced by a newer one."""
    typed: float = 400
    """What people typed, in mode shadow."""


LEAST = {"runs": 60, "pages": 60}
"""Days: health learns what is usual from eight weeks of them."""


@dataclass(slots=True)
class Purged:
    """Rows by what they are; `finished` False where its time was up before the end."""

    rows: dict[str, int] = field(default_factory=dict)
    pages: int = 0
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """What goes: rows of a table, found a batch of primary keys at a time."""

    name: str
    table: sa.Table
    found: Callable[[sa.Connection], Iterator[Key] | Sequence[Key]]
    blanks: str | None = None
    """The column that is emptied, where the row itself stays."""


def due(store: Store, now: dt.datetime) -> bool:
    """Once a day; whoever asks first does it."""
    with store.reading() as tx:
        last = tx.scalar(sa.select(state.c.purged))
    if last is not None and last + EVERY > now:
        return False
    with store.transaction() as tx:
        mine = sa.or_(state.c.purged.is_(None), state.c.purged == last)
        return tx.execute(sa.update(state).where(mine).values(purged=now)).rowcount == 1


def daily(store: Store, keep: Keep, clock: Clock, seconds: float = 60) -> Purged | None:
    """What the daemon, and each run, calls: it does something once a day, and not for longer than
    this at a time; the next call goes on."""
    if not due(store, clock.utc()):
        return None
    done = purge(store, keep, clock, seconds=seconds)
    if not done.finished:
        with store.transaction() as tx:
            tx.execute(sa.update(state).values(purged=None))
    return done


def count(store: Store, keep: Keep, now: dt.datetime) -> dict[str, int]:
    """How many rows would go, by what they are."""
    found = {}
    for rule in rules(keep, now):
        with store.reading() as tx:
            found[rule.name] = sum(1 for _ in rule.found(tx))
    return found


def purge(
    store: Store,
    keep: Keep,
    clock: Clock,
    *,
    seconds: float | None = None,
    tell: Tell = lambda _what, _rows: None,
) -> Purged:
    """Others are never kept waiting for longer than a batch takes. NoRoomError on a full disk: what
    went is gone, the rest goes the next time."""
    until = None if seconds is None else clock.boot() + seconds
    work = _Work(store, clock, until)
    done = Purged()
    for rule in rules(keep, clock.utc()):
        done.rows[rule.name] = 0
        for keys in work.batches(rule):
            done.rows[rule.name] += len(keys)
            tell(rule.name, done.rows[rule.name])
        if work.over:
            done.finished = False
            return done
    done.pages = work.give_back()
    done.finished = not work.over
    return done


def shrink(store: Store) -> None:
    """Writes the whole file anew, without what is unused in it; from then on room is given back by
    itself. BusyError while anybody owns a pair."""
    with alone(store.path), told(store.path):
        raw = sqlite3.connect(store.path, timeout=30, isolation_level=None)
        with contextlib.closing(raw):
            raw.execute("PRAGMA auto_vacuum=INCREMENTAL")
            raw.execute("VACUUM")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@dataclass
class _Work:
    store: Store
    clock: Clock
    until: float | None
    over: bool = False

    def batches(self, rule: Rule) -> Iterator[Sequence[Key]]:
        """Each is gone when it is yielded."""
        while True:
            with self.store.reading() as tx:
                keys = _some(rule.found(tx), BATCH * 10)
            for start in range(0, len(keys), BATCH):
                some = keys[start : start + BATCH]
                self._take_turn(lambda some=some: self._drop(rule, some))  # type: ignore[misc]
                yield some
                if self.over:
                    return
            if len(keys) < BATCH * 10:
                return

    def _drop(self, rule: Rule, keys: Sequence[Key]) -> None:
        columns = list(rule.table.primary_key.columns)
        mine = sa.and_(*(one == sa.bindparam(f"k{i}") for i, one in enumerate(columns)))
        rows = [{f"k{i}": value for i, value in enumerate(key)} for key in keys]
        with self.store.transaction() as tx:
            if rule.blanks:
                tx.execute(sa.update(rule.table).where(mine).values({rule.blanks: None}), rows)
            else:
                tx.execute(sa.delete(rule.table).where(mine), rows)

    def give_back(self) -> int:
        """Free pages at the end of the file, where the file was made for it. How many."""
        given = 0
        with self.store.reading() as tx:
            pages, free = (_pragma(tx, name) for name in ("page_count", "freelist_count"))
            able = _pragma(tx, "auto_vacuum") == 2
        while able and free - given > pages * MOST_FREE and not self.over:
            self._take_turn(self._shrink)
            given += PAGES
        return given

    def _shrink(self) -> None:
        """It works page by page, and of its ways to run a statement this driver goes on to the end
        in this one alone."""
        with told(self.store.path):
            raw = sqlite3.connect(self.store.path, timeout=30, isolation_level=None)
            with contextlib.closing(raw):
                raw.executescript(f"PRAGMA incremental_vacuum({PAGES})")

    def _take_turn(self, work: Callable[[], None]) -> None:
        began = self.clock.boot()
        work()
        self.clock.sleep(max(REST, self.clock.boot() - began))
        self.over = self.until is not None and self.clock.boot() >= self.until


def _some(found: Iterator[Key] | Sequence[Key], most: int) -> list[Key]:
    keys = []
    for key in found:
        keys.append(key)
        if len(keys) == most:
            break
    return keys


def _pragma(tx: sa.Connection, name: str) -> int:
    return int(tx.exec_driver_sql(f"PRAGMA {name}").scalar() or 0)


# -- the rules -----------------------------------------------------------------------------------


def rules(keep: Keep, now: dt.datetime) -> list[Rule]:
    def before(days: float) -> dt.datetime:
        return now - dt.timedelta(days=days)

    detail = min(keep.pages, keep.runs)
    return [
        Rule("versions", change, _Versions(change, before(keep.changes), now)),
        Rule(
            "personal versions", person_change, _Versions(person_change, before(keep.personal), now)
        ),
        Rule("personal records", person, _gone_people(now), blanks="raw"),
        Rule("pages", page, _of_runs(page, before(detail))),
        Rule("tallies", tally, _of_runs(tally, before(detail))),
        Rule("answers to requests", intent_item, _items(before(keep.runs))),
        Rule("writes", intent, _rows(intent, _old_intents(before(keep.runs)))),
        Rule("runs", run, _rows(run, run.c.began < before(keep.runs))),
        Rule("requests", request, _rows(request, request.c.done < before(keep.requests))),
        Rule("problems", problem, _rows(problem, _old_problems(before(keep.problems)))),
        Rule("rows of plans", plan_row, _plan_rows(before(keep.plans))),
        Rule("plans", plan, _plans(before(keep.plans))),
        Rule("typed values", typed, _days(before(keep.typed))),
    ]


@dataclass
class _Versions:
    """Old versions, record by record: goes on where it was asked last."""

    table: sa.Table
    before: dt.datetime
    now: dt.datetime
    after: int = 0

    def __call__(self, tx: sa.Connection) -> Iterator[Key]:
        last = tx.scalar(sa.select(sa.func.max(record.c.id))) or 0
        kept = _named_by_intents(tx)
        deals = list(tx.scalars(sa.select(stream.c.id).where(stream.c.kind == Kind.DEAL)))
        while self.after < last:
            upto = self.after + SCANNED
            rows = tx.execute(self._query(self.after, upto, deals)).all()
            yield from (key for row in rows if (key := (row.record, row.ver)) not in kept)
            self.after = upto

    def _query(self, after: int, upto: int, deals: Sequence[int]) -> sa.Select[Any]:
        one, later = self.table, self.table.alias("later")
        if one is person_change:
            over: sa.ColumnElement[bool] = one.c.at < self.before
        else:
            followed = sa.select(sa.func.min(later.c.at)).where(
                later.c.record == one.c.record, later.c.ver > one.c.ver
            )
            over = followed.scalar_subquery() < self.before
        delivered = sa.select(sa.literal(1)).where(
            part.c.record == one.c.record, part.c.sent_ver == one.c.ver
        )
        planned = (
            sa.select(sa.literal(1))
            .join(plan_row, plan_row.c.part == part.c.id)
            .join(plan, plan.c.id == plan_row.c.plan)
            .where(
                part.c.record == one.c.record,
                plan_row.c.ver == one.c.ver,
                plan.c.applied.is_(None),
            )
        )
        # A deal's first version tells when it was first seen to be won.
        first_of_deal = sa.and_(one.c.ver == 1, record.c.stream.in_(deals))
        return (
            sa.select(one.c.record, one.c.ver)
            .join(record, record.c.id == one.c.record)
            .where(
                one.c.record > after,
                one.c.record <= upto,
                one.c.ver < record.c.ver,
                over,
                sa.not_(delivered.exists()),
                sa.not_(planned.exists()),
                sa.not_(first_of_deal),
            )
        )


def _named_by_intents(tx: sa.Connection) -> set[tuple[int, int]]:
    """(record, version) of what is under way, or asked about."""
    states = (intents.OPEN, intents.DOUBT_STATE, intents.ASKED)
    named: set[tuple[int, int]] = {
        (one, ver)
        for parts in tx.scalars(sa.select(intent.c.parts).where(intent.c.state.in_(states)))
        for one, ver in msgspec.json.decode(parts)
    }
    query = sa.select(part.c.id, part.c.record).where(part.c.id.in_({one for one, _ in named}))
    records = {row.id: row.record for row in tx.execute(query)}
    return {(records[one], ver) for one, ver in named if one in records}


def _rows(table: sa.Table, old: sa.ColumnElement[bool]) -> Callable[[sa.Connection], Sequence[Key]]:
    """The newest row stays, so that its number is never given again."""
    newest = sa.select(sa.func.max(table.c.id)).scalar_subquery()
    query = sa.select(table.c.id).where(old, table.c.id < newest)
    return lambda tx: [tuple(row) for row in tx.execute(query)]


def _old_intents(before: dt.datetime) -> sa.ColumnElement[bool]:
    known = (intents.OPEN, intents.DOUBT_STATE, intents.ASKED)
    return sa.and_(intent.c.opened < before, intent.c.state.not_in(known))


def _old_problems(before: dt.datetime) -> sa.ColumnElement[bool]:
    used = sa.union(
        sa.select(record.c.problem).where(record.c.problem.is_not(None)),
        sa.select(part.c.problem).where(part.c.problem.is_not(None)),
    )
    return sa.and_(problem.c.closed < before, problem.c.id.not_in(used))


def _of_runs(table: sa.Table, before: dt.datetime) -> Callable[[sa.Connection], Sequence[Key]]:
    last = sa.select(sa.func.max(run.c.id)).where(run.c.began < before).scalar_subquery()
    newest = sa.select(sa.func.max(run.c.id)).scalar_subquery()
    columns = list(table.primary_key.columns)
    query = sa.select(*columns).where(table.c.run <= last, table.c.run < newest)
    return lambda tx: [tuple(row) for row in tx.execute(query.limit(BATCH * 10))]


def _items(before: dt.datetime) -> Callable[[sa.Connection], Sequence[Key]]:
    query = (
        sa.select(intent_item.c.intent, intent_item.c.part)
        .join(intent, intent.c.id == intent_item.c.intent)
        .where(_old_intents(before))
    )
    return lambda tx: [tuple(row) for row in tx.execute(query)]


def _old_plans(before: dt.datetime) -> sa.ColumnElement[bool]:
    newer = plan.alias("newer")
    replaced = sa.select(sa.literal(1)).where(
        newer.c.pair == plan.c.pair,
        newer.c.because.is_not_distinct_from(plan.c.because),
        newer.c.made > plan.c.made,
    )
    return sa.and_(plan.c.made < before, sa.or_(plan.c.applied.is_not(None), replaced.exists()))


def _plan_rows(before: dt.datetime) -> Callable[[sa.Connection], Sequence[Key]]:
    query = (
        sa.select(plan_row.c.plan, plan_row.c.part)
        .join(plan, plan.c.id == plan_row.c.plan)
        .where(_old_plans(before))
    )
    return lambda tx: [tuple(row) for row in tx.execute(query.limit(BATCH * 10))]


def _plans(before: dt.datetime) -> Callable[[sa.Connection], Sequence[Key]]:
    query = sa.select(plan.c.id).where(_old_plans(before))
    return lambda tx: [tuple(row) for row in tx.execute(query)]


def _gone_people(now: dt.datetime) -> Callable[[sa.Connection], Sequence[Key]]:
    """What was read of people that the books no longer have."""
    query = (
        sa.select(person.c.record)
        .join(record, record.c.id == person.c.record)
        .where(person.c.keep_until < now, person.c.raw.is_not(None), record.c.state == VANISHED)
    )
    return lambda tx: [tuple(row) for row in tx.execute(query)]


def _days(before: dt.datetime) -> Callable[[sa.Connection], Sequence[Key]]:
    columns = list(typed.primary_key.columns)
    query = sa.select(*columns).where(typed.c.day < before.date().isoformat())
    return lambda tx: [tuple(row) for row in tx.execute(query)]
