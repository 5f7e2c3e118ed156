"""Several customers of one books under one card.

One of them is the primary one: the card's marker, fields and figures are its. The others are
members: nothing of them is written but their documents, which hang on the card, and what those hang
on. What the card shows is worked out of all of them. See ADR 0043.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from syncd.domain import Kind, Ref
from syncd.image import NOTHING, UNKNOWN
from syncd.store import agreed, link_journal, links, mirror, outstanding, parts, shares, touched
from syncd.store.mirror import FILTERED, LIVE, Known, Seen
from syncd.store.parts import CLEAN, DUE, OWED, SETTLED, UNSETTLED, Part
from syncd.store.runs import add
from syncd.sync.pair import Scene
from syncd.sync.shared import PART
from syncd.sync.want import Item, evaluate, items
from syncd.sync.want import follow as compare_both


def connections(scene: Scene) -> tuple[str, str]:
    return scene.pair.crm.name, scene.pair.books.name


def groups(scene: Scene, customers: Iterable[str]) -> dict[str, Sequence[str]]:
    """Primary customer -> all customers of its card, itself first, of the cards of these; who has
    no card stands alone."""
    together = links.together(scene.tx, *connections(scene), sorted(set(customers)))
    return {some[0]: some for some in together.values()}


def of_card(scene: Scene, card: str) -> list[str]:
    """Its customers in these books, the primary one first."""
    books = scene.pair.books.name
    found = links.to_books(scene.tx, scene.pair.crm.name, card)
    return [one.books_key for one in found if one.books == books]


def retired(scene: Scene, known: Sequence[Known]) -> list[Seen]:
    """Cards of customers that became members: their figures are among those of another, and what
    was written of them is overwritten there."""
    of = connections(scene)
    places = links.places(scene.tx, *of, [row.key for row in known])
    rows = [row for row in known if row.key in places]
    mine = parts.of_records(scene.tx, [row.id for row in rows])
    written = {one.record for some in mine.values() for one in some.values() if one.base != NOTHING}
    for one in (part for some in mine.values() for part in some.values()):
        if one.state not in UNSETTLED:
            parts.update(scene.tx, one.id, base=NOTHING)
            parts.store_fields(scene.tx, Kind.CARD, {one.id: None}, scene.pair.clock.utc())
    found = []
    for row in [row for row in rows if row.state == LIVE or row.id in written]:
        seen = Seen(row.key, row, FILTERED, b"", b"", None, row.asked)
        seen.customer, seen.fp = row.customer, row.fp
        found.append(seen)
    return found


def _retire(scene: Scene, keys: Sequence[str]) -> None:
    """At once: what was worked out of a member alone must not be written to the card of all."""
    stream, now = scene.streams[Kind.CARD], scene.pair.clock.utc()
    known = mirror.known(scene.tx, stream, keys)
    seen = retired(scene, list(known.values()))
    mirror.save(scene.tx, Kind.CARD, stream, seen, run=scene.run, cause="derived", at=now)
    evaluate(scene, Kind.CARD, [Item(one.id, one.key, one.state, None, now) for one in seen])


# -- what a changed link changes -----------------------------------------------------------------


def settle(scene: Scene, *cards: str) -> None:
    """Judges the customers of these cards again, after a link of one of them changed."""
    for card in cards:
        keys = of_card(scene, card)
        rows = mirror.known(scene.tx, scene.streams[Kind.CUSTOMER], keys)
        evaluate(scene, Kind.CUSTOMER, items(scene, Kind.CUSTOMER, list(rows.values())))
        touched.add(scene.tx, scene.streams[Kind.CARD], keys)
        _retire(scene, keys[1:])
        for key in keys:
            _wait(scene, key, card)
        for key in keys[1:]:
            place(scene, key)
        main = main_part(scene, keys[0]) if keys else None
        judge_card(scene, card)
        if main and main.remote_id == card:  # else both sides are compared once it is bound
            compare_both(scene, Kind.CUSTOMER, keys[:1])


def judge_card(scene: Scene, card: str) -> None:
    """What a customer of the books was to hear of this card is another's now, or nobody's."""
    rows = mirror.known(scene.tx, scene.streams[Kind.WON], [card])
    mine = parts.of_records(scene.tx, [row.id for row in rows.values()])
    told = [row for row in rows.values() if PART in mine.get(row.id, {})]
    evaluate(scene, Kind.WON, items(scene, Kind.WON, told))


def _wait(scene: Scene, key: str, card: str) -> None:
    """No card is made for a customer that has one, by a run that is at work just now either."""
    main = main_part(scene, key)
    if main and main.remote_id is None and main.want != NOTHING and main.state not in UNSETTLED:
        parts.update(scene.tx, main.id, state=OWED, **{**SETTLED, "waits_for": f"card {card}"})


def place(scene: Scene, key: str) -> None:
    """Puts a member onto its card, as soon as that is known to be there: no request is needed."""
    card = links.places(scene.tx, *connections(scene), [key]).get(key)
    first = main_part(scene, of_card(scene, card)[0]) if card is not None else None
    main = main_part(scene, key)
    if first is None or main is None or first.remote_id != card:
        return
    if main.want == NOTHING or main.state in UNSETTLED:
        return
    if main.state != CLEAN:
        add(scene.tx, scene.run, scene.streams[Kind.CUSTOMER], found_equal=1)
    values = {"remote_id": card, "base": main.want, "adopted": False, "confirmed": True}
    parts.update(scene.tx, main.id, state=CLEAN, **values, **SETTLED)
    outstanding.wake(scene.tx, scene.ids, [str(Ref(Kind.CUSTOMER, key))])
    _let_go(scene, key)


def _let_go(scene: Scene, key: str) -> None:
    """Objects of its own on which no document hangs stay as they are at the CRM: they are not
    written any more, and found again by their marker should it have a card of its own."""
    row = mirror.known(scene.tx, scene.streams[Kind.CUSTOMER], [key])[key]
    for one in parts.of_records(scene.tx, [row.id]).get(row.id, {}).values():
        if one.key and one.want == NOTHING and one.state not in UNSETTLED:
            if one.state != CLEAN:
                add(scene.tx, scene.run, scene.streams[Kind.CUSTOMER], collapsed=1)
            values = {"remote_id": None, "base": NOTHING, **SETTLED}
            parts.update(scene.tx, one.id, state=CLEAN, **values)
            parts.store_fields(scene.tx, Kind.CUSTOMER, {one.id: None}, scene.pair.clock.utc())


def with_primary(scene: Scene, key: str) -> list[str]:
    """The members of the card of which this is the primary customer, before a card is made anew."""
    card = links.primary(scene.tx, *connections(scene), [key]).get(key)
    return of_card(scene, card)[1:] if card is not None else []


def follow(scene: Scene, keys: Sequence[str], card: str) -> None:
    """These members belong to a card that was made in the place of theirs, or is the same."""
    crm, books = connections(scene)
    at = links.linked(scene.tx, crm, books, keys)
    for key in [one for one in keys if at.get(one) != card]:
        links.bind(
            scene.tx,
            crm=crm,
            card_id=card,
            books=books,
            books_key=key,
            numbered=False,
            by=links.SYNCD,
            at=scene.pair.clock.utc(),
        )
    settle(scene, card)


def hand_over(scene: Scene, key: str, heir: str) -> None:
    """What was last agreed of the card's fields is the heir's base: what differs of it, and that
    alone, is written. What both sides agreed on was between the card and the former customer."""
    main, next_ = main_part(scene, key), main_part(scene, heir)
    now = scene.pair.clock.utc()
    agreed.save(scene.tx, scene.pair.name, [agreed.Agreed(key, "", {})], now)
    if main is None or next_ is None:
        return
    fields = parts.stored_fields(scene.tx, Kind.CUSTOMER, [main.id]).get(main.id)
    if next_.state == CLEAN:
        add(scene.tx, scene.run, scene.streams[Kind.CUSTOMER], became_due=1)
    base = NOTHING if main.remote_id is None else UNKNOWN
    shares.hand_over(scene.tx, main.id, next_.id, state=DUE, base=base)
    parts.store_fields(scene.tx, Kind.CUSTOMER, {main.id: None, next_.id: fields}, now)
    parts.update(scene.tx, main.id, remote_id=None, base=NOTHING)
    _hand_over_figures(scene, key, heir)


def _hand_over_figures(scene: Scene, key: str, heir: str) -> None:
    """The same of the card's figures; they wait until those of the heir are worked out."""
    stream, now = scene.streams[Kind.CARD], scene.pair.clock.utc()
    known = mirror.known(scene.tx, stream, [key, heir])
    mine = parts.of_records(scene.tx, [row.id for row in known.values()])
    was = mine.get(known[key].id, {}).get("") if key in known else None
    if was is None or was.base == NOTHING:
        return
    if heir not in known:
        seen = Seen(heir, None, FILTERED, b"", b"", None, 0)
        seen.customer = heir
        mirror.save(scene.tx, Kind.CARD, stream, [seen], run=scene.run, cause="derived", at=now)
        known = mirror.known(scene.tx, stream, [key, heir])
    one = mine.get(known[heir].id, {}).get("")
    identity = one.id if one else parts.next_id(scene.tx)
    if one is None:
        row = {"id": identity, "record": known[heir].id, "stream": stream, "key": ""}
        row |= {"target": was.target, "turn": 0, "want": NOTHING, "base": NOTHING}
        parts.insert(scene.tx, [row | {"state": CLEAN, "numbered": False}])
    if one is None or one.state == CLEAN:
        add(scene.tx, scene.run, stream, became_due=1)
    fields = parts.stored_fields(scene.tx, Kind.CARD, [was.id]).get(was.id)
    values = {"state": OWED, "base": UNKNOWN, "waits_for": f"figures of customer {heir}"}
    shares.hand_over(scene.tx, was.id, identity, **values)
    parts.store_fields(scene.tx, Kind.CARD, {identity: fields}, now)


