"""Customers that wait because a card may be theirs, where the card itself has their key.

Somebody wrote the key onto it, before the customer was in the books or after the question was
asked. The key is no evidence among others, it is the link. What is compared of cards does not have
it, so it is looked for: once where a question is new, again where its card was touched, and in turn
where the CRM tells no time of a change.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from syncd.domain import Kind
from syncd.store import direct, mirror, parts, streams
from syncd.store.parts import HELD
from syncd.store.tables import part, problem
from syncd.sync import settle
from syncd.sync.matched import MATCH
from syncd.sync.pair import Scene
from syncd.sync.session import Session
from syncd.sync.want import items, wants_if_any

NEW = 100
"""New questions that one run looks at; each is a request."""
IN_TURN = 5
"""Of a CRM that tells no time of a change, a cycle: those not looked at longest."""


def look(session: Session, *, listed: bool) -> None:
    """Binds them. `listed`: all cards with a key were listed in this run, so no new question is
    looked at. Reads only; transport errors go to the caller."""
    pair = session.pair
    if pair.writing.match is None:
        return
    with pair.store.reading() as tx:
        scene = Scene(tx, pair, session.streams, session.run)
        waiting = _asked(scene, session.touched, listed=listed)
    for one in waiting:
        _look_at(session, one)


def _asked(scene: Scene, touched: Collection[str], *, listed: bool) -> list[int]:
    """Parts that wait, and may have been answered by a key."""
    stream = scene.streams[Kind.CUSTOMER]
    tells = streams.read_cursor(scene.tx, scene.streams[Kind.WON]).value is not None
    rows = direct.rows(scene.tx, _HELD, stream=stream)
    new = [] if listed else [one for one, _, run in rows if run == scene.run][:NEW]
    if tells:
        again = [one for one, error, _ in rows if error.removeprefix(MATCH) in touched]
    else:
        again = [one for one, _, run in rows if run != scene.run][:IN_TURN]
    return list(dict.fromkeys([*new, *again]))


_HELD = (
    sa.select(part.c.id, part.c.error, problem.c.run)
    .join(problem, problem.c.id == part.c.problem)
    .where(
        part.c.stream == sa.bindparam("stream"),
        part.c.state == HELD,
        part.c.error.startswith(MATCH),
    )
    .order_by(part.c.next_attempt.nulls_first(), part.c.id)
)


def _look_at(session: Session, one: int) -> None:
    kind = Kind.CUSTOMER
    with session.pair.store.reading() as tx:
        scene = Scene(tx, session.pair, session.streams, session.run)
        mine = parts.by_id(tx, [one])[one]
        [row] = mirror.by_id(tx, [mine.record])
        want = wants_if_any(scene, kind, items(scene, kind, [row])[0], mine.numbered).get(mine.key)
    found = session.pair.find(mine.target, {"marker": row.key}, {})
    with session.commit() as scene:
        if found and want:
            settle.bind_found(scene, kind, row, mine, want, found[0], adopted=True)
        else:
            parts.update(scene.tx, one, next_attempt=session.pair.clock.utc())
