"""Fields of a customer that the books do not own alone: both sides are looked at, and each hears of
what the other said.

Nothing is kept of a write but what both sides agreed on last. What one of them says otherwise is an
edit; what both say alike is agreed, whoever wrote it, so that an echo is no edit and an edit of the
same second is no echo.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec.structs import replace

from syncd.domain import Canonical, Customer, Kind, Value, Want, Won
from syncd.errors import MappingError
from syncd.image import UNKNOWN, decode, decode_fields, decode_raw, encode_fields
from syncd.mapping import Outbound
from syncd.merging import Owner, Says, alike, loops, merge
from syncd.port import Record
from syncd.store import agreed, links, mirror, parts
from syncd.store.agreed import Agreed, Base, Bases
from syncd.store.mirror import COUNTED, KEPT, MISSING
from syncd.sync.pair import Pair, Scene

PART = parts.SHARED
"""The part of a card that is written to its customer in the books."""
_DAY = dt.timedelta(days=1)
_EVENTS = {
    "first_order": Kind.ORDER,
    "first_invoice": Kind.INVOICE,
    "first_payment": Kind.PAYMENT,
}


class Both(msgspec.Struct, frozen=True):
    """A customer and its card, as they were last read; `says` by word. `gone`: the books no longer
    have the customer, which hears nothing, and about which nobody is asked."""

    customer: Customer
    card: Won
    bases: Bases
    says: Mapping[str, Says]
    gone: bool = False

    def silent(self) -> frozenset[str]:
        """Words of which the card hears nothing: it has said what it has itself, or a person
        decides."""
        return frozenset(
            word
            for word, says in self.says.items()
            if says not in (Says.TO_CRM, Says.AGREED)
            or (says is Says.AGREED and not self._from_books(word))
        )

    def _from_books(self, word: str) -> bool:
        base = self.bases.get(word)
        return base is not None and base.of_books and bool(text(self.customer, word))

    def for_card(self) -> frozenset[str]:
        return frozenset(word for word, says in self.says.items() if says is Says.TO_CRM)

    def spelled_anew(self) -> frozenset[str]:
        """Words of which both said the same, and that the card hears in another spelling now."""
        return frozenset(
            word
            for word, says in self.says.items()
            if says is Says.AGREED
            and self._from_books(word)
            and text(self.customer, word) != self.bases[word].value
        )

    def for_books(self) -> frozenset[str]:
        if self.gone:
            return frozenset()
        return frozenset(word for word, says in self.says.items() if says is Says.TO_BOOKS)

    def agreed(self) -> frozenset[str]:
        """Words of which both say the same now, and not nothing."""
        return frozenset(
            word
            for word, says in self.says.items()
            if says is Says.AGREED and text(self.card, word)
        )

    def agreed_once(self) -> frozenset[str]:
        """Words of which both said the same at some time, and not nothing."""
        return frozenset(word for word, base in self.bases.items() if base.value)

    def conflicts(self) -> frozenset[str]:
        """What a person decides."""
        if self.gone:
            return frozenset()
        return frozenset(word for word, says in self.says.items() if says is Says.CONFLICT)

    def merged(self) -> Customer:
        """The customer with what its card has to say."""
        told: dict[str, Any] = {word: text(self.card, word) or None for word in self.silent()}
        if not told.get("name", "-"):
            del told["name"]  # nobody is without one
        return replace(self.customer, **told)


def text(record: Customer | Won, word: str) -> str:
    return getattr(record, word) or ""


def look(scene: Scene, customers: Sequence[str]) -> dict[str, Both]:
    """By key, those of these customers that are the primary one of a card which was read too."""
    pair, rules = scene.pair, scene.pair.writing.owners.rules
    if not rules or not customers:
        return {}
    cards = links.primary(scene.tx, pair.crm.name, pair.books.name, customers)
    if not cards:
        return {}
    mine = _customers(scene, list(cards))
    theirs = _cards(scene, [cards[key] for key in mine])
    bases = agreed.of(scene.tx, pair.name, {key: cards[key] for key in mine})
    reached = reached_by(scene, list(mine))
    outbound = pair.outbound(Kind.CUSTOMER)
    forms = {w: p for w, p in outbound.forms().items() if w in rules} if outbound else {}
    found = {}
    for key, (customer, gone) in mine.items():
        if card := theirs.get(cards[key]):
            if outbound and forms:
                card = _without_form(outbound, forms, customer, card)
            had = bases.get(key, {})
            says = _says(pair, customer, card, had, reached[key])
            found[key] = Both(customer, card, had, says, gone)
    return found


def of(scene: Scene, kind: Kind, keys: Sequence[str]) -> dict[str, Both]:
    """The same by the key of a record of this kind: a customer, or its card."""
    if not scene.pair.writing.owners.rules:
        return {}
    if kind is Kind.CUSTOMER:
        return look(scene, keys)
    if kind is not Kind.WON:
        return {}
    mine = links.customers_of(scene.tx, scene.pair.crm.name, scene.pair.books.name, keys)
    both = look(scene, list(mine.values()))
    return {card: both[key] for card, key in mine.items() if key in both}


_VALUE = "\ue000"
"""Stands for a value in the form of a second object of that value."""


def _without_form(
    outbound: Outbound, forms: Mapping[str, str], customer: Customer, card: Won
) -> Won:
    """The second customer of a name has another one on its card, as `Name (17)`: what stands around
    the name there nobody typed."""
    told: dict[str, Any] = {}
    for word, path in forms.items():
        shown = text(card, word)
        if not shown or alike(word, text(customer, word), shown):
            continue
        [main] = [one for one in outbound(_with(customer, word), True) if one.part == ""]
        before, found, after = str(main.fields[path]).partition(_VALUE)
        if found and shown.startswith(before) and shown.endswith(after):
            told[word] = shown[len(before) : len(shown) - len(after)].strip()
    return replace(card, **told) if told else card


def _with(customer: Customer, word: str) -> Customer:
    named: dict[str, Any] = {word: _VALUE}
    return replace(customer, **named)


def _says(
    pair: Pair, customer: Customer, card: Won, bases: Bases, reached: frozenset[str]
) -> dict[str, Says]:
    found = {}
    for word, rule in pair.writing.owners.rules.items():
        owner = rule.now(reached)
        if rule.owner is Owner.BOOKS or owner is Owner.BOOKS:
            continue
        base = bases[word].value if word in bases else None
        says = merge(word, rule, owner, base, text(customer, word), text(card, word))
        asks = word in bases and (
            bases[word].unheard or loops([one for one, _ in bases[word].moves])
        )
        found[word] = Says.CONFLICT if asks and says is not Says.AGREED else says
    return found


def _customers(scene: Scene, keys: Sequence[str]) -> dict[str, tuple[Customer, bool]]:
    """Each with whether the books no longer have it."""
    rows = mirror.known(scene.tx, scene.streams[Kind.CUSTOMER], keys)
    images = mirror.images(scene.tx, Kind.CUSTOMER, list(rows.values()))
    found = {}
    for key, row in rows.items():
        one = decode(Kind.CUSTOMER, images[row.id]) if row.id in images else None
        if isinstance(one, Customer) and row.state in KEPT:
            found[key] = one, row.state in MISSING
    return found


def _cards(scene: Scene, ids: Sequence[str]) -> dict[str, Won]:
    """As they were last read, won or not."""
    inbound = scene.pair.inbound(Kind.WON)
    if inbound is None:
        return {}
    rows = mirror.known(scene.tx, scene.streams[Kind.WON], ids)
    raws = mirror.raws(scene.tx, Kind.WON, list(rows.values()))
    found = {}
    for key, row in rows.items():
        if row.id not in raws or row.state == mirror.VANISHED:
            continue
        try:
            card = inbound.unconditional(Record(key, decode_raw(raws[row.id])))
        except MappingError:
            continue  # its problem says so
        assert isinstance(card, Won)
        found[key] = card
    return found


def reached_by(scene: Scene, customers: Sequence[str]) -> dict[str, frozenset[str]]:
    """What has happened to a customer, of what the rules wait for."""
    wanted = {rule.until for rule in scene.pair.writing.owners.rules.values() if rule.until}
    found: dict[str, set[str]] = {key: set() for key in customers}
    for event in wanted:
        stream = scene.streams[_EVENTS[event]]
        for row in mirror.of_customers(scene.tx, stream, customers, COUNTED):
            found[row.customer or ""].add(event)
    return {key: frozenset(some) for key, some in found.items()}


def of_people(scene: Scene, customers: Sequence[str]) -> dict[str, frozenset[str]]:
    """By customer, the words that the CRM has a say in now."""
    rules = scene.pair.writing.owners.rules
    if not rules:
        return dict.fromkeys(customers, frozenset())
    reached = reached_by(scene, customers)
    return {
        key: frozenset(word for word, rule in rules.items() if rule.now(some) is not Owner.BOOKS)
        for key, some in reached.items()
    }


def waits_for(pair: Pair, kind: Kind) -> bool:
    """Whether the first document of this kind changes who owns a field."""
    return any(_EVENTS.get(rule.until or "") is kind for rule in pair.writing.owners.rules.values())


# -- what is wanted ------------------------------------------------------------------------------


def into_books(pair: Pair, both: Both) -> dict[str, Want]:
    """What the customer of a card has to hear of."""
    outbound = pair.outbound(Kind.WON)
    words = both.for_books()
    if outbound is None or not words:
        return {}
    main = next(want for want in outbound(both.card) if want.part == "")
    told = outbound.paths(words)
    fields: dict[str, Value] = {path: v for path, v in main.fields.items() if path in told}
    at, card = both.customer.key, both.card.key
    return {PART: Want(PART, main.target, card, {}, fields, at=at)} if fields else {}


# -- what both agree on --------------------------------------------------------------------------


def settle(scene: Scene, customers: Iterable[str]) -> None:
    """Notes what both sides agree on now, and what a person has to decide. What is wanted of these
    customers and of their cards may be something else now."""
    some, name = sorted(set(customers)), scene.pair.name
    found = look(scene, some)
    asked = agreed.asked_of(scene.tx, name, some)
    # One of the two is gone: there is nothing to decide.
    agreed.ask_nothing(scene.tx, name, sorted(asked.keys() - found.keys()))
    now = scene.pair.clock.utc()
    moved: list[Agreed] = []
    for key, both in found.items():
        kept: Bases = dict(both.bases)
        for word, says in both.says.items():
            if says is Says.AGREED:
                kept[word] = _moved(word, both, now)
            elif word in kept and says in (Says.TO_CRM, Says.TO_BOOKS):
                kept[word] = msgspec.structs.replace(kept[word], of_books=says is Says.TO_CRM)
        if kept != both.bases or both.conflicts() != asked.get(key, frozenset()):
            moved.append(Agreed(key, both.card.key, kept, both.conflicts()))
    agreed.save(scene.tx, name, moved, now)
    _note_shown(scene, found)


def _moved(word: str, both: Both, now: dt.datetime) -> Base:
    """What is agreed on from now on, and who said it."""
    mine, base = text(both.customer, word), both.bases.get(word)
    if base is None or base.value is None:
        return Base(mine)
    if alike(word, base.value, mine):
        return msgspec.structs.replace(base, unheard=False)
    at, since = int(now.timestamp()), int((now - _DAY).timestamp())
    moves = tuple(move for move in base.moves if move[1] >= since) or ((mark(base.value), at),)
    return Base(mine, base.of_books, (*moves, (mark(mine), at)))


def told(scene: Scene, made: Iterable[tuple[str, str, Canonical]]) -> None:
    """Of each record a customer or a card was just made, by its key and that of what was made: both
    say the same, before either is read again; unless they were, and it was found out later that it
    was made. Nothing of other kinds."""
    rules = scene.pair.writing.owners.rules
    shared = sorted(word for word, rule in rules.items() if rule.owner is not Owner.BOOKS)
    fresh: list[Agreed] = []
    for key, remote_id, record in made:
        if isinstance(record, Customer | Won):
            by_books = isinstance(record, Customer)
            customer, card = (key, remote_id) if by_books else (remote_id, key)
            bases = {word: Base(text(record, word), by_books) for word in shared}
            fresh.append(Agreed(customer, card, bases))
    if shared and fresh:
        had = agreed.of(scene.tx, scene.pair.name, {one.customer: one.card for one in fresh})
        fresh = [one for one in fresh if one.customer not in had]
        agreed.save(scene.tx, scene.pair.name, fresh, scene.pair.clock.utc())


def hear(scene: Scene, told: Mapping[str, Collection[str]]) -> None:
    """Of these customers one side was told these words, and both were read again. What it says
    otherwise after all, it did not take, or somebody changed it back at once: a person looks."""
    unheard: list[Agreed] = []
    for key, both in look(scene, sorted(told)).items():
        kept: Bases = dict(both.bases)
        for word in (both.for_card() | both.for_books()) & set(told[key]):
            kept[word] = msgspec.structs.replace(kept.get(word, Base(None)), unheard=True)
        if kept != both.bases:
            unheard.append(Agreed(key, both.card.key, kept, both.conflicts()))
    agreed.save(scene.tx, scene.pair.name, unheard, scene.pair.clock.utc())


def _note_shown(scene: Scene, found: Mapping[str, Both]) -> None:
    """What a card says itself is no longer what was last written there: should the books come back
    to that, or take away what both agreed on, it has to be written; and what it says as the books
    do has not."""
    outbound = scene.pair.outbound(Kind.CUSTOMER)
    if outbound is None:
        return
    keys = [key for key, both in found.items() if both.silent() or both.agreed()]
    rows = mirror.known(scene.tx, scene.streams[Kind.CUSTOMER], keys)
    mine = parts.of_records(scene.tx, [row.id for row in rows.values()])
    mains = {key: main for key, row in rows.items() if (main := mine.get(row.id, {}).get(""))}
    mains = {
        key: main
        for key, main in mains.items()
        if main.remote_id is not None and main.state not in parts.UNSETTLED
    }
    ids = [main.id for main in mains.values()]
    stored = parts.stored_fields(scene.tx, Kind.CUSTOMER, ids)
    kept: dict[int, bytes | None] = {}
    for key, main in mains.items():
        fields, parents = decode_fields(stored.get(main.id))
        there = _shown(outbound, found[key], main.numbered, fields)
        if there != fields:
            kept[main.id] = encode_fields(there, parents)
    parts.store_fields(scene.tx, Kind.CUSTOMER, kept, scene.pair.clock.utc())
    parts.update(scene.tx, list(kept), base=UNKNOWN)


def _shown(
    outbound: Outbound, both: Both, numbered: bool, fields: Mapping[str, Value]
) -> dict[str, Value]:
    """What stands on the card, of what was last written there."""
    silent, agreed = both.silent(), both.agreed()
    told, agreed_on = outbound.paths(silent), outbound.paths(silent & both.agreed_once())
    there = {path: value for path, value in fields.items() if path not in told}
    for word in agreed - silent:  # nobody wrote there what people typed on both sides
        paths = outbound.paths({word}).difference(outbound.paths(both.says.keys() - {word}))
        agreed_on |= {
            p for p in paths if not alike(word, str(fields.get(p) or ""), text(both.card, word))
        }
    if agreed_on:
        try:
            shown = next(one for one in outbound(both.merged(), numbered) if not one.part)
        except MappingError:
            return dict(fields)  # its problem says so, and nothing is written
        there |= {path: value for path, value in shown.fields.items() if path in agreed_on}
    return there


def mark(value: str) -> str:
    """Stands for a value among those that a field had lately."""
    return blake2b(value.strip().casefold().encode(), digest_size=6).hexdigest()
