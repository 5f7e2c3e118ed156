"""One account that is only read, made once; and one for each test that writes or switches."""

from __future__ import annotations

import pytest

from tests.sandbox.netsuite.desk import Desk


@pytest.fixture(scope="module")
def books() -> Desk:
    """To read."""
    return Desk()


@pytest.fixture
def desk() -> Desk:
    """To write."""
    return Desk()
