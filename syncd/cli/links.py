"""Which card and which books customer are the same: shown, suggested, decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from syncd.cli.common import (
    json_option,
    moment,
    no_wait_option,
    open_app,
    pair_option,
    show_heading,
    show_json,
    show_of_each,
    table,
)
from syncd.cli.linkup import decide, dry_run_option, import_, suggest
from syncd.errors import UsageError

if TYPE_CHECKING:
    from syncd.store.link_journal import Change
    from syncd.store.links import Link
    from syncd.sync.suggesting import Linked

LISTED = 20
"""Decisions that are shown, and cards that a field does not link."""

why_option = click.option("--why", required=True, metavar="R", help="Why; it is kept.")


@click.group(invoke_without_command=True)
@pair_option
@click.option("--customer", help="One customer: key, code, tax id, e-mail, name, card.")
@json_option
@click.pass_context
def links(context: click.Context, pair: str | None, customer: str | None, as_json: bool) -> None:
    """Which card and which books customer are the same, since when, and by whom: of the pair, or
    of all."""
    if context.invoked_subcommand:
        return
    app = open_app(context)
    names = app.pairs(pair) if customer is None else [app.pair_settings(pair).name]
    found = {name: app.links(name, customer) for name in names}
    show_of_each(app, found, _show_links, list if as_json else None)


def _show_links(found: Sequence[Link]) -> None:
    rows = [["books", "customer", "crm", "card", "", "by", "since"]]
    for one in found:
        place = "" if one.is_primary else "member"
        row = [one.books, one.books_key, one.crm, one.card_id, place, one.by, moment(one.at)]
        rows.append(row)
    if not any(row[4] for row in rows):
        rows = [[*row[:4], *row[5:]] for row in rows]
    click.echo(table(rows))


@links.command("show")
@click.argument("key", required=False)
@pair_option
@json_option
@click.pass_context
def show(context: click.Context, key: str | None, pair: str | None, as_json: bool) -> None:
    """One customer's link, with its history and what fits; without KEY what people decided."""
    app = open_app(context)
    found = app.link_decisions(pair, LISTED) if key is None else app.linked(pair, key)
    if as_json:
        show_json(found)
        return
    show_heading(app.heading(pair))
    if isinstance(found, list):
        click.echo(_journal(found) if found else "nobody decided about a link yet")
    else:
        _show_linked(found)


def _show_linked(found: Linked) -> None:
    named = f" ({found.name})" if found.name else ""
    link = found.link
    said = f"card {link.card_id}, by {link.by} since {moment(link.at)}" if link else "no card"
    if link and found.beside:
        said += ", its primary customer" if link.is_primary else ", as a member"
    click.echo(f"customer {found.customer}{named}: {said}")
    for one in found.beside:
        what = "the primary customer" if one.is_primary else "a member"
        click.echo(f"  {what} of that card: {one.books_key}, by {one.by} since {moment(one.at)}")
    if found.changes:
        click.echo(_journal(found.changes))
    for fit in found.proposals:
        named = f" ({fit.card_name})" if fit.card_name else ""
        why = f"   asked because: {fit.why}" if fit.why else ""
        click.echo(
            f"fits card {fit.card}{named}, score {fit.score:.0f}: {'; '.join(fit.says)}{why}"
        )


def _journal(found: list[Change] | tuple[Change, ...]) -> str:
    rows = [["change", "at", "customer", "what", "before", "after", "by", "why"]]
    for one in found:
        what = (
            f"{one.what} {one.rejected}" if one.rejected and one.before == one.after else one.what
        )
        what += f" (taken back by {one.undone})" if one.undone else ""
        rows.append(
            [
                *(str(one.id), moment(one.at), one.books_key, what),
                *(one.before or "-", one.after or "-", one.who, one.why or ""),
            ]
        )
    return table(rows, frozenset({0}))


# -- one pair ------------------------------------------------------------------------------------


