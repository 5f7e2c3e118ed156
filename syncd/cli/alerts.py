"""Who hears of problems: try it, and see what would be told."""

from __future__ import annotations

import click

from syncd.cli.common import json_option, open_app, show_json
from syncd.errors import UsageError
from syncd.settings.alerts import OWNERS


@click.group()
def alerts() -> None:
    """Messages about problems: test that they arrive, see what they say."""


owner_argument = click.argument("owner", required=False, metavar="[OWNER]")


@alerts.command()
@owner_argument
@click.option("--dry-run", is_flag=True, help="Show the message and where it would go; send none.")
@json_option
@click.pass_context
def test(context: click.Context, owner: str | None, dry_run: bool, as_json: bool) -> None:
    """Send a test message to each target of OWNER (default: of everybody)."""
    app = open_app(context)
    _known(owner)
    found = app.test_alerts(owner, dry_run=dry_run)
    if as_json:
        show_json(found)
    for one in () if as_json else found:
        verb = "would be told" if dry_run else "was told"
        said = f"could not be told: {one.error}" if one.error else f"{verb}: {one.message.body}"
        click.echo(f"{one.target} ({one.channel}) {said}")
    context.exit(1 if any(one.error for one in found) else 0)


@alerts.command()
@owner_argument
@json_option
@click.pass_context
def preview(context: click.Context, owner: str | None, as_json: bool) -> None:
    """What OWNER (default: everybody) would be told now, and today's mail. Sends nothing."""
    app = open_app(context)
    _known(owner)
    found = app.preview_alerts(owner)
    if as_json:
        show_json(found)
        return
    shown = False
    for one in found:
        for when, message in (("at once", one.at_once), ("mail of the day", one.daily)):
            if message:
                click.echo(
                    f"{chr(10) if shown else ''}{one.owner}, {when}, by "
                    f"{', '.join(one.channels)}\n{message.subject}\n\n{message.body}"
                )
                shown = True
    if not shown:
        click.echo("nobody would be told anything now")


def _known(owner: str | None) -> None:
    if owner is not None and owner not in OWNERS:
        raise UsageError(f"unknown owner {owner}; known: {', '.join(OWNERS)}")
