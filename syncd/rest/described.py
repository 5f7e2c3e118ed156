"""What an object of the system has: told by a call, or by the records themselves."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from syncd.port import Flow, fields_of
from syncd.rest.answers import Answers, rows_at
from syncd.rest.source import Source
from syncd.rest.words import Call, Path, Words, as_text, at


class Described(msgspec.Struct, frozen=True):
    """`call` None: by the records of one page, each of which shows every field. Else a table has
    the names as its keys, a list at `name` in each of its items; `leads` is where a field says to
    which object it leads."""

    call: Call | None = None
    records: Path = ()
    name: Path = ()
    leads: Path | None = None

    def fields(self, source: Source, answers: Answers, words: Words) -> Flow[Mapping[str, str]]:
        """Name -> the object it leads to, empty for a plain value. Nothing where there is no record
        to see it by."""
        words = {**words, "object": source.object}
        if self.call is None:
            return (yield from _by_records(source, answers, words))
        request = self.call.request(words)
        found = at(answers.taken(request, (yield request)), self.records)
        if isinstance(found, Mapping) and not self.name:
            return {name: self._leads(one) for name, one in found.items()}
        return {as_text(at(row, self.name)): self._leads(row) for row in rows_at(found, ())}

    def _leads(self, field: object) -> str:
        led = at(field, self.leads) if self.leads is not None else None
        return led if isinstance(led, str) else ""


def put_in(source: Source) -> dict[str, str]:
    """What the file itself puts into each record. The system says nothing of it there, so each
    leads to an object that is not described."""
    names = {*source.adds, *((one.into or (one.name,))[0] for one in source.attached)}
    if source.within is not None:
        names.add("parent")
    return {name: f"{source.object}/{name}" for name in names}


def _by_records(source: Source, answers: Answers, words: Words) -> Flow[Mapping[str, str]]:
    outer = source.within or source.listing
    rows, _, _ = yield from outer.page(outer.call, answers, words, None)
    if source.within is None:
        return fields_of(source.object, [row for _, row in rows])
    for parent, _ in rows:
        inner = yield from source.listing.every(answers, {**words, "parent": parent})
        if inner:
            parents = {"parent": parent}
            return fields_of(source.object, [{**row, **parents} for _, row in inner])
    return {}
