"""Finds the customer a person means, by what people have at hand."""

from __future__ import annotations

import sqlalchemy as sa

from syncd.domain import FROM_CRM, Customer, Kind
from syncd.errors import UsageError
from syncd.image import decode
from syncd.store import links, mirror, streams
from syncd.store.tables import record, settles


def resolve(tx: sa.Connection, pair: str, crm: str, typed: str) -> str:
    """The books key of the customer with this key, code, tax id, e-mail, name, card id or pasted
    card address. UsageError if there is none, or more than one."""
    stream = streams.stream_ids(tx, pair).get(Kind.CUSTOMER)
    if stream is None:
        raise UsageError(f"pair {pair} has read no customers yet; run: syncd run")
    wanted = typed.strip()
    for link in links.to_books(tx, crm, wanted.rstrip("/").rsplit("/", 1)[-1]):
        return link.books_key
    if mirror.known(tx, stream, [wanted]):
        return wanted
    found = _by_words(tx, stream, wanted.casefold())
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"no customer has {wanted!r} as key, code, tax id, e-mail, name or card")
    raise UsageError(f"{wanted!r} is several customers: {', '.join(found[:10])}; name one by key")


def _by_words(tx: sa.Connection, stream: int, wanted: str) -> list[str]:
    found: list[str] = []
    last = 0
    while batch := mirror.batch(tx, stream, last):
        last = batch[-1].id
        images = mirror.images(tx, Kind.CUSTOMER, batch)
        for row in batch:
            one = decode(Kind.CUSTOMER, images[row.id]) if row.id in images else None
            if isinstance(one, Customer):
                words = (one.code, one.tax_id, one.email, one.name)
                if any(word and word.casefold() == wanted for word in words):
                    found.append(row.key)
    return found


def records_of(tx: sa.Connection, pair: str, key: str) -> list[tuple[Kind, str]]:
    """The documents, the balance and the card of a customer, and what others paid for it."""
    ids = streams.stream_ids(tx, pair)
    kinds = {stream: kind for kind, stream in ids.items() if kind not in FROM_CRM}
    own = sa.select(record.c.stream, record.c.key).where(
        record.c.stream.in_(kinds), record.c.customer == key
    )
    found = {(kinds[stream], one) for stream, one in tx.execute(own)}
    invoices = [one for kind, one in found if kind is Kind.INVOICE]
    for start in range(0, len(invoices), mirror.CHUNK):
        paying = (
            sa.select(record.c.stream, record.c.key)
            .join(settles, settles.c.record == record.c.id)
            .where(
                settles.c.invoice.in_(invoices[start : start + mirror.CHUNK]),
                record.c.stream.in_(kinds),
            )
        )
        found |= {(kinds[stream], one) for stream, one in tx.execute(paying)}
    order = list(Kind)
    return sorted(found, key=lambda ref: (order.index(ref[0]), ref[1]))
