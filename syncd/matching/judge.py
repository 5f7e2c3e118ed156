"""All pairs that come into question: which are links, which are asked about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from syncd.matching.compare import Compared
from syncd.matching.legal import Same
from syncd.matching.rules import Match, Rules, Verdict

_MARGIN = 30.0
"""Points that the best must be ahead of the next that fits."""
_ASKED = 3
"""Questions for one customer, and none about what has less than a third of the best score."""


class Pair(msgspec.Struct, frozen=True):
    customer: str
    card: str
    compared: Compared


def judged(pairs: Iterable[Pair], rules: Rules) -> Sequence[Match]:
    """By customer, best first. At most one link for a customer and for a card."""
    ordered = sorted(pairs, key=lambda one: (one.customer, -one.compared.score, one.card))
    by_customer: dict[str, list[Pair]] = defaultdict(list)
    by_card: dict[str, list[Pair]] = defaultdict(list)
    for pair in ordered:
        by_customer[pair.customer].append(pair)
        by_card[pair.card].append(pair)
    links: dict[str, Pair] = {}
    why: dict[tuple[str, str], str] = {}
    for pair in ordered:
        said = _why(pair, by_customer[pair.customer], by_card[pair.card], rules)
        why[pair.customer, pair.card] = said
        if not said:
            links[pair.customer] = pair
    linked = {pair.card: pair for pair in links.values()}
    found: list[Match] = []
    for customer, theirs in by_customer.items():
        asked, best = 0, theirs[0].compared.score
        for pair in theirs:
            said = why[customer, pair.card]
            if not said:
                found.append(_match(pair, Verdict.LINK, ""))
                continue
            settled = _settled(pair, links.get(customer), linked.get(pair.card))
            if asked < _ASKED and pair.compared.score >= best / 3 and not settled:
                found.append(_match(pair, Verdict.ASK, said))
                asked += 1
    return found


def _why(pair: Pair, of_customer: Sequence[Pair], of_card: Sequence[Pair], rules: Rules) -> str:
    """Why it is no link; empty if it is one."""
    if pair.compared.against:
        return pair.compared.against
    cards = 1 + sum(_rival(other, pair) for other in of_customer)
    customers = 1 + sum(_rival(other, pair) for other in of_card)
    if cards > 1:
        return f"{cards} cards fit"
    if customers > 1:
        return f"{customers} customers fit"
    if pair.compared.score < rules.upper:
        return "not enough speaks for it"
    return ""


def _rival(other: Pair, pair: Pair) -> bool:
    """Whether the other could be meant as well."""
    if other is pair:
        return False
    if other.compared.same is Same.SAME:
        return True
    if pair.compared.same is Same.SAME and other.compared.same is Same.OTHER:
        return False
    return other.compared.score >= pair.compared.score - _MARGIN


def _settled(pair: Pair, customer: Pair | None, card: Pair | None) -> bool:
    """Whether links leave nothing to ask about this pair."""
    if customer and card:
        return True
    link = customer or card
    return link is not None and pair.compared.same in (Same.OTHER, Same.NEAR)


def _match(pair: Pair, verdict: Verdict, why: str) -> Match:
    compared = pair.compared
    return Match(pair.customer, pair.card, compared.score, compared.findings, verdict, why)
