"""Megaplan, as its API v3 shows it: <https://dev.megaplan.ru/>."""

from __future__ import annotations

from pathlib import Path

from syncd.sandbox.megaplan.company import fill
from syncd.sandbox.megaplan.system import Megaplan
from syncd.sandbox.port import Sandbox

__all__ = ["Megaplan", "make"]


def make(data: Path | None, seed: int, size: int | None) -> Sandbox:
    """UsageError where the file cannot be read or does not fit."""
    made = Megaplan()
    fill(made.account, data, seed, size)
    return made
