"""What becomes of an order: said by the process that carried it out, read by the one that asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from syncd import errors
from syncd.errors import ConfigError, MappingError, SyncdError
from syncd.image import encode
from syncd.sync.difference import Difference
from syncd.sync.order import Report
from syncd.sync.plan import Plan
from syncd.sync.proven import Proven


@dataclass(frozen=True, slots=True)
class Answer:
    """`said` are sentences; the report is there if a cycle ran. `error` names what refused it, with
    its lines in `said`."""

    said: Sequence[str] = ()
    report: Report | None = None
    differences: Sequence[Difference] | None = None
    proven: Sequence[Proven] | None = None
    plan: str | None = None
    error: str | None = None
    drawn: Plan | None = None

    @property
    def exit_code(self) -> int:
        if self.error:
            return _class(self.error).exit_code
        if self.proven and any(not one.agreed for one in self.proven):
            return 1
        return self.report.exit_code if self.report and not self.drawn else 0


class _Stored(msgspec.Struct):
    said: list[str]
    report: Report | None
    differences: list[dict[str, Any]] | None
    proven: list[Proven] | None
    plan: str | None
    error: str | None
    drawn: Plan | None = None


def failed(error: SyncdError) -> Answer:
    lines = list(error.problems) if isinstance(error, ConfigError) else [str(error)]
    return Answer(lines, error=type(error).__name__)


def dump(answer: Answer) -> bytes:
    return encode(answer)


def load(stored: bytes) -> Answer:
    """Raises what refused the order, as if it had happened here."""
    found = msgspec.json.decode(stored, type=_Stored)
    if found.error:
        kind = _class(found.error)
        raise kind(*found.said)
    rows = found.differences
    differences = None if rows is None else [Difference(**row) for row in rows]
    return Answer(
        found.said, found.report, differences, found.proven, found.plan, drawn=found.drawn
    )


def _class(name: str) -> type[SyncdError]:
    """Errors of this version; one that another version knows, or that takes more than a text, is
    a plain one."""
    kind = getattr(errors, name, SyncdError)
    return SyncdError if kind is MappingError or not issubclass(kind, SyncdError) else kind
