"""Proofs: per customer, whether ledger, documents and card agreed when they were last compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from syncd.domain import Kind
from syncd.store.mirror import CHUNK, DELETED
from syncd.store.tables import link, proof, record, stream


class ProofRow(msgspec.Struct, frozen=True):
    """`since` is when the answer became what it is; `figures` are the encoded three."""

    customer: str
    at: dt.datetime
    agreed: bool
    since: dt.datetime
    figures: bytes


def of(tx: sa.Connection, pair: str, customers: Sequence[str]) -> dict[str, ProofRow]:
    found: dict[str, ProofRow] = {}
    columns = [proof.c[name] for name in ProofRow.__struct_fields__]
    for start in range(0, len(customers), CHUNK):
        query = sa.select(*columns).where(
            proof.c.pair == pair, proof.c.customer.in_(customers[start : start + CHUNK])
        )
        found.update((row.customer, ProofRow(*row)) for row in tx.execute(query))
    return found


def every(tx: sa.Connection, pair: str) -> list[ProofRow]:
    columns = [proof.c[name] for name in ProofRow.__struct_fields__]
    query = sa.select(*columns).where(proof.c.pair == pair).order_by(proof.c.customer)
    return [ProofRow(*row) for row in tx.execute(query)]


def unproven(tx: sa.Connection, pair: str, books: str, crm: str) -> int:
    """Linked customers whose newest comparison did not agree, or that were never compared. There
    is nothing to compare of those that were deleted."""
    agreed = sa.select(proof.c.customer).where(proof.c.pair == pair, proof.c.agreed)
    query = sa.select(sa.func.count()).where(
        link.c.books == books,
        link.c.crm == crm,
        link.c.books_key.not_in(agreed),
        link.c.books_key.not_in(_deleted(pair)),
    )
    return tx.scalar(query) or 0


def deleted(tx: sa.Connection, pair: str) -> set[str]:
    """Customers that were deleted in the books, as a person said: nothing is compared of them."""
    return set(tx.scalars(_deleted(pair)))


def _deleted(pair: str) -> sa.Select[tuple[str]]:
    return (
        sa.select(record.c.key)
        .join(stream, stream.c.id == record.c.stream)
        .where(stream.c.pair == pair, stream.c.kind == Kind.CUSTOMER, record.c.state == DELETED)
    )


def forget(tx: sa.Connection, pair: str, customers: Sequence[str]) -> None:
    """Their comparisons are of what was; there will be no other."""
    for start in range(0, len(customers), CHUNK):
        some = proof.c.customer.in_(customers[start : start + CHUNK])
        tx.execute(sa.delete(proof).where(proof.c.pair == pair, some))


def save(
    tx: sa.Connection, pair: str, customer: str, at: dt.datetime, agreed: bool, figures: bytes
) -> None:
    """The newest comparison of one customer; `since` stays while the answer does."""
    before = of(tx, pair, [customer]).get(customer)
    since = before.since if before and before.agreed is agreed else at
    values = {"at": at, "agreed": agreed, "since": since, "figures": figures}
    where = sa.and_(proof.c.pair == pair, proof.c.customer == customer)
    if not tx.execute(sa.update(proof).where(where).values(**values)).rowcount:
        tx.execute(sa.insert(proof).values(pair=pair, customer=customer, **values))
