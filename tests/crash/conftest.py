"""One forking process and one prepared state for all the tests of a worker; folders in memory, for
a SIGKILL loses nothing that was written, on a disk or not."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.crash.stand import Forks, Snapshot, Stand, prepared

MakeStand = Callable[..., Stand]
MEMORY = Path("/dev/shm")


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    process = Forks()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def places() -> Iterator[Callable[[], Path]]:
    """Gives a new folder each time."""
    where = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="syncd-crash-", dir=where) as folder:
        yield lambda: Path(tempfile.mkdtemp(dir=folder))


@pytest.fixture
def place(places: Callable[[], Path]) -> Path:
    return places()


@pytest.fixture(scope="session")
def empty_pair(forks: Forks, places: Callable[[], Path]) -> Snapshot:
    return prepared(places(), forks)


@pytest.fixture
def stand_of(places: Callable[[], Path], forks: Forks, empty_pair: Snapshot) -> Iterator[MakeStand]:
    """Makes stands whose systems are of a tier; the pair is live and its books are empty."""
    with ExitStack() as stack:

        def make(tier: str = "T3", page: int = 1, **rest: Any) -> Stand:
            made = Stand(places(), forks, tier, empty_pair, page, **rest)
            return stack.enter_context(made)

        yield make
