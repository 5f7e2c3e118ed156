"""What an answer means: by the rules of the file, the first that holds; else by its status.

A rule looks at an answer that is JSON, or has no body at all: a web page of a proxy is no answer of
the system. One with `text` looks at any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext, suppress
from enum import StrEnum
from functools import cached_property
from typing import Any

import msgspec

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


class Rule(msgspec.Struct, frozen=True):
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


class Says(msgspec.Struct, frozen=True):
    """Where a refusal says what is wrong (`message`) and with which field (`field`); `fields` is a
    table of what is wrong with each."""

    message: Path | None = None
    field: Path | None = None
    fields: Path | None = None

    def said(self, body: Any) -> tuple[str, str | None]:
        """The sentence, and the field it is about; empty where it is not said here."""
        named = list(_named(at(body, self.fields))) if self.fields is not None else []
        found = at(body, self.message) if self.message is not None else None
        text = "; ".join(f"{name}: {one}" if name else one for name, one in named)
        if isinstance(found, str | list) and found:
            text = as_text(found)
        field = at(body, self.field) if self.field is not None else None
        first = next((name for name, _ in named if name), None)
        return text, field if isinstance(field, str) else first


class Answers(msgspec.Struct, frozen=True, dict=True):
    """Of `says` the first that says anything."""

    rules: tuple[Rule, ...] = ()
    says: tuple[Says, ...] = ()
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
        if response.body:
            with suppress(ProtocolError) if rule else nullcontext():
                body = self.wire.plain(response.json())
        if rule is None:
            plain = (one for one in self.rules if one.text is None)
            rule = next((one for one in plain if one.holds(response.status, body)), None)
        if response.status >= 500 and rule is None:
            said = _sentence(f"HTTP {response.status}", self._said(body)[0])
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
        rules = self._of_items
        rule = next((one for one in rules if one.holds(None, item)), None) if rules else None
        if rule is None or rule.means is Means.OK:
            return None
        found = self._error(rule.means, rule, item, True, "the system says no")
        return found if isinstance(found, RejectedError) else RejectedError(str(found))

    @cached_property
    def _of_items(self) -> tuple[Rule, ...]:
        """Those that can hold for one item of a batch."""
        return tuple(one for one in self.rules if one.body or one.there is not None)

    def _error(
        self, means: Means, rule: Rule | None, body: Any, write: bool, what: str
    ) -> SyncdError:
        text, named = self._said(body)
        said, field = _sentence(what, text), rule.field if rule and rule.field else named
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

    def _said(self, body: Any) -> tuple[str, str | None]:
        found = (one.said(body) for one in self.says)
        return next((one for one in found if any(one)), ("", None))


def _sentence(what: str, said: str) -> str:
    return f"{what}: {said}" if said else what


def _named(said: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Field and text, out of `{field: text}`, `{field: [text]}` and tables of these."""
    if isinstance(said, Mapping):
        for name, one in said.items():
            yield from _named(one, f"{field}.{name}" if field else name)
    elif isinstance(said, list):
        for one in said:
            # Behind a list stand rows: the name is that of the list.
            for inner, text in _named(one):
                yield field, f"{inner}: {text}" if inner else text
    elif said not in (None, "", False):
        yield field, as_text(said)


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
    listed = [found] if one and isinstance(found, dict) and found else found
    if not isinstance(listed, list) or not set(map(type, listed)) <= {dict}:
        raise ProtocolError(f"the answer has no records at {written(path)}")
    return listed
