"""Which revisions of the state this version knows, by the files of its migrations."""

from __future__ import annotations

from pathlib import Path

MIGRATIONS = Path(__file__).with_name("migrations")


def files() -> dict[str, Path]:
    """By number: 0001_pre_first.py is 0001; the last one is the newest."""
    found = sorted((MIGRATIONS / "versions").glob("0*.py"))
    return {file.name.split("_")[0]: file for file in found}
