"""A pair between two memory systems, on a clock that stands still until told."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from connectors.memory import (
    BooksHabits,
    CrmHabits,
    MemoryBooks,
    MemoryCrm,
    World,
)
from syncd.domain import Kind
from syncd.errors import AccessError, DoubtError, TransientError, UnavailableError
from syncd.http.drive import drive
from syncd.mapping import BooksMapping
from syncd.port import Connector, Facts, Flow, Grant, Request, Response, T
from syncd.store import problems, streams, tallies
from syncd.store.engine import open_store
from syncd.sync.cycle import run as run_cycle
from syncd.sync.order import Order, Report
from syncd.sync.pair import Numbers, Pair, Side
from tests.clocks import ManualClock
from tests.shipped import load_books, load_crm

MAPPINGS = Path(__file__).parents[2] / "mappings"
NUMBERS = Numbers(lease=60, request_timeout=1, overlap=600, wait_for_doubt=0)


class Killed(BaseException):
    """The process is gone."""


class Carrier(ABC):
    """Carries flows to a system in this process, by the rules of the real transport."""

    def __init__(self, connector: Connector, secrets: Mapping[str, str]) -> None:
        self.calls = self.writes = self.credits = 0
        self.left: int | None = None
        self.before_send: Callable[[Request], None] = lambda request: None
        self._connector, self._secrets = connector, secrets
        self._headers: Mapping[str, str] | None = None

    def run(self, flow: Flow[T]) -> T:
        if self._headers is None:
            given = drive(self._connector.authenticate(self._secrets), self._send)
            self._headers = given.headers if isinstance(given, Grant) else given
        carried_out = False

        def exchange(request: Request) -> Response:
            nonlocal carried_out
            response = self._send(request)
            carried_out = carried_out or (request.write and response.status < 300)
            return response

        try:
            return drive(flow, exchange)
        except (TransientError, AccessError) as error:
            if carried_out:
                raise DoubtError(str(error)) from error
            raise

    def _send(self, request: Request) -> Response:
        self.before_send(request)
        self.calls += 1
        self.writes += request.write
        self.credits += request.cost
        headers = {**(self._headers or {}), **request.headers}
        return self.answer(dataclasses.replace(request, headers=headers))

    @abstractmethod
    def answer(self, request: Request) -> Response: ...


class WorldTransport(Carrier):
    def __init__(self, world: World, connector: Connector) -> None:
        super().__init__(connector, {"token": "secret"})
        self._world = world

    def answer(self, request: Request) -> Response:
        try:
            response = self._world.handle(request)
        except DoubtError as error:
            if request.write:
                raise
            raise UnavailableError(str(error)) from error
        if response.status == 401:
            raise AccessError("the system refuses the credential")
        if response.status >= 500:
            text = f"HTTP {response.status}"
            raise DoubtError(text, answered=True) if request.write else UnavailableError(text)
        return response


class Wired:
    """What is done with a pair, whatever its systems."""

    pair: Pair
    clock: ManualClock

    def set_up(self) -> None:
        """Makes the custom fields, and the pair live."""
        crm = self.pair.crm
        crm.ask(crm.connector.setup(self.pair.writing.custom_fields, True))
        self.run(write=False)
        with self.pair.store.transaction() as tx:
            streams.set_mode(tx, self.pair.name, streams.LIVE_MODE, self.clock.utc())

    def run(self, *, write: bool = True, full: bool = False, **rest: Any) -> Report:
        order = Order("run", write=write, full=full)
        return run_cycle(self.pair, msgspec.structs.replace(order, **rest))

    def later(self, seconds: float = 300, **rest: Any) -> Report:
        self.clock.advance(seconds)
        return self.run(**rest)

    def states(self) -> dict[str, int]:
        """Parts that are not clean, by state, over all streams."""
        found: dict[str, int] = {}
        with self.pair.store.reading() as tx:
            for stream in streams.stream_ids(tx, self.pair.name).values():
                for state, count in tallies.count_states(tx, stream).items():
                    found[state] = found.get(state, 0) + count
        return found

    def problems(self) -> list[str]:
        with self.pair.store.reading() as tx:
            return [one.text for one in problems.listed(tx, self.pair.name)]


class Rig(Wired):
    """`books_options` and `crm_options` are what the connectors declare; the habits are what the
    systems do."""

    tells_balances = True
    """The books tell balances; else they are added up out of documents."""

    def __init__(
        self,
        folder: Path,
        *,
        books: BooksHabits | None = None,
        crm: CrmHabits | None = None,
        books_options: Mapping[str, str] | None = None,
        crm_options: Mapping[str, str] | None = None,
        numbers: Numbers = NUMBERS,
        mappings: Path = MAPPINGS,
        tells_balances: bool = True,
    ) -> None:
        self.clock = ManualClock()
        self.world = World(self.clock.utc, books, crm)
        self.folder = folder
        self.books_options = dict(books_options or {})
        self.crm_options = dict(crm_options or {})
        self.numbers = numbers
        self.mappings = mappings
        self.tells_balances = tells_balances
        self.pair = self.build()

    def build(self, checkpoint: Callable[[str], None] = lambda _name: None) -> Pair:
        """A new process, as it were: nothing is carried over but the state file."""
        books, crm = MemoryBooks(self.books_options), MemoryCrm(self.crm_options)
        pair = Pair(
            "main",
            Side("books", books, WorldTransport(self.world, books)),
            Side("crm", crm, WorldTransport(self.world, crm)),
            self._reading(books.facts),
            load_crm(self.mappings / "memory_crm.yaml", crm.facts),
            open_store(self.folder / "state.sqlite"),
            self.clock,
            self.numbers,
            checkpoint=checkpoint,
        )
        self.pair = pair
        return pair

    def _reading(self, facts: Facts) -> BooksMapping:
        reading = load_books(self.mappings / "memory_books.yaml", facts)
        if self.tells_balances:
            return reading
        inbound = dict(reading.inbound)
        del inbound[Kind.BALANCE]
        return msgspec.structs.replace(reading, inbound=inbound, owed_in="EUR")


def open_problems(rig: Rig) -> list[str]:
    return rig.problems()


def one_of_each(rig: Rig) -> tuple[str, str, str]:
    books = rig.world.books
    customer = books.add_customer("ООО «Пример»", email="buh@example.ru")
    invoice = books.post_invoice(customer, "120.00")
    payment = books.pay(customer, "70.00", allocations=[(invoice, "50.00")])
    return customer, invoice, payment
