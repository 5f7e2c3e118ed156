"""Works out the cards of touched customers, and of those whose card the clock changes.

A card is a record like any other: a version where it differs, due where the target shows something
else. What it is made of is in the mirror; neither system is asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from syncd.domain import (
    Adjustment,
    Balance,
    Card,
    CreditNote,
    Invoice,
    Kind,
    Order,
    Payment,
    State,
)
from syncd.image import decode, decode_raw, encode, fingerprint
from syncd.port import Record
from syncd.store import merges, mirror, proofs, settling, streams, touched
from syncd.store.mirror import CORRECTING, COUNTED, KEPT, LIVE, UNMAPPABLE, Known, Seen
from syncd.sync import ledger, members
from syncd.sync.card import Documents, Proof, Setting, card_of, joined, next_review
from syncd.sync.deals import derive_deals
from syncd.sync.pair import Pair, Scene
from syncd.sync.session import Session
from syncd.sync.want import Item, evaluate

BATCH = 100
"""Cards worked out in one commit."""

SOURCES = (Kind.ORDER, Kind.INVOICE, Kind.PAYMENT, Kind.CREDIT_NOTE, Kind.ADJUSTMENT)
"""The kinds of documents that a card is made of."""
SETTLING = (Kind.PAYMENT, Kind.CREDIT_NOTE, Kind.ADJUSTMENT)


def derive(session: Session) -> None:
    """Brings every card and every deal up to date that something touched since it was last worked
    out."""
    derive_deals(session)
    pair = session.pair
    cards = session.streams[Kind.CARD]
    now = pair.clock.utc()
    with pair.store.reading() as tx:
        anew = _anew(Scene(tx, pair, session.streams, session.run))
        due = mirror.reviewable(tx, cards, now, -1)
    if anew or due:
        with session.commit() as scene:
            if anew:
                _touch_everyone(scene, now)
            touched.add(scene.tx, cards, (row.customer for row in due))
    while True:
        with pair.store.reading() as tx:
            some = touched.some(tx, cards, BATCH)
        if not some:
            return
        pair.checkpoint("deriving")
        with session.commit() as scene:
            work_out(scene, some, now)
            touched.done(scene.tx, cards, some)


def _anew(scene: Scene) -> bool:
    """All cards are worked out again when the mapping changed, and when the documents have been
    read completely for the first time."""
    cursor = streams.read_cursor(scene.tx, scene.streams[Kind.CARD])
    same = cursor.mapped_by == scene.pair.mapped_by(Kind.CARD)
    return not same or (cursor.complete_at is not None) is not complete(scene)


def _touch_everyone(scene: Scene, now: dt.datetime) -> None:
    cards = scene.streams[Kind.CARD]
    version, known = scene.pair.mapped_by(Kind.CARD), complete(scene)
    touched.everyone(scene.tx, cards, scene.streams[Kind.CUSTOMER])
    streams.move_cursor(
        scene.tx,
        cards,
        mapped_by=version,
        wanted_by=scene.pair.wanted_by(Kind.CARD),
        complete_at=now if known else None,
    )


def complete(scene: Scene) -> bool:
    """Whether every kind of document that cards are made of was read completely."""
    mapped = [scene.streams[kind] for kind in SOURCES if scene.pair.inbound(kind)]
    return all(one.swept_at for one in streams.cursors(scene.tx, mapped).values())


def setting_of(scene: Scene, now: dt.datetime) -> Setting:
    pair = scene.pair
    return Setting(
        today=today(pair, now),
        complete=complete(scene),
        stages=pair.writing.stages,
        history=pair.writing.history,
        told=pair.reading.owed_in is None,
    )


def today(pair: Pair, now: dt.datetime) -> dt.date:
    """The day it is in the books."""
    return now.astimezone(pair.reading.zone or dt.UTC).date()


def work_out(scene: Scene, customers: Sequence[str], now: dt.datetime) -> None:
    """One version of the card of each of these customers, where it differs: a card that several
    share is worked out of all of them. What is wanted of them is judged all the same: a changed
    mapping may want something else of a card that says the same."""
    cards = scene.streams[Kind.CARD]
    shared = members.groups(scene, customers)
    everyone = [key for some in shared.values() for key in some]
    documents: dict[str, Documents] | None = None
    if scene.pair.reading.owed_in is not None and complete(scene):
        documents = documents_of(scene, everyone)
        _add_up(scene, documents, scene.pair.reading.owed_in, now)
    balances = balances_of(scene, everyone)
    if documents is None:  # without a balance there is no card
        documents = documents_of(scene, list(balances))
    proven = proofs.of(scene.tx, scene.pair.name, list(balances))
    known = mirror.known(scene.tx, cards, everyone)
    before = mirror.images(scene.tx, Kind.CARD, list(known.values()))
    setting = setting_of(scene, now)
    seen: list[Seen] = []
    for customer, some in shared.items():
        if not balances.keys() >= {*some}:
            continue  # a sum that leaves one of them out is none
        docs, old = joined([documents[one] for one in some]), known.get(customer)
        balance = ledger.together([balances[one][1] for one in some])
        changed = max(balances[one][0].changed_at or now for one in some)
        proof = proof_of(scene.pair, [proven.get(one) for one in some])
        card = card_of(balance, changed, docs, proof, setting)
        if docs.correcting and old and old.state == LIVE and old.id in before:
            card = _as_before(decode(Kind.CARD, before[old.id]), card)
        image = encode(card)
        hashed = fingerprint(image)
        one = Seen(customer, old, LIVE, b"", b"", None, old.asked if old else 0)
        one.customer, one.fp = customer, hashed
        one.next_review = _review(scene, card, docs, setting)
        if old is None or old.fp != hashed:
            one.image = image
        seen.append(one)
    seen += members.retired(scene, [known[one] for one in everyone if one in known])
    mirror.save(scene.tx, Kind.CARD, cards, seen, run=scene.run, cause="derived", at=now)
    images = {one.id: one.image or before.get(one.id) for one in seen}
    judged = [Item(one.id, one.key, one.state, images[one.id], now) for one in seen]
    evaluate(scene, Kind.CARD, judged)


def _add_up(
    scene: Scene, documents: Mapping[str, Documents], currency: str, now: dt.datetime
) -> None:
    """The balances of these customers, in the place of those that the books do not tell."""
    stream, customers = scene.streams[Kind.BALANCE], list(documents)
    whose = mirror.known(scene.tx, scene.streams[Kind.CUSTOMER], customers)
    known = mirror.known(scene.tx, stream, customers)
    before = mirror.images(scene.tx, Kind.BALANCE, list(known.values()))
    mine = [
        one for one in customers if one in known or (one in whose and whose[one].state in COUNTED)
    ]
    others = {key for one in mine for key in ledger.of_others(documents[one])}
    counting = invoices_in_force(scene, sorted(others))
    seen = []
    for customer in mine:
        old = known.get(customer)
        docs = documents[customer]
        if docs.correcting and old and old.id in before:
            continue  # no half-done figure
        image = encode(ledger.balance_of(customer, currency, docs, counting))
        hashed = fingerprint(image)
        if old is None or old.fp != hashed:
            one = Seen(customer, old, LIVE, b"", b"", None, old.asked if old else 0)
            one.customer, one.fp, one.image = customer, hashed, image
            seen.append(one)
    mirror.save(scene.tx, Kind.BALANCE, stream, seen, run=scene.run, cause="derived", at=now)


def invoices_in_force(scene: Scene, keys: Sequence[str]) -> set[str]:
    """Those of these that count."""
    known = mirror.known(scene.tx, scene.streams[Kind.INVOICE], keys)
    rows = [row for row in known.values() if row.state in COUNTED]
    images = mirror.images(scene.tx, Kind.INVOICE, rows)
    read = ((row.key, decode(Kind.INVOICE, images[row.id])) for row in rows if row.id in images)
    return {key for key, one in read if getattr(one, "state", None) is State.EFFECTIVE}


def proof_of(pair: Pair, rows: Sequence[proofs.ProofRow | None]) -> Proof | None:
    """Of several customers of one card: agreed if all of them are, as of the oldest look."""
    found = [row for row in rows if row is not None]
    against = [row for row in found if not row.agreed]
    if not against and len(found) < len(rows):
        return None
    since = min((row.since for row in against), default=max(row.since for row in found))
    return Proof(today(pair, min(row.at for row in found)), not against, today(pair, since))


def _as_before(old: object, card: Card) -> Card:
    """While a document is being corrected, the figures stay as they were."""
    assert isinstance(old, Card)
    return replace(
        old,
        correcting=card.correcting,
        proven=card.proven,
        unproven=card.unproven,
        unreadable=card.unreadable,
    )


def _review(scene: Scene, card: Card, docs: Documents, setting: Setting) -> dt.datetime | None:
    """The midnight, in the books' zone, at which the card may change by itself."""
    day = next_review(card, docs, setting)
    if day is None:
        return None
    midnight = dt.datetime.combine(day, dt.time(), scene.pair.reading.zone or dt.UTC)
    return midnight.astimezone(dt.UTC)


