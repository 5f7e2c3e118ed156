"""Documents that cannot be read, where what is owed is added up out of documents: figures lack what
they say now. Of the store alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from syncd.domain import Kind, Ref
from syncd.store import mirror
from syncd.store.mirror import UNMAPPABLE
from syncd.store.tables import record
from syncd.sync.ledger import KINDS


@dataclass(frozen=True, slots=True)
class Doubts:
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


def doubts(tx: sa.Connection, streams: Mapping[Kind, int]) -> Doubts | None:
    """Of a pair whose balances are added up out of documents; None where all can be read."""
    mine = [streams[kind] for kind in KINDS if kind in streams]
    unread = sa.and_(record.c.stream.in_(mine), record.c.state == UNMAPPABLE)
    count, customers, named = tx.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(record.c.customer.distinct()),
            sa.func.count(record.c.customer),
        ).where(unread)
    ).one()
    if not count:
        return None
    query = sa.select(record.c.problem).distinct().where(unread, record.c.problem.is_not(None))
    found = tx.scalars(query.order_by(record.c.problem))
    return Doubts(count, customers, count - named, tuple(found))


@dataclass(frozen=True, slots=True)
class Unread:
    """A document that cannot be read, and the problem that says why."""

    ref: str
    problem: int | None


def of_customer(tx: sa.Connection, streams: Mapping[Kind, int], key: str) -> list[Unread]:
    """Documents of this customer that cannot be read."""
    found = []
    for kind in (kind for kind in KINDS if kind in streams):
        for row in mirror.of_customers(tx, streams[kind], [key], (UNMAPPABLE,)):
            found.append(Unread(str(Ref(kind, row.key)), row.problem))
    return found


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
