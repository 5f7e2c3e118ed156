"""`python -m tests.world.at DAYS WORDS...`: a command of syncd, so many days from now.

The clock is handed in, as everywhere; the systems' own clocks stay where they are.
"""

from __future__ import annotations

import datetime as dt
import sys

from syncd.__main__ import execute
from syncd.clock import SystemClock


class LaterClock(SystemClock):
    """The machine's clock, so many days ahead."""

    def __init__(self, days: int) -> None:
        self._ahead = dt.timedelta(days=days)

    def utc(self) -> dt.datetime:
        return super().utc() + self._ahead


if __name__ == "__main__":
    sys.exit(execute(sys.argv[2:], LaterClock(int(sys.argv[1]))))
