"""Parties of one side by their evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from syncd.matching.party import Party
from syncd.matching.rules import RULES, TAX_ID, Finding, Match, Rules, Verdict


class Index:
    """`cards`: whether these are the cards, else they are the customers of the books."""

    def __init__(
        self, parties: Iterable[Party], rules: Rules = RULES, *, cards: bool = True
    ) -> None:
        self._rules = rules
        self._cards = cards
        self._by: dict[str, list[Party]] = defaultdict(list)
        for party in parties:
            for number in party.legal_ids:
                self._by[number].append(party)

    def matches(self, party: Party) -> Sequence[Match]:
        """Best first. As one against all, so that what other parties of its side say is not
        considered; `suggest` does."""
        found = {one.key: one for number in party.legal_ids for one in self._by[number]}
        verdict = Verdict.LINK if len(found) == 1 else Verdict.ASK
        why = "" if verdict is Verdict.LINK else f"{len(found)} fit"
        weight = self._rules.weights[TAX_ID]
        finding = Finding(TAX_ID, "tax id is the same", weight)
        pairs = [(party, one) if self._cards else (one, party) for one in found.values()]
        return [Match(a.key, b.key, weight, (finding,), verdict, why) for a, b in pairs]


def suggest(
    customers: Iterable[Party], cards: Iterable[Party], rules: Rules = RULES
) -> Sequence[Match]:
    index = Index(cards, rules)
    return [one for customer in customers for one in index.matches(customer)]


def evidence(customer: Party, card: Party) -> bytes:
    """16 bytes, others exactly when there is other evidence about this pair."""
    shared = sorted({*customer.legal_ids} & {*card.legal_ids})
    return blake2b(repr(shared).encode(), digest_size=16).digest()
