"""What is due becomes requests, each journalled as an intent, inside one commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from syncd.domain import Kind, Ref, Want
from syncd.errors import (
    MappingError,
)
from syncd.image import NOTHING, decode_fields, want_hash
from syncd.mapping.words import DOCUMENTS
from syncd.port import Op, Tier, Write
from syncd.store import intents, mirror, outstanding, parts, streams
from syncd.store.mirror import Known, is_void
from syncd.store.parts import CLEAN, HELD, OWED, WAIVED, Part, is_left
from syncd.store.runs import add
from syncd.sync import farewell, members, misplaced, owners, settle, waiting
from syncd.sync.pair import Scene
from syncd.sync.sending import Job, Sending
from syncd.sync.want import Item, hung_on, look, wants_of

Approved = Callable[[Part], bool]


def prepare(
    scene: Scene, kind: Kind, approved: Approved, last: Part | None, *, removals: bool = False
) -> list[Sending]:
    """Journals the next requests of a stream behind the `last` part that is under way, or from the
    first one on; at most one commit's worth. With `removals` only those that take away what is not
    wanted, or not as it is. Empty: nothing more can be sent now.
    """
    now = scene.pair.clock.utc()
    side = scene.pair.books if kind is Kind.WON else scene.pair.crm
    targets = side.connector.facts.targets.values()
    batch = max((target.batch for target in targets), default=1)
    most = scene.pair.numbers.requests_a_commit * batch
    after = outstanding.place(last) if last else outstanding.FIRST
    while found := outstanding.due(scene.tx, scene.streams[kind], now, most, after, there=removals):
        after = outstanding.place(found[-1])
        mine = [part for part in found if approved(part)]
        if removals:
            mine = [part for part in mine if part.turn == 0 or _removable(scene, part)]
        jobs = _jobs(scene, kind, mine)
        if removals:
            jobs = [job for job in jobs if job.write.op is Op.REMOVE]
        if jobs:
            return _journal(scene, jobs)
    return []


def _removable(scene: Scene, part: Part) -> bool:
    return scene.pair.target(part.target).removable


def _jobs(scene: Scene, kind: Kind, due: Sequence[Part]) -> list[Job]:
    records = {row.id: row for row in mirror.by_id(scene.tx, sorted({p.record for p in due}))}
    images = mirror.images(scene.tx, kind, list(records.values()))
    stored = parts.stored_fields(scene.tx, kind, [part.id for part in due])
    looked = look(scene, kind, [row.key for row in records.values()])
    pairs: list[tuple[Part, Known, Want | None]] = []
    for part in due:
        row = records[part.record]
        item = Item(row.id, row.key, row.state, images.get(row.id), row.changed_at)
        if part.want == NOTHING:
            pairs.append((part, row, None))
            continue
        if is_left(part.key):
            pairs.append(
                (part, row, farewell.want_of(scene, kind, item, part, stored.get(part.id)))
            )
            continue
        try:
            want = wants_of(scene, kind, item, part.numbered, looked)[part.key]
        except MappingError as error:
            waiting.unwritten(scene, kind, part, error)
            continue
        pairs.append((part, row, want))
    pairs = _without_left(scene, kind, pairs)
    if kind is Kind.CUSTOMER:
        pairs = _without_named(scene, pairs)
    above = hung_on(scene, [want for _, _, want in pairs if want])
    made = [(part, row) for part, row, want in pairs if want and part.remote_id is None]
    users = owners.of_parts(scene, made) if kind is Kind.CUSTOMER else {}
    state = streams.pair_state(scene.tx, scene.pair.name)
    lost = bool(state and state.restored)
    jobs = (_job(scene, kind, *pair, stored.get(pair[0].id), above, lost) for pair in pairs)
    return [_owned(scene, job, users.get(job.part.id)) for job in jobs if job]


def _without_named(
    scene: Scene, pairs: Sequence[tuple[Part, Known, Want | None]]
) -> list[tuple[Part, Known, Want | None]]:
    """Without those for which no card is made yet, because their former one has their name."""
    made = {
        part.id: row.key
        for part, row, want in pairs
        if want and not want.borrowed and part.key == "" and part.remote_id is None
    }
    named = members.still_named(scene, sorted(made.values()))
    for one, key in made.items():
        if key in named:
            parts.update(scene.tx, one, state=OWED, waits_for=named[key])
    return [one for one in pairs if made.get(one[0].id) not in named]


def _without_left(
    scene: Scene, kind: Kind, pairs: Sequence[tuple[Part, Known, Want | None]]
) -> list[tuple[Part, Known, Want | None]]:
    """Without those that still have an object on a card that their customer left."""
    made = {
        part.id: row
        for part, row, want in pairs
        if want and not want.borrowed and part.remote_id is None
    }
    waits = farewell.waiting(scene, kind, list(made.values()))
    for one, row in made.items():
        if row.id in waits:
            parts.update(scene.tx, one, state=OWED, waits_for=waits[row.id])
    return [one for one in pairs if one[0].id not in made or one[1].id not in waits]


def _owned(scene: Scene, job: Job, user: str | None) -> Job:
    """A new card belongs to the customer's seller, unless the CRM has refused that."""
    path = owners.path(scene.pair, job.part.key) if user else None
    if path is None or job.write.op is not Op.CREATE or path in job.left_out:
        return job
    write = msgspec.structs.replace(job.write, fields={**job.write.fields, path: user})
    return msgspec.structs.replace(job, write=write)


