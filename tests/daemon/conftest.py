"""The stands of the crash tests, with a service on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.crash.conftest import MakeStand, empty_pair, forks, places, stand_of
from tests.daemon.unit import Service

__all__ = ["empty_pair", "forks", "places", "stand_of"]


@pytest.fixture
def service_of(stand_of: MakeStand) -> Iterator[Callable[..., Service]]:
    """Makes services on new stands; each is ended."""
    with ExitStack() as stack:

        def make(**pair: object) -> Service:
            return stack.enter_context(Service(stand_of(), pair))

        yield make
