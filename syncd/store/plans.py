"""Plans: what a person was shown, part by part, so that exactly this can be approved."""

from __future__ import annotations

import datetime as dt
import secrets
from array import array
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from syncd.image import encode
from syncd.store import direct, parts
from syncd.store.tables import part, plan, plan_row, record

OPEN = (parts.DUE, parts.OWED)
"""States of parts that a plan is made of."""


class Approval(msgspec.Struct, frozen=True):
    """What a plan is made of: the open parts of these streams under these mappings. `because` is
    the cause of a guard that stopped them."""

    pair: str
    mapping: str
    made: dt.datetime
    streams: Sequence[int]
    because: str | None = None


def store(
    tx: sa.Connection,
    approval: Approval,
    totals: Any,
    only: sa.ColumnElement[bool] | None = None,
) -> tuple[int, str]:
    """The number of its rows, and its id; with `only` of those parts."""
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
            part.c.state.in_(OPEN),
            sa.true() if only is None else only,
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


def pair(tx: sa.Connection, typed: str) -> str | None:
    """The pair of the plans whose id begins like this; None where there is none, or several."""
    found = tx.scalars(sa.select(plan.c.pair).where(plan.c.id.startswith(typed)).distinct()).all()
    return found[0] if len(found) == 1 else None


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


def listed(one: str | None, *, as_wanted: bool = False) -> sa.ColumnElement[bool]:
    """Whether a part is in this plan; with `as_wanted`, still wanted as the plan has it."""
    rows = sa.select(sa.literal(1)).where(plan_row.c.plan == one, plan_row.c.part == part.c.id)
    return (rows.where(plan_row.c.want == part.c.want) if as_wanted else rows).exists()


def newest(tx: sa.Connection, pair: str, because: str) -> str | None:
    """The newest plan of this cause that nobody applied."""
    found: str | None = direct.value(tx, _NEWEST, pair=pair, because=because)
    return found


_NOT_APPLIED = sa.select(plan.c.id).where(
    plan.c.pair == sa.bindparam("pair"),
    plan.c.because == sa.bindparam("because"),
    plan.c.applied.is_(None),
)
_NEWEST = _NOT_APPLIED.order_by(plan.c.made.desc()).limit(1)


def totals(tx: sa.Connection, one: str) -> bytes:
    return bytes(tx.execute(sa.select(plan.c.totals).where(plan.c.id == one)).scalar_one())


def set_totals(tx: sa.Connection, one: str, totals: Any) -> None:
    tx.execute(sa.update(plan).where(plan.c.id == one).values(totals=encode(totals)))


def discard(tx: sa.Connection, pair: str, because: str) -> None:
    """Plans of this cause that nobody applied are forgotten."""
    ids = direct.column(tx, _NOT_APPLIED, pair=pair, because=because)
    if ids:
        tx.execute(sa.delete(plan_row).where(plan_row.c.plan.in_(ids)))
        tx.execute(sa.delete(plan).where(plan.c.id.in_(ids)))


def open_records(tx: sa.Connection, one: str) -> dict[int, int]:
    """Record id -> stream, of the records of a plan of which something still waits."""
    query = (
        sa.select(part.c.record, part.c.stream)
        .distinct()
        .join(plan_row, plan_row.c.part == part.c.id)
        .where(plan_row.c.plan == one, part.c.state.in_(OPEN))
    )
    return {record_id: stream for record_id, stream in tx.execute(query)}


def part_ids(tx: sa.Connection, one: str) -> array[int]:
    """The parts of a plan, in order."""
    return direct.numbers(tx, _PARTS, plan=one)


def record_ids(tx: sa.Connection, one: str) -> array[int]:
    """The records of which any part is in a plan, in order."""
    return direct.numbers(tx, _RECORDS, plan=one)


_PARTS = (
    sa.select(plan_row.c.part)
    .where(plan_row.c.plan == sa.bindparam("plan"))
    .order_by(plan_row.c.part)
)
_RECORDS = (
    sa.select(part.c.record)
    .distinct()
    .join(plan_row, plan_row.c.part == part.c.id)
    .where(plan_row.c.plan == sa.bindparam("plan"))
    .order_by(part.c.record)
)


def has_record(tx: sa.Connection, one: str, record_id: int) -> bool:
    """Whether any part of the record is in this plan."""
    query = (
        sa.select(sa.literal(1))
        .join(plan_row, plan_row.c.part == part.c.id)
        .where(part.c.record == record_id, plan_row.c.plan == one)
    )
    return tx.execute(query.limit(1)).first() is not None
