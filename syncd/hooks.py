"""What nobody catches is told as one event, not as Python would: with its values.

Who tells it is imported then, so that `syncd --help` does not wait for it.
"""

from __future__ import annotations

import sys
import threading
import warnings
from types import TracebackType


def guard_exceptions() -> None:
    sys.excepthook = _uncaught
    threading.excepthook = lambda one: _uncaught(
        one.exc_type, one.exc_value or one.exc_type(), one.exc_traceback
    )
    warnings.showwarning = _warned  # type: ignore[assignment]  # it takes the rest by place


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    from syncd import telemetry

    telemetry.uncaught(kind, error, trace)


def _warned(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, *rest: object
) -> None:
    from syncd import telemetry

    telemetry.warned(message, category, filename, lineno, *rest)
