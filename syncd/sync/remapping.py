"""What a changed mapping alone would write: of more than a few records one plan that waits. So it
is with what a connection reads of its system: another part of it is read again, and then mapped.

Before the mirror is mapped again, what is due already is noted, in the store: a process killed
meanwhile loses nothing of it. What is due afterwards and was not so before is the change's own
doing. It waits until a person applies its plan; everything else goes on. See ADR 0021.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable

import msgspec

from syncd.domain import Kind
from syncd.store import plans, problems, streams
from syncd.store.parts import Part
from syncd.sync.pair import Pair, Scene
from syncd.sync.session import Session

CHANGED, BEFORE = "mapping", "before mapping"
"""Causes of plans: what waits because the mapping changed, and what was due before it did."""
PROBLEM = f"guard {CHANGED}"
WRITES = (streams.LIVE_MODE, streams.PILOT)


def begin(session: Session, unread: set[Kind]) -> set[Kind]:
    """Notes what is due before the mapping is applied. Returns the kinds that must be read before
    it can be: `unread`, and those of a change that was not finished."""
    with session.commit() as scene:
        tx, pair = scene.tx, scene.pair
        known = plans.newest(tx, pair.name, BEFORE)
        if known is None:
            waiting = plans.newest(tx, pair.name, CHANGED)
            plans.store(tx, _approval(scene, BEFORE), sorted(unread), ~plans.listed(waiting))
        else:
            unread = unread | {Kind(word) for word in msgspec.json.decode(plans.totals(tx, known))}
            plans.set_totals(tx, known, sorted(unread))
    return unread


def finish(session: Session, *, complete: bool) -> None:
    """Makes the plan of what the mapping alone changed; with `complete` nothing more can come."""
    with session.pair.store.reading() as tx:
        before = plans.newest(tx, session.pair.name, BEFORE)
    if before is None:
        return
    with session.commit() as scene:
        plans.discard(scene.tx, scene.pair.name, CHANGED)
        state = streams.pair_state(scene.tx, scene.pair.name)
        if state and state.mode in WRITES:
            rows = ~plans.listed(before, as_wanted=True)
            plans.store(scene.tx, _approval(scene, CHANGED), {}, rows)
        if complete:
            plans.discard(scene.tx, scene.pair.name, BEFORE)
        review(scene, scene.pair.limits.few)


def review(scene: Scene, few: int = 0) -> None:
    """The problem of what waits; it ends when no more than a `few` records do."""
    tx, pair = scene.tx, scene.pair
    one = plans.newest(tx, pair.name, CHANGED)
    waiting = plans.open_records(tx, one) if one else {}
    mine = Counter(stream for record, stream in waiting.items() if pair.within(record))
    now = pair.clock.utc()
    if one is None or sum(mine.values()) <= few:
        plans.discard(tx, pair.name, CHANGED)
        problems.close(tx, pair.name, PROBLEM, now)
        return
    kinds = {stream: kind for kind, stream in scene.streams.items()}
    named = ", ".join(f"{count} {kinds[stream]}" for stream, count in sorted(mine.items()))
    problems.raise_problem(
        tx,
        pair=pair.name,
        cause=PROBLEM,
        owner=problems.SYSADMIN,
        text="The mapping, or what is read of the books, changed, and by that alone "
        f"{sum(mine.values())} records would be written otherwise ({named}). They wait for a "
        "person; everything else goes on. Row by row: syncd plan --from-mirror --rows. If it is "
        f"right: syncd apply {one}. If not, put it right; this closes itself.",
        run=scene.run,
        at=now,
    )


def waits(pair: Pair) -> Callable[[Part], bool]:
    """Whether a part waits because the mapping changed."""
    with pair.store.reading() as tx:
        one = plans.newest(tx, pair.name, CHANGED)
        mine = plans.part_ids(tx, one) if one else None
    return (lambda part: _is_in(mine, part.id)) if mine else lambda _part: False


def _is_in(some: array[int], number: int) -> bool:
    """Of numbers in their order: a set of a million takes seven times the memory."""
    place = bisect_left(some, number)
    return place < len(some) and some[place] == number


def others(scene: Scene) -> Callable[[int], bool]:
    """Whether a record is one that guards look at: nothing of it waits here already."""
    one = plans.newest(scene.tx, scene.pair.name, CHANGED)
    if one is None:
        return scene.pair.within
    within, waiting = scene.pair.within, plans.record_ids(scene.tx, one)
    return lambda record: within(record) and not _is_in(waiting, record)


def _approval(scene: Scene, because: str) -> plans.Approval:
    pair = scene.pair
    mapping = f"{pair.reading.version} {pair.writing.version}"
    made, rows = pair.clock.utc(), list(scene.streams.values())
    return plans.Approval(pair.name, mapping, made, rows, because=because)
