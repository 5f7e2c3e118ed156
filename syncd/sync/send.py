"""Sends what is due: journals each request as an intent, sends it, and settles what came back.

`prepare` and `conclude` run inside one commit each; `send` talks to the CRM between them and
touches no table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from syncd.domain import Kind, Ref, Value, Want
from syncd.errors import (
    AccessError,
    DoubtError,
    DuplicateError,
    MappingError,
    NotFoundError,
    ProtocolError,
    RejectedError,
    TransientError,
)
from syncd.image import NOTHING, decode_fields, want_hash
from syncd.port import Found, Op, Outcome, Tier, Write
from syncd.store import intents, mirror, parts, streams
from syncd.store.mirror import VOID, Known
from syncd.store.parts import CLEAN, OWED, Part
from syncd.store.runs import add
from syncd.sync import settle
from syncd.sync.emptied import Presence
from syncd.sync.pair import Pair, Scene
from syncd.sync.want import Item, wants_of

READ_BACK_FIRST = 10
READ_BACK_EVERY = 50
"""An answer without values is checked by reading back: always for the first objects of a target
under a mapping, afterwards for one in fifty."""

NO_LOOK = (TransientError, ProtocolError, AccessError, RejectedError)
"""A look at the CRM that fails changes nothing that is certain already."""

DOUBTS_THAT_STOP = 3
"""So many requests in a row without an answer are an outage: sending stops for this run."""


@dataclass(frozen=True, slots=True)
class Job:
    """One part on its way. `before` are the fields it was last agreed to have."""

    part: Part
    record: Known
    kind: Kind
    want: Want | None
    write: Write
    before: Mapping[str, Value]
    look_first: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """One request, journalled as one intent."""

    intent: int
    jobs: Sequence[Job]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a job. Exactly one of the first four is set, or `withdrawn` is; or none, and
    it stays due."""

    outcome: Outcome | None = None
    adopt: Found | None = None
    error: RejectedError | None = None
    doubt: str | None = None
    withdrawn: bool = False
    clash: Found | None = None
    absent: bool = False
    """What was removed was not there."""


STAYS_DUE = Answer()
"""Nothing is concluded from it."""

Approved = Callable[[Part], bool]


def prepare(
    scene: Scene, kind: Kind, approved: Approved, *, removals: bool = False
) -> list[Sending]:
    """Journals the next requests of a stream, at most one commit's worth; with `removals` only
    those that take away what is not wanted, or not as it is. Empty: nothing more can be sent now.
    """
    now = scene.pair.clock.utc()
    side = scene.pair.books if kind is Kind.WON else scene.pair.crm
    targets = side.connector.facts.targets.values()
    batch = max((target.batch for target in targets), default=1)
    most = scene.pair.numbers.requests_a_commit * batch
    after = (-1, 0)
    while found := parts.due(scene.tx, scene.streams[kind], now, most, after, there=removals):
        after = (found[-1].turn, found[-1].id)
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
    pairs: list[tuple[Part, Known, Want | None]] = []
    for part in due:
        row = records[part.record]
        item = Item(row.id, row.key, row.state, images.get(row.id), row.changed_at)
        if part.want == NOTHING:
            pairs.append((part, row, None))
            continue
        try:
            want = wants_of(scene, kind, item, part.numbered)[part.key]
        except MappingError as error:
            settle.unwritten(scene, kind, part, error)
            continue
        pairs.append((part, row, want))
    above = _above(scene, [want for _, _, want in pairs if want])
    state = streams.pair_state(scene.tx, scene.pair.name)
    lost = bool(state and state.restored)
    jobs = (_job(scene, kind, *pair, stored.get(pair[0].id), above, lost) for pair in pairs)
    return [job for job in jobs if job]


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
    if want is None:
        if part.remote_id is None:
            _settle_equal(scene, kind, part, NOTHING)
            return None
        write = Write(Op.REMOVE, part.target, row.key, part.remote_id, parents, {})
        return Job(part, row, kind, None, write, fields)
    missing = _missing(scene, kind, row, want, above)
    if missing:
        parts.update(scene.tx, part.id, state=OWED, waits_for=missing)
        return None
    now_parents = {word: above[ref].remote_id or "" for word, ref in want.parents.items()}
    if not want.borrowed and part.remote_id is None:
        write = Write(Op.CREATE, part.target, want.marker, None, now_parents, want.fields)
        look = any(above[ref].adopted for ref in want.parents.values())
        look = look and not scene.pair.target(part.target).listable
        if lost and scene.pair.target(part.target).tier is Tier.T4 and not part.adopted:
            _ask(scene, kind, part, row, write)
            return None
        look = look or lost or kind is Kind.WON
        return Job(part, row, kind, want, write, {}, look_first=look)
    remote_id = want.at or (above[want.of].remote_id if want.of else part.remote_id)
    changed = {
        path: value
        for path, value in want.fields.items()
        if (path not in fields or fields[path] != value)
        and not settle.theirs(kind, path, value, fields)
    }
    moved = not want.borrowed and bool(parents) and parents != now_parents
    if not changed and not moved:
        _settle_equal(scene, kind, part, want_hash(want))
        return None
    target = scene.pair.target(part.target)
    if not want.borrowed and (moved or target.fixed & changed.keys()):
        if not target.removable:
            settle.hold_fixed(scene, part, row, kind, sorted(target.fixed & changed.keys()))
            return None
        write = Write(Op.REMOVE, part.target, want.marker, remote_id, parents, {})
        return Job(part, row, kind, None, write, fields)
    write = Write(Op.UPDATE, part.target, want.marker, remote_id, now_parents, changed)
    return Job(part, row, kind, want, write, fields)


