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
class Match:
    """The first `times` requests that fit a pattern over "METHOD path", `POST /crm/account*`."""

    pattern: str
    times: int = 1

    def takes(self, method: str, path: str) -> bool:
        if self.times <= 0 or not fnmatchcase(f"{method} {path}", self.pattern):
            return False
        self.times -= 1
        return True


@dataclass(frozen=True)
class Planned:
    match: Match
    kind: Fault
    seconds: float


class Faults:
    """Of several plans that match a request, the oldest acts."""

    def __init__(self) -> None:
        self.planned: list[Planned] = []

    def plan(self, match: str, kind: Fault, times: int = 1, seconds: float = 0.0) -> None:
        self.planned.append(Planned(Match(match, times), kind, seconds))

    def take(self, method: str, path: str) -> Planned | None:
        return next((plan for plan in self.planned if plan.match.takes(method, path)), None)
