"""What becomes of an order: said by the process that carried it out, read by the one that asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from syncd import errors
from syncd.errors import ConfigError, MappingError, SyncdError
from syncd.image import encode

if TYPE_CHECKING:
    from syncd.sync.difference import Difference
    from syncd.sync.order import Report
    from syncd.sync.plan import Plan
    from syncd.sync.proven import Proven


class Answer(msgspec.Struct, frozen=True):
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
            return error_class(self.error).exit_code
        if self.proven and any(not one.agreed for one in self.proven):
            return 1
        return self.report.exit_code if self.report and not self.drawn else 0


def failed(error: SyncdError) -> Answer:
    lines = list(error.problems) if isinstance(error, ConfigError) else [str(error)]
    return Answer(lines, error=type(error).__name__)


def dump(answer: Answer) -> bytes:
    return encode(answer)


def error_class(name: str) -> type[SyncdError]:
    """Errors of this version; one that another version knows, or that takes more than a text, is
    a plain one."""
    kind = getattr(errors, name, SyncdError)
    return SyncdError if kind is MappingError or not issubclass(kind, SyncdError) else kind