def _ask(scene: Scene, kind: Kind, part: Part, row: Known, write: Write) -> None:
    """Whether the object was made already nobody can look up; a person says so, once."""
    asked = _open_intent(scene, write, [(part.id, row.ver)])
    intents.settle(scene.tx, [asked], intents.ASKED)
    settle.ask(scene, row, kind, part, "the state was restored")


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


def _above(scene: Scene, wants: Sequence[Want]) -> dict[Ref, Part]:
    """The parts that these wants hang on, as far as they exist."""
    refs = {ref for want in wants for ref in [*want.parents.values(), want.of] if ref}
    found: dict[Ref, Part] = {}
    for kind in {ref.kind for ref in refs}:
        some = [ref for ref in refs if ref.kind is kind]
        located = parts.located(scene.tx, scene.streams[kind], some)
        found.update((r, located[r.key, r.part]) for r in some if (r.key, r.part) in located)
    return found


def _missing(
    scene: Scene, kind: Kind, row: Known, want: Want, above: Mapping[Ref, Part]
) -> str | None:
    """What this part has to wait for, in the words it will be woken by."""
    for ref in [*want.parents.values(), *([want.of] if want.of else [])]:
        if ref not in above or above[ref].remote_id is None:
            return str(ref)
    own = str(Ref(kind, row.key))
    if row.state == VOID and parts.living_children(scene.tx, own):
        return f"empty {own}"
    return None


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
        alone = first.look_first or target.tier is Tier.T4
        if target.tier is Tier.T4:
            limit = 1
        batch = [first]
        for job in jobs[start + 1 : start + (1 if alone else target.batch)]:
            same = (job.write.op, job.write.target) == (first.write.op, first.write.target)
            if not same or job.look_first:
                break
            batch.append(job)
        start += len(batch)
        some = [(job.part.id, job.record.ver) for job in batch]
        sendings.append(Sending(_open_intent(scene, first.write, some), batch))
    return sendings


@dataclass
class Sender:
    """Carries journalled requests to the CRM. `outage` is set when sending has to stop; it stops
    too when the CRM turns out to be emptied."""

    pair: Pair
    read_back: Callable[[Job], bool]
    presence: Presence
    outage: TransientError | AccessError | None = None
    doubts: int = 0

    def send(self, sendings: Sequence[Sending]) -> list[tuple[Sending, list[Answer]]]:
        return [(sending, self._one(sending)) for sending in sendings]

    def _one(self, sending: Sending) -> list[Answer]:
        everyone = range(len(sending.jobs))
        target = sending.jobs[0].write.target
        if self.outage or self.presence.stops(self.pair.writer(target)):
            return [Answer(withdrawn=True) for _ in everyone]
        try:
            answers = self._push(sending.jobs)
        except (DoubtError, ProtocolError) as error:
            self.doubts += 1
            if self.doubts >= DOUBTS_THAT_STOP:
                self.outage = TransientError(str(error))
            return [Answer(doubt=str(error)) for _ in everyone]
        except (TransientError, AccessError) as error:
            self.outage = error
            return [Answer(withdrawn=True) for _ in everyone]
        self.doubts = 0
        return [self._believed(*pair) for pair in zip(sending.jobs, answers, strict=True)]

    def _believed(self, job: Job, answer: Answer) -> Answer:
        """That an object is gone is not believed of one where all are: then it stays due, as it
        does where nobody can look."""
        try:
            for target, remote_id in self._missed(job, answer):
                if self.presence.emptied(target, [remote_id]):
                    return STAYS_DUE
        except (TransientError, AccessError) as error:
            self.outage = error
            return STAYS_DUE
        except ProtocolError as error:
            self.outage = TransientError(str(error))
            return STAYS_DUE
        return answer

    def _missed(self, job: Job, answer: Answer) -> Iterator[tuple[str, str]]:
        """Target and id of what the CRM says, or seems to say, that it does not have."""
        if not _says_gone(job, answer):
            return
        if job.write.op is not Op.CREATE:
            yield job.write.target, job.write.remote_id or ""
            return
        for word, ref in job.want.parents.items() if job.want else ():
            outbound, remote_id = self.pair.outbound(ref.kind), job.write.parents[word]
            target = dict(outbound.targets)[ref.part] if outbound else ""
            if target and not self.presence.there(target, remote_id, {}):
                yield target, remote_id

    def _push(self, jobs: Sequence[Job]) -> list[Answer]:
        try:
            if jobs[0].look_first:
                found = self._find(jobs[0], {"marker": jobs[0].write.marker})
                if found:
                    return [Answer(adopt=found[0])]
            outcomes = self.pair.push([job.write for job in jobs])
        except RejectedError as error:
            return [self._refused(job, error) for job in jobs]
        return [self._answer(job, out) for job, out in zip(jobs, outcomes, strict=True)]

    def _answer(self, job: Job, outcome: Outcome) -> Answer:
        if outcome.error and not outcome.remote_id:
            return self._refused(job, outcome.error)
        if outcome.error or job.write.op is Op.REMOVE:
            return Answer(outcome=outcome)
        if outcome.seen is None and outcome.remote_id and self.read_back(job):
            try:
                found = self._find(job, {"id": outcome.remote_id})
            except NO_LOOK:
                found = []  # unconfirmed; the next sample or proof will look again
            if found:
                return Answer(outcome=Outcome(outcome.remote_id, found[0].fields))
        return Answer(outcome=outcome)

    def _refused(self, job: Job, error: RejectedError) -> Answer:
        """A taken unique value has an owner: ourselves by an earlier try, or somebody else."""
        if isinstance(error, NotFoundError) and job.write.op is Op.REMOVE:
            return Answer(outcome=Outcome(job.write.remote_id), absent=True)
        if not isinstance(error, DuplicateError) or job.write.op is not Op.CREATE:
            return Answer(error=error)
        try:
            found = self._find(job, {"marker": job.write.marker})
            if found:
                return Answer(adopt=found[0])
            unique = self.pair.target(job.write.target).unique
            if unique and error.field == unique:
                others = self._find(job, {unique: str(job.write.fields[unique])})
                if others:
                    return Answer(error=error, clash=others[0])
        except NO_LOOK:
            pass  # who has the value stays unknown for now; that it is taken is certain
        return Answer(error=error)

    def _find(self, job: Job, by: Mapping[str, str]) -> Sequence[Found]:
        return self.pair.find(job.write.target, by, job.write.parents)


