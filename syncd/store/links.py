"""Links: which card and which books customers are the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from syncd.store.tables import link


@dataclass(frozen=True, slots=True)
class Link:
    crm: str
    card_id: str
    books: str
    books_key: str
    is_primary: bool
    numbered: bool
    by: str
    at: dt.datetime


_LINK = [link.c[name] for name in Link.__slots__]


def bind(
    tx: sa.Connection,
    *,
    crm: str,
    card_id: str,
    books: str,
    books_key: str,
    numbered: bool,
    by: str,
    at: dt.datetime,
) -> None:
    """The first books customer of a card is its primary one. A customer has one card."""
    mine = sa.and_(link.c.crm == crm, link.c.books == books, link.c.books_key == books_key)
    others = sa.select(sa.func.count()).where(
        link.c.crm == crm, link.c.card_id == card_id, sa.not_(mine)
    )
    values = {
        "card_id": card_id,
        "is_primary": not tx.scalar(others),
        "numbered": numbered,
        "by": by,
        "at": at,
    }
    if not tx.execute(sa.update(link).where(mine).values(**values)).rowcount:
        tx.execute(sa.insert(link).values(crm=crm, books=books, books_key=books_key, **values))


def to_card(tx: sa.Connection, crm: str, books: str, books_key: str) -> Link | None:
    query = sa.select(*_LINK).where(
        link.c.crm == crm, link.c.books == books, link.c.books_key == books_key
    )
    row = tx.execute(query).one_or_none()
    return Link(*row) if row else None


def to_books(tx: sa.Connection, crm: str, card_id: str) -> list[Link]:
    query = sa.select(*_LINK).where(link.c.crm == crm, link.c.card_id == card_id)
    return [Link(*row) for row in tx.execute(query)]


def each(tx: sa.Connection, crm: str, books: str) -> list[Link]:
    query = sa.select(*_LINK).where(link.c.crm == crm, link.c.books == books).order_by(link.c.id)
    return [Link(*row) for row in tx.execute(query)]
