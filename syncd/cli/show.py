"""How reports and plans look to a person: what happened first, sums that add up, the next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import click

from syncd.answers import Answer
from syncd.cli.common import counted, moment, table, waiting
from syncd.cli.outcome import show_said
from syncd.domain import Kind, Money
from syncd.port import FieldDef
from syncd.report.result import number
from syncd.store.problems import Problem
from syncd.sync.plan import Line, Plan

_RIGHT = frozenset(range(1, 12))
ALIKE = 3
"""Problems of one cause that a plan shows."""
LISTED = 30
"""Missing fields that it names."""


def show_plan(plan: Plan, names: Mapping[str, str], beside: Sequence[str] = ()) -> None:
    """`beside` are lines that stand below its money."""
    click.echo(
        f"Plan {plan.id}   pair {plan.pair}   {plan.books} -> {plan.crm}   "
        f"mode {plan.mode.upper()}   made {moment(plan.made)}"
    )
    click.echo(
        "Nothing has been written.   Row by row: syncd plan --from-mirror --rows, or --xlsx FILE"
    )
    if plan.since:
        said = "what is owed of earlier ones is on the cards too"
        click.echo(f"documents since {plan.since}; {said}")
    click.echo()
    head = ["", "read =", "create +", "update +", "unchanged +", "held +", "owed +", "failed +"]
    rows = [[*head, "filtered"], *[_row(line) for line in plan.lines if line.read]]
    click.echo(table(rows, _RIGHT))
    click.echo("\n" + table(_money(plan), frozenset({2, 3, 4})))
    if beside:
        click.echo("\n" + "\n".join(beside))
    for note in plan.notes:
        click.echo(f"\nnote: {note}")
    _show_held(plan.problems, names)
    if plan.worst:
        click.echo("\nlook at these first (largest change of a value already on a card)")
        rows = [
            [
                names.get(c.customer, c.customer),
                c.field.removeprefix("custom_fields."),
                f"{_even(c.before, c.after):,} -> {_even(c.after, c.before):,}",
            ]
            for c in plan.worst
        ]
        click.echo(table([["   " + row[0], *row[1:]] for row in rows]))
    if plan.first_figures:
        click.echo(f"\n{plan.first_figures} cards get figures for the first time")
    click.echo("\n" + "\n".join([*plan.terms, _cost(plan)]))
    if plan.missing_fields:
        click.echo(f"missing in the CRM, to create first: {_by_target(plan.missing_fields)}")
        click.echo(f"next: syncd connections setup {plan.crm_connection}, then")
    click.echo("next: syncd plan" if plan.compare_first else f"next: syncd apply {plan.id}")


def _even(one: Decimal, other: Decimal) -> Decimal:
    """With as many places as the other has, where these are more."""
    return one + other * 0


def customers_of(plan: Plan) -> list[str]:
    """Keys of the customers that `show_plan` has names for."""
    waiting = [one.partition(":") for problem in plan.problems for one in problem.subjects]
    held = [key for kind, _, key in waiting if kind == Kind.CUSTOMER.value]
    return list(dict.fromkeys([*(change.customer for change in plan.worst), *held]))


def _show_held(found: Sequence[Problem], names: Mapping[str, str]) -> None:
    """Of one cause in many records the first few, so that the rest of the plan stays in sight."""
    causes: dict[str, list[Problem]] = {}
    for one in found:
        causes.setdefault(one.cause.partition(" ")[0], []).append(one)
    for alike in causes.values():
        for one in alike[:ALIKE]:
            called = _called(one, names)
            click.echo(f"\n#{one.id}  [{one.owner}]  {called}{one.text}{waiting(one)}")
        if len(alike) > ALIKE:
            more = len(alike) - ALIKE
            click.echo(f"\nand {more} more like #{alike[ALIKE - 1].id}: syncd problems")


def _called(problem: Problem, names: Mapping[str, str]) -> str:
    """Whom it is about, as people know them."""
    keys = [one.partition(":")[2] for one in problem.subjects]
    called = [names[key] for key in keys if names.get(key, key) != key]
    return f"{', '.join(called)}: " if called else ""


def _cost(plan: Plan) -> str:
    calls = sum(line.calls for line in plan.lines)
    credits = [line.credits for line in plan.lines if line.credits is not None]
    cost = f", about {counted(sum(credits), 'credit')}" if any(credits) else ""
    return f"about {counted(calls, 'write')}{cost}" if calls else "nothing to write"


def _row(line: Line) -> list[str]:
    numbers = (
        line.read,
        line.create,
        line.update,
        line.unchanged,
        line.held,
        line.owed,
        line.failed,
        line.filtered,
    )
    return [line.kind.value, *map(str, numbers)]


def _money(plan: Plan) -> list[list[str]]:
    rows = [["money", "", "books", "on the cards", "difference", ""]]
    for line in plan.money:
        difference = line.cards - line.books
        amounts = (line.books, line.cards, difference)
        whose = f"  of {counted(line.waiting, 'customer')} held" if line.waiting else ""
        rows.append([line.name, line.books.currency, *(f"{number(m):,}" for m in amounts), whose])
    return rows if len(rows) > 1 else [*rows, ["nothing open", "", "", "", "", ""]]


def show_proven(answer: Answer, names: Mapping[str, str]) -> None:
    """Three columns, each from its own source; the totals are those of the rows."""
    lines = answer.proven or ()
    rows = [["", "", "ledger", "documents", "card", ""]]
    totals: dict[str, list[Money]] = {}
    for one in lines:
        amounts = [one.ledger, one.documents, one.card]
        verdict = "agrees" if one.agreed else "DIFFERS"
        rows.append([names.get(one.customer, one.customer), *_amounts(amounts), verdict])
        before = totals.get(one.ledger.currency, [Money(0, one.ledger.currency)] * 3)
        totals[one.ledger.currency] = [a + b for a, b in zip(before, amounts, strict=True)]
    for code in sorted(totals):
        verdict = "agrees" if len(set(totals[code])) == 1 else "DIFFERS"
        rows.append(["all", *_amounts(totals[code]), verdict])
    compared = bool(lines) or not answer.said
    if compared:
        click.echo(
            table(rows, frozenset({2, 3, 4})) if lines else "nothing is open on any card compared"
        )
    for one in lines:
        for what in one.differing:
            click.echo(f"{names.get(one.customer, one.customer)}: {what}")
    show_said(answer)
    for note in answer.report.notes if answer.report else ():
        click.echo(f"note: {note}")
    differ = len({one.customer for one in lines if not one.agreed})
    if not compared:
        return
    click.echo(
        f"{counted(differ, 'card')} of those compared differ. What a card shows otherwise is "
        "written over; a ledger that no document explains: syncd problems"
        if differ
        else "ledger, documents and cards agree"
    )


def _amounts(moneys: Sequence[Money]) -> list[str]:
    return [moneys[0].currency, *(f"{number(one):,}" for one in moneys)]


def _by_target(missing: Sequence[FieldDef]) -> str:
    """`account ageing, credits; contact books_id`; more than fit on a line are counted: `4 modules,
    27 fields of theirs, 21 fields of Accounts`."""
    targets = dict.fromkeys(one.target for one in missing)
    names = {one: [field.path for field in missing if field.target == one] for one in targets}
    if len(missing) <= LISTED:
        return "; ".join(
            f"{one} {', '.join(path.removeprefix('custom_fields.') for path in paths)}"
            for one, paths in names.items()
        )
    made = [one for one, paths in names.items() if one in paths]
    inside = sum(len(names[one]) - 1 for one in made)
    said = [f"{counted(len(made), 'module')} with {counted(inside, 'field')}"] if made else []
    rest = [one for one in names if one not in made]
    return ", ".join([*said, *(f"{counted(len(names[one]), 'field')} of {one}" for one in rest)])
