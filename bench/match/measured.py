"""What matching makes of a population, beside the truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bench.match.spoiled import Population
from syncd.matching import RULES, Match, Rules, Verdict, party_of, suggest


@dataclass(frozen=True, slots=True)
class Measured:
    """`apart`: links between records that both have a tax id, of companies that have others."""

    links: tuple[Match, ...]
    asked: tuple[Match, ...]
    wrong: tuple[Match, ...]
    apart: tuple[Match, ...]
    missed: frozenset[tuple[str, str]]
    true: int

    @property
    def precision(self) -> float:
        return 1 - len(self.wrong) / max(len(self.links), 1)

    @property
    def recall(self) -> float:
        return 1 - len(self.missed) / max(self.true, 1)

    @property
    def automatic(self) -> float:
        return (len(self.links) - len(self.wrong)) / max(self.true, 1)

    def reasons(self) -> Counter[str]:
        return Counter(one.why for one in self.asked)


def measure(made: Population, rules: Rules = RULES, home: str = "RU") -> Measured:
    customers = (party_of(one, home) for one in made.customers)
    found = suggest(customers, (party_of(one, home) for one in made.cards), rules)
    links = tuple(one for one in found if one.verdict is Verdict.LINK)
    asked = tuple(one for one in found if one.verdict is Verdict.ASK)
    legal = made.legal
    typed = {one.key for one in made.customers if one.tax_id}
    typed |= {one.key for one in made.cards if one.tax_id}
    return Measured(
        links=links,
        asked=asked,
        wrong=tuple(one for one in links if (one.customer, one.card) not in made.true),
        apart=tuple(
            one
            for one in links
            if one.customer in typed
            and one.card in typed
            and legal[f"books:{one.customer}"] != legal[f"card:{one.card}"]
        ),
        missed=made.true - {(one.customer, one.card) for one in found},
        true=len(made.true),
    )
