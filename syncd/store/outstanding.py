"""What is not as wanted yet: looks for what can be sent, and what wakes or lets go what waits.

All of it stands in the partial index of open parts, so that an idle cycle reads none of the others.
What goes through many of them does so in the order of that index, by turn and id: in any other
order all that is left would be sorted for each page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from syncd.image import NOTHING
from syncd.store import direct, parts
from syncd.store.bulk import among, listed
from syncd.store.mirror import CHUNK
from syncd.store.parts import AMONG_STREAMS, DUE, FAILED, HELD, OPEN, OWED, PART, Part
from syncd.store.tables import part, stream

Place = tuple[int, int]
"""Turn and id of a part."""
FIRST: Place = (-1, 0)
"""Before the place of each."""


def place(one: Part) -> Place:
    return one.turn, one.id


_AFTER = sa.and_(part.c.turn == sa.bindparam("turn"), part.c.id > sa.bindparam("last"))


def _in_turn(
    tx: sa.Connection, query: sa.Select[Any], after: Place, limit: int, **values: object
) -> list[direct.Row]:
    """The next rows of a query, each turn by itself: of turn and id at once SQLite looks up the
    turn alone, and steps over all that came before."""
    turn, last = after
    found: list[direct.Row] = []
    for each in range(max(turn, 0), parts.TURNS):
        behind = {"turn": each, "last": last if each == turn else 0, "limit": limit - len(found)}
        found += direct.rows(tx, query, **values, **behind)
        if len(found) == limit:
            break
    return found


def due(
    tx: sa.Connection,
    stream: int,
    now: dt.datetime,
    limit: int,
    after: Place = FIRST,
    *,
    there: bool = False,
) -> list[Part]:
    """What can be sent now, in turn; `after` is the place of the last one seen. With `there` only
    what is an object at the target already."""
    query = _DUE_OBJECTS if there else _DUE
    return [Part(*row) for row in _in_turn(tx, query, after, limit, stream=stream, now=now)]


_DUE_NOW = sa.and_(
    OPEN,
    part.c.state == DUE,
    sa.or_(part.c.next_attempt.is_(None), part.c.next_attempt <= sa.bindparam("now")),
)


_DUE = (
    sa.select(*PART)
    .where(part.c.stream == sa.bindparam("stream"), _AFTER, _DUE_NOW)
    .order_by(part.c.id)
    .limit(sa.bindparam("limit"))
)


_DUE_OBJECTS = _DUE.where(part.c.remote_id.is_not(None))


def any_open(tx: sa.Connection, streams: Sequence[int]) -> bool:
    """Whether anything of these streams is otherwise than wanted."""
    return direct.value(tx, _ANY_OPEN, streams=listed(streams)) is not None


_ANY_OPEN = sa.select(part.c.id).where(OPEN, among(part.c.stream, "streams")).limit(1)


def streams_with_due(tx: sa.Connection, pair: str, now: dt.datetime) -> set[int]:
    """The streams of a pair of which something can be sent now."""
    return set(direct.column(tx, _STREAMS_WITH_DUE, pair=pair, now=now))


_STREAMS_WITH_DUE = sa.select(stream.c.id).where(
    stream.c.pair == sa.bindparam("pair"),
    sa.exists().where(part.c.stream == stream.c.id, _DUE_NOW),
)


_DUE_THERE = sa.and_(
    OPEN, part.c.state == DUE, sa.or_(part.c.remote_id.is_not(None), part.c.base != NOTHING)
)


def next_due_there(tx: sa.Connection, stream: int, after: Place) -> list[tuple[Place, int]]:
    """Place and record of the next parts that change what is at the target."""
    found = _in_turn(tx, _NEXT_DUE_THERE, after, CHUNK, stream=stream)
    return [((turn, one), record) for turn, one, record in found]


_NEXT_DUE_THERE = (
    sa.select(part.c.turn, part.c.id, part.c.record)
    .where(part.c.stream == sa.bindparam("stream"), _AFTER, _DUE_THERE)
    .order_by(part.c.id)
    .limit(sa.bindparam("limit"))
)


def due_there(tx: sa.Connection, records: Sequence[int]) -> dict[int, list[Part]]:
    """Record id -> the parts of it that would change what is at the target."""
    found: dict[int, list[Part]] = {}
    for row in direct.rows(tx, _PARTS_DUE_THERE, records=listed(records)):
        one = Part(*row)
        found.setdefault(one.record, []).append(one)
    return found


_PARTS_DUE_THERE = sa.select(*PART).where(among(part.c.record, "records"), _DUE_THERE)


def due_objects(tx: sa.Connection, stream: int, targets: Sequence[str], after: Place) -> list[Part]:
    """The next of what can be sent of these targets and is there already."""
    wanted = {"stream": stream, "targets": listed(targets)}
    return [Part(*row) for row in _in_turn(tx, _DUE_OBJECTS_OF, after, CHUNK, **wanted)]


_DUE_OBJECTS_OF = (
    sa.select(*PART)
    .where(
        OPEN,
        part.c.stream == sa.bindparam("stream"),
        part.c.state == DUE,
        _AFTER,
        among(part.c.target, "targets"),
        part.c.remote_id.is_not(None),
        part.c.want != NOTHING,
    )
    .order_by(part.c.id)
    .limit(sa.bindparam("limit"))
)


def records_due_new(tx: sa.Connection, stream: int) -> list[int]:
    """Records whose main object would be made, and to which nobody consented."""
    return direct.column(tx, _RECORDS_DUE_NEW, stream=stream)


_RECORDS_DUE_NEW = sa.select(part.c.record).where(
    OPEN,
    part.c.stream == sa.bindparam("stream"),
    part.c.state == DUE,
    part.c.key == "",
    part.c.remote_id.is_(None),
    part.c.adopted.is_(False),
)


def unmade(tx: sa.Connection, stream: int, state: str, after: Place) -> list[Part]:
    """The next parts in a state whose object is wanted and not there yet."""
    found = _in_turn(tx, _UNMADE, after, CHUNK, stream=stream, state=state)
    return [Part(*row) for row in found]


_UNMADE = (
    sa.select(*PART)
    .where(
        OPEN,
        part.c.stream == sa.bindparam("stream"),
        part.c.state == sa.bindparam("state"),
        _AFTER,
        part.c.remote_id.is_(None),
        part.c.want != NOTHING,
    )
    .order_by(part.c.id)
    .limit(sa.bindparam("limit"))
)


def unmade_mains(tx: sa.Connection, stream: int) -> list[Part]:
    """Main parts of records that are wanted, and whose object is not there as far as is known."""
    return [Part(*row) for row in direct.rows(tx, _UNMADE_MAINS, stream=stream)]


_UNMADE_MAINS = sa.select(*PART).where(
    OPEN,
    part.c.stream == sa.bindparam("stream"),
    part.c.key == "",
    part.c.remote_id.is_(None),
    part.c.want != NOTHING,
)


def records_due(tx: sa.Connection, stream: int) -> dict[int, int]:
    """Record id -> the version it was last sent with, of records with something to send."""
    return dict(direct.rows(tx, _RECORDS_DUE, stream=stream))


_RECORDS_DUE = sa.select(part.c.record, part.c.sent_ver).where(
    OPEN,
    part.c.stream == sa.bindparam("stream"),
    part.c.state == DUE,
    part.c.sent_ver.is_not(None),
)


def wake(tx: sa.Connection, streams: Collection[int], causes: Sequence[str]) -> None:
    """What waited for one of these can be sent now."""
    if causes and direct.value(tx, _ANY_WAITS) is not None:  # else each of many is looked for
        direct.change(tx, _WAKE, streams=listed(streams), causes=listed(causes))


_ANY_WAITS = (
    sa.select(sa.literal(1)).where(sa.text("part.waits_for IS NOT NULL")).select_from(part).limit(1)
)


_WAKE = (
    sa.update(part)
    .where(among(part.c.waits_for, "causes"), part.c.state == OWED, AMONG_STREAMS)
    .values(state=DUE, waits_for=None)
)


def wake_failed(tx: sa.Connection, streams: Sequence[int], now: dt.datetime | None) -> None:
    """Refused parts whose time has come are due again; all of them where `now` is None."""
    if now is None:
        direct.change(tx, _WAKE_ALL_FAILED, streams=listed(streams))
    else:
        direct.change(tx, _WAKE_FAILED, streams=listed(streams), now=now)


_FAILED = sa.update(part).where(OPEN, among(part.c.stream, "streams"), part.c.state == FAILED)
_WAKE_ALL_FAILED = _FAILED.values(state=DUE, next_attempt=None)
_WAKE_FAILED = _WAKE_ALL_FAILED.where(part.c.next_attempt <= sa.bindparam("now"))


def held_with(
    tx: sa.Connection, stream: int, errors: Sequence[str], now: dt.datetime | None = None
) -> list[Part]:
    """What waits for a person because of one of these; with `now` only what may be looked at once
    more by then."""
    mine = {"stream": stream, "errors": listed(errors)}
    if now is None:
        found = direct.rows(tx, _HELD_WITH, **mine)
    else:
        found = direct.rows(tx, _HELD_WITH_BY, **mine, now=now)
    return [Part(*row) for row in found]


_HELD = sa.and_(OPEN, part.c.stream == sa.bindparam("stream"), part.c.state == HELD)
_HELD_WITH = sa.select(*PART).where(_HELD, among(part.c.error, "errors")).order_by(part.c.id)
_HELD_WITH_BY = _HELD_WITH.where(
    sa.or_(part.c.next_attempt.is_(None), part.c.next_attempt <= sa.bindparam("now"))
)


def held_because(tx: sa.Connection, stream: int, begins: str) -> list[int]:
    """What waits for a person because of an error that begins so."""
    return direct.column(tx, _HELD_BECAUSE, stream=stream, begins=begins)


_HELD_BECAUSE = (
    sa.select(part.c.id)
    .where(_HELD, part.c.error.startswith(sa.bindparam("begins", type_=sa.String)))
    .order_by(part.c.id)
)
