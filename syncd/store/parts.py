"""Parts: the objects one record is at the CRM, what is wanted of them and what they were last
agreed to be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from syncd.domain import PERSONAL, Kind, Ref
from syncd.image import NOTHING
from syncd.store import direct
from syncd.store.bulk import among, listed, many, write
from syncd.store.mirror import CHUNK, KEEP_PERSONAL
from syncd.store.tables import part, person_fields, record, stream

CLEAN, DUE, OWED, HELD, FAILED, DOUBT = "clean", "due", "owed", "held", "failed", "doubt"
ASKED, WAIVED = "asked", "waived"
"""States of a part. Clean: as wanted. Due: can be sent. Owed: its parent is not there yet. Held:
waits for a person. Failed: refused; tried again later. Doubt: an intent's outcome is unknown.
Asked: it stays unknown until a person looks. Waived: a person gave it up, until its record
changes."""

SHARED = "shared"
"""The key of the part of a card that is written to its customer in the books."""

LEFT = "left "
"""Begins the key of a part whose object is on a card that its customer has left, see `left`."""


def is_left(key: str) -> bool:
    return key.startswith(LEFT)


UNSETTLED = frozenset({DOUBT, ASKED})
"""What is wanted may change meanwhile; nothing is sent before the outcome is known."""

SETTLED: Mapping[str, object] = {
    "waits_for": None,
    "error": None,
    "problem": None,
    "attempts": 0,
    "next_attempt": None,
}
"""What a part no longer has once its last write is settled."""


class Part(msgspec.Struct):
    """`want` and `base` are hashes of what is wanted and of the last agreed state; NOTHING (empty)
    where no object is. `parent` names the record it hangs on; `waits_for` what would wake it.
    `rewritten` tells how the target writes what it was sent, by path, in hashes."""

    id: int
    record: int
    key: str
    target: str
    state: str
    turn: int
    want: bytes
    base: bytes
    remote_id: str | None
    adopted: bool
    parent: str | None
    unique_key: bytes | None
    numbered: bool
    attempts: int
    problem: int | None
    rewritten: bytes | None

    @property
    def unclear(self) -> bool:
        """It was sent, was not carried out, and nobody said that it was refused."""
        return bool(self.attempts) and self.problem is None


OPEN = sa.text("part.state != 'clean'")
"""Said in the words of the index of open parts: without them SQLite reads all parts."""

AMONG_STREAMS = among(sa.literal_column("+part.stream", sa.Integer), "streams")
"""Two pairs may have records of one key. The plus keeps SQLite from the index of streams, of which
each holds half of all there is."""

PART = [part.c[name] for name in Part.__struct_fields__]
_OF_RECORDS = sa.select(*PART).where(among(part.c.record, "some"))
_BY_ID = sa.select(*PART).where(among(part.c.id, "some"))
_WANTED = sa.select(part.c.id, part.c.want).where(among(part.c.id, "some"))


def of_records(tx: sa.Connection, ids: Sequence[int]) -> dict[int, dict[str, Part]]:
    """Record id -> its parts by key, without what was left."""
    found: dict[int, dict[str, Part]] = {}
    for row in direct.rows(tx, _OF_RECORDS, some=listed(ids)) if ids else ():
        one = Part(*row)
        if not is_left(one.key):
            found.setdefault(one.record, {})[one.key] = one
    return found


def by_id(tx: sa.Connection, ids: Sequence[int]) -> dict[int, Part]:
    return {row[0]: Part(*row) for row in direct.rows(tx, _BY_ID, some=listed(ids))}


def wanted(tx: sa.Connection, ids: Sequence[int]) -> dict[int, bytes]:
    """Part id -> the hash of what is wanted of it now."""
    return dict(direct.rows(tx, _WANTED, some=listed(ids)))


def count_there(tx: sa.Connection) -> dict[int, int]:
    """Stream -> records of which anything is at the target. Reads all parts, once for all."""
    return dict(direct.rows(tx, _COUNT_THERE))


_COUNT_THERE = (
    sa.select(part.c.stream, sa.func.count(part.c.record.distinct()))
    .where(part.c.remote_id.is_not(None))
    .group_by(part.c.stream)
)


def targets(tx: sa.Connection, streams: Sequence[int], *, main: bool = False) -> list[str]:
    """Those of which anything is there; with `main` only where it is a record's main object."""
    query = (
        sa.select(part.c.target)
        .distinct()
        .where(part.c.stream.in_(streams), part.c.remote_id.is_not(None))
    )
    if main:
        query = query.where(part.c.key == "")
    return list(tx.scalars(query.order_by(part.c.target)))


