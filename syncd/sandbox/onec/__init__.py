"""1C:Enterprise 8.3 with its standard OData interface, as far as a connector meets it."""

from __future__ import annotations

from pathlib import Path

from syncd.clock import SystemClock
from syncd.sandbox.onec.world import Onec
from syncd.sandbox.port import Sandbox


def make(data: Path | None, seed: int, size: int | None) -> Sandbox:
    return Onec(SystemClock().utc, seed, size)
