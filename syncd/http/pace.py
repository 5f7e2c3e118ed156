"""How fast a system may be asked, learned from its refusals.

Until it says that it is asked too often (429) nothing is held back. From then on requests keep a
distance, which grows with each refusal and shrinks again slowly as long as there is none.
"""

from __future__ import annotations

import threading

import msgspec

from syncd.clock import Clock

FIRST, LONGEST = 0.01, 2.0
"""Seconds between two requests."""
WIDER, MUCH_WIDER, SOON = 2.0, 3.0, 20
"""By what the distance grows; by more where so few requests went since it grew last, for each
refusal costs what the system asks to wait, a second mostly."""
CLOSER, EACH, ABOVE = 0.9, 10, 1.05
"""By what it shrinks after so many requests without a refusal, down to this much above the one that
was refused last."""
FORGETS, GOOD = 0.97, 200
"""By what that one shrinks, after so many: limits change, and so do those who share them."""


class Pace(msgspec.Struct):
    """Of one connection, for all its threads."""

    clock: Clock
    distance: float = 0.0
    close: float = 0.0
    """Too close: the distance that was refused last."""
    next: float = 0.0
    good: int = 0
    _alone: threading.Lock = msgspec.field(default_factory=threading.Lock)

    def wait(self) -> None:
        """Sleeps until the next request may go."""
        if not self.distance:
            return
        with self._alone:
            now = self.clock.boot()
            at = max(now, self.next)
            self.next = at + self.distance
            self.good += 1
            if self.good % EACH == 0:
                least = min(self.close * ABOVE, self.distance)
                self.distance = max(self.distance * CLOSER, least)
            if self.good % GOOD == 0:
                self.close *= FORGETS
        if at > now:
            self.clock.sleep(at - now)

    def refused(self, wait: float) -> None:
        """Nothing goes for so many seconds. Refusals of requests that were under way together are
        one: a distance that just grew was not tried yet."""
        with self._alone:
            now = self.clock.boot()
            if self.good or not self.distance:
                self.close = self.distance
                wider = WIDER if self.good >= SOON else MUCH_WIDER
                self.distance = min(max(self.distance * wider, FIRST), LONGEST)
                self.good = 0
            self.next = max(self.next, now + wait)
