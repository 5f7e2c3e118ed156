"""The first link-up of two systems that are full: which customers and which cards seem the same.

Worked out of the mirror; no system is asked and nothing is changed. What a person linked or
rejected is not asked again, a rejected pair only where something new speaks for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from syncd.domain import Kind
from syncd.errors import UsageError
from syncd.matching import RULES, Match, Party, Rules, Verdict, evidence
from syncd.matching import suggest as matched
from syncd.store import link_journal, links
from syncd.store.link_journal import Change
from syncd.store.links import Link
from syncd.sync import parties
from syncd.sync.matched import BY
from syncd.sync.pair import Pair, Scene

BAND, HIGHEST = 10, 120
"""How wide a line of the confidence table is, and where the last one begins."""


class Proposal(msgspec.Struct, frozen=True):
    """One pair as a person decides about it: personal data. `says` is the evidence in words, `seal`
    its fingerprint. `linked`: it was linked by evidence alone, and nobody confirmed that."""

    customer: str
    customer_name: str
    card: str
    card_name: str
    score: float
    verdict: Verdict
    says: tuple[str, ...]
    why: str
    seal: str
    linked: bool = False


class Band(msgspec.Struct, frozen=True):
    """Pairs whose score is `least` or more, and less than that of the band above."""

    least: int
    link: int
    ask: int


class Suggested(msgspec.Struct, frozen=True):
    """`rejected` are pairs that somebody rejected and for which nothing new speaks;
    `customers_alone` and `cards_alone` have no counterpart."""

    customers: int
    cards: int
    linked: int
    rejected: int
    customers_alone: int
    cards_alone: int
    proposals: tuple[Proposal, ...]

    def count(self, verdict: Verdict) -> int:
        """Those that are not linked yet."""
        return sum(one.verdict is verdict and not one.linked for one in self.proposals)

    @property
    def unconfirmed(self) -> int:
        return sum(one.linked for one in self.proposals)

    @property
    def bands(self) -> list[Band]:
        """The highest first."""
        found = Counter(
            (min(int(one.score) // BAND * BAND, HIGHEST), one.verdict) for one in self.proposals
        )
        leasts = sorted({least for least, _ in found}, reverse=True)
        return [Band(one, found[one, Verdict.LINK], found[one, Verdict.ASK]) for one in leasts]


class Linked(msgspec.Struct, frozen=True):
    """One customer: its link, what became of it, oldest first, what fits now, and the links of
    others `beside` it on its card, the primary one first; personal data."""

    customer: str
    name: str
    link: Link | None
    changes: tuple[Change, ...]
    proposals: tuple[Proposal, ...]
    beside: tuple[Link, ...] = ()


def linked(scene: Scene, key: str) -> Linked:
    of = (scene.pair.crm.name, scene.pair.books.name)
    link = next((one for one in links.each(scene.tx, *of) if one.books_key == key), None)
    fits = (
        ()
        if link and link.by != BY
        else tuple(one for one in suggest(scene).proposals if one.customer == key)
    )
    name = names(scene, Kind.CUSTOMER, [key]).get(key, "")
    changes = link_journal.of_customer(scene.tx, *of, key)
    there = links.to_books(scene.tx, scene.pair.crm.name, link.card_id) if link else ()
    return Linked(key, name, link, tuple(changes), fits, tuple(one for one in there if one != link))


def suggest(scene: Scene) -> Suggested:
    """UsageError before anything was read."""
    if not {Kind.CUSTOMER, Kind.WON} <= scene.streams.keys():
        raise UsageError(f"pair {scene.pair.name} has read nothing yet; next: syncd run")
    pair = scene.pair
    crm, books = pair.crm.name, pair.books.name
    customers = {one.key: one for one in parties.customers(scene)}
    cards = {one.key: one for one in parties.cards(scene)}
    every = links.each(scene.tx, crm, books)
    settled = [one for one in every if one.by != BY]
    unconfirmed = {(one.books_key, one.card_id) for one in every if one.by == BY}
    rejected = link_journal.rejected(scene.tx, crm, books)
    free = _without(customers, {one.books_key for one in settled})
    free_cards = _without(cards, {one.card_id for one in settled})
    has_card, has_customer = dict(unconfirmed), {card: key for key, card in unconfirmed}
    kept, left_out = list[tuple[Match, str]](), 0
    for one in matched(free.values(), free_cards.values(), rules_of(pair)):
        seal = evidence(free[one.customer], free_cards[one.card])
        if rejected.get((one.customer, one.card)) == seal:
            left_out += 1
        elif (one.customer, one.card) in unconfirmed or not (
            one.customer in has_card or one.card in has_customer
        ):
            kept.append((one, seal.hex()))
    proposals = _named(scene, kept, unconfirmed)
    alone = free.keys() - has_card.keys() - {one.customer for one in proposals}
    alone_cards = free_cards.keys() - has_customer.keys() - {one.card for one in proposals}
    return Suggested(
        customers=len(customers),
        cards=len(cards),
        linked=len(every),
        rejected=left_out,
        customers_alone=len(alone),
        cards_alone=len(alone_cards),
        proposals=tuple(proposals),
    )


def rules_of(pair: Pair) -> Rules:
    return pair.writing.match or RULES


def seals(scene: Scene, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
    """The fingerprint of what speaks for each of these pairs now."""
    wanted = list(pairs)
    customers = parties.of_keys(scene, Kind.CUSTOMER, [key for key, _ in wanted])
    cards = parties.of_keys(scene, Kind.WON, [card for _, card in wanted])
    return {
        (key, card): evidence(
            customers.get(key) or Party(key=key), cards.get(card) or Party(key=card)
        )
        for key, card in wanted
    }


def names(scene: Scene, kind: Kind, keys: Iterable[str]) -> Mapping[str, str]:
    """As their system writes them: personal data."""
    wanted = set(keys)
    if not wanted:
        return {}
    return {one.key: one.name for one, _ in parties.records(scene, kind) if one.key in wanted}


def _named(
    scene: Scene, found: Sequence[tuple[Match, str]], unconfirmed: Collection[tuple[str, str]]
) -> list[Proposal]:
    """Links first, then the best first."""
    customers = names(scene, Kind.CUSTOMER, (one.customer for one, _ in found))
    cards = names(scene, Kind.WON, (one.card for one, _ in found))
    proposals = [
        Proposal(
            one.customer,
            customers.get(one.customer, ""),
            one.card,
            cards.get(one.card, ""),
            one.score,
            one.verdict,
            tuple(each.says for each in one.findings),
            one.why,
            seal,
            (one.customer, one.card) in unconfirmed,
        )
        for one, seal in found
    ]
    return sorted(
        proposals,
        key=lambda one: (one.verdict is not Verdict.LINK, -one.score, one.customer, one.card),
    )


def _without(some: Mapping[str, Party], keys: set[str]) -> dict[str, Party]:
    return {key: one for key, one in some.items() if key not in keys}