def balances_of(scene: Scene, customers: Sequence[str]) -> dict[str, tuple[Known, Balance]]:
    """Customer -> its balance; customers whose balance was never read have no card yet. What the
    books say is owed by a customer that was merged into another is owed by that one."""
    every = merges.each(scene.tx, scene.pair.name)
    survivors, losers = merges.survivors(every), merges.losers_of(every, customers)
    asked = [*customers, *(one for some in losers.values() for one in some)]
    rows = mirror.of_customers(scene.tx, scene.streams[Kind.BALANCE], asked, KEPT)
    images = mirror.images(scene.tx, Kind.BALANCE, rows)
    read: dict[str, tuple[Known, Balance]] = {}
    for row in rows:
        balance = decode(Kind.BALANCE, images[row.id]) if row.id in images else None
        if isinstance(balance, Balance):
            read[balance.customer] = (row, balance)
    found = {key: read[key] for key in customers if key in read}
    for key, (row, balance) in found.items():
        theirs = [read[one][1] for one in losers.get(key, ()) if one in read]
        own = replace(balance, rows=()) if key in survivors else balance
        found[key] = (row, ledger.together([own, *theirs]))
    return found


def documents_of(scene: Scene, customers: Sequence[str]) -> dict[str, Documents]:
    """The effective documents of each customer, and what settles its invoices, whoever paid."""
    found = {customer: Documents() for customer in customers}
    for kind in SOURCES:
        rows = mirror.of_customers(scene.tx, scene.streams[kind], customers, COUNTED)
        images = mirror.images(scene.tx, kind, rows)
        _name_unreadable(scene, kind, rows, images, found)
        for row in rows:
            if row.id in images and row.customer in found:
                document = decode(kind, images[row.id])
                _put(found[row.customer], document, row)
    invoices = [one.key for docs in found.values() for one in docs.invoices]
    ids = [scene.streams[kind] for kind in SETTLING]
    paid = settling.paid(scene.tx, ids, invoices)
    for docs in found.values():
        docs.paid = paid
    return found


