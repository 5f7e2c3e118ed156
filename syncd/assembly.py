"""Puts the pieces together: settings, secrets, mappings, connectors, transports and the store."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from syncd import notify, registry
from syncd.clock import Clock
from syncd.domain import Kind
from syncd.errors import (
    AccessError,
    ConfigError,
    ProtocolError,
    SyncdError,
    TransientError,
    UsageError,
)
from syncd.http import HttpTransport, KeptGrant
from syncd.mapping import BooksMapping, CrmMapping, books_add, crm_adds, load_books, load_crm
from syncd.mapping.added import Added
from syncd.mapping.crmfields import Given
from syncd.mapping.document import suggestion
from syncd.merging import Owner
from syncd.port import Connector, Facts
from syncd.settings import ConnectionSettings, PairSettings, Settings
from syncd.store.engine import Store, open_store
from syncd.sync.pair import Pair, Side

T = TypeVar("T")
NAMED = 3
"""Fields that are named in a message."""


class WhenNeeded(Mapping[str, T]):
    """What `find` finds, looked for at the first use."""

    def __init__(self, find: Callable[[], Mapping[str, T]]) -> None:
        self._found = functools.cache(find)

    def __getitem__(self, name: str) -> T:
        return self._found()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())


@dataclass
class Assembly:
    """Everything a command may need of one configuration; systems are reached when first asked."""

    settings: Settings
    clock: Clock
    checkpoint: Callable[[str], None] = lambda _name: None

    # -- configuration --------------------------------------------------------------------------

    def pair_settings(self, name: str | None) -> PairSettings:
        """The pair of this name; the only one, where none is named."""
        pairs = self.settings.pairs
        if name is None and len(pairs) == 1:
            return next(iter(pairs.values()))
        if name is None:
            raise UsageError(f"which pair? Say --pair with one of: {', '.join(pairs)}")
        if name not in pairs:
            raise UsageError(f"unknown pair {name}{suggestion(name, pairs)}")
        return pairs[name]

    def connection_settings(self, name: str) -> ConnectionSettings:
        found = self.settings.connections.get(name)
        if found is None:
            known = suggestion(name, self.settings.connections)
            raise UsageError(f"unknown connection {name}{known}")
        return found

    @property
    def connectors(self) -> Path:
        """Where the connector files of this configuration are."""
        return self.settings.file.absolute().parent / registry.FOLDER

    def mapping_file(self, name: str, where: str) -> Path:
        """An own file goes before a shipped one; a name with a slash or .yaml is a path."""
        folder = self.settings.file.absolute().parent
        if "/" in name or name.endswith(".yaml"):
            return folder / name
        places = [p for p in (self.settings.mappings, registry.shipped("mappings")) if p]
        for place in places:
            if (place / f"{name}.yaml").is_file():
                return place / f"{name}.yaml"
        looked = ", ".join(str(place) for place in places)
        known = {file.stem for place in places for file in place.glob("*.yaml")}
        said = f"{where} there is no mapping {name}.yaml in {looked}"
        if self.settings.mappings is None and (folder / "mappings" / f"{name}.yaml").is_file():
            said += f"; to look in {folder / 'mappings'} too, write `mappings: mappings`"
            raise ConfigError(said)
        raise ConfigError(said + suggestion(name, known))

    def mapping_files(self) -> dict[Path, Given]:
        """The files that the pairs use, with what the file on the other side adds to each."""
        found: dict[Path, Given] = {}
        for pair in self.settings.pairs.values():
            books = self.mapping_file(pair.books_mapping, pair.where)
            crm = self.mapping_file(pair.crm_mapping, pair.where)
            found[books] = functools.partial(self._added, crm_adds, pair, pair.crm)
            found[crm] = functools.partial(self._added, books_add, pair, pair.books)
        return found

    def check(self) -> list[str]:
        """Every mistake of the configuration, its mappings and its secrets; reaches no system."""
        problems: list[str] = list(self.settings.loose_secrets())
        for one in self.settings.connections.values():
            problems += _problems(functools.partial(self._ready, one))
        for pair in self.settings.pairs.values():
            problems += _problems(functools.partial(self._reading, pair))
            problems += _problems(functools.partial(self._writing, pair))
            problems += _problems(functools.partial(self._both, pair))
            problems += _problems(functools.partial(self._shared, pair))
            problems += _problems(functools.partial(self._one_writer, pair))
        problems += notify.check(self.settings)
        return list(dict.fromkeys(problems))

    def _shared(self, pair: PairSettings) -> None:
        """ConfigError where another pair reads what this one's books hand out once."""
        others = [
            one.name
            for one in self.settings.pairs.values()
            if one.books == pair.books and one.name != pair.name
        ]
        if others and self._connector(pair.books).facts.one_reader:
            raise ConfigError(
                f"{pair.where} {pair.books.name} hands out each change to one reader, and is read "
                f"by {', '.join(others)} too: give each pair a connection with a node of its own"
            )

    def _one_writer(self, pair: PairSettings) -> None:
        """ConfigError for fields of a CRM that a pair named before writes too, by this connection
        or another one to the same account: whoever of the two wrote last would win. With one marker
        each would take the cards of the other's customers of the same keys for its own."""
        mine = self._writing(pair)
        for other in self.settings.pairs.values():
            if other.name == pair.name:
                return
            if not self._one_account(other.crm, pair.crm):
                continue
            theirs = self._writing(other)
            both = [field for field in theirs.fields if field in mine.fields]
            if both:
                named = ", ".join(f"{target} {path}" for target, path in both[:NAMED])
                more = f" and {len(both) - NAMED} more" if len(both) > NAMED else ""
                raise ConfigError(
                    f"{mine.fields[both[0]]} {pair.name} writes {named}{more} of {pair.crm.name}, "
                    f"and so does {other.name} ({theirs.fields[both[0]]}): a field has one writer. "
                    "Give one of the two pairs a file with fields of its own in their place, or "
                    "without them"
                )

    def _one_account(self, one: ConnectionSettings, other: ConnectionSettings) -> bool:
        same = (one.system, one.url) == (other.system, other.url)
        return one == other or (same and self._connector(one).facts.one_account)

    def _looked_for(self, pair: PairSettings, writing: CrmMapping) -> None:
        """ConfigError where the connection looks for the key of the books elsewhere than a mapping
        that makes cards has it written."""
        if writing.match and not writing.match.make:
            return
        looked = self._connector(pair.crm).facts.marker
        for target, path in sorted(writing.markers) if looked else ():
            if path != looked:
                raise ConfigError(
                    f"{pair.crm.where} {pair.crm.name} looks for the key of the books in {looked}, "
                    f"and {writing.name} writes it into {path} of {target}: name the same field in "
                    "both, or say `match: {make: never}` where another pair makes the cards"
                )

    # -- putting together -----------------------------------------------------------------------

    def connected(self, name: str, file: Path | None = None) -> AbstractContextManager[Side]:
        """One connection by itself, `file` as its connector file in place of its own. UsageError,
        and ConfigError for what is missing."""
        one = self.connection_settings(name)
        made = registry.described(file, one.options, one.where) if file else None
        return self._side(one, made)

    def connection_of(self, system: str) -> str:
        """The connection to this system, where there is one. UsageError."""
        names = [one.name for one in self.settings.connections.values() if one.system == system]
        if len(names) != 1:
            what = f"{len(names)} connections are" if names else "no connection is"
            raise UsageError(f"{what} of the system {system}: say --connection NAME")
        return names[0]

    def facts(self, name: str) -> Facts:
        """What the connector of a connection declares; needs no secret."""
        return self._connector(self.connection_settings(name)).facts

    def mappings(self, name: str | None) -> tuple[BooksMapping, CrmMapping]:
        """Those of a pair. ConfigError with every mistake."""
        one = self.pair_settings(name)
        return self._both(one)

    def store(self) -> Store:
        return open_store(self.settings.state)

    @contextmanager
    def _pair(self, name: str | None) -> Iterator[Pair]:
        one = self.pair_settings(name)
        reading, writing = self._both(one)
        with self._side(one.books) as books, self._side(one.crm) as crm:
            store = self.store()
            try:
                pair = Pair(
                    one.name,
                    books,
                    crm,
                    reading,
                    writing,
                    store,
                    self.clock,
                    self.settings.numbers,
                    won=one.won,
                    limits=one.limits,
                    checkpoint=self.checkpoint,
                )
                yield pair
            finally:
                store.close()

    @contextmanager
    def _side(self, one: ConnectionSettings, made: Connector | None = None) -> Iterator[Side]:
        made = made or self._connector(one)
        # To ask the owner of a pair for something, a person needs no secret.
        secrets = WhenNeeded(functools.partial(self._secrets, one, made))
        answer = self.settings.numbers.request_timeout
        transport = HttpTransport(
            one.url,
            made,
            secrets,
            self.clock,
            timeout=(min(10.0, answer), answer),
            quiet=one.quiet,
            kept=self._kept(one) if made.facts.rationed else None,
        )
        try:
            yield Side(one.name, made, transport, one.budget, one.reserve)
        finally:
            transport.close()

    def _kept(self, one: ConnectionSettings) -> KeptGrant:
        """Beside the state: who may write that may use the login."""
        return KeptGrant(self.settings.state.with_name(f"{one.name}.grant"))

    def _ready(self, one: ConnectionSettings) -> None:
        self._secrets(one, self._connector(one))

    def require_secrets(self, *connections: ConnectionSettings) -> None:
        """ConfigError that names those that are missing."""
        for one in connections:
            self._ready(one)

    def set_where(self, name: str) -> str:
        """Where the credential of a connection can be mended."""
        one = self.settings.connections[name]
        folder = self.settings.secrets or Path("secrets")
        files = [str(folder / f"{name}.{s}") for s in self._connector(one).facts.secrets]
        return f"Its secret: {', '.join(files)}; its other settings: {one.where}"

    def _connector(self, one: ConnectionSettings) -> Connector:
        return registry.connector(one.system, one.options, one.where, self.connectors)

    def _secrets(self, one: ConnectionSettings, made: Connector) -> dict[str, str]:
        found = {name: self.settings.secret(one.name, name) for name in made.facts.secrets}
        problems = [
            f"{one.where} connection {one.name} has no secret {name}: put it into "
            f"{(self.settings.secrets or Path('secrets')) / f'{one.name}.{name}'} (chmod 600) or "
            f"into SYNCD_SECRETS__{one.name.upper()}__{name.upper()}"
            for name, value in found.items()
            if value is None
        ]
        if problems:
            raise ConfigError(*problems)
        return {name: value for name, value in found.items() if value is not None}

    def _both(self, pair: PairSettings) -> tuple[BooksMapping, CrmMapping]:
        """ConfigError with every mistake of the two files, and of the one beside the other."""
        reading, writing = self._reading(pair), self._writing(pair)
        self._looked_for(pair, writing)
        made = reading.outbound.get(Kind.WON)
        words = [word for word, rule in writing.owners.rules.items() if rule.owner != Owner.BOOKS]
        if unheard := [word for word in words if made is None or not made.paths([word])]:
            raise ConfigError(
                f"{self.mapping_file(pair.crm_mapping, pair.where)} says that the books do not own "
                f"{', '.join(unheard)} alone, and {reading.name} has no line that writes it: "
                "add it to `won.fields` there"
            )
        return reading, writing

    def _reading(self, pair: PairSettings) -> BooksMapping:
        facts = self._connector(pair.books).facts
        file = self.mapping_file(pair.books_mapping, pair.where)
        added = functools.partial(self._added, crm_adds, pair, pair.crm)
        return load_books(file, facts, functools.cache(added))

    def _writing(self, pair: PairSettings) -> CrmMapping:
        facts = self._connector(pair.crm).facts
        file = self.mapping_file(pair.crm_mapping, pair.where)
        added = functools.partial(self._added, books_add, pair, pair.books)
        return load_crm(file, facts, functools.cache(added))

    def _added(
        self,
        adds: Callable[[Path, Facts], Added | None],
        pair: PairSettings,
        side: ConnectionSettings,
    ) -> Added | None:
        """The fields that the mapping of this side adds; what is wrong with it is told when it is
        loaded itself."""
        name = pair.books_mapping if side is pair.books else pair.crm_mapping
        try:
            return adds(self.mapping_file(name, pair.where), self._connector(side).facts)
        except ConfigError:
            return None

    @contextmanager
    def _reading_store(self) -> Iterator[sa.Connection]:
        store = self.store()
        try:
            with store.reading() as tx:
                yield tx
        finally:
            store.close()


def _problems(work: Callable[[], object]) -> list[str]:
    try:
        work()
    except ConfigError as error:
        return list(error.problems)
    except SyncdError as error:
        return [str(error)]
    return []


@contextmanager
def named(connection: str) -> Iterator[None]:
    """Errors of a system say which connection they concern."""
    try:
        yield
    except (AccessError, TransientError, ProtocolError) as error:
        raise type(error)(f"{connection}: {error}") from error
