"""What an author of a connector writes for the conformance kit, and what a check gets."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar, cast, runtime_checkable

import msgspec

from syncd.domain import Kind, Value
from syncd.errors import AccessError, RejectedError, SyncdError
from syncd.guide import Discovery, Guide
from syncd.port import Connector, FieldDef, Flow, Read, Request, Response
from tests.conformance.line import Wire

T = TypeVar("T")
D = TypeVar("D")


class Untrue(AssertionError):
    """The system behaves otherwise than the connector declares."""


class Run(Protocol):
    """Drives a flow to its result, as the transport does."""

    def __call__(self, flow: Flow[T]) -> T: ...


class BooksDriver(Protocol):
    """Acts in the books by another way than the connector's.

    `page` is the connector's page size: keep it small by an option. `can` names what is possible
    with a kind, beyond seeding and editing it: `touch`, `child`, `delete`, `void`, `stamp`.
    """

    page: int
    can: Mapping[Kind, frozenset[str]]

    def read(self, kind: Kind) -> Read:
        """The object and the paths as a mapping would read them."""

    def seed(self, kind: Kind, count: int) -> Sequence[str]:
        """Makes so many records, as close together in time as the system allows; their keys."""

    def edit(self, kind: Kind, key: str) -> None:
        """Changes a value of the record itself."""

    def touch(self, kind: Kind, key: str) -> None:
        """Moves the stamp alone."""

    def stamp(self, kind: Kind, key: str, moment: dt.datetime) -> None:
        """Gives the record this time in place of its own: the one that reads of what changed go by,
        whether the system keeps it or people type it."""

    def edit_child(self, kind: Kind, key: str) -> None:
        """Changes a value of a row that is read with the record, without saving the record."""

    def delete(self, kind: Kind, key: str) -> None: ...

    def void(self, kind: Kind, key: str) -> None:
        """Cancels it, unposts it, loses it: it stays, and no longer counts."""

    def unknown(self, kind: Kind) -> str:
        """A well-formed key that no record has."""

    def count(self, kind: Kind) -> int:
        """How many records a full pass should give."""

    def wait(self, seconds: float) -> None:
        """Lets the system's own clock move on."""


class CrmDriver(Protocol):
    """Knows the CRM's fields, and looks at it by another way than the connector's.

    `markers` is the path of each target's marker, `currencies` the path of a document's currency
    (targets that have one).
    """

    markers: Mapping[str, str]
    currencies: Mapping[str, str]

    def fields(self, target: str, n: int) -> Mapping[str, Value]:
        """Every declared field but the marker, in the form the system itself would keep; the same
        target with another `n` has other values, unique ones too."""

    def changed(self, target: str, n: int) -> Mapping[str, Value]:
        """Other values for the fields that can change, with a None among them where one may be
        empty. {} where nothing can change."""

    def bad(self, target: str, n: int) -> Mapping[str, Value]:
        """Like `fields`, but the system refuses it for a value of its own."""

    def gone(self, target: str) -> str:
        """A well-formed remote id that is no longer there, or never was."""

    def count(self, target: str, marker: str, parents: Mapping[str, str]) -> int:
        """How many objects really have this marker, with these parents."""

    def wait(self, seconds: float) -> None:
        """Lets the system's own clock move on."""


@runtime_checkable
class ByHand(Protocol):
    """What the driver of a CRM offers beside the rest whose targets do not make their fields."""

    def make(self, field: FieldDef) -> None:
        """Makes the custom field as a person would."""


@dataclass(frozen=True)
class Subject(Generic[D]):
    """`stranger` drives a flow like `run`, with secrets that are not the right ones; it is asked
    for only where `Facts.secrets` names any. Over `wire` the kit stands between the transport and
    the system."""

    connector: Connector
    run: Run
    driver: D
    stranger: Run | None = None
    wire: Wire | None = None


def holds(condition: object, sentence: str) -> None:
    """Raises Untrue with the sentence, unless the condition is true."""
    if not condition:
        raise Untrue(sentence)


