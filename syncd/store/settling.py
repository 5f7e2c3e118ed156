"""Which records settle which invoices: the allocations of the newest versions, by invoice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from syncd.domain import Allocation, Money
from syncd.store.mirror import CHUNK, COUNTED
from syncd.store.tables import record, settles


def save(tx: sa.Connection, allocations: Mapping[int, Sequence[Allocation]]) -> None:
    """Record id -> its allocations from now on."""
    ids = list(allocations)
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        tx.execute(sa.delete(settles).where(settles.c.record.in_(some)))
    rows: dict[tuple[int, str], dict[str, object]] = {}
    for one, mine in allocations.items():
        for part in mine:
            row = rows.setdefault(
                (one, part.invoice),
                {"record": one, "invoice": part.invoice, "micros": 0}
                | {"currency": part.amount.currency},
            )
            row["micros"] = int(str(row["micros"])) + part.amount.micros
    if rows:
        tx.execute(sa.insert(settles), list(rows.values()))


def paid(
    tx: sa.Connection, streams: Sequence[int], invoices: Sequence[str]
) -> dict[str, list[Money]]:
    """Invoice key -> what records of these streams settle of it, of those that count."""
    found: dict[str, list[Money]] = {}
    for start in range(0, len(invoices), CHUNK):
        # Without a word about streams: SQLite would read all of theirs, and look in each.
        query = (
            sa.select(settles, record.c.stream, record.c.state)
            .join(record, record.c.id == settles.c.record)
            .where(settles.c.invoice.in_(invoices[start : start + CHUNK]))
        )
        for row in tx.execute(query):
            if row.stream in streams and row.state in COUNTED:
                found.setdefault(row.invoice, []).append(Money(row.micros, row.currency))
    return found


def settlers(tx: sa.Connection, streams: Sequence[int], invoices: Sequence[str]) -> set[str | None]:
    """Customers of the records of these streams that settle any of these."""
    found: set[str | None] = set()
    for start in range(0, len(invoices), CHUNK):
        query = (
            sa.select(record.c.customer)
            .distinct()
            .join(settles, record.c.id == settles.c.record)
            .where(
                settles.c.invoice.in_(invoices[start : start + CHUNK]),
                record.c.stream.in_(streams),
            )
        )
        found.update(tx.scalars(query))
    return found
