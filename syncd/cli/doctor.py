"""For the admin and the operator: live facts, one line each."""

from __future__ import annotations

import textwrap

import click

from syncd.cli.common import counted, json_option, open_app, show_json

WIDTH = 110


@click.command()
@click.argument("connection", required=False)
@click.option("--pair", help="This pair and its two connections; default: all pairs.")
@json_option
@click.pass_context
def doctor(context: click.Context, connection: str | None, pair: str | None, as_json: bool) -> None:
    """Live facts: who answers, rights, tiers, clocks, calls, habits, and which personal fields go
    where. Only reads; `check` looks at files offline, `connections test` is one login.

    Exit code 1 where something is wrong, 78 for a credential, a right or a file, 75 for a system
    that is away.
    """
    from syncd.doctor import Finding, Verdict, examine, exit_code

    found: list[Finding] = []
    for one in examine(open_app(context), connection, pair):
        if not as_json:
            if not found or found[-1].about != one.about:
                click.echo(("\n" if found else "") + one.about)
            show(one.verdict, one.what, one.says, one.do)
        found.append(one)
    code = exit_code(found)
    if as_json:
        show_json({"findings": found, "exit_code": code})
        context.exit(code)
    wrong = sum(one.verdict is Verdict.WRONG for one in found)
    looks = sum(one.verdict is Verdict.LOOK for one in found)
    click.echo(f"\n{counted(len(found), 'finding')}: {wrong} wrong, {looks} to look at")
    context.exit(code)


def show(verdict: str, what: str, says: str, do: str | None) -> None:
    """One finding, and below it what to do."""
    head = f"  {verdict:<6}{what:<12}"
    rest = " " * 20
    # A path that is too long for its line stays on it: people copy paths.
    told = textwrap.TextWrapper(WIDTH, break_long_words=False, break_on_hyphens=False)
    told.initial_indent, told.subsequent_indent = f"{head:<20}", rest
    click.echo(told.fill(says))
    if do:
        click.echo(f"{rest}-> {do}")
