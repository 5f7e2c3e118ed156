"""What one cycle works with: two systems, two mappings, one store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import sqlalchemy as sa

from syncd.clock import Clock
from syncd.domain import Kind
from syncd.mapping import BooksMapping, CrmMapping
from syncd.port import Connector, Flow, Request, Target
from syncd.store.engine import Store

T = TypeVar("T")


class Transport(Protocol):
    """Carries a flow's requests, and counts them; `before_send` may stop each by raising."""

    calls: int
    writes: int
    before_send: Callable[[Request], None]

    def run(self, flow: Flow[T]) -> T: ...


@dataclass(frozen=True)
class Side:
    """One connection: its name in the configuration, its connector, and what carries requests."""

    name: str
    connector: Connector
    transport: Transport

    def ask(self, flow: Flow[T]) -> T:
        return self.transport.run(flow)


@dataclass(frozen=True)
class Numbers:
    """Seconds, unless they say otherwise."""

    lease: float = 60
    request_timeout: float = 30
    overlap: float = 600
    requests_a_commit: int = 10
    sweep_every: float = 24 * 3600
    wait_for_doubt: float = 30
    retry_refused: float = 24 * 3600
    problem_age: float = 24 * 3600


@dataclass(frozen=True)
class Pair:
    name: str
    books: Side
    crm: Side
    reading: BooksMapping
    writing: CrmMapping
    store: Store
    clock: Clock
    numbers: Numbers = field(default_factory=Numbers)
    checkpoint: Callable[[str], None] = lambda _name: None
    """Called at the named points of docs/crash-points.md; tests end the process there."""

    @property
    def doubt_time(self) -> float:
        return self.crm.connector.facts.doubt_time

    def target(self, word: str) -> Target:
        return self.crm.connector.facts.targets[word]


@dataclass(frozen=True)
class Scene:
    """One transaction of one run."""

    tx: sa.Connection
    pair: Pair
    streams: dict[Kind, int]
    run: int
    epoch: int = 0
