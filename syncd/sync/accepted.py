"""What a complete pass over the books no longer shows waits until a person says what became of it.

Deleted: a document counts no more, and is cancelled at the CRM; a customer keeps its card.
Archived: the books only trimmed their history, and all stays as it is. Either ends when the books
show it again. See ADR 0046.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.domain import Canonical, Kind, Ref
from syncd.image import decode, encode, fingerprint
from syncd.store import merges, mirror, problems, proofs, runs
from syncd.store.mirror import DELETED, Known, Seen
from syncd.store.problems import Problem
from syncd.sync.observe import without
from syncd.sync.pair import Scene
from syncd.sync.spread import spread

VANISHED = "vanished"
"""First word of the cause; the kind follows."""
NAMED = 5


def quarantined(books: str, kind: Kind, keys: Sequence[str]) -> str:
    named = ", ".join(keys[:NAMED]) + (", ..." if len(keys) > NAMED else "")
    return (
        f"A complete read of {books} no longer has {kind} {named}. Cards stay as they are; if they "
        "come back this closes itself. Gone for good: syncd problems resolve ID --deleted "
        "--reason R, and they count no more; or --archived, where the books only trimmed their "
        "history, and all stays."
    )


def vanished(scene: Scene, problem: int) -> dict[Ref, Known]:
    """What is in quarantine because of a problem, a waived one too."""
    return {
        Ref(kind, row.key): row
        for kind, stream in scene.streams.items()
        for row in mirror.vanished(scene.tx, stream, problem)
    }


def accept_missing(
    scene: Scene, problem: Problem, found: Mapping[Ref, Known], state: str, note: str
) -> None:
    """Each of these is in that state from now on, deleted or archived, and a balance that vanished
    with its customer too. `note` tells who said so, and why."""
    by_kind: dict[Kind, list[Known]] = {}
    for ref, row in found.items():
        by_kind.setdefault(ref.kind, []).append(row)
    customers = [row.key for row in by_kind.get(Kind.CUSTOMER, ())]
    if Kind.BALANCE not in by_kind:
        balances = mirror.known(scene.tx, scene.streams[Kind.BALANCE], customers).values()
        by_kind[Kind.BALANCE] = [row for row in balances if row.state == mirror.VANISHED]
    for kind, rows in by_kind.items():
        if rows:
            _take(scene, kind, rows, state, note)
    if state == DELETED:
        proofs.forget(scene.tx, scene.pair.name, customers)
    asked = {problem.id, *(row.problem for rows in by_kind.values() for row in rows)} - {None}
    now = scene.pair.clock.utc()
    problems.close_idle(scene.tx, scene.pair.name, now, [one for one in asked if one])
    left = [ref for ref in vanished(scene, problem.id) if problem.cause == f"{VANISHED} {ref.kind}"]
    if left and problem.closed is None:
        books = scene.pair.reader(left[0].kind).name
        text = quarantined(books, left[0].kind, [ref.key for ref in left])
        problems.reword(scene.tx, problem.id, text)


def _take(scene: Scene, kind: Kind, rows: Sequence[Known], state: str, note: str) -> None:
    now = scene.pair.clock.utc()
    run = scene.run or next((one.id for one in runs.recent(scene.tx, scene.pair.name, 1)), 0)
    before = mirror.images(scene.tx, kind, rows)
    seen: list[Seen] = []
    made: list[Canonical | None] = []
    for row in rows:
        record = decode(kind, before[row.id])
        one = Seen(row.key, row, state, b"", b"", row.stamp, row.asked, id=row.id)
        one.customer = row.customer
        if state == DELETED:
            record = without(record)
            image = encode(record)
            hashed = fingerprint(image)
            if hashed != row.fp:
                one.image, one.fp = image, hashed
                mirror.renew(scene.tx, row, image, hashed, run, DELETED, now)
        mirror.accept(scene.tx, row.id, state, note)
        seen.append(one)
        made.append(record)
    survivors = merges.survivors(merges.each(scene.tx, scene.pair.name))
    spread(scene, kind, now, seen, made, before, survivors)
