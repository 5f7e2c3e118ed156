"""What both sides last agreed on, of the fields of a customer that both may change. Personal data:
it goes with the customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from syncd.store.mirror import CHUNK, KEEP_PERSONAL
from syncd.store.tables import agreed


class Base(msgspec.Struct, array_like=True, frozen=True):
    """`value` None: they never agreed. `of_books`: the books said it first, and the card was told.
    `moves` are the values that were agreed on lately, as a mark and its time in seconds since 1970,
    the oldest first. `unheard`: a side was told something else and says what it said before."""

    value: str | None
    of_books: bool = False
    moves: tuple[tuple[str, int], ...] = ()
    unheard: bool = False


Bases = dict[str, Base]
"""By word of the customer."""

_decode = msgspec.json.Decoder(Bases).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


def of(tx: sa.Connection, pair: str, cards: Mapping[str, str]) -> dict[str, Bases]:
    """By customer, what it and its card agreed on; with another card it agreed on nothing."""
    customers = list(cards)
    found: dict[str, Bases] = {}
    for start in range(0, len(customers), CHUNK):
        some = customers[start : start + CHUNK]
        query = sa.select(agreed.c.customer, agreed.c.card, agreed.c.words).where(
            agreed.c.pair == pair, agreed.c.customer.in_(some)
        )
        found.update(
            (row.customer, _decode(row.words))
            for row in tx.execute(query)
            if row.card == cards[row.customer]
        )
    return found


def asked_of(tx: sa.Connection, pair: str, customers: Sequence[str]) -> dict[str, frozenset[str]]:
    """The words about which a person is asked, of those of these customers that have any."""
    found: dict[str, frozenset[str]] = {}
    for start in range(0, len(customers), CHUNK):
        found |= _asked(tx, pair, agreed.c.customer.in_(customers[start : start + CHUNK]))
    return found


def asked(tx: sa.Connection, pair: str) -> dict[str, frozenset[str]]:
    """The same of every customer."""
    return _asked(tx, pair, sa.true())


def _asked(
    tx: sa.Connection, pair: str, which: sa.ColumnElement[bool]
) -> dict[str, frozenset[str]]:
    query = sa.select(agreed.c.customer, agreed.c.asks).where(
        agreed.c.pair == pair, agreed.c.asks.is_not(None), which
    )
    return {row.customer: frozenset(row.asks.split()) for row in tx.execute(query)}


def ask_nothing(tx: sa.Connection, pair: str, customers: Sequence[str]) -> None:
    for start in range(0, len(customers), CHUNK):
        some = agreed.c.customer.in_(customers[start : start + CHUNK])
        tx.execute(sa.update(agreed).where(agreed.c.pair == pair, some).values(asks=None))


class Agreed(NamedTuple):
    """Of a customer and its card. `asks` are the words that a person decides."""

    customer: str
    card: str
    bases: Bases
    asks: Collection[str] = ()


def save(tx: sa.Connection, pair: str, rows: Sequence[Agreed], now: dt.datetime) -> None:
    """In place of what was there of these customers."""
    if not rows:
        return
    tx.execute(_DELETE, [{"_pair": pair, "_customer": one.customer} for one in rows])
    kept = [
        {
            "pair": pair,
            "customer": one.customer,
            "card": one.card,
            "words": _encode(one.bases),
            "asks": " ".join(sorted(one.asks)) or None,
            "keep_until": now + KEEP_PERSONAL,
        }
        for one in rows
        if one.bases or one.asks
    ]
    if kept:
        tx.execute(sa.insert(agreed), kept)


_DELETE = sa.delete(agreed).where(
    agreed.c.pair == sa.bindparam("_pair"), agreed.c.customer == sa.bindparam("_customer")
)
