"""Credits of a rolling day and places for concurrent calls (vendor: "API limits").

Both end in the same 429, without a header that says when it is over.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.sandbox.zoho_crm.crm import Crm
from syncd.sandbox.zoho_crm.wire import Refused

DAY = timedelta(hours=24)


@dataclass
class Limits:
    crm: Crm
    spent: deque[tuple[datetime, int]] = field(default_factory=deque)
    used: int = 0
    calls: deque[tuple[datetime, bool]] = field(default_factory=deque)
    """When each call still under way began, and whether it is a heavy one."""

    def enter(self, heavy: bool) -> None:
        now, switches = self.crm.now(), self.crm.switches
        while self.spent and self.spent[0][0] <= now - DAY:
            self.used -= self.spent.popleft()[1]
        if self.used >= switches.credits:
            raise too_many()
        if switches.busy_seconds <= 0:
            return
        while self.calls and self.calls[0][0] <= now - timedelta(seconds=switches.busy_seconds):
            self.calls.popleft()
        busy = sum(one[1] for one in self.calls)
        full = len(self.calls) >= switches.concurrency
        if full or (heavy and busy >= switches.heavy_concurrency):
            raise too_many()
        self.calls.append((now, heavy))

    def spend(self, credits: int) -> dict[str, str]:
        """The header that is only there once half of the credits are gone."""
        self.spent.append((self.crm.now(), credits))
        self.used += credits
        left = self.crm.switches.credits - self.used
        if self.used * 2 < self.crm.switches.credits:
            return {}
        return {"X-API-CREDITS-REMAINING": str(max(0, left))}


def too_many() -> Refused:
    message = "You have exceeded the API limit; please try again later."
    return Refused("TOO_MANY_REQUESTS", message, 429)
