"""For the admin: files and connections."""

from __future__ import annotations

import click

from syncd.cli.common import counted, json_option, open_app, show_json
from syncd.errors import ConfigError


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
    """Create the custom fields that mappings write and this connection lacks."""
    fields = open_app(context).missing_fields(name, write=not dry_run)
    if as_json:
        show_json(fields)
        return
    for field in fields:
        verb = "missing" if dry_run else "created"
        what = " ".join(dict.fromkeys((field.target, field.path)))
        click.echo(f"{name}: {verb} {what} ({field.type}, “{field.label}”)")
    if not fields:
        click.echo(f"{name}: every field that is written is there")
