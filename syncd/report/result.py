"""What a report says: tables of exact values, and the checks that tell whether they are right."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

import msgspec

from syncd.domain import MICRO, Money
from syncd.mapping.languages import minor_units
from syncd.report.period import Period

Cell = str | int | Money | Decimal | dt.date | None
Group = tuple[Cell, ...]
NAMED = 5
"""Customers that a check names; the rest is counted."""


class Shape(StrEnum):
    """What stands in a column. Customers are keys, months their first days, shares per cent."""

    CUSTOMER = "customer"
    SELLER = "seller"
    ORGANISATION = "organisation"
    STAGE = "stage"
    MONTH = "month"
    TEXT = "text"
    CURRENCY = "currency"
    MONEY = "money"
    COUNT = "count"
    NUMBER = "number"
    DAY = "day"
    SHARE = "share"


RIGHT = frozenset({Shape.MONEY, Shape.COUNT, Shape.NUMBER, Shape.SHARE})


class Column(msgspec.Struct, frozen=True):
    """`sign` shows how the columns of a row add up: `+ invoiced - credited = closing`."""

    word: str
    shape: Shape
    sign: str = ""

    @property
    def head(self) -> str:
        return f"{self.sign} {self.word}".strip()


@dataclass(slots=True)
class Table:
    """`totals` are of the same columns, one a currency; `by_name`: rows are to be sorted by the
    customer's name; `sheet` is a shorter title."""

    title: str
    columns: Sequence[Column]
    rows: list[Group] = field(default_factory=list)
    totals: list[Group] = field(default_factory=list)
    by_name: bool = False
    sheet: str = ""


class Check(msgspec.Struct, frozen=True):
    """`what` was compared for so many; `later` of them differ because the next run works their card
    out again, or because a document is being corrected. `named` are some that differ and should
    not."""

    what: str
    compared: int
    noun: str
    differ: int
    later: int
    named: Sequence[str]
    sums: Sequence[Money]
    next: str

    @property
    def holds(self) -> bool:
        return not self.differ


class Basis(msgspec.Struct, frozen=True):
    """What the report was made of. `fresh`: when all that it is made of had last been read;
    `incomplete` are kinds that never were read completely. Outside: documents of customers that
    the mapping leaves out."""

    today: dt.date
    zone: str
    fresh: dt.datetime | None
    incomplete: Sequence[str]
    history: dt.date | None
    outside: int
    unreadable: int
    proofs: Proofs | None


class Proofs(msgspec.Struct, frozen=True):
    """The newest comparison of each card with the books."""

    at: dt.datetime
    cards: int
    agreed: int


class Findings(msgspec.Struct, frozen=True):
    """What one report found; `notes` are sentences about what is not in it."""

    tables: Sequence[Table]
    checks: Sequence[Check] = ()
    notes: Sequence[str] = ()


class Result(msgspec.Struct, frozen=True):
    """`names` are those of the customers in it; None: keys alone were asked for."""

    report: str
    pair: str
    by: str | None
    period: Period | None
    basis: Basis
    tables: Sequence[Table]
    checks: Sequence[Check]
    notes: Sequence[str]
    names: Mapping[str, str] | None

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


class Grid:
    """Sums of millionths by group and currency."""

    def __init__(self) -> None:
        self._sums: defaultdict[tuple[Group, str], Counter[str]] = defaultdict(Counter)

    def add(self, group: Group, word: str, money: Money) -> None:
        self._sums[group, money.currency][word] += money.micros

    def groups(self) -> Iterator[tuple[Group, str, Counter[str]]]:
        """Groups with anything in them; those without a name come last."""
        for group, code in sorted(self._sums, key=lambda one: (order(one[0]), one[1])):
            sums = self._sums[group, code]
            if any(sums.values()):
                yield group, code, sums

    def fill(self, table: Table, words: Sequence[str]) -> Table:
        """A row a group and currency, and the totals."""
        totals: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for group, code, sums in self.groups():
            table.rows.append((*group, code, *(Money(sums[word], code) for word in words)))
            totals[code].update({word: sums[word] for word in words})
        rest = (None,) * (table.columns.index(CURRENCY) - 1)
        for code in sorted(totals):
            moneys = (Money(totals[code][word], code) for word in words)
            table.totals.append(("all", *rest, code, *moneys))
        return table


CURRENCY = Column("currency", Shape.CURRENCY)
GROUPS = {
    "customer": Column("customer", Shape.CUSTOMER),
    "seller": Column("seller", Shape.SELLER),
    "organisation": Column("organisation", Shape.ORGANISATION),
    "stage": Column("stage", Shape.STAGE),
    "month": Column("month", Shape.MONTH),
}
"""The first column by what `--by` names."""


def amounts(*heads: str) -> list[Column]:
    """Columns of money; a head may begin with its sign: `+ invoiced`."""
    return [CURRENCY, *(money(head) for head in heads)]


def money(head: str) -> Column:
    return _column(head, Shape.MONEY)


def count(head: str) -> Column:
    return _column(head, Shape.COUNT)


def _column(head: str, shape: Shape) -> Column:
    sign, _, word = head.partition(" ") if head[0] in "+-=" else ("", "", head)
    return Column(word, shape, sign)


def share(part: int, whole: int) -> Decimal | None:
    """Per cent, one digit, rounded down: only all are 100."""
    return Decimal(part * 1000 // whole) / 10 if whole else None


def order(group: Group) -> list[tuple[bool, str]]:
    """Groups without a name come last."""
    return [(cell is None, str(cell).casefold()) for cell in group]


def told(amount: Money) -> str:
    return f"{number(amount):,} {amount.currency}"


def number(amount: Money) -> Decimal:
    """In the currency's own digits, or more where the amount has more: nothing is hidden."""
    exact = Decimal(amount.micros) / MICRO
    exponent = exact.normalize().as_tuple().exponent
    needed = -exponent if isinstance(exponent, int) else 0
    digits = max(minor_units(amount.currency), needed)
    return exact.quantize(Decimal(1).scaleb(-digits))
