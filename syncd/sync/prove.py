"""The proof: ledger, documents and card side by side, each from its own source.

The ledger is the balance as the books add it up, the documents are what syncd has read one by one,
the card is read back from the CRM. A card that was typed over is due again; a ledger that no
document explains is a problem for accounting, and the card says that it is not proven.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from syncd.domain import Card, Kind, Money
from syncd.errors import RejectedError
from syncd.image import decode, decode_fields, encode
from syncd.port import Found
from syncd.store import links, mirror, parts, problems, proofs, touched
from syncd.store.mirror import ARCHIVED, CORRECTING, LIVE, UNMAPPABLE, Known
from syncd.store.parts import CLEAN, HELD, UNSETTLED
from syncd.sync import second_writer, settle, waiting
from syncd.sync.card import documents_net, ledger_net
from syncd.sync.derive import balances_of, documents_of
from syncd.sync.emptied import Presence
from syncd.sync.pair import Scene
from syncd.sync.session import Session
from syncd.sync.want import items, wants_if_any

SINGLY = 10
"""So many cards are read one by one; more by listing them all."""
NAMED = 5


class Shown(msgspec.Struct, frozen=True):
    """One customer and what its card shows; `found` None: the card is gone."""

    customer: str
    found: Found | None


def prove(session: Session, customers: Sequence[str] | None, presence: Presence) -> None:
    """Compares, writes the proofs down, and makes due what a card shows otherwise. `customers`
    None: all. Transport errors of the CRM go to the caller; what was compared stands."""
    for batch in _read_back(session, customers, presence):
        with session.commit() as scene:
            _compare(scene, batch)
    with session.commit() as scene:
        _problem(scene)


def _read_back(
    session: Session, customers: Sequence[str] | None, presence: Presence
) -> Iterator[list[Shown]]:
    with session.pair.store.reading() as tx:
        cards = _cards(Scene(tx, session.pair, session.streams, session.run), customers)
    outbound = session.pair.outbound(Kind.CUSTOMER)
    if not cards or outbound is None:
        return
    target = next(target for key, target in outbound.targets if key == "")
    if len(cards) <= SINGLY or not session.pair.target(target).listable:
        yield list(_singly(session, target, cards, presence))
        return
    position, ask = None, second_writer.ASKED
    while True:
        page = session.pair.survey(target, position)
        met = {cards.pop(one.remote_id): one for one in page.found if one.remote_id in cards}
        named = second_writer.named(session, target, met, ask)
        ask -= sum(named[one] is not met[one] for one in met)
        yield [Shown(*item) for item in named.items()]
        position = page.next
        if position is None:
            break
    # What a listing lacks may have been skipped by it: each is asked for by its own id.
    yield list(_singly(session, target, cards, presence))


def _singly(
    session: Session, target: str, cards: Mapping[str, str], presence: Presence
) -> Iterator[Shown]:
    """Ends early where the whole CRM was emptied: that says nothing of one card."""
    for one, customer in cards.items():
        found = _one(session, target, one)
        if found is None and presence.emptied(target, [one]):
            return
        yield Shown(customer, found)


def _one(session: Session, target: str, remote_id: str) -> Found | None:
    try:
        return next(iter(session.pair.find(target, {"id": remote_id}, {})), None)
    except RejectedError:
        return None


def _cards(scene: Scene, customers: Sequence[str] | None) -> dict[str, str]:
    """Card id -> its primary customer, of cards that are there; of those of these customers."""
    of = (scene.pair.crm.name, scene.pair.books.name)
    if customers is not None:
        together = links.together(scene.tx, *of, customers)
        customers = sorted({some[0] for some in together.values()})
    stream = scene.streams[Kind.CUSTOMER]
    found: dict[str, str] = {}
    last = 0
    while True:
        if customers is None:
            rows = mirror.batch(scene.tx, stream, last)
        else:
            rows = [] if last else list(mirror.known(scene.tx, stream, customers).values())
        if not rows:
            return found
        last = rows[-1].id
        mine = parts.of_records(scene.tx, [row.id for row in rows])
        members = links.places(scene.tx, *of, [row.key for row in rows])
        for row in rows:
            main = mine.get(row.id, {}).get("")
            if (
                main
                and row.key not in members
                and main.remote_id
                and row.state in (LIVE, UNMAPPABLE, CORRECTING, ARCHIVED)
            ):
                found[main.remote_id] = row.key


def _compare(scene: Scene, batch: Sequence[Shown]) -> None:
    """Each customer of a card has a proof of its own, so that what one owes too much in the ledger
    is not made good by what another owes too little; what the card shows is the primary one's."""
    of = (scene.pair.crm.name, scene.pair.books.name)
    together = links.together(scene.tx, *of, [one.customer for one in batch])
    customers = [key for some in together.values() for key in some]
    cards = mirror.known(scene.tx, scene.streams[Kind.CARD], customers)
    images = mirror.images(scene.tx, Kind.CARD, list(cards.values()))
    ledgers = balances_of(scene, customers)
    documents = documents_of(scene, customers)
    now = scene.pair.clock.utc()
    for one in batch:
        some = together[one.customer]
        row = cards.get(one.customer)
        if row is None or row.id not in images or not ledgers.keys() >= {*some}:
            continue
        card = decode(Kind.CARD, images[row.id])
        assert isinstance(card, Card)
        differing = _look(scene, one, row)
        if differing is None or not card.complete or card.correcting:
            continue  # something is on its way to this card; what it shows proves nothing
        if scene.pair.reading.owed_in is not None:
            continue  # its balance is made of the documents: they cannot differ
        for key in some:
            nets = ledger_net(ledgers[key][1]), documents_net(documents[key])
            shown = differing if key == one.customer else {}
            agreed = nets[0] == nets[1] and not shown
            figures = {"ledger": nets[0], "documents": nets[1], "card": shown}
            proofs.save(scene.tx, scene.pair.name, key, now, agreed, encode(figures))
        touched.add(scene.tx, scene.streams[Kind.CARD], [one.customer])


