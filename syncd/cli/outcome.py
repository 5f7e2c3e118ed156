"""How the report of a run looks: what happened first, sums that add up, the next step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from syncd.cli.common import counted, table

if TYPE_CHECKING:
    from syncd.answers import Answer
    from syncd.domain import Value
    from syncd.sync.difference import Difference
    from syncd.sync.order import Report

_RIGHT = frozenset(range(1, 12))
NEXT = {"plan": "syncd plan, then syncd apply PLAN", "shadow": "syncd shadow"}


def show_answer(answer: Answer, *, dry_run: bool = False) -> None:
    """The report of an order, and what it said; in a dry run what it would have written."""
    if answer.report:
        show_report(answer.report, answer.differences if dry_run else None)
    show_said(answer)


def show_said(answer: Answer) -> None:
    for sentence in answer.said:
        click.echo(sentence)


def show_report(report: Report, differences: Sequence[Difference] | None = None) -> None:
    """`differences` are given by a dry run: what it would have written."""
    dry_run = differences is not None
    wrote = counted(report.writes, "write") if report.writes else "nothing was written"
    reads = counted(report.reads, "read")
    click.echo(
        f"run {report.run}   mode {report.mode.upper()}   {reads}, {wrote}"
        f"{'   (dry run)' if dry_run else ''}"
    )
    click.echo(_pages(report))
    click.echo(_tallies(report))
    for note in report.notes:
        click.echo(f"note: {note}")
    if report.doubts:
        click.echo(f"doubtful: {report.doubts}")
    if differences is not None:
        click.echo("\n" + _differences(differences) + "\n")
    click.echo(_next_step(report, dry_run))


def _pages(report: Report) -> str:
    """Kinds of which nothing was read are left out."""
    rows = []
    for kind, page in report.pages.items():
        numbers = (page.read, page.new, page.unchanged, page.filtered, page.unmappable)
        if any(numbers):
            rows.append([kind.value, *map(str, numbers)])
    head = ["", "read", "= new", "+ unchanged", "+ filtered", "+ unmappable"]
    return table([head, *rows], _RIGHT) if rows else "nothing was read"


def _tallies(report: Report) -> str:
    """Kinds of which nothing was due are left out."""
    rows = []
    for kind, one in report.tallies.items():
        numbers = (
            one.due_at_start + one.became_due,
            one.applied,
            one.found_equal,
            one.collapsed,
            one.owed,
            one.held,
            one.deferred,
            one.failed,
        )
        if any(numbers):
            rows.append([kind.value, *map(str, numbers)])
    head = ["", "due", "= applied", "+ equal", "+ collapsed", "+ owed", "+ held", "+ deferred"]
    return table([[*head, "+ failed"], *rows], _RIGHT) if rows else "nothing was due"


def _next_step(report: Report, dry_run: bool) -> str:
    if not all(tally.closes for tally in report.tallies.values()):
        return "the sums do not close: this is a defect of syncd; please report run and state file"
    if report.open_problems:
        new = f"{report.new_problems} new" if report.new_problems else "none of them new"
        return f"{counted(report.open_problems, 'open problem')}, {new}\nnext: syncd problems"
    if report.mode in ("plan", "shadow"):
        return (
            f"The pair is in mode {report.mode.upper()}: nothing was written to either system.\n"
            f"next: {NEXT[report.mode]}"
        )
    if report.in_doubt:
        return f"{counted(report.in_doubt, 'request')} in doubt; the next run settles that"
    if dry_run:
        return "next: the same without --dry-run"
    if report.open and report.mode == "pilot":
        return f"ok, {report.open} open: what is outside a pilot's scope waits; syncd status"
    if report.open:
        return f"ok, {report.open} open: syncd status"
    return "ok, nothing waits"


def show_differences(differences: Sequence[Difference]) -> None:
    click.echo(_differences(differences))


def _differences(differences: Sequence[Difference]) -> str:
    """One line a field: what the card shows, as far as syncd knows, and what it should."""
    rows = [
        [one.ref, one.op, one.target, one.field, _value(one.shown), "->", _value(one.wanted)]
        for one in differences
    ]
    return table(rows) if rows else "nothing differs"


def _value(value: Value) -> str:
    return "-" if value is None else str(value)
