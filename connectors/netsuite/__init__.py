"""NetSuite as the books, and as a CRM of customers: read by SuiteQL, written by the record API.

`wire` is the transport format, `login` the two ways in, `clock` the account's time zone and
`account` what is read once. `documents`, `customers` and `balances` read the kinds, `links` tells
what settles what, `deleted` what is gone. `target` writes customers; `guide` is for who sets up.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import msgspec

from syncd.domain import Kind
from syncd.errors import AccessError, ConfigError, ProtocolError, RejectedError
from syncd.guide import Discovery, Greeting
from syncd.port import (
    FieldDef,
    Flow,
    Found,
    FoundPage,
    Grant,
    Identity,
    Outcome,
    Page,
    Read,
    Request,
    Scope,
    Sending,
    Write,
)

from . import account, balances, customers, documents, guide, target
from .account import Account, open_account, read_currencies
from .clock import wall
from .facts import BOOKS, CRM
from .login import login_of, realm
from .wire import MOST, Wire

_OWN_HOST = ".suitetalk.api.netsuite.com"
_PULLS = {
    Kind.CUSTOMER: customers.customers,
    Kind.WON: customers.customers,
    Kind.LABEL: customers.customers,
    Kind.BALANCE: balances.balances,
}


class NetSuite:
    """One account as one role sees it. Currencies and subsidiaries are read once."""

    facts = BOOKS

    def __init__(self, options: Mapping[str, str]) -> None:
        self._realm = realm(options["account"])
        self._zone = options["zone"]
        self._login = login_of(options)
        self._size = _number("page", options.get("page", str(MOST)), MOST)
        at_once = _number("at_once", options.get("at_once", "2"), 50)
        self._named = account.split(options.get(account.SETTING, ""))
        self._manner = target.Manner(options.get("new_subsidiary"), options.get("new_status"))
        self._wire = Wire()
        self._account: Account | None = None
        scope = account.scope(self._named)
        sources = {
            kind: msgspec.structs.replace(one, scope=scope)
            for kind, one in self.facts.sources.items()
        }
        self.facts = dataclasses.replace(
            self.facts,
            sources=sources,
            secrets=self._login.secrets,
            needed=("account", "zone", *self._login.needed),
            in_flight=at_once,
        )

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Grant]:
        return (yield from self._login.authenticate())

    def sign(self, request: Request, sending: Sending, secrets: Mapping[str, str]) -> Request:
        return self._login.sign(request, sending, secrets)

    def identity(self) -> Flow[Identity]:
        """The account. Its answers name it in their links: of another account they are refused."""
        found = self._account
        if found is None or found.is_old():
            found = self._account = yield from self._open()
        else:
            found.currencies, found.own = yield from read_currencies(self._wire)
        host = urlsplit(self._wire.links).hostname or ""
        if host.endswith(_OWN_HOST) and realm(host.removesuffix(_OWN_HOST)) != self._realm:
            raise AccessError(
                f"the url leads to the account {realm(host.removesuffix(_OWN_HOST))}, and the "
                f"setting account says {self._realm}"
            )
        return Identity(self._realm, found.company or self._realm)

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        found = yield from self._ready()
        pull = _PULLS.get(read.kind, documents.documents)
        return (yield from pull(found, self._size, read, scope))

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        outcomes = []
        for write in batch:
            try:
                outcome = yield from target.carry_out(self._wire, write, self._manner)
            except RejectedError as error:
                outcome = Outcome(write.remote_id, error=error)
            outcomes.append(outcome)
        return outcomes

    def find(
        self, target_: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Flow[Sequence[Found]]:
        return (yield from target.find(self._wire, by))

    def survey(self, target_: str, position: str | None) -> Flow[FoundPage]:
        found = yield from self._ready()
        return (yield from target.survey(found, self._size, position))

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        return (yield from target.set_up(self._wire, wanted))

    def fields(self, object: str) -> Flow[Mapping[str, str]]:
        raise ProtocolError(f"NetSuite does not list the columns of {object} for a query")

    def greet(self) -> Flow[Greeting]:
        return (yield from guide.greet())

    def discover(self, since: Sequence[dt.date], closed: dt.date) -> Flow[Discovery]:
        yield from self.identity()
        found = yield from self._ready()
        return (yield from guide.discover(found, self._realm, since, closed, self.facts.in_flight))

    def _ready(self) -> Flow[Account]:
        if self._account is None:
            self._account = yield from self._open()
        return self._account

    def _open(self) -> Flow[Account]:
        return (yield from open_account(self._wire, wall(self._zone), self._named))


class NetSuiteCrm(NetSuite):
    """The same account, as the CRM of books elsewhere."""

    facts = CRM


def _number(name: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= most):
        raise ConfigError(f"the setting {name} is {text}, expected a whole number from 1 to {most}")
    return int(text)
