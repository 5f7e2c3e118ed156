"""The Connector that a file describes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from syncd.domain import Kind
from syncd.errors import NotFoundError, ProtocolError
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
    Write,
)
from syncd.rest.answers import Answers
from syncd.rest.described import Described, put_in
from syncd.rest.login import Auth
from syncd.rest.source import Source
from syncd.rest.target import Target
from syncd.rest.words import Call, Path, Words, at, written

if TYPE_CHECKING:
    from syncd.guide import Discovery, Greeting


class Whose(msgspec.Struct, frozen=True):
    """The call that tells which company this is: where its id and its name are in the answer."""

    call: Call
    id: Path
    label: Path


class Asked(msgspec.Struct, frozen=True):
    """What every call may have to know and the system tells: what stands at `at` becomes a word."""

    name: str
    call: Call
    at: Path


class Description(msgspec.Struct, frozen=True):
    """What a connector file says. `sources` are by the object that a mapping reads."""

    facts: Facts
    auth: Auth
    whose: Whose
    answers: Answers = msgspec.field(default_factory=Answers)
    sources: Mapping[tuple[Kind, str], Source] = msgspec.field(default_factory=dict)
    targets: Mapping[str, Target] = msgspec.field(default_factory=dict)
    described: Mapping[tuple[Kind, str], Described] = msgspec.field(default_factory=dict)
    context: tuple[Asked, ...] = ()

    def connector(self, options: Mapping[str, str]) -> RestConnector:
        return RestConnector(self, options)


class RestConnector:
    def __init__(self, description: Description, options: Mapping[str, str]) -> None:
        """Raises KeyError with the name of a setting that is needed and not given."""
        self.facts = description.facts
        self._described = description
        self._answers = description.answers
        given = {name: options[name] for name in description.facts.needed}
        self._words: Words = {f"option.{name}": one for name, one in {**options, **given}.items()}
        self._known: Words | None = None

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Grant]:
        return (yield from self._described.auth.grant(secrets, self._answers, self._words))

    def _told(self) -> Flow[Words]:
        """The words of every call: the options, and what was asked once."""
        if self._known is not None:
            return self._known
        words = dict(self._words)
        for asked in self._described.context:
            request = asked.call.request(words)
            found = at(self._answers.taken(request, (yield request)), asked.at)
            if found in (None, ""):
                place = written(asked.at)
                raise ProtocolError(f"{request.path} does not tell {asked.name} at {place}")
            words[f"context.{asked.name}"] = found
        self._known = words
        return words

    def identity(self) -> Flow[Identity]:
        whose = self._described.whose
        words = yield from self._told()
        request = whose.call.request(words)
        try:
            body = self._answers.taken(request, (yield request))
        except NotFoundError as error:
            raise ProtocolError(f"{error}: nothing at {request.path}") from None
        found = [at(body, path) for path in (whose.id, whose.label)]
        for path, one in zip((whose.id, whose.label), found, strict=True):
            if not isinstance(one, str | int) or one == "":
                raise ProtocolError(f"{request.path} does not tell the company at {written(path)}")
        return Identity(str(found[0]), str(found[1]))

    def fields(self, object: str) -> Flow[Mapping[str, str]]:
        """Of `OBJECT/PREFIX` the custom fields of the target of that name."""
        words = yield from self._told()
        target, _, prefix = object.partition("/")
        custom = self._described.targets[target].custom if self._has(target) else None
        if prefix and custom is not None and custom.prefix == prefix and custom.known is not None:
            words = {**words, "target": target}
            return {name: "" for name in (yield from custom.usable_now(self._answers, words))}
        for (kind, read), described in self._described.described.items():
            if read == object:
                source = self._described.sources[kind, read]
                found = yield from described.fields(source, self._answers, words)
                # One object may be read as several kinds, each with rows of its own beside it.
                for (_, one), source in self._described.sources.items() if found else ():
                    found = {**found, **put_in(source)} if one == object else found
                return found
        return {}

    def greet(self) -> Flow[Greeting]:
        """By what is asked first."""
        from syncd.rest import guide  # set-up and doctor alone ask this

        first = self._described.context[:1]
        call = first[0].call if first else self._described.whose.call
        return (yield from guide.greet(call, self._words))

    def discover(self, since: Sequence[dt.date], closed: dt.date) -> Flow[Discovery]:
        """Documents are not counted from a day on: no file says how to ask for that."""
        from syncd.rest import guide

        company = (yield from self.identity()).label
        words = yield from self._told()
        sources, targets = list(self._described.sources.values()), self._described.targets
        return (yield from guide.discover(company, sources, targets, self._answers, words))

    def _has(self, target: str) -> bool:
        return target in self._described.targets

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        source = self._described.sources[read.kind, read.object]
        words = yield from self._told()
        return (yield from source.pull(read, scope, self._answers, words))

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        target = self._described.targets[batch[0].target]
        words = yield from self._told()
        return (yield from target.push(batch, self._answers, words))

    def find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Flow[Sequence[Found]]:
        described = self._described.targets[target]
        words = yield from self._told()
        return (yield from described.find_by(by, parents, self._answers, words))

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        described = self._described.targets[target]
        words = yield from self._told()
        return (yield from described.survey(position, self._answers, words))

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        missing: list[FieldDef] = []
        words = yield from self._told()
        for name, target in self._described.targets.items():
            some = [one for one in wanted if one.target == name]
            if some:
                missing += yield from target.setup(some, write, self._answers, words)
        return missing
