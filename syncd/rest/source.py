"""Reads one kind: pages of a full pass, pages of what changed, single keys, and collections that
hang on the records of another list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any

from syncd.domain import Kind
from syncd.errors import NotFoundError, ProtocolError
from syncd.port import All, Flow, Keys, Page, Read, Record, Response, Scope, Since
from syncd.rest.answers import Answers, rows_at
from syncd.rest.paging import Got, Paging, Step
from syncd.rest.values import EPOCH, Empties, Form, Times, normal
from syncd.rest.words import Call, Path, Words, at, written

Shape = Mapping[str, "Shape | None"]
"""Names that are taken of a record; None: the whole of what is there."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """How what changed at or after a moment is asked for. `grain` is the finest step of time that
    the filter knows; `ordered`: the records come by ascending stamp. `back`: what is compared is
    typed by people, and may lie so far before it was."""

    call: Call
    times: Times
    grain: dt.timedelta
    inclusive: bool = True
    ordered: bool = False
    back: dt.timedelta = dt.timedelta()

    def words(self, moment: dt.datetime | None) -> Words:
        """An exclusive filter leaves out the very moment: one grain earlier asks for it too."""
        if moment is None:
            return {}
        moment -= self.back
        if not self.inclusive:
            moment -= self.grain
        return {"since": self.times.write(moment - (moment - EPOCH) % self.grain)}


@dataclass(frozen=True, slots=True)
class Part:
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
        return rows, replace(step, next=after), response

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
        keys = [key_of(row, self.key) for row in rows]
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


@dataclass(frozen=True, slots=True)
class Single:
    """The call for one record, by `{key}`, or for several, by `{keys}`."""

    call: Call
    records: Path
    batch: int = 1
    several: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """`within`: the list is asked for once for each record of that one; the key of a record is then
    `PARENT/KEY`, and the mapping finds the parent's under `parent`."""

    kind: Kind
    object: str
    listing: Listing
    single: Single
    changes: Changes | None = None
    stamps: tuple[Path, ...] = ()
    times: Times = field(default_factory=Times)
    empties: Empties = ()
    forms: Mapping[str, Form] = field(default_factory=dict)
    within: Listing | None = None

    def pull(self, read: Read, scope: Scope, answers: Answers, words: Words) -> Flow[Page]:
        words = {**words, "object": self.object}
        if isinstance(scope, Keys):
            return (yield from self._keys(read, scope, answers, words))
        call, more, ordered = self._selection(scope)
        words = {**words, **more}
        outer = self.within or self.listing
        rows, step, response = yield from outer.page(call, answers, words, scope.position)
        if self.within is None:
            records = self._records(rows, read)
        else:
            records = yield from self._nested(rows, read, answers, words)
        steady = outer.paging.steady and not outer.parts
        ordered = ordered and steady and self.within is None
        return Page(records, step.next, source_time(response), ordered)

    def _selection(self, scope: Since | All) -> tuple[Call, Words, bool]:
        if isinstance(scope, All) or self.changes is None:
            return (self.within or self.listing).call, {}, False
        return self.changes.call, self.changes.words(scope.moment), self.changes.ordered

    def _nested(
        self, rows: Sequence[tuple[str, Row]], read: Read, answers: Answers, words: Words
    ) -> Flow[list[Record]]:
        """All that hangs on each of these parents."""
        records = []
        for parent, _ in rows:
            inner = yield from self.listing.every(answers, {**words, "parent": parent})
            records += self._records(inner, read, parent)
        return records

    def _keys(self, read: Read, scope: Keys, answers: Answers, words: Words) -> Flow[Page]:
        records: list[Record] = []
        told: dt.datetime | None = None
        for some in _batches(scope.keys, self.single.batch):
            parent, _, key = some[0].rpartition("/") if self.within else ("", "", some[0])
            known = {**words, "keys": some, "key": key, "parent": parent}
            request = self.single.call.request(known)
            response = yield request
            try:
                body = answers.taken(request, response)
            except NotFoundError as error:
                if self.single.several:  # it tells nothing about each of them
                    raise ProtocolError(f"{error}: nothing at {request.path}") from None
                continue
            told = source_time(response)
            rows = rows_at(body, self.single.records, one=True)
            keyed = [(key_of(row, self.listing.key), row) for row in rows]
            found = self._records(keyed, read, parent if self.within else None)
            records += [record for record in found if record.key in some]
        return Page(records, None, told)

    def _records(
        self, rows: Sequence[tuple[str, Row]], read: Read, parent: str | None = None
    ) -> list[Record]:
        """With what the mapping reads; without a mapping all but the stamps, which are no
        content."""
        shape = shape_of(read.paths)
        raw = not self.empties and not self.forms
        hidden = {path[0] for path in self.stamps if len(path) == 1}
        records = []
        for key, row in rows:
            stamp = self._stamp(row)
            data = row if raw else normal(row, self.forms, self.empties)
            if parent is not None:
                data, key = {**data, "parent": parent}, f"{parent}/{key}"
            if shape:
                data = select(data, shape)
            else:
                data = {name: one for name, one in data.items() if name not in hidden}
            records.append(Record(key, data, stamp))
        return records

    def _stamp(self, row: Row) -> dt.datetime | None:
        """The newest of them."""
        found: dt.datetime | None = None
        for path in self.stamps:
            moment = self.times.read(at(row, path))
            if moment is not None and (found is None or moment > found):
                found = moment
        return found


def key_of(row: Mapping[str, Any], path: Path) -> str:
    found = at(row, path)
    if isinstance(found, str | int) and not isinstance(found, bool) and found != "":
        return str(found)
    raise ProtocolError(f"a record has no key at {written(path)}")


def shape_of(paths: Sequence[str]) -> Shape:
    """The names that these dotted paths take, and what of each."""
    shape: dict[str, Shape | None] = {}
    for name in dict.fromkeys(path.partition(".")[0] for path in paths):
        deeper = [path.partition(".")[2] for path in paths if path.startswith(f"{name}.")]
        shape[name] = None if name in paths else shape_of(deeper)
    return shape


def select(row: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """These paths alone: the rest is not syncd's to keep. A list has one path for all its items."""
    return {
        name: row[name] if deeper is None else _cut(row[name], deeper)
        for name, deeper in shape.items()
        if name in row
    }


def _cut(value: Any, shape: Shape) -> Any:
    if isinstance(value, list):
        return [_cut(one, shape) for one in value]
    return select(value, shape) if isinstance(value, Mapping) else value


def source_time(response: Response) -> dt.datetime | None:
    date = response.headers.get("date")
    return parsedate_to_datetime(date) if date else None


def _part(position: str | None, parts: int) -> tuple[int, str | None]:
    """Which part, and where in it. A position of another list, which the file had before, begins
    the pass again."""
    number, mark, inner = (position or "").partition("~")
    if not mark or not number.isdecimal() or int(number) >= parts:
        return 0, None
    return int(number), inner or None


def _batches(keys: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), size):
        yield list(keys[start : start + size])
