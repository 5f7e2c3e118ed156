"""Writes objects of one kind, finds them again, and lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from syncd.domain import Value
from syncd.errors import DuplicateError, NotFoundError, ProtocolError, RejectedError
from syncd.port import (
    FieldDef,
    Flow,
    Found,
    FoundPage,
    Op,
    Outcome,
    Response,
    Tier,
    Write,
)
from syncd.port import Target as Facts
from syncd.rest.answers import Answers, rows_at
from syncd.rest.listing import Listing
from syncd.rest.objects import Objects, nested
from syncd.rest.words import Call, Path, Tree, Words, as_text, at, fill, numbered, written


@dataclass(frozen=True, slots=True)
class NewId:
    """Where the id of a new object is: in the body, or behind the last slash of a header."""

    path: Path = ()
    header: str | None = None

    def of(self, body: Any, response: Response) -> str:
        if self.header is not None:
            place = response.headers.get(self.header, "").partition("?")[0].rstrip("/")
            found: Any = place.rpartition("/")[2]
        else:
            found = at(body, self.path)
        if isinstance(found, str | int) and not isinstance(found, bool) and found != "":
            return str(found)
        place = f"the header {self.header}" if self.header else written(self.path)
        raise ProtocolError(f"HTTP {response.status} to a create, without an id at {place}")


@dataclass(frozen=True, slots=True)
class Batch:
    """Several writes in one request; `results` are in the order of the items."""

    call: Call
    items: Mapping[Op, Tree]
    results: Path


@dataclass(frozen=True, slots=True)
class Step:
    """A further call after a create or an update. It is left out where one of the fields `needs`
    has no value, or where `when` names another value than a field has."""

    call: Call
    needs: tuple[str, ...] = ()
    when: Mapping[str, str] = field(default_factory=dict)

    def applies(self, fields: Mapping[str, Value]) -> bool:
        return all(fields.get(name) is not None for name in self.needs) and all(
            fields.get(name) is not None and as_text(fields[name]) == wanted
            for name, wanted in self.when.items()
        )


@dataclass(frozen=True, slots=True)
class CustomFields:
    """Fields that people add, `prefix`.NAME. `known` lists those there are; a table has their names
    as its keys, a list at `name` in each of its items."""

    prefix: str
    known: Call | None = None
    records: Path = ()
    name: Path = ()
    create: Call | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """`whole`: an update sends back the whole object, read just before. `then` are the steps after
    the call."""

    facts: Facts
    name: str
    objects: Objects
    create: Call | None
    update: Call | None
    remove: Call | None
    single: Call
    listing: Listing | None
    find: Call | None
    parents: Mapping[str, Path] = field(default_factory=dict)
    whole: bool = False
    new_id: NewId = NewId()
    batch: Batch | None = None
    custom: CustomFields | None = None
    then: Mapping[Op, tuple[Step, ...]] = field(default_factory=dict)

    # -- writing

    def push(
        self, batch: Sequence[Write], answers: Answers, words: Words
    ) -> Flow[Sequence[Outcome]]:
        if self.batch and len(batch) > 1 and all(one.op in self.batch.items for one in batch):
            return (yield from self._together(self.batch, batch, answers, words))
        outcomes = []
        for write in batch:
            try:
                outcomes.append((yield from self._alone(write, answers, words)))
            except RejectedError as error:
                outcomes.append(Outcome(None, error=error))
        return outcomes

    def _alone(self, write: Write, answers: Answers, words: Words) -> Flow[Outcome]:
        known = self._words(write, words)
        if write.op is Op.UPDATE and self.whole:
            row = yield from self._read(str(write.remote_id), answers, known)
            known["fields"] = _merged(at(row, self.objects.values_at) or {}, known["fields"])
        call = {Op.CREATE: self.create, Op.UPDATE: self.update, Op.REMOVE: self.remove}[write.op]
        if call is None:
            raise RejectedError(f"the connector has no way to {write.op} a {self.name}")
        request = call.request(known)
        response = yield request
        try:
            body = answers.taken(request, response)
        except DuplicateError:
            raise
        except RejectedError as error:
            if write.op is Op.CREATE and self.facts.tier is Tier.T2:
                yield from self._taken(write, error, answers, words)
            raise
        made = self.new_id.of(body, response) if write.op is Op.CREATE else str(write.remote_id)
        return (yield from self._steps(write, made, body, answers, known))

    def _taken(
        self, write: Write, error: RejectedError, answers: Answers, words: Words
    ) -> Flow[None]:
        """Raises DuplicateError where the marker is there already: what a system says to a key that
        is taken may be in any language."""
        by = {"marker": write.marker}
        if (yield from self.find_by(by, write.parents, answers, words)):
            raise DuplicateError(str(error), self.objects.marker) from None

    def _steps(
        self, write: Write, made: str, body: Any, answers: Answers, known: Mapping[str, object]
    ) -> Flow[Outcome]:
        """One that is refused leaves the object half done. Without an answer to one, the whole is
        open: the object is found again, and what it lacks is seen then."""
        seen = self._seen(body, write)
        for step in self.then.get(write.op, ()):
            if not step.applies(write.fields):
                continue
            request = step.call.request({**known, "id": made})
            try:
                answers.taken(request, (yield request))
            except RejectedError as error:
                return Outcome(made, seen, error)
        return Outcome(made, seen)

    def _together(
        self, together: Batch, batch: Sequence[Write], answers: Answers, words: Words
    ) -> Flow[Sequence[Outcome]]:
        known = [self._words(one, words) for one in batch]
        if together.call.numbers:
            known = [numbered(one) for one in known]
        items = [fill(together.items[one.op], said) for one, said in zip(batch, known, strict=True)]
        request = together.call.request({**words, "target": self.name, "items": items})
        response = yield request
        try:
            body = answers.taken(request, response)
        except RejectedError as error:
            return [Outcome(None, error=error) for _ in batch]
        results = at(body, together.results)
        if not isinstance(results, list) or len(results) != len(batch):
            place = written(together.results)
            raise ProtocolError(
                f"{len(batch)} were written together; no so many results at {place}"
            )
        outcomes = []
        for write, item in zip(batch, results, strict=True):
            refused = answers.refusal(item)
            if refused is not None:
                outcomes.append(Outcome(None, error=refused))
                continue
            new = write.op is Op.CREATE
            made = self.new_id.of(item, response) if new else write.remote_id
            outcomes.append(Outcome(made, self._seen(item, write)))
        return outcomes

    def _words(self, write: Write, words: Words) -> dict[str, object]:
        fields: dict[str, Value] = dict(write.fields)
        if write.op is Op.CREATE:
            fields = {path: one for path, one in fields.items() if one is not None}
            fields |= {self.objects.marker: write.marker} if self.objects.marker else {}
        sent = self.objects.body(fields)
        for word, parent in self.parents.items():
            if parent and write.op is Op.CREATE and word in write.parents:
                nested(sent, parent, write.parents[word])
        return {
            **self._known(words, write.parents),
            "id": write.remote_id,
            "marker": write.marker,
            "fields": sent,
            **{f"fields.{name}": one for name, one in sent.items()},
            "parents": dict(write.parents),
        }

    def _known(self, words: Words, parents: Mapping[str, str]) -> dict[str, object]:
        return {
            **words,
            "target": self.name,
            **{f"parent.{word}": one for word, one in parents.items()},
        }

    def _seen(self, body: Any, write: Write) -> Mapping[str, Value] | None:
        return None if write.op is Op.REMOVE else self.objects.seen(body, write.fields)

    # -- finding

    def find_by(
        self, by: Mapping[str, str], parents: Mapping[str, str], answers: Answers, words: Words
    ) -> Flow[Sequence[Found]]:
        known = self._known(words, parents)
        if not by:
            return (yield from self._every(self._lists(), answers, known))
        [(word, text)] = by.items()
        if word == "id":
            try:
                return [self.objects.found((yield from self._read(text, answers, known)))]
            except NotFoundError:
                return []
        path = str(self.objects.marker) if word == "marker" else word
        call = self.find or self._lists().call
        known |= {"field": path, "value": text}
        found = yield from self._every(replace(self._lists(), call=call), answers, known)
        return [one for one in found if one.fields.get(path) == text]

    def survey(self, position: str | None, answers: Answers, words: Words) -> Flow[FoundPage]:
        lists = self._lists()
        known = self._known(words, {})
        rows, step, _ = yield from lists.page(lists.call, answers, known, position)
        return FoundPage([self.objects.found(row) for _, row in rows], step.next)

    def setup(
        self, wanted: Sequence[FieldDef], write: bool, answers: Answers, words: Words
    ) -> Flow[Sequence[FieldDef]]:
        custom = self.custom
        if custom is None or custom.known is None:
            return []
        known = self._known(words, {})
        request = custom.known.request(known)
        found = at(answers.taken(request, (yield request)), custom.records)
        if isinstance(found, Mapping) and not custom.name:
            names = set(found)
        else:
            names = {as_text(at(row, custom.name)) for row in rows_at(found, ())}
        names |= {f"{custom.prefix}.{name}" for name in names}
        missing = [one for one in wanted if one.path not in names]
        for one in missing if write and custom.create else ():
            name = one.path.removeprefix(f"{custom.prefix}.")
            about = {"path": one.path, "name": name, "type": one.type, "label": one.label}
            assert custom.create is not None
            made = custom.create.request({**known, **about})
            answers.taken(made, (yield made))
        return missing

    def _lists(self) -> Listing:
        assert self.listing is not None, f"{self.name} has no list"
        return self.listing

    def _read(self, key: str, answers: Answers, words: Words) -> Flow[Mapping[str, Any]]:
        request = self.single.request({**words, "id": key})
        body = answers.taken(request, (yield request))
        rows = rows_at(body, self.objects.object_at, one=True)
        if not rows:
            raise NotFoundError(f"there is no {self.name} of this id")
        return rows[0]

    def _every(self, lists: Listing, answers: Answers, words: Words) -> Flow[list[Found]]:
        rows = yield from lists.every(answers, words)
        return [self.objects.found(row) for _, row in rows]


def _merged(old: Any, new: Any) -> Any:
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    return {**old, **{name: _merged(old.get(name), one) for name, one in new.items()}}
