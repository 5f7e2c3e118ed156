"""One forking process and one prepared state for all the tests of a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.crash.stand import Forks, Snapshot, Stand, prepared

MakeStand = Callable[..., Stand]


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    process = Forks()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def empty_pair(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return prepared(tmp_path_factory.mktemp("prepared"), forks)


@pytest.fixture
def stand_of(tmp_path: Path, forks: Forks, empty_pair: Snapshot) -> Iterator[MakeStand]:
    """Makes a stand whose CRM is of a tier; the pair is live and its books are empty."""
    with ExitStack() as stack:

        def make(tier: str = "T3", page: int = 1) -> Stand:
            return stack.enter_context(Stand(tmp_path, forks, tier, empty_pair, page))

        yield make
