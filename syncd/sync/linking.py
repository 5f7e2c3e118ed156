"""What people decide about links: accepted, rejected, split, merged, taken back.

Each changes the store alone, inside one commit of the pair's owner, and is journalled. Neither
system is written to: the next run looks at a card that was linked, and what it shows becomes the
base (`adopt`).
"""

from __future__ import annotations

from dataclasses import dataclass

from syncd.domain import Kind, Ref
from syncd.errors import MappingError, UsageError
from syncd.image import NOTHING, UNKNOWN, decode_raw
from syncd.port import Record
from syncd.store import link_journal as journal
from syncd.store import links, merges, mirror, parts
from syncd.store.link_journal import Change
from syncd.store.merges import Merge
from syncd.store.mirror import FILTERED, Known
from syncd.store.parts import CLEAN, DUE, OWED, SETTLED, Part
from syncd.store.runs import add
from syncd.sync import matched, obstacles, waiting
from syncd.sync.obstacles import card_of, connections, customer_of, customer_row, main_part
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
    if is_unconfirmed(scene, key, card):
        _confirm(scene, key, card, by)
        return f"customer {key} and card {card} stay linked"
    _refuse(obstacles.to_link(scene, key, card))
    _link(scene, key, card, by, journal.ACCEPTED)
    return (
        f"customer {key} and card {card} are linked; the next run looks at the card, and what it "
        "shows is the base from then on"
    )


def reject(scene: Scene, key: str, card: str, evidence: bytes, by: By) -> str:
    """They are not the same; as long as nothing else speaks for it, nobody is asked again."""
    now = card_of(scene, key)
    if now == card:
        raise UsageError(
            f"customer {key} and card {card} are linked; to take them apart: syncd links split"
        )
    if journal.rejected(scene.tx, *connections(scene)).get((key, card)) == evidence:
        raise UsageError(f"customer {key} and card {card} were rejected already")
    change = _note(scene, journal.REJECTED, key, now, now, by, rejected=card)
    journal.reject(scene.tx, *connections(scene), key, card, evidence, change)
    main = main_part(scene, customer_row(scene, key))
    if main and (parts.error_of(scene.tx, main.id) or "").startswith(matched.MATCH):
        _compare_again(scene, main)
    return (
        f"customer {key} and card {card} are not the same: they are not suggested again without "
        "new evidence"
    )


def split(scene: Scene, key: str, evidence: bytes, by: By) -> str:
    """The customer's card is not its card. UsageError where it was written already."""
    card = card_of(scene, key)
    if card is None:
        raise UsageError(f"customer {key} is not linked to a card")
    _refuse(obstacles.to_part(scene, key, card))
    links.unbind(scene.tx, *connections(scene), key)
    change = _note(scene, journal.SPLIT, key, card, None, by, rejected=card)
    journal.reject(scene.tx, *connections(scene), key, card, evidence, change)
    _release(scene, key)
    return (
        f"customer {key} is off card {card}, which stays as it is in {scene.pair.crm.name}; unless "
        f"it is linked elsewhere, the next run that writes makes a card for customer {key}"
    )


def merge(scene: Scene, card: str, into: str, by: By) -> str:
    """People made one of two cards: the customer of `card` belongs to `into` from now on."""
    key = customer_of(scene, card)
    if key is None:
        raise UsageError(f"card {card} is linked to no customer of {scene.pair.books.name}")
    _refuse(obstacles.to_merge(scene, key, card, into))
    move(scene, key, into, by, journal.MERGED)
    return (
        f"customer {key} moved from card {card} to card {into}; the next run looks at the card, "
        "and what syncd wrote for the customer follows"
    )


def merge_customers(scene: Scene, key: str, into: str, by: By) -> str:
    """The books made one customer of two and do not say so themselves."""
    _refuse(obstacles.to_merge_customers(scene, key, into))
    now = scene.pair.clock.utc()
    merges.note(scene.tx, scene.pair.name, Merge(key, into, by.who, now, False, False))
    card = card_of(scene, key)
    _note(scene, journal.SAID, key, card, card, by)
    return (
        f"customer {key} is customer {into} from now on: its documents, what it owes and its card "
        "follow with the next run"
    )


