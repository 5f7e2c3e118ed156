"""The connector: which requests each operation takes, and in which order.

The connection's url is that of the account, as https://name.megaplan.ru.
"""

from __future__ import annotations

import datetime as dt
import re
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
from .answers import ask
from .extra import ExtraFields
from .facts import CUSTOM, FACTS, HOURLY, MARKER
from .login import log_in
from .reading import Reader
from .search import Finder
from .setup import set_up
from .users import everybody
from .writes import Writer

MOST = 100
"""Rows in one answer of a list; whether the server gives more is not known."""


class Megaplan:
    facts: Facts = FACTS

    def __init__(self, options: Mapping[str, str]) -> None:
        self._id_field = options.get("id_field", MARKER)
        self._currency = options.get("currency", "RUB")
        if not re.fullmatch("[A-Z]{3}", self._currency):
            raise ConfigError(f"the setting currency is {self._currency}, expected one like RUB")
        size = _number(options, "page", MOST, MOST)
        self._extra = ExtraFields()
        self._reader = Reader(self._extra, size)
        self._finder = Finder(self._extra, self._id_field, self._currency)
        self._writer = Writer(self._extra, self._finder, self._id_field, self._currency)
        hourly = _number(options, "hourly", HOURLY, 1_000_000)
        self.facts = replace(FACTS, hourly=hourly, marker=CUSTOM + self._id_field)

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Grant]:
        return (yield from log_in(secrets))

    def identity(self) -> Flow[Identity]:
        info = yield from ask("GET", "accountInfo")
        label = guide.name_of(info)
        return Identity(str(info.get("permanentHost") or label), label)

    def fields(self, object: str) -> Flow[Mapping[str, str]]:
        return (yield from self._reader.described(object))

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        if read.kind not in self.facts.sources:
            raise ProtocolError(f"Megaplan has no {read.kind} to read")
        return (yield from self._reader.pull(read, scope))

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        return (yield from self._writer.push(batch))

    def find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Flow[Sequence[Found]]:
        return (yield from self._finder.find(target, by))

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        return (yield from self._finder.survey(target, position))

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        return (yield from set_up(wanted, self._extra, self._id_field))

    def users(self) -> Flow[Sequence[User]]:
        return (yield from everybody())

    def greet(self) -> Flow[Greeting]:
        return (yield from guide.greet())

    def discover(self, since: Sequence[dt.date], closed: dt.date) -> Flow[Discovery]:
        """Documents belong to the books: none are counted here."""
        return (yield from guide.discover(self._extra, self._currency))


def _number(options: Mapping[str, str], name: str, usual: int, most: int) -> int:
    text = options.get(name, str(usual))
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= most):
        raise ConfigError(f"the setting {name} is {text}, expected a number from 1 to {most}")
    return int(text)
