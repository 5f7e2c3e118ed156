"""How large a state is, what of it has had its time, and how fast it grows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import sqlalchemy as sa

from syncd.store import expiry, retention
from syncd.store.disk import free_bytes
from syncd.store.engine import Store
from syncd.store.expiry import Keep
from syncd.store.tables import change, intent, metadata, page, person_change, run, tally

WEEK = dt.timedelta(days=7)


class TableSize(msgspec.Struct, frozen=True):
    """`bytes` with its indexes; None where this SQLite cannot tell."""

    table: str
    rows: int
    bytes: int | None


class Size(msgspec.Struct, frozen=True):
    """Bytes. `unused` is free room inside the file; `goes` counts rows that have had their time;
    `daily` is the growth per day over the last week, None as long as nothing was written."""

    file: Path
    bytes: int
    wal: int
    unused: int
    disk_free: int
    tables: Sequence[TableSize]
    goes: Mapping[str, int]
    goes_bytes: int
    daily: int | None


def size(store: Store, keep: Keep, now: dt.datetime) -> Size:
    with store.reading() as tx:
        per_page = _pragma(tx, "page_size")
        whole, unused = (
            _pragma(tx, "page_count") * per_page,
            _pragma(tx, "freelist_count") * per_page,
        )
        sizes = _sizes(tx)
        tables = [
            TableSize(name, _rows(tx, table), None if sizes is None else sizes.get(name, 0))
            for name, table in metadata.tables.items()
        ]
        daily = _daily(tx, tables, whole - unused, now)
    goes = retention.count(store, keep, now)
    wal = store.path.with_name(f"{store.path.name}-wal")
    return Size(
        store.path,
        whole,
        wal.stat().st_size if wal.exists() else 0,
        unused,
        free_bytes(store.path),
        sorted(tables, key=lambda one: (-(one.bytes or 0), -one.rows, one.table)),
        goes,
        _goes_bytes(tables, whole - unused, goes, keep, now),
        daily,
    )


def _pragma(tx: sa.Connection, name: str) -> int:
    return int(tx.exec_driver_sql(f"PRAGMA {name}").scalar() or 0)


def _rows(tx: sa.Connection, table: sa.Table) -> int:
    return tx.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _sizes(tx: sa.Connection) -> dict[str, int] | None:
    """Table -> bytes, indexes included; None where SQLite was built without dbstat."""
    query = (
        "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_master m ON m.name = d.name "
        "WHERE d.aggregate = 1 GROUP BY m.tbl_name"
    )
    try:
        return {str(name): int(some) for name, some in tx.exec_driver_sql(query)}
    except sa.exc.OperationalError:
        return None


def _each(tables: Sequence[TableSize], used: int) -> dict[str, float]:
    """Bytes a row of each table, on average; of all of them where a table's own is not known."""
    rows = sum(one.rows for one in tables)
    average = used / rows if rows else 0.0
    return {
        one.table: average if one.bytes is None else one.bytes / one.rows if one.rows else 0.0
        for one in tables
    }


def _daily(
    tx: sa.Connection, tables: Sequence[TableSize], used: int, now: dt.datetime
) -> int | None:
    first = tx.scalar(sa.select(sa.func.min(run.c.began)))
    if first is None:
        return None
    since, each, grown = max(first, now - WEEK), _each(tables, used), 0.0
    for table, moment in ((change, change.c.at), (person_change, person_change.c.at)):
        grown += each[table.name] * _since(tx, table, moment, since)
    grown += each["intent"] * _since(tx, intent, intent.c.opened, since)
    grown += each["run"] * _since(tx, run, run.c.began, since)
    started = tx.scalar(sa.select(sa.func.min(run.c.id)).where(run.c.began >= since)) or 0
    for table in (page, tally):
        query = sa.select(sa.func.count()).select_from(table).where(table.c.run >= started)
        grown += each[table.name] * (tx.scalar(query) or 0)
    days = max((now - since) / dt.timedelta(days=1), 1.0)
    return int(grown / days)


def _since(
    tx: sa.Connection, table: sa.Table, moment: sa.Column[dt.datetime], since: dt.datetime
) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(moment >= since)
    return tx.scalar(query) or 0


def _goes_bytes(
    tables: Sequence[TableSize],
    used: int,
    goes: Mapping[str, int],
    keep: Keep,
    now: dt.datetime,
) -> int:
    each = _each(tables, used)
    names = {rule.name: rule.table.name for rule in expiry.rules(keep, now)}
    return int(sum(each[names[name]] * rows for name, rows in goes.items()))
