"""A field of cards that may hold the books' keys, left by an earlier integration: whether it does
is told by everything else that both sides have, before anything is linked by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from syncd.domain import Customer, Kind
from syncd.errors import UsageError
from syncd.matching import Index, Party
from syncd.store import link_journal, links
from syncd.sync import parties
from syncd.sync.pair import Scene
from syncd.sync.suggesting import rules_of

MOST_WRONG = 0.05
"""With a larger share of contradictions the field is not believed."""
ENOUGH = 20
"""Of so many pairs, or of all where there are fewer, half must have something else to compare."""


class Carried(msgspec.Struct, frozen=True):
    """What one field says. Of `filled` cards, `pairs` name a customer and can be linked; `agree` of
    them have other evidence for it, `against` have tax ids that say otherwise, and the rest have
    nothing to compare. `left` are sentences about cards that are not linked by it. `by` is the word
    of a customer that the field holds."""

    path: str
    by: str
    cards: int
    filled: int
    linked: int
    pairs: tuple[tuple[str, str], ...]
    agree: int
    against: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def compared(self) -> int:
        return self.agree + len(self.against)

    def refuse(self) -> None:
        """UsageError where the field is not to be believed."""
        every = len(self.pairs) + len(self.against)
        if len(self.against) > MOST_WRONG * self.compared:
            listed = "\n".join(f"  {one}" for one in self.against[:20])
            raise UsageError(
                f"{self.path} is not to be believed: of {self.compared} pairs with other evidence "
                f"{len(self.against)} disagree, so nothing was linked\n{listed}"
            )
        if self.compared * 2 < min(every, ENOUGH):
            raise UsageError(
                f"{self.path} cannot be checked: only {self.compared} of {every} pairs have a tax "
                "id, an e-mail or the like on both sides; let the mappings read one, or decide in "
                "the sheet of: syncd links suggest --xlsx FILE"
            )


def look(scene: Scene, path: str) -> Carried:
    """UsageError where no card has the field."""
    pair = scene.pair
    customers: dict[str, Customer] = {}
    for customer, _ in parties.records(scene, Kind.CUSTOMER):
        assert isinstance(customer, Customer)
        customers[customer.key] = customer
    values: dict[str, str] = {}
    cards = 0
    for card, raw in parties.records(scene, Kind.WON):
        cards += 1
        if value := _text(raw, path):
            values[card.key] = value
    if not values:
        raise UsageError(
            f"none of the {cards} cards in the mirror has {path}: see that the CRM's mapping reads "
            "it (a field of `won:`), and let syncd run"
        )
    by, keys = _word(customers, values)
    linked = {one.books_key: one.card_id for one in links.each(scene.tx, *_of(scene))}
    back = {card: key for key, card in linked.items()}
    rejected = link_journal.rejected(scene.tx, *_of(scene))
    claims: defaultdict[str, list[str]] = defaultdict(list)
    left: list[str] = []
    there = 0
    for card_id, value in values.items():
        key = keys.get(value)
        if key is None:
            left.append(f"card {card_id}: {value} is no {by} of {pair.books.name}")
        elif linked.get(key) == card_id:
            there += 1
        elif key in linked or card_id in back:
            other = linked.get(key)
            had = (
                f"customer {key} has card {other}" if other else f"it has customer {back[card_id]}"
            )
            left.append(f"card {card_id}: names customer {key}, and {had}")
        elif (key, card_id) in rejected:
            left.append(f"card {card_id}: names customer {key}, which was rejected")
        else:
            claims[key].append(card_id)
    for key, several in claims.items():
        if len(several) > 1:
            left.append(f"cards {', '.join(several)}: all name customer {key}")
    wanted = [(key, some[0]) for key, some in claims.items() if len(some) == 1]
    agree, against = _compared(scene, wanted)
    wrong = {one for one, _ in against}
    pairs = tuple(one for one in wanted if one not in wrong)
    said = tuple(text for _, text in against)
    return Carried(path, by, cards, len(values), there, pairs, agree, said, tuple([*left, *said]))


def _compared(
    scene: Scene, pairs: Sequence[tuple[str, str]]
) -> tuple[int, list[tuple[tuple[str, str], str]]]:
    """How many have other evidence for it, and those whose tax ids speak against it."""
    customers = {one.key: one for one in parties.customers(scene)}
    cards = {one.key: one for one in parties.cards(scene)}
    agree, against = 0, list[tuple[tuple[str, str], str]]()
    for key, card in pairs:
        one, other = customers.get(key), cards.get(card)
        if one is None or other is None:
            continue
        if _differ(one, other):
            said = f"card {card}: names customer {key}, whose tax id is another"
            against.append(((key, card), said))
        elif Index([other], rules_of(scene.pair)).matches(one):
            agree += 1
    return agree, against


def _differ(one: Party, other: Party) -> bool:
    mine, theirs = set(one.legal_ids), set(other.legal_ids)
    return bool(mine and theirs and mine.isdisjoint(theirs))


def _word(
    customers: Mapping[str, Customer], values: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Whether it holds keys or codes, and whose each is; a code that two have is nobody's."""
    keys = {key: key for key in customers}
    codes: dict[str, str] = {}
    doubled: set[str] = set()
    for key, one in customers.items():
        if one.code:
            doubled |= {one.code} & codes.keys()
            codes[one.code] = key
    for code in doubled:
        del codes[code]
    told = set(values.values())
    return ("code", codes) if len(told & codes.keys()) > len(told & keys.keys()) else ("key", keys)


def _text(raw: Any, path: str) -> str | None:
    value = raw.get(path) if isinstance(raw, Mapping) else None
    if value is None:
        value = raw
        for name in path.split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def _of(scene: Scene) -> tuple[str, str]:
    return scene.pair.crm.name, scene.pair.books.name
