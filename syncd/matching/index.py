"""Parties of one side by their evidence, and those of them that may be a party of the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest

from syncd.matching import blocks
from syncd.matching.compare import Common, compare
from syncd.matching.judge import Pair, judged
from syncd.matching.leave import without
from syncd.matching.party import Party
from syncd.matching.rules import RULES, Match, Rules

_LARGEST: Mapping[str, int] = defaultdict(lambda: 40, {blocks.NUMBER: 200, blocks.NAME: 100})
"""Parties of a block; a larger one brings nobody together: what so many have says nothing."""
_MOST = 12
"""Parties that one is compared with: those with which it has the rarest things in common."""


class Index:
    """`cards`: whether these are the cards, else they are the customers of the books."""

    def __init__(
        self, parties: Iterable[Party], rules: Rules = RULES, *, cards: bool = True
    ) -> None:
        self.rules = rules
        self.clean = without(rules)
        self._cards = cards
        self._parties = sorted(map(self.clean, parties), key=lambda one: one.key)
        self._blocks: dict[tuple[str, str], list[int]] = {}
        for at, party in enumerate(self._parties):
            for key in dict.fromkeys(blocks.keys(party)):
                self._blocks.setdefault(key, []).append(at)

    def count(self, key: tuple[str, str]) -> int:
        return len(self._blocks.get(key, ()))

    def matches(self, party: Party) -> Sequence[Match]:
        """Best first. `party` is taken for the only one of its side: what others of it say is
        considered by `suggest` alone."""
        return judged(self.pairs(self.clean(party), self.count), self.rules)

    def pairs(self, party: Party, common: Common) -> list[Pair]:
        """Those from the lower threshold on."""
        found = []
        for other in self._near(party):
            compared = compare(party, other, self.rules, common)
            if compared.score >= self.rules.lower:
                ends = (party.key, other.key) if self._cards else (other.key, party.key)
                found.append(Pair(*ends, compared))
        return found

    def _near(self, party: Party) -> list[Party]:
        weighed: dict[int, float] = defaultdict(float)
        for key in dict.fromkeys(blocks.keys(party)):
            block = self._blocks.get(key, ())
            if 0 < len(block) <= _LARGEST[key[0]]:
                for at in block:
                    weighed[at] += 1 / len(block)
        best = nlargest(_MOST, weighed.items(), key=lambda item: (round(item[1], 6), -item[0]))
        return [self._parties[at] for at, _ in best]


def suggest(
    customers: Iterable[Party], cards: Iterable[Party], rules: Rules = RULES
) -> Sequence[Match]:
    """The first link-up of two systems: every link and every question, by customer and best first,
    whatever order the parties come in."""
    index = Index(cards, rules)
    asked = sorted(map(index.clean, customers), key=lambda one: one.key)
    often: dict[tuple[str, str], int] = defaultdict(int)
    for party in asked:
        for key in {*blocks.certain(party)}:
            often[key] += 1

    def common(key: tuple[str, str]) -> int:
        return max(index.count(key), often.get(key, 0))

    pairs = [pair for party in asked for pair in index.pairs(party, common)]
    return judged(pairs, rules)
