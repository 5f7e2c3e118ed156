"""Records and their versions: what the books were last seen to say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from syncd.domain import PERSONAL, Kind
from syncd.store import direct
from syncd.store.bulk import among, listed, many, write
from syncd.store.tables import change, part, person, person_change, record

KEEP_PERSONAL = dt.timedelta(days=90)
LIVE, FILTERED, VOID, UNMAPPABLE, VANISHED = "live", "filtered", "void", "unmappable", "vanished"
CORRECTING, DELETED, ARCHIVED = "correcting", "deleted", "archived"
"""States of a record. Filtered: not of interest, or not yet. Void: a document that no longer
counts. Correcting: it was unposted and may come back; the last good version stands until
`next_review`. Unmappable: the mapping could not digest the newest observation; the last good
version stands. Vanished: a complete pass did not find it; nothing is concluded until a person says
what it is: deleted, it counts no more; archived, the books trimmed their history and it counts as
before. Of both `error` tells who said so, and why."""

THERE = (LIVE, VOID, UNMAPPABLE, CORRECTING)
"""States of records that a complete pass should show."""
MISSING = (VANISHED, DELETED, ARCHIVED)
"""States of records that the books no longer have, as far as the last complete pass tells."""
COUNTED = (LIVE, UNMAPPABLE, VANISHED, CORRECTING, ARCHIVED)
"""States of documents that count in the figures, by their last good version."""
KEPT = (*COUNTED, DELETED)
"""States in which the last version of a customer and of its balance stands: a deleted customer
keeps its card, and a deleted balance is nothing."""

EVERY = (LIVE, FILTERED, VOID, UNMAPPABLE, CORRECTING, *MISSING)

CHUNK = 500

Values = dict[str, object]


class Known(msgspec.Struct, frozen=True):
    """What the store knows of one record; nobody changes it. `asked` is the number of the page it
    was last read by, `customer` whose document it is, `next_review` when the clock alone may change
    it."""

    id: int
    key: str
    state: str
    ver: int
    fp: bytes | None
    raw_hash: bytes | None
    stamp: dt.datetime | None
    asked: int
    changed_at: dt.datetime | None
    problem: int | None
    customer: str | None
    next_review: dt.datetime | None


class Seen(msgspec.Struct):
    """What one observation makes of a record. `image` is set where it is a new version."""

    key: str
    before: Known | None
    state: str
    raw: bytes
    raw_hash: bytes
    stamp: dt.datetime | None
    asked: int
    image: bytes | None = None
    fp: bytes | None = None
    error: str | None = None
    problem: int | None = None
    customer: str | None = None
    next_review: dt.datetime | None = None
    id: int = 0

    @property
    def ver(self) -> int:
        return (self.before.ver if self.before else 0) + (self.image is not None)


_KNOWN = [record.c[name] for name in Known.__struct_fields__]
_KNOWN_BY_KEY = sa.select(*_KNOWN).where(
    record.c.stream == sa.bindparam("stream"),
    among(record.c.key, "keys"),
)
_KNOWN_BY_ID = sa.select(*_KNOWN).where(among(record.c.id, "ids"))


def known(tx: sa.Connection, stream: int, keys: Sequence[str]) -> dict[str, Known]:
    wanted = {"stream": stream, "keys": listed(keys)}
    found = direct.rows(tx, _KNOWN_BY_KEY, **wanted) if keys else ()
    return {row[1]: Known(*row) for row in found}


def by_id(tx: sa.Connection, ids: Sequence[int]) -> list[Known]:
    return [Known(*row) for row in direct.rows(tx, _KNOWN_BY_ID, ids=listed(ids))]


def with_stream(tx: sa.Connection, one: int) -> tuple[Known, int]:
    row = tx.execute(sa.select(*_KNOWN, record.c.stream).where(record.c.id == one)).one()
    return Known(*row[:-1]), row[-1]


def image_of(tx: sa.Connection, kind: Kind, one: int, ver: int) -> bytes | None:
    """The image of one version, if retention has left it."""
    table = person_change if kind in PERSONAL else change
    found = tx.scalar(sa.select(table.c.image).where(table.c.record == one, table.c.ver == ver))
    return bytes(found) if found is not None else None


def images_of(tx: sa.Connection, kind: Kind, versions: Mapping[int, int]) -> dict[int, bytes]:
    """Record id -> the image of the version that is named, if retention has left it."""
    query = _IMAGES_OF[person_change if kind in PERSONAL else change]
    found = direct.rows(tx, query, versions=listed(versions.items())) if versions else ()
    return {one: image for one, image in found if image is not None}


_NAMED = sa.func.json_each(sa.bindparam("versions", type_=sa.String)).table_valued("value")
_IMAGES_OF = {
    table: sa.select(table.c.record, table.c.image).join_from(
        _NAMED,
        table,
        sa.and_(
            table.c.record == sa.func.json_extract(_NAMED.c.value, "$[0]"),
            table.c.ver == sa.func.json_extract(_NAMED.c.value, "$[1]"),
        ),
    )
    for table in (change, person_change)
}


def first_seen(tx: sa.Connection, ids: Sequence[int]) -> dict[int, dt.datetime]:
    """Record id -> when its first version was observed; of kinds without personal data."""
    found: dict[int, dt.datetime] = {}
    for start in range(0, len(ids), CHUNK):
        query = sa.select(change.c.record, change.c.at).where(
            change.c.record.in_(ids[start : start + CHUNK]), change.c.ver == 1
        )
        found.update((one, at) for one, at in tx.execute(query))
    return found


def earlier(tx: sa.Connection, records: Sequence[Known]) -> dict[int, list[bytes]]:
    """Record id -> the images of its versions before this one that are still kept, the oldest
    first; of kinds without personal data."""
    newest = {row.id: row.ver for row in records if row.ver > 1}
    found: dict[int, list[bytes]] = {}
    for one, ver, image in direct.rows(tx, _VERSIONS, some=listed(newest)) if newest else ():
        if ver < newest[one]:
            found.setdefault(one, []).append(image)
    return found


_VERSIONS = (
    sa.select(change.c.record, change.c.ver, change.c.image)
    .where(among(change.c.record, "some"))
    .order_by(change.c.record, change.c.ver)
)


def batch(tx: sa.Connection, stream: int, after: int) -> list[Known]:
    """The next records of a stream by id."""
    return [Known(*row) for row in direct.rows(tx, _BATCH, stream=stream, after=after)]


_BATCH = (
    sa.select(*_KNOWN)
    .where(record.c.stream == sa.bindparam("stream"), record.c.id > sa.bindparam("after"))
    .order_by(record.c.id)
    .limit(CHUNK)
)


def versioned(tx: sa.Connection, stream: int, after: int) -> list[Known]:
    """The next of those that ever had a version."""
    return [Known(*row) for row in direct.rows(tx, _VERSIONED, stream=stream, after=after)]


_VERSIONED = _BATCH.where(record.c.ver > 0)


def newest(tx: sa.Connection, stream: int, count: int) -> list[Known]:
    """The records that came last, the newest first."""
    query = sa.select(*_KNOWN).where(record.c.stream == stream)
    return [Known(*row) for row in tx.execute(query.order_by(record.c.id.desc()).limit(count))]


def any_of(tx: sa.Connection, stream: int) -> bool:
    """Whether anything of a stream was ever read."""
    return direct.value(tx, _ANY_OF, stream=stream) is not None


_ANY_OF = sa.select(record.c.key).where(record.c.stream == sa.bindparam("stream")).limit(1)


def note_problem(tx: sa.Connection, one: int, error: str, problem: int) -> None:
    tx.execute(sa.update(record).where(record.c.id == one).values(error=error, problem=problem))


def end_problems(tx: sa.Connection, ids: Sequence[int]) -> None:
    """These records can be read and written; a vanished one waits for a person's word."""
    if ids:
        direct.change(tx, _END_PROBLEMS, ids=listed(ids))


