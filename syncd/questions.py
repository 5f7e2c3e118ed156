"""What people ask: answered from the files and the store; of a system only what it alone knows."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from syncd import snapshot
from syncd.assembly import Assembly, named
from syncd.care import Size, size
from syncd.domain import Kind
from syncd.errors import ConfigError, UsageError
from syncd.mapping import books_add, crm_adds, load_books, load_crm
from syncd.mapping.overlays import bases
from syncd.mapping_files import system_of
from syncd.port import Record
from syncd.preview import ask as preview
from syncd.preview.ask import Preview
from syncd.preview.changed import Due, due
from syncd.report import Compared, Question, Receivables, Result, compare, report
from syncd.settings import PairSettings, load
from syncd.shipped import shipped
from syncd.soundness import Finding, file_findings, findings
from syncd.status import Heading, Overview, Setting, heading, overview
from syncd.store import link_journal, links, plans, problems, requests, streams
from syncd.store.glance import through
from syncd.store.link_journal import Change
from syncd.store.links import Link
from syncd.store.problems import Problem
from syncd.store.requests import Asked
from syncd.store.runs import Run, recent
from syncd.stories import Story, Trouble, story, trouble
from syncd.sync import derive, fieldlinks, names, shadow, suggesting
from syncd.sync.conflicts import CONFLICT, Conflict, conflicts
from syncd.sync.customers import resolve
from syncd.sync.difference import Difference, differences
from syncd.sync.fieldlinks import Carried
from syncd.sync.pair import Pair, Scene
from syncd.sync.plan import customer_name
from syncd.sync.suggesting import Linked, Suggested, linked
from syncd.why import Answer as Explained
from syncd.why import why


@dataclass
class Questions(Assembly):
    """No question changes anything."""

    def differences(self, name: str | None) -> list[Difference]:
        """Row by row what would be written, from the store alone."""
        with self._pair(name) as pair:
            return list(differences(pair))

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

    def pairs(self, name: str | None) -> list[str]:
        """The pair that was named, else all. UsageError where there is none of this name."""
        return list(self.settings.pairs) if name is None else [self.pair_settings(name).name]

    def pair_of_problem(self, name: str | None, problem: int) -> str | None:
        """The pair that was named, else the one whose problem this is; None where there is none."""
        if name is not None or len(self.settings.pairs) == 1:
            return name
        with self._reading_store() as tx:
            found = problems.pair(tx, problem)
        if found is None:
            raise UsageError(f"there is no problem {problem}; see: syncd problems")
        return found

    def met(self, name: str) -> bool:
        """Whether a pair ever ran."""
        return self.heading(name) is not None

    def heading(self, name: str | None) -> Heading | None:
        """What every screen says first; None before the first run."""
        with self._reading_store() as tx:
            return heading(through(tx), self.pair_settings(name).name, self.clock.utc())

    def overview(self, name: str | None) -> Overview:
        """The state of the pair that was named, else of all."""
        wanted = self.pairs(name)
        settings = {one: self._setting(self.settings.pairs[one]) for one in wanted}
        with self._reading_store() as tx:
            found = overview(through(tx), settings, self.clock.utc())
        self._keep()
        return found

    def _setting(self, one: PairSettings) -> Setting:
        return Setting(one.calendar, one.every, self.settings.budgets, self._added_up(one))

    def _keep(self) -> None:
        """So that the next overview need not read the files, which are read once more for it: they
        may not be what they were. Where they are not in order, nothing is kept."""
        with contextlib.suppress(ConfigError, OSError):
            files = [file for one in self.mapping_files() for file in (one, *bases(one))]
            named = filter(None, (self.settings.mappings, self.connectors))
            folders = [*named, shipped("mappings"), *(one.absolute().parent for one in files)]
            before = snapshot.digest(self.settings.file, folders)
            again = replace(self, settings=load(self.settings.file, self.settings.environment))
            each = {one.name: again._setting(one) for one in again.settings.pairs.values()}
            known = snapshot.Snapshot(again.settings.state, each)
            snapshot.keep(self.settings.environment.cache, self.settings.file, before, known)

    def _added_up(self, one: PairSettings) -> bool:
        """A mapping with a mistake does not keep anybody from the state: `check` says it."""
        try:
            return self._reading(one).owed_in is not None
        except ConfigError:
            return False

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

    def differing(self, name: str | None, problem: Problem) -> Sequence[Conflict]:
        """What a conflict is about, for a person's eyes."""
        first, _, word = problem.cause.partition(" ")
        if first != CONFLICT or problem.closed:
            return ()
        with self._pair(name) as pair, pair.store.reading() as tx:
            return conflicts(_scene(tx, pair), word)

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

    def suggested(self, name: str | None) -> Suggested:
        """Which customers and cards seem the same, from the store alone."""
        with self._pair(name) as pair, pair.store.reading() as tx:
            return suggesting.suggest(_scene(tx, pair))

    def seals(self, name: str | None, pairs: Sequence[tuple[str, str]]) -> Sequence[str]:
        """Fingerprints of what speaks for each of these pairs, in hexadecimal."""
        with self._pair(name) as pair, pair.store.reading() as tx:
            found = suggesting.seals(_scene(tx, pair), pairs)
            return [found[one].hex() for one in pairs]

    def carried(self, name: str | None, path: str) -> Carried:
        """What a field of cards says of their customers. UsageError."""
        with self._pair(name) as pair, pair.store.reading() as tx:
            return fieldlinks.look(_scene(tx, pair), path)

    def linked(self, name: str | None, typed: str) -> Linked:
        """One customer, and what became of its link. UsageError for nobody's key."""
        with self._pair(name) as pair, pair.store.reading() as tx:
            key = resolve(tx, pair.name, pair.crm.name, typed)
            return linked(_scene(tx, pair), key)

    def customer_key(self, name: str | None, typed: str) -> str:
        """UsageError for nobody, or for several."""
        pair = self.pair_settings(name)
        with self._reading_store() as tx:
            return resolve(tx, pair.name, pair.crm.name, typed)

    def card_of(self, name: str | None, key: str) -> str | None:
        pair = self.pair_settings(name)
        with self._reading_store() as tx:
            return links.linked(tx, pair.crm.name, pair.books.name, [key]).get(key)

    def link_decisions(self, name: str | None, limit: int) -> list[Change]:
        """What people decided about links, newest first."""
        pair = self.pair_settings(name)
        with self._reading_store() as tx:
            return link_journal.decisions(tx, pair.crm.name, pair.books.name, limit)

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

    def compared(self, name: str | None, listed: Receivables, file: str) -> Compared:
        """An accountant's list beside what cards show, from the store alone. UsageError."""
        with self._pair(name) as pair:
            return compare(pair, listed, file)

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
                        with named(side.name):
                            found += names.unknown(pair, side, self.clock.utc())
                if pair.crm.connector.facts.described:
                    with named(pair.crm.name):
                        found += names.undefined(pair, self.clock.utc())
        return list(dict.fromkeys(found))

    def describing(self) -> dict[str, bool]:
        """Connection -> whether its system can say what it has."""
        found = {}
        for name in self.settings.pairs:
            with self._pair(name) as pair:
                for side in (pair.books, pair.crm):
                    found[side.name] = side.connector.facts.described
        return found

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
                with named(pair.reader(kind).name):
                    records = preview.read_live(pair, edited, kind, keys)
                return preview.of_records(pair, edited, kind, records)
            return preview.of_mirror(pair, edited, kind, typed, last)

    def _edited(self, pair: Pair, files: Sequence[Path]) -> Pair:
        """The pair with these mapping files in place of those of their systems."""
        one = self.pair_settings(pair.name)
        books, crm = pair.books.connector.facts, pair.crm.connector.facts
        chosen = {
            books.system: self.mapping_file(one.books_mapping, one.where),
            crm.system: self.mapping_file(one.crm_mapping, one.where),
        }
        for file in files:
            system = system_of(file, self.connectors)
            if system not in chosen:
                known = " and ".join(chosen)
                raise UsageError(f"{file} is for {system}; pair {pair.name} is {known}")
            chosen[system] = file
        read, written = chosen[books.system], chosen[crm.system]
        return replace(
            pair,
            reading=load_books(read, books, functools.partial(crm_adds, written, crm)),
            writing=load_crm(written, crm, functools.partial(books_add, read, books)),
        )

    def pair_of_plan(self, name: str | None, plan: str) -> str | None:
        """The pair that was named, else the one whose plan this is; None where that is unclear."""
        if name is not None or len(self.settings.pairs) == 1:
            return name
        with self._reading_store() as tx:
            return plans.pair(tx, plan)

    def customer_names(self, name: str | None, keys: Sequence[str]) -> dict[str, str]:
        with self._reading_store() as tx:
            pair = self.pair_settings(name).name
            return {key: customer_name(tx, pair, key) for key in keys}


def _scene(tx: sa.Connection, pair: Pair) -> Scene:
    """Of no run: for reading."""
    return Scene(tx, pair, streams.stream_ids(tx, pair.name), 0)
