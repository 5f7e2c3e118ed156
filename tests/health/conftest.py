from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.health.shop import Shop


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """After sixteen days without any alarm, on a Wednesday afternoon."""
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.open()
    assert shop.days(16) == [], "ordinary days are quiet"
    shop.pair.store.close()
    yield shop


@pytest.fixture
def shop(learned: Shop, tmp_path: Path) -> Iterator[Shop]:
    other = learned.moved(tmp_path / "shop")
    yield other
    other.pair.store.close()
