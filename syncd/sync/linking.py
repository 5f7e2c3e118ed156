"""What people decide about links: accepted, rejected, split, merged, taken back.

Each changes the store alone, inside one commit of the pair's owner, and is journalled. Neither
system is written to: the next run looks at a card that was linked, and what it shows becomes the
base (`adopt`).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from syncd.domain import Kind, Ref
from syncd.errors import MappingError, UsageError
from syncd.image import NOTHING, UNKNOWN, decode_raw
from syncd.port import Record
from syncd.store import intents, links, mirror, parts, streams
from syncd.store import link_journal as journal
from syncd.store.link_journal import Change
from syncd.store.mirror import FILTERED, Known
from syncd.store.parts import CLEAN, DUE, HELD, OWED, SETTLED, UNSETTLED, Part
from syncd.store.runs import add
from syncd.store.tables import part
from syncd.sync import waiting
from syncd.sync.pair import Scene
from syncd.sync.want import evaluate, items


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, and why."""

    who: str
    why: str | None


# -- decisions -----------------------------------------------------------------------------------


def accept(scene: Scene, key: str, card: str, by: By) -> str:
    """They are the same. UsageError where they cannot be linked."""
    _refuse(obstacle(scene, key, card))
    _link(scene, key, card, by, journal.ACCEPTED)
    return (
        f"customer {key} and card {card} are linked; the next run looks at the card, and what it "
        "shows is the base from then on"
    )


def reject(scene: Scene, key: str, card: str, evidence: bytes, by: By) -> str:
    """They are not the same; as long as nothing else speaks for it, nobody is asked again."""
    now = _card_of(scene, key)
    if now == card:
        raise UsageError(
            f"customer {key} and card {card} are linked; to take them apart: syncd links split"
        )
    if journal.rejected(scene.tx, *_of(scene)).get((key, card)) == evidence:
        raise UsageError(f"customer {key} and card {card} were rejected already")
    change = _note(scene, journal.REJECTED, key, now, now, by, rejected=card)
    journal.reject(scene.tx, *_of(scene), key, card, evidence, change)
    return (
        f"customer {key} and card {card} are not the same: they are not suggested again without "
        "new evidence"
    )


def split(scene: Scene, key: str, evidence: bytes, by: By) -> str:
    """The customer's card is not its card. UsageError where it was written already."""
    card = _card_of(scene, key)
    if card is None:
        raise UsageError(f"customer {key} is not linked to a card")
    _refuse(_bound(scene, key, card))
    links.unbind(scene.tx, *_of(scene), key)
    change = _note(scene, journal.SPLIT, key, card, None, by, rejected=card)
    journal.reject(scene.tx, *_of(scene), key, card, evidence, change)
    _release(scene, key)
    return (
        f"customer {key} is off card {card}, which stays as it is in {scene.pair.crm.name}; unless "
        f"it is linked elsewhere, the next run that writes makes a card for customer {key}"
    )


def merge(scene: Scene, card: str, into: str, by: By) -> str:
    """People made one of two cards: the customer of `card` belongs to `into` from now on."""
    key = _customer_of(scene, card)
    if key is None:
        raise UsageError(f"card {card} is linked to no customer of {scene.pair.books.name}")
    _refuse(merge_obstacle(scene, key, card, into))
    _move(scene, key, into, by, journal.MERGED)
    return (
        f"customer {key} moved from card {card} to card {into}; the next run looks at the card, "
        "and what syncd wrote for the customer follows"
    )


def undo(scene: Scene, number: int, by: By) -> str:
    """Takes one journalled change back. UsageError where something came after it."""
    one = journal.find(scene.tx, *_of(scene), number)
    if one is None:
        raise UsageError(f"there is no change {number} of a link; see: syncd links show")
    _refuse(undo_obstacle(scene, one))
    key, now = one.books_key, _card_of(scene, one.books_key)
    if one.rejected is not None:
        journal.allow(scene.tx, *_of(scene), key, one.rejected)
    if one.before == one.after:
        back = _note(scene, journal.UNDONE, key, now, now, by)
        said = f"customer {key} and card {one.rejected} may be suggested again"
    elif one.before is None:
        links.unbind(scene.tx, *_of(scene), key)
        back = _note(scene, journal.UNDONE, key, now, None, by)
        _release(scene, key)
        said = f"customer {key} is off card {now}, as it was before"
    else:
        back = _move(scene, key, one.before, by, journal.UNDONE)
        said = f"customer {key} is linked to card {one.before}, as it was before"
    journal.take_back(scene.tx, number, back)
    return f"#{number} is taken back: {said}"


def _refuse(obstacle: str | None) -> None:
    if obstacle:
        raise UsageError(obstacle)


# -- what stands in the way ----------------------------------------------------------------------


