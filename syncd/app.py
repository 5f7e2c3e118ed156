"""What the command line, and later the daemon, does with a configuration and its pairs."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syncd import notify, orders, verbs
from syncd.answers import Answer
from syncd.assembly import Assembly
from syncd.care import Size, size
from syncd.clock import Clock
from syncd.decisions import QUICK
from syncd.domain import Kind
from syncd.errors import (
    AccessError,
    BusyError,
    ConfigError,
    NoRoomError,
    ProtocolError,
    SyncdError,
    TransientError,
    UsageError,
)
from syncd.health.look import Looked, Watched, look, watched
from syncd.orders import Asking, Desk
from syncd.port import FieldDef, Identity, Record
from syncd.preview import ask as preview
from syncd.preview.ask import Preview
from syncd.preview.changed import Due, due
from syncd.report import Question, Result, report
from syncd.settings import Settings
from syncd.soundness import Finding, file_findings, findings
from syncd.status import Heading, Setting, Status, Story, Trouble, heading, status, story, trouble
from syncd.store import links, problems, requests, retention, streams
from syncd.store.links import Link
from syncd.store.ownership import Owner
from syncd.store.problems import Problem
from syncd.store.requests import Asked
from syncd.store.runs import Run, recent
from syncd.sync import derive, names, scope, shadow
from syncd.sync.customers import resolve
from syncd.sync.difference import Difference, differences
from syncd.sync.order import Report
from syncd.sync.pair import Pair
from syncd.sync.plan import Plan, customer_name, draw
from syncd.why import Answer as Explained
from syncd.why import why


@dataclass
class App(Assembly):
    """Everything one command needs. Systems are reached when first asked."""

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

    def run(self, name: str | None, *, go_live: bool = False, full: bool = False) -> Answer:
        """One cycle, as the mode of the pair has it; `go_live` makes it live first. A paused pair
        does nothing. Then a look at its health: what is wrong is a problem of this run. Whatever
        becomes of it, who has to hear of something then does."""
        try:
            return self._run(name, go_live, full)
        finally:
            self.tell()

    def _run(self, name: str | None, go_live: bool, full: bool) -> Answer:
        with self.owned(name) as desk:
            if sentence := desk.paused():
                self.look(desk.pair)
                return Answer([sentence])
            state = desk.state()
            if go_live and state and state.restored_sign:
                desk.do(Asking("mode", {"mode": streams.LIVE_MODE}, orders.person()))  # refuses
            order = desk.order("run", full=full, scoped=not go_live)
            if go_live:
                order = dataclasses.replace(order, write=True, shadow=False)
            report = desk.cycle(order)
            if go_live and desk.mode() != streams.LIVE_MODE and verbs.worked(report):
                desk.do(Asking("mode", {"mode": streams.LIVE_MODE}, orders.person()))
                report.mode = streams.LIVE_MODE
            looked = self.look(desk.pair)
            report.new_problems += len(looked.opened)
            report.open_problems += len(looked.opened) - len(looked.closed)
            self.tidy(desk.pair.store)
            return Answer(report=report)

    def tidy(self, store: Store) -> None:
        """Once a day what is old goes, a little at a time."""
        with contextlib.suppress(NoRoomError):  # tomorrow is a day too
            retention.daily(store, self.settings.retention, self.clock)

    def look(self, pair: Pair) -> Looked:
        """One look at the health of a pair, from the store alone."""
        return look(pair.store, self.clock, self.watched(pair))

    def watched(self, pair: Pair) -> Watched:
        one = self.pair_settings(pair.name)
        return watched(pair, one.calendar, one.every)

    def plan(
        self, name: str | None, *, full: bool = True, offline: bool = False
    ) -> tuple[Plan, Report]:
        """Reads both systems, writes to neither, and keeps what would be written for approval.
        TransientError, AccessError or ProtocolError where one of them could not be read. `offline`
        draws it from the mirror and asks neither."""
        with self.owned(name) as desk:
            pair = desk.pair
            if offline:
                _refuse_unmirrored(pair)
                report = desk.cycle(desk.order("plan", write=False, offline=True))
                return draw(pair, report, []), report
            report = desk.cycle(desk.order("plan", write=False, full=full))
            _refuse_unread(report)
            setup = pair.crm.connector.setup(pair.writing.custom_fields, False)
            with _named(pair.crm.name):
                missing = pair.crm.ask(setup)
            return draw(pair, report, missing), report

    def differences(self, name: str | None) -> list[Difference]:
        """Row by row what would be written, from the store alone."""
        with self._pair(name) as pair:
            return list(differences(pair))

    # -- messages -------------------------------------------------------------------------------

    def tell(self) -> None:
        """What is due to be told; see `notify`."""
        wanted = self.settings.alerts.ping or self.settings.alerts.hearers
        if wanted and self.settings.state.exists():
            store = self.store()
            try:
                notify.tick(store, self.settings, self.clock)
            finally:
                store.close()

    def test_alerts(self, owner: str | None, *, dry_run: bool) -> list[notify.Tested]:
        """ConfigError where nobody is to be told, or a secret is missing or wrong."""
        self._hearing(owner)
        return notify.test(self.settings, owner, send=None if dry_run else notify.send)

    def preview_alerts(self, owner: str | None) -> list[notify.Previewed]:
        self._hearing(owner)
        with self._reading_store() as tx:
            return notify.preview(tx, self.settings, owner, self.clock.utc())

    def _hearing(self, owner: str | None) -> None:
        hearers = self.settings.alerts.hearers
        if not hearers or (owner and owner not in hearers):
            who = f"alerts.{owner}" if owner else "alerts"
            file = self.settings.file
            raise ConfigError(f"{file} has no {who}, so nobody is told; see docs/alerts.md")
        notify.ready(self.settings)

    # -- orders ---------------------------------------------------------------------------------

    def order(
        self,
        name: str | None,
        verb: str,
        args: Mapping[str, Any],
        *,
        why: str | None = None,
        wait: bool = True,
        tell: Callable[[str], None] = lambda _progress: None,
    ) -> Answer:
        """Carries this out, or asks who owns the pair to. `tell` hears what it waits for; without
        `wait` the answer only says that it was asked. KeyboardInterrupt leaves it asked."""
        with self._pair(name) as pair:
            asking = Asking(verb, _by_key(pair, args), orders.person(), why)
            try:
                owner = orders.own(pair)
            except BusyError:
                return self._ask(pair, asking, wait, tell)
            with self._at_work(pair, owner) as desk:
                if verb in verbs.SLOW:
                    self._require_secrets(name)
                return desk.do(asking)

    def _ask(self, pair: Pair, asking: Asking, wait: bool, tell: Callable[[str], None]) -> Answer:
        with pair.store.transaction() as tx:
            one = orders.append(tx, pair, asking)
            going = requests.going(tx, pair.name)
            told = orders.progress(requests.one(tx, one), going)
        if not wait:
            return Answer([f"{told}; what became of it: syncd log --requests"])

        def serve(owner: Owner) -> None:
            with self._at_work(pair, owner, release=False):
                pass

        return orders.await_answer(pair, one, tell, serve)

    def _require_secrets(self, name: str | None) -> None:
        pair = self.pair_settings(name)
        self.require_secrets(pair.books, pair.crm)

    @contextmanager
    def owned(self, name: str | None) -> Iterator[Desk]:
        """Whoever comes to own the pair first carries out what was asked meanwhile. BusyError."""
        self._require_secrets(name)
        with self._pair(name) as pair, self._at_work(pair, orders.own(pair)) as desk:
            yield desk

    @contextmanager
    def _at_work(self, pair: Pair, owner: Owner, *, release: bool = True) -> Iterator[Desk]:
        desk = Desk(pair, owner, QUICK, verbs.SLOW)
        try:
            desk.serve()
            yield desk
            desk.serve()
        finally:
            if release:
                owner.release()

    # -- the state ------------------------------------------------------------------------------

    def findings(self, tell: Callable[[str], None]) -> list[Finding]:
        """What is not as it should be in the state; reaches no system."""
        with contextlib.closing(self.store()) as store:
            found = file_findings(store, tell)
        for name in self.settings.pairs if not found else ():
            with self._pair(name) as pair:
                found += findings(pair, tell)
        return found

    def size(self) -> Size:
        with contextlib.closing(self.store()) as store:
            return size(store, self.settings.retention, self.clock.utc())

    # -- questions to the store -----------------------------------------------------------------

    def heading(self, name: str | None) -> Heading | None:
        """What every screen says first; None before the first run."""
        with self._reading_store() as tx:
            return heading(tx, self.pair_settings(name).name, self.clock.utc())

    def status(self, name: str | None) -> Status:
        with self._reading_store() as tx:
            one = self.pair_settings(name)
            setting = Setting(one.calendar, budgets=self.settings.budgets)
            return status(tx, one.name, self.clock.utc(), setting)

    def runs(self, name: str | None, limit: int) -> list[Run]:
        with self._reading_store() as tx:
            return recent(tx, self.pair_settings(name).name, limit)

    def requests(self, name: str | None, limit: int) -> list[Asked]:
        with self._reading_store() as tx:
            return requests.recent(tx, self.pair_settings(name).name, limit)

    def story(self, name: str | None, kind: Kind, key: str) -> Story:
        with self._reading_store() as tx:
            return story(tx, self.pair_settings(name).name, kind, key)

    def problems(self, name: str | None, *, closed: bool) -> list[Problem]:
        with self._reading_store() as tx:
            return problems.listed(tx, self.pair_settings(name).name, closed=closed)

    def trouble(self, name: str | None, problem: int) -> Trouble:
        """One problem with everything that waits because of it."""
        with self._reading_store() as tx:
            return trouble(tx, self.pair_settings(name).name, problem)

    def shadow(
        self, name: str | None, days: int
    ) -> tuple[list[shadow.Day], Sequence[shadow.Differing]]:
        """Day by day how far people and syncd agree, and the newest day's differences."""
        with self._pair(name) as pair, pair.store.reading() as tx:
            today = derive.today(pair, self.clock.utc())
            found = shadow.days(tx, pair.name, today - dt.timedelta(days=days - 1))
            return found, shadow.differing(tx, pair.name, found[0].day) if found else ()

    def links(self, name: str | None, customer: str | None) -> list[Link]:
        pair = self.pair_settings(name)
        with self._reading_store() as tx:
            found = links.each(tx, pair.crm.name, pair.books.name)
            if customer is not None:
                key = resolve(tx, pair.name, pair.crm.name, customer)
                found = [one for one in found if one.books_key == key]
            return found

    def why(self, name: str | None, kind: Kind, key: str, field: str | None) -> Explained:
        """From the store alone; no system is reached."""
        with self._pair(name) as pair:
            return why(pair, kind, key, field)

    def report(
        self, name: str | None, question: Question, tell: Callable[[int, int], None]
    ) -> Result:
        """From the store alone; no system is reached. UsageError."""
        question.understood()
        with self._pair(name) as pair:
            return report(pair, question, tell)

    # -- mappings -------------------------------------------------------------------------------

    def changed(self) -> dict[str, list[Due]]:
        """Pair -> what its mappings make necessary, where they are others than the mirror was
        mapped with. Makes no state file."""
        if not self.settings.state.exists():
            return {}
        found = {}
        for name in self.settings.pairs:
            with self._pair(name) as pair:
                found[name] = due(pair)
        return {name: some for name, some in found.items() if some}

    def unknown_names(self) -> list[str]:
        """What the mappings name and their systems do not have, asked of them now."""
        found: list[str] = []
        for name in self.settings.pairs:
            with self._pair(name) as pair:
                for side in (pair.books, pair.crm):
                    if side.connector.facts.described:
                        with _named(side.name):
                            found += names.unknown(pair, side, self.clock.utc())
                if pair.crm.connector.facts.described:
                    with _named(pair.crm.name):
                        found += names.undefined(pair, self.clock.utc())
        return list(dict.fromkeys(found))

    def preview(
        self,
        name: str | None,
        kind: Kind,
        typed: Sequence[str],
        *,
        last: int,
        files: Sequence[Path] = (),
        saved: Sequence[Record] | None = None,
        live: bool = False,
    ) -> Preview:
        """Records through the mapping, and with `files` through edited ones beside it; `saved`
        ones, those of the mirror, or with `live` as their system has them now."""
        with self._pair(name) as pair:
            edited = self._edited(pair, files) if files else None
            if saved is not None:
                return preview.of_records(pair, edited, kind, saved)
            if live:
                keys = preview.keys_of(pair, kind, typed, last)
                with _named(pair.reader(kind).name):
                    records = preview.read_live(pair, edited, kind, keys)
                return preview.of_records(pair, edited, kind, records)
            return preview.of_mirror(pair, edited, kind, typed, last)

    def customer_names(self, name: str | None, keys: Sequence[str]) -> dict[str, str]:
        with self._reading_store() as tx:
            pair = self.pair_settings(name).name
            return {key: customer_name(tx, pair, key) for key in keys}


