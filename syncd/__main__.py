"""`syncd` and `python -m syncd`."""

from __future__ import annotations

import click

from syncd import __version__


@click.group()
@click.version_option(__version__, prog_name="syncd")
def main() -> None:
    """The daemon between a company's books and its CRM."""


if __name__ == "__main__":
    main()
