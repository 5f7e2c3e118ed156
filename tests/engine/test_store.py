"""The state file: made at the right revision, refused when it is newer or something else."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from syncd.errors import ConfigError
from syncd.store.engine import open_store
from syncd.store.tables import metadata


def test_the_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    store = open_store(tmp_path / "state.sqlite")
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"render_as_batch": True})
        assert compare_metadata(context, metadata) == []
    store.close()


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