def _look(scene: Scene, one: Shown, card: Known) -> dict[str, list[str]] | None:
    """Path -> wanted and shown, where the card does not show the figures that were written to it;
    None while something is on its way. What it shows is the base from now on. Names and addresses
    are not looked at: they are not what is proven."""
    part = parts.of_records(scene.tx, [card.id]).get(card.id, {}).get("")
    want = wants_if_any(scene, Kind.CARD, items(scene, Kind.CARD, [card])[0], False).get("")
    if part is None or want is None:
        return {}
    if one.found is None:
        _gone(scene, one.customer)
        return {"": ["a card", "none"]}
    if part.state != CLEAN:
        return None
    second_writer.note(scene, Kind.CARD, card, part, want, one.found)
    settle.seen_again(scene, Kind.CARD, card, part, want, one.found, {})
    if parts.by_id(scene.tx, [part.id])[part.id].state == CLEAN:
        return {}
    shown, _ = decode_fields(parts.stored_fields(scene.tx, Kind.CARD, [part.id]).get(part.id))
    return {
        path: [str(value), str(shown.get(path))]
        for path, value in want.fields.items()
        if shown.get(path) != value
    }


def _gone(scene: Scene, customer: str) -> None:
    known = mirror.known(scene.tx, scene.streams[Kind.CUSTOMER], [customer])
    for row in known.values():
        main = parts.of_records(scene.tx, [row.id])[row.id][""]
        if main.state not in (*UNSETTLED, HELD):
            waiting.gone(scene, Kind.CUSTOMER, row, main)


def _problem(scene: Scene) -> None:
    """One problem for all customers whose ledger no document explains."""
    rows = [row for row in proofs.every(scene.tx, scene.pair.name) if not row.agreed]
    differing = [(row.customer, _difference(row)) for row in rows]
    differing = [(customer, moneys) for customer, moneys in differing if moneys]
    pair, now = scene.pair, scene.pair.clock.utc()
    if not differing:
        problems.close(scene.tx, pair.name, "differs ledger", now)
        return
    named = "; ".join(
        f"customer {key} by {', '.join(str(money) for money in moneys)}"
        for key, moneys in differing[:NAMED]
    )
    more = f"; and {len(differing) - NAMED} more" if len(differing) > NAMED else ""
    verb = "customer differs" if len(differing) == 1 else "customers differ"
    problems.raise_problem(
        scene.tx,
        pair=pair.name,
        cause="differs ledger",
        owner=problems.ACCOUNTING,
        text=f"{len(differing)} {verb}: the ledger of {pair.books.name} says other than its "
        f"documents, {named}{more}. Their cards say “not proven”; "
        "syncd why customer KEY shows the documents. Closes itself when both agree.",
        run=scene.run,
        at=now,
    )


def _difference(row: proofs.ProofRow) -> list[Money]:
    """Ledger less documents, by currency."""
    ledger, documents = figures_of(row)
    codes = sorted({*ledger, *documents})
    found = [Money(ledger.get(code, 0) - documents.get(code, 0), code) for code in codes]
    return [money for money in found if money]


def figures_of(row: proofs.ProofRow) -> tuple[dict[str, int], dict[str, int]]:
    figures = msgspec.json.decode(row.figures)
    return figures["ledger"], figures["documents"]
