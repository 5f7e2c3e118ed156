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


def waiting(
    tx: sa.Connection, pair: str, because: str, mapping: str, since: dt.datetime
) -> str | None:
    """The newest plan that a guard made for this cause, at or after this moment, and that nobody
    applied."""
    query = (
        sa.select(plan.c.id)
        .where(
            plan.c.pair == pair,
            plan.c.because == because,
            plan.c.mapping == mapping,
            plan.c.made >= since,
            plan.c.applied.is_(None),
        )
        .order_by(plan.c.made.desc())
    )
    return tx.scalar(query.limit(1))


def because(tx: sa.Connection, typed: str) -> str | None:
    """The cause of the plan whose id begins like this; None where a person drew it."""
    return tx.scalar(sa.select(plan.c.because).where(plan.c.id.startswith(typed)))


def made(tx: sa.Connection, typed: str) -> dt.datetime | None:
    """When the plan whose id begins like this was made."""
    return tx.scalar(sa.select(plan.c.made).where(plan.c.id.startswith(typed)))


def of_parts(tx: sa.Connection, approval: Approval, some: Sequence[parts.Part], totals: Any) -> str:
    """A plan of these parts alone, whatever their state; its id."""
    _, one = store(tx, approval, totals)
    versions = {
        row.id: row.ver
        for row in tx.execute(
            sa.select(part.c.id, record.c.ver)
            .join(record, record.c.id == part.c.record)
            .where(part.c.id.in_([each.id for each in some]))
        )
    }
    rows = [
        {"plan": one, "part": each.id, "ver": versions[each.id], "want": each.want} for each in some
    ]
    tx.execute(sa.insert(plan_row), rows)
    return one


def parts_of(tx: sa.Connection, typed: str) -> list[parts.Part]:
    """The parts of a plan that still want what it approved."""
    query = sa.select(part.c.id).join(
        plan_row, sa.and_(plan_row.c.part == part.c.id, plan_row.c.want == part.c.want)
    )
    ids = list(tx.scalars(query.where(plan_row.c.plan.startswith(typed))))
    return list(parts.by_id(tx, ids).values())
