"""The conformance kit: what every connector promises, checked against a running system.

An author writes a driver that works on the system behind the connector's back (`BooksDriver` or
`CrmDriver`), and gets one case per promise and kind:

    @pytest.mark.parametrize("case", books_cases(FACTS, MyDriver.can), ids=str)
    def test_conformance(case, subject):
        case(subject)

A case that does not apply is left out by a declared fact alone; `not_applicable` says which and
why. docs/connector-guide.md tells the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from syncd.domain import Kind
from syncd.errors import SyncdError
from syncd.port import Facts
from tests.conformance import books, crm
from tests.conformance.driver import (
    BooksDriver,
    CrmDriver,
    D,
    Run,
    Subject,
    Untrue,
    guided,
    stranger,
)
from tests.conformance.line import Connect, Wire

__all__ = [
    "BooksDriver",
    "Case",
    "Connect",
    "CrmDriver",
    "Run",
    "Subject",
    "Untrue",
    "Wire",
    "books_cases",
    "broken",
    "crm_cases",
    "not_applicable",
]


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


ALIKE = frozenset({Kind.LEAD, Kind.LABEL})
"""Kinds that a driver need not make: most connectors read them by the code for deals and cards."""


def books_cases(facts: Facts, can: Mapping[Kind, frozenset[str]]) -> Sequence[Case[BooksDriver]]:
    return [
        Case[BooksDriver]("identity", "", books.identity),
        *([Case[BooksDriver]("stranger", "", stranger)] if facts.secrets else []),
        *([Case[BooksDriver]("guided", "", guided)] if facts.guides else []),
    ] + [
        Case(name, kind, check)
        for kind in facts.sources
        if kind in can or kind not in ALIKE
        for name, check in books.CHECKS.items()
        if books.left_out(name, facts, kind, can.get(kind, ())) is None
    ]


def crm_cases(facts: Facts) -> Sequence[Case[CrmDriver]]:
    return [
        Case[CrmDriver]("identity", "", crm.identity),
        *([Case[CrmDriver]("stranger", "", stranger)] if facts.secrets else []),
        *([Case[CrmDriver]("guided", "", guided)] if facts.guides else []),
    ] + [
        Case(name, target, check)
        for target, one in facts.targets.items()
        for name, (check, reason) in crm.CHECKS.items()
        if one.made and reason(facts, target) is None
    ]


def not_applicable(
    facts: Facts, can: Mapping[Kind, frozenset[str]] | None = None
) -> Mapping[str, str]:
    """Case -> the declared fact that leaves it out; `can` is the books driver's."""
    reasons = {
        f"{name}-{target}": reason(facts, target)
        for target, one in facts.targets.items()
        for name, (_, reason) in crm.CHECKS.items()
        if one.made
    }
    for kind in facts.sources:
        if kind in ALIKE and kind not in (can or {}):
            continue
        for name in books.CHECKS:
            able = (can or {}).get(kind, ())
            reasons[f"{name}-{kind}"] = books.left_out(name, facts, kind, able)
    reasons["stranger"] = None if facts.secrets else "no secrets"
    reasons["guided"] = None if facts.guides else "no guide"
    return {case: reason for case, reason in reasons.items() if reason is not None}


def broken(cases: Sequence[Case[D]], subject: Callable[[], Subject[D]]) -> Mapping[str, str]:
    """Name -> sentence of every promise that does not hold; each case gets a subject of its own.

    An error of syncd's own that leaves a flow breaks the promise too.
    """
    found: dict[str, str] = {}
    for case in cases:
        try:
            case(subject())
        except (Untrue, SyncdError) as error:
            found[str(case)] = str(error)
    return found
