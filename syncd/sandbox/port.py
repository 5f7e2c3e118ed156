"""What a sandbox is, and what goes in and out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came over the wire: `path` and `query` still percent-encoded, the names of
    `headers` in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    open: int = 1
    """Requests that wait for an answer of the sandbox now, this one included."""

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Sandbox(Protocol):
    """`switches` is a dataclass: the vendor's uncertain facts, and its own limits."""

    switches: Any

    def hello(self, url: str) -> Mapping[str, str]:
        """What somebody needs to log in, printed as the one line of JSON at start."""

    def answer(self, asked: Asked) -> Answer:
        """One request at a time; the caller sees to that."""

    def refuse(self, fault: str, asked: Asked) -> Answer | None:
        """How this vendor itself words `rate_limited`, `error`, `unavailable` or `expired` (a
        credential that just ended); None where it knows no such thing."""

    def page(self, path: str) -> str | None:
        """A web page for people, HTML; '' is the first one. None: there is no such page."""


@runtime_checkable
class Operated(Protocol):
    """A sandbox in which a client of another process does what a person of the company does."""

    def operate(self, name: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What came of it. ValueError: there is no such operation, or it was refused."""
