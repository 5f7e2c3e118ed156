"""What has had its time, and what is kept whatever its age.

The newest version of every record and the one last delivered stay for ever, and so does all that an
open intent or a plan not yet applied names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from syncd.domain import TRIGGERS, Kind
from syncd.store import intents
from syncd.store.mirror import MISSING
from syncd.store.tables import (
    agreed,
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
    stream,
    tally,
    typed,
)

SCANNED = 2_000
"""Records looked at in one go."""
MOST = 5_000
"""Rows found in one go."""

Key = tuple[object, ...]


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


class Rule(msgspec.Struct, frozen=True):
    """What goes: rows of a table, found a batch of primary keys at a time."""

    name: str
    table: sa.Table
    found: Callable[[sa.Connection], Iterator[Key] | Sequence[Key]]
    blanks: str | None = None
    """The column that is emptied, where the row itself stays."""


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
        Rule("agreed values", agreed, _gone_agreed(now)),
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


class _Versions(msgspec.Struct):
    """Old versions, record by record: goes on where it was asked last."""

    table: sa.Table
    before: dt.datetime
    now: dt.datetime
    after: int = 0

    def __call__(self, tx: sa.Connection) -> Iterator[Key]:
        last = tx.scalar(sa.select(sa.func.max(record.c.id))) or 0
        kept = _named_by_intents(tx)
        deals = list(tx.scalars(sa.select(stream.c.id).where(stream.c.kind.in_(TRIGGERS))))
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
    return lambda tx: [tuple(row) for row in tx.execute(query.limit(MOST))]


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
    return lambda tx: [tuple(row) for row in tx.execute(query.limit(MOST))]


def _plans(before: dt.datetime) -> Callable[[sa.Connection], Sequence[Key]]:
    query = sa.select(plan.c.id).where(_old_plans(before))
    return lambda tx: [tuple(row) for row in tx.execute(query)]


def _gone_people(now: dt.datetime) -> Callable[[sa.Connection], Sequence[Key]]:
    """What was read of people that the books no longer have."""
    query = (
        sa.select(person.c.record)
        .join(record, record.c.id == person.c.record)
        .where(person.c.keep_until < now, person.c.raw.is_not(None), record.c.state.in_(MISSING))
    )
    return lambda tx: [tuple(row) for row in tx.execute(query)]


def _gone_agreed(now: dt.datetime) -> Callable[[sa.Connection], Sequence[Key]]:
    """Of customers that the books no longer have."""
    there = (
        sa.select(record.c.id)
        .join(stream, stream.c.id == record.c.stream)
        .where(
            stream.c.pair == agreed.c.pair,
            stream.c.kind == Kind.CUSTOMER,
            record.c.key == agreed.c.customer,
            record.c.state.not_in(MISSING),
        )
    )
    query = sa.select(agreed.c.pair, agreed.c.customer).where(
        agreed.c.keep_until < now, ~there.exists()
    )
    return lambda tx: [tuple(row) for row in tx.execute(query)]


def _days(before: dt.datetime) -> Callable[[sa.Connection], Sequence[Key]]:
    columns = list(typed.primary_key.columns)
    query = sa.select(*columns).where(typed.c.day < before.date().isoformat())
    return lambda tx: [tuple(row) for row in tx.execute(query)]
