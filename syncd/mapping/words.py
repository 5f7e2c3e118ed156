"""Which words a mapping file may use, taken from the canonical records themselves."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any, get_type_hints

from syncd.domain import CANONICAL, Allocation, Figures, Kind, Money, State
from syncd.mapping.transforms import Shape


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """`required`: a record without it is held. `row` is the class of the rows of a table part."""

    shape: Shape
    required: bool
    row: type[Allocation] | type[Figures] | None = None


_ROWS: Mapping[object, type[Allocation] | type[Figures]] = {
    tuple[Allocation, ...]: Allocation,
    tuple[Figures, ...]: Figures,
}


def _shape(hint: object) -> tuple[Shape, type[Allocation] | type[Figures] | None]:
    for part, shape in ((dt.date, Shape.DATE), (Money, Shape.MONEY), (State, Shape.STATE)):
        if hint in (part, part | None):
            return shape, None
    return (Shape.ROWS, _ROWS[hint]) if hint in _ROWS else (Shape.TEXT, None)


def _words(record: type[Any]) -> dict[str, Known]:
    hints = get_type_hints(record)
    found = {}
    for field in dataclasses.fields(record):
        shape, row = _shape(hints[field.name])
        found[field.name] = Known(shape, field.default is dataclasses.MISSING, row)
    return found


INBOUND: Mapping[Kind, Mapping[str, Known]] = {
    kind: {word: known for word, known in _words(record).items() if word != "key"}
    for kind, record in CANONICAL.items()
}
"""What a books file gives; the key is the record's own."""

ROW_WORDS: Mapping[type[Any], Mapping[str, Known]] = {
    row: _words(row) for row in (Allocation, Figures)
}

_MONEY, _TEXT = Known(Shape.MONEY, False), Known(Shape.TEXT, False)


def _outbound(kind: Kind) -> dict[str, Known]:
    words = _words(CANONICAL[kind])
    if kind in (Kind.INVOICE, Kind.PAYMENT):
        words["currency"] = _TEXT
    if kind is Kind.BALANCE:
        words |= {"receivable": _MONEY, "prepaid": _MONEY, "line": _TEXT}
    return {word: known for word, known in words.items() if known.shape is not Shape.ROWS}


OUTBOUND: Mapping[Kind, Mapping[str, Known]] = {kind: _outbound(kind) for kind in Kind}
"""What a CRM file may write: the record's own words, `currency` of a document's amount, and the
figures and the line of a balance."""

PER_ALLOCATION: Mapping[str, Known] = {"invoice": Known(Shape.TEXT, True)}
"""More words of a payment that is written once per allocation; `amount` is then its part."""
