"""How the next page is asked for, and how it is known that there is none.

A position is a text: the engine keeps it between two pages. Where the file does not tell how an end
looks (`more`, `total` or `pages`), the end is a page without records: a page that is merely short
may be a server that gives fewer than asked for.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from syncd.errors import ProtocolError
from syncd.port import Request
from syncd.rest.words import Path, as_text, at

_LINK = re.compile(r"<([^>]*)>([^,<]*)")
_NEXT = re.compile(r"""\brel\s*=\s*"?[^";]*\bnext\b""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Got:
    """One page as it came: `keys` are those of its rows, `request` is what was asked, `first` what
    is asked for the first page."""

    body: Any
    headers: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]
    keys: Sequence[str]
    request: Request
    first: Request


class Step(msgspec.Struct, frozen=True):
    """`skip` rows from the front are not of this page. `again`: the pass begins anew."""

    next: str | None
    skip: int = 0
    again: bool = False


@dataclass(frozen=True, slots=True)
class Paging(ABC):
    """`more` is a flag or a text that is there as long as there is more; `total` counts records,
    `pages` pages."""

    size: int | None = None
    more: Path | None = None
    total: Path | None = None
    pages: Path | None = None

    steady = True
    """Rows that change between two pages do not shift the others."""

    @property
    def told(self) -> tuple[str, ...]:
        """The words it gives to a call, beside `size`."""
        return ()

    @abstractmethod
    def words(self, position: str | None) -> dict[str, object]: ...

    @abstractmethod
    def step(self, position: str | None, got: Got) -> Step: ...

    def asked(self, request: Request, position: str | None) -> Request:
        return request

    def counted(self, body: Any, rows: int) -> int | None:
        """How many there are in all, by the first page; None where it does not say."""
        return None if self.total is None else _whole(at(body, self.total), self.total)

    def ended(self, got: Got, records: int, pages: int) -> bool:
        """`records` and `pages` are those up to here."""
        if not got.rows:
            return True
        if self.more is not None:
            return at(got.body, self.more) in (None, False, "", 0)
        for path, here in ((self.total, records), (self.pages, pages)):
            if path is not None:
                return here >= _whole(at(got.body, path), path)
        return False


@dataclass(frozen=True, slots=True)
class Single(Paging):
    """Everything in one answer."""

    def counted(self, body: Any, rows: int) -> int | None:
        return rows

    def words(self, position: str | None) -> dict[str, object]:
        return {}

    def step(self, position: str | None, got: Got) -> Step:
        return Step(None)


@dataclass(frozen=True, slots=True)
class PageNumber(Paging):
    first: int = 1
    steady = False

    @property
    def told(self) -> tuple[str, ...]:
        return ("page",)

    def words(self, position: str | None) -> dict[str, object]:
        return {"page": _number(position, self.first)}

    def step(self, position: str | None, got: Got) -> Step:
        page = _number(position, self.first)
        done = page - self.first + 1
        over = self.ended(got, done * (self.size or len(got.rows)), done)
        return Step(None if over else str(page + 1))


@dataclass(frozen=True, slots=True)
class Offset(Paging):
    """Offsets shift when rows change between two pages. So a page begins with the last row of the
    one before; where that is another row by now, the pass begins again, and its positions say how
    often it did."""

    first: int = 0
    steady = False

    @property
    def told(self) -> tuple[str, ...]:
        return ("offset",)

    def words(self, position: str | None) -> dict[str, object]:
        start, _, back, _ = _place(position)
        return {"offset": start - back + self.first, "size": self.size and self.size + back}

    def step(self, position: str | None, got: Got) -> Step:
        start, round, back, last = _place(position)
        if back and (not got.keys or got.keys[0] != last):
            return Step(f"0.{round + 1}|", len(got.rows), again=True)
        rows = got.rows[back:]
        end = start + len(rows)
        over = self.ended(replace(got, rows=rows), end, 0)
        place = f"{end}.{round}" if round else str(end)
        return Step(None if over else f"{place}|{got.keys[-1]}", back)


@dataclass(frozen=True, slots=True)
class Cursor(Paging):
    """The answer has what the next request repeats, in its body or in a header."""

    path: Path | None = None
    header: str | None = None

    @property
    def told(self) -> tuple[str, ...]:
        return ("cursor",)

    def words(self, position: str | None) -> dict[str, object]:
        return {"cursor": position}

    def step(self, position: str | None, got: Got) -> Step:
        found = at(got.body, self.path) if self.path is not None else None
        found = got.headers.get(self.header) if self.header else found
        over = found in (None, False, "") or (self.more and self.ended(got, 0, 0))
        return Step(None if over else _new(as_text(found), position))


@dataclass(frozen=True, slots=True)
class NextLink(Paging):
    """The address of the next page, in the body (`path`) or in the header Link. Its query is taken,
    and what its path has behind that of the list: the credential goes to no other place than the
    one the file names."""

    path: Path | None = None
    hidden: frozenset[str] = frozenset()
    """Names in the query that are the credential's."""

    def words(self, position: str | None) -> dict[str, object]:
        return {}

    def asked(self, request: Request, position: str | None) -> Request:
        if position is None:
            return request
        more, _, query = position.partition("?")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        return replace(request, path=request.path + more, query=asked)

    def step(self, position: str | None, got: Got) -> Step:
        link = at(got.body, self.path) if self.path is not None else _linked(got.headers)
        if not isinstance(link, str) or not link:
            return Step(None)
        parts = urlsplit(link)
        more = parts.path.partition(got.first.path)[2]
        query = {
            name: value
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
            if name not in self.hidden
        }
        if (got.first.path + more, query) == (got.request.path, dict(got.request.query)):
            raise ProtocolError("the link to the next page leads to this one")
        return Step(_new(f"{more}?{urlencode(query)}", position))


@dataclass(frozen=True, slots=True)
class Keyset(Paging):
    """The next page begins behind the last row: with the value it has at `by`."""

    by: Path = ("id",)

    @property
    def told(self) -> tuple[str, ...]:
        return ("after",)

    def words(self, position: str | None) -> dict[str, object]:
        return {"after": position}

    def step(self, position: str | None, got: Got) -> Step:
        if self.ended(got, 0, 0):
            return Step(None)
        value = at(got.rows[-1], self.by)
        if value is None:
            raise ProtocolError("the last record of a page has no value to go on from")
        return Step(_new(as_text(value), position))


def _place(position: str | None) -> tuple[int, int, int, str]:
    """Where a page of offsets starts, how often the pass began again, how many rows it repeats, and
    the key of that row."""
    place, _, last = (position or "0|").partition("|")
    start, _, round = place.partition(".")
    return _number(start, 0), _number(round, 0), 1 if last else 0, last


def _number(position: str | None, first: int) -> int:
    """A position of another paging, which the file had before, begins the pass again."""
    return int(position) if position and position.isdecimal() else first


def _new(found: str, position: str | None) -> str:
    if found == position:
        raise ProtocolError("the answer leads to the same page again")
    return found


def _linked(headers: Mapping[str, str]) -> str | None:
    """RFC 8288: `<https://host/path?page=2>; rel="next", ...`."""
    found = _LINK.findall(headers.get("link", ""))
    return next((address for address, about in found if _NEXT.search(about)), None)


def _whole(value: Any, path: Path) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ProtocolError(f"the answer has no number at {'.'.join(path)}") from None
