"""What both sides last agreed on, of the fields of a customer that both may change. Personal data:
it goes with the customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

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


def of(tx: sa.Connection, pair: str, customers: Sequence[str]) -> dict[str, Bases]:
    found: dict[str, Bases] = {}
    for start in range(0, len(customers), CHUNK):
        some = customers[start : start + CHUNK]
        query = sa.select(agreed.c.customer, agreed.c.words).where(
            agreed.c.pair == pair, agreed.c.customer.in_(some)
        )
        found.update((row.customer, _decode(row.words)) for row in tx.execute(query))
    return found


def save(tx: sa.Connection, pair: str, customer: str, bases: Bases, now: dt.datetime) -> None:
    row = {"pair": pair, "customer": customer}
    tx.execute(sa.delete(agreed).where(*(agreed.c[name] == one for name, one in row.items())))
    if bases:
        values = {**row, "words": _encode(bases), "keep_until": now + KEEP_PERSONAL}
        tx.execute(sa.insert(agreed).values(values))