def _deciding(command: Callable[..., None]) -> Callable[..., None]:
    for option in (no_wait_option, pair_option, dry_run_option):
        command = option(command)
    return command


@links.command("accept", short_help="CUSTOMER and CARD are the same; CARD alone: a won customer.")
@click.argument("first", metavar="[CUSTOMER]")
@click.argument("second", required=False, metavar="CARD")
@click.option("--why", metavar="R", help="Why; it is kept.")
@click.option(
    "--primary", is_flag=True, help="Of several customers of CARD it is the primary one from then."
)
@_deciding
@click.pass_context
def accept(
    context: click.Context, /, first: str, second: str | None, why: str | None, **how: Any
) -> None:
    """CUSTOMER and CARD are the same. A card that has a customer has one more then, a member. With
    CARD alone: consent to a won customer, which is made in the books."""
    if second is None:
        if how["primary"]:
            raise UsageError("name the customer too: links accept CUSTOMER CARD --primary")
        decide(context, how["pair"], "accept", {"card": first}, why, **_how(how))
        return
    if not why:
        raise UsageError("say why they are the same: --why R")
    args: dict[str, Any] = {"customer": first, "card": _card(second)}
    if how["primary"]:
        args["primary"] = True
    decide(context, how["pair"], "links accept", args, why, **_how(how))


@links.command("reject")
@click.argument("customer")
@click.argument("card")
@why_option
@_deciding
@click.pass_context
def reject(context: click.Context, /, customer: str, card: str, why: str, **how: Any) -> None:
    """CUSTOMER and CARD are not the same; they are not suggested again without new evidence."""
    pair = how["pair"]
    app = open_app(context)
    key = app.customer_key(pair, customer)
    [seal] = app.seals(pair, [(key, _card(card))])
    args = {"customer": key, "card": _card(card), "evidence": seal}
    decide(context, pair, "links reject", args, why, **_how(how))


@links.command("split")
@click.argument("customer")
@why_option
@_deciding
@click.pass_context
def split(context: click.Context, /, customer: str, why: str, **how: Any) -> None:
    """Take CUSTOMER off its card. What syncd wrote onto a card that nobody else shares is taken
    back by the next run that writes."""
    pair = how["pair"]
    app = open_app(context)
    key = app.customer_key(pair, customer)
    [seal] = app.seals(pair, [(key, app.card_of(pair, key) or "")])
    args = {"customer": key, "evidence": seal}
    decide(context, pair, "links split", args, why, **_how(how))


@links.command("merge")
@click.argument("card")
@click.argument("into")
@click.option("--books", "in_books", is_flag=True, help="Both are customers of the books.")
@why_option
@_deciding
@click.pass_context
def merge(
    context: click.Context, /, card: str, into: str, in_books: bool, why: str, **how: Any
) -> None:
    """CARD was merged into the card INTO in the CRM: its customers belong there now. With --books:
    the books made one customer of two, and INTO is the one that is left."""
    if in_books:
        app = open_app(context)
        keys = {"customer": card, "into": into}
        args = {word: app.customer_key(how["pair"], typed) for word, typed in keys.items()}
        decide(context, how["pair"], "links merge books", args, why, **_how(how))
        return
    args = {"card": _card(card), "into": _card(into)}
    decide(context, how["pair"], "links merge", args, why, **_how(how))


@links.command("undo")
@click.argument("change", type=int)
@why_option
@_deciding
@click.pass_context
def undo(context: click.Context, /, change: int, why: str, **how: Any) -> None:
    """Take back one decision, by its number in links show."""
    decide(context, how["pair"], "links undo", {"change": change}, why, **_how(how))


def _how(how: Mapping[str, Any]) -> dict[str, bool]:
    return {"dry_run": how["dry_run"], "no_wait": how["no_wait"]}


def _card(typed: str) -> str:
    """A card by its id or its pasted address."""
    return typed.strip().rstrip("/").rsplit("/", 1)[-1]


links.add_command(suggest)
links.add_command(import_)
