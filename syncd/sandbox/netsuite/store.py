"""The account's rows, in SQLite in memory: what SuiteQL asks and what the record API writes.

A day or a moment is a BLOB `2026-11-22 01:00:00` on the account's wall clock, so that it is never
equal to a text; a column of moments has a twin `name_` with the same in UTC. Flags are 'T' and 'F',
an empty text is NULL, as in Oracle. A number beside a text is compared as its column's kind.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from syncd.sandbox.netsuite.functions import register
from syncd.sandbox.netsuite.schema import (
    COMPUTED,
    DATES,
    HIDDEN,
    NUMBERS,
    STORED,
    Column,
    Table,
    tables,
)
from syncd.sandbox.netsuite.switches import Switches

WALL = "%Y-%m-%d %H:%M:%S"
Row = dict[str, Any]
ENTITIES = ("customer", "contact", "employee")


class Store:
    """`clock` gives aware moments in UTC; nothing else is read from outside."""

    def __init__(self, switches: Switches, clock: Callable[[], dt.datetime]) -> None:
        self.switches = switches
        self._clock = clock
        self._zone = switches.zone
        self._ids: dict[str, int] = {}
        self.tables: dict[str, Table] = tables()
        self.db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        register(self.db, self.sysdate)
        self.db.create_function("today", 0, lambda: day(self.today()))
        self.db.execute("PRAGMA case_sensitive_like = ON")
        self._create()

    def _create(self) -> None:
        for name, table in self.tables.items():
            if not table.view:
                self._make(name, table)
        self._make("customer_", self.tables["customer"])
        self._make("link", self.tables["nexttransactionlinelink"])
        for name in ("previousdoc", "nextdoc"):
            self._index("link", name)
        for name in ("transaction", "customer_", "contact", "customeraddressbook"):
            self._index(name, "entity" if name == "customeraddressbook" else "id")
        for name in ("transactionline", "transactionaccountingline"):
            self._index(name, "transaction")
        self._index("transaction", "lastmodifieddate")
        self._index("transaction", "entity")
        self._index("transactionaccountingline", "entity_")
        for name in ("entityid", "externalid", "lastmodifieddate"):
            self._index("customer_", name)
        self._views()

    def _views(self) -> None:
        for name, table in self.tables.items():
            if table.view:
                self.db.execute(f'DROP VIEW IF EXISTS "{name}"')
                self.db.execute(f'CREATE VIEW "{name}" AS {table.view}')

    def _make(self, name: str, table: Table) -> None:
        columns = [_declared(one) for one in table.columns.values() if not _computed(name, one)]
        columns += [f'"{one}_" TEXT' for one in table.moments]
        columns += [f'"{one}"' for one in HIDDEN.get(name, ())]
        self.db.execute(f'CREATE TABLE "{name}" ({", ".join(columns)})')

    def _index(self, table: str, name: str) -> None:
        self.db.execute(f'CREATE INDEX "{table}.{name}" ON "{table}" ("{name}")')

    def add_column(self, table: str, column: Column) -> None:
        """A custom field."""
        self.tables[table].columns[column.name] = column
        self.db.execute(f'ALTER TABLE "{STORED.get(table, table)}" ADD COLUMN {_declared(column)}')
        self._views()

    # time

    def now(self) -> dt.datetime:
        ahead = self._clock() + dt.timedelta(seconds=self.switches.skew)
        return ahead.replace(microsecond=0)

    def today(self) -> dt.date:
        return self.now().astimezone(ZoneInfo(self.switches.zone)).date()

    def wall(self, moment: dt.datetime, zone: str = "") -> bytes:
        there = moment.astimezone(ZoneInfo(zone or self.switches.zone))
        return there.strftime(WALL).encode()

    def sysdate(self) -> bytes:
        return self.wall(self.now(), self.switches.sysdate_zone)

    def settle_zone(self) -> None:
        """Moments stand on the wall clock of the zone that is switched on now."""
        if self._zone == self.switches.zone:
            return
        self._zone = self.switches.zone
        self.db.create_function("wall", 1, self._rewall)
        stored = [(STORED.get(name, name), one) for name, one in self.tables.items()]
        stored = [(name, one) for name, one in stored if not one.view or name in STORED.values()]
        for name, table in [*stored, ("link", self.tables["nexttransactionlinelink"])]:
            for one in table.moments:
                self.db.execute(f'UPDATE "{name}" SET "{one}" = wall("{one}_")')

    def _rewall(self, text: str | None) -> bytes | None:
        return None if text is None else self.wall(utc(text))

    # rows

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Many writes as one; taken back where one of them is refused."""
        self.db.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def next_id(self, sequence: str) -> int:
        self._ids[sequence] = found = self._ids.get(sequence, 0) + 1
        return found

    def rows(self, sql: str, *values: object) -> list[Row]:
        return [dict(one) for one in self.db.execute(sql, values)]

    def one(self, sql: str, *values: object) -> Row | None:
        found = self.db.execute(sql, values).fetchone()
        return None if found is None else dict(found)

    def get(self, table: str, id: object) -> Row | None:
        return self.one(f'SELECT * FROM "{STORED.get(table, table)}" WHERE id = ?', id)

    def insert(self, table: str, values: Mapping[str, object]) -> None:
        held = self._held(values)
        names = ", ".join(f'"{one}"' for one in held)
        marks = ", ".join("?" * len(held))
        into = STORED.get(table, table)
        self.db.execute(f'INSERT INTO "{into}" ({names}) VALUES ({marks})', [*held.values()])

    def update(self, table: str, where: Mapping[str, object], values: Mapping[str, object]) -> None:
        held = self._held(values)
        names = ", ".join(f'"{one}" = ?' for one in held)
        found = " AND ".join(f'"{one}" = ?' for one in where)
        into = STORED.get(table, table)
        self.db.execute(
            f'UPDATE "{into}" SET {names} WHERE {found}', [*held.values(), *where.values()]
        )

    def delete(self, table: str, where: Mapping[str, object]) -> None:
        found = " AND ".join(f'"{one}" = ?' for one in where)
        self.db.execute(
            f'DELETE FROM "{STORED.get(table, table)}" WHERE {found}', [*where.values()]
        )

    def _held(self, values: Mapping[str, object]) -> Row:
        held: Row = {}
        for name, value in values.items():
            if isinstance(value, dt.datetime):
                held[name] = self.wall(value)
                held[f"{name}_"] = value.astimezone(dt.UTC).strftime(WALL)
            else:
                held[name] = plain(value)
        return held


def plain(value: object) -> object:
    """As it is kept; a moment only the store can write."""
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return None if value == "" else value


def day(value: dt.date) -> bytes:
    return f"{value.isoformat()} 00:00:00".encode()


def date_of(held: bytes | None) -> dt.date | None:
    return None if held is None else dt.date.fromisoformat(held[:10].decode())


def utc(twin: str) -> dt.datetime:
    """Out of the twin of a column of moments."""
    return dt.datetime.strptime(twin, WALL).replace(tzinfo=dt.UTC)


def amount(held: object) -> Decimal:
    return Decimal(str(held or 0))


def _computed(name: str, column: Column) -> bool:
    return name == "customer_" and column.name in COMPUTED


def _declared(column: Column) -> str:
    kind = "NUMERIC" if column.kind in NUMBERS else "BLOB" if column.kind in DATES else "TEXT"
    return f'"{column.name}" {kind}'
