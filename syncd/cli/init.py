"""`syncd init`: from nothing to a configuration and a first plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from syncd.cli.common import STOPPED
from syncd.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])

FLAGS = {
    "books.system": "tryton or onec, or a connector file of the folder connectors.",
    "books.url": "Address, as pasted from a browser.",
    "books.database": "Tryton's database.",
    "books.login": "The user that reads, and creates won customers.",
    "books.zone": "Of 1C's server, whose times name none; as Europe/Moscow.",
    "books.organisations": "Whose books are read: names with semicolons, or numbers, or all.",
    "books.changes": "none, or an exchange plan's PLAN/NODE that is syncd's alone.",
    "crm.system": "bottlecrm, zoho_crm, megaplan or workbook, or a connector file.",
    "crm.url": "Address, as pasted from a browser.",
    "crm.production": "y or n: what was found is the production organisation.",
    "crm.card": "Accounts or Contacts: what a customer's card is, where a CRM has both.",
    "crm.adopt": "none, or a field of cards that holds the keys of the books already.",
    "since": "Documents since this day (2026-01-31), or all.",
    "language": "Of the card's sentences.",
    "zone": "As Europe/Vienna: whose midnight makes debts overdue.",
    "won.by": "deals, leads, values of lists on cards as PATH=VALUE; or several, with commas.",
    "stages": "Codes of deal stages that make a customer, with commas; or all.",
    "won": "create, propose or off.",
    "owners": "y or n: cards that syncd makes belong to the seller whom the books name.",
    "sellers": "Users of sellers who are called otherwise there, as NAME=E-MAIL; ...; or none.",
    "fallback": "The user who has the cards of sellers without one, by e-mail; or none.",
    "sysadmin.language": "Of what the administrator hears; default: the card's.",
    "accounting.language": "Of what accounting hears.",
    "sales.language": "Of what sales hears.",
    "replace": "y: an existing configuration is replaced; a copy stays.",
}


OWNERS = ("sysadmin", "accounting", "sales")


def flags(command: F) -> F:
    for name, text in reversed(FLAGS.items()):
        words = name.replace(".", "-")
        command = click.option(f"--{words}", name.replace(".", "_"), help=text)(command)
    return command


SIDES = ("books", "crm")
SECRETS = ("password", "token", "client_id", "client_secret", "refresh_token", "code")
"""Those that systems have, and a code that is good once; a connector is not imported to ask for the
help."""


def secret_files(command: F) -> F:
    for side in reversed(SIDES):
        for name in reversed(SECRETS):
            flag = f"--{side}-{name.replace('_', '-')}-file"
            text = f"A file with it; or SYNCD_SECRETS__{side.upper()}__{name.upper()}."
            if name == "code":
                text = "A file with a code that is good once, in place of the refresh token."
            command = click.option(flag, f"{side}_{name}", help=text)(command)
        text = "Any other secret, that a connector file names."
        several = click.option(f"--{side}-secret", multiple=True, metavar="NAME=FILE", help=text)
        command = several(command)
    return command


def alerts_files(command: F) -> F:
    for owner in reversed(OWNERS):
        text = f"A file with addresses of Apprise, one a line: {owner} hears about problems."
        command = click.option(f"--{owner}-alerts-file", f"{owner}_alerts", help=text)(command)
    return command


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where syncd.yaml, secrets and mappings are to be; left out: it is asked.",
)
@click.option("--state", default="state/syncd.sqlite", show_default=True, help="The state file.")
@secret_files
@alerts_files
@click.option("--books-option", multiple=True, metavar="NAME=VALUE", help="Any other setting.")
@click.option("--crm-option", multiple=True, metavar="NAME=VALUE", help="Any other setting.")
@flags
@click.option("--yes", is_flag=True, help="Ask nobody: take defaults, stop at what has none.")
@click.pass_context
def init(
    context: click.Context,
    /,
    folder: Path | None,
    state: str,
    books_option: tuple[str, ...],
    crm_option: tuple[str, ...],
    yes: bool,
    books_secret: tuple[str, ...],
    crm_secret: tuple[str, ...],
    **answers: str | None,
) -> None:
    """From nothing to a configuration and a first plan. Asks only what cannot be found, tests each
    answer at once, and writes to neither system.

    Ctrl-C stops; a second `syncd init` in the same folder goes on at that question. Every question
    is a flag too. A secret is typed hidden, or comes from a file or the environment, and is never
    an argument.
    """
    from syncd import telemetry
    from syncd.cli.course import set_up

    root = context.find_root().obj
    telemetry.set_up(verbose=root["verbose"])
    said = {name: answers[name.replace(".", "_")] for name in FLAGS}
    secrets = {
        f"{side}.{name}": Path(file)
        for side in SIDES
        for name in SECRETS
        if (file := answers[f"{side}_{name}"])
    }
    for side, named in zip(SIDES, (books_secret, crm_secret), strict=True):
        for one in named:
            name, _, file = one.partition("=")
            if not name or not file:
                raise UsageError(f"{one}: expected NAME=FILE")
            secrets[f"{side}.{name}"] = Path(file)
    secrets |= {one: Path(file) for one in OWNERS if (file := answers[f"{one}_alerts"])}
    try:
        set_up(
            config=root["config"],
            folder=folder,
            state=state,
            flags={name: text for name, text in said.items() if text is not None},
            secrets=secrets,
            options={"books": books_option, "crm": crm_option},
            yes=yes,
            clock=root["clock"],
        )
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nstopped; the same command goes on at this question", err=True)
        context.exit(STOPPED)