def any_there(tx: sa.Connection, stream: int, target: str) -> bool:
    """Whether any record of a stream has its main object there."""
    return direct.value(tx, _ANY_THERE, stream=stream, target=target) is not None


_ANY_THERE = (
    sa.select(part.c.id)
    .where(
        part.c.stream == sa.bindparam("stream"),
        part.c.target == sa.bindparam("target"),
        part.c.key == "",
        part.c.remote_id.is_not(None),
    )
    .limit(1)
)


def sent_any(tx: sa.Connection, streams: Sequence[int]) -> bool:
    """Whether this state ever wrote anything; what is linked or was found does not count."""
    return direct.value(tx, _SENT_ANY, streams=listed(streams)) is not None


_SENT_ANY = (
    sa.select(part.c.id)
    .where(among(part.c.stream, "streams"), part.c.sent_at.is_not(None))
    .limit(1)
)


def spread(tx: sa.Connection, stream: int, target: str, count: int) -> list[Part]:
    """So many objects of a target that should be there, from the oldest to the newest."""
    there = sa.and_(
        part.c.stream == stream,
        part.c.target == target,
        part.c.remote_id.is_not(None),
        part.c.state != HELD,
    )
    last = (tx.scalar(sa.select(sa.func.count()).where(there)) or 0) - 1
    places = sorted({place * last // (count - 1) for place in range(count)}) if last >= 0 else ()
    query = sa.select(*PART).where(there).order_by(part.c.id).limit(1)
    return [Part(*tx.execute(query.offset(place)).one()) for place in places]


def sent_in(tx: sa.Connection, stream: int, run: int, key: str) -> list[int]:
    """Records of which this part was written in a run, and is as wanted."""
    return direct.column(tx, _SENT_IN, stream=stream, key=key, run=run)


def said_to_books(tx: sa.Connection, stream: int) -> list[int]:
    """Cards of which something was written to their customer, whenever that was, and is wanted
    still."""
    return direct.column(tx, _SAID_TO_BOOKS, stream=stream)


_SAID_TO_BOOKS = sa.select(part.c.record).where(
    sa.text("part.\"key\" = 'shared'"),
    part.c.stream == sa.bindparam("stream"),
    part.c.state == CLEAN,
    part.c.want != NOTHING,
)
"""In the words of its index."""

_SENT_IN = (
    sa.select(record.c.id)
    .join(part, part.c.record == record.c.id)
    .where(
        record.c.stream == sa.bindparam("stream"),
        part.c.key == sa.bindparam("key"),
        part.c.state == CLEAN,
        part.c.sent_run == sa.bindparam("run"),
    )
)
"""By the records of the stream: of parts that are clean no index knows the stream."""


TURNS = 3


def turn_of(key: str, want: bytes) -> int:
    """Removals first, for they make room; then the main objects, then what hangs on them."""
    return 0 if want == NOTHING else 1 if key == "" else 2


def located(tx: sa.Connection, stream: int, refs: Iterable[Ref]) -> dict[tuple[str, str], Part]:
    """(record key, part key) -> part, for refs of one stream."""
    keys = sorted({ref.key for ref in refs})
    found: dict[tuple[str, str], Part] = {}
    wanted = {"stream": stream, "keys": listed(keys)}
    for of, *row in direct.rows(tx, _LOCATED, **wanted) if keys else ():
        one = Part(*row)
        found[of, one.key] = one
    return found


_LOCATED = (
    sa.select(record.c.key.label("record_key"), *PART)
    .join(record, record.c.id == part.c.record)
    .where(record.c.stream == sa.bindparam("stream"), among(record.c.key, "keys"))
)


class New(msgspec.Struct):
    """A part of which nobody has been told yet; as columns, in their order."""

    id: int
    record: int
    stream: int
    key: str
    target: str
    state: str
    turn: int
    want: bytes
    base: bytes = NOTHING
    confirmed: bool = False
    adopted: bool = False
    parent: str | None = None
    unique_key: bytes | None = None
    numbered: bool = False
    attempts: int = 0


def add(tx: sa.Connection, some: Sequence[New]) -> None:
    """None of these is there yet."""
    write(tx, _INSERT, New.__struct_fields__, map(msgspec.structs.astuple, some))


def insert(tx: sa.Connection, rows: Sequence[Mapping[str, object]]) -> None:
    blank = {"confirmed": False, "adopted": False, "attempts": 0}
    many(tx, _INSERT, [{**blank, **row} for row in rows])


def update(tx: sa.Connection, ids: Sequence[int] | int, **values: object) -> int:
    ids = [ids] if isinstance(ids, int) else ids
    if not ids:
        return 0
    return tx.execute(sa.update(part).where(part.c.id.in_(ids)).values(**values)).rowcount


def update_each(tx: sa.Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Each row has `_id` and the same columns."""
    many(tx, _UPDATE, rows)


def next_id(tx: sa.Connection) -> int:
    return (direct.value(tx, _LAST_ID) or 0) + 1


_INSERT = sa.insert(part)
_UPDATE = sa.update(part).where(part.c.id == sa.bindparam("_id"))
_LAST_ID = sa.select(sa.func.max(part.c.id))


def with_unique(
    tx: sa.Connection, streams: Collection[int], target: str, keys: Sequence[bytes]
) -> list[Part]:
    """Parts of a target that are, or want to be, the only ones with this value."""
    mine = sa.and_(part.c.target == target, part.c.stream.in_(streams))
    query = sa.select(*PART).where(mine, part.c.unique_key.in_(keys))
    return [Part(*row) for row in tx.execute(query)]


def dependents(
    tx: sa.Connection, streams: Collection[int], parents: Sequence[str]
) -> dict[str, list[int]]:
    """Kind -> ids of the records whose parts hang on these parents ('customer:7')."""
    found: dict[str, list[int]] = {}
    wanted = {"streams": listed(streams), "parents": listed(parents)}
    for kind, one in direct.rows(tx, _DEPENDENTS, **wanted) if parents else ():
        found.setdefault(kind, []).append(one)
    return found


_DEPENDENTS = (
    sa.select(stream.c.kind, record.c.id)
    .distinct()
    .select_from(part)
    .join(record, record.c.id == part.c.record)
    .join(stream, stream.c.id == record.c.stream)
    .where(among(part.c.parent, "parents"), AMONG_STREAMS)
)


def unwanted(
    tx: sa.Connection, stream: int, keys: Sequence[str], states: Sequence[str]
) -> list[str]:
    """Those of these records that are in one of these states, or were read and have no main object
    that is wanted at the target."""
    wanted = {"stream": stream, "keys": listed(keys), "states": listed(states)}
    return direct.column(tx, _UNWANTED, **wanted) if keys else []


_UNWANTED = (
    sa.select(record.c.key)
    .outerjoin(part, sa.and_(part.c.record == record.c.id, part.c.key == ""))
    .where(
        record.c.stream == sa.bindparam("stream"),
        among(record.c.key, "keys"),
        sa.or_(
            among(record.c.state, "states"),
            sa.and_(record.c.ver > 0, sa.or_(part.c.id.is_(None), part.c.want == NOTHING)),
        ),
    )
)


def living_children(tx: sa.Connection, streams: Collection[int], parent: str) -> int:
    """How many objects of other records still hang on this one at the CRM."""
    return direct.value(tx, _LIVING_CHILDREN, streams=listed(streams), parent=parent) or 0


_LIVING_CHILDREN = sa.select(sa.func.count()).where(
    part.c.parent == sa.bindparam("parent"), part.c.remote_id.is_not(None), AMONG_STREAMS
)


def borrowing(tx: sa.Connection, stream: int, parent: str) -> list[Part]:
    """Settled parts of a stream that were written onto the object of this record."""
    query = sa.select(*PART).where(
        part.c.stream == stream,
        part.c.parent == parent,
        part.c.remote_id.is_(None),
        part.c.base != NOTHING,
        part.c.state.not_in(UNSETTLED),
    )
    return [Part(*row) for row in tx.execute(query)]


def rows_of(tx: sa.Connection, one: int) -> list[sa.RowMapping]:
    """Everything known of a record's parts, for a person to read."""
    query = sa.select(part).where(part.c.record == one).order_by(part.c.key)
    return list(tx.execute(query).mappings())


def with_problem(tx: sa.Connection, problem: int) -> list[Part]:
    query = sa.select(*PART).where(part.c.problem == problem)
    return [Part(*row) for row in tx.execute(query)]


def error_of(tx: sa.Connection, one: int) -> str | None:
    return tx.scalar(sa.select(part.c.error).where(part.c.id == one))


def stored_fields(tx: sa.Connection, kind: Kind, ids: Sequence[int]) -> dict[int, bytes]:
    """Part id -> the encoded fields it was last agreed to have."""
    query = _PERSON_FIELDS if kind in PERSONAL else _FIELDS
    found = direct.rows(tx, query, some=listed(ids)) if ids else ()
    return {one: fields for one, fields in found if fields is not None}


_FIELDS = sa.select(part.c.id, part.c.fields).where(
    among(part.c.id, "some"), part.c.fields.is_not(None)
)
_PERSON_FIELDS = sa.select(person_fields.c.part, person_fields.c.fields).where(
    among(person_fields.c.part, "some")
)


class Settled(msgspec.Struct):
    """What a part is after a write that was carried out; as columns, in their order. `fields` are
    the encoded ones that it has now."""

    state: str
    base: bytes
    fields: bytes
    rewritten: bytes | None
    remote_id: str | None
    sent_ver: int
    sent_at: dt.datetime
    sent_run: int
    seen_at: dt.datetime | None
    confirmed: bool
    id: int


def settle(tx: sa.Connection, kind: Kind, some: Sequence[Settled], now: dt.datetime) -> None:
    """All of one kind."""
    personal = kind in PERSONAL
    if personal:
        store_fields(tx, kind, {one.id: one.fields for one in some}, now)
    rows = []
    for one in some:
        *columns, identity = msgspec.structs.astuple(one)
        if personal:
            columns[_FIELDS_AT] = None
        rows.append((*columns, *SETTLED.values(), identity))
    write(tx, _UPDATE, _SETTLED, rows)


_SETTLED = (*Settled.__struct_fields__[:-1], *SETTLED, "_id")
_FIELDS_AT = _SETTLED.index("fields")


def store_fields(
    tx: sa.Connection, kind: Kind, fields: Mapping[int, bytes | None], now: dt.datetime
) -> None:
    """Part id -> the encoded fields it has from now on; None where no object is."""
    if not fields:
        return
    rows: list[Mapping[str, object]] = [{"_id": one, "fields": f} for one, f in fields.items()]
    if kind not in PERSONAL:
        update_each(tx, rows)
        return
    keep = now + KEEP_PERSONAL
    gone = [one for one, encoded in fields.items() if not encoded]
    for start in range(0, len(gone), CHUNK):
        some = person_fields.c.part.in_(gone[start : start + CHUNK])
        tx.execute(sa.delete(person_fields).where(some))
    kept = [{"part": one, "fields": f, "keep_until": keep} for one, f in fields.items() if f]
    many(tx, _SAVE_PERSON_FIELDS, kept)


_INSERT_PERSON_FIELDS = sqlite.insert(person_fields)
_SAVE_PERSON_FIELDS = _INSERT_PERSON_FIELDS.on_conflict_do_update(
    index_elements=["part"],
    set_={name: _INSERT_PERSON_FIELDS.excluded[name] for name in ("fields", "keep_until")},
)
