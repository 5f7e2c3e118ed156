"""Binds linked customers to the cards they are linked to, before anything is written to them.

A link may be there before its customer was ever seen at the card: a won customer was just created
in the books, or a person said that the two are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from syncd.domain import Kind
from syncd.errors import RejectedError
from syncd.image import NOTHING
from syncd.port import Found
from syncd.store import direct, link_journal, links, mirror, parts, shares
from syncd.store.mirror import FILTERED
from syncd.store.parts import DUE, HELD, OPEN, UNSETTLED
from syncd.store.tables import link, part, record
from syncd.sync import members, settle, waiting
from syncd.sync.pair import Pair
from syncd.sync.pull import Pull
from syncd.sync.session import Session
from syncd.sync.want import items, wants_if_any


class Unbound(msgspec.Struct, frozen=True):
    """A linked customer whose card is not bound; `seen` tells whether the mirror has it."""

    customer: str
    card: str
    seen: bool


def unbound(tx: sa.Connection, session: Session) -> list[Unbound]:
    """All links are gone through once in the life of an owner, and after each change of one. From
    then on a customer whose object is no longer there stands among what is open, and its card is
    bound; so a cycle in which nothing happened does not grow with the number of links."""
    pair, owner, newest = session.pair, session.owner, link_journal.newest(tx)
    of = {"crm": pair.crm.name, "books": pair.books.name}
    of_books = {**of, "customers": session.streams[Kind.CUSTOMER]}
    if owner.bound == newest and direct.value(tx, _LOOSE, **of_books) is None:
        return []
    found = [
        Unbound(key, card, state is not None and state != FILTERED)
        for key, card, state in direct.rows(tx, _UNBOUND, **of_books)
    ]
    owner.bound = None if found else newest
    return found


_UNBOUND = (
    sa.select(link.c.books_key, link.c.card_id, record.c.state)
    .select_from(link)
    .outerjoin(
        record,
        sa.and_(record.c.key == link.c.books_key, record.c.stream == sa.bindparam("customers")),
    )
    .outerjoin(part, sa.and_(part.c.record == record.c.id, part.c.key == ""))
    .where(
        link.c.crm == sa.bindparam("crm"),
        link.c.books == sa.bindparam("books"),
        part.c.remote_id.is_(None),
    )
)


_LOOSE = (
    sa.select(link.c.id)
    .select_from(part)
    .join(record, record.c.id == part.c.record)
    .join(
        link,
        sa.and_(
            link.c.books == sa.bindparam("books"),
            link.c.books_key == record.c.key,
            link.c.crm == sa.bindparam("crm"),
        ),
    )
    .where(
        OPEN,
        part.c.stream == sa.bindparam("customers"),
        part.c.key == "",
        part.c.remote_id.is_(None),
    )
    .limit(1)
)


def read_linked(session: Session, command: str) -> None:
    """Reads linked customers and balances that the mirror does not have, or has as of no interest.
    Transport errors of the books go to the caller."""
    with session.pair.store.reading() as tx:
        linked = unbound(tx, session)
        lacking = {Kind.CUSTOMER: [one.customer for one in linked if not one.seen]}
        keys = [one.customer for one in linked]
        balances = mirror.known(tx, session.streams[Kind.BALANCE], keys)
        there = {key for key, row in balances.items() if row.state != FILTERED}
        lacking[Kind.BALANCE] = [key for key in keys if key not in there]
    for kind, some in lacking.items():
        if some and session.pair.inbound(kind):
            Pull(session, kind, command, some).run()


def adopt_linked(session: Session) -> None:
    """What their cards show is the base from now on. Transport errors of the CRM go to the
    caller; nothing is written."""
    with session.pair.store.reading() as tx:
        waiting = [one for one in unbound(tx, session) if one.seen]
        keys = [one.customer for one in waiting]
        places = links.places(tx, session.pair.crm.name, session.pair.books.name, keys)
    for one in waiting:
        if one.customer not in places:
            _adopt(session, one)
    if places:
        with session.commit() as scene:
            for key in places:
                members.place(scene, key)


def look_again(session: Session) -> None:
    """Customers that wait until their former card has another name are tried again: it may have got
    it by a request whose answer was lost, or from another customer than the one they wait for."""
    with session.pair.store.reading() as tx:
        named = shares.waiting_for(tx, session.streams[Kind.CUSTOMER], members.NAMED)
    if named:
        with session.commit() as scene:
            parts.update(scene.tx, named, state=DUE, waits_for=None)


def _adopt(session: Session, one: Unbound) -> None:
    pair, stream = session.pair, session.streams[Kind.CUSTOMER]
    outbound = pair.outbound(Kind.CUSTOMER)
    if outbound is None:
        return
    target = next(target for key, target in outbound.targets if key == "")
    found = _find(pair, target, {"id": one.card})
    others = {
        key: _find(pair, other, {"marker": one.customer})
        for key, other in outbound.targets
        if key and found
    }
    with session.commit() as scene:
        row = mirror.known(scene.tx, stream, [one.customer]).get(one.customer)
        mine = parts.of_records(scene.tx, [row.id]).get(row.id, {}) if row else {}
        main = mine.get("")
        if row is None or main is None or main.want == NOTHING or main.state in UNSETTLED:
            return
        if not found:
            if main.state != HELD:
                waiting.gone(scene, Kind.CUSTOMER, row, main)
            return
        wants = wants_if_any(
            scene, Kind.CUSTOMER, items(scene, Kind.CUSTOMER, [row])[0], main.numbered
        )
        for key, seen in {**others, "": found}.items():
            part, want = mine.get(key), wants.get(key)
            if part and want and seen and part.remote_id is None and part.state not in UNSETTLED:
                settle.bind_found(scene, Kind.CUSTOMER, row, part, want, seen[0], adopted=True)


def _find(pair: Pair, target: str, by: Mapping[str, str]) -> Sequence[Found]:
    try:
        return pair.find(target, by, {})
    except RejectedError:
        return ()
