"""Whose card it is: the seller whom the books name, and the user of the CRM who is the same person.

Pure. A user is found by what the mapping says, by e-mail, or by name as people write names; where
two could be meant it is nobody.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from syncd.port import User

EMAIL, NAME = "email", "name"
WAYS = (EMAIL, NAME)

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_MOST = 5
"""Words of a name; longer ones have to be equal."""


class Seller(msgspec.Struct, frozen=True):
    """As the books name one."""

    name: str
    email: str | None = None


class People(msgspec.Struct, frozen=True):
    """What a mapping says of them: `by` which ways users are found, in this order; `named` the user
    of a seller, `fallback` that of all who have none, each by id or e-mail."""

    by: tuple[str, ...] = WAYS
    fallback: str | None = None
    named: Mapping[str, str] = msgspec.field(default_factory=dict)

    def meaning(self) -> object:
        return [list(self.by), self.fallback, dict(self.named)]


NOBODY = People()
"""What holds where a mapping says nothing."""


class Verdict(StrEnum):
    FOUND = "found"
    UNKNOWN = "unknown"
    INACTIVE = "inactive"
    AMBIGUOUS = "ambiguous"


SAYS: Mapping[Verdict, str] = {
    Verdict.UNKNOWN: "no user",
    Verdict.INACTIVE: "the user is inactive",
    Verdict.AMBIGUOUS: "several users fit",
}
"""Why a seller has no user, for a person."""


class Match(msgspec.Struct, frozen=True):
    """`user` is an id, and of FOUND alone."""

    verdict: Verdict
    user: str | None = None


def match(seller: Seller, users: Sequence[User], people: People) -> Match:
    """The first way that leads to anybody decides."""
    named = {folded(name): user for name, user in people.named.items()}.get(folded(seller.name))
    if named is not None:
        return _one(_called(named, users))
    for way in people.by:
        found = _by_email(seller, users) if way == EMAIL else _by_name(seller.name, users)
        if found:
            return _one(found)
    return Match(Verdict.UNKNOWN)


def fallback(users: Sequence[User], people: People) -> Match:
    """Who has the cards of sellers without a user; unknown too where nobody is named."""
    return _one(_called(people.fallback, users) if people.fallback else [])


def unread(seller: Seller, people: People) -> str | None:
    """The user's id by the mapping alone, while the users cannot be read."""
    named = {folded(name): user for name, user in people.named.items()}
    for user in (named.get(folded(seller.name)), people.fallback):
        if user is not None and "@" not in user:
            return user
    return None


def folded(name: str) -> str:
    """Without what does not tell two people apart: case, ё, dots and blanks."""
    return " ".join(_words(name))


def same(one: str, other: str) -> bool:
    """Whether two names may be one person's: the same words in any order, where an initial stands
    for a word and one of them may have words less; two at least, and one of them whole."""
    left, right = sorted((_words(one), _words(other)), key=len)
    if left and "".join(left) in {"".join(some) for some in _orders(right)}:
        return True  # 佐藤健太 is 佐藤 健太
    if len(left) < 2 or len(right) > _MOST:
        return False
    return any(
        all(_alike(*pair) for pair in zip(left, some, strict=False))
        and any(a == b and not _initial(a) for a, b in zip(left, some, strict=False))
        for some in _orders(right)
    )


def equal(one: str, other: str) -> bool:
    return sorted(_words(one)) == sorted(_words(other)) != []


def _by_email(seller: Seller, users: Sequence[User]) -> list[User]:
    email = seller.email or (seller.name if "@" in seller.name else None)
    return _mailed(email, users) if email else []


def _by_name(name: str, users: Sequence[User]) -> list[User]:
    """Names that are equal go before those that may be."""
    return [one for one in users if equal(name, one.name)] or [
        one for one in users if same(name, one.name)
    ]


def _called(named: str, users: Sequence[User]) -> list[User]:
    return _mailed(named, users) if "@" in named else [one for one in users if one.id == named]


def _mailed(email: str, users: Sequence[User]) -> list[User]:
    wanted = email.strip().casefold()
    return [one for one in users if one.email and one.email.strip().casefold() == wanted]


def _one(found: Sequence[User]) -> Match:
    """One who is active goes before any number of those who are not."""
    active = [one for one in found if one.active]
    if len(active) == 1:
        return Match(Verdict.FOUND, active[0].id)
    if active:
        return Match(Verdict.AMBIGUOUS)
    return Match(Verdict.INACTIVE if found else Verdict.UNKNOWN)


def _words(name: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", name).casefold().replace("ё", "е"))


def _orders(words: Sequence[str]) -> Sequence[Sequence[str]]:
    return list(itertools.permutations(words)) if len(words) <= _MOST else [words]


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    return (_initial(one) and other.startswith(one)) or (_initial(other) and one.startswith(other))


def _initial(word: str) -> bool:
    """One letter of an alphabet; a single character of a Japanese name is a name."""
    return len(word) == 1 and word.upper() != word
