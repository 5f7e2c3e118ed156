"""How much each kind of evidence weighs, and what is made of the sum."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

TAX_ID, ACCOUNT, EMAIL, PHONE = "tax_id", "account", "email", "phone"
DOMAIN, NAME, ADDRESS = "domain", "name", "address"
OTHER_TAX_ID, OTHER_NAME = "other_tax_id", "other_name"

SPEAKS_FOR: Mapping[str, float] = {
    TAX_ID: 70.0,
    ACCOUNT: 50.0,
    EMAIL: 45.0,
    PHONE: 40.0,
    DOMAIN: 20.0,
    NAME: 45.0,
    ADDRESS: 35.0,
}
"""What each weighs where it is the same on both sides and nobody else has it."""

SPEAKS_AGAINST: Mapping[str, float] = {OTHER_TAX_ID: 30.0, OTHER_NAME: 25.0}
"""What is taken off where both sides have one and they differ."""

WORDS = (*SPEAKS_FOR, *SPEAKS_AGAINST)


class Verdict(StrEnum):
    LINK = "link"
    ASK = "ask"


class Rules(msgspec.Struct, frozen=True):
    """`weights` by WORDS, none below zero. A score from `upper` on is a link if nothing speaks
    against it, one from `lower` on a question, and below there is nothing. `ignore` is no evidence:
    tax ids, phones, e-mails, domains, accounts and names, as people write them."""

    weights: Mapping[str, float] = msgspec.field(
        default_factory=lambda: {**SPEAKS_FOR, **SPEAKS_AGAINST}
    )
    upper: float = 90.0
    lower: float = 35.0
    ignore: tuple[str, ...] = ()
    home: str = ""
    """Country (ISO 3166-1 alpha-2) of phones and tax ids that name none; empty: as the books
    tell."""

    make: bool = True
    """Whether a card is made for who has none; else they wait until there is one."""

    def meaning(self) -> object:
        made = [] if self.make else ["none made"]
        return [dict(self.weights), self.upper, self.lower, list(self.ignore), self.home, *made]


RULES = Rules()


class Finding(msgspec.Struct, frozen=True):
    """One piece of evidence: `says` is for a person, `weight` is below zero where it speaks
    against."""

    word: str
    says: str
    weight: float


class Match(msgspec.Struct, frozen=True):
    """A customer of the books and a card, by their keys. `score` is the sum of the findings'
    weights; `why` says why this is no link, and is empty where it is one."""

    customer: str
    card: str
    score: float
    findings: tuple[Finding, ...]
    verdict: Verdict
    why: str = ""
