"""Requests to each system, by the hour: for budgets, and for counters that outlive a process."""

from __future__ import annotations

import datetime as dt

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from syncd.store import direct
from syncd.store.tables import call

DAY = dt.timedelta(hours=24)
COUNTS = ("reads", "writes", "credits")


class Calls(msgspec.Struct, frozen=True):
    """`writes` are those that can change something; `credits` are what the system counts for all of
    them, which is one each unless its connector says otherwise."""

    reads: int = 0
    writes: int = 0
    credits: int = 0

    @property
    def all(self) -> int:
        return self.reads + self.writes


def note(
    tx: sa.Connection, connection: str, at: dt.datetime, reads: int, writes: int, credits: int
) -> None:
    hour = at.replace(minute=0, second=0, microsecond=0)
    counts = {"reads": reads, "writes": writes, "credits": credits}
    direct.change(tx, _MORE, connection=connection, hour=hour, **counts)


_NOTE = sqlite.insert(call)
_MORE = _NOTE.on_conflict_do_update(
    index_elements=["connection", "hour"],
    set_={name: call.c[name] + _NOTE.excluded[name] for name in COUNTS},
)


def since(tx: sa.Connection, connection: str, moment: dt.datetime | None = None) -> Calls:
    """All there ever were, or those of the hours that began after a moment."""
    if moment is None:
        [row] = direct.rows(tx, _EVER, of=connection)
    else:
        [row] = direct.rows(tx, _SINCE, of=connection, moment=moment)
    return Calls(*row)


_EVER = sa.select(*(sa.func.coalesce(sa.func.sum(call.c[name]), 0) for name in COUNTS)).where(
    call.c.connection == sa.bindparam("of")
)
_SINCE = _EVER.where(call.c.hour > sa.bindparam("moment"))


def last_day(tx: sa.Connection, connection: str, now: dt.datetime) -> Calls:
    """Of the last 24 hours, the running one included."""
    return since(tx, connection, now - DAY)


def by_hour(
    tx: sa.Connection, connection: str, moment: dt.datetime
) -> list[tuple[dt.datetime, Calls]]:
    """Hours that began after a moment and had any, oldest first."""
    query = (
        sa.select(call.c.hour, *(call.c[name] for name in COUNTS))
        .where(call.c.connection == connection, call.c.hour > moment)
        .order_by(call.c.hour)
    )
    return [(hour, Calls(*counts)) for hour, *counts in tx.execute(query)]
