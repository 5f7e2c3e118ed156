"""1C:Enterprise as the books, over its standard OData interface: УТ 11 / КА 2 / ERP 2, БП 3.0, УНФ.

`wire` is the transport format with its session, `schema` what the base publishes, `layouts` which
of its documents are which kind. `changes` tells what is worth reading, `documents`, `records`,
`customers` and `balances` read it, and `ledger` with `settle` work out what settles what. `create`
makes a customer and `children` what hangs on it; `guide` is for who sets up.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from syncd.domain import Kind
from syncd.errors import ConfigError, ProtocolError, RejectedError, SyncdError
from syncd.guide import Discovery, Greeting, Opened
from syncd.port import (
    Facts,
    FieldDef,
    Flow,
    Found,
    FoundPage,
    Identity,
    Outcome,
    Page,
    Read,
    Scope,
    Source,
    Tier,
    Write,
)

from . import children, create, guide, organisations
from .balances import VIRTUAL_BALANCE, balances
from .base import Base, open_base
from .changes import Changes, Plan
from .customers import VIRTUAL_CUSTOMER, customers
from .documents import documents
from .layouts import CUSTOMERS
from .records import VIRTUAL
from .values import is_key
from .wire import LoginError, Wire, basic

_PULLS = {Kind.CUSTOMER: customers, Kind.BALANCE: balances}
_OBJECTS = {
    "orders": Kind.ORDER,
    "invoices": Kind.INVOICE,
    "payments": Kind.PAYMENT,
    "credit_notes": Kind.CREDIT_NOTE,
    "adjustments": Kind.ADJUSTMENT,
}
"""Documents of several types are one object here; `layouts` says which."""

FACTS = Facts(
    system="onec",
    # A record's stamp is when it was seen; 1C notes no time of a change.
    sources={
        Kind.CUSTOMER: Source(CUSTOMERS, VIRTUAL_CUSTOMER, stamped=False),
        **{kind: Source(name, VIRTUAL, stamped=False) for name, kind in _OBJECTS.items()},
        Kind.BALANCE: Source("balances", VIRTUAL_BALANCE, stamped=False),
    },
    targets={
        "customer": create.CUSTOMER,
        "contact": children.CONTACT,
        "address": children.ADDRESS,
        "contract": children.CONTRACT,
    },
    doubt_time=30.0,
    country="RU",  # the three configurations whose layouts are known are Russian
    described=True,
    secrets=("password",),
    options={
        "login": "the infobase user that reads and writes",
        "zone": "the time zone of 1C's server, such as Europe/Moscow; its times name none",
        "currency": "the currency the books are kept in; RUB if left out",
        organisations.SETTING: "the organisations whose documents and balances are read, names or "
        "keys with semicolons between; all if left out",
        "window": "days back, by the date of documents, in which each cycle looks for changes; "
        "30 if left out",
        "catalogs": "minutes between two comparisons of what has no date: customers that no new "
        "document names, and what is left of orders; 30 if left out, 0: in each cycle",
        "exchange_plan": "the name of an exchange plan with registration of changes, if any",
        "exchange_node": "the key (Ref_Key) of the node of that plan that is syncd's alone",
        "chosen_keys": "no, if this 1C takes no key that the client chooses; yes if left out",
        "contract": "the name of a contract that is made with each new customer; none if left out",
        "sessions": "no, if this publication cannot keep a session; yes if left out",
        "page": "records in one answer; 100 if left out",
    },
    needed=("login", "zone"),
    guides=True,
    chooses=organisations.SETTING,
    opens=True,
    ready="1C: address, login and password, of a user with the right «Удаленный доступ OData»",
    acknowledges=True,
)


_POLLED = (
    "no exchange plan: documents dated within {days} days are compared each cycle, customers every "
    "{minutes} minutes and when a document names a new one; an edit of an older document, and a "
    "deletion, arrive with the daily full read"
)


_CYRILLIC = "its web server reads no Cyrillic letters (sent as UTF-8): then try a Latin login"


class OneC:
    """One infobase as one user sees it. What it publishes is read once."""

    facts = FACTS

    def __init__(self, options: Mapping[str, str]) -> None:
        self._login = options["login"]
        self._zone = options["zone"]
        self._own = options.get("currency", "RUB")
        self._named = organisations.split(options.get(organisations.SETTING, ""))
        self._size = _number("page", options.get("page", "100"))
        self._chosen = _flag("chosen_keys", options.get("chosen_keys", "yes"))
        self._manner = create.Manner(self._chosen, options.get("contract"))
        self._wire = Wire(_flag("sessions", options.get("sessions", "yes")))
        days, plan = _number("window", options.get("window", "30")), _plan(options)
        minutes = _number("catalogs", options.get("catalogs", "30"), least=0)
        window, every = dt.timedelta(days=days), dt.timedelta(minutes=minutes)
        self._changes = Changes(plan, window, every)
        self._base: Base | None = None
        self._identity: Identity | None = None
        scope = organisations.scope(self._named)
        self.facts = dataclasses.replace(
            FACTS,
            sources={
                kind: msgspec.structs.replace(one, scope=scope)
                for kind, one in FACTS.sources.items()
            },
            targets={
                name: one if self._chosen else dataclasses.replace(one, tier=Tier.T3)
                for name, one in FACTS.targets.items()
            },
            one_reader=plan is not None,
            changes=plan.says if plan else _POLLED.format(days=days, minutes=minutes),
        )

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Mapping[str, str]]:
        yield from ()  # the credential goes with every request
        return {"Authorization": basic(self._login, secrets["password"])}

    def identity(self) -> Flow[Identity]:
        """The configuration, and the first organisation by its key, whichever are read: a copy of a
        base has the same ones, another base does not. That it is still the base which has told
        them, its node or its documents tell as well, and these are read in each cycle."""
        base = yield from self._ready()
        if self._identity is None or not (yield from self._changes.recognised(base)):
            firms = yield from organisations.read(base.wire, base.schema)
            label, name = guide.company(base, firms), base.layout.name
            self._identity = Identity(
                f"{base.layout.signature[0]}/{min(firms, default='')}",
                f"{label}, {name}" if base.firms else f"{label} ({name})",
            )
        return self._identity

    def fields(self, object: str) -> Flow[Mapping[str, str]]:
        """Of documents of several types, what any of them has."""
        base = yield from self._ready()
        if object not in _OBJECTS:
            return base.schema.described(object)
        found: dict[str, str] = {}
        for name in base.layout.of(_OBJECTS[object]):
            found |= base.schema.described(name)
        return found

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        self._wire.many()
        base = yield from self._ready()
        pull = _PULLS.get(read.kind, documents)
        return (yield from pull(base, self._changes, self._size, read, scope))

    def acknowledge(self) -> Flow[None]:
        """Ends a cycle: the plan forgets what it had noted, and the session's licence is free."""
        base = yield from self._ready()
        yield from self._changes.acknowledge(base)
        yield from self._wire.finish()

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        base = yield from self._ready()
        outcomes = []
        for write in batch:
            try:
                outcome = yield from self._carry_out(base, write)
            except RejectedError as error:
                outcome = Outcome(write.remote_id, error=error)
            outcomes.append(outcome)
        return outcomes

    def _carry_out(self, base: Base, write: Write) -> Flow[Outcome]:
        if write.target != "customer":
            return (yield from children.carry_out(base, write, self._chosen))
        return (yield from create.carry_out(base, write, self._manner))

    def find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Flow[Sequence[Found]]:
        base = yield from self._ready()
        if target != "customer":
            return (yield from children.find(base, target, by, parents, self._chosen))
        return (yield from create.find(base, by, self._manner))

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        raise ProtocolError("counterparties are not listed for who writes them")

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        yield from ()  # what a counterparty has is the configuration's
        return []

    def greet(self) -> Flow[Greeting]:
        return (yield from guide.greet())

    def discover(self, since: Sequence[dt.date], closed: dt.date) -> Flow[Discovery]:
        self._wire.many()
        opened, requests = self._wire.opened, self._wire.requests
        try:
            base = yield from self._ready()
            found = yield from guide.discover(base, self._login, since)
        except SyncdError:
            yield from self._wire.finish()
            raise
        yield from self._wire.finish()
        opened, requests = self._wire.opened - opened, self._wire.requests - requests
        return dataclasses.replace(found, sessions=opened, requests=requests)

    def opening(self, day: dt.date) -> Flow[Opened]:
        base = yield from self._ready()
        return (yield from guide.opening(base, day))

    def _ready(self) -> Flow[Base]:
        if self._base is None:
            zone = _known_zone(self._zone)
            try:
                self._base = yield from open_base(self._wire, zone, self._own, self._named)
            except LoginError as error:
                if self._login.isascii():
                    raise
                raise LoginError(f"{error}, or {_CYRILLIC}") from None
        return self._base


def _plan(options: Mapping[str, str]) -> Plan | None:
    name, node = options.get("exchange_plan", ""), options.get("exchange_node", "").lower()
    if not name and not node:
        return None
    if not name or not is_key(node):
        raise ConfigError(
            "an exchange plan needs both exchange_plan, its name, and exchange_node, the key of a "
            "node such as 1f0c7a52-0000-4000-8000-000000000001"
        )
    return Plan(name.removeprefix("ExchangePlan_"), node)


def _known_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigError(
            f"the setting zone is {name}, expected the name of a time zone such as Europe/Moscow"
        ) from None


def _number(name: str, text: str, least: int = 1) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) >= least):
        expected = "a whole number above 0" if least else "a whole number"
        raise ConfigError(f"the setting {name} is {text}, expected {expected}")
    return int(text)


def _flag(name: str, text: str) -> bool:
    if text.lower() not in ("yes", "no", "true", "false"):
        raise ConfigError(f"the setting {name} is {text}, expected yes or no")
    return text.lower() in ("yes", "true")
