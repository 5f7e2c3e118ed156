"""One base that is only read, made once; and one for each test that writes."""

from __future__ import annotations

import pytest

from tests.sandbox.onec.client import Client


@pytest.fixture(scope="module")
def books() -> Client:
    """To read."""
    return Client()


@pytest.fixture
def client() -> Client:
    """To write."""
    return Client()
