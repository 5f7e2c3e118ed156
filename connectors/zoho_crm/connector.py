"""The connector: which requests each operation takes, and in which order.

The connection's url is the accounts server of its data centre, as https://accounts.zoho.eu; the
answer to the refresh token says where the API is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncd.errors import ConfigError, ProtocolError
from syncd.guide import Discovery, Greeting
from syncd.port import (
    Facts,
    FieldDef,
    Flow,
    Found,
    FoundPage,
    Grant,
    Identity,
    Outcome,
    Page,
    Read,
    Scope,
    User,
    Write,
)

from . import guide
from .facts import CUSTOM, FACTS
from .login import exchange, log_in
from .metadata import described
from .reading import pull
from .search import find, survey
from .setup import set_up
from .users import everybody
from .writes import Writer, triggers

MOST = 200
"""Records in one answer of a list."""


class ZohoCrm:
    facts: Facts = FACTS

    def __init__(self, options: Mapping[str, str]) -> None:
        self._size = _page_size(options.get("page", str(MOST)))
        self._id_field = options.get("id_field", "ERP_ID")
        trigger = options.get("trigger", "none")
        self._writer = Writer(self._id_field, triggers(trigger))
        marker = CUSTOM + self._id_field
        self.facts = replace(FACTS, starts=_starts(trigger), marker=marker)
        self._scopes: frozenset[str] | None = None

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Grant]:
        login = yield from log_in(secrets)
        self._scopes = login.scopes
        return login.grant

    def exchange(self, secrets: Mapping[str, str]) -> Flow[str]:
        return (yield from exchange(secrets))

    def identity(self) -> Flow[Identity]:
        org = yield from guide.organisation()
        return Identity(str(org["id"]), str(org["company_name"]), guide.allowance(org))

    def fields(self, object: str) -> Flow[Mapping[str, str]]:
        return (yield from described(object))

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        if read.kind not in self.facts.sources:
            raise ProtocolError(f"Zoho CRM has no {read.kind} to read")
        return (yield from pull(read, scope, self._size))

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        return (yield from self._writer.push(batch))

    def find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Flow[Sequence[Found]]:
        return (yield from find(target, by, parents, self._id_field))

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        return (yield from survey(target, position, self._id_field))

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        return (yield from set_up(wanted, self._id_field, write=write))

    def users(self) -> Flow[Sequence[User]]:
        return (yield from everybody())

    def greet(self) -> Flow[Greeting]:
        return (yield from guide.greet())

    def discover(self, since: Sequence[dt.date], closed: dt.date) -> Flow[Discovery]:
        """Documents belong to the books: none are counted here. The scopes of a login that another
        process made are not known."""
        return (yield from guide.discover(closed, self._id_field, lambda: self._scopes))


def _starts(trigger: str) -> str:
    if trigger == "none":
        return "no workflow, approval or blueprint starts: writes carry an empty trigger"
    return f"a write starts {'all automation' if trigger == 'all' else trigger}, as trigger says"


def _page_size(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= MOST):
        raise ConfigError(f"the setting page is {text}, expected a whole number from 1 to {MOST}")
    return int(text)