def _job(
    scene: Scene,
    kind: Kind,
    part: Part,
    row: Known,
    want: Want | None,
    stored: bytes | None,
    above: Mapping[Ref, Part],
    lost: bool,
) -> Job | None:
    """The write this part needs now; None where it needs none or has to wait, which is noted.
    `lost`: the state may lack what was written, so nothing is made without a look."""
    fields, parents = decode_fields(stored)
    left_out = scene.left_out.get(part.id, {})
    if want is None:
        if part.remote_id is None:
            parts.store_fields(scene.tx, kind, {part.id: None}, scene.pair.clock.utc())
            _settle_equal(scene, kind, part, NOTHING)
            return None
        write = Write(Op.REMOVE, part.target, row.key, part.remote_id, parents, {})
        return Job(part, row, kind, None, write, fields)
    missing = _missing(scene, kind, row, part, want, above)
    if missing:
        parts.update(scene.tx, part.id, state=OWED, waits_for=missing)
        return None
    now_parents = {word: above[ref].remote_id or "" for word, ref in want.parents.items()}
    if is_left(part.key):
        now_parents = parents
    if not want.borrowed and part.remote_id is None:
        whole = want.fields
        if left_out:
            whole = {path: value for path, value in whole.items() if path not in left_out}
        write = Write(Op.CREATE, part.target, want.marker, None, now_parents, whole)
        look = any(above[ref].adopted for ref in want.parents.values())
        look = look and not scene.pair.target(part.target).listable
        if lost and scene.pair.target(part.target).tier is Tier.T4 and not part.adopted:
            _ask(scene, kind, part, row, write)
            return None
        look = look or lost or kind is Kind.WON
        look = look and scene.pair.target(part.target).readable
        return Job(part, row, kind, want, write, {}, look, left_out)
    remote_id = want.at or (above[want.of].remote_id if want.of else part.remote_id)
    changed = {
        path: value
        for path, value in want.fields.items()
        if (path not in fields or fields[path] != value)
        and not settle.theirs(kind, path, value, fields)
    }
    moved = not want.borrowed and bool(parents) and parents != now_parents
    refused = {path: left_out[path] for path in changed if path in left_out}
    changed = {path: value for path, value in changed.items() if path not in refused}
    if refused and not changed and not moved:
        for path, error in refused.items():
            waiting.refuse_field(scene, kind, row, part, path, error)
        return None
    if not changed and not moved:
        _settle_equal(scene, kind, part, want_hash(want))
        farewell.said(scene, kind, row, part)
        return None
    target = scene.pair.target(part.target)
    fixed = moved and not target.movable
    if not want.borrowed and (fixed or target.fixed & changed.keys()):
        if not target.removable:
            if which := sorted(target.fixed & changed.keys()):
                waiting.hold_fixed(scene, part, row, kind, which)
            else:
                misplaced.hold(scene, part, row)
            return None
        write = Write(Op.REMOVE, part.target, want.marker, remote_id, parents, {})
        return Job(part, row, kind, None, write, fields)
    write = Write(Op.UPDATE, part.target, want.marker, remote_id, now_parents, changed)
    return Job(part, row, kind, want, write, fields, left_out=refused)


def _ask(scene: Scene, kind: Kind, part: Part, row: Known, write: Write) -> None:
    """Whether the object was made already nobody can look up; a person says so, once."""
    asked = _open_intent(scene, write, [(part.id, row.ver)])
    intents.settle(scene.tx, [asked], intents.ASKED)
    waiting.ask(scene, row, kind, part, "the state was restored")


def _open_intent(scene: Scene, write: Write, some: Sequence[tuple[int, int]]) -> int:
    return intents.open_intent(
        scene.tx,
        pair=scene.pair.name,
        epoch=scene.epoch,
        run=scene.run,
        op=write.op,
        target=write.target,
        mapping=scene.pair.writing.version,
        parts=some,
        at=scene.pair.clock.utc(),
    )


def _missing(
    scene: Scene, kind: Kind, row: Known, part: Part, want: Want, above: Mapping[Ref, Part]
) -> str | None:
    """What this part has to wait for, in the words it will be woken by."""
    for ref in [*want.parents.values(), *([want.of] if want.of else [])]:
        over = above.get(ref)
        if over is None or over.remote_id is None or _is_gone(scene, over):
            return str(ref)
    if is_void(kind, row.state) or (is_left(part.key) and kind in DOCUMENTS):
        own = str(Ref(kind, row.key))
        if parts.living_children(scene.tx, scene.ids, own):
            return f"empty {own}"
    return None


def _is_gone(scene: Scene, part: Part) -> bool:
    """Whether a person decides what becomes of it: nothing can hang on it meanwhile."""
    return part.state in (HELD, WAIVED) and parts.error_of(scene.tx, part.id) == waiting.GONE


def _settle_equal(scene: Scene, kind: Kind, part: Part, base: bytes) -> None:
    parts.update(scene.tx, part.id, state=CLEAN, base=base, problem=None, error=None)
    add(scene.tx, scene.run, scene.streams[kind], found_equal=1)


def _journal(scene: Scene, jobs: Sequence[Job]) -> list[Sending]:
    """Groups jobs into requests, as many as one commit may have open, and opens an intent each."""
    pair = scene.pair
    sendings: list[Sending] = []
    limit = pair.numbers.requests_a_commit
    start = 0
    while start < len(jobs) and len(sendings) < limit:
        first = jobs[start]
        target = pair.target(first.write.target)
        alone = first.look_first or target.tier is Tier.T4 or first.part.unclear
        if target.tier is Tier.T4:
            limit = 1
        batch = [first]
        for job in jobs[start + 1 : start + (1 if alone else target.batch)]:
            same = (job.write.op, job.write.target) == (first.write.op, first.write.target)
            if not same or job.look_first or job.part.unclear:
                break  # what went wrong before is told apart from its neighbours
            batch.append(job)
        start += len(batch)
        some = [(job.part.id, job.record.ver) for job in batch]
        sendings.append(Sending(_open_intent(scene, first.write, some), batch))
    return sendings
