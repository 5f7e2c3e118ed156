"""Two parties side by side: what speaks for one company, what against, and what keeps a person in
between."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b

import msgspec

from syncd.matching import blocks
from syncd.matching import rules as words
from syncd.matching.alike import ALIKE, UNLIKE, Places, names, places
from syncd.matching.legal import Same, compared
from syncd.matching.names import BRANCH
from syncd.matching.party import Party
from syncd.matching.rules import Finding, Rules

Common = Callable[[tuple[str, str]], int]
"""How many parties of one side have this evidence; of the side where they are more."""

_MANY = 5
_NEAR = 0.4
_WORTH = 0.6
"""Of a contact's weight: it is not shared with others."""


class Compared(msgspec.Struct, frozen=True):
    """`against`: why a person has to look at it, whatever the score."""

    score: float
    findings: tuple[Finding, ...]
    same: Same
    against: str


def compare(mine: Party, theirs: Party, rules: Rules, common: Common) -> Compared:
    same, number = compared(mine.legal_ids, theirs.legal_ids)
    name = names(mine, theirs, lambda word: _rarity(common((blocks.WORD, word))))
    place = places(mine, theirs)
    contacts = list(_contacts(mine, theirs, rules.weights, common))
    findings = [*_numbers(same, number, rules.weights, common), *contacts]
    if name is not None:
        often = common((blocks.NAME, blocks.joined(mine))) if name == 1.0 else 1
        findings += _named(name, often, rules.weights)
    findings += _placed(mine, theirs, place, rules.weights, common)
    against = _between(mine, theirs, same)
    if same is not Same.SAME:
        against = against or _unnumbered(mine, theirs, name, place.city)
        own = [one for one in contacts if one.word != words.DOMAIN]
        if not any(one.weight >= _WORTH * rules.weights[one.word] for one in own):
            against = against or "neither a tax id nor a contact of its own in common"
    elif name is not None and name < UNLIKE and not contacts:
        against = against or "the tax id is the same, and the names differ"
    score = round(sum(one.weight for one in findings), 1)
    return Compared(score, tuple(findings), same, against)


def _rarity(count: int) -> float:
    return 1 / (1 + math.log(max(count, 1)))


def _numbers(
    same: Same, number: str, weights: Mapping[str, float], common: Common
) -> Iterator[Finding]:
    if same is Same.SAME:
        often = common((blocks.NUMBER, number))
        weight = weights[words.TAX_ID] * min(1, _MANY / max(often, 1))
        yield Finding(words.TAX_ID, f"tax id {number} is the same", round(weight, 1))
    elif same is Same.NEAR:
        weight = round(weights[words.TAX_ID] * _NEAR, 1)
        yield Finding(words.TAX_ID, "the tax ids differ by one slip of the pen", weight)
    elif same is Same.OTHER:
        yield Finding(words.OTHER_TAX_ID, "the tax ids differ", -weights[words.OTHER_TAX_ID])


def _contacts(
    mine: Party, theirs: Party, weights: Mapping[str, float], common: Common
) -> Iterator[Finding]:
    """Of each kind the one that the fewest have."""
    mailed: set[str] = set()
    for word, kind, one, other, label in (
        (words.ACCOUNT, blocks.ACCOUNT, mine.accounts, theirs.accounts, "bank account"),
        (words.EMAIL, blocks.EMAIL, mine.emails, theirs.emails, "e-mail"),
        (words.PHONE, blocks.PHONE, mine.phones, theirs.phones, "phone"),
        (words.DOMAIN, blocks.DOMAIN, mine.domains, theirs.domains, "domain"),
    ):
        shared = {*one} & {*other} - mailed
        if not shared or not weights[word]:
            continue
        often = min(max(common((kind, value)), 1) for value in shared)
        says = f"{label} is the same"
        if often > 1:
            says += f", as {often} have it"
        yield Finding(word, says, round(weights[word] / often, 1))
        if word == words.EMAIL:
            mailed = {value.rpartition("@")[2] for value in shared}


def _named(share: float, often: int, weights: Mapping[str, float]) -> Iterator[Finding]:
    said = f"{share * 100:.0f} %"
    if share == 1.0:
        weight = weights[words.NAME] / max(often, 1) ** 0.15
        says = "name is the same" + (f", as {often} have it" if often > 1 else "")
        yield Finding(words.NAME, says, round(weight, 1))
    elif share > ALIKE:
        weight = weights[words.NAME] * (share - ALIKE) / (1 - ALIKE)
        yield Finding(words.NAME, f"name is alike {said}", round(weight, 1))
    elif share < UNLIKE:
        yield Finding(words.OTHER_NAME, f"name is alike {said} only", -weights[words.OTHER_NAME])


def _placed(
    mine: Party, theirs: Party, place: Places, weights: Mapping[str, float], common: Common
) -> Iterator[Finding]:
    """A house is worth less the more parties are in it."""
    shared = {key for key in blocks.certain(mine) if key[0] == blocks.PLACE}
    shared &= {*blocks.certain(theirs)}
    often = max([1, *map(common, shared)])
    weight = round(weights[words.ADDRESS] * place.share / often, 1)
    if weight:
        says = "the address is the same" if place.share > 0.7 else "the address is alike"
        yield Finding(words.ADDRESS, says, weight)


def _between(mine: Party, theirs: Party, same: Same) -> str:
    if same in (Same.OTHER, Same.NEAR):
        return "the tax ids differ"
    if same is Same.UNCLEAR:
        return "the tax ids are of different registers"
    if mine.branch and theirs.branch and mine.branch != theirs.branch:
        return "two offices of one company (КПП)"
    if (BRANCH in mine.forms) != (BRANCH in theirs.forms):
        return "one of them is a branch office"
    return ""


def _unnumbered(mine: Party, theirs: Party, name: float | None, city: bool | None) -> str:
    """What must not be without a common tax id."""
    if name != 1.0:
        return "no tax id in common, and the name is not the same"
    if mine.forms and theirs.forms and not {*mine.forms} & {*theirs.forms}:
        return "the legal forms differ"
    if city is False:
        return "the cities differ"
    if mine.country and theirs.country and mine.country != theirs.country:
        return "the countries differ"
    if mine.phones and theirs.phones and not {*mine.phones} & {*theirs.phones}:
        return "the phones differ"
    shared = {*mine.emails, *mine.domains} & {*theirs.emails, *theirs.domains}
    if mine.emails and theirs.emails and not shared:
        return "the e-mails differ"
    return ""


def evidence(customer: Party, card: Party) -> bytes:
    """16 bytes, others exactly when there is other evidence about this pair: a value that both
    have, how their tax ids stand to each other, their names or towns where those come nearer."""
    name, place = names(customer, card, lambda _: 1.0), places(customer, card)
    same, _ = compared(customer.legal_ids, card.legal_ids)
    shared = sorted({*blocks.certain(customer)} & {*blocks.certain(card)})
    near = None if name is None or name < ALIKE else round(name, 1)
    meaning = [same.value, shared, near, place.city, place.share]
    return blake2b(repr(meaning).encode(), digest_size=16).digest()
