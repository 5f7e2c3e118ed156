"""How often the account may be asked: by the second and by the hour, which end in 429."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.sandbox.megaplan.switches import Switches
from syncd.sandbox.megaplan.wire import Refused
from syncd.sandbox.port import Answer

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@dataclass
class Limits:
    switches: Switches
    now: Callable[[], datetime]
    calls: deque[datetime] = field(default_factory=deque)

    def enter(self) -> Answer | None:
        """The refusal; None: the call may go on, and is counted."""
        now, switches = self.now(), self.switches
        while self.calls and self.calls[0] <= now - HOUR:
            self.calls.popleft()
        if 0 < switches.per_hour <= len(self.calls):
            return too_many((self.calls[0] + HOUR - now).total_seconds())
        recent = len(self.calls) - switches.per_second
        if switches.per_second and recent >= 0 and self.calls[recent] > now - SECOND:
            return too_many(1)
        self.calls.append(now)
        return None


def too_many(seconds: float) -> Answer:
    answer = Refused(429, "Too Many Requests").answer()
    headers = {**answer.headers, "retry-after": str(max(1, math.ceil(seconds)))}
    return Answer(429, headers, answer.body)
