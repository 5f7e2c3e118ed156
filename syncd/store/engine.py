"""Opens the store: one SQLite file in WAL mode, synced at every commit, of a known revision."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from syncd.errors import ConfigError
from syncd.store import copies, direct, revisions
from syncd.store.disk import told
from syncd.store.locks import alone
from syncd.store.revisions import MIGRATIONS as MIGRATIONS
from syncd.store.tables import metadata, state

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    "journal_size_limit=16777216",
    "wal_autocheckpoint=4000",  # as many pages as that is: what changes often goes back once
    "cache_size=-16384",  # KB: keys come in no order, and each commit touches all of their index
)


class Dialect(SQLiteDialect_pysqlite):
    """One like the other: what a statement compiles to for one state serves every other that the
    process opens."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dialect)

    def __hash__(self) -> int:
        return hash(Dialect)


registry.register("sqlite.syncd", __name__, Dialect.__name__)
_COMPILED: LRUCache[Any, Any] = LRUCache(1000)


KEPT = 3
"""Connections that stay open while nobody uses them."""


class Store:
    """`transaction` is the only way to write: it takes SQLite's write lock at once, so that two
    writers queue up instead of failing half-way."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)  # it holds personal data
        self.engine = sa.create_engine(
            f"sqlite+syncd:///{path}",
            connect_args={"timeout": 30},
            hide_parameters=True,  # its errors would quote what was to be stored
            execution_options={"compiled_cache": _COMPILED},
            poolclass=sa.NullPool,  # what is closed here is closed
        )
        event.listen(self.engine, "connect", _configure)
        event.listen(self.engine, "begin", _begin)
        self._idle: list[sa.Connection] = []

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """NoRoomError or StateError where the disk refuses; then nothing of it happened."""
        with told(self.path), self._kept() as connection, connection.begin():
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent view; nothing can be written through it."""
        with told(self.path), self._kept() as connection:
            driver = direct.driver(connection)
            driver.execute("BEGIN")  # SQLAlchemy joins in where it is asked something itself
            try:
                yield connection
            finally:
                connection.rollback()
                driver.rollback()

    @contextmanager
    def _kept(self) -> Iterator[sa.Connection]:
        """Connections stay open from one use to the next: a cycle has some fifty, each of which
        would take one out of SQLAlchemy's pool and put it back. One serves readers and writers, for
        each has a cache of its own; so what many threads needed at once is not kept. One that is in
        use while the store is closed is closed after that."""
        idle = self._idle
        try:
            connection = idle.pop()
        except IndexError:  # asking first whether there is one would be two steps of two threads
            connection = self.engine.connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if len(idle) < KEPT:
            idle.append(connection)
        else:
            connection.close()
        if idle is not self._idle:
            _close(idle)

    def close(self) -> None:
        idle, self._idle = self._idle, []
        _close(idle)
        self.engine.dispose()


def _close(idle: list[sa.Connection]) -> None:
    """Another thread may take one away meanwhile, or close some too."""
    with suppress(IndexError):
        while True:
            idle.pop().close()


class Upgrade(msgspec.Struct, frozen=True):
    """What brings a state to this version's revision: each step's number and what it adds."""

    found: str | None
    steps: tuple[tuple[str, str], ...]


def open_store(path: Path) -> Store:
    """Creates the file or brings it to this version's revision, after a copy beside it. ConfigError
    for a newer one, and for what is no state file; BusyError where it has to be brought there and
    another process owns a pair."""
    with told(path):
        store = Store(path)
        try:
            found = needed(store)
            if found.steps:
                upgrade(store, found)
        except BaseException:
            store.close()
            raise
    return store


def needed(store: Store) -> Upgrade:
    """ConfigError for a state of a newer version."""
    current = _revision(store)
    known = _revisions()
    if current is not None and current not in known:
        raise ConfigError(
            f"{store.path}: this state was written by a newer syncd (revision {current}); "
            "install that version again, or start with an empty state file"
        )
    steps = ((one, known[one]) for one in sorted(known) if current is None or one > current)
    return Upgrade(current, tuple(steps))


def upgrade(store: Store, found: Upgrade, progress: copies.Progress = copies.silent) -> Path | None:
    """In one transaction; the copy of what was there before, None where nothing was."""
    if found.found is None:
        _create(store, newest=found.steps[-1][0])
        return None
    with alone(store.path):
        kept = copies.keep_before(store.path, found.found, progress)
        _migrate(store)
    return kept


def _create(store: Store, newest: str) -> None:
    """All at once what the migrations come to one after another; a test compares them."""
    with store.transaction() as tx:
        metadata.create_all(tx)
        tx.execute(sa.insert(state).values(id=secrets.token_hex(8)))
        tx.execute(sa.text(_VERSION_TABLE))
        tx.execute(sa.text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": newest})


_VERSION_TABLE = """CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)"""


def _migrate(store: Store) -> None:
    from alembic import command  # half a second to import, and seldom needed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.transaction() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "head")


def _revisions() -> dict[str, str]:
    """Numbers of the migrations, and what each adds, in its own first line."""
    return {number: _first_line(file) for number, file in revisions.files().items()}


def _first_line(file: Path) -> str:
    return file.read_text(encoding="utf-8").split("\n", 1)[0].strip('"')


def _revision(store: Store) -> str | None:
    with store.reading() as tx:
        there = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
        driver = direct.driver(tx)
        if not driver.execute(there).fetchone():  # an inspector is slow to import
            return None
        found = driver.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(found[0]) if found else None


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # syncd begins its own transactions
    if not connection.execute("PRAGMA page_count").fetchone()[0]:
        # Only before there is anything in it: room that becomes free can be given back later.
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    driver = direct.driver(connection)
    if not driver.in_transaction:  # what only reads has begun
        driver.execute("BEGIN IMMEDIATE")


def copy(store: Store, path: Path) -> None:
    """A consistent copy of the state, by SQLite's own backup, while others write on."""
    path.touch(mode=0o600)
    target = sqlite3.connect(path)
    try:
        with store.reading() as tx:
            source: Any = tx.connection.driver_connection
            source.backup(target)
    finally:
        target.close()
