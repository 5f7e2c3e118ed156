"""Writes objects of one kind, finds them again, and lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any

import msgspec

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
from syncd.rest.custom import CustomFields
from syncd.rest.listing import Listing
from syncd.rest.objects import Objects, nested
from syncd.rest.states import State
from syncd.rest.words import Call, Path, Tree, Words, as_text, at, fill, numbered, words_of, written


class NewId(msgspec.Struct, frozen=True):
    """Where the id of a new object is: in the body, or behind the last slash of a header; with
    `marked` it is that of the object with the marker in the list there."""

    path: Path = ()
    header: str | None = None
    marked: bool = False

    def of(self, body: Any, response: Response, objects: Objects, marker: str) -> str:
        if self.marked:
            rows = (objects.found(row) for row in rows_at(body, self.path))
            found: Any = next((one.remote_id for one in rows if one.marker == marker), None)
        elif self.header is not None:
            place = response.headers.get(self.header, "").partition("?")[0].rstrip("/")
            found = place.rpartition("/")[2]
        else:
            found = at(body, self.path)
        if type(found) is str and found:  # most are
            return found
        if isinstance(found, str | int) and not isinstance(found, bool) and found != "":
            return str(found)
        place = f"the header {self.header}" if self.header else written(self.path)
        raise ProtocolError(f"HTTP {response.status} to a create, without an id at {place}")


class Batch(msgspec.Struct, frozen=True, dict=True):
    """Several writes in one request; `results` are in the order of the items."""

    call: Call
    items: Mapping[Op, Tree]
    results: Path

    @cached_property
    def bare(self) -> bool:
        """Its items take nothing of a write but its id, its marker and its fields as a whole."""
        used = {word for tree in self.items.values() for word in words_of(tree)}
        more = any(word == "parents" or word.startswith(("parent.", "fields.")) for word in used)
        return not more and not self.call.numbers


class Step(msgspec.Struct, frozen=True):
    """A further call after a create or an update. It is left out where one of the fields `needs`
    has no value, or where `when` names another value than a field has."""

    call: Call
    needs: tuple[str, ...] = ()
    when: Mapping[str, str] = msgspec.field(default_factory=dict)

    def applies(self, fields: Mapping[str, Value]) -> bool:
        return all(fields.get(name) is not None for name in self.needs) and all(
            fields.get(name) is not None and as_text(fields[name]) == wanted
            for name, wanted in self.when.items()
        )


class Target(msgspec.Struct, frozen=True):
    """`whole`: an update sends back the whole object, read just before. `single` None: one object
    is looked for among all of its parents. `finds` are the calls for single fields, in place of
    `find`. `singly`: a list does not show all of an object, so that each is read by its id. `then`
    are the steps after the call."""

    facts: Facts
    name: str
    objects: Objects
    create: Call | None
    update: Call | None
    remove: Call | None
    single: Call | None
    listing: Listing | None
    find: Call | None
    parents: Mapping[str, Path] = msgspec.field(default_factory=dict)
    whole: bool = False
    new_id: NewId = NewId()
    batch: Batch | None = None
    custom: CustomFields | None = None
    finds: Mapping[str, Call] = msgspec.field(default_factory=dict)
    singly: bool = False
    states: Mapping[str, State] = msgspec.field(default_factory=dict)
    apart: Mapping[Op, frozenset[str]] = msgspec.field(default_factory=dict)
    """Names in a body that a call has by their own words, and so not among its `{fields}`."""
    then: Mapping[Op, tuple[Step, ...]] = msgspec.field(default_factory=dict)

    # -- writing

    def push(
        self, batch: Sequence[Write], answers: Answers, words: Words
    ) -> Flow[Sequence[Outcome]]:
        if self.batch and self._goes_together(self.batch, batch):
            return (yield from self._together(self.batch, batch, answers, words))
        outcomes = []
        for write in batch:
            try:
                outcomes.append((yield from self._alone(write, answers, words)))
            except RejectedError as error:
                outcomes.append(Outcome(None, error=error))
        return outcomes

    def _goes_together(self, together: Batch, batch: Sequence[Write]) -> bool:
        """One alone, where the system has no call for one."""
        alone = len(batch) == 1 and self._call(batch[0].op) is not None
        return not alone and all(one.op in together.items for one in batch)

    def _call(self, op: Op) -> Call | None:
        return {Op.CREATE: self.create, Op.UPDATE: self.update, Op.REMOVE: self.remove}[op]

    def _alone(self, write: Write, answers: Answers, words: Words) -> Flow[Outcome]:
        states = {path: one for path, one in write.fields.items() if path in self.states}
        plain = {path: one for path, one in write.fields.items() if path not in states}
        if not states:
            return (yield from self._written(write, answers, words))[0]
        outcome, body = Outcome(write.remote_id, {}), None
        done = bool(plain) or write.op is Op.CREATE
        if done:
            told = msgspec.structs.replace(write, fields=plain)
            outcome, body = yield from self._written(told, answers, words)
            if outcome.error:
                return outcome
        try:
            return (yield from self._moved(write, outcome, body, answers, words))
        except RejectedError as error:
            if not done:
                raise
            return msgspec.structs.replace(outcome, error=error)

    def _written(self, write: Write, answers: Answers, words: Words) -> Flow[tuple[Outcome, Any]]:
        """With the body of the answer."""
        known = self._words(write, words)
        if write.op is Op.UPDATE and self.whole:
            row = yield from self._read(str(write.remote_id), answers, known)
            known["fields"] = _merged(at(row, self.objects.values_at) or {}, known["fields"])
        call = self._call(write.op)
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
        made = str(write.remote_id)
        if write.op is Op.CREATE:
            made = self.new_id.of(body, response, self.objects, write.marker)
        return (yield from self._steps(write, made, body, answers, known)), body

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

    def _moved(
        self, write: Write, outcome: Outcome, body: Any, answers: Answers, words: Words
    ) -> Flow[Outcome]:
        """With the calls that bring about the values of states, where the object has others. What
        it has is read where the answer does not show it: most answers to such calls do not."""
        known = {**self._words(msgspec.structs.replace(write, remote_id=outcome.remote_id), words)}
        for path, value in write.fields.items():
            state = self.states.get(path)
            if state is None:
                continue
            body = yield from self._showing(path, outcome, body, answers, known)
            if self.objects.shown(body, path) != value:
                call = state.calls.get(as_text(value))
                if call is None:
                    raise RejectedError(f"{path} cannot become {value}", path)
                request = call.request(known)
                try:
                    body = answers.taken(request, (yield request))
                except RejectedError as error:
                    raise error if error.field else type(error)(str(error), path) from error
                body = yield from self._showing(path, outcome, body, answers, known)
        return msgspec.structs.replace(outcome, seen=self.objects.seen(body, write.fields))

    def _showing(
        self, path: str, outcome: Outcome, body: Any, answers: Answers, words: Words
    ) -> Flow[Any]:
        """The body, if it shows this field; else that of the object as it is now."""
        if self.objects.shown(body, path) is not None:
            return body
        return (yield from self._body(str(outcome.remote_id), answers, words))

    def _together(
        self, together: Batch, batch: Sequence[Write], answers: Answers, words: Words
    ) -> Flow[Sequence[Outcome]]:
        items = self._items(together, batch, words)
        request = together.call.request({**words, "target": self.name, "items": items})
        repeatable = self.facts.tier is Tier.T1 and all(one.op is not Op.REMOVE for one in batch)
        request = replace(request, repeatable=repeatable)
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
            made = write.remote_id
            if new:
                made = self.new_id.of(item, response, self.objects, write.marker)
            outcomes.append(Outcome(made, self._seen(item, write)))
        return outcomes

    def _items(self, together: Batch, batch: Sequence[Write], words: Words) -> list[object]:
        if together.bare and not any(self.apart.values()):
            known, items = self._known(words, {}), list[object]()
            for one in batch:
                known["id"], known["marker"] = one.remote_id, one.marker
                known["fields"] = self._sent(one)
                items.append(fill(together.items[one.op], known))
            return items
        each = [self._words(one, words) for one in batch]
        if together.call.numbers:
            each = [numbered(one) for one in each]
        return [fill(together.items[one.op], said) for one, said in zip(batch, each, strict=True)]

    def _sent(self, write: Write) -> dict[str, object]:
        """The fields, with the parents that stand among them."""
        sent = self.objects.sent(write)
        if self.parents and write.op is Op.CREATE:
            for word, path in self.parents.items():
                if path and word in write.parents:
                    nested(sent, path, write.parents[word])
        return sent

    def _words(self, write: Write, words: Words) -> dict[str, object]:
        sent, known = self._sent(write), self._known(words, write.parents)
        known |= {"id": write.remote_id, "marker": write.marker, "parents": dict(write.parents)}
        known["fields"] = sent
        apart = self.apart.get(write.op)
        if apart or (self.then and self.then.get(write.op)):
            known["fields"] = {name: one for name, one in sent.items() if name not in (apart or ())}
            known |= {f"fields.{name}": one for name, one in sent.items()}
        return known

    def _known(self, words: Words, parents: Mapping[str, str]) -> dict[str, object]:
        known = {**words, "target": self.name}
        for word, one in parents.items():
            known[f"parent.{word}"] = one
        return known

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
        if word == "id" and self.single is None:
            found = yield from self._every(self._lists(), answers, known)
            return [one for one in found if one.remote_id == text]
        if word == "id":
            try:
                return [self.objects.found((yield from self._read(text, answers, known)))]
            except NotFoundError:
                return []
        path = str(self.objects.marker) if word == "marker" else word
        call = self.finds.get(path) or self.find or self._lists().call
        known |= {"field": path, "value": text}
        found = yield from self._every(replace(self._lists(), call=call), answers, known)
        if word == "marker":
            return [one for one in found if one.marker == text]
        return [one for one in found if one.fields.get(path) == text]

    def survey(self, position: str | None, answers: Answers, words: Words) -> Flow[FoundPage]:
        lists = self._lists()
        known = self._known(words, {})
        rows, step, _ = yield from lists.page(lists.call, answers, known, position)
        return FoundPage((yield from self._shown(rows, answers, known)), step.next)

    def setup(
        self, wanted: Sequence[FieldDef], write: bool, answers: Answers, words: Words
    ) -> Flow[Sequence[FieldDef]]:
        if self.custom is None:
            return []
        known = self._known(words, {})
        return (yield from self.custom.setup(wanted, write, answers, known))

    def _lists(self) -> Listing:
        assert self.listing is not None, f"{self.name} has no list"
        return self.listing

    def _read(self, key: str, answers: Answers, words: Words) -> Flow[Mapping[str, Any]]:
        body = yield from self._body(key, answers, words)
        rows = rows_at(body, self.objects.object_at, one=True)
        if not rows:
            raise NotFoundError(f"there is no {self.name} of this id")
        return rows[0]

    def _body(self, key: str, answers: Answers, words: Words) -> Flow[Any]:
        assert self.single is not None, f"{self.name} has no by_id"
        request = self.single.request({**words, "id": key})
        return answers.taken(request, (yield request))

    def _every(self, lists: Listing, answers: Answers, words: Words) -> Flow[list[Found]]:
        rows = yield from lists.every(answers, words)
        return (yield from self._shown(rows, answers, words))

    def _shown(
        self, rows: Sequence[tuple[str, Mapping[str, Any]]], answers: Answers, words: Words
    ) -> Flow[list[Found]]:
        if not self.singly:
            return [self.objects.found(row) for _, row in rows]
        found = []
        for key, _ in rows:
            with suppress(NotFoundError):  # it went meanwhile
                found.append(self.objects.found((yield from self._read(key, answers, words))))
        return found


def _merged(old: Any, new: Any) -> Any:
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    return {**old, **{name: _merged(old.get(name), one) for name, one in new.items()}}
