"""For whoever wants to know: runs, records, the shadow. Reads the store alone."""

from __future__ import annotations

import click

from syncd.cli.common import (
    json_option,
    open_app,
    pair_option,
    record_key,
    show_heading,
    show_json,
    show_of_each,
)
from syncd.cli.screens import (
    listed_requests,
    show_requests,
    show_runs,
    show_shadow,
    show_story,
)


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
    """The last runs, of the pair or of all; or, for one record, its versions and what it is at the
    CRM."""
    app = open_app(context)
    if record is not None:
        story = app.story(pair, *record_key("log", record))
        if as_json:
            show_json(story)
            return
        show_heading(app.heading(pair))
        show_story(story)
        return
    names = app.pairs(pair)
    if requests:
        asked = {name: app.requests(name, limit) for name in names}
        show_of_each(app, asked, show_requests, listed_requests if as_json else None)
    else:
        runs = {name: app.runs(name, limit) for name in names}
        show_of_each(app, runs, show_runs, list if as_json else None)


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