def _says_gone(job: Job, answer: Answer) -> bool:
    """Also where a parent is named as the reason why something cannot be made."""
    error = answer.error
    named = (error.field or "").removesuffix("_id") if error else ""
    return answer.absent or isinstance(error, NotFoundError) or named in job.write.parents


def conclude(scene: Scene, sent: Sequence[tuple[Sending, Sequence[Answer]]]) -> None:
    """Writes down what became of requests; each part moves to its new state."""
    done: list[settle.Done] = []
    for sending, answers in sent:
        if all(answer.withdrawn for answer in answers):
            intents.settle(scene.tx, [sending.intent], intents.WITHDRAWN)
        elif answers[0].doubt:
            _doubt(scene, sending, answers[0].doubt)
        else:
            pairs = list(zip(sending.jobs, answers, strict=True))
            tier = scene.pair.target(sending.jobs[0].write.target).tier
            carried_out = []
            for job, answer in pairs:
                if one := _done(job, answer, tier):
                    done.append(one)
                carried_out.append(one or _conclude_one(scene, sending, job, answer))
            state = intents.APPLIED if any(carried_out) else intents.REJECTED
            intents.settle(scene.tx, [sending.intent], state)
    if done:
        settle.applied(scene, done)


def _doubt(scene: Scene, sending: Sending, why: str) -> None:
    clock = scene.pair.clock
    not_before = clock.boot() + scene.pair.doubt_time
    intents.doubt(scene.tx, sending.intent, not_before, clock.boot_id(), why)
    parts.update(scene.tx, [job.part.id for job in sending.jobs], state=parts.DOUBT)


def _done(job: Job, answer: Answer, tier: Tier) -> settle.Done | None:
    """What was simply carried out; None for everything that needs a closer look."""
    outcome = answer.outcome
    if outcome is None or outcome.error or job.want is None:
        return None
    write = job.write
    # A system that cannot be searched for the marker need not show it either.
    hidden = write.marker if tier is Tier.T4 else None
    shown = {path: value for path, value in write.fields.items() if value != hidden}
    return settle.Done(
        job.kind,
        job.record,
        job.part,
        job.want,
        outcome.remote_id or write.remote_id or "",
        write.parents,
        write.op is Op.CREATE,
        outcome.seen,
        settle.not_accepted(shown, job.before, outcome.seen),
    )


def _conclude_one(scene: Scene, sending: Sending, job: Job, answer: Answer) -> bool:
    """True if the write was carried out after all, now or before."""
    if answer.adopt:
        settle.bind_found(
            scene, job.kind, job.record, job.part, job.want, answer.adopt, job.write.parents
        )
        return True
    if answer.outcome and not answer.outcome.error:
        settle.removed(scene, job.kind, job.record, job.part)
        return True
    if answer.outcome:
        settle.half_done(scene, job.kind, job.record, job.part, job.want, answer.outcome)
    elif answer.clash:
        settle.clash(scene, job.kind, job.record, job.part, answer.clash)
    elif answer.error:
        settle.refuse(scene, job.kind, job.record, job.part, answer.error)
    if answer.error and len(sending.jobs) > 1:
        what = type(answer.error).__name__
        intents.item(scene.tx, sending.intent, job.part.id, what)
    return False
