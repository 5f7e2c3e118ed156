"""The first link-up of two systems that are full: suggested, decided in a sheet, imported."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.cli.common import (
    counted,
    json_option,
    no_wait_option,
    open_app,
    order,
    pair_option,
    show_heading,
    show_json,
    table,
)
from syncd.cli.outcome import show_said
from syncd.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from syncd.link_orders import Row
    from syncd.sync.fieldlinks import Carried
    from syncd.sync.suggesting import Suggested

LISTED = 20
"""Cards that are named of those a field does not link."""

dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Say what it would do, change nothing."
)


@click.command("suggest")
@pair_option
@click.option(
    "--xlsx", type=click.Path(path_type=Path), help="A sheet to decide in. It holds names."
)
@click.option("--force", is_flag=True, help="Write over the sheet that is there.")
@json_option
@click.pass_context
def suggest(
    context: click.Context, pair: str | None, xlsx: Path | None, force: bool, as_json: bool
) -> None:
    """Which customers and which cards seem the same, from what was read. Reaches no system."""
    from syncd.cli import sheet, workbook

    if xlsx:
        workbook.refuse(xlsx, force=force)
    app = open_app(context)
    found = app.suggested(pair)
    today = _today(context)
    if xlsx:
        sheet.write(xlsx, found, app.pair_settings(pair).name, today, force=force)
    if as_json:
        show_json(found)
        return
    show_heading(app.heading(pair))
    _show_suggested(found)
    if xlsx:
        until = today + dt.timedelta(days=sheet.DAYS)
        click.echo(
            f"written: {xlsx}; it holds personal data and expires on {until.isoformat()}. Decide "
            f"in it, then: syncd links import {xlsx} --dry-run"
        )
    elif found.proposals:
        click.echo("next: syncd links suggest --xlsx links.xlsx")


def _show_suggested(found: Suggested) -> None:
    from syncd.matching import Verdict

    linked, asked = found.count(Verdict.LINK), found.count(Verdict.ASK)
    rows = [
        ["", "customers", "cards"],
        ["in the mirror", str(found.customers), str(found.cards)],
        ["linked already", str(found.linked), str(found.linked)],
        ["without a counterpart", str(found.customers_alone), str(found.cards_alone)],
    ]
    click.echo(table(rows, frozenset({1, 2})))
    click.echo(
        f"{counted(linked, 'link')} proposed, {counted(asked, 'question')}, "
        f"{found.unconfirmed} linked by evidence and not confirmed, "
        f"{counted(found.rejected, 'rejected pair')} left out"
    )
    if found.proposals:
        bands = [["score", "links", "questions"]]
        bands += [[f"{one.least} and more", str(one.link), str(one.ask)] for one in found.bands]
        click.echo(f"\n{table(bands, frozenset({1, 2}))}\n")
    if not found.cards:
        click.echo("no card is in the mirror: all are read where the CRM's mapping has `match:`")


@click.command("import")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--from-field", "path", metavar="PATH", help="A field of cards with the books' keys.")
@click.option("--why", metavar="R", help="Why; it is kept. Default: the file or the field.")
@dry_run_option
@pair_option
@no_wait_option
@click.pass_context
def import_(
    context: click.Context,
    file: Path | None,
    path: str | None,
    why: str | None,
    dry_run: bool,
    pair: str | None,
    no_wait: bool,
) -> None:
    """Take what was decided in FILE, or the keys that an earlier integration left on cards."""
    if (file is None) is (path is None):
        raise UsageError("name one of them: a sheet of links suggest, or --from-field PATH")
    rows = _of_sheet(context, file, pair) if file else _of_field(context, path or "", pair)
    source = file.name if file else f"field {path}"
    if not rows:
        click.echo("nothing to link and nothing to reject")
        return
    args = {"rows": [[one.customer, one.card, one.decision, one.evidence] for one in rows]}
    decide(context, pair, "links import", args, why or source, dry_run=dry_run, no_wait=no_wait)


def _of_sheet(context: click.Context, file: Path, pair: str | None) -> list[Row]:
    """What can be taken; what cannot is told."""
    from syncd.cli import sheet

    decided, unclear, empty = sheet.read(file)
    app, today = open_app(context), _today(context)
    now = app.seals(pair, [(one.row.customer, one.row.card) for one in decided])
    skipped = [(one.line, one.why) for one in unclear]
    rows = []
    for one, seal in zip(decided, now, strict=True):
        who = f"customer {one.row.customer}, card {one.row.card}"
        if not dt.timedelta(0) <= today - one.made <= dt.timedelta(days=sheet.DAYS):
            said = f"the sheet is of {one.made.isoformat()}, and is taken for {sheet.DAYS} days"
            skipped.append((one.line, f"{who}: {said}; make a new one"))
        elif seal != one.row.evidence:
            said = "what speaks for it has changed since the sheet was made"
            skipped.append((one.line, f"{who}: {said}; make a new one"))
        else:
            rows.append(one.row)
    for line, why in sorted(skipped):
        click.echo(f"row {line} is skipped: {why}")
    click.echo(f"{counted(len(rows), 'decision')} in {file}, {empty} rows left open")
    return rows


def _of_field(context: click.Context, path: str, pair: str | None) -> list[Row]:
    from syncd.link_orders import YES, Row

    app = open_app(context)
    found = app.carried(pair, path)
    _show_carried(found)
    found.refuse()
    seals = app.seals(pair, found.pairs)
    return [Row(*one, YES, seal) for one, seal in zip(found.pairs, seals, strict=True)]


def _show_carried(found: Carried) -> None:
    click.echo(f"{found.path} is filled on {found.filled} of {found.cards} cards: a {found.by}")
    click.echo(
        f"{found.agree} of {found.compared} that have other evidence agree; "
        f"{len(found.pairs)} can be linked, {found.linked} are linked already"
    )
    for text in found.left[:LISTED]:
        click.echo(f"  {text}")
    if len(found.left) > LISTED:
        click.echo(f"  and {len(found.left) - LISTED} more that are not linked by it")


def _today(context: click.Context) -> dt.date:
    today: dt.date = context.find_root().obj["clock"].utc().date()
    return today


def decide(
    context: click.Context,
    pair: str | None,
    verb: str,
    args: Mapping[str, Any],
    why: str | None,
    *,
    dry_run: bool,
    no_wait: bool,
) -> None:
    if dry_run:
        show_said(open_app(context).rehearse(pair, verb, args, why=why))
        click.echo("dry run: nothing was changed")
        return
    show_said(order(context, pair, verb, args, why=why, no_wait=no_wait))
