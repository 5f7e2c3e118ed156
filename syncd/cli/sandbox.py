"""For trying things out: a stand-in for a system that does not run on this machine."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import click

from syncd.cli.common import imported
from syncd.errors import UsageError

SYSTEMS = {one: f"syncd.sandbox.{one}" for one in ("megaplan", "netsuite", "onec", "zoho_crm")}
"""System -> the module whose `make(data, seed, size)` makes one. UsageError for wrong data."""


@click.command()
@click.argument("system", type=click.Choice(sorted(SYSTEMS)))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: any free one.")
@click.option("--data", type=click.Path(path_type=Path), help="What it has at first, as JSON.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another one, other data.")
@click.option("--size", type=int, help="So many customers in place of the small company.")
@click.option("--switch", "switches", multiple=True, metavar="NAME=VALUE", help="May be repeated.")
@click.pass_context
def sandbox(
    context: click.Context,
    system: str,
    port: int,
    data: Path | None,
    seed: int,
    size: int | None,
    switches: tuple[str, ...],
) -> None:
    """A stand-in for 1C, NetSuite, Zoho CRM or Megaplan, on this machine alone, until Ctrl-C.

    Prints one line of JSON: its address and what to log in with. Its pages show what happened:
    open /_sandbox/ below that address.
    """
    from syncd.sandbox.serve import Served, listen, switch, url

    try:
        module = import_module(SYSTEMS[system])
    except ModuleNotFoundError as error:
        missing = f"{error.name} is missing; install the extra: pip install 'syncd[sandbox]'"
        raise UsageError(missing) from None
    made = module.make(data=data, seed=seed, size=size)
    try:
        switch(made, dict(map(_switch, switches)))
    except ValueError as error:
        raise UsageError(f"--switch: {error}") from None
    imported(context)
    try:
        server = listen(Served(made), port)
    except OSError as error:
        raise UsageError(f"port {port} cannot be used: {error.strerror}; choose another") from None
    with server:
        click.echo(json.dumps(made.hello(url(server)), ensure_ascii=False))
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("stopped", err=True)


def _switch(text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
