"""What the conformance kit gets of a memory world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectors.memory import LocalTransport, MemoryBooks, MemoryCrm, World
from tests.conformance import kit
from tests.conformance.driver import D
from tests.inside import InProcess
from tests.memory.driver import Clock

C = TypeVar("C", MemoryBooks, MemoryCrm)


def wire_to(world: World) -> kit.Wire:
    return kit.Wire(
        lambda connector, clock: InProcess(world.handle, connector, {"token": "secret"}, clock)
    )


@dataclass
class Made(Generic[C]):
    clock: Clock
    world: World
    connector: C

    def subject(self, driver: Callable[[World, Clock], D]) -> kit.Subject[D]:
        self.world.sides.books.token = self.world.sides.crm.token = "secret"
        run, stranger = (
            LocalTransport(self.connector, self.world.handle, token).run
            for token in ("secret", "wrong")
        )
        acted = driver(self.world, self.clock)
        return kit.Subject(self.connector, run, acted, stranger, wire_to(self.world))
