"""Proofs: per customer, whether ledger, documents and card agreed when they were last compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from syncd.store.mirror import CHUNK
from syncd.store.tables import link, proof


@dataclass(frozen=True, slots=True)
class ProofRow:
    """`since` is when the answer became what it is; `figures` are the encoded three."""

    customer: str
    at: dt.datetime
    agreed: bool
    since: dt.datetime
    figures: bytes


def of(tx: sa.Connection, pair: str, customers: Sequence[str]) -> dict[str, ProofRow]:
    found: dict[str, ProofRow] = {}
    columns = [proof.c[name] for name in ProofRow.__slots__]
    for start in range(0, len(customers), CHUNK):
        query = sa.select(*columns).where(
            proof.c.pair == pair, proof.c.customer.in_(customers[start : start + CHUNK])
        )
        found.update((row.customer, ProofRow(*row)) for row in tx.execute(query))
    return found


def every(tx: sa.Connection, pair: str) -> list[ProofRow]:
    columns = [proof.c[name] for name in ProofRow.__slots__]
    query = sa.select(*columns).where(proof.c.pair == pair).order_by(proof.c.customer)
    return [ProofRow(*row) for row in tx.execute(query)]


def unproven(tx: sa.Connection, pair: str, books: str, crm: str) -> int:
    """Linked customers whose newest comparison did not agree, or that were never compared."""
    agreed = sa.select(proof.c.customer).where(proof.c.pair == pair, proof.c.agreed)
    query = sa.select(sa.func.count()).where(
        link.c.books == books, link.c.crm == crm, link.c.books_key.not_in(agreed)
    )
    return tx.scalar(query) or 0


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
