"""The state of the pairs at a glance: the newest truth first, what needs somebody last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from syncd import snapshot
from syncd.cli.common import (
    counted,
    ends,
    json_option,
    moment,
    open_app,
    pair_option,
    show_heading,
    show_json,
    table,
)
from syncd.environment import Environment
from syncd.store.rows import WHOLE_SYSTEM

if TYPE_CHECKING:
    from syncd.health.today import Today
    from syncd.status import Status
    from syncd.store.rows import Problem, Run

OWNERS = ("accounting", "sales", "sysadmin")


@click.command()
@pair_option
@json_option
@click.pass_context
def status(context: click.Context, pair: str | None, as_json: bool) -> None:
    """What is fresh, what waits, and what needs somebody: of the pair, or of all."""
    root = context.find_root().obj
    seen = snapshot.look(Environment(), root["config"], pair, root["clock"].utc())
    seen = seen or open_app(context).overview(pair)
    found = seen.found
    if as_json:
        blank = [{"heading": {"name": one}, "last": None} for one in seen.unmet]
        show_json(found[0] if len(found) == 1 and not blank else [*found, *blank])
    else:
        for number, one in enumerate(found):
            click.echo("\n" if number else "", nl=False)
            show_status(one)
        for name in seen.unmet:
            click.echo(f"\n{name} has never run; next: syncd run --pair {name}")
    failed = any(one.last is not None and one.last.result == "failed" for one in found)
    context.exit(1 if failed or any(one.problems for one in found) else 0)


def show_status(found: Status) -> None:
    last = found.last
    show_heading(found.heading)
    click.echo(f"cards fresh as of {moment(found.fresh)}")
    if found.proof:
        proof = found.proof
        sums = ", ".join(map(str, proof.sums)) or "nothing open"
        click.echo(
            f"proven {moment(proof.at)}: ledger = documents = cards on {proof.agreed:,} of "
            f"{counted(proof.cards, 'card')}, {sums}"
        )
    if last:
        click.echo(f"last run {last.id} ({last.command}) {moment(last.began)}: {ended(last)}")
    if last and found.overdue:
        click.echo(f"no run since {moment(last.ended)}: is the service, or its timer, at work?")
    click.echo("\n" + _streams(found) + "\n")
    for connection in found.connections:
        if connection.paused_until:
            until = ends(connection.paused_until)
            click.echo(f"{connection.name} is left alone {until}: {connection.reason}")
    if found.doubts:
        click.echo(f"doubtful  {found.doubts}")
    _show_people(found.problems)
    if found.today:
        click.echo(f"quiet?    {_today(found.today)}")
    for one in found.budgets:
        share = f"{100 * one.used / one.budget:.1f} %"
        click.echo(
            f"calls     {one.connection}: {one.used:,} of {one.budget:,} in 24 hours ({share})"
        )
    if found.owed:
        others = counted(found.owed_to, "other")
        click.echo(f"owed      {found.owed} wait for {others}, and go by themselves")
    if found.waived:
        click.echo(f"waived    {found.waived} are left alone: syncd problems --closed")
    if found.in_doubt:
        click.echo(f"{counted(found.in_doubt, 'request')} in doubt; the next run settles that")
    if found.requests:
        asked = counted(found.requests, "order")
        click.echo(f"{asked} of people wait for whoever owns the pair: syncd log --requests")


def _today(found: Today) -> str:
    """How much came by the last full hour, beside what is usual; and the days without data."""
    said = []
    if found.came:
        some = ", ".join(
            f"{counted(one.count, one.kind)} (usually {one.usual})" for one in found.came
        )
        said.append(f"{some} on a {found.day:%A} by {found.by}:00")
    if found.quiet:
        now = "now" if found.quiet.first <= found.day else "soon"
        said.append(f"calendar: no data expected {now}, {found.quiet}")
    return ";  ".join(said)


def _streams(found: Status) -> str:
    """Kinds of which there are no records are left out."""
    head = ["stream", "fresh as of", "read", "new", "applied", "owed", "held", "deferred"]
    rows = [[*head, "failed"]]
    for one in found.streams:
        page, tally = one.page, one.tally
        counts = (page.read, page.new, tally.applied, tally.owed, tally.held)
        numbers = (*counts, tally.deferred, tally.failed)
        if one.known or any(numbers):
            fresh = f"{moment(one.fresh)} (added up)" if one.added_up else moment(one.fresh)
            rows.append([one.kind.value, fresh, *map(str, numbers)])
    return table(rows, frozenset(range(2, 9)))


def _show_people(found: Sequence[Problem]) -> None:
    """How many wait for whom; in full what stops a system or all cards."""
    if not found:
        click.echo("no problems")
        return
    shares = []
    for owner in OWNERS:
        mine = [one for one in found if one.owner == owner]
        if mine:
            oldest = min(one.opened for one in mine)
            shares.append(f"{len(mine)} {owner} (oldest {moment(oldest)})")
    click.echo(
        f"people    {counted(len(found), 'problem')}: {', '.join(shares)}  -> syncd problems"
    )
    for one in found:
        if one.cause.split()[0] in WHOLE_SYSTEM:
            click.echo(f"#{one.id}  [{one.owner}]  {one.text}")


def ended(run: Run) -> str:
    """One sentence: how a run ended, and why if it did not do all it should."""
    result = run.result or "did not end, or is still going"
    return f"{result}; {run.note}" if run.note else result
