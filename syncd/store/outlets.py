"""Where messages leave, and what was told there.

An attempt is written down before it is made, with the moment of the next one: whoever dies between
sending and noting it sends once more, after that moment. What was told is written down after it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from syncd.store.tables import outlet, problem, told

NEW, OLD, SOLVED = "new", "old", "solved"
"""Stages of a problem that are told."""


class Outlet(msgspec.Struct, frozen=True):
    """`tries` are attempts since the last success. `mark` is what it is done with: the local day of
    the daily mail, the run of the ping; `wrote` is when something last left."""

    name: str
    tries: int = 0
    next_try: dt.datetime | None = None
    mark: str | None = None
    wrote: dt.datetime | None = None


class Told(msgspec.Struct, frozen=True):
    """`since` is when the problem began, over all the times it came back."""

    problem: int
    stage: str
    since: dt.datetime


class Row(msgspec.Struct, frozen=True):
    """A problem as it is told; `came` is how often its cause came up in the last day."""

    id: int
    pair: str
    cause: str
    owner: str
    text: str
    opened: dt.datetime
    closed: dt.datetime | None
    waived: bool
    came: int


def read(tx: sa.Connection, name: str) -> Outlet:
    row = tx.execute(sa.select(outlet).where(outlet.c.name == name)).one_or_none()
    return Outlet(*row) if row else Outlet(name)


def begin(
    tx: sa.Connection, seen: Outlet, now: dt.datetime, next_try: dt.datetime, most: dt.timedelta
) -> bool:
    """Writes an attempt down. False: another process was first, or it is not yet time."""
    found = read(tx, seen.name)
    if found != seen or waits(found, now, most):
        return False
    _save(tx, seen.name, tries=seen.tries + 1, next_try=next_try)
    return True


def waits(one: Outlet, now: dt.datetime, most: dt.timedelta) -> bool:
    """Whether the next attempt is later. One that is further off than `most` was written by a clock
    that went wrong."""
    return one.next_try is not None and now < one.next_try <= now + most


def succeed(
    tx: sa.Connection, name: str, at: dt.datetime, mark: str | None, facts: Iterable[Told]
) -> None:
    _save(tx, name, tries=0, next_try=None, wrote=at, **({"mark": mark} if mark else {}))
    note(tx, name, facts)


def done(tx: sa.Connection, name: str, mark: str) -> None:
    """There was nothing to say."""
    _save(tx, name, mark=mark)


def note(tx: sa.Connection, name: str, facts: Iterable[Told]) -> None:
    for one in facts:
        where = (told.c.outlet == name, told.c.problem == one.problem, told.c.stage == one.stage)
        if not tx.scalar(sa.select(sa.literal(1)).where(*where)):
            values = {"problem": one.problem, "stage": one.stage, "since": one.since}
            tx.execute(sa.insert(told).values(outlet=name, **values))


def facts(tx: sa.Connection, name: str) -> dict[tuple[int, str], Told]:
    """What was told at an outlet, of problems whose end was not told yet."""
    ended = sa.select(told.c.problem).where(told.c.outlet == name, told.c.stage == SOLVED)
    query = sa.select(told.c.problem, told.c.stage, told.c.since).where(
        told.c.outlet == name, told.c.problem.not_in(ended)
    )
    return {(row.problem, row.stage): Told(*row) for row in tx.execute(query)}


def problems(
    tx: sa.Connection, pairs: Iterable[str], closed: Iterable[int], day_ago: dt.datetime
) -> list[Row]:
    """The open problems of these pairs, and these closed ones; oldest first."""
    again = problem.alias()
    came = (
        sa.select(sa.func.count())
        .where(again.c.pair == problem.c.pair, again.c.cause == problem.c.cause)
        .where(again.c.opened >= day_ago)
        .scalar_subquery()
    )
    columns = [problem.c[name] for name in Row.__struct_fields__[:7]]
    query = (
        sa.select(*columns, problem.c.waived_by.is_not(None), came)
        .where(problem.c.pair.in_(list(pairs)))
        .where(sa.or_(problem.c.closed.is_(None), problem.c.id.in_(list(closed))))
        .order_by(problem.c.opened, problem.c.id)
    )
    return [Row(*tuple(row)) for row in tx.execute(query)]


def _save(tx: sa.Connection, name: str, **values: object) -> None:
    if not tx.execute(sa.update(outlet).where(outlet.c.name == name).values(**values)).rowcount:
        tx.execute(sa.insert(outlet).values(**{"name": name, "tries": 0} | values))
