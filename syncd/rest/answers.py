"""What an answer means: by the rules of the file, the first that holds; else by its status.

A rule looks at an answer that is JSON, or has no body at all: a web page of a proxy is no answer of
the system. One with `text` looks at any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from syncd.errors import (
    AccessError,
    DoubtError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
    RejectedError,
    SyncdError,
    UnavailableError,
)
from syncd.port import Request, Response
from syncd.rest.wire import PLAIN, Wire
from syncd.rest.words import Path, as_text, at, written


class Means(StrEnum):
    OK = "ok"
    EMPTY = "empty"
    NOT_FOUND = "not_found"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    RETRY = "retry"
    ACCESS = "access"


EMPTY = Means.EMPTY
"""The body of an answer by which the system says that nothing is there."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Holds where all of it does. `statuses` are ranges, both ends included; none: any status.
    `there` is a path where anything stands."""

    means: Means
    statuses: tuple[tuple[int, int], ...] = ()
    body: tuple[tuple[Path, str], ...] = ()
    text: str | None = None
    field: str | None = None
    there: Path | None = None

    def holds(self, status: int | None, body: Any) -> bool:
        """All but the text. `status` None: one item of a batch, which has none of its own."""
        if status is None:
            fits = bool(self.body) or self.there is not None
        else:
            fits = not self.statuses or any(low <= status <= high for low, high in self.statuses)
        if self.there is not None and at(body, self.there) in (None, [], {}):
            return False
        return fits and all(
            at(body, path) is not None and as_text(at(body, path)) == value
            for path, value in self.body
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """`message` and `field` are where the system says what is wrong, and with which field."""

    rules: tuple[Rule, ...] = ()
    message: Path | None = None
    field: Path | None = None
    wire: Wire = PLAIN

    @property
    def judged(self) -> bool:
        """A rule speaks of what the transport would take for an outage."""
        return any(high >= 500 for rule in self.rules for _, high in rule.statuses)

    def taken(self, request: Request, response: Response) -> Any:
        """The body of a good answer, None where it has none; EMPTY. Raises what follows from any
        other."""
        rule = self._spoken(response)
        body = None
        if response.body and rule is None:
            body = self.wire.plain(response.json())
        if rule is None:
            plain = (one for one in self.rules if one.text is None)
            rule = next((one for one in plain if one.holds(response.status, body)), None)
        if response.status >= 500 and rule is None:
            said = f"HTTP {response.status}{self._said(body)}"
            raise DoubtError(said, answered=True) if request.write else UnavailableError(said)
        means = rule.means if rule else _usual(response.status)
        if means is Means.EMPTY and request.write:
            means = Means.NOT_FOUND  # what is written to is no list
        if means is Means.OK:
            return body
        if means is Means.EMPTY:
            return EMPTY
        error = self._error(means, rule, body, request.write, f"HTTP {response.status}")
        if isinstance(error, RejectedError):
            error.status = response.status
        raise error

    def _spoken(self, response: Response) -> Rule | None:
        """The rule whose text the answer has, whatever else it is."""
        rules = [one for one in self.rules if one.text is not None]
        said = response.body.decode("utf-8", "replace") if rules else ""
        return next(
            (r for r in rules if str(r.text) in said and r.holds(response.status, None)), None
        )

    def refusal(self, item: Any) -> RejectedError | None:
        """Of one item of a batch, by the rules that look at a body; None where it is good."""
        rule = next((one for one in self.rules if one.holds(None, item)), None)
        if rule is None or rule.means is Means.OK:
            return None
        found = self._error(rule.means, rule, item, True, "the system says no")
        return found if isinstance(found, RejectedError) else RejectedError(str(found))

    def _error(
        self, means: Means, rule: Rule | None, body: Any, write: bool, what: str
    ) -> SyncdError:
        said = f"{what}{self._said(body)}"
        field = rule.field if rule and rule.field else None
        if field is None and self.field is not None:
            named = at(body, self.field)
            field = named if isinstance(named, str) else None
        match means:
            case Means.ACCESS:
                return AccessError(said)
            case Means.RETRY:
                return UnavailableError(said)
            case Means.NOT_FOUND:
                return NotFoundError(said, field)
            case Means.DUPLICATE:
                return DuplicateError(said, field)
        return RejectedError(said, field) if write else ProtocolError(said)

    def _said(self, body: Any) -> str:
        found = at(body, self.message) if self.message is not None else None
        if isinstance(found, str) and found:
            return f": {found}"
        return f": {as_text(found)}" if isinstance(found, list) else ""


def _usual(status: int) -> Means:
    if status < 300:
        return Means.OK
    if status in (401, 403):
        return Means.ACCESS
    return Means.NOT_FOUND if status in (404, 410) else Means.REJECTED


def rows_at(body: Any, path: Path, *, one: bool = False) -> list[Mapping[str, Any]]:
    """The records of a good answer; with `one`, a single record may stand there too. Raises
    ProtocolError: an answer without a list is not an empty list."""
    if body is EMPTY:
        return []
    found = at(body, path)
    listed = [found] if one and isinstance(found, Mapping) and found else found
    if not isinstance(listed, list) or not all(isinstance(row, Mapping) for row in listed):
        raise ProtocolError(f"the answer has no records at {written(path)}")
    return listed
