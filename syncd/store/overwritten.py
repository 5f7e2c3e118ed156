"""What the books own and another writer changed at the CRM: how often, by day, by whom, on what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace

from syncd.image import encode
from syncd.store import direct
from syncd.store.mirror import CHUNK
from syncd.store.tables import overwritten, part, problem

KEPT = 7
"""Days."""
SUBJECTS = 500
"""Records that are told apart in a day; the others are counted as one, for each who."""


class Overwritten(msgspec.Struct, frozen=True):
    """`who` is empty where the CRM does not say; `subject` is the record, as `card 42`, empty for
    all beyond the first 500 of a day. `soon` of the times came shortly after a write of syncd.
    `values` is of each field how often, what stood there and what was typed over it the last
    time."""

    day: dt.date
    who: str
    subject: str
    times: int
    soon: int
    values: Mapping[str, tuple[int, str | None, str | None]]

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(self.values)


class Written(msgspec.Struct, frozen=True):
    """When a part was last sent, and last seen; `confirmed`: it was seen to be as it was sent."""

    confirmed: bool
    sent_at: dt.datetime | None
    seen_at: dt.datetime | None


def written(tx: sa.Connection, ids: Sequence[int]) -> dict[int, Written]:
    """By part."""
    found: dict[int, Written] = {}
    columns = (part.c.id, part.c.confirmed, part.c.sent_at, part.c.seen_at)
    for start in range(0, len(ids), CHUNK):
        query = sa.select(*columns).where(part.c.id.in_(ids[start : start + CHUNK]))
        found.update((one, Written(bool(sure), *at)) for one, sure, *at in tx.execute(query))
    return found


def note(
    tx: sa.Connection,
    crm: str,
    day: dt.date,
    who: str,
    subject: str,
    fields: Mapping[str, tuple[str | None, str | None]],
    *,
    soon: bool,
) -> None:
    """Once more. `fields`: what stood there, and what was typed over it; both go with the row."""
    today = sa.and_(overwritten.c.crm == crm, overwritten.c.day == day.isoformat())
    before = _one(tx, sa.and_(today, _key(who, subject)))
    if before is None:
        many = tx.scalar(sa.select(sa.func.count()).select_from(overwritten).where(today)) or 0
        if many >= SUBJECTS:
            subject = ""
            before = _one(tx, sa.and_(today, _key(who, subject)))
    values = {path: (1, *both) for path, both in fields.items()}
    _add(tx, crm, day, before, Overwritten(day, who, subject, 1, int(soon), values))


def _add(
    tx: sa.Connection, crm: str, day: dt.date, before: Overwritten | None, more: Overwritten
) -> None:
    """One row for both."""
    who, subject = more.who, more.subject
    today = sa.and_(overwritten.c.crm == crm, overwritten.c.day == day.isoformat())
    kept = dict(before.values) if before else {}
    for path, (count, ours, theirs) in more.values.items():
        kept[path] = (count + (kept[path][0] if path in kept else 0), ours, theirs)
    values: dict[str, object] = {
        "times": (before.times if before else 0) + more.times,
        "soon": (before.soon if before else 0) + more.soon,
        "fields": encode(kept),
    }
    if before:
        mine = sa.and_(today, _key(who, subject))
        tx.execute(sa.update(overwritten).where(mine).values(**values))
    else:
        row = {"crm": crm, "day": day.isoformat(), "who": who, "subject": subject}
        tx.execute(sa.insert(overwritten).values(row | values))


def name(tx: sa.Connection, crm: str, day: dt.date, subject: str, who: str) -> None:
    """What was counted of a record on this day, and nobody was named for, was this one."""
    today = sa.and_(overwritten.c.crm == crm, overwritten.c.day == day.isoformat())
    unnamed = sa.and_(today, _key("", subject))
    if (before := _one(tx, unnamed)) is not None:
        tx.execute(sa.delete(overwritten).where(unnamed))
        known = _one(tx, sa.and_(today, _key(who, subject)))
        _add(tx, crm, day, known, replace(before, who=who))


def forget(tx: sa.Connection, crm: str, day: dt.date) -> None:
    """What is older than this day."""
    direct.change(tx, _FORGET, of=crm, first=day.isoformat())


_FORGET = sa.delete(overwritten).where(
    overwritten.c.crm == sa.bindparam("of"), overwritten.c.day < sa.bindparam("first")
)


def since(tx: sa.Connection, crm: str, day: dt.date) -> list[Overwritten]:
    """From this day on."""
    return [_row(row) for row in direct.rows(tx, _SINCE, of=crm, first=day.isoformat())]


def told_by_another(tx: sa.Connection, pair: str, cause: str) -> bool:
    """Whether another pair has the problem already: it is one for a connection."""
    others = sa.and_(problem.c.cause == cause, problem.c.pair != pair, problem.c.closed.is_(None))
    return bool(tx.scalar(sa.select(sa.exists().where(others))))


_KEY = (overwritten.c.day, overwritten.c.who, overwritten.c.subject)
_ALL = sa.select(*_KEY, overwritten.c.times, overwritten.c.soon, overwritten.c.fields)
_SINCE = _ALL.where(
    overwritten.c.crm == sa.bindparam("of"), overwritten.c.day >= sa.bindparam("first")
).order_by(*_KEY)


def _key(who: str, subject: str) -> sa.ColumnElement[bool]:
    return sa.and_(overwritten.c.who == who, overwritten.c.subject == subject)


def _one(tx: sa.Connection, where: sa.ColumnElement[bool]) -> Overwritten | None:
    row = tx.execute(_ALL.where(where)).one_or_none()
    return None if row is None else _row(row)


def _row(row: Sequence[Any]) -> Overwritten:
    day, who, subject, times, soon, fields = row
    said = msgspec.json.decode(fields)
    if isinstance(said, list):  # an earlier version kept the fields alone
        said = {path: (1, None, None) for path in said}
    values = {path: (count, ours, theirs) for path, (count, ours, theirs) in said.items()}
    return Overwritten(dt.date.fromisoformat(day), who, subject, times, soon, values)
