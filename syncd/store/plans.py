"""Plans: what a person was shown, part by part, so that exactly this can be approved."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from syncd.image import encode
from syncd.store import parts
from syncd.store.tables import part, plan, plan_row, record


@dataclass(frozen=True, slots=True)
class Approval:
    """What a plan is made of: the open parts of these streams under these mappings. `because` is
    the cause of a guard that stopped them."""

    pair: str
    mapping: str
    made: dt.datetime
    streams: Sequence[int]
    because: str | None = None


def store(tx: sa.Connection, approval: Approval, totals: Any) -> tuple[int, str]:
    """The number of its rows, and its id."""
    one = secrets.token_hex(3)
    tx.execute(
        sa.insert(plan).values(
            id=one,
            pair=approval.pair,
            mapping=approval.mapping,
            made=approval.made,
            totals=encode(totals),
            because=approval.because,
        )
    )
    ready = (
        sa.select(sa.literal(one), part.c.id, record.c.ver, part.c.want)
        .join(record, record.c.id == part.c.record)
        .where(
            record.c.stream.in_(approval.streams),
            part.c.state.in_((parts.DUE, parts.OWED)),
        )
    )
    inserted = tx.execute(sa.insert(plan_row).from_select(["plan", "part", "ver", "want"], ready))
    return inserted.rowcount, one


def waiting(tx: sa.Connection, pair: str, because: str, mapping: str) -> str | None:
    """The newest plan that a guard made for this cause and nobody applied."""
    query = (
        sa.select(plan.c.id)
        .where(
            plan.c.pair == pair,
            plan.c.because == because,
            plan.c.mapping == mapping,
            plan.c.applied.is_(None),
        )
        .order_by(plan.c.made.desc())
    )
    return tx.scalar(query.limit(1))
