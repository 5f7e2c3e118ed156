"""What people decide: modes, pauses and problems."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import click

from syncd.cli.common import (
    json_option,
    no_wait_option,
    one_pair,
    open_app,
    order,
    pair_option,
    plain,
    show_heading,
    show_json,
    show_of_each,
    table,
    until,
)
from syncd.cli.outcome import show_said
from syncd.cli.screens import show_problems, show_trouble
from syncd.errors import UsageError
from syncd.mapping.document import suggestion

if TYPE_CHECKING:
    pass

reason_option = click.option("--reason", required=True, metavar="R", help="Why; it is kept.")


MODES = ("plan", "shadow", "live")


@click.command()
@click.argument("words", nargs=-1, metavar="[PAIR] [plan|shadow|live]")
@pair_option
@no_wait_option
@click.pass_context
def mode(context: click.Context, words: tuple[str, ...], pair: str | None, no_wait: bool) -> None:
    """What PAIR may write: plan nothing, shadow nothing but compare, live everything.

    A pilot begins with: syncd apply PLAN --scope customer=X. Without a mode: which one it is."""
    app = open_app(context)
    named, wanted = _pair_and_mode(words, app.settings.pairs)
    pair = one_pair(named, pair)
    if wanted is None:
        for one in app.pairs(pair):
            show_heading(app.heading(one))
        return
    if wanted not in MODES:
        hint = "; a pilot begins with: syncd apply PLAN --scope customer=X"
        near = hint if wanted == "pilot" else suggestion(wanted, MODES)
        raise UsageError(f"unknown mode {wanted}{near}")
    show_said(order(context, pair, "mode", {"mode": wanted}, no_wait=no_wait))


def _pair_and_mode(words: Sequence[str], pairs: Collection[str]) -> tuple[str | None, str | None]:
    """One word alone is a mode where no pair has its name."""
    if len(words) > 2:
        raise UsageError(f"mode {' '.join(words)}: expected [PAIR] [plan|shadow|live]")
    if len(words) == 1 and words[0] in (*MODES, "pilot") and words[0] not in pairs:
        return None, words[0]
    return (words[0] if words else None), (words[1] if len(words) == 2 else None)


@click.command()
@click.argument("name", metavar="PAIR|CONNECTION")
@click.option("--until", "typed", metavar="T", help="18:00, a day, 2h, 3d; else until resumed.")
@reason_option
@no_wait_option
@click.pass_context
def pause(context: click.Context, name: str, typed: str | None, reason: str, no_wait: bool) -> None:
    """Leave a pair, or one of its two systems, alone. A paused pair's run does nothing."""
    now = context.find_root().obj["clock"].utc()
    args = {"name": name, "until": until(typed, now).isoformat() if typed else None}
    pair = _pair_of(context, name)
    show_said(order(context, pair, "pause", args, why=reason, no_wait=no_wait))


@click.command()
@click.argument("name", metavar="PAIR|CONNECTION")
@no_wait_option
@click.pass_context
def resume(context: click.Context, name: str, no_wait: bool) -> None:
    """End a pause."""
    pair = _pair_of(context, name)
    show_said(order(context, pair, "resume", {"name": name}, no_wait=no_wait))


def _pair_of(context: click.Context, name: str) -> str:
    """The pair of this name, or the first that uses the connection of this name."""
    pairs = open_app(context).settings.pairs
    if name in pairs:
        return name
    for one in pairs.values():
        if name in (one.books.name, one.crm.name):
            return one.name
    known = {*pairs, *(side.name for one in pairs.values() for side in (one.books, one.crm))}
    raise UsageError(f"no pair and no connection is named {name}{suggestion(name, known)}")


# -- problems ------------------------------------------------------------------------------------


@click.group(invoke_without_command=True)
@pair_option
@click.option("--closed", is_flag=True, help="Those that ended, by themselves or waived.")
@json_option
@click.pass_context
def problems(context: click.Context, pair: str | None, closed: bool, as_json: bool) -> None:
    """What needs somebody, of the pair or of all: one per cause, with its owner and what ends
    it."""
    if context.invoked_subcommand:
        return
    app = open_app(context)
    found = {one: app.problems(one, closed=closed) for one in app.pairs(pair)}
    if as_json:
        show_json([{**plain(one), "pair": name} for name, some in found.items() for one in some])
    else:
        show_of_each(app, found, functools.partial(show_problems, closed=closed), None)
    context.exit(1 if any(found.values()) and not closed else 0)


