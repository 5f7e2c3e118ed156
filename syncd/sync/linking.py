"""What people decide about links: accepted, rejected, split, merged, taken back.

Each changes the store alone, inside one commit of the pair's owner, and is journalled. Neither
system is written to: the next run looks at a card that was linked, and what it shows becomes the
base (`adopt`).
"""

from __future__ import annotations

import msgspec

from syncd.domain import Kind, Ref
from syncd.errors import MappingError, UsageError
from syncd.image import NOTHING, UNKNOWN, decode_raw
from syncd.port import Record
from syncd.store import link_journal as journal
from syncd.store import links, merges, mirror, parts, touched
from syncd.store.link_journal import Change
from syncd.store.merges import Merge
from syncd.store.mirror import FILTERED, Known
from syncd.store.parts import CLEAN, DUE, OWED, SETTLED, Part
from syncd.store.runs import add
from syncd.sync import farewell, matched, members, obstacles, waiting
from syncd.sync.members import connections
from syncd.sync.obstacles import card_of, customer_of, customer_row
from syncd.sync.pair import Scene
from syncd.sync.want import evaluate, items


class By(msgspec.Struct, frozen=True):
    """Who decides, and why."""

    who: str
    why: str | None


# -- decisions -----------------------------------------------------------------------------------


def accept(scene: Scene, key: str, card: str, by: By, *, primary: bool = False) -> str:
    """They are the same. UsageError where they cannot be linked. A card that has a customer has one
    more then, a member; `primary` makes this one the first."""
    if not primary and is_unconfirmed(scene, key, card):
        _confirm(scene, key, card, by)
        return f"customer {key} and card {card} stay linked"
    first = customer_of(scene, card)
    if primary and first is not None and card_of(scene, key) == card:
        return _choose(scene, key, card, by)
    _refuse(obstacles.to_link(scene, key, card))
    _link(scene, key, card, by, journal.ACCEPTED)
    if first is None:
        return (
            f"customer {key} and card {card} are linked; the next run looks at the card, and what "
            "it shows is the base from then on"
        )
    said = (
        f"customer {key} is a member of card {card}, beside its primary customer {first}: the card "
        "shows what all of them owe, and the name and address of the primary one"
    )
    return f"{said}; {_choose(scene, key, card, by)}" if primary else said


def _choose(scene: Scene, key: str, card: str, by: By) -> str:
    """The primary one of several customers of a card."""
    _refuse(obstacles.to_crown(scene, key, card))
    former = customer_of(scene, card)
    _crown(scene, key, card)
    _note(scene, journal.PRIMARY, key, card, card, by, former=former)
    return (
        f"customer {key} is the primary one of card {card} from now on, and customer {former} a "
        "member; the next run writes its fields there"
    )


def _crown(scene: Scene, key: str, card: str) -> None:
    members.hand_over(scene, members.of_card(scene, card)[0], key)
    links.crown(scene.tx, *connections(scene), key)
    members.settle(scene, card)


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
    main = members.main_part(scene, key)
    if main and (parts.error_of(scene.tx, main.id) or "").startswith(matched.MATCH):
        _compare_again(scene, main)
    return (
        f"customer {key} and card {card} are not the same: they are not suggested again without "
        "new evidence"
    )


def split(scene: Scene, key: str, evidence: bytes, by: By) -> str:
    """The customer's card is not its card. What syncd wrote onto it is taken back if nobody else is
    there."""
    card = card_of(scene, key)
    if card is None:
        raise UsageError(f"customer {key} is not linked to a card")
    _refuse(obstacles.to_leave(scene, key, card))
    takes_leave = obstacles.takes_leave(scene, key, card)
    heir = _leave(scene, key, card)
    former = key if heir else None
    change = _note(scene, journal.SPLIT, key, card, None, by, rejected=card, former=former)
    journal.reject(scene.tx, *connections(scene), key, card, evidence, change)
    crm, rest = scene.pair.crm.name, members.of_card(scene, card)
    own = f"unless it is linked elsewhere, the next run that writes makes a card for customer {key}"
    if takes_leave:
        return (
            f"customer {key} is off card {card}, and what syncd wrote there is taken back by the "
            "next run that writes: the figures, the books' key and what else the books said of it "
            "are emptied, but for the name, and its documents cancelled. They are made again on "
            f"its next card; {own}"
        )
    if not rest:
        return f"customer {key} is off card {card}, which stays as it is in {crm}; {own}"
    others = " and ".join(f"customer {one}" for one in rest)
    first = f", with customer {heir} as the primary one" if heir else ""
    return (
        f"customer {key} is off card {card}, which is of {others} from now on{first}: what the "
        f"card shows is worked out again, and the documents of customer {key} follow it where "
        f"{crm} lets them be moved, else each is a problem; {own}"
    )


