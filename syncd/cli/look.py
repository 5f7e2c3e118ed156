"""For whoever wants to know: status, runs, records, links, problems. Reads the store alone."""

from __future__ import annotations

import click

from syncd.cli.common import (
    json_option,
    moment,
    open_app,
    pair_option,
    record_key,
    show_json,
    table,
)
from syncd.cli.screens import show_problems, show_runs, show_status, show_story
from syncd.errors import UsageError


@click.command()
@pair_option
@json_option
@click.pass_context
def status(context: click.Context, pair: str | None, as_json: bool) -> None:
    """What is fresh, what waits, and what needs somebody."""
    found = open_app(context).status(pair)
    show_json(found) if as_json else show_status(found)
    failed = found.last is not None and found.last.result == "failed"
    context.exit(1 if found.problems or failed else 0)


@click.command()
@click.argument("record", required=False, metavar="[KIND:KEY]")
@pair_option
@click.option("--limit", default=20, show_default=True, help="How many runs.")
@json_option
@click.pass_context
def log(
    context: click.Context, record: str | None, pair: str | None, limit: int, as_json: bool
) -> None:
    """The last runs; or, for one record, its versions and what it is at the CRM."""
    app = open_app(context)
    if record is None:
        runs = app.runs(pair, limit)
        show_json(runs) if as_json else show_runs(runs)
    else:
        story = app.story(pair, *record_key("log", record))
        show_json(story) if as_json else show_story(story)


@click.command()
@pair_option
@click.option("--customer", help="One customer: key, code, tax id, e-mail, name, card.")
@json_option
@click.pass_context
def links(context: click.Context, pair: str | None, customer: str | None, as_json: bool) -> None:
    """Which card and which books customer are the same, since when, and by whom."""
    found = open_app(context).links(pair, customer)
    if as_json:
        show_json(found)
        return
    rows = [["books", "customer", "crm", "card", "by", "since"]]
    for one in found:
        rows.append([one.books, one.books_key, one.crm, one.card_id, one.by, moment(one.at)])
    click.echo(table(rows))


@click.group(invoke_without_command=True)
@pair_option
@click.option("--closed", is_flag=True, help="Those that ended.")
@json_option
@click.pass_context
def problems(context: click.Context, pair: str | None, closed: bool, as_json: bool) -> None:
    """What needs somebody: one per cause, with its owner and what ends it."""
    if context.invoked_subcommand:
        return
    found = open_app(context).problems(pair, closed=closed)
    show_json(found) if as_json else show_problems(found, closed=closed)
    context.exit(1 if found and not closed else 0)


@problems.command()
@click.argument("problem", type=int)
@pair_option
@click.option("--exists", metavar="REMOTE_ID", help="It is there, under this id.")
@click.option("--absent", is_flag=True, help="It is not there: send it again.")
@click.pass_context
def resolve(
    context: click.Context, problem: int, pair: str | None, exists: str | None, absent: bool
) -> None:
    """Answer whether an object exists that syncd cannot search for."""
    if (exists is None) is not absent:
        raise UsageError("say one of --exists REMOTE_ID or --absent")
    open_app(context).resolve(pair, problem, exists)
    click.echo(f"#{problem} is answered; next: syncd run")
