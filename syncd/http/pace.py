"""How fast a system may be asked, learned from its refusals.

Until it says that it is asked too often (429) nothing is held back. From then on requests keep a
distance, which grows with each refusal and shrinks again slowly as long as there is none.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from syncd.clock import Clock

FIRST, LONGEST = 0.005, 2.0
"""Seconds between two requests."""
WIDER, CLOSER, GOOD = 1.6, 0.95, 200
"""By what the distance grows, and shrinks after so many requests without a refusal."""


@dataclass
class Pace:
    """Of one connection, for all its threads."""

    clock: Clock
    distance: float = 0.0
    next: float = 0.0
    good: int = 0
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def wait(self) -> None:
        """Sleeps until the next request may go."""
        if not self.distance:
            return
        with self._alone:
            now = self.clock.boot()
            at = max(now, self.next)
            self.next = at + self.distance
            self.good += 1
            if self.good >= GOOD:
                self.good, self.distance = 0, self.distance * CLOSER
        if at > now:
            self.clock.sleep(at - now)

    def refused(self, wait: float) -> None:
        """Nothing goes for so many seconds. Refusals of requests that were under way together are
        one: a distance that just grew was not tried yet."""
        with self._alone:
            now = self.clock.boot()
            if self.good or not self.distance:
                self.distance = min(max(self.distance * WIDER, FIRST), LONGEST)
                self.good = 0
            self.next = max(self.next, now + wait)
