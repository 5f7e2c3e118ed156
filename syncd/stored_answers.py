"""An answer as another process stored it. Only who waits for one reads it."""

from __future__ import annotations

from typing import Any

import msgspec

from syncd.answers import Answer, error_class
from syncd.sync.difference import Difference
from syncd.sync.order import Report
from syncd.sync.plan import Plan
from syncd.sync.proven import Proven


class _Stored(msgspec.Struct):
    said: list[str]
    report: Report | None
    differences: list[dict[str, Any]] | None
    proven: list[Proven] | None
    plan: str | None
    error: str | None
    drawn: Plan | None = None


def load(stored: bytes) -> Answer:
    """Raises what refused the order, as if it had happened here."""
    found = msgspec.json.decode(stored, type=_Stored)
    if found.error:
        kind = error_class(found.error)
        raise kind(*found.said)
    rows = found.differences
    differences = None if rows is None else [Difference(**row) for row in rows]
    return Answer(
        found.said, found.report, differences, found.proven, found.plan, drawn=found.drawn
    )
