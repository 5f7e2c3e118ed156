"""Habits of the two systems that a run noticed by the way: how often, since when."""

from __future__ import annotations

import datetime as dt

import msgspec
import sqlalchemy as sa

from syncd.store.tables import noticed

RESTAMPED = "restamped"
"""A record came again with a newer time and nothing new in it."""
REPEATED = "repeated"
"""A pass showed a record twice."""
RENUMBERED = "renumbered"
"""A document has another number than before."""
ERRORS, YES = "refused 5xx", "refused 2xx"
"""What was refused was answered with an error of the server, or with yes."""
UNCLEAR = "unclear"
"""A write was answered so that nobody knows, and was not carried out."""
UNSEEN = "unseen"
"""What was just written was not found."""


class Noticed(msgspec.Struct, frozen=True):
    """`subject` is a kind that was read or a target that was written."""

    habit: str
    subject: str
    count: int
    since: dt.datetime
    last: dt.datetime


def note(
    tx: sa.Connection, pair: str, habit: str, subject: str, at: dt.datetime, count: int = 1
) -> None:
    key = {"of": pair, "what": habit, "where": subject}
    if not tx.execute(_MORE, {**key, "more": count, "now": at}).rowcount:
        row = {"pair": pair, "habit": habit, "subject": subject, "count": count, "since": at}
        tx.execute(sa.insert(noticed).values(row | {"last": at}))


_MORE = (
    sa.update(noticed)
    .where(
        noticed.c.pair == sa.bindparam("of"),
        noticed.c.habit == sa.bindparam("what"),
        noticed.c.subject == sa.bindparam("where"),
    )
    .values(
        count=noticed.c.count + sa.bindparam("more"),
        last=sa.bindparam("now", type_=noticed.c.last.type),
    )
)


def listed(tx: sa.Connection, pair: str) -> list[Noticed]:
    columns = [noticed.c[name] for name in Noticed.__struct_fields__]
    query = sa.select(*columns).where(noticed.c.pair == pair)
    return [Noticed(*row) for row in tx.execute(query.order_by(*columns[:2]))]
