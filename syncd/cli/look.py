"""For whoever wants to know: status, runs, records, links, problems. Reads the store alone."""

from __future__ import annotations

import click

from syncd.cli.common import json_option, moment, open_app, pair_option, show_json, table
from syncd.errors import UsageError


@click.command()
@pair_option
@json_option
@click.pass_context
def status(context: click.Context, pair: str | None, as_json: bool) -> None:
    """What is fresh, what waits, and what needs somebody."""
    found = open_app(context).status(pair)
    if as_json:
        show_json(found)
    else:
        state, last = found.pair, found.last
        click.echo(
            f"{state.name}  {state.books} -> {state.crm}   {state.mode.upper()} since "
            f"{moment(state.since)}"
        )
        if last:
            words = f"last run {last.id} ({last.command}) {moment(last.began)}: {last.result}"
            click.echo(words + (f"; {last.note}" if last.note else ""))
        rows = [["stream", "fresh as of", "read", "new", "applied", "owed", "held", "deferred"]]
        rows[0].append("failed")
        for one in found.streams:
            tally = one.tally
            numbers = (one.page.read, one.page.new, tally.applied, tally.owed, tally.held)
            counts = (*numbers, tally.deferred, tally.failed)
            rows.append([one.kind.value, moment(one.fresh), *map(str, counts)])
        click.echo(table(rows, frozenset(range(2, 9))))
        for connection in found.connections:
            if connection.reason:
                until = f" until {moment(connection.paused_until)}" * bool(connection.paused_until)
                click.echo(f"{connection.name} is not used{until}: {connection.reason}")
        if found.in_doubt:
            click.echo(f"{found.in_doubt} requests in doubt; the next run settles them")
        for problem in found.problems:
            click.echo(f"#{problem.id} [{problem.owner}] {problem.text}")
        if not found.problems:
            click.echo("no problems")
    context.exit(1 if found.problems else 0)


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
        found = app.runs(pair, limit)
        if as_json:
            show_json(found)
            return
        rows = [["run", "began", "command", "mode", "reads", "writes", "result"]]
        for one in found:
            calls = [str(one.reads or 0), str(one.writes or 0)]
            result = (one.result or "did not end") + (f": {one.note}" if one.note else "")
            rows.append([str(one.id), moment(one.began), one.command, one.mode, *calls, result])
        click.echo(table(rows, frozenset({0, 4, 5})))
        return
    from syncd.cli.operate import _key

    story = app.story(pair, *_key(record))
    if as_json:
        show_json(story)
        return
    click.echo(f"{story.kind}:{story.key}   {story.state}" + f"   {story.error or ''}".rstrip())
    for version in story.versions:
        head = f"version {version.ver}   {moment(version.at)}   run {version.run} ({version.cause})"
        click.echo(head + f"\n    {version.image}")
    for part in story.parts:
        place = f"{part.target} {part.remote_id or '-'}"
        proof = "confirmed" if part.confirmed else "not read back"
        waits = part.error or part.waits_for or ""
        click.echo(
            f"{part.part or 'itself':12} {place}   {part.state}   {proof}   {waits}".rstrip()
        )


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
    if as_json:
        show_json(found)
    else:
        click.echo(f"{len(found)} {'closed' if closed else 'open'}")
        for one in found:
            waits = one.records + one.parts
            click.echo(
                f"#{one.id}  [{one.owner}]  {moment(one.opened)}  {one.text}"
                + (f"  ({waits} wait)" if waits else "")
            )
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
