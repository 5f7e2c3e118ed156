"""Records that go out of the mirror again, as nothing was ever made of them."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain import Kind
from syncd.store import mirror, parts, runs
from syncd.store.mirror import Known
from syncd.store.parts import CLEAN, UNSETTLED
from syncd.sync.pair import Scene


def forget(scene: Scene, kind: Kind, rows: Sequence[Known]) -> None:
    """What was read of these goes. Whoever never had a version goes whole, and what was to be
    written because of it is wanted no more; but what may still be carried out at the target stays
    until that is known, and then goes with the next full pass."""
    mine = parts.of_records(scene.tx, [row.id for row in rows if not row.ver])
    states = {one: [part.state for part in some.values()] for one, some in mine.items()}
    stays = {one for one, some in states.items() if UNSETTLED.intersection(some)}
    dropped = sum(s != CLEAN for one, some in states.items() if one not in stays for s in some)
    mirror.forget(scene.tx, [row.id for row in rows], stays)
    runs.add(scene.tx, scene.run, scene.streams[kind], collapsed=dropped)
