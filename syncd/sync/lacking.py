"""How many documents cannot be read, of whom: what figures that are added up out of them lack."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from syncd.domain.kinds import LEDGER, Kind
from syncd.store import glance
from syncd.store.glance import Read


class Doubts(msgspec.Struct, frozen=True):
    """`documents` cannot be read; they are of so many `customers`, but for `nobodys`, which may be
    of any. `problems` are the numbers of those that say why."""

    documents: int
    customers: int
    nobodys: int
    problems: tuple[int, ...]

    def __str__(self) -> str:
        """One sentence, for whoever looks at the pair."""
        said = []
        if self.customers:
            some = _counted(self.documents - self.nobodys, "document")
            cards = _counted(self.customers, "customer")
            said.append(f"{some} cannot be read: the figures of {cards} are without them")
        if self.nobodys:
            said.append(self.of_nobody)
        numbers = " ".join(f"#{one}" for one in self.problems)
        return f"{'; '.join(said)} ({numbers})"

    @property
    def of_nobody(self) -> str:
        """Of those of which even the customer cannot be read."""
        return (
            f"{_counted(self.nobodys, 'document')} cannot be read, nor whose it is: the figures of "
            "any card may lack them, and no card says so"
        )


def lacking(read: Read, streams: Mapping[Kind, int]) -> Doubts | None:
    """Of a pair whose balances are added up out of documents; None where all can be read."""
    mine = [streams[kind] for kind in LEDGER if kind in streams]
    count, customers, named, problems = glance.unreadable(read, mine)
    return Doubts(count, customers, count - named, problems) if count else None


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
