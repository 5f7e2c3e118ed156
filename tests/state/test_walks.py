"""What goes through all of a stream, or all that is due, costs the same for each record, however
many there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from syncd.domain import Kind
from syncd.store import deals, direct, mirror, outstanding, parts, streams
from syncd.store.engine import open_store
from syncd.store.tables import deal_order, part, record

NOW = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
FEW, MANY = 1500, 6000
Walk = Callable[[sa.Connection, int], int]
"""Through all orders of a state; how many it met."""


def by_place(page: Callable[[outstanding.Place], list[outstanding.Place]]) -> int:
    met, after = 0, outstanding.FIRST
    while places := page(after):
        met, after = met + len(places), places[-1]
    return met


def all_records(tx: sa.Connection, stream: int) -> int:
    met = last = 0
    while some := mirror.batch(tx, stream, last):
        met, last = met + len(some), some[-1].id
    return met


def newest(tx: sa.Connection, stream: int) -> int:
    asked = len(mirror.known(tx, stream, ["1"])) * 10
    for _ in range(10):
        assert len(mirror.newest(tx, stream, 1)) == 1
    return asked


def changes(tx: sa.Connection, stream: int) -> int:
    return by_place(lambda after: [p for p, _ in outstanding.next_due_there(tx, stream, after)])


def objects(tx: sa.Connection, stream: int) -> int:
    def page(after: outstanding.Place) -> list[outstanding.Place]:
        some = outstanding.due_objects(tx, stream, ["deal"], after)
        return [outstanding.place(one) for one in some]

    return by_place(page)


def unmade(tx: sa.Connection, stream: int) -> int:
    tx.execute(sa.update(part).values(remote_id=None))

    def page(after: outstanding.Place) -> list[outstanding.Place]:
        some = outstanding.unmade(tx, stream, parts.DUE, after)
        return [outstanding.place(one) for one in some]

    return by_place(page)


def of_deals(tx: sa.Connection, stream: int) -> int:
    """Single ones, ten times."""
    return sum(len(deals.orders_of(tx, stream, [f"D{n}"])) for n in range(10))


def said_to_books(tx: sa.Connection, stream: int) -> int:
    """What few cards said, among many."""
    tx.execute(sa.update(part).where(part.c.record <= 10).values(key="shared", state="clean"))
    return len(parts.said_to_books(tx, stream))


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Callable[[int], tuple[sa.Connection, int]]]:
    opened = []

    def fill(count: int) -> tuple[sa.Connection, int]:
        """Two streams whose records came in turn; of the first all are due."""
        store = open_store(tmp_path / f"{count}.sqlite")
        opened.append(store)
        with store.transaction() as tx:
            mine = streams.ensure_pair(tx, "main", "books", "crm", NOW)
            order, other = mine[Kind.ORDER], mine[Kind.INVOICE]
            plain = {"state": "live", "ver": 1, "asked": 1}
            rows = [
                {"id": n, "stream": one, "key": str(n), "customer": str(n % 7), **plain}
                for n in range(1, 2 * count + 1)
                for one in [order if n <= count else other]
            ]
            tx.execute(sa.insert(record), rows)
            due = {"stream": order, "key": "", "target": "deal", "state": "due", "turn": 1}
            due |= {"want": b"w", "base": b"b", "remote_id": "7", "numbered": False}
            made = [{"record": n, **due} for n in range(1, count + 1)]
            parts.insert(tx, made)
            named = [{"record": n, "deal": f"D{n % count}"} for n in range(1, count + 1)]
            tx.execute(sa.insert(deal_order), named)
        connection = store.engine.connect()
        return connection, order

    yield fill
    for store in opened:
        store.close()


@pytest.mark.parametrize(
    "walk", [all_records, newest, changes, objects, unmade, of_deals, said_to_books]
)
def test_each_record_costs_the_same(
    filled: Callable[[int], tuple[sa.Connection, int]], walk: Walk
) -> None:
    def cost(count: int) -> float:
        made: list[None] = []
        tx, stream = filled(count)
        with tx.begin():
            direct.driver(tx).set_progress_handler(lambda: made.append(None), 1)
            met = walk(tx, stream)
            direct.driver(tx).set_progress_handler(None, 1)
        tx.close()
        assert met in (count, 10), "all of them, or ten looks"
        return len(made) / met

    few, many = cost(FEW), cost(MANY)
    assert many < 1.1 * few
