"""A state that is older than what was written since: it was restored, or another one was put in its
place. Nothing is written until both systems were compared with it and a person said so.

What tells it without asking anybody is `store.witness`. Where the whole machine came back from a
copy, only the systems know: objects that syncd made and this state does not know, figures on cards
that are what is wanted now and not what this state was last agreed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import sqlalchemy as sa

from syncd.domain import Kind
from syncd.errors import RejectedError
from syncd.image import as_sent, decode_fields
from syncd.store import mirror, outstanding, parts, problems, streams, witness
from syncd.store.mirror import UNMAPPABLE
from syncd.store.parts import Part
from syncd.store.streams import PairState
from syncd.store.tables import record
from syncd.sync import leftovers
from syncd.sync.pair import Scene
from syncd.sync.recheck import Recheck
from syncd.sync.session import Session
from syncd.sync.want import items, wants_if_any

CAUSE = "state restored"
CARDS = 10
"""Cards that are read to see whether they show what this state knows nothing of."""


def state_of(session: Session) -> PairState:
    with session.pair.store.reading() as tx:
        found = streams.pair_state(tx, session.pair.name)
    assert found is not None
    return found


def tell(scene: Scene, state: PairState | None = None) -> None:
    """The problem of a pair whose state came back, until a person says to go on."""
    state = state or streams.pair_state(scene.tx, scene.pair.name)
    if state is None or not state.restored_sign:
        return
    pair = scene.pair
    if state.looked_back:
        then = (
            "Both systems were compared with it: what they have and it did not know is linked "
            "again. What still differs waits, and nothing is written before you say so: "
            "syncd plan, then syncd apply with the plan's id"
        )
    else:
        then = (
            "Nothing is written. First both systems are read and compared with it completely: "
            "syncd plan; then syncd apply with the plan's id makes the pair live again"
        )
    problems.raise_problem(
        scene.tx,
        pair=pair.name,
        cause=CAUSE,
        owner=problems.SYSADMIN,
        text=f"The state of pair {pair.name} is older than what was written since: "
        f"{state.restored_sign}. The pair is in mode plan. {then}. If the right state file is "
        "still there, put that back instead, before anything else.",
        run=scene.run,
        at=pair.clock.utc(),
    )


def go_on(scene: Scene) -> bool:
    """A person saw what would be written, and said yes. Whether that was waited for."""
    waited = problems.since(scene.tx, scene.pair.name, CAUSE) is not None
    streams.move_restored(scene.tx, scene.pair.name, restored_sign=None)
    problems.close(scene.tx, scene.pair.name, CAUSE, scene.pair.clock.utc())
    return waited


def note(session: Session, unknown: Sequence[str], *, first: bool) -> bool:
    """Whether what the systems have shows that this state is not the newest; then that is noted.
    With `first` nothing was ever listed under this state: what is there is of an earlier one, and
    all of it is due to a person's yes anyhow."""
    cards = [] if unknown or first else _newer_cards(session)
    found = [*unknown, *cards]
    if not found:
        return False
    some = ", ".join(found[:5]) + (", ..." if len(found) > 5 else "")
    what = "were written by syncd" if len(found) > 1 else "was written by syncd"
    sign = f"{session.pair.crm.name} has {len(found)} that {what}, and it knows nothing of ({some})"
    with session.commit() as scene:
        now = scene.pair.clock.utc()
        witness.note_return(scene.tx, scene.pair.name, None if first else sign, now)
        tell(scene)
    return not first


def _newer_cards(session: Session) -> list[str]:
    """Cards that would be written, and show every figure already as it would be."""
    pair, stream = session.pair, session.streams[Kind.CARD]
    with pair.store.reading() as tx:
        due = outstanding.due(tx, stream, pair.clock.utc(), CARDS)
    return [f"card of customer {key}" for one in due if (key := _shows_newer(session, one))]


def _shows_newer(session: Session, one: Part) -> str | None:
    """The customer's key, where its card does."""
    pair = session.pair
    with pair.store.reading() as tx:
        scene = Scene(tx, pair, session.streams, session.run, session.owner.epoch)
        row, _ = mirror.with_stream(tx, one.record)
        want = wants_if_any(scene, Kind.CARD, items(scene, Kind.CARD, [row])[0], False).get(one.key)
        above = None
        if want and want.of:
            located = parts.located(tx, session.streams[want.of.kind], [want.of])
            above = located.get((want.of.key, want.of.part))
        before, _ = decode_fields(parts.stored_fields(tx, Kind.CARD, [one.id]).get(one.id))
    if want is None or above is None or above.remote_id is None or not before:
        return None
    try:
        found = pair.find(one.target, {"id": above.remote_id}, {})
    except RejectedError:
        return None
    figures = {path: v for path, v in want.fields.items() if isinstance(v, Decimal)}
    moved = any(before.get(path) != value for path, value in figures.items())
    shown = all(
        found and as_sent(path, value, found[0].fields.get(path), one.rewritten)
        for path, value in figures.items()
    )
    return row.key if moved and shown else None


def look_back(session: Session, check: Recheck) -> None:
    """Everything that is, or could be, at the CRM is read and becomes the base. Transport errors go
    to the caller; then the next cycle does it anew."""
    for kind, stream in session.streams.items():
        last = 0
        while True:
            with session.pair.store.reading() as tx:
                batch = mirror.batch(tx, stream, last)
            if not batch:
                break
            last = batch[-1].id
            for row in batch:
                check.look(kind, row.key)
                if check.presence.stops(session.pair.crm):
                    return
    leftovers.take_up(session)
    with session.commit() as scene:
        streams.move_restored(scene.tx, scene.pair.name, looked_back=scene.pair.clock.utc())
        tell(scene)


def end(scene: Scene, *, wrote: bool, open_parts: int) -> None:
    """Once all that waited was written, this state knows all there is, and is as good as any."""
    state = streams.pair_state(scene.tx, scene.pair.name)
    if not (state and state.restored and state.looked_back and wrote) or state.restored_sign:
        return
    unread = sa.select(sa.func.count()).where(
        record.c.stream.in_(scene.streams.values()), record.c.state == UNMAPPABLE
    )
    if not open_parts and not scene.tx.scalar(unread):
        streams.move_restored(scene.tx, scene.pair.name, restored=None, looked_back=None)
