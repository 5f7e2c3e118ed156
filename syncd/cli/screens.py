"""How the store's answers look to a person: the newest truth first, what needs somebody last."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from enum import Enum

import click

from syncd.cli.common import counted, moment, table, waiting
from syncd.status import Status, Story
from syncd.store.problems import Problem
from syncd.store.runs import Run

LONGEST = 100
OWNERS = ("accounting", "sales", "sysadmin")


def show_status(found: Status) -> None:
    state, last = found.pair, found.last
    click.echo(
        f"{state.name}  {state.books} -> {state.crm}   {state.mode.upper()} since "
        f"{moment(state.since)}"
    )
    if last:
        click.echo(f"last run {last.id} ({last.command}) {moment(last.began)}: {_ended(last)}")
    click.echo("\n" + _streams(found) + "\n")
    for connection in found.connections:
        if connection.paused_until:
            until = moment(connection.paused_until)
            click.echo(f"{connection.name} is left alone until {until}: {connection.reason}")
    if found.in_doubt:
        click.echo(f"{counted(found.in_doubt, 'request')} in doubt; the next run settles that")
    for problem in found.problems:
        click.echo(f"#{problem.id}  [{problem.owner}]  {problem.text}")
    if not found.problems:
        click.echo("no problems")


def _streams(found: Status) -> str:
    head = ["stream", "fresh as of", "read", "new", "applied", "owed", "held", "deferred"]
    rows = [[*head, "failed"]]
    for one in found.streams:
        page, tally = one.page, one.tally
        counts = (page.read, page.new, tally.applied, tally.owed, tally.held)
        numbers = (*counts, tally.deferred, tally.failed)
        rows.append([one.kind.value, moment(one.fresh), *map(str, numbers)])
    return table(rows, frozenset(range(2, 9)))


def _ended(run: Run) -> str:
    """One sentence: how a run ended, and why if it did not do all it should."""
    result = run.result or "did not end, or is still going"
    return f"{result}; {run.note}" if run.note else result


def show_runs(found: Sequence[Run]) -> None:
    rows = [["run", "began", "command", "mode", "reads", "writes", "result"]]
    for one in found:
        calls = [str(one.reads or 0), str(one.writes or 0)]
        ended = _ended(one)
        short = ended if len(ended) <= LONGEST else f"{ended[: LONGEST - 1]}…"
        rows.append([str(one.id), moment(one.began), one.command, one.mode, *calls, short])
    click.echo(table(rows, frozenset({0, 4, 5})))


def show_story(story: Story) -> None:
    click.echo(f"{story.kind}:{story.key}   {story.state}")
    if story.error:
        click.echo(f"    {story.error}")
    click.echo("\nin the books, newest first")
    for one in story.versions:
        click.echo(f"  version {one.ver}   {moment(one.at)}   run {one.run} ({one.cause})")
        click.echo(f"    {_image(one.image)}")
    click.echo("\nat the CRM")
    for part in story.parts:
        place = f"{part.target} {part.remote_id or 'not there'}"
        proof = "confirmed" if part.confirmed else "not read back"
        waits = part.error or (f"waits for {part.waits_for}" if part.waits_for else "")
        name = part.part or "itself"
        click.echo(f"  {name}   {place}   {part.state}   {proof}   {waits}".rstrip())
    if not story.parts:
        click.echo("  nothing")


def _image(image: object) -> str:
    """`number INV-1, total 120.00 EUR`: what a version says, without what it leaves open."""
    if not dataclasses.is_dataclass(image):
        return str(image)
    pairs = ((field.name, getattr(image, field.name)) for field in dataclasses.fields(image))
    return ", ".join(f"{name} {_shown(value)}" for name, value in pairs if value not in (None, ()))


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(f"({_image(one)})" for one in value)
    if isinstance(value, Enum):
        return str(value.value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def show_problems(found: Sequence[Problem], *, closed: bool) -> None:
    """Grouped by who has to look; those that ended in the order they did."""
    click.echo(f"{len(found)} {'closed by themselves' if closed else 'open'}")
    for owner in OWNERS:
        mine = [one for one in found if one.owner == owner]
        if mine:
            click.echo(owner)
        for one in mine:
            at = moment(one.closed if closed else one.opened)
            click.echo(f"  #{one.id}  {at}  {one.text}{waiting(one)}")
