"""Requests on their way to one system, while what comes after them is made up and written down."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from syncd.port import Op, Outcome
from syncd.store.parts import Part
from syncd.sync.send import Sender
from syncd.sync.sending import Answer, Sending

Sent = list[tuple[Sending, list[Answer]]]
Sort = tuple[Op, str]


class Line:
    """In their order, as many at once as the system takes. Two commits' worth are under way at
    most, and only where they are alike: what makes room for the next, or looks before it writes,
    goes by itself. To be used as a context: where somebody stops the run, what is under way is
    waited for, and its answers are in `rest` then."""

    def __init__(self, sender: Sender, in_flight: int) -> None:
        sender.halted = False
        self._sender, self._in_flight = sender, in_flight
        self._pool = ThreadPoolExecutor(in_flight)
        self._groups: deque[list[tuple[Sending, Future[Sequence[Outcome] | None]]]] = deque()
        self._sort: Sort | None = None
        self.rest: Sent = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._sender.halted = True
        self._pool.shutdown()
        if not isinstance(error, KeyboardInterrupt):
            return  # nothing is under way, or nothing can be written down any more
        for one, carried in (each for group in self._groups for each in group):
            if not isinstance(carried.exception(), KeyboardInterrupt):
                self.rest.append((one, self._sender.answers(one, carried.result)))

    @property
    def last(self) -> Part | None:
        """The last one that is under way, in the order of what is due; None where nothing is."""
        return self._groups[-1][-1][0].jobs[-1].part if self._groups else None

    def send(self, sendings: Sequence[Sending]) -> Sent:
        """Sends these behind what is under way, and gives the answers of what was under way before;
        of these too where they go by themselves."""
        sort = self._alike(sendings)
        sent: Sent = []
        if sort is None or sort != self._sort:
            while self._groups:
                sent += self._through()
        if sort is None:
            return sent + [(one, self._sender.alone(one)) for one in sendings]
        self._sort = sort
        carry = self._sender.carry
        self._groups.append([(one, self._pool.submit(carry, one)) for one in sendings])
        return sent + (self._through() if len(self._groups) > 1 else [])

    def _through(self) -> Sent:
        """The answers of the first group, when all are there."""
        answers = self._sender.answers
        sent = [(one, answers(one, carried.result)) for one, carried in self._groups[0]]
        self._groups.popleft()
        return sent

    def _alike(self, sendings: Sequence[Sending]) -> Sort | None:
        """What these have in common; None where they do not go together."""
        jobs = [sending.jobs[0] for sending in sendings]
        sorts = {(job.write.op, job.write.target) for job in jobs}
        apart = any(job.look_first or job.write.op is Op.REMOVE for job in jobs)
        if self._in_flight == 1 or len(jobs) < 2 or len(sorts) > 1 or apart:
            return None
        return sorts.pop()
