"""The end of `syncd init`: files, their check, live facts, the first read and the plan."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

import click

from syncd import settings
from syncd.app import App, build
from syncd.cli.common import counted
from syncd.cli.doctor import show
from syncd.cli.preferences import Chosen
from syncd.cli.questions import Course, books_lines
from syncd.cli.show import customers_of, show_plan
from syncd.doctor import Verdict, examine
from syncd.errors import ConfigError, SyncdError
from syncd.mapping import CrmMapping
from syncd.settings.model import DEFAULT_FILE
from syncd.setup.choices import lines
from syncd.setup.files import Connected, tree


def finish(
    course: Course,
    state: str,
    connections: Sequence[Connected],
    shipped: CrmMapping,
    chosen: Chosen,
    won: str,
    hearers: Mapping[str, str],
) -> None:
    """`connections` are the books and the CRM, `shipped` is the mapping of the latter, `hearers`
    are owners of problems with their language."""
    connections = _write(course, connections, shipped, chosen)
    course.place.configure(state, connections, won, hearers)
    _tell(course, shipped)
    app = build(settings.load(course.place.file), course.clock)
    if problems := app.check():
        raise ConfigError(*problems)
    head = ["syncd", "--config", str(course.place.file), "init", "--state", state]
    command = course.asker.command(head, course.credentials.files)
    if course.asker.kept:
        course.asker.kept.forget()
    click.echo(f"\nThe same again, without a question:\n  {command}")
    look(app)
    plan(app)


def _write(
    course: Course, connections: Sequence[Connected], shipped: CrmMapping, chosen: Chosen
) -> list[Connected]:
    """Mappings first: the configuration names them. What was there before keeps a copy. An own
    mapping stays as it is: what was chosen goes over it, in a file of its own."""
    books, crm = (course.mapping_of(one.mapping or one.system) for one in connections)
    changed = (
        {**books_lines(chosen.zone, books), **connections[0].lines},
        lines(shipped, tree(crm), **asdict(chosen)),
    )
    found = []
    for one, base, differs in zip(connections, (books, crm), changed, strict=True):
        name = course.place.map(base, differs)
        found.append(replace(one, mapping=name) if name != one.system else one)
    return found


def _tell(course: Course, crm: CrmMapping) -> None:
    click.echo("\nWritten")
    for file in course.place.written:
        click.echo(f"  {file}")
    for secret in sorted(course.credentials.files.values()):
        click.echo(f"  {secret} (readable by this user alone)")
    for copy in course.place.copies:
        click.echo(f"  {copy}: what was there before")
    if crm.match:
        click.echo(
            "\nCustomers and cards are compared before either side gets a new one; what may be\n"
            "the same waits for a person. Switched off by `match: none` in the CRM's mapping:\n"
            "docs/matching.md"
        )


def look(app: App) -> None:
    """What doctor says, but for what is well."""
    click.echo("\nsyncd doctor")
    counts: Counter[Verdict] = Counter()
    for one in examine(app, None, None):
        counts[one.verdict] += 1
        if one.verdict is not Verdict.OK and one.what != "state":
            show(one.verdict, one.what, f"{one.about}: {one.says}", one.do)
    click.echo(f"  {counted(counts[Verdict.OK], 'finding')} ok; all of it: syncd doctor")


def plan(app: App) -> None:
    """The first read, with its progress on stderr."""
    pages = 0

    def tell(point: str) -> None:
        nonlocal pages
        if point == "before commit":
            pages += 1
            if sys.stderr.isatty():
                click.echo(f"\rreading: {counted(pages, 'page')}", nl=False, err=True)

    click.echo("\nReading both systems; nothing is written to either.", err=True)
    app.checkpoint = tell
    try:
        drawn = app.plan(None)
    except SyncdError:
        click.echo("The files are in place; the plan can be made again: syncd plan", err=True)
        raise
    if sys.stderr.isatty():
        click.echo("", err=True)
    click.echo()
    show_plan(drawn, app.customer_names(None, customers_of(drawn)))
    if app.settings.file != DEFAULT_FILE.absolute():
        click.echo(f"(with --config {app.settings.file}, or SYNCD_CONFIG)")
