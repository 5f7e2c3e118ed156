"""The state file: made at the right revision, refused when it is newer or something else."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from syncd.errors import ConfigError
from syncd.store import runs, streams
from syncd.store.engine import MIGRATIONS, Store, open_store
from syncd.store.tables import metadata


def test_the_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    store = Store(tmp_path / "old.sqlite")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.transaction() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "head")
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"render_as_batch": True})
        assert compare_metadata(context, metadata) == []
    store.close()
    open_store(tmp_path / "new.sqlite").close()
    assert _shape(tmp_path / "new.sqlite") == _shape(tmp_path / "old.sqlite")


def _shape(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Columns, indexes and foreign keys of each table, in no order, and what is in it but for ids
    that are drawn."""
    found: dict[str, list[tuple[object, ...]]] = {}
    raw = sqlite3.connect(path)
    kept = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    for (table,) in raw.execute(kept).fetchall():
        asked = {
            "column": 'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)',
            "index": 'SELECT i.name, i."unique", i.partial, c.seqno, c.name FROM'
            " pragma_index_list(?) i, pragma_index_info(i.name) c WHERE i.origin = 'c'",
            "key": 'SELECT "table", "from", "to" FROM pragma_foreign_key_list(?)',
            "kept": "SELECT wr, strict FROM pragma_table_list WHERE name = ?",
        }
        for what, sql in asked.items():
            found[f"{what} of {table}"] = sorted(raw.execute(sql, (table,)).fetchall(), key=repr)
        found[f"rows of {table}"] = raw.execute(f"SELECT count(*) FROM {table}").fetchall()
    made = "SELECT replace(sql, '\"', '') FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"
    found["indexes"] = sorted(raw.execute(made).fetchall())
    found["version"] = raw.execute("SELECT version_num FROM alembic_version").fetchall()
    raw.close()
    return found


def test_a_state_is_opened_again_as_it_is(tmp_path: Path) -> None:
    for _ in range(2):
        open_store(tmp_path / "state.sqlite").close()
    assert (tmp_path / "state.sqlite").stat().st_mode & 0o077 == 0


def test_a_state_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    open_store(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(ConfigError, match="newer syncd"):
        open_store(path)


def test_a_file_that_is_no_state_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    path.write_text("a letter to grandmother, rather long for a header" * 40)
    with pytest.raises(ConfigError, match="not a syncd state file"):
        open_store(path)


def test_what_ran_before_counters_were_kept_is_counted(tmp_path: Path) -> None:
    """And each stream knows when it last brought something new."""
    store = Store(tmp_path / "state.sqlite")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.transaction() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "0002")
        for statement in (
            "INSERT INTO stream VALUES (1, 'main', 'invoice')",
            "INSERT INTO cursor (stream) VALUES (1)",
            "INSERT INTO run (id, pair, epoch, command, mode, began, ended, result) VALUES "
            "(1, 'main', 1, 'run', 'live', 1000000, 3500000, 'ok'), "
            "(2, 'main', 1, 'run', 'live', 9000000, 9500000, 'ok'), "
            "(3, 'main', 1, 'run', 'live', 9900000, NULL, NULL)",
            "INSERT INTO page VALUES (1, 1, 1, 5, 5, 0, 0, 0), (2, 1, 2, 5, 0, 5, 0, 0)",
        ):
            tx.exec_driver_sql(statement)
    store.close()
    store = open_store(tmp_path / "state.sqlite")
    with store.reading() as tx:
        assert runs.outcomes(tx, "main") == {"ok": (2, 3000)}
        news = streams.read_cursor(tx, 1).news_at
    assert news == streams.LONG_AGO + dt.timedelta(seconds=1)
    store.close()


def test_connections_stay_open_from_one_use_to_the_next(tmp_path: Path) -> None:
    store = open_store(tmp_path / "syncd.sqlite")
    store.close()
    opened: list[object] = []
    sa.event.listen(store.engine, "connect", lambda one, _: opened.append(one))
    for _ in range(3):
        with store.reading(), store.transaction(), store.reading():
            pass
    assert len(opened) == 3
    with pytest.raises(RuntimeError), store.transaction() as tx:
        tx.exec_driver_sql("UPDATE state SET id = 'lost'")
        raise RuntimeError
    with store.transaction() as tx:
        assert tx.exec_driver_sql("SELECT id FROM state").scalar() != "lost"
    store.close()
    with store.reading() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM state").scalar() == 1
    assert len(opened) == 4, "the first ones were closed"
    store.close()
