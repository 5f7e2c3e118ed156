"""Why a customer and a card cannot be linked, or taken apart, just now: sentences for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from syncd.domain import SOMEBODY, Kind, Ref
from syncd.image import NOTHING
from syncd.store import intents, link_journal, links, merges, mirror, parts, streams
from syncd.store.link_journal import Change
from syncd.store.mirror import Known
from syncd.store.parts import HELD, UNSETTLED
from syncd.store.tables import part
from syncd.sync import farewell, members, waiting
from syncd.sync.members import connections
from syncd.sync.pair import Scene


def to_link(scene: Scene, key: str, card: str) -> str | None:
    """Why this customer and this card cannot be linked now."""
    if customer_row(scene, key) is None:
        return f"{scene.pair.books.name} has no customer {key} as far as syncd has read it"
    if _lacks_card(scene, card):
        return f"{scene.pair.crm.name} has no card {card} as far as syncd has read it"
    if (former := farewell.cards_left(scene).get(card)) is not None:
        return (
            f"card {card} still says what syncd wrote there for customer {former}: the next run "
            "that writes takes it back, then say this again; or take the split back with "
            f"syncd links undo, see: syncd links show {former}"
        )
    now = card_of(scene, key)
    if now == card:
        return f"customer {key} and card {card} are linked already"
    if now is not None:
        return (
            f"customer {key} is linked to card {now}; to take it off there first: "
            f"syncd links split {key}"
        )
    return on_its_way(scene, key)


def to_merge(scene: Scene, keys: Sequence[str], card: str, into: str) -> str | None:
    """`keys` are the customers of the card, the primary one first."""
    if card == into:
        return "name two cards"
    busy = (on_its_way(scene, key) for key in keys)
    return next((one for one in busy if one), None) or to_part(scene, keys[0], card, moves=True)


def to_crown(scene: Scene, key: str, card: str) -> str | None:
    """Why a customer cannot become the primary one of its card."""
    keys = members.of_card(scene, card)
    if key == keys[0]:
        return f"customer {key} is the primary one of card {card} already"
    return on_its_way(scene, keys[0]) or on_its_way(scene, key)


def to_merge_customers(scene: Scene, key: str, into: str) -> str | None:
    if key == into:
        return "name two customers"
    for one in (key, into):
        if customer_row(scene, one) is None:
            return f"{scene.pair.books.name} has no customer {one} as far as syncd has read it"
    known = merges.of(scene.tx, scene.pair.name, [key, into])
    if into in known and known[into].into != SOMEBODY:
        return f"customer {into} was merged into customer {known[into].into} itself"
    if key in known and known[key].into != SOMEBODY:
        return f"customer {key} was merged into customer {known[key].into} already"
    return None


def to_undo(scene: Scene, one: Change) -> str | None:
    """Why a change cannot be taken back."""
    if one.undone is not None:
        return f"change {one.id} was taken back already, by change {one.undone}"
    if one.what in link_journal.NO_DECISIONS:
        how = f"syncd links split {one.books_key}, or syncd links accept"
        return f"change {one.id} is no decision that can be taken back; decide anew with: {how}"
    if one.what == link_journal.PRIMARY:
        return _to_uncrown(scene, one)
    if one.before == one.after:
        return None
    now = card_of(scene, one.books_key)
    if now != one.after:
        shown = f"linked to card {now}" if now else "linked to no card"
        return (
            f"the link was changed since: customer {one.books_key} is {shown}; see: "
            f"syncd links show {one.books_key}"
        )
    if now is not None and one.before is not None:
        return to_part(scene, one.books_key, now)
    if now is not None:
        return to_leave(scene, one.books_key, now)
    return on_its_way(scene, one.books_key)


def _to_uncrown(scene: Scene, one: Change) -> str | None:
    keys = members.of_card(scene, one.before or "")
    if keys[:1] == [one.books_key] and one.former in keys:
        return to_crown(scene, one.former, one.before or "")
    return (
        f"the customers of card {one.before} were changed since; see: "
        f"syncd links show {one.books_key}"
    )


def to_leave(scene: Scene, key: str, card: str) -> str | None:
    """Why a customer cannot be taken off its card now."""
    if busy := on_its_way(scene, key):
        return busy
    hung = farewell.hanging(scene, key) if takes_leave(scene, key, card) else []
    if _is_on_its_way(scene, {one.part.id: one.part.state for one in hung}):
        return _BUSY.format(key=key, crm=scene.pair.crm.name)
    return None


def takes_leave(scene: Scene, key: str, card: str) -> bool:
    """Whether something would stay on the card that is taken back: nobody else is there."""
    row = customer_row(scene, key)
    return row is not None and len(members.of_card(scene, card)) < 2 and written(scene, row)


def to_part(scene: Scene, key: str, card: str, *, moves: bool = False) -> str | None:
    """Why a link cannot be undone: what syncd wrote onto the card would stay there. With `moves` it
    may be undone where the card itself is gone."""
    row = customer_row(scene, key)
    main = members.main_part(scene, key)
    if row is None or main is None:
        return None
    if busy := on_its_way(scene, key):
        return busy
    if not moves and len(members.of_card(scene, card)) > 1:
        return None  # others stay there: its figures leave with it, and its documents follow
    gone = main.state == HELD and parts.error_of(scene.tx, main.id) == waiting.GONE
    if not written(scene, row) or (moves and gone):
        return None
    crm = scene.pair.crm.name
    if moves:
        return (
            f"syncd has written onto card {card}, and it is still in {crm} as far as syncd knows: "
            f"merge the two cards there, let it look with syncd resync --customer {key}, then say "
            "this again"
        )
    return (
        f"syncd has written customer {key} onto card {card}, and the card it was on before may be "
        f"gone: take it off with syncd links split {key}, and link it with syncd links accept"
    )


def on_its_way(scene: Scene, key: str) -> str | None:
    """Something of the customer is being sent, or nobody knows what became of it."""
    row = customer_row(scene, key)
    if row is None:
        return None
    mine = sa.or_(part.c.record == row.id, part.c.parent == str(Ref(Kind.CUSTOMER, key)))
    some = {
        one: state
        for one, state in scene.tx.execute(sa.select(part.c.id, part.c.state).where(mine))
    }
    if not _is_on_its_way(scene, some):
        return None
    return _BUSY.format(key=key, crm=scene.pair.crm.name)


_BUSY = "something of customer {key} is on its way to {crm}: say it again after the next run"


def _is_on_its_way(scene: Scene, some: Mapping[int, str]) -> bool:
    """Of parts with their states."""
    sent = {one for each in intents.unsettled(scene.tx, scene.pair.name) for one, _ in each.parts}
    return not (sent.isdisjoint(some) and UNSETTLED.isdisjoint(some.values()))


def written(scene: Scene, row: Known) -> bool:
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


# -- looking up ----------------------------------------------------------------------------------


def customer_row(scene: Scene, key: str) -> Known | None:
    return mirror.known(scene.tx, scene.streams[Kind.CUSTOMER], [key]).get(key)


def _lacks_card(scene: Scene, card: str) -> bool:
    """Only where every card of the CRM is in the mirror can it be told."""
    stream = scene.streams.get(Kind.WON)
    if stream is None or scene.pair.writing.match is None:
        return False
    if streams.read_cursor(scene.tx, stream).swept_at is None:
        return False
    return not mirror.known(scene.tx, stream, [card])


def card_of(scene: Scene, key: str) -> str | None:
    return links.linked(scene.tx, *connections(scene), [key]).get(key)


def customer_of(scene: Scene, card: str) -> str | None:
    """Its primary one."""
    return next(iter(members.of_card(scene, card)), None)
