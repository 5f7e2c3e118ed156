"""For the operator: cycles, plans and resyncs."""

from __future__ import annotations

import click

from syncd.cli.common import json_option, open_app, pair_option, record_key, show_json
from syncd.cli.show import show_differences, show_plan, show_report
from syncd.errors import UsageError


@click.command()
@pair_option
@click.option("--go-live", is_flag=True, help="Leave mode plan: write from now on.")
@click.option("--full", is_flag=True, help="Read every record, not only what changed.")
@json_option
@click.pass_context
def run(context: click.Context, pair: str | None, go_live: bool, full: bool, as_json: bool) -> None:
    """One cycle: read what changed in the books, write the cards. In mode plan it only reads."""
    report = open_app(context).run(pair, go_live=go_live, full=full)
    show_json(report) if as_json else show_report(report)
    context.exit(report.exit_code)


@click.command()
@pair_option
@click.option("--rows", is_flag=True, help="Row by row: every field that would be written.")
@json_option
@click.pass_context
def plan(context: click.Context, pair: str | None, rows: bool, as_json: bool) -> None:
    """Read both systems completely and show what would be written. Writes to neither."""
    app = open_app(context)
    drawn, _ = app.plan(pair)
    if as_json:
        show_json({"plan": drawn, "rows": app.differences(pair)} if rows else drawn)
        return
    if rows:
        show_differences(app.differences(pair))
        click.echo()
    show_plan(drawn, app.customer_names(pair, [c.customer for c in drawn.worst]))


@click.command()
@click.argument("plan_id", metavar="PLAN")
@pair_option
@json_option
@click.pass_context
def apply(context: click.Context, plan_id: str, pair: str | None, as_json: bool) -> None:
    """Write what PLAN shows, as far as it still is so, and make the pair live."""
    report = open_app(context).apply(pair, plan_id)
    show_json(report) if as_json else show_report(report)
    context.exit(report.exit_code)


@click.command()
@pair_option
@click.option("--key", "keys", multiple=True, metavar="KIND:KEY", help="One record, by books key.")
@click.option("--customer", help="A customer and all its documents: key, code, tax id, e-mail...")
@click.option("--all", "everything", is_flag=True, help="Every record of the books.")
@click.option("--recreate", is_flag=True, help="Make objects again that are gone in the CRM.")
@click.option("--dry-run", is_flag=True, help="Show what differs, write nothing.")
@json_option
@click.pass_context
def resync(
    context: click.Context,
    pair: str | None,
    keys: tuple[str, ...],
    customer: str | None,
    everything: bool,
    recreate: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read records again, look at what their cards really show, and write what differs."""
    if sum((bool(keys), customer is not None, everything)) != 1:
        raise UsageError("say one of --key KIND:KEY, --customer C or --all")
    app = open_app(context)
    report, left = app.resync(
        pair,
        keys=[record_key("--key", one) for one in keys],
        customer=customer,
        everything=everything,
        recreate=recreate,
        dry_run=dry_run,
    )
    if as_json:
        show_json({"report": report, "differences": left if dry_run else []})
    else:
        show_report(report, left if dry_run else None)
    context.exit(report.exit_code)
