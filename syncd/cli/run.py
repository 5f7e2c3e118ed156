"""One cycle, by hand or by a timer."""

from __future__ import annotations

import click

from syncd.cli.common import json_option, open_cycles, pair_option, show_json
from syncd.cli.outcome import show_answer


@click.command()
@pair_option
@click.option("--go-live", is_flag=True, help="Leave mode plan: write from now on.")
@click.option("--full", is_flag=True, help="Read every record, not only what changed.")
@json_option
@click.pass_context
def run(context: click.Context, pair: str | None, go_live: bool, full: bool, as_json: bool) -> None:
    """One cycle: read what changed in the books, write the cards. Modes plan and shadow only read;
    a pilot writes its scope alone."""
    answer = open_cycles(context).run(pair, go_live=go_live, full=full)
    show_json(answer.report or answer) if as_json else show_answer(answer)
    context.exit(answer.exit_code)
