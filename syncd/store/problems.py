"""Problems: one per cause that somebody must look at; each closes itself when nothing has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from syncd.domain import Kind
from syncd.store import bulk, direct, glance
from syncd.store.rows import HEALTH as HEALTH
from syncd.store.rows import WHOLE_SYSTEM as WHOLE_SYSTEM
from syncd.store.rows import Problem as Problem
from syncd.store.tables import part, problem, record, stream

ACCOUNTING, SALES, SYSADMIN = "accounting", "sales", "sysadmin"
FIRST = 3
"""How many of the records that wait a message names."""


def raise_problem(
    tx: sa.Connection,
    *,
    pair: str,
    cause: str,
    owner: str,
    text: str,
    run: int,
    at: dt.datetime,
) -> int:
    """The open problem of this cause, opened now if there is none."""
    query = sa.select(problem.c.id).where(
        problem.c.pair == pair, problem.c.cause == cause, problem.c.closed.is_(None)
    )
    found = tx.scalar(query)
    if found is not None:
        tx.execute(sa.update(problem).where(problem.c.id == found).values(text=text))
        return int(found)
    values = {"pair": pair, "cause": cause, "owner": owner, "text": text, "opened": at, "run": run}
    result = tx.execute(sa.insert(problem).values(values))
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])


def reword(tx: sa.Connection, one: int, text: str) -> None:
    tx.execute(sa.update(problem).where(problem.c.id == one).values(text=text))


def close(tx: sa.Connection, pair: str, cause: str, at: dt.datetime) -> None:
    direct.change(tx, _CLOSE, of=pair, because=cause, at=at)


_OPEN = sa.and_(
    problem.c.pair == sa.bindparam("of"),
    problem.c.cause == sa.bindparam("because"),
    problem.c.closed.is_(None),
)
_CLOSE = (
    sa.update(problem).where(_OPEN).values(closed=sa.bindparam("at", type_=problem.c.closed.type))
)


def waive(tx: sa.Connection, one: int, by: str, why: str, at: dt.datetime) -> None:
    """A named person takes it upon themselves."""
    where = sa.and_(problem.c.id == one, problem.c.closed.is_(None))
    values = {"closed": at, "waived_by": by, "waived_why": why}
    tx.execute(sa.update(problem).where(where).values(**values))


def reopen(tx: sa.Connection, one: int) -> None:
    values = {"closed": None, "waived_by": None, "waived_why": None}
    tx.execute(sa.update(problem).where(problem.c.id == one).values(**values))


def find(tx: sa.Connection, pair: str, one: int) -> Problem | None:
    """By its number, open or closed."""
    query = sa.select(problem.c.closed).where(problem.c.id == one, problem.c.pair == pair)
    row = tx.execute(query).one_or_none()
    found = listed(tx, pair, closed=row.closed is not None) if row else []
    return next((each for each in found if each.id == one), None)


def pair(tx: sa.Connection, one: int) -> str | None:
    """Whose problem it is."""
    return tx.scalar(sa.select(problem.c.pair).where(problem.c.id == one))


def subjects(tx: sa.Connection, one: int, limit: int | None = None) -> list[tuple[str, str]]:
    """(kind, key) of the records that wait because of a problem."""
    of_part = sa.select(part.c.record).where(part.c.problem == one)
    query = (
        sa.select(stream.c.kind, record.c.key)
        .join(stream, stream.c.id == record.c.stream)
        .where(sa.or_(record.c.problem == one, record.c.id.in_(of_part)))
        .order_by(record.c.id)
        .limit(limit)
    )
    return [(kind, key) for kind, key in tx.execute(query)]


def waiting(tx: sa.Connection, one: int) -> tuple[int, list[str]]:
    """How many records wait because of a problem, or have a part that does; and the first few."""
    of_part = sa.select(part.c.record).where(part.c.problem == one)
    waits = sa.or_(record.c.problem == one, record.c.id.in_(of_part))
    count = tx.scalar(sa.select(sa.func.count()).select_from(record).where(waits)) or 0
    return count, [f"{kind}:{key}" for kind, key in subjects(tx, one, FIRST)]


def invoices(tx: sa.Connection, pair: str, ids: Sequence[int]) -> list[int]:
    """Records of the invoices that are not on a card because of these problems: they have one, or
    they wait for a customer that has."""
    of_part = sa.select(part.c.record).where(part.c.problem.in_(ids))
    concerned = sa.or_(record.c.problem.in_(ids), record.c.id.in_(of_part))
    mine = sa.select(stream.c.id).where(stream.c.pair == pair, stream.c.kind == Kind.INVOICE)
    customers = (
        sa.select(record.c.key)
        .join(stream, stream.c.id == record.c.stream)
        .where(stream.c.pair == pair, stream.c.kind == Kind.CUSTOMER, concerned)
    )
    owed = sa.select(part.c.record).where(part.c.state == "owed", part.c.stream.in_(mine))
    query = sa.select(record.c.id).where(
        record.c.stream.in_(mine),
        sa.or_(concerned, sa.and_(record.c.customer.in_(customers), record.c.id.in_(owed))),
    )
    return list(tx.scalars(query))


def waived(tx: sa.Connection, pair: str, cause: str, since: dt.datetime) -> bool:
    """Whether the last problem of this cause was waived, at or after this moment."""
    by, closed = direct.row(tx, _LAST, of=pair, because=cause) or (None, None)
    return bool(by and closed and closed >= since)


_LAST = (
    sa.select(problem.c.waived_by, problem.c.closed)
    .where(problem.c.pair == sa.bindparam("of"), problem.c.cause == sa.bindparam("because"))
    .order_by(problem.c.id.desc())
    .limit(1)
)


def any_open(tx: sa.Connection, pair: str) -> bool:
    return direct.value(tx, _ANY_OPEN, of=pair) is not None


_ANY_OPEN = (
    sa.select(problem.c.id)
    .where(problem.c.pair == sa.bindparam("of"), problem.c.closed.is_(None))
    .limit(1)
)


def opened(tx: sa.Connection, pair: str, word: str) -> list[str]:
    """Texts of the open problems whose cause begins with this word."""
    query = sa.select(problem.c.text).where(
        problem.c.pair == pair, problem.c.closed.is_(None), problem.c.cause.like(f"{word} %")
    )
    return list(tx.scalars(query))


def causes(tx: sa.Connection, pair: str, word: str) -> list[str]:
    """Causes of the open problems that begin with this word."""
    return direct.column(tx, _CAUSES, of=pair, like=f"{word} %")


_CAUSES = sa.select(problem.c.cause).where(
    problem.c.pair == sa.bindparam("of"),
    problem.c.closed.is_(None),
    problem.c.cause.like(sa.bindparam("like", type_=sa.String)),
)


def by_owner(tx: sa.Connection, pair: str) -> dict[str, int]:
    """How many are open."""
    query = sa.select(problem.c.owner, sa.func.count()).where(
        problem.c.pair == pair, problem.c.closed.is_(None)
    )
    return {owner: count for owner, count in tx.execute(query.group_by(problem.c.owner))}


def since(tx: sa.Connection, pair: str, cause: str) -> dt.datetime | None:
    """When the open problem of this cause was opened; None where there is none."""
    found: dt.datetime | None = direct.value(tx, _SINCE, of=pair, because=cause)
    return found


def open_id(tx: sa.Connection, pair: str, cause: str) -> int | None:
    """The number of the open problem of this cause."""
    return tx.scalar(sa.select(problem.c.id).where(_OPEN), {"of": pair, "because": cause})


_SINCE = sa.select(problem.c.opened).where(_OPEN)


def close_idle(
    tx: sa.Connection, pair: str, at: dt.datetime, only: Sequence[int] | None = None
) -> None:
    """Closes the problems of records and parts that no record and no part has any more, or `only`
    such ones of these. Those of a whole system are closed by its next good answer."""
    if only is None:
        direct.change(tx, _CLOSE_IDLE, of=pair, at=at)
    else:
        direct.change(tx, _CLOSE_IDLE_ONLY, of=pair, at=at, only=bulk.listed(only))


_CLOSE_IDLE = (
    sa.update(problem)
    .where(
        problem.c.pair == sa.bindparam("of"),
        problem.c.closed.is_(None),
        *(problem.c.cause.not_like(f"{word} %") for word in WHOLE_SYSTEM),
        problem.c.id.not_in(
            sa.union(
                sa.select(record.c.problem).where(record.c.problem.is_not(None)),
                sa.select(part.c.problem).where(part.c.problem.is_not(None)),
            )
        ),
    )
    .values(closed=sa.bindparam("at", type_=problem.c.closed.type))
)
_CLOSE_IDLE_ONLY = _CLOSE_IDLE.where(bulk.among(problem.c.id, "only"))


def listed(tx: sa.Connection, pair: str, *, closed: bool = False) -> list[Problem]:
    """Open problems, oldest first; with `closed` the closed ones, newest first."""
    return glance.problems(glance.through(tx), pair, closed=closed)