# -- a card whose primary customer left ------------------------------------------------------------

NAMED = "named after "
"""Begins what a customer waits for whose former card still has its marker; the next primary
customer there follows."""


class Former(msgspec.Struct, frozen=True):
    """A card that still has the marker and name of who was its primary customer; `heir` is it
    now."""

    card: str
    heir: str


def former_cards(scene: Scene, keys: Sequence[str]) -> dict[str, Former]:
    """Of these customers, those that left one."""
    found: dict[str, Former] = {}
    for key, card in link_journal.left(scene.tx, *connections(scene), keys).items():
        first = of_card(scene, card)[:1] if card is not None else []
        main = main_part(scene, first[0]) if first and first != [key] else None
        if card is not None and main and main.remote_id == card and main.state != CLEAN:
            found[key] = Former(card, first[0])
    return found


def still_named(scene: Scene, keys: Sequence[str]) -> dict[str, str]:
    """What these customers wait for before they get a card of their own: by marker and name, the
    card that one was the primary customer of would be taken for its new one until the next has
    written its own there."""
    found = former_cards(scene, keys).items()
    return {key: f"{NAMED}{Ref(Kind.CUSTOMER, one.heir)}" for key, one in found}


def renamed(scene: Scene, keys: Iterable[str]) -> None:
    """These customers have written their own onto their cards."""
    outstanding.wake(scene.tx, scene.ids, [f"{NAMED}{Ref(Kind.CUSTOMER, key)}" for key in keys])


def main_part(scene: Scene, key: str) -> Part | None:
    row = mirror.known(scene.tx, scene.streams[Kind.CUSTOMER], [key]).get(key)
    return parts.of_records(scene.tx, [row.id]).get(row.id, {}).get("") if row else None
