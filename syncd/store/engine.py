"""Opens the store: one SQLite file in WAL mode, synced at every commit, of a known revision."""

from __future__ import annotations

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
        path.parent.mkdir(parents=True, exist_ok=True)
        self.engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
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
    """Creates the file or brings it to this version's revision. ConfigError for a newer one."""
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    store = Store(path)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    try:
        with store.reading() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        if current == scripts.get_current_head():
            return store
        if current not in {None, *(script.revision for script in scripts.walk_revisions())}:
            raise ConfigError(
                f"{path}: this state was written by a newer syncd (revision {current}); "
                "install that version again, or start with an empty state file"
            )
        with store.transaction() as tx:
            config.attributes["connection"] = tx
            command.upgrade(config, "head")
    except sa.exc.DatabaseError as error:
        raise ConfigError(f"{path}: not a syncd state file ({error.orig})") from None
    return store


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
