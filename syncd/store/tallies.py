"""How many parts are in which state."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from syncd.store.parts import OPEN, OWED
from syncd.store.tables import part


def count_states(tx: sa.Connection, stream: int) -> dict[str, int]:
    return states_by_stream(tx, [stream])[stream]


def states_by_stream(tx: sa.Connection, streams: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many parts are in each state but CLEAN."""
    query = (
        sa.select(part.c.stream, part.c.state, sa.func.count())
        .where(part.c.stream.in_(streams), OPEN)
        .group_by(part.c.stream, part.c.state)
    )
    found: dict[int, dict[str, int]] = {one: {} for one in streams}
    for one, state, count in tx.execute(query):
        found[one][state] = count
    return found


def waits(tx: sa.Connection, streams: Sequence[int]) -> tuple[int, int]:
    """How many wait for others, and for how many others."""
    query = sa.select(
        sa.func.count(),
        sa.func.count(sa.distinct(sa.func.coalesce(part.c.waits_for, part.c.parent))),
    ).where(OPEN, part.c.stream.in_(streams), part.c.state == OWED)
    found, others = tx.execute(query).one()
    return found, others
