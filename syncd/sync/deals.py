"""Works out what a deal of the CRM shows of the orders that name it, whoever ordered.

One deal can have many orders, and the CRM knows none of them. What is shown is a record like a
card: a version where it differs, due where the deal shows something else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from syncd.domain import DealOrders, Kind, Money, Order, State
from syncd.image import decode, encode, fingerprint
from syncd.store import deals, mirror, streams, touched
from syncd.store.mirror import COUNTED, LIVE, Seen
from syncd.sync.pair import Scene
from syncd.sync.session import Session
from syncd.sync.want import Item, evaluate

BATCH = 100
"""Deals worked out in one commit."""


def derive_deals(session: Session) -> None:
    """Brings every deal up to date whose orders changed; none before all orders were read once."""
    pair, stream = session.pair, session.streams[Kind.DEAL_ORDERS]
    if pair.outbound(Kind.DEAL_ORDERS) is None:
        return
    with pair.store.reading() as tx:
        if streams.read_cursor(tx, session.streams[Kind.ORDER]).swept_at is None:
            return
        known = streams.read_cursor(tx, stream).mapped_by == pair.mapped_by(Kind.DEAL_ORDERS)
    if not known:
        with session.commit() as scene:
            _touch_every(scene)
    while True:
        with pair.store.reading() as tx:
            some = touched.some(tx, stream, BATCH)
        if not some:
            return
        with session.commit() as scene:
            _work_out(scene, some, pair.clock.utc())
            touched.done(scene.tx, stream, some)


def _touch_every(scene: Scene) -> None:
    """All are worked out again when a mapping changed."""
    stream = scene.streams[Kind.DEAL_ORDERS]
    touched.add(scene.tx, stream, deals.every(scene.tx, scene.streams[Kind.ORDER]))
    touched.everyone(scene.tx, stream, stream)
    mapped, wanted = scene.pair.mapped_by, scene.pair.wanted_by
    versions = {"mapped_by": mapped(Kind.DEAL_ORDERS), "wanted_by": wanted(Kind.DEAL_ORDERS)}
    streams.move_cursor(scene.tx, stream, **versions)


def _work_out(scene: Scene, some: Sequence[str], now: dt.datetime) -> None:
    stream = scene.streams[Kind.DEAL_ORDERS]
    found = orders_in_force(scene, some)
    known = mirror.known(scene.tx, stream, some)
    before = mirror.images(scene.tx, Kind.DEAL_ORDERS, list(known.values()))
    seen, images = [], []
    for deal in some:
        old = known.get(deal)
        if old is None and not found[deal]:
            continue
        image = encode(summed(deal, found[deal]))
        hashed = fingerprint(image)
        one = Seen(deal, old, LIVE, b"", b"", None, old.asked if old else 0)
        one.fp = hashed
        if old is None or old.fp != hashed:
            one.image = image
        seen.append(one)
        images.append(one.image or before.get(old.id if old else 0))
    cause, run = "derived", scene.run
    mirror.save(scene.tx, Kind.DEAL_ORDERS, stream, seen, run=run, cause=cause, at=now)
    rows = zip(seen, images, strict=True)
    judged = [Item(one.id, one.key, one.state, image, now) for one, image in rows]
    evaluate(scene, Kind.DEAL_ORDERS, judged)


def orders_in_force(scene: Scene, some: Sequence[str]) -> dict[str, list[Order]]:
    """Deal -> the orders that count on it; those of days before the history do not."""
    found: dict[str, list[Order]] = {deal: [] for deal in some}
    named = deals.orders_of(scene.tx, scene.streams[Kind.ORDER], some)
    rows = [row for row in mirror.by_id(scene.tx, list(named)) if row.state in COUNTED]
    images = mirror.images(scene.tx, Kind.ORDER, rows)
    history = scene.pair.writing.history or dt.date.min
    for row in rows:
        order = decode(Kind.ORDER, images[row.id]) if row.id in images else None
        if isinstance(order, Order) and order.state is State.EFFECTIVE and order.date >= history:
            found[named[row.id]].append(order)
    return found


def summed(deal: str, orders: Sequence[Order]) -> DealOrders:
    """Pure. Currencies are never added up."""
    last = max((one.date for one in orders), default=None)
    codes = {one.total.currency for one in orders}
    if len(codes) != 1:
        return DealOrders(key=deal, orders_count=len(orders), last_order=last)
    [code] = codes
    zero = Money(0, code)
    return DealOrders(
        key=deal,
        orders_count=len(orders),
        orders_total=sum((one.total for one in orders), zero),
        open_orders_total=sum((one.open for one in orders if one.open), zero),
        currency=code,
        last_order=last,
    )
