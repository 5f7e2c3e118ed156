"""Opens the store: one SQLite file in WAL mode, synced at every commit, of a known revision."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from syncd.errors import ConfigError

MIGRATIONS = Path(__file__).with_name("migrations")


class Store:
    """`transaction` is the only way to write: it takes SQLite's write lock at once, so that two
    writers queue up instead of failing half-way."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)  # it holds personal data
        self.engine = sa.create_engine(
            f"sqlite:///{path}",
            connect_args={"timeout": 30},
            hide_parameters=True,  # its errors would quote what was to be stored
        )
        event.listen(self.engine, "connect", _configure)
        event.listen(self.engine, "begin", _begin)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        with self.engine.execution_options(syncd_begin="BEGIN IMMEDIATE").begin() as tx:
            yield tx

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent view; nothing can be written through it."""
        with self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def open_store(path: Path) -> Store:
    """Creates the file or brings it to this version's revision. ConfigError for a newer one, and
    for what is no state file."""
    store = Store(path)
    try:
        current = _revision(store)
        if current is not None and current not in _revisions():
            raise ConfigError(
                f"{path}: this state was written by a newer syncd (revision {current}); "
                "install that version again, or start with an empty state file"
            )
        if current != max(_revisions()):
            _upgrade(store)
    except sa.exc.DatabaseError as error:
        raise ConfigError(f"{path}: not a syncd state file ({error.orig})") from None
    return store


def _revisions() -> set[str]:
    """Numbers of the migrations, from their file names: 0001_pre_first.py is 0001."""
    return {file.name.split("_")[0] for file in (MIGRATIONS / "versions").glob("0*.py")}


def _revision(store: Store) -> str | None:
    with store.reading() as tx:
        if not sa.inspect(tx).has_table("alembic_version"):
            return None
        found = tx.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return None if found is None else str(found)


def _upgrade(store: Store) -> None:
    from alembic import command  # half a second to import, and seldom needed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.transaction() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "head")


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # syncd begins its own transactions
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql(options.get("syncd_begin", "BEGIN"))


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
