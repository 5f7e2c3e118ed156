"""Zoho CRM, as its REST API v8 shows it: <https://www.zoho.com/crm/developer/docs/api/v8/>."""

from __future__ import annotations

from pathlib import Path

from syncd.sandbox.port import Sandbox
from syncd.sandbox.zoho_crm.company import fill
from syncd.sandbox.zoho_crm.system import Zoho

__all__ = ["Zoho", "make"]


def make(data: Path | None, seed: int, size: int | None) -> Sandbox:
    """UsageError where the file cannot be read or does not fit."""
    made = Zoho()
    fill(made.crm, data, seed, size)
    return made
