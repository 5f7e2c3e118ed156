"""Reads one kind: pages of a full pass, pages of what changed, single keys, and collections that
hang on the records of another list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

import msgspec

from syncd.domain import Kind
from syncd.errors import NotFoundError, ProtocolError
from syncd.port import All, Flow, Keys, Page, Read, Record, Scope, Since
from syncd.rest.answers import Answers, rows_at
from syncd.rest.listing import Attached, Listing, Row, batches, key_of, source_time
from syncd.rest.values import EPOCH, Empties, Form, Forms, Times, normal
from syncd.rest.words import Call, Path, Tree, Words, as_text, every, fill

Shape = Mapping[str, "Shape | None"]
"""Names that are taken of a record; None: the whole of what is there."""


class Touched(msgspec.Struct, frozen=True):
    """Another list that is asked for what changed first: what stands at `path` in its rows becomes
    a word of the list of changes. A record in which that stands at `of` (none: its key) is as new
    as the row whose `stamps` these are."""

    listing: Listing
    path: Path
    of: Path | None = None
    stamps: tuple[Path, ...] = ()


Newest = Mapping[str, Mapping[str, dt.datetime]]
"""By the name of what was touched, the newest time for each of the values it gave."""


class Changes(msgspec.Struct, frozen=True):
    """How what changed at or after a moment is asked for. `grain` is the finest step of time that
    the filter knows; `ordered`: the records come by ascending stamp. `back`: what is compared is
    typed by people, and may lie so far before it was."""

    call: Call
    times: Times
    grain: dt.timedelta
    inclusive: bool = True
    ordered: bool = False
    back: dt.timedelta = dt.timedelta()
    touched: Mapping[str, Touched] = msgspec.field(default_factory=dict)

    def words(self, moment: dt.datetime | None) -> Words:
        """An exclusive filter leaves out the very moment: one grain earlier asks for it too."""
        if moment is None:
            return {}
        moment -= self.back
        if not self.inclusive:
            moment -= self.grain
        return {"since": self.times.write(moment - (moment - EPOCH) % self.grain)}

    @property
    def only_touched(self) -> bool:
        """It asks for nothing but what was touched."""
        return "since" not in self.call.words()


class Single(msgspec.Struct, frozen=True):
    """The call for one record, by `{key}`, or for several, by `{keys}`."""

    call: Call
    records: Path
    batch: int = 1
    several: bool = False


class Source(msgspec.Struct, frozen=True, dict=True):
    """`within`: the list is asked for once for each record of that one; the key of a record is then
    `PARENT/KEY`, and the mapping finds the parent's under `parent`. `attached` is put into each
    record in this order, then what `adds` says."""

    kind: Kind
    object: str
    listing: Listing
    single: Single
    changes: Changes | None = None
    stamps: tuple[Path, ...] = ()
    times: Times = msgspec.field(default_factory=Times)
    empties: Empties = ()
    forms: Mapping[str, Form] = msgspec.field(default_factory=dict)
    within: Listing | None = None
    attached: tuple[Attached, ...] = ()
    adds: Mapping[str, Tree] = msgspec.field(default_factory=dict)

    def pull(self, read: Read, scope: Scope, answers: Answers, words: Words) -> Flow[Page]:
        words = {**words, "object": self.object}
        if isinstance(scope, Keys):
            return (yield from self._keys(read, scope, answers, words))
        call, more, ordered = self._selection(scope)
        words = {**words, **more}
        newest: dict[str, dict[str, dt.datetime]] = {}
        if isinstance(scope, Since) and scope.moment and self.changes and self.changes.touched:
            lists, newest = yield from self._touched(self.changes, answers, words)
            words = {**words, **lists}
            if self.changes.only_touched and not any(lists.values()):
                return Page([], None, None)
        outer = self.within or self.listing
        rows, step, response = yield from outer.page(call, answers, words, scope.position)
        if self.within is None:
            records = yield from self._records(rows, read, answers, words, newest)
        else:
            records = yield from self._nested(rows, read, answers, words)
        steady = outer.paging.steady and not outer.parts
        ordered = ordered and steady and self.within is None
        return Page(records, step.next, source_time(response), ordered)

    def _touched(
        self, changes: Changes, answers: Answers, words: Words
    ) -> Flow[tuple[dict[str, Any], dict[str, dict[str, dt.datetime]]]]:
        """The words that the other lists give, and how new each of their values is."""
        lists: dict[str, Any] = {}
        newest: dict[str, dict[str, dt.datetime]] = {}
        for name, one in changes.touched.items():
            rows = yield from one.listing.every(answers, words)
            values: dict[str, Any] = {}
            times = newest.setdefault(name, {})
            for _, row in rows:
                stamp = self._stamp(row, one.stamps)
                for value in every(row, one.path):
                    values[as_text(value)] = value
                    if stamp and stamp > times.get(as_text(value), EPOCH):
                        times[as_text(value)] = stamp
            lists[f"touched.{name}"] = list(values.values())
        return lists, newest

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
            records += yield from self._records(inner, read, answers, words, {}, parent)
        return records

    def _keys(self, read: Read, scope: Keys, answers: Answers, words: Words) -> Flow[Page]:
        records: list[Record] = []
        told: dt.datetime | None = None
        for some in batches(scope.keys, self.single.batch):
            parent, _, key = some[0].rpartition("/") if self.within else ("", "", some[0])
            size = self.listing.paging.size or len(some)
            known = {**words, "keys": some, "key": key, "parent": parent, "size": size}
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
            inside = parent if self.within else None
            found = yield from self._records(keyed, read, answers, words, {}, inside)
            records += [record for record in found if record.key in some]
        return Page(records, None, told)

    def _records(
        self,
        rows: Sequence[tuple[str, Row]],
        read: Read,
        answers: Answers,
        words: Words,
        newest: Newest,
        parent: str | None = None,
    ) -> Flow[list[Record]]:
        """With what the mapping reads; without a mapping all but the stamps, which are no
        content."""
        for one in self.attached:
            yield from one.attach([row for _, row in rows], answers, words)
        taken = _taken(read.paths, self.stamps)
        raw = not self.empties and not self.forms
        adds = {name: fill(tree, words) for name, tree in self.adds.items()} if rows else {}
        if parent is not None:
            adds["parent"] = parent
        records = []
        for key, row in rows:
            stamp = self._latest(key, row, newest) if newest else self._stamp(row, self.stamps)
            data = row if raw else normal(row, self._forms, self.empties)
            if adds:
                data = {**data, **adds}
            whole = key if parent is None else f"{parent}/{key}"
            records.append(Record(whole, taken(data), stamp))
        return records

    @cached_property
    def _forms(self) -> Forms:
        return Forms.of(self.forms)

    def _latest(self, key: str, row: Row, newest: Newest) -> dt.datetime | None:
        """The newest of its own stamps and of what touched it."""
        stamp = self._stamp(row, self.stamps)
        for name, times in newest.items():
            assert self.changes is not None
            of = self.changes.touched[name].of
            for value in [key] if of is None else map(as_text, every(row, of)):
                if value in times and (stamp is None or times[value] > stamp):
                    stamp = times[value]
        return stamp

    def _stamp(self, row: Row, paths: Sequence[Path]) -> dt.datetime | None:
        """The newest of these, also in the tables of a list."""
        if len(paths) == 1 and len(paths[0]) == 1:  # most have one, at the top
            found = row.get(paths[0][0])
            if not isinstance(found, list):
                return self.times.read(found)
        newest: dt.datetime | None = None
        for path in paths:
            for one in every(row, path):
                moment = self.times.read(one)
                if moment is not None and (newest is None or moment > newest):
                    newest = moment
        return newest


@lru_cache(256)
def _taken(paths: tuple[str, ...], stamps: tuple[Path, ...]) -> Callable[[Row], dict[str, Any]]:
    """What is taken of a record: these paths; without any, all but its stamps."""
    shape = shape_of(paths)
    hidden = {path[0] for path in stamps if len(path) == 1}
    names = tuple(name for name, deeper in shape.items() if deeper is None)

    def plain(row: Row) -> dict[str, Any]:
        try:
            return {name: row[name] for name in names}
        except KeyError:
            return select(row, shape)

    if not shape:
        return lambda row: {name: one for name, one in row.items() if name not in hidden}
    return plain if len(names) == len(shape) else lambda row: select(row, shape)


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
    return select(value, shape) if isinstance(value, dict) else value
