"""Carries journalled requests to their system, between two commits; touches no table."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from syncd.domain import Kind, Ref
from syncd.errors import (
    AccessError,
    DoubtError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
    RejectedError,
    TransientError,
)
from syncd.image import UNKNOWN
from syncd.port import Found, Op, Outcome
from syncd.sync.emptied import Presence
from syncd.sync.pair import Pair
from syncd.sync.sending import STAYS_DUE, Answer, Job, Sending

READ_BACK_FIRST = 10
READ_BACK_EVERY = 50
"""An answer without values is checked by reading back: always for the first objects of a target
under a mapping, afterwards for one in fifty."""

NO_LOOK = (TransientError, ProtocolError, AccessError, RejectedError)
"""A look at the CRM that fails changes nothing that is certain already."""

DOUBTS_THAT_STOP = 3
"""So many requests in a row without an answer are an outage: sending stops for this run."""


Carried = Callable[[], Sequence[Outcome] | None]
"""Sends a request, or waits for what became of one that is under way; None: it did not leave."""


class Sender(msgspec.Struct):
    """Carries journalled requests to the CRM. `outage` is set when sending has to stop; it stops
    too when the CRM turns out to be emptied. `halted`: nothing more leaves for now."""

    pair: Pair
    read_back: Callable[[Job], bool]
    presence: Presence
    outage: TransientError | AccessError | None = None
    doubts: int = 0
    halted: bool = False

    def alone(self, sending: Sending) -> list[Answer]:
        """Carries one request, and nothing beside it."""
        if self._stops(sending):
            return [Answer(withdrawn=True) for _ in sending.jobs]
        return self.answers(sending, functools.partial(self.carry, sending))

    def carry(self, sending: Sending) -> Sequence[Outcome] | None:
        """Sends a request, wherever the answer is waited for. None where sending has to stop;
        nothing leaves after one that could not be carried."""
        if self.halted:
            return None
        try:
            return self.pair.push([job.write for job in sending.jobs])
        except (TransientError, AccessError):
            self.halted = True
            raise

    def _stops(self, sending: Sending) -> bool:
        side = self.pair.writer(sending.jobs[0].write.target)
        return self.outage is not None or self.presence.stops(side)

    def answers(self, sending: Sending, carried: Carried) -> list[Answer]:
        """What became of each job, once it is there; what was found out by it stops what did not
        leave yet."""
        found = self._answers(sending, carried)
        self.halted |= self._stops(sending)
        return found

    def _answers(self, sending: Sending, carried: Carried) -> list[Answer]:
        everyone = range(len(sending.jobs))
        try:
            answers = self._push(sending.jobs, carried)
        except (DoubtError, ProtocolError) as error:
            self.doubts += 1
            if self.doubts >= DOUBTS_THAT_STOP:
                self.outage = TransientError(str(error))
            answered = isinstance(error, ProtocolError) or error.answered
            return [Answer(doubt=str(error), answered=answered) for _ in everyone]
        except (TransientError, AccessError) as error:
            self.outage = error
            return [Answer(withdrawn=True) for _ in everyone]
        self.doubts = 0
        return [self._believed(*pair) for pair in zip(sending.jobs, answers, strict=True)]

    def _believed(self, job: Job, answer: Answer) -> Answer:
        """That an object is gone is not believed of one where all are: then it stays due, as it
        does where nobody can look."""
        try:
            for target, remote_id, parent in self._missed(job, answer):
                if self.presence.emptied(target, [remote_id]):
                    return STAYS_DUE
                if parent is not None and parent.kind is Kind.CUSTOMER and not parent.part:
                    return msgspec.structs.replace(answer, lacks=parent)
        except (TransientError, AccessError) as error:
            self.outage = error
            return STAYS_DUE
        except ProtocolError as error:
            self.outage = TransientError(str(error))
            return STAYS_DUE
        return answer

    def _missed(self, job: Job, answer: Answer) -> Iterator[tuple[str, str, Ref | None]]:
        """Target and id of what the CRM says, or seems to say, that it does not have; and whose it
        is, if it is what the object would hang on."""
        if not _says_gone(job, answer):
            return
        if job.write.op is not Op.CREATE:
            yield job.write.target, job.write.remote_id or "", None
            return
        for word, ref in job.want.parents.items() if job.want else ():
            outbound, remote_id = self.pair.outbound(ref.kind), job.write.parents[word]
            target = dict(outbound.targets)[ref.part] if outbound else ""
            if target and not self.presence.there(target, remote_id, {}):
                yield target, remote_id, ref

    def _push(self, jobs: Sequence[Job], carried: Carried) -> list[Answer]:
        try:
            if jobs[0].look_first:
                found = self._find(jobs[0], {"marker": jobs[0].write.marker})
                if found:
                    return [Answer(adopt=found[0])]
            outcomes = carried()
        except RejectedError as error:
            return [self._refused(job, error) for job in jobs]
        if outcomes is None:
            return [Answer(withdrawn=True) for _ in jobs]
        return [self._answer(job, out) for job, out in zip(jobs, outcomes, strict=True)]

    def _answer(self, job: Job, outcome: Outcome) -> Answer:
        if outcome.error and not outcome.remote_id:
            return self._refused(job, outcome.error)
        if outcome.error or job.write.op is Op.REMOVE:
            return Answer(outcome=outcome)
        # An answer may repeat what it was sent.
        unsure = outcome.seen is None or job.part.base == UNKNOWN
        if unsure and outcome.remote_id and self.read_back(job):
            try:
                found = self._find(job, {"id": outcome.remote_id})
            except NO_LOOK:  # unconfirmed; the next sample or proof will look again
                return Answer(outcome=outcome)
            if found:
                return Answer(outcome=Outcome(outcome.remote_id, found[0].fields))
            return Answer(outcome=outcome, unseen=True)
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