@problems.command("show")
@click.argument("problem", type=int)
@pair_option
@json_option
@click.pass_context
def show_one(context: click.Context, problem: int, pair: str | None, as_json: bool) -> None:
    """One problem: what it is, what waits because of it, and what ends it."""
    app = open_app(context)
    pair = app.pair_of_problem(pair, problem)
    found = app.trouble(pair, problem)
    said = app.differing(pair, found.problem)
    if as_json:
        show_json({"trouble": found, "differing": said} if said else found)
        return
    show_heading(app.heading(pair))
    show_trouble(found)
    if said:
        rows = [[one.customer, one.card, one.agreed, one.books, one.crm] for one in said]
        click.echo("\n" + table([["customer", "card", "agreed on", "books", "crm"], *rows]))


@problems.command("retry")
@click.argument("problem", type=int)
@pair_option
@no_wait_option
@click.pass_context
def retry(context: click.Context, problem: int, pair: str | None, no_wait: bool) -> None:
    """What was refused is due again now; what was waived is taken up again."""
    pair = open_app(context).pair_of_problem(pair, problem)
    show_said(order(context, pair, "retry", {"problem": problem}, no_wait=no_wait))


@problems.command("waive")
@click.argument("problem", type=int)
@pair_option
@reason_option
@no_wait_option
@click.pass_context
def waive(
    context: click.Context, problem: int, pair: str | None, reason: str, no_wait: bool
) -> None:
    """Give up what waits because of a problem, until its records change."""
    args = {"problem": problem}
    pair = open_app(context).pair_of_problem(pair, problem)
    show_said(order(context, pair, "waive", args, why=reason, no_wait=no_wait))


@problems.command("resolve")
@click.argument("problem", type=int)
@pair_option
@click.option("--exists", metavar="REMOTE_ID", help="It is there, under this id.")
@click.option("--absent", is_flag=True, help="It is not there: send it again.")
@click.option(
    "--take",
    type=click.Choice(["books", "crm"]),
    help="Whose values they are, where both sides changed them.",
)
@click.option("--customer", "customers", multiple=True, help="With --take: of this one alone.")
@click.option("--deleted", is_flag=True, help="What the books no longer have counts no more.")
@click.option("--archived", is_flag=True, help="They only trimmed it: it counts as before.")
@click.option("--only", multiple=True, metavar="KEY", help="With these two: of this one alone.")
@click.option("--reason", metavar="R", help="With these two: why; it is kept.")
@no_wait_option
@click.pass_context
def resolve(
    context: click.Context,
    problem: int,
    pair: str | None,
    exists: str | None,
    absent: bool,
    take: str | None,
    customers: tuple[str, ...],
    deleted: bool,
    archived: bool,
    only: tuple[str, ...],
    reason: str | None,
    no_wait: bool,
) -> None:
    """Answer what only a person can: whether an object exists, whose value it is, or what became
    of what the books no longer have."""
    if (exists is not None) + absent + (take is not None) + deleted + archived != 1:
        raise UsageError(
            "say one of --exists REMOTE_ID, --absent, --take books or crm, --deleted, or --archived"
        )
    if customers and not take:
        raise UsageError("--customer goes with --take")
    missing = "deleted" if deleted else "archived" if archived else None
    if (only or reason is not None) and not missing:
        raise UsageError("--only and --reason go with --deleted or --archived")
    if missing and not reason:
        raise UsageError(f"--{missing} goes with --reason R, which is kept")
    pair = open_app(context).pair_of_problem(pair, problem)
    if missing:
        args: dict[str, Any] = {"problem": problem, "state": missing, "only": list(only)}
        said = order(context, pair, "resolve missing", args, why=reason, no_wait=no_wait)
    else:
        args = {"problem": problem, "exists": exists, "take": take, "customers": list(customers)}
        said = order(context, pair, "resolve", args, no_wait=no_wait)
    show_said(said)