def obstacle(scene: Scene, key: str, card: str) -> str | None:
    """Why this customer and this card cannot be linked now."""
    if _known(scene, key) is None:
        return f"{scene.pair.books.name} has no customer {key} as far as syncd has read it"
    if _lacks_card(scene, card):
        return f"{scene.pair.crm.name} has no card {card} as far as syncd has read it"
    now = _card_of(scene, key)
    if now == card:
        return f"customer {key} and card {card} are linked already"
    if now is not None:
        return (
            f"customer {key} is linked to card {now}; to take it off there first: "
            f"syncd links split {key}"
        )
    return _taken(scene, key, card) or _on_its_way(scene, key)


def merge_obstacle(scene: Scene, key: str, card: str, into: str) -> str | None:
    if card == into:
        return "name two cards"
    return _taken(scene, key, into) or _bound(scene, key, card, moves=True)


def undo_obstacle(scene: Scene, one: Change) -> str | None:
    """Why a change cannot be taken back."""
    if one.undone is not None:
        return f"change {one.id} was taken back already, by change {one.undone}"
    if one.what in (journal.FOUND, journal.UNDONE):
        how = f"syncd links split {one.books_key}, or syncd links accept"
        return f"change {one.id} is no decision that can be taken back; decide anew with: {how}"
    if one.before == one.after:
        return None
    now = _card_of(scene, one.books_key)
    if now != one.after:
        shown = f"linked to card {now}" if now else "linked to no card"
        return (
            f"the link was changed since: customer {one.books_key} is {shown}; see: "
            f"syncd links show {one.books_key}"
        )
    if now is not None:
        return _bound(scene, one.books_key, now)
    return _on_its_way(scene, one.books_key) or _taken(scene, one.books_key, one.before or "")


def _taken(scene: Scene, key: str, card: str) -> str | None:
    """A card has one customer of these books."""
    other = _customer_of(scene, card)
    if other is None or other == key:
        return None
    return (
        f"card {card} has customer {other} already, and syncd does not write several customers of "
        "one books onto one card: merge the doubles in the books, or make a second card"
    )


def _bound(scene: Scene, key: str, card: str, *, moves: bool = False) -> str | None:
    """Why a link cannot be undone: what syncd wrote onto the card would stay there. With `moves` it
    may be undone where the card itself is gone."""
    row = _known(scene, key)
    main = _main(scene, row)
    if row is None or main is None:
        return None
    if busy := _on_its_way(scene, key):
        return busy
    written = _written(scene, row)
    gone = main.state == HELD and parts.error_of(scene.tx, main.id) == waiting.GONE
    if not written or (moves and gone):
        return None
    crm = scene.pair.crm.name
    if moves:
        return (
            f"syncd has written onto card {card}, and it is still in {crm} as far as syncd knows: "
            f"merge the two cards there, let it look with syncd resync --customer {key}, then say "
            "this again"
        )
    return (
        f"syncd has written customer {key} onto card {card}, and would leave its figures and "
        f"documents there: split the card in {crm}; syncd cannot take a customer off a card it "
        "has written"
    )


def _on_its_way(scene: Scene, key: str) -> str | None:
    """Something of the customer is being sent, or nobody knows what became of it."""
    row = _known(scene, key)
    if row is None:
        return None
    mine = sa.or_(part.c.record == row.id, part.c.parent == str(Ref(Kind.CUSTOMER, key)))
    some = {
        one: state
        for one, state in scene.tx.execute(sa.select(part.c.id, part.c.state).where(mine))
    }
    sent = {one for each in intents.unsettled(scene.tx, scene.pair.name) for one, _ in each.parts}
    if sent.isdisjoint(some) and UNSETTLED.isdisjoint(some.values()):
        return None
    return (
        f"something of customer {key} is on its way to {scene.pair.crm.name}: say it again after "
        "the next run"
    )


def _written(scene: Scene, row: Known) -> bool:
    """Whether anything of the customer is at the CRM beside the card that was linked."""
    own = sa.and_(
        part.c.record == row.id,
        sa.or_(
            part.c.sent_at.is_not(None), sa.and_(part.c.key != "", part.c.remote_id.is_not(None))
        ),
    )
    hanging = sa.and_(
        part.c.parent == str(Ref(Kind.CUSTOMER, row.key)),
        part.c.stream.in_(scene.streams.values()),
        part.c.base != NOTHING,
    )
    return bool(scene.tx.scalar(sa.select(sa.exists().where(sa.or_(own, hanging)))))


# -- what it changes -----------------------------------------------------------------------------


def _link(scene: Scene, key: str, card: str, by: By, what: str) -> None:
    pair = scene.pair
    links.bind(
        scene.tx,
        crm=pair.crm.name,
        card_id=card,
        books=pair.books.name,
        books_key=key,
        numbered=False,
        by=by.who,
        at=pair.clock.utc(),
        why=by.why,
        what=what,
    )
    _wait(scene, key, card)


