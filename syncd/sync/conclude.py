"""Writes down what became of requests, inside one commit: each part moves to its new state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.domain import Kind, Value
from syncd.errors import DuplicateError, NotFoundError, RejectedError
from syncd.mapping.words import DOCUMENTS
from syncd.port import Op, Tier
from syncd.store import intents, left, noticed, parts
from syncd.sync import owners, settle, waiting
from syncd.sync.pair import Scene
from syncd.sync.sending import Answer, Job, Sending


def conclude(scene: Scene, sent: Sequence[tuple[Sending, Sequence[Answer]]]) -> None:
    """Writes down what became of requests; each part moves to its new state."""
    done: list[settle.Done] = []
    for sending, answers in sent:
        if all(answer.withdrawn for answer in answers):
            intents.settle(scene.tx, [sending.intent], intents.WITHDRAWN)
        elif answers[0].doubt:
            _doubt(scene, sending, answers[0].doubt, answers[0].answered)
        else:
            pairs = list(zip(sending.jobs, answers, strict=True))
            tier = scene.pair.target(sending.jobs[0].write.target).tier
            carried_out = []
            for job, answer in pairs:
                if one := _done(job, answer, tier):
                    done.append(one)
                    if answer.unseen:
                        _note_habits(scene, job, answer)
                carried_out.append(one or _conclude_one(scene, sending, job, answer))
            state = intents.APPLIED if any(carried_out) else intents.REJECTED
            intents.settle(scene.tx, [sending.intent], state)
    if done:
        settle.applied(scene, done)


def _doubt(scene: Scene, sending: Sending, why: str, answered: bool) -> None:
    """What was answered counts as an attempt: found not carried out, it may have been refused."""
    clock = scene.pair.clock
    not_before = clock.boot() + scene.pair.doubt_time
    intents.doubt(scene.tx, sending.intent, not_before, clock.boot_id(), why)
    parts.update(scene.tx, [job.part.id for job in sending.jobs], state=parts.DOUBT)
    for job in sending.jobs if answered else ():
        parts.update(scene.tx, job.part.id, attempts=job.part.attempts + 1)


def _done(job: Job, answer: Answer, tier: Tier) -> settle.Done | None:
    """What was simply carried out; None for everything that needs a closer look."""
    outcome = answer.outcome
    if outcome is None or outcome.error or job.want is None:
        return None
    write = job.write
    return settle.Done(
        job.kind,
        job.record,
        job.part,
        job.want,
        outcome.remote_id or write.remote_id or "",
        write.parents,
        write.op is Op.CREATE,
        outcome.seen,
        _refused(job, outcome.seen, tier),
        job.before,
    )


def _refused(
    job: Job, seen: Mapping[str, Value] | None, tier: Tier
) -> dict[str, RejectedError | None]:
    """The fields that stayed as they were, with what the system said."""
    wanted = job.want.fields if job.want else {}
    refused: dict[str, RejectedError | None] = {}
    if seen:
        # A system that cannot be searched for the marker need not show it either.
        hidden = job.write.marker if tier is Tier.T4 else None
        sent = job.write.fields.items()
        shown = {path: value for path, value in sent if value != hidden and path in wanted}
        refused |= dict.fromkeys(settle.not_accepted(shown, job.before, seen))
    return refused | {path: error for path, error in job.left_out.items() if path in wanted}


def _leaves_out(scene: Scene, job: Job, error: RejectedError) -> bool:
    """Whether the part goes once more, without the field that was refused: it stays due.

    A card whose owner is refused is made without one. Else of customers, cards and deals; a
    document is shown whole or as it was, for its amounts belong together, but one whose deal is not
    there is its customer's all the same. A won customer is made whole. What amounts are in goes
    with them, and what an object is known by is never left out, unless the mapping says that it may
    be without; of a new one whose value is taken, that is decided elsewhere.
    """
    path = error.field
    if path is not None and path == owners.path(scene.pair, job.part.key):
        if job.kind is Kind.CUSTOMER and path in job.write.fields:
            owners.refused(scene, job.write.fields[path])
            scene.left_out.setdefault(job.part.id, {})[path] = error
            return True
        return False
    if path is None or path not in job.write.fields or job.kind is Kind.WON:
        return False
    target, outbound = scene.pair.target(job.write.target), scene.pair.outbound(job.kind)
    key = left.former(job.part.key)
    rule = outbound.rules.get((key, path)) if outbound else None
    spare = bool(outbound and outbound.plan.spares(key, path))
    known_by = path == target.unique or job.write.fields[path] == job.write.marker
    taken = isinstance(error, DuplicateError) and not (spare and job.write.op is Op.UPDATE)
    if isinstance(error, NotFoundError) or taken or (known_by and not spare):
        return False
    if path in target.fixed:
        return False
    if rule is None or rule.word == "currency":
        return False
    if job.kind in DOCUMENTS and rule.word != "deal":
        return False
    scene.left_out.setdefault(job.part.id, {})[path] = error
    return True


def _note_habits(scene: Scene, job: Job, answer: Answer) -> None:
    """An error of the server, or a yes, that was a refusal; and what was just written and not
    found."""
    status = answer.error.status if answer.error else None
    habits = {noticed.UNSEEN: answer.unseen, noticed.ERRORS: (status or 0) >= 500}
    habits[noticed.YES] = status is not None and status < 300
    for habit in (one for one, shown in habits.items() if shown):
        now = scene.pair.clock.utc()
        noticed.note(scene.tx, scene.pair.name, habit, job.write.target, now)


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
        waiting.clash(scene, job.kind, job.record, job.part, answer.clash)
    elif answer.lacks:
        waiting.lacks_card(scene, job.kind, job.part, answer.lacks.key)
        return False
    elif answer.error and not _leaves_out(scene, job, answer.error):
        first = job.left_out.get(answer.error.field or "")
        waiting.refuse(scene, job.kind, job.record, job.part, first or answer.error)
    if answer.error:
        _note_habits(scene, job, answer)
    if answer.error and len(sending.jobs) > 1:
        what = type(answer.error).__name__
        intents.item(scene.tx, sending.intent, job.part.id, what)
    return False