def merge(scene: Scene, card: str, into: str, by: By) -> str:
    """People made one of two cards: the customers of `card` belong to `into` from now on."""
    keys = members.of_card(scene, card)
    if not keys:
        raise UsageError(f"card {card} is linked to no customer of {scene.pair.books.name}")
    _refuse(obstacles.to_merge(scene, keys, card, into))
    first = customer_of(scene, into)
    for key in keys:
        move(scene, key, into, by, journal.MERGED)
    noun, them = ("customers", "them") if len(keys) > 1 else ("customer", "the customer")
    beside = f", beside its primary customer {first}" if first else ""
    return (
        f"{noun} {', '.join(keys)} moved from card {card} to card {into}{beside}; the next run "
        f"looks at the card, and what syncd wrote for {them} follows"
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
    if one.what == journal.PRIMARY and one.former is not None and now is not None:
        _crown(scene, one.former, now)
        back = _note(scene, journal.UNDONE, key, now, now, by, former=key)
        said = f"customer {one.former} is the primary one of card {now}, as it was before"
    elif one.before == one.after and one.rejected is None:
        now_at = scene.pair.clock.utc()
        links.confirm(scene.tx, *connections(scene), key, matched.BY, now_at)
        back = _note(scene, journal.UNDONE, key, now, now, by)
        said = f"the link of customer {key} and card {now} is unconfirmed"
    elif one.before == one.after:
        back = _note(scene, journal.UNDONE, key, now, now, by)
        said = f"customer {key} and card {one.rejected} may be suggested again"
    elif one.before is None:
        assert now is not None
        heir = _leave(scene, key, now)
        former = key if heir else None
        back = _note(scene, journal.UNDONE, key, now, None, by, former=former)
        said = f"customer {key} is off card {now}, as it was before"
    else:
        farewell.take_back(scene, key, one.before)
        back = move(scene, key, one.before, by, journal.UNDONE)
        said = f"customer {key} is linked to card {one.before}, as it was before"
        if one.former == key and customer_of(scene, one.before) != key:
            _refuse(obstacles.to_crown(scene, key, one.before))
            _crown(scene, key, one.before)
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
    members.settle(scene, card)


def _leave(scene: Scene, key: str, card: str) -> str | None:
    """Off the card. Its heir, where it was the primary customer of several."""
    heir = _heir(scene, key, card)
    if heir:
        members.hand_over(scene, key, heir)
    takes_leave = obstacles.takes_leave(scene, key, card)
    links.unbind(scene.tx, *connections(scene), key)
    if takes_leave:
        farewell.leave(scene, key, card)
    _release(scene, key)
    members.settle(scene, card)
    return heir


def _heir(scene: Scene, key: str, card: str) -> str | None:
    first, *others = members.of_card(scene, card)
    return others[0] if first == key and others else None


def move(scene: Scene, key: str, card: str, by: By, what: str) -> int:
    """To this card, from the one it was at or from none. The number of the change."""
    before = card_of(scene, key)
    if before is not None:
        if heir := _heir(scene, key, before):
            members.hand_over(scene, key, heir)
        _release(scene, key)
    _link(scene, key, card, by, what)
    if before is not None:
        members.settle(scene, before)
    return journal.of_customer(scene.tx, *connections(scene), key)[-1].id


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
    evaluate(scene, Kind.CUSTOMER, items(scene, Kind.CUSTOMER, [row]))
    touched.add(scene.tx, scene.streams[Kind.CARD], [key])
    for one in parts.of_records(scene.tx, [row.id]).get(row.id, {}).values():
        if one.key == "":
            _reset(scene, Kind.CUSTOMER, one, NOTHING, None)
            _compare_again(scene, one)
            parts.store_fields(scene.tx, Kind.CUSTOMER, {one.id: None}, scene.pair.clock.utc())
        elif one.remote_id is not None:
            _reset(scene, Kind.CUSTOMER, one, UNKNOWN, one.remote_id)
    for name, ids in parts.dependents(scene.tx, scene.ids, [str(Ref(Kind.CUSTOMER, key))]).items():
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
    """A customer of no interest was read for the sake of its card alone. What was written of it
    keeps it: its documents go to a card of its own."""
    if obstacles.written(scene, row):
        return
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
    former: str | None = None,
) -> int:
    now = scene.pair.clock.utc()
    change = Change(what, *connections(scene), key, before, after, rejected, by.who, by.why, now)
    return journal.note(scene.tx, msgspec.structs.replace(change, former=former))
