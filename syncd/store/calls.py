"""Requests to each system, by the hour: for budgets, and for counters that outlive a process."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from syncd.store.tables import call

DAY = dt.timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Calls:
    """`writes` are those that can change something."""

    reads: int = 0
    writes: int = 0

    @property
    def all(self) -> int:
        return self.reads + self.writes


def note(tx: sa.Connection, connection: str, at: dt.datetime, reads: int, writes: int) -> None:
    hour = at.replace(minute=0, second=0, microsecond=0)
    more = {"of": connection, "at": hour, "more_reads": reads, "more_writes": writes}
    if not tx.execute(_MORE, more).rowcount:
        values = {"connection": connection, "hour": hour, "reads": reads, "writes": writes}
        tx.execute(sa.insert(call).values(**values))


_MORE = (
    sa.update(call)
    .where(call.c.connection == sa.bindparam("of"), call.c.hour == sa.bindparam("at"))
    .values(
        reads=call.c.reads + sa.bindparam("more_reads"),
        writes=call.c.writes + sa.bindparam("more_writes"),
    )
)


def since(tx: sa.Connection, connection: str, moment: dt.datetime | None = None) -> Calls:
    """All there ever were, or those of the hours that began after a moment."""
    sums = [sa.func.coalesce(sa.func.sum(call.c[name]), 0) for name in ("reads", "writes")]
    query = sa.select(*sums).where(call.c.connection == connection)
    if moment is not None:
        query = query.where(call.c.hour > moment)
    return Calls(*tx.execute(query).one())


def last_day(tx: sa.Connection, connection: str, now: dt.datetime) -> Calls:
    """Of the last 24 hours, the running one included."""
    return since(tx, connection, now - DAY)


def by_hour(
    tx: sa.Connection, connection: str, moment: dt.datetime
) -> list[tuple[dt.datetime, Calls]]:
    """Hours that began after a moment and had any, oldest first."""
    query = (
        sa.select(call.c.hour, call.c.reads, call.c.writes)
        .where(call.c.connection == connection, call.c.hour > moment)
        .order_by(call.c.hour)
    )
    return [(hour, Calls(reads, writes)) for hour, reads, writes in tx.execute(query)]