def reading_only(flow: Flow[T]) -> Flow[T]:
    """The same flow; Untrue as soon as a request of it may change something."""
    try:
        request = next(flow)
        while True:
            holds(not request.write, f"{request.method} {request.path} may write")
            try:
                response = yield request
            except SyncdError as error:
                request = flow.throw(error)
            else:
                request = flow.send(response)
    except StopIteration as end:
        result: T = end.value
        return result


def stranger(subject: Subject[D], about: str) -> None:
    """A wrong secret is told as one, and the right one is good afterwards."""
    assert subject.stranger, "the subject has no stranger"
    try:
        known = subject.stranger(subject.connector.identity())
    except AccessError:
        subject.run(subject.connector.identity())
        return
    holds(False, f"a wrong secret is let in, to {known}")


MOST_ANSWERS = 50
"""A flow of more answers than these is spoilt in the first of them alone."""


def _page(answer: Response) -> Response:
    head = {"content-type": "text/html; charset=utf-8"}
    return Response(200, head, "<html><h1>Вход в сеть</h1></html>".encode())


def _half(answer: Response) -> Response:
    return msgspec.structs.replace(answer, body=answer.body[: len(answer.body) // 2])


SPOILS: Mapping[str, Callable[[Response], Response]] = {
    "a web page": _page,
    "half of the answer": _half,
}


@dataclass
class Spoiler:
    """Another answer in place of one, the first is 0. `spoilt` is what was asked for then."""

    nth: int
    spoil: Callable[[Response], Response]
    spoilt: Request | None = field(default=None, init=False)

    def __call__(self, flow: Flow[T]) -> Flow[T]:
        left = self.nth
        request = next(flow)
        try:
            while True:
                try:
                    response = yield request
                except SyncdError as error:
                    request = flow.throw(error)
                    continue
                if left == 0 and response.body:
                    self.spoilt, response = request, self.spoil(response)
                left -= 1
                request = flow.send(response)
        except StopIteration as end:
            result: T = end.value
            return result


def distrustful(subject: Subject[D], made: Callable[[], Flow[T]]) -> None:
    """An answer that is no answer ends a flow, whichever of them it is: nothing is concluded."""
    for name, spoil in SPOILS.items():
        for nth in range(MOST_ANSWERS):
            spoiler = Spoiler(nth, spoil)
            said: object
            try:
                said = subject.run(spoiler(made()))
            except RejectedError as error:
                said = error
            except SyncdError:
                continue
            asked = spoiler.spoilt
            if asked is None:
                break
            holds(False, f"{name} to {asked.method} {asked.path} is taken for an answer: {said}")


def guided(subject: Subject[D], about: str) -> None:
    """What a guide tells is true of the connection and the same each time, and asking for it writes
    nothing."""
    guide = cast(Guide, subject.connector)
    greeting = subject.run(reading_only(guide.greet()))
    holds(greeting.databases is None or greeting.databases, "a list of databases that is empty")
    days = [dt.date(2000, 1, 1), dt.date(2200, 1, 1)]
    before: Discovery | None = None
    for time in ("first", "second"):
        found = subject.run(reading_only(guide.discover(days, days[0])))
        told = dataclasses.replace(found, at=None)
        holds(before in (None, told), f"nothing happened, and {before} is {told} now")
        before = told
        identity = subject.run(subject.connector.identity())
        holds(found.company in identity.label, f"{found.company} is not {identity.label}")
        holds(found.at is None or found.at.utcoffset() is not None, "its time has no zone")
        for kind, counts in found.documents.items():
            holds(len(counts) == 3, f"{kind}: {len(counts)} counts for two days")
            holds(list(counts) == sorted(counts, reverse=True), f"{kind}: {counts} grows")
            holds(counts[2] == 0, f"{kind}: {counts[2]} documents of the year 2200")
        refused = [right.what for right in found.rights if right.allowed is False]
        holds(not refused, f"the {time} time {refused} is refused, and everything is read here")
