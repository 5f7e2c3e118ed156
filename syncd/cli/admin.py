"""For the admin: files and connections."""

from __future__ import annotations

from collections.abc import Sequence

import click

from syncd.cli.common import counted, json_option, open_app, show_json, table
from syncd.errors import ConfigError
from syncd.setup.fields import BY_HAND, CREATED, MISSING, UNSEEN, FieldState


@click.command()
@click.pass_context
def check(context: click.Context) -> None:
    """Files, offline: configuration, mappings and secrets. Reaches no system; `connections test` is
    one login, `doctor` are live facts."""
    app = open_app(context)
    problems = app.check()
    if problems:
        raise ConfigError(*problems)
    settings = app.settings
    click.echo(
        f"{settings.file}: {counted(len(settings.connections), 'connection')}, "
        f"{counted(len(settings.pairs), 'pair')}, their mappings and secrets are in order.\n"
        "next: syncd connections test"
    )


@click.group()
def connections() -> None:
    """The accounts of systems that the configuration names."""


@connections.command()
@click.argument("names", nargs=-1)
@json_option
@click.pass_context
def test(context: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """One login and one call for each connection (default: all). Changes nothing; `check` looks at
    files, `doctor` at live facts."""
    app = open_app(context)
    found = {}
    for name in names or app.settings.connections:
        identity = app.test(name)
        found[name] = identity
        if not as_json:
            click.echo(f"{name}: reaches {identity.label} ({identity.id})")
    if as_json:
        show_json(found)


@connections.command()
@click.argument("name")
@click.option("--dry-run", is_flag=True, help="Show what is missing, create nothing.")
@json_option
@click.pass_context
def setup(context: click.Context, name: str, dry_run: bool, as_json: bool) -> None:
    """Create the custom fields that mappings write and this connection lacks. Where its connector
    cannot tell or make them, they are listed for a person: exit code 1 while one is missing."""
    fields = open_app(context).set_up_fields(name, write=not dry_run)
    if as_json:
        show_json(fields)
    else:
        _show_fields(name, fields)
    context.exit(1 if any(one.state == BY_HAND for one in fields) else 0)


def _show_fields(name: str, fields: Sequence[FieldState]) -> None:
    for field in (one for one in fields if one.state in (MISSING, CREATED)):
        what = " ".join(dict.fromkeys((field.target, field.path)))
        click.echo(f"{name}: {field.state} {what} ({field.type}, “{field.label}”)")
    for state, says in (
        (BY_HAND, "lacks these, and its connector has no way to make them. Make them by hand:"),
        (UNSEEN, "its connector cannot tell which fields are there. What is not, make by hand:"),
    ):
        some = [one for one in fields if one.state == state]
        if some:
            click.echo(f"{name}: {says}")
            rows = [[f"  {one.target}", one.path, one.type, f"“{one.label}”"] for one in some]
            click.echo(table(rows))
    if not fields:
        click.echo(f"{name}: every field that is written is there")
