"""`syncd` and `python -m syncd`."""

from __future__ import annotations

import sys

import click

from syncd.cli import syncd
from syncd.errors import SyncdError


def main() -> None:
    """One of the two outer edges: every error becomes a clear message and its exit code."""
    try:
        code = syncd.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("stopped; nothing is lost, the next run goes on from here", err=True)
        code = 130
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except SyncdError as error:
        click.echo(f"syncd: {error}", err=True)
        code = error.exit_code
    except KeyboardInterrupt:
        click.echo("stopped; nothing is lost, the next run goes on from here", err=True)
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
