"""A list of the system, page by page, and what is read of other lists beside its records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec

from syncd.errors import NotFoundError, ProtocolError
from syncd.port import Flow, Response
from syncd.rest.answers import Answers, rows_at
from syncd.rest.paging import Got, Paging, Step
from syncd.rest.words import Call, Path, Words, as_text, at, every, written

Row = Mapping[str, Any]
One = TypeVar("One")


class Part(msgspec.Struct, frozen=True):
    """One of several passes that make a list: its query and headers go over those of the list."""

    more: Call
    records: Path
    paging: Paging


@dataclass(frozen=True, slots=True)
class Listing:
    """A list and its pages. `records` is where they stand in an answer, `key` where theirs is.
    `parts`: it is asked for in these, one after another."""

    call: Call
    records: Path
    key: Path
    paging: Paging
    parts: tuple[Part, ...] = ()

    def page(
        self, call: Call, answers: Answers, words: Words, position: str | None
    ) -> Flow[tuple[list[tuple[str, Row]], Step, Response]]:
        """The rows of one page, each behind its key."""
        if not self.parts:
            return (yield from self._page(call, answers, words, position))
        number, inner = _part(position, len(self.parts))
        part, lists = self.parts[number], self.part(number)
        asked = call.over(part.more)
        rows, step, response = yield from lists._page(asked, answers, words, inner)
        after = None if step.next is None else f"{number}~{step.next}"
        if after is None and number + 1 < len(self.parts):
            after = f"{number + 1}~"
        return rows, msgspec.structs.replace(step, next=after), response

    def part(self, number: int) -> Listing:
        part = self.parts[number]
        call = self.call.over(part.more)
        return replace(self, call=call, records=part.records, paging=part.paging, parts=())

    def _page(
        self, call: Call, answers: Answers, words: Words, position: str | None
    ) -> Flow[tuple[list[tuple[str, Row]], Step, Response]]:
        known = {"size": self.paging.size, **words, **self.paging.words(position)}
        first = call.request(known)
        request = self.paging.asked(first, position)
        response = yield request
        try:
            body = answers.taken(request, response)
        except NotFoundError as error:
            raise ProtocolError(f"{error}: there is no list at {request.path}") from None
        rows = rows_at(body, self.records)
        try:
            keys = [key_of(row, self.key) for row in rows]
        except ProtocolError as error:
            raise ProtocolError(
                f"{error}, of the list {call.path.pattern}; its line `key` says where one is"
            ) from None
        step = self.paging.step(position, Got(body, response.headers, rows, keys, request, first))
        return list(zip(keys, rows, strict=True))[step.skip :], step, response

    def every(self, answers: Answers, words: Words) -> Flow[list[tuple[str, Row]]]:
        """The rows of all pages."""
        found: list[tuple[str, Row]] = []
        for number in range(len(self.parts)):
            found += yield from self.part(number).every(answers, words)
        if self.parts:
            return found
        position: str | None = None
        while True:
            rows, step, _ = yield from self.page(self.call, answers, words, position)
            found = [] if step.again else [*found, *rows]
            position = step.next
            if position is None:
                return found


class Attached(msgspec.Struct, frozen=True):
    """What is put into each record, or into each table at `into` in it, under `name`: the rows of
    another list whose `match` is what stands at `of` there. It is asked for by `batch` values at
    once. `single`: one row or nothing, and no list."""

    name: str
    listing: Listing
    match: tuple[Path, ...]
    of: Path
    into: Path = ()
    batch: int = 50
    single: bool = False

    def attach(self, rows: Sequence[Row], answers: Answers, words: Words) -> Flow[None]:
        """Changes the rows, which nobody else has. A row that belongs to several stands in each."""
        places = [one for row in rows for one in every(row, self.into) if isinstance(one, dict)]
        wanted = {as_text(value): value for place in places for value in every(place, self.of)}
        found: dict[str, dict[str, Row]] = {}
        for some in batches(list(wanted.values()), self.batch):
            known = {**words, "keys": some, "key": some[0]}
            for key, row in (yield from self.listing.every(answers, known)):
                for path in self.match:
                    for value in every(row, path):
                        found.setdefault(as_text(value), {})[key] = row
        for place in places:
            mine: dict[str, Row] = {}
            for value in every(place, self.of):
                mine |= found.get(as_text(value), {})
            listed = list(mine.values())
            place[self.name] = next(iter(listed), None) if self.single else listed


def key_of(row: Mapping[str, Any], path: Path) -> str:
    found = at(row, path)
    if type(found) is str and found:  # most are
        return found
    if isinstance(found, str | int) and not isinstance(found, bool) and found != "":
        return str(found)
    raise ProtocolError(f"a record has no key at {written(path)}")


def _part(position: str | None, parts: int) -> tuple[int, str | None]:
    """Which part, and where in it. A position of another list, which the file had before, begins
    the pass again."""
    number, mark, inner = (position or "").partition("~")
    if not mark or not number.isdecimal() or int(number) >= parts:
        return 0, None
    return int(number), inner or None


def source_time(response: Response) -> dt.datetime | None:
    date = response.headers.get("date")
    return parsedate_to_datetime(date) if date else None


def batches(keys: Sequence[One], size: int) -> Iterator[list[One]]:
    for start in range(0, len(keys), size):
        yield list(keys[start : start + size])
