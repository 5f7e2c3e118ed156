"""The questions of `syncd init`: each shows what was found, and is tested at once."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from syncd import registry
from syncd.cli import organisations
from syncd.cli.asking import Asker, found, one_of, some, wrong
from syncd.cli.common import counted
from syncd.cli.credentials import Credentials
from syncd.cli.progress import counting
from syncd.cli.zones import machine_zone, zone_of
from syncd.clock import Clock
from syncd.doctor.connection import skewed
from syncd.domain import Kind
from syncd.errors import ConfigError, UsageError
from syncd.guide import Discovery, Right, needed
from syncd.mapping import load_crm
from syncd.mapping.crm import CrmMapping
from syncd.setup import choices, reach, zones
from syncd.setup.files import Connected, Lines, Place, text_at, tree

BOOKS, CRM = "books", "crm"
EVERYTHING = "all"
UTC, NONE = "UTC", "none"
ZONE = "zone"
"""A setting that is asked for after the login: by then it can be seen."""
CALLED = {
    "1c": "onec",
    "1с": "onec",
    "zoho": "zoho_crm",
    "zoho crm": "zoho_crm",
    "мегаплан": "megaplan",
}
"""What people type -> the system. The second one is in Cyrillic."""
_LABELS = {"database": "Database", "login": "Login"}
_PLURALS = {
    Kind.ORDER: "orders",
    Kind.INVOICE: "invoices",
    Kind.PAYMENT: "payments",
    Kind.CREDIT_NOTE: "credit notes",
    Kind.ADJUSTMENT: "adjustments",
}


@dataclass(frozen=True, slots=True)
class Reached:
    """A system that answered, and what it showed."""

    system: reach.System
    seen: reach.Seen

    def connected(self, note: str = "", lines: Mapping[str, str] | None = None) -> Connected:
        one, label = self.system, self.seen.identity.label
        own = self.mapping if self.mapping != one.system else None
        more = lines or {}
        return Connected(one.name, one.system, one.url, one.options, label + note, own, more)

    def told(self, discovery: Discovery) -> Reached:
        seen = dataclasses.replace(self.seen, discovery=discovery)
        return dataclasses.replace(self, seen=seen)

    @property
    def mapping(self) -> str:
        """The name of the shipped one."""
        return self.seen.discovery.mapping or self.system.system


@dataclass
class Course:
    """`options` are settings that no question asks for."""

    asker: Asker
    place: Place
    clock: Clock
    credentials: Credentials
    options: Mapping[str, Mapping[str, str]]

    # -- a system -------------------------------------------------------------------------------

    def connect(self, name: str) -> Reached:
        """Which system, where, as whom."""
        click.echo(f"\nThe {'books' if name == BOOKS else 'CRM'}")
        names = self._serving(name)
        shown = [one for one in names if not one.startswith("memory_")]
        chosen = self.asker.ask(
            f"{name}.system", "System", named_system(names, shown), shown[0], known=shown, said=str
        )
        system = reach.System(name, chosen, self.clock, folder=self.connectors)
        system.options |= self.options.get(name, {})
        for option, value in self.options.get(name, {}).items():
            self.asker.asked[f"{name}.option.{option}"] = value
        by_file = registry.file_of(chosen, self.connectors) is not None
        for option in system.facts.needed if by_file else ():  # its addresses may need them
            if option not in system.options:
                text = f"{option} ({system.facts.options[option]})"
                system.options[option] = self.asker.ask(f"{name}.option.{option}", text, some)
        place = self.asker.ask(
            f"{name}.url", "Address, as in the browser", system.find, said=_taken
        )
        system.url = place.url
        for note in place.notes:
            found(note)
        version = f" {place.greeting.version}" if place.greeting.version else ""
        found(f"{chosen}{version} answers at {place.url}")
        missing = [one for one in system.facts.needed if one not in system.options]
        for option in missing:
            known_later = option == ZONE
            system.options[option] = UTC if known_later else self._option(name, option, place)
        seen = self.credentials.log_in(system, lambda: self.look(system))
        skew = seen.skew
        if skew is not None and abs(skew) > reach.SKEW:
            wrong(f"its clock is {skewed(skew)} this machine's: set both by NTP")
        if ZONE in missing:
            seen = _in_zone(seen, None)
        return Reached(system, seen)

    def settle(self, reached: Reached) -> Reached:
        """Settings that depend on what was found there."""
        system, seen = reached.system, reached.seen
        by_file = registry.file_of(system.system, self.connectors) is not None
        if ZONE in system.facts.needed and not by_file and seen.discovery.zone is None:
            system.options[ZONE] = self._wall(system, seen.discovery)
            reached = Reached(system, _in_zone(seen, system.options[ZONE]))
        chosen = organisations.choose(self.asker, system, reached.seen, self.look)
        reached = Reached(system, chosen)
        self._offered(reached)
        return reached

    def _wall(self, system: reach.System, told: Discovery) -> str:
        """The zone of a system's own times. That of this machine goes before the shipped one."""
        shipped = text_at(tree(self.mapping_of(told.mapping or system.system)), ZONE)
        candidates = [one for one in (machine_zone(), shipped, UTC) if one]
        newest, now = told.newest, told.at
        if newest is not None and now is not None:
            made, here = (f"{one:%Y-%m-%d %H:%M}" for one in (newest, now))
            found(f"newest      order of {made} there; it is {here} UTC")

        def take(typed: str) -> str:
            zone = zone_of(typed)
            if newest is None or now is None or zones.fits(newest, zone, now):
                return zone
            hours = -zones.age(newest, zone, now) / dt.timedelta(hours=1)
            wrong(f"in {zone} the newest order would be made {hours:.1f} h from now: further east?")
            if self.asker.yes or click.confirm("Take it all the same", default=False):
                return zone
            raise UsageError("that of the machine where the system's server runs")

        default = zones.likely(candidates, newest, now)
        return self.asker.ask(f"{system.name}.{ZONE}", "Time zone of its server", take, default)

    def _offered(self, reached: Reached) -> None:
        """Settings that the system has a use for, where nobody gave them already."""
        system, offers = reached.system, reached.seen.discovery.offers
        if not offers or any(name in system.options for one in offers for name in one.options):
            return
        for one in offers:
            found(f"changes     {one.word}: {one.says}")
        found("what is told to one reader is told to no other: take only what is syncd's alone")
        known = [NONE, *(one.word for one in offers)]
        asked, text = f"{system.name}.changes", "Changes are told by"
        word = self.asker.ask(asked, text, one_of(known), NONE, known=known)
        for one in offers:
            if one.word == word:
                system.options |= one.options

    def _option(self, name: str, option: str, place: reach.Place) -> str:
        known = place.greeting.databases or ()
        if option != "database":
            default = "syncd" if option == "login" else None
            return self.asker.ask(f"{name}.{option}", _LABELS.get(option, option), some, default)
        named = place.word if place.word in known else None
        only = known[0] if len(known) == 1 else None
        return self.asker.ask(
            f"{name}.database",
            "Database",
            lambda typed: reach.choose_database(typed, place),
            named or only,
            known=known,
        )

    @property
    def connectors(self) -> Path:
        """Of connector files."""
        return self.place.folder / registry.FOLDER

    def _serving(self, name: str) -> list[str]:
        """The systems for this side. One whose file has mistakes is named, and not offered."""
        found = []
        for one in registry.systems(self.connectors):
            try:
                facts = registry.facts(one, self.connectors)
            except ConfigError as error:
                wrong(f"{one} is not offered: {len(error.problems)} mistakes in its connector file")
                for problem in error.problems:
                    wrong(problem)
                continue
            if (Kind.CUSTOMER in facts.sources) is (name == BOOKS):
                found.append(one)
        return found

    def mapping_of(self, name: str) -> Path:
        """The mapping to begin with: the own one of a connector file, else the shipped one."""
        file = registry.file_of(name, self.connectors)
        if file is None:
            return registry.shipped("mappings") / f"{name}.yaml"
        own = self.place.folder / "mappings" / file.name
        if not own.is_file():
            raise ConfigError(
                f"{file} has no mapping: write {own} first; docs/connect-any-system.md shows how"
            )
        return own

    def load_writing(self, crm: Reached) -> CrmMapping:
        return load_crm(self.mapping_of(crm.mapping), crm.system.facts)

    @property
    def today(self) -> dt.date:
        return self.clock.utc().date()

    def look(self, system: reach.System) -> reach.Seen:
        with counting(system):
            return system.look(choices.days(self.today), self.today - choices.RECENT)

    # -- what was found -------------------------------------------------------------------------

    def show_books(self, seen: reach.Seen) -> None:
        told = seen.discovery
        found(f"company     {seen.identity.label}")
        if told.customers is not None:
            numbers = [f"at most {counted(told.customers, 'customer')}", *documents_of(told)]
            found(f"there are   {', '.join(numbers)}")
        if told.currencies:
            found(f"currencies  {', '.join(told.currencies)}")
        if told.sessions is not None:
            found(f"sessions    {choices.sessions(told)}")
        for name, says in choices.modules(told).items():
            found(f"module      {name}: {says}")
        if told.zone:
            found(f"zone        {told.zone}")
        if told.optional:
            count = counted(len(told.optional.lines), "object")
            found(f"optional    {count} not published, or not in this release. To hand on:")
            for line in (told.optional.head, *told.optional.lines):
                found(f"    {line}")
        _show_seen(told)
        self._show_rights(told, told.rights)

    def show_crm(self, crm: Reached) -> None:
        seen, told = crm.seen, crm.seen.discovery
        found(f"company     {seen.identity.label}")
        if told.edition or told.users:
            licences = [counted(told.users, "licence")] if told.users else []
            found(f"edition     {', '.join([told.edition or 'not told', *licences])}")
        if seen.identity.allowance is not None:
            found(f"allows      {seen.identity.allowance} {crm.system.facts.counts} in 24 hours")

    def show_cards(self, crm: Reached, shipped: CrmMapping) -> None:
        told, file = crm.seen.discovery, self.mapping_of(crm.mapping)
        if told.customers is not None:
            found(f"there are   {counted(told.customers, 'card')}")
        there = choices.present(shipped, told)
        wanted = choices.asked_about(shipped, told)
        found(f"fields      {len(there)} of {len(wanted)} custom fields are there")
        marked = choices.marked(text_at(tree(file), "customer.marker"), told)
        if marked:
            found(f"links       {counted(marked, 'card')} carry a key of the books: taken over")
        ids = choices.id_fields(shipped, told)
        for one in (each for each in ids if not each.samples):
            found(
                f"links       {one.path} (“{one.label}”) is filled on {one.filled} of "
                f"{told.customers} cards and looks like an id of an earlier integration: so many "
                "could be adopted; nothing is done about it here"
            )
        _show_seen(told)
        self._show_rights(told, needed(told.rights, shipped.reads, shipped.writes))

    def _show_rights(self, told: Discovery, rights: Sequence[Right]) -> None:
        who = told.user or "this credential"
        for one in rights:
            if one.allowed is False:
                wrong(f"{who} may not {one.op} {one.what}: {one.need} would fail")
        if told.administrator:
            wrong(f"{who} is an administrator: better a user of syncd's own")


def documents_of(told: Discovery) -> list[str]:
    """`31 orders`, `12 payments`."""
    return [f"{counts[0]} {_PLURALS.get(kind, kind)}" for kind, counts in told.documents.items()]


def _in_zone(seen: reach.Seen, zone: str | None) -> reach.Seen:
    return dataclasses.replace(seen, discovery=dataclasses.replace(seen.discovery, zone=zone))


def books_lines(zone: str, file: Path) -> Lines:
    """Days of the books begin in their zone."""
    return {} if zone == (text_at(tree(file), "zone") or "UTC") else {"zone": zone}


def _show_seen(told: Discovery) -> None:
    for says in told.records:
        found(f"records     {says}")
    for says in told.odd:
        wrong(says)


def named_system(names: Sequence[str], shown: Sequence[str]) -> Callable[[str], str]:
    """Also by the name that people have for it: 1C, Zoho."""
    take = one_of(names, shown)

    def named(typed: str) -> str:
        word = CALLED.get(typed.casefold(), typed)
        return word if word in names else take(typed)

    return named


def _taken(place: reach.Place) -> str:
    return place.url
