from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import desk, in_utc
from tests.table.exports import HEAD, PAYMENTS, Exports

__all__ = ["desk", "in_utc"]

Make = Callable[..., Exports]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """A folder read by these lines."""
    with ExitStack() as stack:

        def made(read: str = PAYMENTS, **small: int) -> Exports:
            found = Exports(tmp_path, HEAD + read, **small)
            stack.callback(found.transport.close)
            return found

        yield made


@pytest.fixture
def exports(make: Make) -> Exports:
    return make()
