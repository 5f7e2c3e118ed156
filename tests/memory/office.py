"""Books of some habits behind the honest connector to them."""

from __future__ import annotations

from typing import Any

from connectors.memory import BooksHabits, LocalTransport, MemoryBooks, World
from syncd.domain import Kind
from syncd.port import All, Keys, Page, Record, Scope
from tests.memory.driver import Clock, MemoryBooksDriver

ALL = All()


class Office:
    """A world with books of some habits, and the honest connector to them."""

    def __init__(self, **habits: Any) -> None:
        self.clock = Clock()
        self.world = World(self.clock, books=BooksHabits(**habits))
        self.books = self.world.books
        connector = MemoryBooks(self.books.habits.honest())
        self._connector = connector
        self._driver = MemoryBooksDriver(self.world, self.clock)
        self._transport = LocalTransport(connector, self.world.handle)

    def page(self, kind: Kind, scope: Scope = ALL) -> Page:
        return self._transport.run(self._connector.pull(self._driver.read(kind), scope))

    def record(self, kind: Kind, key: str) -> Record:
        [record] = self.page(kind, Keys([key])).records
        return record

    def rows(self, customer: str) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = self.record(Kind.BALANCE, customer).data["rows"]
        return rows
