"""How many parts are in which state."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from syncd.store import direct
from syncd.store.bulk import among, listed
from syncd.store.parts import OPEN, OWED
from syncd.store.tables import part


def count_states(tx: sa.Connection, stream: int) -> dict[str, int]:
    return states_by_stream(tx, [stream])[stream]


def states_by_stream(tx: sa.Connection, streams: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many parts are in each state but CLEAN."""
    found: dict[int, dict[str, int]] = {one: {} for one in streams}
    for one, state, count in direct.rows(tx, _STATES, streams=listed(streams)):
        found[one][state] = count
    return found


_STATES = (
    sa.select(part.c.stream, part.c.state, sa.func.count())
    .where(among(part.c.stream, "streams"), OPEN)
    .group_by(part.c.stream, part.c.state)
)


def waits(tx: sa.Connection, streams: Sequence[int]) -> tuple[int, int]:
    """How many wait for others, and for how many others."""
    query = sa.select(
        sa.func.count(),
        sa.func.count(sa.distinct(sa.func.coalesce(part.c.waits_for, part.c.parent))),
    ).where(OPEN, part.c.stream.in_(streams), part.c.state == OWED)
    found, others = tx.execute(query).one()
    return found, others
