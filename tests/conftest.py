"""What every test starts from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

pytest_plugins = ["tests.world.fixtures"]


@pytest.fixture(autouse=True)
def _logging_as_it_comes() -> Iterator[None]:
    """A command that ran in this process may have set logging up."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
