"""A base of the sandbox in this process, and a connector that reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from email.utils import format_datetime
from functools import cache
from urllib.parse import quote, unquote

from connectors.onec import OneC
from connectors.onec.layouts import LAYOUTS, Layout
from syncd.domain import CANONICAL, Canonical, Kind
from syncd.errors import DoubtError, UnavailableError
from syncd.http.outgoing import encoded, query_text
from syncd.mapping import BooksMapping, load_books
from syncd.port import All, Connector, Flow, Keys, Read, Record, Request, Response, Scope, Since, T
from syncd.sandbox.onec.trade.desk import Desk
from syncd.sandbox.onec.world import PASSWORD, PUBLICATION, Onec
from syncd.sandbox.port import Asked
from tests.clocks import ManualClock
from tests.engine.rig import MAPPINGS, Carrier

PLAN = "CRM"


class Local(Carrier):
    def __init__(self, sandbox: Onec, connector: Connector, password: str = PASSWORD) -> None:
        super().__init__(connector, {"password": password})
        self.sandbox = sandbox
        self.lines: list[str] = []

    def answer(self, request: Request) -> Response:
        headers = {**request.headers, "host": "sandbox"}
        asked = Asked(
            request.method,
            quote(PUBLICATION + request.path, safe="/()',="),
            query_text(request.query),
            {name.lower(): value for name, value in headers.items()},
            b"" if request.json is None else encoded(request.json),
        )
        self.lines.append(f"{request.method} {unquote(request.path)} {dict(request.query)}")
        done = self.sandbox.answer(asked)
        if done.status >= 500 and not request.judged:
            text = f"HTTP {done.status}"
            raise DoubtError(text, answered=True) if request.write else UnavailableError(text)
        told = {name.lower(): value for name, value in done.headers.items()}
        told.setdefault("date", format_datetime(self.sandbox.now(), usegmt=True))
        return Response(done.status, told, done.body)


@cache
def mapping(name: str) -> BooksMapping:
    return load_books(MAPPINGS / f"onec_{name}.yaml", OneC.facts)


class Office:
    """`plan`: changes come by the plan of exchange. What is made of a base is the desk's to do."""

    def __init__(
        self,
        configuration: str = "ut",
        *,
        plan: bool = False,
        size: int | None = None,
        seed: int = 1,
        fill: Callable[[Desk], None] | None = None,
        sandbox: Onec | None = None,
        **options: str,
    ) -> None:
        self.clock = ManualClock()
        self.name = configuration
        self.sandbox = sandbox or Onec(self.clock.utc, seed, size, fill)
        self.sandbox.switches.configuration = configuration
        self.options = {"login": "Обмен", "zone": "Europe/Moscow", **options}
        if plan:
            self.options |= {"exchange_plan": PLAN, "exchange_node": self.node}
        self.restart()

    def restart(self) -> None:
        """A new process."""
        self.connector = OneC(self.options)
        self.transport = Local(self.sandbox, self.connector)

    @property
    def node(self) -> str:
        nodes = self.sandbox.base.objects[f"ExchangePlan_{PLAN}"].values()
        return str(next(one["Ref_Key"] for one in nodes if not one["ThisNode"]))

    @property
    def layout(self) -> Layout:
        """Which of the base's documents are which kind."""
        present = frozenset(self.sandbox.base.configuration.entities)
        return replace(next(one for one in LAYOUTS if one.signature[0] in present), present=present)

    @property
    def desk(self) -> Desk:
        return self.sandbox.desk

    def run(self, flow: Flow[T]) -> T:
        return self.transport.run(flow)

    def stranger(self, flow: Flow[T]) -> T:
        """The same, with another password."""
        return Local(self.sandbox, self.connector, password="другой").run(flow)

    def read(self, kind: Kind) -> Read:
        return mapping(self.name).inbound[kind].read

    def records(self, kind: Kind, scope: Scope | None = None) -> list[Record]:
        """A whole pass."""
        scope, found = scope or All(), list[Record]()
        while True:
            page = self.run(self.connector.pull(self.read(kind), scope))
            found += page.records
            if page.next is None:
                return found
            if isinstance(scope, Since):
                scope = Since(scope.moment, page.next)
            else:
                assert not isinstance(scope, Keys)
                scope = All(page.next)

    def canonical(self, kind: Kind, scope: Scope | None = None) -> dict[str, Canonical]:
        """Key -> what the shipped mapping makes of it."""
        inbound = mapping(self.name).inbound[kind]
        made = {one.key: inbound(one) for one in self.records(kind, scope)}
        return {key: one for key, one in made.items() if one is not None}

    def everything(self, scope: Scope | None = None) -> dict[Kind, dict[str, Canonical]]:
        kinds: Sequence[Kind] = [kind for kind in CANONICAL if kind in self.connector.facts.sources]
        return {kind: self.canonical(kind, scope) for kind in kinds}

    def changed(self, moment: dt.datetime | None = None) -> dict[Kind, dict[str, Canonical]]:
        """A cycle: which base it is, and what changed of every kind, acknowledged."""
        self.run(self.connector.identity())
        found = self.everything(Since(moment or self.clock.utc()))
        self.run(self.connector.acknowledge())
        return found
