"""The conformance kit through the real transport: the world behind HTTP keeps the same promises."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from connectors.memory import BooksHabits, CrmHabits, MemoryBooks, MemoryCrm, World
from connectors.memory.serve import Served, listen
from syncd.http import HttpTransport
from tests.clocks import ManualClock
from tests.conformance import kit
from tests.memory.driver import (
    Clock,
    MemoryBooksDriver,
    MemoryCrmDriver,
    MemoryDealsDriver,
    MemoryIntakeDriver,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(clock: Clock) -> World:
    world = World(clock, BooksHabits(), CrmHabits(tier="T1", bulk=3))
    world.sides.books.token = world.sides.crm.token = "secret"
    return world


@pytest.fixture
def url(world: World) -> Iterator[str]:
    with listen(Served(world)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def ways(url: str, connector: MemoryBooks | MemoryCrm) -> tuple[kit.Run, kit.Run, kit.Wire]:
    """With the right token, with a wrong one, and with the kit in between."""
    run, stranger = (
        HttpTransport(url, connector, {"token": token}, ManualClock()).run
        for token in ("secret", "wrong")
    )
    wire = kit.Wire(lambda made, clock: HttpTransport(url, made, {"token": "secret"}, clock))
    return run, stranger, wire


def test_books_behind_http_keep_every_promise(world: World, clock: Clock, url: str) -> None:
    connector = MemoryBooks({**world.books.habits.honest(), "page": "2"})
    run, stranger, wire = ways(url, connector)
    read = kit.Subject[kit.BooksDriver](
        connector, run, MemoryBooksDriver(world, clock), stranger, wire
    )
    cases = kit.books_cases(connector.facts, MemoryBooksDriver.can)
    assert kit.broken(cases, lambda: read) == {}
    intake = MemoryIntakeDriver(world, clock)
    written = kit.Subject[kit.CrmDriver](connector, run, intake, stranger, wire)
    assert kit.broken(kit.crm_cases(connector.facts), lambda: written) == {}


def test_a_crm_behind_http_keeps_every_promise(world: World, clock: Clock, url: str) -> None:
    connector = MemoryCrm({**world.crm.habits.honest(), "page": "2"})
    run, stranger, wire = ways(url, connector)
    written = kit.Subject[kit.CrmDriver](
        connector, run, MemoryCrmDriver(world, clock), stranger, wire
    )
    assert kit.broken(kit.crm_cases(connector.facts), lambda: written) == {}
    read = kit.Subject[kit.BooksDriver](
        connector, run, MemoryDealsDriver(world, clock), stranger, wire
    )
    cases = kit.books_cases(connector.facts, MemoryDealsDriver.can)
    assert kit.broken(cases, lambda: read) == {}
