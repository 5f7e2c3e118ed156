"""Requests: what a person asked of a pair, who, why, and what became of it.

Another process may own the pair: the command line appends a request, the owner takes it, carries it
out and answers. What was done at once, because nobody owned the pair, is written down here too.
"""

from __future__ import annotations

import datetime as dt

import msgspec
import sqlalchemy as sa

from syncd.store import direct
from syncd.store.runs import OF_PAIR
from syncd.store.tables import request, run


class Asked(msgspec.Struct, frozen=True):
    """One request. `args` and `answer` are encoded; `taken` without `done`: it is being carried
    out, or its owner died and the next one carries it out again."""

    id: int
    pair: str
    verb: str
    args: bytes
    who: str
    why: str | None
    made: dt.datetime
    taken: dt.datetime | None
    run: int | None
    done: dt.datetime | None
    exit_code: int | None
    answer: bytes | None


class Going(msgspec.Struct, frozen=True):
    """The run that the owner is at, as far as it wrote that down."""

    run: int
    command: str
    progress: str | None


_ASKED = [request.c[name] for name in Asked.__struct_fields__]


def append(
    tx: sa.Connection,
    *,
    pair: str,
    verb: str,
    args: bytes,
    who: str,
    why: str | None,
    at: dt.datetime,
) -> int:
    values = {"pair": pair, "verb": verb, "args": args, "who": who, "why": why, "made": at}
    result = tx.execute(sa.insert(request).values(values))
    assert result.inserted_primary_key is not None
    return int(result.inserted_primary_key[0])


def one(tx: sa.Connection, wanted: int) -> Asked:
    return Asked(*tx.execute(sa.select(*_ASKED).where(request.c.id == wanted)).one())


def waiting(tx: sa.Connection, pair: str) -> list[Asked]:
    """Not done yet, in the order they were made."""
    return [Asked(*row) for row in direct.rows(tx, _WAITING, pair=pair)]


_WAITING = (
    sa.select(*_ASKED)
    .where(request.c.pair == sa.bindparam("pair"), request.c.done.is_(None))
    .order_by(request.c.id)
)


def take(tx: sa.Connection, wanted: int, run: int | None, at: dt.datetime) -> None:
    """Seen by an owner; `run` is what it is at."""
    where = request.c.id == wanted
    tx.execute(sa.update(request).where(where).values(taken=at, run=run))


def finish(
    tx: sa.Connection,
    wanted: int,
    run: int | None,
    exit_code: int,
    answer: bytes,
    at: dt.datetime,
) -> None:
    """`run` None: it needed none of its own."""
    values: dict[str, object] = {"done": at, "exit_code": exit_code, "answer": answer, "run": run}
    values["taken"] = sa.func.coalesce(
        request.c.taken, sa.bindparam("now", at, request.c.made.type)
    )
    tx.execute(sa.update(request).where(request.c.id == wanted).values(**values))


def recent(tx: sa.Connection, pair: str, limit: int) -> list[Asked]:
    """Newest first."""
    query = sa.select(*_ASKED).where(request.c.pair == pair).order_by(request.c.id.desc())
    return [Asked(*row) for row in tx.execute(query.limit(limit))]


def going(tx: sa.Connection, pair: str) -> Going | None:
    """The newest run, if it did not end."""
    *going, ended = direct.row(tx, _GOING, of=pair) or (None,)
    return Going(*going) if going and ended is None else None


_GOING = (
    sa.select(run.c.id, run.c.command, run.c.progress, run.c.ended)
    .where(OF_PAIR)
    .order_by(run.c.id.desc())
    .limit(1)
)
