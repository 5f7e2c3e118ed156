"""The Connector that a file of kind `table` describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from syncd.domain import Kind
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
from syncd.rest.login import Auth
from syncd.table import store
from syncd.table.header import LINES
from syncd.table.passing import Pass, Table
from syncd.table.shown import head_of, look
from syncd.table.source import Reading

COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Description:
    """What a connector file says. `sources` are by the object that a mapping reads."""

    facts: Facts
    auth: Auth = field(default_factory=Auth)
    sources: Mapping[tuple[Kind, str], Table] = field(default_factory=dict)

    def connector(self, options: Mapping[str, str]) -> TableConnector:
        return TableConnector(self, options)


class TableConnector:
    def __init__(self, description: Description, options: Mapping[str, str]) -> None:
        """Raises KeyError with the name of a setting that is needed and not given."""
        self.facts = description.facts
        self._described = description
        given = {name: options[name] for name in description.facts.needed}
        self._company = given[COMPANY]
        self._options = {f"option.{name}": one for name, one in {**options, **given}.items()}
        self._passes: dict[Kind, Pass] = {}

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Grant]:
        return (yield from self._described.auth.grant(secrets, Answers(), self._options))

    def identity(self) -> Flow[Identity]:
        """Files do not tell whose they are: the connection's settings do."""
        table = next(iter(self._described.sources.values()))
        if table.several:
            yield from store.matching(table.file)
        else:
            yield from store.stat(table.file)
        return Identity(self._company, self._company)

    def fields(self, object: str) -> Flow[Mapping[str, str]]:
        """The columns; those of the rows of one record are an object of their own."""
        name, _, inner = object.partition("/")
        table = next((t for (_, one), t in self._described.sources.items() if one == name), None)
        if table is None:
            yield from ()
            return {}
        header = (yield from head_of(table)).header
        lines = {header.words[header.index(one)] for one in table.layout.lines}
        if inner:
            return dict.fromkeys(lines, "")
        words = (*header.words, *table.layout.fixed)
        found = {word: "" for word in words if word and word not in lines}
        return {**found, LINES: f"{name}/{LINES}"} if lines else found

    def look(self, kind: Kind) -> Flow[list[str]]:
        """What is found in the files of a kind, and how, in lines for a person."""
        table = next(one for (of, _), one in self._described.sources.items() if of is kind)
        return (yield from look(kind, table))

    def pull(self, read: Read, scope: Scope) -> Flow[Page]:
        table = self._described.sources[read.kind, read.object]
        last = self._passes.setdefault(read.kind, Pass())
        return (yield from Reading(table, read.paths).page(scope, last))

    # What the facts do not declare is never asked for.

    def push(self, batch: Sequence[Write]) -> Flow[Sequence[Outcome]]:
        yield from ()
        return []

    def find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Flow[Sequence[Found]]:
        yield from ()
        return []

    def survey(self, target: str, position: str | None) -> Flow[FoundPage]:
        yield from ()
        return FoundPage((), None)

    def setup(self, wanted: Sequence[FieldDef], write: bool) -> Flow[Sequence[FieldDef]]:
        yield from ()
        return []
