"""Which orders name which deal of the CRM, by their newest versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from syncd.store import direct
from syncd.store.bulk import among, listed
from syncd.store.mirror import CHUNK
from syncd.store.tables import deal_order, record


def save(tx: sa.Connection, named: Mapping[int, str | None]) -> None:
    """Record id of an order -> the deal it names from now on, if any."""
    ids = list(named)
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        tx.execute(sa.delete(deal_order).where(deal_order.c.record.in_(some)))
    rows = [{"record": one, "deal": deal} for one, deal in named.items() if deal is not None]
    if rows:
        tx.execute(sa.insert(deal_order), rows)


def every(tx: sa.Connection, orders: int) -> list[str]:
    """The deals that orders of this stream name."""
    query = sa.select(deal_order.c.deal).distinct().join(record).where(record.c.stream == orders)
    return list(tx.scalars(query))


def orders_of(tx: sa.Connection, orders: int, deals: Sequence[str]) -> dict[int, str]:
    """Record id -> deal, of the orders of this stream that name one of these deals."""
    return dict(direct.rows(tx, _ORDERS_OF, orders=orders, deals=listed(deals)))


_ORDERS_OF = (
    sa.select(deal_order.c.record, deal_order.c.deal)
    .join(record)
    .where(
        among(deal_order.c.deal, "deals"),
        sa.literal_column("+record.stream", sa.Integer) == sa.bindparam("orders"),
    )
)
"""The plus keeps SQLite from going through all orders of the stream."""