def _name_unreadable(
    scene: Scene,
    kind: Kind,
    rows: Sequence[Known],
    images: Mapping[int, bytes],
    found: Mapping[str, Documents],
) -> None:
    """Of the kinds that what is owed is added up out of."""
    unread = [row for row in rows if row.state == UNMAPPABLE] if kind in ledger.KINDS else []
    if not unread or scene.pair.reading.owed_in is None:
        return
    inbound, raws = scene.pair.inbound(kind), mirror.raws(scene.tx, kind, unread)
    for row in unread:
        number = getattr(decode(kind, images[row.id]), "number", None) if row.id in images else None
        if number is None and inbound and row.id in raws:
            number = inbound.alone(Record(row.key, decode_raw(raws[row.id])), "number")
        found[row.customer or ""].unreadable.append(str(number or row.key))


def _put(docs: Documents, document: object, row: Known) -> None:
    if getattr(document, "state", None) is not State.EFFECTIVE:
        return
    if row.state == CORRECTING:
        docs.correcting.append(str(getattr(document, "number", None) or row.key))
    match document:
        case Order():
            docs.orders.append(document)
        case Invoice():
            docs.invoices.append(document)
        case Payment():
            docs.payments.append(document)
        case CreditNote():
            docs.credit_notes.append(document)
        case Adjustment():
            docs.adjustments.append(document)
