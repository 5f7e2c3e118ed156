"""Which customers and cards are read once more before what both sides may change is written."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from syncd.domain import Kind
from syncd.store import links, mirror, outstanding, parts
from syncd.store.mirror import CHUNK
from syncd.store.parts import Part
from syncd.sync import shared
from syncd.sync.pair import Scene
from syncd.sync.session import Session
from syncd.sync.shared import Both


def concerned(session: Session, kind: Kind, may_go: Callable[[Part], bool]) -> list[str]:
    """Of WON the cards that would hear something of the books, or that nobody has read yet; of
    CUSTOMER the customers that would hear something of their card."""
    pair = session.pair
    if not pair.writing.owners.rules:
        return []
    written = Kind.CUSTOMER if kind is Kind.WON else Kind.WON
    of = (pair.crm.name, pair.books.name)
    found: list[str] = []
    after = outstanding.FIRST
    with pair.store.reading() as tx:
        scene = Scene(tx, pair, session.streams, session.run)
        stream, now = session.streams[written], pair.clock.utc()
        while due := outstanding.due(tx, stream, now, CHUNK, after):
            after = outstanding.place(due[-1])
            rows = mirror.by_id(tx, sorted({one.record for one in due if may_go(one)}))
            keys = [row.key for row in rows]
            if written is Kind.CUSTOMER:
                cards = links.primary(tx, *of, keys)
                both = shared.look(scene, list(cards))
                found += [card for key, card in cards.items() if _hears(both.get(key))]
            else:
                customers = links.customers_of(tx, *of, keys)
                both = shared.look(scene, list(customers.values()))
                found += [key for key, one in both.items() if one.for_books()]
    return found


def _hears(both: Both | None) -> bool:
    """One that was just made may not be among the cards that were read."""
    return both is None or bool(both.for_card() or both.spelled_anew())


class Told(msgspec.Struct, frozen=True):
    """The card of a customer, and the words that one of the two was told."""

    card: str
    words: frozenset[str]


def told(session: Session) -> dict[str, Told]:
    """By customer, of those of which one side was told what the other says, and was not read since:
    a card in this run; a customer in any, for a run may end before it reads back."""
    pair = session.pair
    if not pair.writing.owners.rules:
        return {}
    of = (pair.crm.name, pair.books.name)
    with pair.store.reading() as tx:
        scene = Scene(tx, pair, session.streams, session.run)
        ids = session.streams
        customers: list[int] = []
        if Kind.CUSTOMER in session.written:
            customers = parts.sent_in(tx, ids[Kind.CUSTOMER], session.run, "")
        said = parts.said_to_books(tx, ids[Kind.WON])
        cards = [row.key for row in mirror.by_id(tx, said)]
        onto_card = {row.key for row in mirror.by_id(tx, customers)}
        into_books = set(links.customers_of(tx, *of, cards).values())
        words: dict[str, frozenset[str]] = {}
        for key, both in shared.look(scene, sorted(onto_card | into_books)).items():
            some = both.for_card() if key in onto_card else frozenset[str]()
            some |= both.for_books() if key in into_books else frozenset[str]()
            if some:
                words[key] = some
        found = links.primary(tx, *of, list(words))
        return {key: Told(card, words[key]) for key, card in found.items()}
