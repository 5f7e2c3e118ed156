"""1C:Enterprise 8.3 with its standard OData interface, as far as a connector meets it."""

from __future__ import annotations

from pathlib import Path

from syncd.clock import SystemClock
from syncd.sandbox.onec.given import Given
from syncd.sandbox.onec.world import Onec
from syncd.sandbox.port import Sandbox


def make(data: Path | None, seed: int, size: int | None) -> Sandbox:
    given = Given(data) if data else None
    made = Onec(SystemClock().utc, seed, size, fill=given.fill if given else None)
    if given:
        made.switches.configuration = given.configuration
    return made
