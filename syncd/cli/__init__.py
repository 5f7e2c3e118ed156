"""The command line: parse, one call on the app, show. Commands are imported when they are used."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from syncd import __version__

COMMANDS = {
    "init": "init",
    "check": "admin",
    "connections": "admin",
    "doctor": "doctor",
    "mapping": "mapping",
    "connector": "connector",
    "plan": "operate",
    "apply": "operate",
    "run": "run",
    "daemon": "daemon",
    "resync": "operate",
    "prove": "operate",
    "mode": "decide",
    "pause": "decide",
    "resume": "decide",
    "status": "status",
    "log": "look",
    "why": "why",
    "report": "report",
    "shadow": "look",
    "links": "links",
    "problems": "decide",
    "alerts": "alerts",
    "db": "db",
    "sandbox": "sandbox",
}


class LazyGroup(click.Group):
    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"syncd.cli.{COMMANDS[name]}"), name)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, HELP[name]) for name in COMMANDS])


HELP = {
    "init": "From nothing to a configuration and a plan. Writes to neither system.",
    "check": "Files, offline: configuration, mappings, secrets. Reaches no system.",
    "connections": "test: one login. setup: the custom fields a mapping needs.",
    "doctor": "Live facts: rights, tiers, clocks, calls, habits, what leaves to where.",
    "mapping": "check, preview, explain, schema: mapping files, before they are used.",
    "connector": "try: what a connector file asks, and what comes back. schema: for editors.",
    "plan": "What would be written. Writes to neither system.",
    "apply": "Write what a plan shows, for some customers or for all, and go live.",
    "run": "One cycle: read what changed, write the cards.",
    "daemon": "The service: each pair every few minutes, until SIGTERM.",
    "resync": "Read again and look at the card again, for a key, a customer or all.",
    "prove": "Ledger, documents and card side by side, to the cent.",
    "mode": "plan, shadow or live: what a pair may write.",
    "pause": "Leave a pair or a connection alone for a while.",
    "resume": "End a pause.",
    "status": "What is fresh, what waits, what needs somebody.",
    "log": "Runs; or the versions and writes of one record.",
    "why": "Why a value is what it is, or why something is not there.",
    "report": "Settlements, ageing, stages, commissions and more, from the mirror.",
    "shadow": "Day by day, what people typed against what syncd would write.",
    "links": "Which card and which books customer are the same: suggest, import, accept, undo.",
    "problems": "What needs somebody, one per cause. show, retry, waive, resolve.",
    "alerts": "test: one message to each target. preview: what would be told now.",
    "db": "The state file: upgrade, backup, check, size, purge.",
    "sandbox": "A stand-in for 1C, NetSuite or Zoho CRM, to try things out on this machine.",
}


@click.group(cls=LazyGroup)
@click.version_option(__version__, prog_name="syncd")
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The configuration file; default: SYNCD_CONFIG, else syncd.yaml.",
)
@click.option("-v", "--verbose", is_flag=True, help="Tell each call to a system, on stderr.")
@click.pass_context
def syncd(context: click.Context, config: Path | None, verbose: bool) -> None:
    """The daemon between a company's books and its CRM.

    Exit codes: 0 ok, 1 problems, 2 usage, 75 try later, 78 configuration.
    """
    context.obj |= {"config": config, "verbose": verbose}
