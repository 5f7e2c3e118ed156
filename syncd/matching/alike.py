"""How alike two names and two addresses are."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from syncd.matching.party import Party
from syncd.matching.scripts import has_han

_SLIP, _TWO_SLIPS = 5, 10
"""Letters of a word from which on one, or two of them may be wrong."""
ALIKE, UNLIKE = 0.45, 0.35
"""Up from here the names speak for it, and below against it."""
_WHOLE = 70
"""Per cent of two whole names, blanks aside, that are the same where their words are not."""
_INITIAL, _BEGINNING, _TYPO = 0.8, 0.8, 0.92


def slip(one: str, other: str) -> bool:
    """Whether it is the same word, mistyped. Numbers are never."""
    shorter = min(len(one), len(other))
    if shorter < _SLIP or [*filter(str.isdigit, one)] != [*filter(str.isdigit, other)]:
        return False
    most = 2 if shorter >= _TWO_SLIPS else 1
    return OSA.distance(one, other, score_cutoff=most) <= most


def _word(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if one.isdigit() or other.isdigit():
        return 0.0
    if len(one) == 1 or len(other) == 1:
        return _INITIAL if one[0] == other[0] else 0.0
    if slip(one, other):
        return _TYPO
    if min(len(one), len(other)) >= 4 and (one.startswith(other) or other.startswith(one)):
        return _BEGINNING
    return 0.0


def names(mine: Party, theirs: Party, rare: Callable[[str], float]) -> float | None:
    """From 0 to 1, which is the same name; None where one has none, or they are written in letters
    that do not compare. `rare`: what a word is worth."""
    one, other = mine.name.split(), theirs.name.split()
    if not one or not other:
        return None
    if sorted(one) == sorted(other):
        return 1.0
    whole, whole_other = "".join(one), "".join(other)
    if whole == whole_other:
        return 1.0
    kanji = has_han(whole), has_han(whole_other)
    if all(kanji):
        return fuzz.ratio(whole, whole_other) / 100
    if any(kanji) and not {*one} & {*other}:
        return None
    if slip(whole, whole_other):
        return 0.95
    share = _shared(one, other, rare)
    if share < ALIKE and mine.kana != theirs.kana:
        return None  # サービス is how Japanese hears "service": no letters to compare
    return max(share, ALIKE) if fuzz.ratio(whole, whole_other) >= _WHOLE else share


def _shared(one: list[str], other: list[str], rare: Callable[[str], float]) -> float:
    if len(one) > len(other) or (len(one) == len(other) and one > other):
        one, other = other, one
    left = list(other)
    found = 0.0
    for word in sorted(one, key=lambda each: (-len(each), each)):
        best = max(left, key=lambda each: (_word(word, each), each), default="")
        quality = _word(word, best) if best else 0.0
        if quality:
            left.remove(best)
            found += quality * (rare(word) + rare(best))
    return min(found / sum(rare(word) for word in (*one, *other)), 0.99)


class Places(msgspec.Struct, frozen=True):
    """`city`: None where it cannot be said. `share` of an address that is the same, 0 to 1."""

    city: bool | None
    share: float


def places(mine: Party, theirs: Party) -> Places:
    city = _city(mine.city, theirs.city)
    code = bool(mine.postcode) and mine.postcode == theirs.postcode
    if code and city is False:
        city = None
    street = bool(mine.street and theirs.street) and city is not False
    close = street and fuzz.ratio(mine.street, theirs.street) >= 85
    digits = [*filter(str.isdigit, mine.street)] == [*filter(str.isdigit, theirs.street)]
    share = (0.5 if close and digits else 0.25 if close else 0.0) + (0.25 if code else 0.0)
    return Places(city, share + (0.25 if city else 0.0))


def _city(one: str, other: str) -> bool | None:
    if not one or not other:
        return None
    if one == other or slip(one, other):
        return True
    return None if has_han(one) != has_han(other) else False
