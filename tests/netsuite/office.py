"""An account of the sandbox in this process, and a connector that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from connectors.netsuite import NetSuite, NetSuiteCrm
from syncd.clock import Clock
from syncd.domain import CANONICAL, Canonical, Kind
from syncd.mapping import BooksMapping, load_books
from syncd.port import All, Connector, Flow, Keys, Read, Record, Scope, Since, T
from syncd.sandbox.netsuite import NetSuite as Sandbox
from syncd.sandbox.netsuite.ledger import Ledger
from syncd.sandbox.netsuite.people import People
from syncd.sandbox.serve import Served
from tests.clocks import ManualClock
from tests.engine.rig import MAPPINGS
from tests.standin import HERE, InProcess

LOGINS: Mapping[str, tuple[str, ...]] = {
    "certificate": ("private_key",),
    "tokens": ("consumer_key", "consumer_secret", "token_id", "token_secret"),
}
REPEATABLE = ("PUT", "PATCH")


@cache
def mapping() -> BooksMapping:
    return load_books(MAPPINGS / "netsuite.yaml", NetSuite.facts)


class Office:
    """`switches` are those of the sandbox that shape the company from its beginning."""

    def __init__(
        self,
        *,
        size: int | None = None,
        seed: int = 1,
        login: str = "certificate",
        clock: ManualClock | None = None,
        switches: Mapping[str, object] | None = None,
        crm: bool = False,
        **options: str,
    ) -> None:
        self.clock = clock or ManualClock()
        self.sandbox = Sandbox(self.clock.utc, seed=seed, size=size)
        for name, value in (switches or {}).items():
            setattr(self.sandbox.switches, name, value)
        self.served = Served(self.sandbox)
        self.hello = self.sandbox.hello(HERE)
        self.login = login
        self._make = NetSuiteCrm if crm else NetSuite
        self.options = {
            "account": self.hello["account"],
            "zone": self.sandbox.switches.zone,
            "login": login,
            "client_id": self.hello["client_id"],
            "certificate_id": self.hello["certificate_id"],
            **options,
        }
        self.restart()

    def restart(self) -> None:
        """A new process."""
        self.connector = self._make(self.options)
        self.transport = self.inside(self.connector)

    @property
    def ledger(self) -> Ledger:
        return self.sandbox.ledger

    @property
    def people(self) -> People:
        return self.sandbox.people

    @property
    def secrets(self) -> Mapping[str, str]:
        return {name: self.hello[name] for name in LOGINS[self.login]}

    def inside(self, connector: Connector, clock: Clock | None = None, **more: Any) -> InProcess:
        transport = InProcess(HERE, connector, self.secrets, clock or self.clock, **more)
        transport.served = self.served
        return transport

    def run(self, flow: Flow[T]) -> T:
        return self.transport.run(flow)

    def stranger(self, flow: Flow[T]) -> T:
        """The same, with a key that nobody mapped."""
        other = Sandbox(self.clock.utc, seed=99).hello(HERE)
        wrong = {**self.secrets}
        wrong |= {"private_key": other["private_key"]} if "private_key" in wrong else {}
        wrong |= {"token_secret": "не-тот"} if "token_secret" in wrong else {}
        transport = InProcess(HERE, self.connector, wrong, self.clock)
        transport.served = self.served
        return transport.run(flow)

    def read(self, kind: Kind) -> Read:
        return mapping().inbound[kind].read

    def records(self, kind: Kind, scope: Scope | None = None) -> list[Record]:
        """A whole pass."""
        scope, found = scope or All(), list[Record]()
        while True:
            page = self.run(self.connector.pull(self.read(kind), scope))
            found += page.records
            if page.next is None:
                return found
            assert not isinstance(scope, Keys)
            since = isinstance(scope, Since)
            scope = Since(scope.moment, page.next) if since else All(page.next)

    def canonical(self, kind: Kind, scope: Scope | None = None) -> dict[str, Canonical]:
        """Key -> what the shipped mapping makes of it."""
        inbound = mapping().inbound[kind]
        made = {one.key: inbound(one) for one in self.records(kind, scope)}
        return {key: one for key, one in made.items() if one is not None}

    def everything(self, scope: Scope | None = None) -> dict[Kind, dict[str, Canonical]]:
        kinds = [kind for kind in CANONICAL if kind in self.connector.facts.sources]
        return {kind: self.canonical(kind, scope) for kind in kinds}
