"""The scope of a pilot: these customers, those of this seller, these won cards.

A customer belongs to the seller of its newest order. Everything that hangs on a customer goes with
it; a won card is a customer that the books do not have yet, and goes only if it is named itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa

from syncd.domain import FROM_CRM, Card, Kind
from syncd.errors import UsageError
from syncd.image import decode, encode
from syncd.mapping.document import suggestion
from syncd.store import links, mirror, streams
from syncd.store.parts import Part
from syncd.store.tables import part, plan_row, record
from syncd.sync.customers import resolve
from syncd.sync.pair import Pair
from syncd.sync.pilot import Scope as Scope
from syncd.sync.pilot import load as load

WORDS = ("customer", "seller", "card")


def dump(scope: Scope) -> bytes:
    return encode(scope)


def of_json(value: object) -> Scope:
    return msgspec.convert(value, Scope) if value else Scope()


def parse(pair: Pair, words: Sequence[str]) -> Scope:
    """`customer=X`, `seller=S`, `card=ID`. UsageError for what is none of them, or nobody's."""
    named: dict[str, list[str]] = {word: [] for word in WORDS}
    with pair.store.reading() as tx:
        for one in words:
            word, _, value = one.partition("=")
            if word not in named or not value:
                near = suggestion(word, WORDS)
                raise UsageError(f"--scope {one}: expected customer=X, seller=S or card=ID{near}")
            if word == "customer":
                value = resolve(tx, pair.name, pair.crm.name, value)
            named[word].append(value)
    scope = Scope(*(tuple(sorted(set(named[word]))) for word in WORDS))
    if scope.sellers:
        _refuse_unknown(pair, scope.sellers)
    return scope


def _refuse_unknown(pair: Pair, sellers: Sequence[str]) -> None:
    with pair.store.reading() as tx:
        known = set(_sellers(tx, pair).values())
    for one in sellers:
        if one not in known:
            near = suggestion(one, [seller for seller in known if seller])
            raise UsageError(f"no customer's newest order names seller {one}{near}")


def _sellers(tx: sa.Connection, pair: Pair) -> dict[str, str | None]:
    """Customer -> the seller of its newest order, as its card record has it."""
    found: dict[str, str | None] = {}
    stream = streams.stream_ids(tx, pair.name).get(Kind.CARD)
    last = 0
    while stream and (batch := mirror.batch(tx, stream, last)):
        last = batch[-1].id
        batch = [row for row in batch if row.state == mirror.LIVE]
        for image in mirror.images(tx, Kind.CARD, batch).values():
            card = decode(Kind.CARD, image)
            assert isinstance(card, Card)
            found[card.customer] = card.seller
    return found


def customers_of(tx: sa.Connection, pair: Pair, scope: Scope) -> set[str]:
    """Those named, those of the sellers, and those that the cards have become; and whoever shares
    a card with one of them, for what it shows is of all."""
    found = set(scope.customers)
    if scope.sellers:
        sellers = _sellers(tx, pair)
        found |= {one for one, seller in sellers.items() if seller in scope.sellers}
    for card in scope.cards:
        linked = links.to_books(tx, pair.crm.name, card)
        found |= {one.books_key for one in linked if one.books == pair.books.name}
    together = links.together(tx, pair.crm.name, pair.books.name, sorted(found))
    return found.union(*together.values())


def first(pair: Pair, plan: str, scope: Scope, limit: int) -> Scope:
    """The first customers of a plan, of those in scope or of all, as a scope that names them."""
    ids = {}
    with pair.store.reading() as tx:
        ids = streams.stream_ids(tx, pair.name)
        wanted = customers_of(tx, pair, scope) if scope else None
        query = (
            sa.select(record.c.stream, record.c.key, record.c.customer)
            .join(part, part.c.record == record.c.id)
            .join(plan_row, plan_row.c.part == part.c.id)
            .where(plan_row.c.plan.startswith(plan))
            .order_by(record.c.id)
        )
        found: dict[str, None] = {}
        for stream, key, customer in tx.execute(query):
            if stream in (ids[kind] for kind in FROM_CRM):
                continue
            one = key if stream == ids[Kind.CUSTOMER] else customer
            if one and (wanted is None or one in wanted):
                found[one] = None
            if len(found) == limit:
                break
    return Scope(tuple(sorted(found)))


class InScope:
    """Whether a part may be sent. It asks the store once, and again when records came that were
    not there then."""

    def __init__(self, pair: Pair, scope: Scope) -> None:
        self._pair, self._scope = pair, scope
        self._records: set[int] = set()
        self._newest = 0

    def __call__(self, one: Part) -> bool:
        return self.record(one.record)

    def record(self, one: int) -> bool:
        if one > self._newest:
            self._look()
        return one in self._records

    def _look(self) -> None:
        pair = self._pair
        with pair.store.reading() as tx:
            ids = streams.stream_ids(tx, pair.name)
            self._newest = tx.scalar(sa.select(sa.func.max(record.c.id))) or 0
            customers = sorted(customers_of(tx, pair, self._scope))
            rest = [stream for kind, stream in ids.items() if kind not in FROM_CRM]
            self._records = {
                *_with(tx, [ids[Kind.CUSTOMER]], "key", customers),
                *_with(tx, rest, "customer", customers),
                *_with(tx, [ids[Kind.WON]], "key", self._scope.cards),
            }


def _with(
    tx: sa.Connection, some: Sequence[int], column: str, values: Collection[str]
) -> list[int]:
    """Ids of the records of these streams that have one of these values there."""
    found: list[int] = []
    listed = list(values)
    for start in range(0, len(listed), mirror.CHUNK):
        query = sa.select(record.c.id).where(
            record.c.stream.in_(some),
            record.c[column].in_(listed[start : start + mirror.CHUNK]),
        )
        found += tx.scalars(query)
    return found
