"""What could be sent and is not, because a guard asks a person first. Of the store alone."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from syncd.domain import Kind
from syncd.store import parts, plans, problems
from syncd.store.tables import part
from syncd.sync.guard import EVERYTHING, STOPS
from syncd.sync.remapping import CHANGED


def waiting(tx: sa.Connection, pair: str, streams: Mapping[Kind, int]) -> dict[int, int]:
    """Stream -> how many of its parts wait for a person's yes."""
    causes = problems.causes(tx, pair, "guard")
    names = [cause.removeprefix("guard ") for cause in causes]
    kinds = frozenset[Kind]().union(*(STOPS.get(name, frozenset()) for name in names))
    if problems.causes(tx, pair, "restored"):
        kinds = EVERYTHING
    stopped = [one for kind, one in streams.items() if kind in kinds]
    if not names and not stopped:
        return {}
    changed = plans.newest(tx, pair, CHANGED) if CHANGED in names else None
    query = (
        sa.select(part.c.stream, sa.func.count())
        .where(
            part.c.stream.in_(streams.values()),
            part.c.state == parts.DUE,
            sa.or_(part.c.stream.in_(stopped), plans.listed(changed)),
        )
        .group_by(part.c.stream)
    )
    return {stream: count for stream, count in tx.execute(query)}
