"""Debts and payments of one order set against each other, the debt due first before the others.

What a document moves depends on the others of its order, so one that is posted, taken back or
written again moves the rows of those too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from syncd.sandbox.onec.base import Recorder
from syncd.sandbox.onec.shapes import NO_DATE


@dataclass(frozen=True, slots=True)
class Group:
    """What is settled together: keys. `order` is '' for what names none."""

    customer: str
    organisation: str
    contract: str
    currency: str
    order: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A part of a document: plus, the customer owes more; minus, less."""

    group: Group
    date: str
    recorder: Recorder
    amount: Decimal
    due: str = NO_DATE


@dataclass(frozen=True, slots=True)
class Movement:
    """A row to be: a `debt` or else an advance of `document`; plus, the customer owes more."""

    fact: Fact
    debt: bool
    document: Recorder
    amount: Decimal
    due: str = NO_DATE


@dataclass(slots=True)
class _Open:
    document: Recorder
    due: str
    amount: Decimal


class Ledger:
    """The facts of all posted documents."""

    def __init__(self) -> None:
        self._facts: dict[Recorder, list[Fact]] = {}
        self._groups: dict[Group, dict[Recorder, None]] = {}
        self._moved: dict[Group, dict[Recorder, list[Movement]]] = {}

    def put(self, recorder: Recorder, facts: Iterable[Fact]) -> Mapping[Recorder, list[Movement]]:
        """The facts of one document, none where it is not posted; gives the movements of every
        document that its orders concern."""
        before = self._facts.pop(recorder, [])
        after = [fact for fact in facts if fact.amount]
        if after:
            self._facts[recorder] = after
        groups = dict.fromkeys(fact.group for fact in (*before, *after))
        for group in groups:
            members = self._groups.setdefault(group, {})
            members.pop(recorder, None)
            if any(fact.group == group for fact in after):
                members[recorder] = None
            self._moved[group] = self._settled(group, members)
        touched = dict.fromkeys([recorder])
        for group in groups:
            touched |= self._groups[group]
        return {one: list(self._all(one)) for one in touched}

    def _all(self, recorder: Recorder) -> Iterator[Movement]:
        for group in dict.fromkeys(fact.group for fact in self._facts.get(recorder, [])):
            yield from self._moved[group].get(recorder, [])

    def _settled(self, group: Group, members: Iterable[Recorder]) -> dict[Recorder, list[Movement]]:
        facts = [fact for one in members for fact in self._facts[one] if fact.group == group]
        facts.sort(key=lambda fact: (fact.date, fact.amount < 0, fact.due, fact.recorder))
        made: dict[Recorder, list[Movement]] = {}
        for movement in settled(facts):
            made.setdefault(movement.fact.recorder, []).append(movement)
        return made


def settled(facts: Iterable[Fact]) -> Iterator[Movement]:
    """`facts` of one group, in order of time."""
    debts: list[_Open] = []
    advances: list[_Open] = []
    for fact in facts:
        if fact.amount > 0:
            yield Movement(fact, True, fact.recorder, fact.amount, fact.due)
            own = _Open(fact.recorder, fact.due, fact.amount)
            for document, part, _ in _take(advances, own.amount):
                yield Movement(fact, False, document, part)
                yield Movement(fact, True, fact.recorder, -part, fact.due)
                own.amount -= part
            if own.amount:
                debts.append(own)
                debts.sort(key=lambda one: one.due)
            continue
        left = -fact.amount
        for document, part, due in _take(debts, left):
            yield Movement(fact, True, document, -part, due)
            left -= part
        if left:
            yield Movement(fact, False, fact.recorder, -left)
            advances.append(_Open(fact.recorder, NO_DATE, left))


def _take(held: list[_Open], amount: Decimal) -> Iterator[tuple[Recorder, Decimal, str]]:
    while held and amount:
        first = held[0]
        part = min(first.amount, amount)
        first.amount -= part
        amount -= part
        if not first.amount:
            held.pop(0)
        yield first.document, part, first.due
