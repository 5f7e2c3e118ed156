"""Which words a mapping file may use, taken from the canonical records themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.domain import (
    CANONICAL,
    TRIGGERS,
    Allocation,
    Contact,
    Figures,
    Kind,
    Money,
    Reason,
    State,
    Term,
)
from syncd.mapping.transforms import Shape


class Known(msgspec.Struct, frozen=True):
    """`required`: a record without it is held. `row` is the class of the rows of a table part."""

    shape: Shape
    required: bool
    row: Row | None = None
    own: bool = False
    """Added by a mapping: in the record's extras."""


Row = type[Allocation] | type[Contact] | type[Figures] | type[Term]
_ROWS: Mapping[object, Row] = {
    tuple[Allocation, ...]: Allocation,
    tuple[Contact, ...]: Contact,
    tuple[Figures, ...]: Figures,
    tuple[Term, ...]: Term,
}
_SHAPES = (
    (dt.date, Shape.DATE),
    (Money, Shape.MONEY),
    (State, Shape.STATE),
    (Reason, Shape.REASON),
    (int, Shape.NUMBER),
)


def _shape(hint: object) -> tuple[Shape, Row | None]:
    for part, shape in _SHAPES:
        if hint in (part, part | None):
            return shape, None
    return (Shape.ROWS, _ROWS[hint]) if hint in _ROWS else (Shape.TEXT, None)


def _words(record: type[Any]) -> dict[str, Known]:
    found = {}
    for field in msgspec.structs.fields(record):
        shape, row = _shape(field.type)
        found[field.name] = Known(shape, field.required, row)
    return found


_NO_WORDS = ("key", "extras")

INBOUND: Mapping[Kind, Mapping[str, Known]] = {
    kind: {word: known for word, known in _words(record).items() if word not in _NO_WORDS}
    for kind, record in CANONICAL.items()
}
"""What a books file gives; the key is the record's own."""

ROW_WORDS: Mapping[type[Any], Mapping[str, Known]] = {
    row: _words(row) for row in (Allocation, Contact, Figures, Term)
}

OPEN_ITEM: Mapping[str, Known] = {
    word: msgspec.structs.replace(known, required=False)
    for word, known in ROW_WORDS[Figures].items()
}
"""The words of a row that is added up: it has any of them."""

PERSON: Mapping[str, Known] = {**ROW_WORDS[Contact], "name": Known(Shape.TEXT, required=False)}
"""The words of a contact as it is read: one without a name is left out, and holds nobody up."""

_MONEY, _TEXT, _DATE, _COUNT = (
    Known(shape, False) for shape in (Shape.MONEY, Shape.TEXT, Shape.DATE, Shape.NUMBER)
)

FIGURES: Mapping[str, str] = {
    "receivable": "receivable",
    "prepaid": "prepaid",
    "credits": "credits",
    "overdue": "overdue",
    "total_sales": "total_sales",
    "sales_12m": "sales_12m",
    "average_order": "average_order",
    "open_orders_total": "open_orders",
}
"""Words of a card that are one amount per currency, and the fields of its `Sums`."""
OPEN_ITEMS = frozenset({"receivable", "prepaid", "credits"})
"""Words of a card that are known without any document."""

OWNED_WORDS = tuple(word for word in INBOUND[Kind.WON] if word in INBOUND[Kind.CUSTOMER])
"""Words of a customer that both sides have, so that one of them may own it."""

OWNER = "owner"
"""The word of a customer that is no text of the books: the user of the CRM whose card it is."""

DOCUMENTS = (Kind.ORDER, Kind.INVOICE, Kind.PAYMENT, Kind.CREDIT_NOTE, Kind.ADJUSTMENT)

_CARD: Mapping[str, Known] = {
    **dict.fromkeys(FIGURES, _MONEY),
    **dict.fromkeys(("overdue_since", "first_order", "last_order", "last_payment"), _DATE),
    **dict.fromkeys(("proven", "unproven"), _DATE),
    **dict.fromkeys(("orders_count", "open_orders_count"), _COUNT),
    **dict.fromkeys(("open_orders", "ageing", "stage", "seller", "line"), _TEXT),
}


_NOT_OUT = ("extras", "merged_into")


def _outbound(kind: Kind) -> dict[str, Known]:
    if kind is Kind.CARD:
        return dict(_CARD)
    words = {word: k for word, k in _words(CANONICAL[kind]).items() if word not in _NOT_OUT}
    if kind in DOCUMENTS:
        words |= {"currency": _TEXT, "line": _TEXT}
    return {word: known for word, known in words.items() if known.shape is not Shape.ROWS}


AMOUNT: Mapping[Kind, str] = {
    kind: "total" if kind in (Kind.ORDER, Kind.INVOICE, Kind.CREDIT_NOTE) else "amount"
    for kind in DOCUMENTS
}
"""The word of a document that is its amount."""

OUTBOUND: Mapping[Kind, Mapping[str, Known]] = {kind: _outbound(kind) for kind in Kind}
"""What may be written: the record's own words, `currency` of a document's amount, a `line` that is
said, and the figures of a card."""

PER_ALLOCATION: Mapping[str, Known] = {
    "invoice": Known(Shape.TEXT, True),
    "amount": Known(Shape.MONEY, True),
}
"""More words of an object that is written once per allocation; `amount` is then its part."""

PER_CONTACT: Mapping[str, Known] = {
    word: known for word, known in ROW_WORDS[Contact].items() if word != "key"
}
"""The words of an object that is written once per contact; none of its record's."""

IN_CRM = (*TRIGGERS, Kind.WON)
"""Kinds that a CRM file reads."""
TO_CRM = (Kind.CUSTOMER, *DOCUMENTS, Kind.CARD, Kind.DEAL_ORDERS)
IN_BOOKS = (Kind.CUSTOMER, *DOCUMENTS, Kind.BALANCE)
TO_BOOKS = (Kind.WON,)
