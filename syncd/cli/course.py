"""The course of `syncd init`: where, this machine, the questions in their order, and the end."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.request import getproxies

import click

from syncd import registry
from syncd.cli import preferences
from syncd.cli.adoption import adopted
from syncd.cli.asking import Asker, found, wrong
from syncd.cli.common import moment, table
from syncd.cli.credentials import Credentials
from syncd.cli.finish import finish
from syncd.cli.hearers import hearers
from syncd.cli.questions import BOOKS, CRM, Course
from syncd.cli.selling import owners
from syncd.clock import Clock
from syncd.errors import ConfigError, UsageError
from syncd.settings.model import DEFAULT_FILE, Environment
from syncd.setup.choices import Way
from syncd.setup.files import Place
from syncd.setup.kept import Kept

GB = 1 << 30


def set_up(
    *,
    config: Path | None,
    folder: Path | None,
    state: str,
    flags: Mapping[str, str],
    secrets: Mapping[str, Path],
    options: Mapping[str, Sequence[str]],
    yes: bool,
    clock: Clock,
) -> None:
    """All of it. Answers are kept until the files are written."""
    environment = Environment()
    asker = Asker(flags, yes)
    place = Place(_file(config, folder, environment, asker))
    place.make()
    _machine(place, clock)
    asker.kept = Kept.read(place.folder)
    if asker.kept.answers:
        kept = f"{len(asker.kept.answers)} answers kept in {asker.kept.file}"
        click.echo(f"going on with {kept}; another one: its flag, or without that file")
    if not yes:
        _ready(
            place, [named for name in (BOOKS, CRM) if (named := asker.answered(f"{name}.system"))]
        )
    settings = {name: _settings(each) for name, each in options.items()}
    credentials = Credentials(asker, place, environment, secrets)
    course = Course(asker, place, clock, credentials, settings)
    ask(course, state)


def ask(course: Course, state: str) -> None:
    file = course.place.file
    if file.exists() and not course.asker.confirm(
        "replace", f"{file} is there. Replace it, and keep a copy", default=False
    ):
        course.asker.forget("replace")
        raise UsageError(f"{file} stays as it was; --replace y, or another --folder")
    books = course.connect(BOOKS)
    course.show_books(books.seen)
    books = course.settle(books)
    crm = course.connect(CRM)
    course.show_crm(crm)
    asker, told = course.asker, books.seen.discovery
    label, real = crm.seen.identity.label, crm.seen.discovery.production
    production = preferences.production(asker, label, crm.system.url, real)
    crm = crm.told(preferences.card(asker, crm.seen.discovery))
    shipped = course.load_writing(crm)
    course.show_cards(crm, shipped)
    links = adopted(course, books, crm)
    facts = crm.system.facts
    way = Way(facts.targets, crm.seen.pace, facts.hourly)
    since = preferences.history(asker, told, shipped, way, course.today)
    preferences.opening(books.system, since)
    language = preferences.language(asker, shipped)
    zone = preferences.zone(asker, told, crm.seen.discovery)
    by = preferences.won_by(asker, crm.mapping, crm.seen.discovery)
    stages = None
    if "deal" not in by:  # else deals are switched off
        stages = preferences.stages(asker, crm.seen.discovery)
        preferences.count_deals(crm.seen.discovery, stages)
    won = preferences.won(asker)
    own = owners(course, books, crm)
    chosen = preferences.Chosen(since, language, zone, stages, {**links, **by, **own.crm})
    connections = [
        books.connected(lines=own.books),
        crm.connected("" if production else ", not production"),
    ]
    heard = hearers(course, language)
    finish(course, state, connections, shipped, chosen, won, heard)


def _file(config: Path | None, folder: Path | None, environment: Environment, asker: Asker) -> Path:
    """Where --config or SYNCD_CONFIG say; else in a folder, which is asked for."""
    named = config or (environment.config if environment.config != DEFAULT_FILE else None)
    if named is not None and folder is None:
        return named.absolute()
    if folder is None and not asker.yes:
        typed = click.prompt("Folder for the configuration", default=".", type=str)
        folder = Path(typed).expanduser()
    return ((folder or Path()) / DEFAULT_FILE).absolute()


def _machine(place: Place, clock: Clock) -> None:
    """Disk, clock and the way out, before anything is asked."""
    free = shutil.disk_usage(place.folder).free
    click.echo(f"{place.file}: {free / GB:.1f} GB free, clock {moment(clock.utc())}")
    if free < GB:
        wrong("less than 1 GB: make room before the first run")
    for scheme, url in sorted(getproxies().items()):
        if scheme in ("http", "https", "all"):
            found(f"{scheme} goes through the proxy {url.rpartition('@')[2]}")


def _ready(place: Place, systems: Sequence[str]) -> None:
    """What to have at hand for these systems; for any, where they are not known yet."""
    known, folder = dict[str, str](), place.folder / registry.FOLDER
    for name in registry.systems(folder):
        with suppress(ConfigError):  # what is wrong with its file is told where it would be offered
            known[name] = registry.facts(name, folder).ready
    ready = {name: text for name, text in known.items() if text}
    rows = [[f"  {name}", ready[name]] for name in (systems or ready) if name in ready]
    if rows:
        click.echo("Have ready, with a user of syncd's own in each system:")
        click.echo(table(rows))
        click.echo(
            "If at hand, accounting's list of receivables (.xlsx, .csv): a plan is compared with it"
        )


def _settings(pairs: Sequence[str]) -> dict[str, str]:
    bad = [one for one in pairs if "=" not in one]
    if bad:
        raise UsageError(f"{bad[0]}: expected NAME=VALUE")
    return {name: value for name, _, value in (one.partition("=") for one in pairs)}
