"""What commands import, in processes of their own: what takes long is left to those that use it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.cycle.world import World
from tests.bench.test_counts import Bench

SELDOM = {
    *("alembic", "apprise", "apscheduler", "holidays", "openpyxl", "phonenumbers", "pydantic"),
    *(
        "pydantic_settings",
        "prometheus_client",
        "rapidfuzz",
        "rich",
        "stdnum",
        "structlog",
        "tenacity",
    ),
}
QUESTIONS = {
    *("syncd.app", "syncd.questions", "syncd.stories", "syncd.why", "syncd.report"),
    *("syncd.preview", "syncd.doctor", "syncd.setup", "syncd.guide", "syncd.care"),
    *("syncd.daemon", "syncd.sandbox", "syncd.table", "syncd.notify.due", "syncd.notify.post"),
    *("syncd.verbs", "syncd.decisions", "syncd.link_orders", "syncd.stored_answers"),
    *("syncd.matching.index", "syncd.matching.party", "syncd.cli.show", "syncd.cli.screens"),
}
STORE = {"sqlalchemy", "asyncio", "syncd.store.tables", "syncd.store.engine"}
SYSTEMS = {"requests", "urllib3", "tenacity", "connectors", "syncd.http", "syncd.rest"}
FILES = {"yaml", "syncd.mapping", "syncd.settings", "syncd.registry", "syncd.sync.cycle"}
HELP = {"sqlite3", "json", "decimal", "dataclasses", "syncd.status", "syncd.snapshot", "babel"}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("bench"), World(orders=3, payments=2, customers=1))
    yield made
    made.close()


def imported(bench: Bench, *arguments: str) -> set[str]:
    """Modules, and the packages they are in."""
    named = ["--config", str(bench.file)]
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "syncd", *named, *arguments],
        env={**os.environ, "XDG_CACHE_HOME": str(bench.folder / "cache")},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    found = {line.rsplit("|", 1)[1].strip() for line in told.stderr.splitlines() if "|" in line}
    assert {"click", "syncd.cli"} <= found, "the list of imports was not read"
    return found


def test_an_idle_run_imports_nothing_that_answers_questions(bench: Bench) -> None:
    imported(bench, "run", "--go-live")
    found = imported(bench, "run")
    assert "syncd.sync.cycle" in found and bench.target["calls"]
    assert not found & (SELDOM | QUESTIONS)


def test_a_second_status_imports_neither_store_nor_settings(bench: Bench) -> None:
    """The first one leaves a snapshot of what the files say."""
    imported(bench, "status")
    found = imported(bench, "status")
    assert {"sqlite3", "syncd.status"} <= found
    assert not found & (SELDOM | QUESTIONS | STORE | SYSTEMS | FILES)
    assert STORE & imported(bench, "problems"), "the names are right"


def test_help_imports_nothing_that_works(bench: Bench) -> None:
    found = imported(bench, "--help")
    assert not found & (SELDOM | QUESTIONS | STORE | SYSTEMS | FILES | HELP)


@pytest.mark.parametrize("name", sorted(QUESTIONS | {"syncd.status", "syncd.snapshot"}))
def test_what_must_not_be_imported_is_called_so(name: str) -> None:
    place = Path(__file__).parents[2].joinpath(*name.split("."))
    assert place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()
