"""Why a value is what it is, and why something is not there. Reads the store alone."""

from __future__ import annotations

from collections.abc import Sequence

import click

from syncd.cli.common import json_option, open_app, pair_option, plain, show_json
from syncd.cli.explain import show_answer
from syncd.domain import Kind
from syncd.errors import UsageError


@click.command()
@click.argument("words", nargs=-1, metavar="KIND KEY [FIELD]")
@pair_option
@json_option
@click.pass_context
def why(context: click.Context, words: tuple[str, ...], pair: str | None, as_json: bool) -> None:
    """Why a value is what it is; or the one reason why something is not there.

    KEY as people have it: for a customer its key, code, tax id, e-mail, name, card or the card's
    pasted address; for a document its key or number; for won and deal the CRM's id. FIELD is
    syncd's word, like receivable, or the CRM's field. KIND:KEY is understood too.
    """
    found = open_app(context).why(pair, *question(words))
    if as_json:
        told = {"sentence": found.reason.sentence, "ends": found.reason.ends}
        show_json({**plain(found), **told})
    else:
        show_answer(found)


def question(words: Sequence[str]) -> tuple[Kind, str, str | None]:
    """(kind, key, field). UsageError says what was expected."""
    typed = list(words)
    if typed and ":" in typed[0]:
        typed[:1] = typed[0].split(":", 1)
    kind = typed[0].replace("-", "_") if typed else ""
    if kind not in set(Kind) or len(typed) not in (2, 3) or not typed[1]:
        kinds = ", ".join(Kind)
        raise UsageError(f"why {' '.join(words)}: expected KIND KEY [FIELD]; kinds: {kinds}")
    return Kind(kind), typed[1], typed[2] if len(typed) == 3 else None
