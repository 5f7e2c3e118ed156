"""What two parties must have in common to be compared at all."""

from __future__ import annotations

from collections.abc import Iterator

from syncd.matching.party import Party
from syncd.matching.scripts import has_han

NUMBER, ACCOUNT, EMAIL, PHONE, DOMAIN, NAME = "i", "a", "e", "p", "d", "j"
PLACED, WORD, BEGIN, END, PAIR, PLACE = "c", "w", "b", "f", "h", "s"

_PART = 4
"""Letters at either end of a word: a slip of the pen spoils one end only."""


def joined(party: Party) -> str:
    return "".join(sorted(party.name.split()))


def certain(party: Party) -> Iterator[tuple[str, str]]:
    """Evidence as it is, which is worth less the more parties have it."""
    for number in party.legal_ids:
        yield NUMBER, number.partition(":")[2]
    for kind, values in (
        (ACCOUNT, party.accounts),
        (EMAIL, party.emails),
        (PHONE, party.phones),
        (DOMAIN, party.domains),
    ):
        for value in values:
            yield kind, value
    if party.street and any(char.isdigit() for char in party.street):
        yield PLACE, party.street if has_han(party.street) else f"{party.postcode} {party.street}"
    if party.name:
        yield NAME, joined(party)
        yield from ((WORD, word) for word in party.name.split())


def keys(party: Party) -> Iterator[tuple[str, str]]:
    """Those, and what only brings parties together."""
    yield from certain(party)
    if party.name and party.city:
        yield PLACED, f"{joined(party)} {party.city}"
    for word in party.name.split():
        if has_han(word):
            yield from ((PAIR, word[at : at + 2]) for at in range(len(word) - 1))
        elif len(word) > _PART:
            yield BEGIN, word[:_PART]
            yield END, word[-_PART:]
