"""What every test starts from."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa
import structlog

from syncd import assembly, environment
from syncd.store import engine, tables
from tests import shipped

pytest_plugins = ["tests.world.fixtures"]

MEMORY = Path("/dev/shm")
ENOUGH = 4 << 30
"""Bytes of it that must be free."""

hypothesis.settings.register_profile(
    "any machine",  # one that is busy is no defect
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    """Temporary files live in memory where there is enough of it: a state is written through to its
    disk some forty times a run, and on a disk the tests wait for that half of their time."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= ENOUGH:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


LONGEST = (
    *(
        "crash/test_at_random.py",
        "engine/test_histories.py",
        "engine/test_both_sides.py",
        "bottlecrm/test_conformance.py",
    ),
    *("crash/test_points.py", "crash/test_won.py", "crash/test_corrections.py"),
    *("netsuite_zoho/test_trade.py", "netsuite/test_conformance.py"),
    *("onec_zoho/test_trade.py", "onec/test_pair.py", "onec/test_sandbox.py", "real/"),
)
"""Files that take longest: a parallel run begins with them, so that none is alone at its end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests keep their order."""

    def place(item: pytest.Item) -> int:
        found = (nth for nth, name in enumerate(LONGEST) if f"tests/{name}" in item.nodeid)
        return next(found, len(LONGEST))

    items.sort(key=place)


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing is kept in the cache of whoever runs the tests, but what they download."""
    usual, find = os.environ.get("XDG_CACHE_HOME", ""), environment._cache
    folder = tmp_path_factory.mktemp("cache") / "syncd"

    def cache(named: str) -> Path | None:
        return folder if named == usual else find(named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(environment, "_cache", cache)
        yield


@pytest.fixture(autouse=True, scope="session")
def _migrated_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A new state is a copy of one that the migrations made, with an id of its own."""
    made = tmp_path_factory.mktemp("made") / "state.sqlite"
    migrate = engine._migrate

    def copied(store: engine.Store) -> None:
        if engine._revision(store) is not None:
            return migrate(store)
        if not made.exists():
            migrate(store)
            return engine.copy(store, made)
        store.close()
        store.path.write_bytes(made.read_bytes())
        with store.transaction() as tx:
            tx.execute(sa.update(tables.state).values(id=secrets.token_hex(8)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_migrate", copied)
        yield


@pytest.fixture(autouse=True, scope="session")
def _compiled_once() -> Iterator[None]:
    """Commands that run in this process find the shipped mappings compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "load_books", shipped.load_books)
        patch.setattr(assembly, "load_crm", shipped.load_crm)
        yield


@pytest.fixture(autouse=True)
def _logging_as_it_comes() -> Iterator[None]:
    """A command that ran in this process may have set logging up."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
