"""The service."""

from __future__ import annotations

import logging

import click

from syncd.cli.common import open_app
from syncd.errors import ConfigError


@click.command()
@click.option("--pair", "pairs", multiple=True, help="Only this pair; may be given several times.")
@click.pass_context
def daemon(context: click.Context, pairs: tuple[str, ...]) -> None:
    """Every pair at its pace until SIGTERM; SIGHUP reads configuration and mappings anew."""
    from syncd.daemon.service import Service

    app = open_app(context, level=logging.INFO)
    if problems := app.check():
        raise ConfigError(*problems)
    Service(app, lambda: open_app(context, level=logging.INFO), pairs).run()
