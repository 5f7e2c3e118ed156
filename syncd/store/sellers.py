"""Which user of the CRM each seller was last found to be.

Of the users themselves nothing is kept; a row goes when it is old and nobody misses its user.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from syncd.store.tables import seller


class Row(msgspec.Struct, frozen=True):
    """`user` is the id of whose the seller's new cards are: the seller's own where `verdict` is
    found, else the fallback's; None: of whoever the CRM takes. `mapping` is the version that said
    so, by the users of `at`."""

    name: str
    email: str | None
    verdict: str
    user: str | None
    mapping: str
    at: dt.datetime


_ROW = [seller.c[name] for name in Row.__struct_fields__]


def every(tx: sa.Connection, pair: str) -> dict[str, Row]:
    """By the name of the seller."""
    query = sa.select(*_ROW).where(seller.c.pair == pair).order_by(seller.c.name)
    return {row.name: Row(*row) for row in tx.execute(query)}


def replace(tx: sa.Connection, pair: str, rows: Iterable[Row]) -> None:
    """These, and no others."""
    tx.execute(sa.delete(seller).where(seller.c.pair == pair))
    if values := [{"pair": pair, **msgspec.structs.asdict(row)} for row in rows]:
        tx.execute(sa.insert(seller), values)
