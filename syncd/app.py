"""Puts the pieces together: what the command line, and later the daemon, does with a pair."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from syncd import registry
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
from syncd.http import HttpTransport
from syncd.mapping import BooksMapping, CrmMapping, load_books, load_crm
from syncd.mapping.document import suggestion
from syncd.port import Connector, FieldDef, Identity
from syncd.settings import ConnectionSettings, PairSettings, Settings
from syncd.status import Status, Story, status, story
from syncd.store import links, mirror, problems, streams
from syncd.store.engine import Store, open_store
from syncd.store.links import Link
from syncd.store.ownership import take
from syncd.store.problems import Problem
from syncd.store.runs import Run, recent
from syncd.sync.customers import records_of, resolve
from syncd.sync.cycle import Order, Report
from syncd.sync.cycle import run as run_cycle
from syncd.sync.difference import Difference, differences
from syncd.sync.pair import Pair, Side
from syncd.sync.plan import Plan, approved_parts, customer_name, draw, left_out, mark_applied
from syncd.sync.recover import answer_asked


@dataclass
class App:
    """Everything one command needs; `close` it. Systems are reached when first asked."""

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
        raise ConfigError(
            f"{where} there is no mapping {name}.yaml in {looked}{suggestion(name, known)}"
        )

    def check(self) -> list[str]:
        """Every mistake of the configuration, its mappings and its secrets; reaches no system."""
        problems: list[str] = list(self.settings.loose_secrets())
        for one in self.settings.connections.values():
            problems += _problems(functools.partial(self._ready, one))
        for pair in self.settings.pairs.values():
            problems += _problems(functools.partial(self._reading, pair))
            problems += _problems(functools.partial(self._writing, pair))
        return list(dict.fromkeys(problems))

    # -- systems --------------------------------------------------------------------------------

    def test(self, name: str) -> Identity:
        """One login and one call. AccessError, UnavailableError and the like say what is wrong."""
        with self._side(self.connection_settings(name)) as side, _named(name):
            return side.ask(side.connector.identity())

    def missing_fields(self, name: str, *, write: bool) -> list[FieldDef]:
        """Custom fields that mappings write and this connection lacks; with `write` made first."""
        one = self.connection_settings(name)
        wanted: dict[tuple[str, str], FieldDef] = {}
        for pair in self.settings.pairs.values():
            if pair.crm.name == name:
                for field in self._writing(pair).custom_fields:
                    wanted[field.target, field.path] = field
        with self._side(one) as side, _named(name):
            fields = list(side.ask(side.connector.setup(list(wanted.values()), write)))
        if fields and write and self.settings.state.exists():
            self._check_fields_again(name)
        return fields

    def _check_fields_again(self, name: str) -> None:
        """The next run looks anew, and tries again what was refused for want of a field."""
        store = self.store()
        try:
            with store.transaction() as tx:
                streams.set_fields_checked(tx, name, None)
        finally:
            store.close()

    # -- cycles ---------------------------------------------------------------------------------

    def run(self, name: str | None, *, go_live: bool = False, full: bool = False) -> Report:
        """One cycle. In mode plan nothing is written; `go_live` makes the pair live first."""
        with self._pair(name) as pair:
            mode = self._mode(pair)
            live = go_live or mode == streams.LIVE_MODE
            report = run_cycle(pair, Order("run", write=live, full=full))
            if go_live and mode != streams.LIVE_MODE and _worked(report):
                self._go_live(pair)
                report.mode = streams.LIVE_MODE
            return report

    def plan(self, name: str | None, *, full: bool = True) -> tuple[Plan, Report]:
        """Reads both systems, writes to neither, and keeps what would be written for approval.
        TransientError, AccessError or ProtocolError where one of them could not be read."""
        with self._pair(name) as pair:
            report = run_cycle(pair, Order("plan", write=False, full=full))
            _refuse_unread(report)
            setup = pair.crm.connector.setup(pair.writing.custom_fields, False)
            with _named(pair.crm.name):
                missing = pair.crm.ask(setup)
            return draw(pair, report, missing), report

    def differences(self, name: str | None) -> list[Difference]:
        """Row by row what would be written, from the store alone."""
        with self._pair(name) as pair:
            return list(differences(pair))

    def apply(self, name: str | None, plan: str) -> Report:
        """Sends what the plan approved and still equals it, and makes the pair live."""
        with self._pair(name) as pair:
            approved = approved_parts(pair, plan)
            order = Order("apply", write=True, approved=approved, consented=True)
            report = run_cycle(pair, order)
            others = left_out(pair, plan)
            if others and _worked(report):
                named = ", ".join(others[:5]) + (", ..." if len(others) > 5 else "")
                report.notes.append(
                    f"{len(others)} records are no longer as plan {plan} has them and wait for "
                    f"the next run: {named}"
                )
            if _worked(report):
                self._go_live(pair)
                mark_applied(pair, plan)
                report.mode = streams.LIVE_MODE
            return report

    def resync(
        self,
        name: str | None,
        *,
        keys: Sequence[tuple[Kind, str]] | None,
        customer: str | None,
        everything: bool,
        recreate: bool,
        dry_run: bool,
    ) -> tuple[Report, list[Difference]]:
        """Reads these records again, and looks at what their cards really show; what differs is
        written, in mode live. The differences are what is left to write."""
        with self._pair(name) as pair:
            wanted = list(keys or ())
            if customer is not None:
                wanted += self._of_customer(pair, customer)
            live = self._mode(pair) == streams.LIVE_MODE and not dry_run
            order = Order(
                "resync",
                write=live,
                full=everything,
                keys=None if everything else tuple(wanted),
                recheck=True,
                recreate=recreate and live,
            )
            report = run_cycle(pair, order)
            if _worked(report):
                _refuse_unknown(pair, wanted)
            return report, list(differences(pair))

    def _of_customer(self, pair: Pair, customer: str) -> list[tuple[Kind, str]]:
        with pair.store.reading() as tx:
            key = resolve(tx, pair.name, pair.crm.name, customer)
            return [(Kind.CUSTOMER, key), *records_of(tx, pair.name, key)]

    # -- questions to the store -----------------------------------------------------------------

    def status(self, name: str | None) -> Status:
        with self._reading_store() as tx:
            return status(tx, self.pair_settings(name).name)

    def runs(self, name: str | None, limit: int) -> list[Run]:
        with self._reading_store() as tx:
            return recent(tx, self.pair_settings(name).name, limit)

    def story(self, name: str | None, kind: Kind, key: str) -> Story:
        with self._reading_store() as tx:
            return story(tx, self.pair_settings(name).name, kind, key)

    def problems(self, name: str | None, *, closed: bool) -> list[Problem]:
        with self._reading_store() as tx:
            return problems.listed(tx, self.pair_settings(name).name, closed=closed)

    def links(self, name: str | None, customer: str | None) -> list[Link]:
        pair = self.pair_settings(name)
        with self._reading_store() as tx:
            found = links.each(tx, pair.crm.name, pair.books.name)
            if customer is not None:
                key = resolve(tx, pair.name, pair.crm.name, customer)
                found = [one for one in found if one.books_key == key]
            return found

    def customer_names(self, name: str | None, keys: Sequence[str]) -> dict[str, str]:
        with self._reading_store() as tx:
            pair = self.pair_settings(name).name
            return {key: customer_name(tx, pair, key) for key in keys}

    def resolve(self, name: str | None, problem: int, remote_id: str | None) -> None:
        """A person's answer to whether an object exists; `remote_id` None says that it does not.
        UsageError where nobody asked."""
        with self._pair(name) as pair:
            owner = take(pair.store, self.clock, pair.name, pair.numbers.lease, pair.doubt_time)
            try:
                answer_asked(pair, owner, problem, remote_id)
            finally:
                owner.release()

    @contextmanager
    def _reading_store(self) -> Iterator[sa.Connection]:
        store = self.store()
        try:
            with store.reading() as tx:
                yield tx
        finally:
            store.close()

    # -- putting together -----------------------------------------------------------------------

    def store(self) -> Store:
        return open_store(self.settings.state)

    @contextmanager
    def _pair(self, name: str | None) -> Iterator[Pair]:
        one = self.pair_settings(name)
        reading, writing = self._reading(one), self._writing(one)
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
                    checkpoint=self.checkpoint,
                )
                yield pair
            finally:
                store.close()

    @contextmanager
    def _side(self, one: ConnectionSettings) -> Iterator[Side]:
        made = self._connector(one)
        secrets = self._secrets(one, made)
        answer = self.settings.numbers.request_timeout
        transport = HttpTransport(
            one.url,
            made,
            secrets,
            self.clock,
            timeout=(min(10.0, answer), answer),
        )
        try:
            yield Side(one.name, made, transport)
        finally:
            transport.close()

    def _ready(self, one: ConnectionSettings) -> None:
        self._secrets(one, self._connector(one))

    def _connector(self, one: ConnectionSettings) -> Connector:
        return registry.connector(one.system, one.options, one.where)

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

    def _reading(self, pair: PairSettings) -> BooksMapping:
        facts = self._connector(pair.books).facts
        return load_books(self.mapping_file(pair.books_mapping, pair.where), facts)

    def _writing(self, pair: PairSettings) -> CrmMapping:
        facts = self._connector(pair.crm).facts
        return load_crm(self.mapping_file(pair.crm_mapping, pair.where), facts)

    def _mode(self, pair: Pair) -> str:
        with pair.store.reading() as tx:
            state = streams.pair_state(tx, pair.name)
        return state.mode if state else streams.PLAN

    def _go_live(self, pair: Pair) -> None:
        with pair.store.transaction() as tx:
            streams.set_mode(tx, pair.name, streams.LIVE_MODE, self.clock.utc())


def build(settings: Settings, clock: Clock) -> App:
    return App(settings, clock)


@contextmanager
def _named(connection: str) -> Iterator[None]:
    """Errors of a system say which connection they concern."""
    try:
        yield
    except (AccessError, TransientError, ProtocolError) as error:
        raise type(error)(f"{connection}: {error}") from error


def _worked(report: Report) -> bool:
    """Both systems did their part, so that their answers can be built on."""
    return not (report.unreachable or report.refused)


def _refuse_unread(report: Report) -> None:
    """A plan shows everything or is not made."""
    if not report.notes:
        return
    kind: type[SyncdError] = TransientError
    if report.failed and not report.unreachable:
        kind = AccessError if report.refused else ProtocolError
    raise kind(f"no plan was made: it needs both systems. {'; '.join(report.notes)}")


def _refuse_unknown(pair: Pair, keys: Sequence[tuple[Kind, str]]) -> None:
    with pair.store.reading() as tx:
        ids = streams.stream_ids(tx, pair.name)
        unknown = [f"{kind}:{key}" for kind, key in keys if not mirror.known(tx, ids[kind], [key])]
    if unknown:
        raise UsageError(f"{', '.join(unknown)}: the books have no such record")


def _problems(work: Callable[[], object]) -> list[str]:
    try:
        work()
    except ConfigError as error:
        return list(error.problems)
    except SyncdError as error:
        return [str(error)]
    return []
