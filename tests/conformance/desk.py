"""Makes objects at the target for the checks, each with a marker and values of its own."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from syncd.domain import Value
from syncd.errors import DoubtError
from syncd.port import Flow, Found, Op, Outcome, Request, Response, Write
from tests.conformance.driver import CrmDriver, Subject, T, holds

Crm = Subject[CrmDriver]
_numbers = itertools.count(secrets.randbelow(900_000_000) + 100_000_000, 100)


@dataclass
class Desk:
    """Writes to one target, and makes the parents it needs."""

    crm: Crm
    target: str
    parents: Mapping[str, str] = field(default_factory=dict)

    def create(self, marker: str, fields: Mapping[str, Value]) -> Write:
        return Write(Op.CREATE, self.target, marker, None, self.parents, fields)

    def update(self, remote_id: str, marker: str, fields: Mapping[str, Value]) -> Write:
        return Write(Op.UPDATE, self.target, marker, remote_id, self.parents, fields)

    def push(self, *writes: Write) -> Sequence[Outcome]:
        """In batches as large as declared."""
        size = self.crm.connector.facts.targets[self.target].batch
        outcomes: list[Outcome] = []
        for start in range(0, len(writes), size):
            batch = writes[start : start + size]
            answer = self.crm.run(self.crm.connector.push(batch))
            holds(len(answer) == len(batch), f"{len(batch)} writes, {len(answer)} outcomes")
            outcomes += answer
        return outcomes

    def made(self, marker: str, fields: Mapping[str, Value]) -> str:
        [outcome] = self.push(self.create(marker, fields))
        holds(outcome.error is None, f"a good {self.target} was refused: {outcome.error}")
        holds(outcome.remote_id, f"a {self.target} was made without an id")
        return str(outcome.remote_id)

    def find(self, **by: str) -> Sequence[Found]:
        return self.crm.run(self.crm.connector.find(self.target, by, self.parents))

    def read(self, remote_id: str) -> Found:
        found = self.find(id=remote_id)
        holds([item.remote_id for item in found] == [remote_id], f"{remote_id} is not found")
        return found[0]

    def settle(self) -> None:
        self.crm.driver.wait(self.crm.connector.facts.doubt_time)


def desks(crm: Crm, target: str) -> Iterator[Desk]:
    """With each of the parents of which one is enough; a single one where there are none."""
    for word in crm.connector.facts.targets[target].either or (None,):
        yield desk(crm, target, word)


def desk(crm: Crm, target: str, chosen: str | None = None) -> Desk:
    """With one new object for every parent, and the parents' parents the same ones; of those of
    which one is enough, the first or the chosen one."""
    made: dict[str, str] = {}

    def parents(word: str) -> dict[str, str]:
        facts = crm.connector.facts.targets[word]
        only = (chosen,) if chosen and word == target else facts.either[:1]
        words = (*facts.parents, *only)
        for parent in words:
            if parent not in made:
                above = Desk(crm, parent, parents(parent))
                made[parent] = above.made(new_marker(), crm.driver.fields(parent, number()))
        return {parent: made[parent] for parent in words}

    return Desk(crm, target, parents(target))


def number() -> int:
    """A new one each time, also among runs against the same system."""
    return next(_numbers)


def new_marker() -> str:
    return f"Kit-{secrets.token_hex(6)}-Zz"


def losing_answer(flow: Flow[T]) -> Flow[T]:
    """The same flow, but the answer to what it writes never arrives."""
    request: Request = next(flow)
    try:
        while True:
            response: Response = yield request
            if request.write:
                request = flow.throw(DoubtError("the answer was lost"))
            else:
                request = flow.send(response)
    except StopIteration as end:
        result: T = end.value
        return result


def lose(at: Desk, write: Write) -> None:
    try:
        outcomes = at.crm.run(losing_answer(at.crm.connector.push([write])))
    except DoubtError:
        return
    holds(False, f"the answer was lost, and the push says {outcomes}")
