"""Who says what a field of a customer is, and what follows when both sides said something.

Pure. A field has an owner. What both own is merged: what they last agreed on, what the books say
now and what the card says now decide together which side has to hear of what, and where a person
has to choose. An echo of a write needs no receipt: it is what both agree on.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from syncd.image import manner, same


class Owner(StrEnum):
    BOOKS = "books"
    CRM = "crm"
    SHARED = "shared"


class Empty(StrEnum):
    """What it means that a side has nothing where something was agreed on."""

    SKIP = "skip_empty"
    """Nothing: the other side keeps its value, and this one stays empty."""
    VALUE = "null_is_value"
    """Somebody took the value away."""
    HOLD = "hold"
    """A person says which."""


UNTIL = ("first_order", "first_invoice", "first_payment")
"""Events after which the books own a field."""


class Rule(msgspec.Struct, frozen=True):
    """`until`: the event after which the books own it, whoever owned it before."""

    owner: Owner
    until: str | None = None
    empty: Empty = Empty.SKIP

    def now(self, reached: frozenset[str]) -> Owner:
        return Owner.BOOKS if self.until in reached else self.owner


class Owners(msgspec.Struct, frozen=True):
    """By word of a customer; the books own what is not named."""

    rules: Mapping[str, Rule] = msgspec.field(default_factory=dict)

    def meaning(self) -> object:
        return {word: [one.owner, one.until, one.empty] for word, one in self.rules.items()}


ALL_OF_THE_BOOKS = Owners()


class Says(StrEnum):
    """What a merge comes to."""

    NOTHING = "nothing"
    """Neither side hears anything new."""
    AGREED = "agreed"
    """Both say the same: the new base."""
    TO_BOOKS = "to books"
    TO_CRM = "to crm"
    CONFLICT = "conflict"
    """Both said something since they agreed, and not the same."""


def merge(word: str, rule: Rule, owner: Owner, base: str | None, books: str, crm: str) -> Says:
    """`base` is what both last agreed on, None: they never did. Empty text is nothing. `owner` is
    who owns it now."""
    if alike(word, books, crm):
        return Says.AGREED
    if owner is Owner.BOOKS:
        return Says.TO_CRM
    if owner is Owner.CRM and crm:
        return Says.TO_BOOKS
    if owner is Owner.CRM and base is not None and (base or rule.empty is not Empty.SKIP):
        return _emptied(rule.empty, Says.TO_BOOKS)
    if base is None:
        return Says.CONFLICT if books and crm else Says.TO_CRM if books else Says.TO_BOOKS
    books_moved, crm_moved = not alike(word, base, books), not alike(word, base, crm)
    if books_moved and crm_moved:
        if rule.empty is Empty.SKIP and not (books and crm):
            return Says.TO_CRM if books else Says.TO_BOOKS
        return Says.CONFLICT
    if books_moved:
        return Says.TO_CRM if books else _emptied(rule.empty, Says.TO_CRM)
    if crm_moved:
        return Says.TO_BOOKS if crm else _emptied(rule.empty, Says.TO_BOOKS)
    return Says.NOTHING


def _emptied(policy: Empty, told: Says) -> Says:
    return {Empty.SKIP: Says.NOTHING, Empty.VALUE: told, Empty.HOLD: Says.CONFLICT}[policy]


def alike(word: str, one: str, other: str) -> bool:
    """Whether two values differ in the manner of writing alone: case, blanks, the format of a
    phone, a number or a name, a long text cut. Such a difference is nobody's edit."""
    if same(one, other):
        return True
    if not one.strip() or not other.strip():
        return False
    if word == "email":
        return one.strip().casefold() == other.strip().casefold()
    if word == "phone" and _digits(one)[-_PHONE:] == _digits(other)[-_PHONE:] != "":
        return min(len(_digits(one)), len(_digits(other))) >= _PHONE
    return manner(one, other) is not None or manner(other, one) is not None


_PHONE = 10
"""So many digits from the end are one phone, however the country or the trunk stands before them:
8 495 123-45-67 is +7 495 123-45-67."""


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


LOOP = 2
"""How often a field may come back to what it was within a day before a person is asked."""


def loops(moves: list[str]) -> bool:
    """`moves` are marks of the values agreed on within a day, the oldest first."""
    returns = sum(a == c != b for a, b, c in zip(moves, moves[1:], moves[2:], strict=False))
    return returns >= LOOP