_END_PROBLEMS = (
    sa.update(record)
    .where(
        among(record.c.id, "ids"),
        record.c.problem.is_not(None),
        record.c.state != UNMAPPABLE,
        record.c.state != VANISHED,
    )
    .values(error=None, problem=None)
)


def error_of(tx: sa.Connection, one: int) -> str | None:
    return tx.scalar(sa.select(record.c.error).where(record.c.id == one))


def vanish(tx: sa.Connection, ids: Sequence[int], because: int) -> None:
    tx.execute(
        sa.update(record).where(record.c.id.in_(ids)).values(state=VANISHED, problem=because)
    )


def vanished(tx: sa.Connection, stream: int, problem: int) -> list[Known]:
    """The records of a stream that are in quarantine because of this problem, oldest first."""
    mine = sa.and_(record.c.stream == stream, record.c.problem == problem)
    query = sa.select(*_KNOWN).where(mine, record.c.state == VANISHED).order_by(record.c.id)
    return [Known(*row) for row in tx.execute(query)]


def accept(tx: sa.Connection, one: int, state: str, note: str) -> None:
    """Out of quarantine, as a person said: deleted or archived."""
    values = {"state": state, "error": note, "problem": None, "next_review": None}
    tx.execute(sa.update(record).where(record.c.id == one).values(**values))


