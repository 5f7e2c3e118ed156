"""Binds linked customers to the cards they are linked to, before anything is written to them.

A link may be there before its customer was ever seen at the card: a won customer was just created
in the books, or a person said that the two are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from syncd.domain import Kind, Want
from syncd.errors import RejectedError
from syncd.image import NOTHING
from syncd.store import mirror, parts
from syncd.store.mirror import FILTERED
from syncd.store.parts import HELD, UNSETTLED
from syncd.store.tables import link, part, record
from syncd.sync import settle
from syncd.sync.pair import Scene
from syncd.sync.pull import Pull
from syncd.sync.session import Session
from syncd.sync.want import items, wants_if_any


@dataclass(frozen=True, slots=True)
class Unbound:
    """A linked customer whose card is not bound; `seen` tells whether the mirror has it."""

    customer: str
    card: str
    seen: bool


def unbound(tx: sa.Connection, session: Session) -> list[Unbound]:
    pair = session.pair
    bound = sa.and_(part.c.record == record.c.id, part.c.key == "")
    mine = sa.and_(
        record.c.key == link.c.books_key, record.c.stream == session.streams[Kind.CUSTOMER]
    )
    query = (
        sa.select(link.c.books_key, link.c.card_id, record.c.state)
        .select_from(link)
        .outerjoin(record, mine)
        .outerjoin(part, bound)
        .where(
            link.c.crm == pair.crm.name,
            link.c.books == pair.books.name,
            part.c.remote_id.is_(None),
        )
    )
    return [
        Unbound(key, card, state is not None and state != FILTERED)
        for key, card, state in tx.execute(query)
    ]


def read_linked(session: Session, command: str) -> None:
    """Reads linked customers that the mirror does not have, or has as of no interest. Transport
    errors of the books go to the caller."""
    with session.pair.store.reading() as tx:
        keys = [one.customer for one in unbound(tx, session) if not one.seen]
    for kind in (Kind.CUSTOMER, Kind.BALANCE):
        if keys and session.pair.inbound(kind):
            Pull(session, kind, command, keys).run()


def adopt_linked(session: Session) -> None:
    """What their cards show is the base from now on. Transport errors of the CRM go to the
    caller; nothing is written."""
    with session.pair.store.reading() as tx:
        waiting = [one for one in unbound(tx, session) if one.seen]
    for one in waiting:
        _adopt(session, one)


def _adopt(session: Session, one: Unbound) -> None:
    pair, stream = session.pair, session.streams[Kind.CUSTOMER]
    outbound = pair.outbound(Kind.CUSTOMER)
    if outbound is None:
        return
    target = next(target for key, target in outbound.targets if key == "")
    try:
        found = pair.find(target, {"id": one.card}, {})
    except RejectedError:
        found = ()
    with session.commit() as scene:
        row = mirror.known(scene.tx, stream, [one.customer]).get(one.customer)
        mine = parts.of_records(scene.tx, [row.id]).get(row.id, {}).get("") if row else None
        if row is None or mine is None or mine.want == NOTHING or mine.state in UNSETTLED:
            return
        if not found:
            if mine.state != HELD:
                settle.gone(scene, Kind.CUSTOMER, row, mine)
            return
        want = _want(scene, row, mine)
        if want:
            settle.bind_found(scene, Kind.CUSTOMER, row, mine, want, found[0], adopted=True)


def _want(scene: Scene, row: mirror.Known, mine: parts.Part) -> Want | None:
    return wants_if_any(
        scene, Kind.CUSTOMER, items(scene, Kind.CUSTOMER, [row])[0], mine.numbered
    ).get("")
