"""What an author of a connector writes for the conformance kit, and what a check gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from syncd.domain import Kind, Value
from syncd.port import Connector, Flow, Read

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
    with a kind, beyond seeding and editing it: `touch`, `child`, `delete`.
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

    def edit_child(self, kind: Kind, key: str) -> None:
        """Changes a value of a row that is read with the record, without saving the record."""

    def delete(self, kind: Kind, key: str) -> None: ...

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


@dataclass(frozen=True)
class Subject(Generic[D]):
    connector: Connector
    run: Run
    driver: D


def holds(condition: object, sentence: str) -> None:
    """Raises Untrue with the sentence, unless the condition is true."""
    if not condition:
        raise Untrue(sentence)
