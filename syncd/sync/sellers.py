"""Finds the users of the sellers whose cards are about to be made.

The users are read only then: for a seller who is not known yet, or was looked for more than a day
ago. While sellers are without a user they are looked for once a day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import cast

from syncd.domain import Kind
from syncd.errors import AccessError, ProtocolError, RejectedError, SyncdError
from syncd.people import Seller, Verdict, fallback, match, unread
from syncd.port import Directory, User
from syncd.store import mirror, outstanding, problems, sellers
from syncd.store.parts import DUE, OWED, Part
from syncd.store.sellers import Row
from syncd.sync import owners
from syncd.sync.owners import CAUSE, UNREAD
from syncd.sync.pair import Pair, Scene
from syncd.sync.session import Session

FRESH = dt.timedelta(days=1)


def look(session: Session, approved: Callable[[Part], bool]) -> None:
    """Finds the users of the sellers whose cards are about to be made; `approved` tells which."""
    pair, now = session.pair, session.pair.clock.utc()
    with pair.store.reading() as tx:
        told = problems.causes(tx, pair.name, CAUSE)
    if not owners.owned(pair):
        if told:
            with session.commit() as scene:
                owners.tell(scene, [])
        return
    with pair.store.reading() as tx:
        scene = Scene(tx, pair, session.streams, session.run)
        wanted = _wanted(scene, approved)
        known = sellers.every(tx, pair.name)
    fresh = {name: row for name, row in known.items() if _fresh(pair, row, now)}
    new = [name for name, one in wanted.items() if _asks(one, fresh.get(name))]
    missed = {name: row for name, row in known.items() if row.verdict != Verdict.FOUND}
    if not new and not (told and missed.keys() - fresh.keys()):
        return
    people = {name: Seller(name, row.email) for name, row in missed.items()}
    for name in new:
        mail = wanted[name].email or (missed[name].email if name in missed else None)
        people[name] = Seller(name, mail)
    users, error = _users(pair)
    found = [_row(pair, one, users, now) for one in people.values()]
    kept = [row for name, row in fresh.items() if name not in people]
    with session.commit() as scene:
        sellers.replace(scene.tx, pair.name, [*kept, *found])
        owners.tell(scene, [*kept, *found], error)


def _wanted(scene: Scene, approved: Callable[[Part], bool]) -> dict[str, Seller]:
    """Of cards that are wanted and not there."""
    found: dict[str, Seller] = {}
    for some in _unmade(scene):
        ids = {one.record for one in some if owners.path(scene.pair, one.key) and approved(one)}
        customers = mirror.by_id(scene.tx, sorted(ids))
        for one in owners.sellers_of(scene.tx, scene.streams, customers).values():
            if one.name not in found or one.email:
                found[one.name] = one
    return found


def _unmade(scene: Scene) -> Iterator[list[Part]]:
    stream = scene.streams[Kind.CUSTOMER]
    for state in (DUE, OWED):
        after = outstanding.FIRST
        while some := outstanding.unmade(scene.tx, stream, state, after):
            after = outstanding.place(some[-1])
            yield some


def _asks(one: Seller, known: Row | None) -> bool:
    """Whether the users may tell more of a seller than is known already."""
    if known is None or known.verdict == UNREAD:
        return True
    return known.verdict != Verdict.FOUND and one.email is not None and known.email != one.email


def _fresh(pair: Pair, row: Row, now: dt.datetime) -> bool:
    return row.mapping == pair.writing.version and row.at + FRESH > now


def _users(pair: Pair) -> tuple[Sequence[User] | None, SyncdError | None]:
    """None where they may not be read; an outage is one of the whole system, and goes on."""
    connector = pair.crm.connector
    if not connector.facts.lists_users:
        return (), None
    try:
        return pair.crm.ask(cast(Directory, connector).users()), None
    except (AccessError, RejectedError, ProtocolError) as error:
        return None, error


def _row(pair: Pair, one: Seller, users: Sequence[User] | None, now: dt.datetime) -> Row:
    version, people = pair.writing.version, pair.writing.people
    if users is None:
        return Row(one.name, one.email, UNREAD, unread(one, people), version, now)
    found = match(one, users, people)
    user = found.user or fallback(users, people).user
    return Row(one.name, one.email, found.verdict, user, version, now)
