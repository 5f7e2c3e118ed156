"""`syncd` and `python -m syncd`."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence

import click

from syncd import hooks
from syncd.cli import syncd
from syncd.clock import Clock, SystemClock
from syncd.errors import ConfigError, SyncdError

STOPPED = 130


def main() -> None:
    gc.set_threshold(1_000_000)  # what is imported stays
    hooks.guard_exceptions()
    sys.exit(execute(sys.argv[1:], SystemClock(), _imported))


def _imported() -> None:
    """Looks for cyclic garbage from now on, and never again among what is there already."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # a page makes many objects, and few of them go in circles


def execute(
    arguments: Sequence[str], clock: Clock, imported: Callable[[], None] = lambda: None
) -> int:
    """One of the two outer edges: every error becomes a clear message and its exit code. `imported`
    is called when a command has what it works with, before it begins to."""
    try:
        code: int = syncd.main(
            list(arguments),
            prog_name="syncd",
            standalone_mode=False,
            obj={"clock": clock, "imported": imported},
        )
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("stopped; nothing is lost, the next run goes on from here", err=True)
        code = STOPPED
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except SyncdError as error:
        several = isinstance(error, ConfigError) and len(error.problems) > 1
        click.echo(error if several else f"syncd: {error}", err=True)
        code = error.exit_code
    return code or 0


if __name__ == "__main__":
    main()
