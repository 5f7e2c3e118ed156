"""What the last look at a pair's health saw, and what was learned of its cadence."""

from __future__ import annotations

import sqlalchemy as sa

from syncd.store.tables import look


def load(tx: sa.Connection, pair: str) -> tuple[bytes | None, str | None, bytes | None]:
    """The memory of the last look; the day of the last learning, and what was learned."""
    query = sa.select(look.c.memory, look.c.learned_on, look.c.learned).where(look.c.pair == pair)
    row = tx.execute(query).one_or_none()
    return (row.memory, row.learned_on, row.learned) if row else (None, None, None)


def save(
    tx: sa.Connection, pair: str, memory: bytes, learned_on: str | None, learned: bytes | None
) -> None:
    values = {"memory": memory, "learned_on": learned_on, "learned": learned}
    if not tx.execute(sa.update(look).where(look.c.pair == pair).values(**values)).rowcount:
        tx.execute(sa.insert(look).values(pair=pair, **values))
