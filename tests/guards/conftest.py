"""The office is opened once; every test gets a copy of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guards.office import Office


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(tmp_path_factory.mktemp("office"))
    office.open()
    office.pair.store.close()
    return office


@pytest.fixture
def office(opened: Office, tmp_path: Path) -> Office:
    return opened.moved(tmp_path / "mine")
