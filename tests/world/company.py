"""The demo company."""

from pathlib import Path


def template() -> Path:
    """A database file with the demo company."""
    raise NotImplementedError
