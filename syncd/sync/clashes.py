"""Looks again at objects that wait because somebody else's has their name.

A person settles that in the CRM: renames one of the two, or writes the books key onto the card that
is the same. Nothing tells syncd, so it looks, at a few a cycle: those it has not looked at longest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from syncd.domain import Kind, Want
from syncd.image import unique_hash
from syncd.port import Found
from syncd.store import direct, mirror, parts
from syncd.store.bulk import among, listed
from syncd.store.mirror import Known
from syncd.store.parts import DUE, HELD, Part
from syncd.store.tables import part
from syncd.sync import settle, waiting
from syncd.sync.pair import Scene
from syncd.sync.session import Session
from syncd.sync.want import items, wants_if_any

LOOKS = 20
"""How many a cycle; each is one request or two."""


class Clash(msgspec.Struct, frozen=True):
    """A part that is not at the CRM, and the object there that has its name."""

    kind: Kind
    record: Known
    part: Part
    want: Want
    other: str


def look_again(session: Session) -> None:
    """Binds what carries our key now, and makes due what is free now. Reads only; transport errors
    go to the caller."""
    with session.pair.store.reading() as tx:
        clashes = _clashes(Scene(tx, session.pair, session.streams, session.run))
    for one in clashes:
        ours = _find(session, one, {"marker": one.want.marker})
        others = [] if ours else _find(session, one, {"id": one.other})
        with session.commit() as scene:
            if ours:
                settle.bind_found(
                    scene, one.kind, one.record, one.part, one.want, ours[0], adopted=True
                )
            elif any(_same_name(session, one, other) for other in others):
                parts.update(scene.tx, one.part.id, next_attempt=session.pair.clock.utc())
            else:
                free = {"problem": None, "error": None, "next_attempt": None}
                parts.update(scene.tx, one.part.id, state=DUE, **free)


def _clashes(scene: Scene) -> list[Clash]:
    held = direct.rows(scene.tx, _HELD, streams=listed(scene.streams.values()))
    others = {one: error.removeprefix(waiting.CLASH) for one, error in held}
    found = parts.by_id(scene.tx, list(others))
    clashes = (_clash(scene, found[one], other) for one, other in others.items())
    return [clash for clash in clashes if clash]


_HELD = (
    sa.select(part.c.id, part.c.error)
    .where(
        parts.OPEN,
        among(part.c.stream, "streams"),
        part.c.state == HELD,
        part.c.error.startswith(waiting.CLASH),
    )
    .order_by(part.c.next_attempt.nulls_first(), part.c.id)
    .limit(LOOKS)
)


def _clash(scene: Scene, one: Part, other: str) -> Clash | None:
    row, stream = mirror.with_stream(scene.tx, one.record)
    kind = next(kind for kind, known in scene.streams.items() if known == stream)
    want = wants_if_any(scene, kind, items(scene, kind, [row])[0], one.numbered).get(one.key)
    return Clash(kind, row, one, want, other) if want else None


def _same_name(session: Session, one: Clash, other: Found) -> bool:
    field = session.pair.target(one.want.target).unique or ""
    return unique_hash(str(other.fields.get(field))) == one.part.unique_key


def _find(session: Session, one: Clash, by: Mapping[str, str]) -> Sequence[Found]:
    return session.pair.find(one.want.target, by, {})
