"""Customers whose card has to be worked out again. They stand here from the commit that stored what
touched them until the one that stores their new card."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from syncd.store import direct
from syncd.store.bulk import among, listed, many
from syncd.store.mirror import VANISHED
from syncd.store.tables import record, touched


def add(tx: sa.Connection, stream: int, customers: Iterable[str | None]) -> None:
    """`stream` is that of the cards."""
    rows = [{"stream": stream, "customer": one} for one in sorted({*customers} - {None}, key=str)]
    many(tx, _ADD, rows)


_ADD = sa.insert(touched).prefix_with("OR IGNORE")


def everyone(tx: sa.Connection, stream: int, customers: int) -> None:
    """All records of the stream `customers`."""
    some = sa.select(sa.literal(stream), record.c.key).where(
        record.c.stream == customers, record.c.state != VANISHED
    )
    insert = sa.insert(touched).prefix_with("OR IGNORE")
    tx.execute(insert.from_select(["stream", "customer"], some))


def some(tx: sa.Connection, stream: int, limit: int) -> list[str]:
    return direct.column(tx, _SOME, stream=stream, limit=limit)


_SOME = (
    sa.select(touched.c.customer)
    .where(touched.c.stream == sa.bindparam("stream"))
    .order_by(touched.c.customer)
    .limit(sa.bindparam("limit"))
)


def done(tx: sa.Connection, stream: int, customers: list[str]) -> None:
    direct.change(tx, _DONE, stream=stream, customers=listed(customers))


_DONE = sa.delete(touched).where(
    touched.c.stream == sa.bindparam("stream"), among(touched.c.customer, "customers")
)
