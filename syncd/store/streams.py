"""Pairs, the connections they bind, their streams and how far each stream has read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from syncd.domain import Kind
from syncd.store import direct
from syncd.store.bulk import among, listed
from syncd.store.rows import LIVE_MODE as LIVE_MODE
from syncd.store.rows import PILOT as PILOT
from syncd.store.rows import PLAN as PLAN
from syncd.store.rows import SHADOW as SHADOW
from syncd.store.rows import ConnectionState as ConnectionState
from syncd.store.rows import PairState as PairState
from syncd.store.tables import connection, cursor, pair, stream

LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Cursor(msgspec.Struct, frozen=True):
    """`value` is where the next read starts, less the overlap; `complete_at` the last complete
    read, `swept_at` the last full pass, `surveyed_at` when the CRM's side was listed;
    `mapped_by` and `wanted_by` the mapping versions the mirror was mapped with; `news_at` when a
    read last brought something new, `missed_since` since when reads of what changed leave out what
    a full pass shows; `compared_by` the rules by which cards were compared with customers last."""

    value: dt.datetime | None = None
    source_time: dt.datetime | None = None
    complete_at: dt.datetime | None = None
    swept_at: dt.datetime | None = None
    surveyed_at: dt.datetime | None = None
    mapped_by: str | None = None
    wanted_by: str | None = None
    news_at: dt.datetime | None = None
    missed_since: dt.datetime | None = None
    compared_by: str | None = None


def ensure_pair(
    tx: sa.Connection, name: str, books: str, crm: str, now: dt.datetime
) -> dict[Kind, int]:
    """Kind -> stream id; a pair that is new begins in mode plan."""
    if pair_state(tx, name) is None:
        values = {"name": name, "books": books, "crm": crm, "mode": PLAN, "since": now}
        values["connected"] = now
        tx.execute(sa.insert(pair).values(values))
    found = stream_ids(tx, name)
    for kind in Kind:
        if kind not in found:
            result = tx.execute(sa.insert(stream).values(pair=name, kind=kind))
            assert result.inserted_primary_key is not None
            found[kind] = int(result.inserted_primary_key[0])
            tx.execute(sa.insert(cursor).values(stream=found[kind]))
    return found


def stream_ids(tx: sa.Connection, name: str) -> dict[Kind, int]:
    found = {kind: one for kind, one in direct.rows(tx, _STREAMS, name=name)}
    return {kind: found[kind] for kind in Kind if kind in found}


_STREAMS = sa.select(stream.c.kind, stream.c.id).where(stream.c.pair == sa.bindparam("name"))


def pair_state(tx: sa.Connection, name: str) -> PairState | None:
    row = direct.row(tx, _PAIR, name=name)
    return PairState(*row) if row else None


_PAIR = sa.select(pair).where(pair.c.name == sa.bindparam("name"))


def set_mode(
    tx: sa.Connection, name: str, mode: str, now: dt.datetime, scope: bytes | None = None
) -> None:
    values = {"mode": mode, "since": now, "scope": scope}
    tx.execute(sa.update(pair).where(pair.c.name == name).values(**values))


def set_restored(tx: sa.Connection, name: str, sign: str | None, now: dt.datetime) -> None:
    """Its state is older than what was written since; with a `sign` it waits for a person."""
    values: dict[str, object] = {"restored": now, "restored_sign": sign, "looked_back": None}
    if sign:
        values |= {"mode": PLAN, "since": now, "scope": None}
    tx.execute(sa.update(pair).where(pair.c.name == name).values(**values))


def move_restored(tx: sa.Connection, name: str, **values: object) -> None:
    tx.execute(sa.update(pair).where(pair.c.name == name).values(**values))


def pause_pair(tx: sa.Connection, name: str, until: dt.datetime | None, reason: str | None) -> None:
    values = {"paused_until": until, "reason": reason}
    tx.execute(sa.update(pair).where(pair.c.name == name).values(**values))


def read_cursor(tx: sa.Connection, one: int) -> Cursor:
    return cursors(tx, [one])[one]


def cursors(tx: sa.Connection, wanted: Sequence[int]) -> dict[int, Cursor]:
    """By stream."""
    rows = direct.rows(tx, _CURSORS, wanted=listed(wanted))
    return {stream: Cursor(*row) for stream, *row in rows}


_CURSORS = sa.select(cursor.c.stream, *(cursor.c[name] for name in Cursor.__struct_fields__)).where(
    among(cursor.c.stream, "wanted")
)


def move_cursor(tx: sa.Connection, one: int, **values: object) -> None:
    direct.change(tx, _MOVE_CURSOR, one=one, **values)


_MOVE_CURSOR = sa.update(cursor).where(cursor.c.stream == sa.bindparam("one"))


def connection_state(tx: sa.Connection, name: str) -> ConnectionState | None:
    row = direct.row(tx, _CONNECTION, name=name)
    return ConnectionState(*row) if row else None


_CONNECTION = sa.select(*(connection.c[name] for name in ConnectionState.__struct_fields__)).where(
    connection.c.name == sa.bindparam("name")
)


def fields_checked(tx: sa.Connection, name: str) -> str | None:
    """The mapping version whose custom fields were last found complete."""
    found: str | None = direct.value(tx, _FIELDS_CHECKED, name=name)
    return found


_FIELDS_CHECKED = sa.select(connection.c.fields_checked).where(
    connection.c.name == sa.bindparam("name")
)


def set_fields_checked(tx: sa.Connection, name: str, version: str | None) -> None:
    where = connection.c.name == name
    tx.execute(sa.update(connection).where(where).values(fields_checked=version))


def bind_connection(tx: sa.Connection, name: str, system: str, identity: str, label: str) -> None:
    """Remembers which company this connection reaches; the answer also ends a pause."""
    values: dict[str, object] = {
        "system": system,
        "identity": identity,
        "label": label,
        "paused_until": None,
        "reason": None,
    }
    if not direct.change(tx, _UPDATE_CONNECTION, one=name, **values):
        tx.execute(sa.insert(connection).values(name=name, **values))


_UPDATE_CONNECTION = sa.update(connection).where(connection.c.name == sa.bindparam("one"))


def pause_connection(
    tx: sa.Connection, name: str, until: dt.datetime | None, reason: str | None
) -> None:
    tx.execute(
        sa.update(connection)
        .where(connection.c.name == name)
        .values(paused_until=until, reason=reason)
    )