def is_void(kind: Kind, state: str) -> bool:
    """Of a document that no longer counts. A customer is never void: its card stays."""
    return state == VOID or (state == DELETED and kind is not Kind.CUSTOMER)


def save(
    tx: sa.Connection,
    kind: Kind,
    stream: int,
    seen: Sequence[Seen],
    *,
    run: int,
    cause: str,
    at: dt.datetime,
) -> None:
    """Writes what was observed; gives new records their ids."""
    free = (direct.value(tx, _LAST_ID) or 0) + 1
    inserts: list[tuple[object, ...]] = []
    updates: list[tuple[object, ...]] = []
    renewals: list[tuple[object, ...]] = []
    changes: list[tuple[object, ...]] = []
    persons: list[tuple[object, ...]] = []
    personal = kind in PERSONAL
    keep = at + KEEP_PERSONAL
    for one in seen:
        before, image = one.before, one.image
        ver = (before.ver if before else 0) + (image is not None)
        raw = None if personal else one.raw
        read = (one.raw_hash, raw, one.stamp, one.asked)
        tells = (one.error, one.problem, one.customer, one.next_review)
        if before is None:
            one.id, free = free, free + 1
            when = None if image is None else at
            inserts.append((one.id, stream, one.key, one.state, ver, one.fp, *read, when, *tells))
        else:
            one.id = before.id
            if image is None:
                updates.append((one.state, *read, *tells, one.id))
            else:
                renewals.append((one.state, ver, one.fp, *read, at, *tells, one.id))
        if image is not None:
            changes.append((one.id, ver, run, cause, at, image))
        if personal:
            persons.append((one.id, one.raw, keep))
    write(tx, _INSERT, _NEW, inserts)
    write(tx, _UPDATE, _READ_AGAIN, updates)
    write(tx, _UPDATE, _RENEWED, renewals)
    if personal:
        write(tx, _INSERT_PERSON_CHANGE, _PERSON_VERSION, [(*one, keep) for one in changes])
        write(tx, _SAVE_PERSON, _PERSON, persons)
    else:
        write(tx, _INSERT_CHANGE, _VERSION, changes)


_VERSION = ("record", "ver", "run", "cause", "at", "image")
_PERSON_VERSION = (*_VERSION, "keep_until")
_PERSON = ("record", "raw", "keep_until")
_READ = ("raw_hash", "raw", "stamp", "asked")
_TELLS = ("error", "problem", "customer", "next_review")
_NEW = ("id", "stream", "key", "state", "ver", "fp", *_READ, "changed_at", *_TELLS)
_READ_AGAIN = ("state", *_READ, *_TELLS, "_id")
_RENEWED = ("state", "ver", "fp", *_READ, "changed_at", *_TELLS, "_id")
_LAST_ID = sa.select(sa.func.max(record.c.id))
_UPDATE = sa.update(record).where(record.c.id == sa.bindparam("_id"))
_INSERT, _INSERT_CHANGE = sa.insert(record), sa.insert(change)
_INSERT_PERSON_CHANGE = sa.insert(person_change)
_INSERT_PERSON = sqlite.insert(person)
_SAVE_PERSON = _INSERT_PERSON.on_conflict_do_update(
    index_elements=["record"],
    set_={name: _INSERT_PERSON.excluded[name] for name in ("raw", "keep_until")},
)


def reviewable(tx: sa.Connection, stream: int, now: dt.datetime, limit: int) -> list[Known]:
    """Records whose time of review has come, the longest due first."""
    wanted = {"stream": stream, "now": now, "some": limit}
    return [Known(*row) for row in direct.rows(tx, _REVIEWABLE, **wanted)]


_REVIEWABLE = (
    sa.select(*_KNOWN)
    .where(record.c.stream == sa.bindparam("stream"), record.c.next_review <= sa.bindparam("now"))
    .order_by(record.c.next_review)
    .limit(sa.bindparam("some"))
)


def of_customers(
    tx: sa.Connection, stream: int, customers: Sequence[str], states: Sequence[str]
) -> list[Known]:
    """The documents of these customers that are in one of these states."""
    some = {"customers": listed(customers), "states": listed(states)}
    return [Known(*row) for row in direct.rows(tx, _OF_CUSTOMERS, stream=stream, **some)]


