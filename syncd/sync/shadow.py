"""Shadow: what people type on the cards, day by day, beside what syncd would write there.

Figures alone are compared: names and addresses are personal data, and not what a shadow is to
prove. A field that nobody filled is no disagreement, and is left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from syncd.domain import Kind, Value
from syncd.image import encode, same
from syncd.port import Found
from syncd.store import links, mirror
from syncd.store.tables import typed
from syncd.sync.derive import today
from syncd.sync.pair import Scene
from syncd.sync.session import Session
from syncd.sync.want import items, wants_if_any

LOOKED = ""
"""The field of the row that says that the cards were listed on a day."""


class Day(msgspec.Struct, frozen=True):
    """How many cards and fields somebody had filled, and how many of them were as syncd would."""

    day: str
    cards: int
    fields: int
    equal: int

    @property
    def differ(self) -> int:
        return self.fields - self.equal


class Differing(msgspec.Struct, frozen=True):
    day: str
    customer: str
    field: str
    typed: str | int | bool | None
    wanted: str | int | bool | None


def compare(session: Session) -> None:
    """Lists the cards, once a day, and writes down what differs. Transport errors of the CRM go to
    the caller; what was compared stands, and the day is not over."""
    pair = session.pair
    day = today(pair, pair.clock.utc()).isoformat()
    with pair.store.reading() as tx:
        if _looked(tx, pair.name, day):
            return
        every = links.each(tx, pair.crm.name, pair.books.name)
        linked = {one.card_id: one for one in every if one.is_primary}
    outbound = pair.outbound(Kind.CUSTOMER)
    target = (
        next((target for key, target in outbound.targets if key == ""), None) if outbound else ""
    )
    position: str | None = None
    while target and linked:
        page = pair.survey(target, position)
        met = {
            linked[one.remote_id].books_key: one for one in page.found if one.remote_id in linked
        }
        with session.commit() as scene:
            _compare(scene, day, met)
        position = page.next
        if position is None:
            break
    with session.commit() as scene:
        _save(scene.tx, pair.name, day, "", {LOOKED: (None, None)})


def _looked(tx: sa.Connection, pair: str, day: str) -> bool:
    query = sa.select(sa.literal(1)).where(
        typed.c.pair == pair,
        typed.c.day == day,
        typed.c.customer == "",
        typed.c.field == LOOKED,
    )
    return tx.scalar(query) is not None


def _compare(scene: Scene, day: str, met: dict[str, Found]) -> None:
    cards = list(mirror.known(scene.tx, scene.streams[Kind.CARD], list(met)).values())
    for row, item in zip(cards, items(scene, Kind.CARD, cards), strict=True):
        want = wants_if_any(scene, Kind.CARD, item, numbered=False).get("")
        shown = met[row.key].fields
        filled = {
            path: (shown.get(path), value)
            for path, value in (want.fields if want else {}).items()
            if shown.get(path) not in (None, "")
        }
        _save(scene.tx, scene.pair.name, day, row.key, filled)


def _save(
    tx: sa.Connection, pair: str, day: str, customer: str, found: dict[str, tuple[Value, Value]]
) -> None:
    mine = sa.and_(typed.c.pair == pair, typed.c.day == day, typed.c.customer == customer)
    tx.execute(sa.delete(typed).where(mine))
    rows = [
        {
            "pair": pair,
            "day": day,
            "customer": customer,
            "field": path,
            "typed": encode(there),
            "wanted": encode(wanted),
            "equal": same(wanted, there),
        }
        for path, (there, wanted) in found.items()
    ]
    if rows:
        tx.execute(sa.insert(typed), rows)


def days(tx: sa.Connection, pair: str, since: dt.date) -> list[Day]:
    """The newest first; a day on which nothing was typed is there too."""
    real = typed.c.customer != ""
    query = (
        sa.select(
            typed.c.day,
            sa.func.count(sa.distinct(sa.case((real, typed.c.customer)))),
            sa.func.count(sa.case((real, 1))),
            sa.func.count(sa.case((sa.and_(real, typed.c.equal), 1))),
        )
        .where(typed.c.pair == pair, typed.c.day >= since.isoformat())
        .group_by(typed.c.day)
        .order_by(typed.c.day.desc())
    )
    return [Day(*row) for row in tx.execute(query)]


def differing(tx: sa.Connection, pair: str, day: str) -> Sequence[Differing]:
    columns = (typed.c.day, typed.c.customer, typed.c.field, typed.c.typed, typed.c.wanted)
    query = sa.select(*columns).where(
        typed.c.pair == pair, typed.c.day == day, typed.c.customer != "", typed.c.equal.is_(False)
    )
    decode = msgspec.json.decode
    return [
        Differing(row.day, row.customer, row.field, decode(row.typed), decode(row.wanted))
        for row in tx.execute(query.order_by(typed.c.customer, typed.c.field))
    ]
