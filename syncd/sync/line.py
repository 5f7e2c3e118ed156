"""Requests on their way to one system, while what comes after them is made up and written down."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from syncd.port import Op, Outcome
from syncd.store.parts import Part
from syncd.sync.send import Sender
from syncd.sync.sending import Answer, Sending

Sent = list[tuple[Sending, list[Answer]]]
Sort = tuple[Op, str]


@contextmanager
def line(sender: Sender, in_flight: int) -> Iterator[Line]:
    """Whatever ends it, nothing more leaves, and what is under way is waited for."""
    sender.halted = False
    with ThreadPoolExecutor(in_flight) as pool:
        try:
            yield Line(sender, pool, in_flight)
        finally:
            sender.halted = True


class Line:
    """In their order, as many at once as the system takes. Two commits' worth are under way at
    most, and only where they are alike: what makes room for the next, or looks before it writes,
    goes by itself."""

    def __init__(self, sender: Sender, pool: ThreadPoolExecutor, in_flight: int) -> None:
        self._sender, self._pool, self._in_flight = sender, pool, in_flight
        self._groups: deque[list[tuple[Sending, Future[Sequence[Outcome] | None]]]] = deque()
        self._sort: Sort | None = None

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

    def stop(self) -> Sent:
        """Nothing more leaves; the answers of what is under way, but of what was broken off."""
        self._sender.halted = True
        every = [one for group in self._groups for one in group]
        return [
            (one, self._sender.answers(one, carried.result))
            for one, carried in every
            if not isinstance(carried.exception(), KeyboardInterrupt)
        ]

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