_OF_CUSTOMERS = (
    sa.select(*_KNOWN)
    .where(
        record.c.stream == sa.bindparam("stream"),
        among(record.c.customer, "customers"),
        among(record.c.state, "states"),
    )
    .order_by(sa.literal_column("+record.id"))
)
"""The plus keeps SQLite from going through all of the stream for the sake of the order."""


def renew(
    tx: sa.Connection, row: Known, image: bytes, fp: bytes, run: int, cause: str, at: dt.datetime
) -> None:
    """One more version of a document, which no page brought; it stays in its state."""
    ver = row.ver + 1
    values = {"record": row.id, "ver": ver, "run": run, "cause": cause, "at": at, "image": image}
    tx.execute(sa.insert(change).values(**values))
    mine = sa.update(record).where(record.c.id == row.id)
    tx.execute(mine.values(ver=ver, fp=fp, changed_at=at))


def give(tx: sa.Connection, ids: Sequence[int], customer: str) -> None:
    """These documents are this customer's."""
    for start in range(0, len(ids), CHUNK):
        some = record.c.id.in_(ids[start : start + CHUNK])
        tx.execute(sa.update(record).where(some).values(customer=customer))


def set_state(tx: sa.Connection, one: int, state: str) -> None:
    tx.execute(sa.update(record).where(record.c.id == one).values(state=state))


def touch(tx: sa.Connection, ids: Iterable[int], asked: int) -> None:
    """These records were met again, unchanged, by the page of this number."""
    many(tx, _UPDATE, [{"_id": one, "asked": asked} for one in ids])


def forget(tx: sa.Connection, ids: Sequence[int], stays: Collection[int] = ()) -> None:
    """What was read of these people goes, and with it whoever never had a version, but for those
    that stay: nothing of that is at the CRM, and nothing counts."""
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        whole = [one for one in some if one not in stays]
        gone = sa.and_(record.c.id.in_(whole), record.c.ver == 0)
        mine = part.c.record.in_(sa.select(record.c.id).where(gone))
        tx.execute(sa.delete(person).where(person.c.record.in_(some)))
        tx.execute(sa.delete(part).where(mine, part.c.remote_id.is_(None)))
        tx.execute(sa.update(record).where(record.c.id.in_(some)).values(raw_hash=None))
        tx.execute(sa.delete(record).where(gone))


def images(tx: sa.Connection, kind: Kind, records: Sequence[Known]) -> dict[int, bytes]:
    """Record id -> image of its newest version; records that never had one are left out."""
    table = person_change if kind in PERSONAL else change
    ids = [one.id for one in records if one.ver]
    return dict(direct.rows(tx, _IMAGES[table], ids=listed(ids))) if ids else {}


_IMAGES = {
    table: sa.select(table.c.record, table.c.image)
    .join(record, sa.and_(record.c.id == table.c.record, record.c.ver == table.c.ver))
    .where(among(table.c.record, "ids"))
    for table in (change, person_change)
}


def raws(tx: sa.Connection, kind: Kind, records: Sequence[Known]) -> dict[int, bytes]:
    """Record id -> the raw record as last read."""
    ids = [one.id for one in records]
    found = direct.rows(tx, _RAWS[kind in PERSONAL], ids=listed(ids)) if ids else ()
    return {one: raw for one, raw in found if raw is not None}


_RAWS = {
    True: sa.select(person.c.record, person.c.raw).where(among(person.c.record, "ids")),
    False: sa.select(record.c.id, record.c.raw).where(among(record.c.id, "ids")),
}


def count_live(tx: sa.Connection, stream: int, *, read: bool = False) -> int:
    """Records that a complete pass should show; with `read` those that could be read once."""
    return tx.scalar(_COUNT_LIVE, {"stream": stream, "least": int(read)}) or 0


_COUNT_LIVE = sa.select(sa.func.count()).where(
    record.c.stream == sa.bindparam("stream"),
    record.c.state.in_(THERE),
    record.c.ver >= sa.bindparam("least"),
)


def count_in(tx: sa.Connection, stream: int, states: Sequence[str]) -> int:
    query = sa.select(sa.func.count()).where(record.c.stream == stream, record.c.state.in_(states))
    return tx.scalar(query) or 0


def missing_since(
    tx: sa.Connection, stream: int, asked: int, states: Sequence[str] = THERE
) -> list[Known]:
    """Live records, or those in these states, that no page from this number on has shown."""
    query = sa.select(*_KNOWN).where(
        record.c.stream == stream,
        record.c.asked < asked,
        record.c.state.in_(states),
    )
    return [Known(*row) for row in tx.execute(query)]
