"""For the operator: plans, resyncs and proofs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.cli import accountant
from syncd.cli.common import (
    json_option,
    no_wait_option,
    one_pair,
    open_app,
    order,
    pair_option,
    record_key,
    show_heading,
    show_json,
)
from syncd.cli.outcome import show_answer, show_differences
from syncd.cli.show import customers_of, show_plan, show_proven
from syncd.domain import Kind
from syncd.errors import UsageError

if TYPE_CHECKING:
    from syncd.app import App
    from syncd.report import Compared
    from syncd.sync.plan import Plan


@click.command()
@click.argument("named", required=False, metavar="[PAIR]")
@pair_option
@click.option("--rows", is_flag=True, help="Row by row: every field that would be written.")
@click.option(
    "--from-mirror", is_flag=True, help="From what was read before, without asking either system."
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The accountant's own list of receivables (.xlsx, .csv): who agrees, who does not.",
)
@click.option(
    "--xlsx",
    type=click.Path(path_type=Path),
    help="Row by row, what is held, and who differs from --report, as a workbook.",
)
@click.option("--force", is_flag=True, help="Write over the workbook that is there.")
@json_option
@click.pass_context
def plan(
    context: click.Context,
    named: str | None,
    pair: str | None,
    rows: bool,
    from_mirror: bool,
    report: Path | None,
    xlsx: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Read both systems completely and show what would be written. Writes to neither."""
    pair = one_pair(named, pair)
    listed = accountant.listed(report, xlsx, force=force)
    app = open_app(context)
    drawn = order(context, pair, "plan", {"offline": from_mirror}).drawn
    assert drawn is not None
    compared = app.compared(pair, listed, report.name) if listed and report else None
    if xlsx:
        _sheet(app, pair, drawn, xlsx, compared, force=force)
    if as_json:
        more: dict[str, object] = {"rows": app.differences(pair)} if rows else {}
        more |= {"report": compared} if compared else {}
        show_json({"plan": drawn, **more} if more else drawn)
        return
    if rows:
        show_differences(app.differences(pair))
        click.echo()
    beside = (
        accountant.told(report, listed, compared, xlsx) if report and compared and listed else ()
    )
    show_plan(drawn, app.customer_names(pair, customers_of(drawn)), beside)
    if xlsx:
        click.echo(f"{xlsx}: written")


def _sheet(
    app: App, pair: str | None, drawn: Plan, xlsx: Path, compared: Compared | None, *, force: bool
) -> None:
    from syncd.cli import plan_sheet

    rows = app.differences(pair)
    keys = {one.ref.partition(":")[2].partition("/")[0] for one in rows if _of_customer(one.ref)}
    names = app.customer_names(pair, [*keys, *customers_of(drawn)])
    plan_sheet.write(xlsx, drawn, rows, names, compared, force=force)


def _of_customer(ref: str) -> bool:
    return ref.partition(":")[0] in (Kind.CUSTOMER.value, Kind.CARD.value)


@click.command()
@click.argument("plan_id", metavar="PLAN")
@pair_option
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="WORD=X",
    help="Only customer=X, those of seller=S, or the won card=ID; may be given several times.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many customers.")
@no_wait_option
@json_option
@click.pass_context
def apply(
    context: click.Context,
    plan_id: str,
    pair: str | None,
    scopes: tuple[str, ...],
    limit: int | None,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Write what PLAN shows, as far as it still is so, and make the pair live; for a scope, a pilot
    that writes these customers alone."""
    args = {"plan": plan_id, "scope": list(scopes), "limit": limit}
    pair = open_app(context).pair_of_plan(pair, plan_id)
    answer = order(context, pair, "apply", args, no_wait=no_wait)
    show_json(answer.report or answer) if as_json else show_answer(answer)
    context.exit(answer.exit_code)


@click.command()
@pair_option
@click.option("--key", "keys", multiple=True, metavar="KIND:KEY", help="One record, by books key.")
@click.option("--customer", help="A customer and all its documents: key, code, tax id, e-mail...")
@click.option("--all", "everything", is_flag=True, help="Every record of the books.")
@click.option(
    "--kind", type=click.Choice([Kind.WON.value]), help="Customers won earlier, with --since."
)
@click.option("--since", metavar="DAY", help="Deals closed on this day or later: 2026-01-31.")
@click.option("--recreate", is_flag=True, help="Make objects again that are gone in the CRM.")
@click.option("--dry-run", is_flag=True, help="Show what differs, write nothing.")
@no_wait_option
@json_option
@click.pass_context
def resync(
    context: click.Context,
    pair: str | None,
    keys: tuple[str, ...],
    customer: str | None,
    everything: bool,
    kind: str | None,
    since: str | None,
    recreate: bool,
    dry_run: bool,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Read records again, look at what their cards really show, and write what differs. Customers
    won earlier become a plan that waits for apply."""
    if sum((bool(keys), customer is not None, everything, kind is not None)) != 1:
        raise UsageError("say one of --key KIND:KEY, --customer C, --all or --kind won --since DAY")
    if (kind is None) is not (since is None):
        raise UsageError("--kind won and --since DAY go together")
    args = {
        "keys": [record_key("--key", one) for one in keys],
        "customer": customer,
        "everything": everything,
        "won_since": _day(since) if since else None,
        "recreate": recreate,
        "dry_run": dry_run,
    }
    answer = order(context, pair, "resync", args, no_wait=no_wait)
    if as_json:
        rows = {"report": answer.report, "differences": answer.differences or []}
        show_json({**rows, "said": answer.said, "plan": answer.plan})
    else:
        show_answer(answer, dry_run=dry_run)
    context.exit(answer.exit_code)


def _day(typed: str) -> str:
    try:
        return dt.date.fromisoformat(typed).isoformat()
    except ValueError:
        raise UsageError(f"--since {typed}: expected a day as 2026-11-01") from None


@click.command()
@pair_option
@click.option("--customer", help="One customer: key, code, tax id, e-mail, name, card.")
@no_wait_option
@json_option
@click.pass_context
def prove(
    context: click.Context, pair: str | None, customer: str | None, no_wait: bool, as_json: bool
) -> None:
    """Compare the books' ledger, the documents and the cards as they are read back, to the cent.
    Exit code 1 where they differ."""
    answer = order(context, pair, "prove", {"customer": customer}, no_wait=no_wait)
    if as_json:
        show_json({"proven": answer.proven, "said": answer.said, "report": answer.report})
    else:
        app = open_app(context)
        show_heading(app.heading(pair))
        keys = list(dict.fromkeys(one.customer for one in answer.proven or ()))
        show_proven(answer, app.customer_names(pair, keys))
    context.exit(answer.exit_code)
