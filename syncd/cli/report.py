"""Reports over all customers. Reads the store alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from syncd.cli.common import (
    counted,
    json_option,
    moment,
    open_app,
    pair_option,
    plain,
    show_heading,
    show_json,
    table,
)
from syncd.domain import Money

if TYPE_CHECKING:
    from syncd.report import Cell, Check, Column, Result, Table


@click.command()
@click.argument("name", required=False)
@pair_option
@click.option(
    "--by",
    help="What a line is about: customer, seller, organisation, stage or month; without NAME each "
    "report says which of them it has.",
)
@click.option("--month", metavar="YYYY-MM", help="One month, in the books' zone.")
@click.option("--since", metavar="DAY", help="From this day on.")
@click.option("--until", metavar="DAY", help="To this day, itself included; else to today.")
@click.option("--no-names", is_flag=True, help="Keys in place of names of customers and sellers.")
@click.option("--xlsx", type=click.Path(path_type=Path), help="Write a workbook instead.")
@click.option("--force", is_flag=True, help="Over a workbook that is there.")
@json_option
@click.pass_context
def report(
    context: click.Context,
    name: str | None,
    pair: str | None,
    by: str | None,
    month: str | None,
    since: str | None,
    until: str | None,
    no_names: bool,
    xlsx: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """A report from the mirror; no system is asked. Without NAME: which there are.

    Exits with 1 if its own check does not hold.
    """
    from syncd.report import Question

    if name is None:
        show_list()
        return
    question = Question(name, by, month, since, until, names=not no_names)
    if xlsx:
        from syncd.cli.workbook import refuse

        refuse(xlsx, force=force)
    app = open_app(context)
    found = app.report(pair, question, _progress)
    head = app.heading(pair)
    mode = head.mode if head else ""
    if xlsx:
        from syncd.cli.workbook import write

        write(xlsx, found, mode, force=force)
    if as_json:
        show_json(as_data(found, mode))
    else:
        show_heading(head)
        show_report(found, tables=xlsx is None)
        if xlsx:
            click.echo(f"written: {xlsx}")
    context.exit(0 if found.holds else 1)


def _progress(done: int, every: int) -> None:
    click.echo(f"read {done:,} of {every:,} customers", err=True)


def show_list() -> None:
    from syncd.report import REPORTS

    rows = [
        [name, one.says, f"--by {'|'.join(one.by)}" if one.by else ""]
        for name, one in REPORTS.items()
    ]
    click.echo(table(rows))
    click.echo("next: syncd report NAME [--month 2026-11] [--xlsx FILE]")


def show_report(found: Result, *, tables: bool) -> None:
    by = f" by {found.by}" if found.by else ""
    basis = found.basis
    until = f", {found.period}" if found.period else ""
    day = f"{basis.today.day} {basis.today:%b %Y}"
    click.echo(f"{found.report}{by}{until}   today is {day} in the books ({basis.zone})")
    click.echo(f"fresh as of {moment(basis.fresh)}")
    for note in found.notes:
        click.echo(f"note: {note}")
    for one in found.tables if tables else ():
        click.echo(f"\n{one.title}" if one.title else "")
        click.echo(screen(one, found.names) if one.rows else "nothing")
    click.echo()
    for check in found.checks:
        click.echo(f"check: {sentence(check)}")
    if basis.proofs:
        click.echo(
            f"proven: {basis.proofs.agreed} of {counted(basis.proofs.cards, 'card')} compared "
            f"agree with the books, last {moment(basis.proofs.at)}"
        )


def sentence(check: Check) -> str:
    """Whether it holds, for how many, and what to do."""
    from syncd.report import told

    every = counted(check.compared, check.noun)
    sums = ", ".join(told(one) for one in check.sums if one)
    sums = f": {sums}" if sums else ""
    late = f"; {check.later} of them with the next run, or when a correction is over"
    later = late if check.later else ""
    if check.holds:
        return f"{check.what}, for {every}{sums}{later}"
    named = ", ".join(check.named) + (", ..." if check.differ > len(check.named) else "")
    return f"NOT for {check.differ} of {every} ({named}): {check.what}{later}. Next: {check.next}"


# -- cells ---------------------------------------------------------------------------------------


def screen(one: Table, names: Mapping[str, str] | None) -> str:
    from syncd.report import RIGHT, with_names

    shown = with_names(one, names)
    rows = [[column.head for column in shown.columns]]
    for number, row in enumerate((*shown.rows, *shown.totals)):
        total = number >= len(shown.rows)
        cells = zip(shown.columns, row, strict=True)
        rows.append([_text(column, cell, total=total) for column, cell in cells])
    right = (i for i, column in enumerate(shown.columns) if column.shape in RIGHT)
    return table(rows, frozenset(right))


def _text(column: Column, cell: Cell, *, total: bool) -> str:
    from syncd.report import Shape, number, worded

    if cell is None:
        return "" if total else str(worded(column, cell) or "")
    if isinstance(cell, Money):
        return f"{number(cell):,}"
    if isinstance(cell, dt.date):
        month = column.shape is Shape.MONTH
        return f"{cell:%Y-%m}" if month else f"{cell.day:02} {cell:%b %Y}"
    if column.shape is Shape.SHARE:
        return f"{cell} %"
    return f"{cell:,}" if isinstance(cell, int | Decimal) else cell


def as_data(found: Result, mode: str) -> dict[str, Any]:
    """For programs: customers by key, with their names beside."""
    shown: dict[str, Any] = plain(found)
    del shown["names"]
    tables = [{"title": one.title, **_rows(one, found.names)} for one in found.tables]
    return {**shown, "mode": mode, "tables": tables}


def _rows(one: Table, names: Mapping[str, str] | None) -> dict[str, Any]:
    return {
        part: [_row(one, row, names) for row in rows]
        for part, rows in (("rows", one.rows), ("totals", one.totals))
    }


def _row(one: Table, row: tuple[Cell, ...], names: Mapping[str, str] | None) -> dict[str, Any]:
    from syncd.report import Shape

    found: dict[str, Any] = {}
    for column, cell in zip(one.columns, row, strict=True):
        month = column.shape is Shape.MONTH and isinstance(cell, dt.date)
        found[column.word.replace(" ", "_")] = f"{cell:%Y-%m}" if month else plain(cell)
        if column.shape is Shape.CUSTOMER and names is not None and cell != "all":
            found["customer_name"] = names.get(str(cell))
    return found
