"""Fields that a mapping adds to syncd's own: `customer.rating: rating | text`.

One line of the books' file reads such a field and says its type, one line of the CRM's file writes
it. In between it is part of the record like any other: in its image, its versions and its reasons.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

from syncd.domain import Kind
from syncd.mapping import grammar
from syncd.mapping.transforms import Shape
from syncd.mapping.words import DOCUMENTS, INBOUND, OUTBOUND, OWNER

EXTRAS: Mapping[Shape, str] = {
    Shape.TEXT: "text",
    Shape.NUMBER: "number",
    Shape.DATE: "date",
    Shape.MONEY: "money",
    Shape.FLAG: "flag",
}
"""What a field that a mapping adds can be, and the transform that says so."""

WITH_EXTRAS = frozenset({Kind.CUSTOMER, *DOCUMENTS, Kind.WON})
"""Kinds that such fields can be added to: those that are written somewhere."""

RESERVED = frozenset(
    word
    for kind in Kind
    for words in (INBOUND[kind], OUTBOUND[kind])
    for word in (*words, "key", "extras", "none", "say")
)
"""Words with a meaning of their own, on whatever kind: an added field has another name."""

Added = Mapping[Kind, Mapping[str, Shape]]
"""The fields that a file adds to what it reads, with what they are."""


def addable(word: str, kind: Kind, words: Iterable[str]) -> bool:
    """Whether a mapping may add a field of this name; not where it may be a slip of the pen for
    one of `words`, or for another word of this kind."""
    known = {*words, *INBOUND[kind], *OUTBOUND[kind]}
    plain = word.isidentifier() and word not in RESERVED | grammar.SECTION
    if kind is Kind.CUSTOMER and word == OWNER:
        return False
    return kind in WITH_EXTRAS and plain and not any(_slip(word, one) for one in known)


def _slip(typed: str, meant: str) -> bool:
    """One letter too many, too few or another, or two that changed places."""
    start = _alike(typed, meant)
    one, other = typed[start:], meant[start:]
    end = _alike(one[::-1], other[::-1])
    one, other = one[: len(one) - end], other[: len(other) - end]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


def _alike(one: str, other: str) -> int:
    """With how many letters both begin."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


HOW = "; a field of your own ends in its type, e.g. `| text` or `| number`"
"""Behind what an unknown word is told, where one may be added."""
