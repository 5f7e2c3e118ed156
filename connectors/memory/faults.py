"""What can go wrong on the way to the world and back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class Fault(StrEnum):
    REFUSE = "refuse"
    """No connection: UnavailableError."""
    RATE_LIMIT = "rate_limit"
    """Too many requests: RateLimitedError; `seconds` is what the answer says to wait."""
    ERROR = "error"
    """HTTP 500 with an HTML page; nothing is carried out."""
    ERROR_AFTER = "error_after"
    """The same page, but the request was carried out."""
    CUT_BEFORE = "cut_before"
    """The connection breaks before anything is carried out: DoubtError."""
    CUT_AFTER = "cut_after"
    """Carried out, and the answer is lost: DoubtError."""
    LATE = "late"
    """The answer is lost at once; carried out when `seconds` of the world's clock have passed."""


@dataclass
class Planned:
    match: str
    kind: Fault
    times: int
    seconds: float

    def hits(self, method: str, path: str) -> bool:
        return self.times > 0 and fnmatchcase(f"{method} {path}", self.match)


class Faults:
    """Each planned fault hits the first `times` requests that match; the oldest plan first."""

    def __init__(self) -> None:
        self.planned: list[Planned] = []

    def plan(self, match: str, kind: Fault, times: int = 1, seconds: float = 0.0) -> None:
        self.planned.append(Planned(match, kind, times, seconds))

    def take(self, method: str, path: str) -> Planned | None:
        for planned in self.planned:
            if planned.hits(method, path):
                planned.times -= 1
                return planned
        return None
