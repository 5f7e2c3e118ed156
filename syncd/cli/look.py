"""For whoever wants to know: status, runs, records, the shadow. Reads the store alone."""

from __future__ import annotations

import click

from syncd.cli.common import (
    json_option,
    open_app,
    pair_option,
    record_key,
    show_heading,
    show_json,
)
from syncd.cli.screens import (
    show_requests,
    show_runs,
    show_shadow,
    show_status,
    show_story,
)


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
@click.option("--limit", default=20, show_default=True, help="How many.")
@click.option("--requests", is_flag=True, help="What people ordered, and what became of it.")
@json_option
@click.pass_context
def log(
    context: click.Context,
    record: str | None,
    pair: str | None,
    limit: int,
    requests: bool,
    as_json: bool,
) -> None:
    """The last runs; or, for one record, its versions and what it is at the CRM."""
    app = open_app(context)
    story = app.story(pair, *record_key("log", record)) if record is not None else None
    if not as_json:
        show_heading(app.heading(pair))
    if story:
        show_json(story) if as_json else show_story(story)
    elif requests:
        show_requests(app.requests(pair, limit), as_json=as_json)
    else:
        runs = app.runs(pair, limit)
        show_json(runs) if as_json else show_runs(runs)


@click.command()
@pair_option
@click.option("--days", default=14, show_default=True, type=click.IntRange(min=1))
@json_option
@click.pass_context
def shadow(context: click.Context, pair: str | None, days: int, as_json: bool) -> None:
    """Day by day, how many fields people typed as syncd would have; and those of the last day that
    differ. Mode shadow compares once a day: syncd mode PAIR shadow."""
    app = open_app(context)
    found, differing = app.shadow(pair, days)
    if as_json:
        show_json({"days": found, "differing": differing})
        return
    show_heading(app.heading(pair))
    show_shadow(found, differing, app.customer_names(pair, [one.customer for one in differing]))