def undo(scene: Scene, number: int, by: By) -> str:
    """Takes one journalled change back. UsageError where something came after it."""
    one = journal.find(scene.tx, *connections(scene), number)
    if one is None:
        raise UsageError(f"there is no change {number} of a link; see: syncd links show")
    _refuse(obstacles.to_undo(scene, one))
    key, now = one.books_key, card_of(scene, one.books_key)
    if one.rejected is not None:
        journal.allow(scene.tx, *connections(scene), key, one.rejected)
    if one.before == one.after and one.rejected is None:
        now_at = scene.pair.clock.utc()
        links.confirm(scene.tx, *connections(scene), key, matched.BY, now_at)
        back = _note(scene, journal.UNDONE, key, now, now, by)
        said = f"the link of customer {key} and card {now} is unconfirmed"
    elif one.before == one.after:
        back = _note(scene, journal.UNDONE, key, now, now, by)
        said = f"customer {key} and card {one.rejected} may be suggested again"
    elif one.before is None:
        links.unbind(scene.tx, *connections(scene), key)
        back = _note(scene, journal.UNDONE, key, now, None, by)
        _release(scene, key)
        said = f"customer {key} is off card {now}, as it was before"
    else:
        back = move(scene, key, one.before, by, journal.UNDONE)
        said = f"customer {key} is linked to card {one.before}, as it was before"
    journal.take_back(scene.tx, number, back)
    return f"#{number} is taken back: {said}"


def _refuse(obstacle: str | None) -> None:
    if obstacle:
        raise UsageError(obstacle)


def is_unconfirmed(scene: Scene, key: str, card: str) -> bool:
    """Whether they are linked by evidence alone."""
    found = links.to_books(scene.tx, scene.pair.crm.name, card)
    mine = (one for one in found if (one.books, one.books_key) == (scene.pair.books.name, key))
    return any(one.by == matched.BY for one in mine)


def _confirm(scene: Scene, key: str, card: str, by: By) -> None:
    links.confirm(scene.tx, *connections(scene), key, by.who, scene.pair.clock.utc())
    _note(scene, journal.ACCEPTED, key, card, card, by)


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


def move(scene: Scene, key: str, card: str, by: By, what: str) -> int:
    """To this card, from the one it was at or from none. The number of the change."""
    if card_of(scene, key) is not None:
        _release(scene, key)
    _link(scene, key, card, by, what)
    return journal.of_customer(scene.tx, *connections(scene), key)[-1].id


def _wait(scene: Scene, key: str, card: str) -> None:
    """No card is made for a customer that has one, by a run that is at work just now either."""
    main = main_part(scene, customer_row(scene, key))
    if main and main.remote_id is None and main.want != NOTHING:
        wait = {"waits_for": f"card {card}"}
        parts.update(scene.tx, main.id, state=OWED, **{**SETTLED, **wait})


def _compare_again(scene: Scene, main: Part) -> None:
    """Without a card: before one is made, the cards that are there are looked through once more, by
    the next run."""
    if scene.pair.writing.match is not None and main.want != NOTHING:
        parts.update(scene.tx, main.id, state=OWED, **{**SETTLED, "waits_for": "match"})


def _release(scene: Scene, key: str) -> None:
    """As if the card had never been looked at. What hangs on the customer is looked at again once
    it has another card."""
    row = customer_row(scene, key)
    if row is None:
        return
    for one in parts.of_records(scene.tx, [row.id]).get(row.id, {}).values():
        if one.key == "":
            _reset(scene, Kind.CUSTOMER, one, NOTHING, None)
            _compare_again(scene, one)
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
    elif one.state == CLEAN or parts.error_of(scene.tx, one.id) == waiting.GONE:
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
    change = Change(what, *connections(scene), key, before, after, rejected, by.who, by.why, now)
    return journal.note(scene.tx, change)
