"""How far a look at a system has come, for whoever waits at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from syncd.cli.common import counted
from syncd.port import Request
from syncd.setup.reach import System


@contextmanager
def counting(system: System) -> Iterator[None]:
    """One line that counts the requests, and is gone when the look is over."""
    sent, shown = 0, ""

    def tell(_request: Request) -> None:
        nonlocal sent, shown
        sent += 1
        shown = f"  looking: {counted(sent, 'request')}"
        click.echo(f"\r{shown}", nl=False, err=True)

    before = system.sending
    if sys.stderr.isatty():
        system.sending = tell
    try:
        yield
    finally:
        system.sending = before
        if shown:
            click.echo(f"\r{' ' * len(shown)}\r", nl=False, err=True)