def build(settings: Settings, clock: Clock) -> App:
    return App(settings, clock)


def _by_key(pair: Pair, args: Mapping[str, Any]) -> dict[str, Any]:
    """What is ordered is kept: customers are in it by key, not as they were typed."""
    found = dict(args)
    if args.get("customer") is not None:
        with pair.store.reading() as tx:
            found["customer"] = resolve(tx, pair.name, pair.crm.name, args["customer"])
    if args.get("scope"):
        found["scope"] = dataclasses.asdict(scope.parse(pair, args["scope"]))
    return found


@contextmanager
def _named(connection: str) -> Iterator[None]:
    """Errors of a system say which connection they concern."""
    try:
        yield
    except (AccessError, TransientError, ProtocolError) as error:
        raise type(error)(f"{connection}: {error}") from error


def _refuse_unmirrored(pair: Pair) -> None:
    with pair.store.reading() as tx:
        if not recent(tx, pair.name, 1):
            raise UsageError(f"pair {pair.name} has never run, so nothing is in the mirror yet")


def _refuse_unread(report: Report) -> None:
    """A plan shows everything or is not made."""
    if not report.notes:
        return
    kind: type[SyncdError] = TransientError
    if report.failed and not report.unreachable:
        kind = AccessError if report.refused else ProtocolError
    raise kind(f"no plan was made: it needs both systems. {'; '.join(report.notes)}")
