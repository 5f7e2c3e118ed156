"""The conformance kit: what every connector promises, checked against a running system.

An author writes a driver that works on the system behind the connector's back (`BooksDriver` or
`CrmDriver`), and gets one case per promise and kind:

    @pytest.mark.parametrize("case", books_cases(FACTS, MyDriver.can), ids=str)
    def test_conformance(case, subject):
        case(subject)

A case that does not apply is left out by a declared fact alone; `not_applicable` says which and
why. docs/connector-authors.md tells the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from syncd.domain import Kind, Value
from syncd.port import Connector, Facts, Flow, Read

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


@dataclass(frozen=True)
class Case(Generic[D]):
    """One promise about one kind or target; raises Untrue where it is broken."""

    name: str
    about: str
    check: Callable[[Subject[D], str], None]

    def __call__(self, subject: Subject[D]) -> None:
        self.check(subject, self.about)

    def __str__(self) -> str:
        return f"{self.name}-{self.about}" if self.about else self.name


def books_cases(facts: Facts, can: Mapping[Kind, frozenset[str]]) -> Sequence[Case[BooksDriver]]:
    from tests.conformance import books

    about_all = Case[BooksDriver]("identity", "", books.identity)
    return [about_all] + [
        Case(name, kind, check)
        for kind in facts.sources
        for name, check in books.CHECKS.items()
        if books.NEEDS.get(name, frozenset()) <= can.get(kind, frozenset())
    ]


def crm_cases(facts: Facts) -> Sequence[Case[CrmDriver]]:
    from tests.conformance import crm

    about_all = Case[CrmDriver]("identity", "", crm.identity)
    return [about_all] + [
        Case(name, target, check)
        for target in facts.targets
        for name, (check, reason) in crm.CHECKS.items()
        if reason(facts, target) is None
    ]


def not_applicable(facts: Facts) -> Mapping[str, str]:
    """Case -> the declared fact that leaves it out."""
    from tests.conformance import crm

    reasons = {
        f"{name}-{target}": reason(facts, target)
        for target in facts.targets
        for name, (_, reason) in crm.CHECKS.items()
    }
    return {case: reason for case, reason in reasons.items() if reason is not None}


def holds(condition: object, sentence: str) -> None:
    if not condition:
        raise Untrue(sentence)


def broken(cases: Sequence[Case[D]], subject: Callable[[], Subject[D]]) -> Mapping[str, str]:
    """Name -> sentence of every promise that does not hold; each case gets a subject of its own.

    Any error of syncd's own that leaves a flow breaks the promise too."""
    from syncd.errors import SyncdError

    found: dict[str, str] = {}
    for case in cases:
        try:
            case(subject())
        except (AssertionError, SyncdError) as error:
            found[str(case)] = str(error)
    return found
