"""The fault lane: what goes wrong between a client and a sandbox, by plan or by chance."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from urllib.parse import unquote

from syncd.sandbox.port import Asked


class Fault(StrEnum):
    LATENCY = "latency"
    """Answered, `seconds` later."""
    RATE_LIMITED = "rate_limited"
    """The vendor's own answer; nothing is carried out. So with the next three."""
    ERROR = "error"
    UNAVAILABLE = "unavailable"
    EXPIRED = "expired"
    HTML = "html"
    """A page of a proxy with status 200; nothing is carried out."""
    TRUNCATED = "truncated"
    """Carried out, and half of the body arrives."""
    CUT_BEFORE = "cut_before"
    """The connection breaks; nothing is carried out."""
    CUT_AFTER = "cut_after"
    """Carried out, and the connection breaks without an answer."""


@dataclass
class Plan:
    """The next `times` requests that fit `match`, a pattern over "METHOD /decoded/path"."""

    match: str
    kind: Fault
    times: int = 1
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.kind = Fault(self.kind)  # a misspelt kind would break nothing and let a test pass

    def takes(self, asked: Asked) -> bool:
        if self.times <= 0 or not fnmatchcase(unquote(asked.line), self.match):
            return False
        self.times -= 1
        return True


@dataclass
class Lane:
    """`rate` is the share of requests, 0 to 1, of which one of `kinds` becomes; by chance, and the
    same chance for the same `seed`. Plans come first, the oldest before the others."""

    rate: float = 0.0
    kinds: Sequence[str] = tuple(Fault)
    seconds: float = 0.05
    seed: int = 1
    plans: list[Plan] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._kinds = [Fault(kind) for kind in self.kinds]
        self._chance = random.Random(self.seed)
        self.plans = [Plan(**one) if isinstance(one, dict) else one for one in self.plans]

    def take(self, asked: Asked) -> tuple[Fault, float] | None:
        for plan in self.plans:
            if plan.takes(asked):
                return plan.kind, plan.seconds
        if self.rate and self._chance.random() < self.rate:
            return self._chance.choice(self._kinds), self.seconds
        return None