def _move(scene: Scene, key: str, card: str, by: By, what: str) -> int:
    """To this card, from the one it was at or from none. The number of the change."""
    if _card_of(scene, key) is not None:
        _release(scene, key)
    _link(scene, key, card, by, what)
    return journal.of_customer(scene.tx, *_of(scene), key)[-1].id


def _wait(scene: Scene, key: str, card: str) -> None:
    """No card is made for a customer that has one, by a run that is at work just now either."""
    main = _main(scene, _known(scene, key))
    if main and main.remote_id is None and main.want != NOTHING:
        wait = {"waits_for": f"card {card}"}
        parts.update(scene.tx, main.id, state=OWED, **{**SETTLED, **wait})


def _release(scene: Scene, key: str) -> None:
    """As if the card had never been looked at. What hangs on the customer is looked at again once
    it has another card."""
    row = _known(scene, key)
    if row is None:
        return
    for one in parts.of_records(scene.tx, [row.id]).get(row.id, {}).values():
        if one.key == "":
            _reset(scene, Kind.CUSTOMER, one, NOTHING, None)
            parts.store_fields(scene.tx, Kind.CUSTOMER, {one.id: None}, scene.pair.clock.utc())
        elif one.remote_id is not None:
            _reset(scene, Kind.CUSTOMER, one, UNKNOWN, one.remote_id)
    for name, ids in parts.dependents(scene.tx, [str(Ref(Kind.CUSTOMER, key))]).items():
        kind = Kind(name)
        for hung in parts.of_records(scene.tx, ids).values():
            for one in hung.values():
                _loosen(scene, kind, one, key)
    _judge(scene, row)


def _loosen(scene: Scene, kind: Kind, one: Part, key: str) -> None:
    """What was written under the customer: figures are written anew, documents follow."""
    if one.parent != str(Ref(Kind.CUSTOMER, key)) or one.base == NOTHING:
        return
    if one.remote_id is None:
        _reset(scene, kind, one, NOTHING, None)
        parts.store_fields(scene.tx, kind, {one.id: None}, scene.pair.clock.utc())
    elif one.state == CLEAN:
        _reset(scene, kind, one, UNKNOWN, one.remote_id)


def _reset(scene: Scene, kind: Kind, one: Part, base: bytes, remote_id: str | None) -> None:
    state = CLEAN if one.want == base else DUE
    if one.state == CLEAN and state == DUE:
        add(scene.tx, scene.run, scene.streams[kind], became_due=1)
    if one.state != CLEAN and state == CLEAN:
        add(scene.tx, scene.run, scene.streams[kind], collapsed=1)
    values = {"remote_id": remote_id, "base": base, "adopted": False, "confirmed": False}
    parts.update(scene.tx, one.id, state=state, **values, **SETTLED)


def _judge(scene: Scene, row: Known) -> None:
    """A customer of no interest was read for the sake of its card alone."""
    inbound = scene.pair.inbound(Kind.CUSTOMER)
    raw = mirror.raws(scene.tx, Kind.CUSTOMER, [row]).get(row.id)
    if inbound is None or raw is None or row.state == FILTERED:
        return
    try:
        if inbound(Record(row.key, decode_raw(raw))) is not None:
            return
    except MappingError:
        return  # its problem says so
    mirror.set_state(scene.tx, row.id, FILTERED)
    [again] = mirror.by_id(scene.tx, [row.id])
    evaluate(scene, Kind.CUSTOMER, items(scene, Kind.CUSTOMER, [again]))


# -- looking up ----------------------------------------------------------------------------------


def _of(scene: Scene) -> tuple[str, str]:
    return scene.pair.crm.name, scene.pair.books.name


def _known(scene: Scene, key: str) -> Known | None:
    return mirror.known(scene.tx, scene.streams[Kind.CUSTOMER], [key]).get(key)


def _lacks_card(scene: Scene, card: str) -> bool:
    """Only where every card of the CRM is in the mirror can it be told."""
    stream = scene.streams.get(Kind.WON)
    if stream is None or scene.pair.writing.match is None:
        return False
    if streams.read_cursor(scene.tx, stream).swept_at is None:
        return False
    return not mirror.known(scene.tx, stream, [card])


def _main(scene: Scene, row: Known | None) -> Part | None:
    return parts.of_records(scene.tx, [row.id]).get(row.id, {}).get("") if row else None


def _card_of(scene: Scene, key: str) -> str | None:
    return links.linked(scene.tx, *_of(scene), [key]).get(key)


def _customer_of(scene: Scene, card: str) -> str | None:
    found = links.to_books(scene.tx, scene.pair.crm.name, card)
    return next((one.books_key for one in found if one.books == scene.pair.books.name), None)


def _note(
    scene: Scene,
    what: str,
    key: str,
    before: str | None,
    after: str | None,
    by: By,
    *,
    rejected: str | None = None,
) -> int:
    now = scene.pair.clock.utc()
    change = Change(what, *_of(scene), key, before, after, rejected, by.who, by.why, now)
    return journal.note(scene.tx, change)
