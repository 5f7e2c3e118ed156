"""What a cycle in which nothing happened costs the store, and what it sees all the same. One owner
runs all cycles, as in the daemon."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from syncd.domain import Kind
from syncd.health.calendar import Calendar
from syncd.health.look import look, watched
from syncd.image import NOTHING
from syncd.orders import own
from syncd.store import links, mirror, parts, streams
from syncd.store.ownership import Owner
from syncd.store.tables import intent, page, run
from syncd.sync.cycle import run_owned
from syncd.sync.order import Order, Report
from tests.engine.rig import Rig


class Kept(Rig):
    owner: Owner

    def cycle(self, *, write: bool = True) -> Report:
        self.clock.advance(300)
        return run_owned(self.pair, Order("run", write=write), self.owner)

    @property
    def accounts(self) -> dict[str, str | None]:
        """Card -> the customer that it says it is."""
        found = self.world.crm.objects["account"].items()
        return {card: one.fields.get("books_id") for card, one in found}


Grown = Callable[[int], Kept]


@pytest.fixture
def grown(tmp_path: Path) -> Iterator[Grown]:
    made: list[Kept] = []

    def grow(customers: int) -> Kept:
        """So many on cards, each with an invoice; all but the last one are long past."""
        folder = tmp_path / str(customers)
        folder.mkdir()
        rig = Kept(folder)
        books = rig.world.books
        for n in range(customers - 1):
            books.post_invoice(books.add_customer(f"ООО «Пример {n}»"), "1.00")
        rig.clock.advance(7200)
        books.post_invoice(books.add_customer("株式会社例"), "1.00")
        rig.set_up()
        rig.run()
        rig.owner = own(rig.pair)
        made.append(rig)
        rig.cycle()
        assert len(rig.accounts) == customers and rig.owner.bound is not None
        return rig

    yield grow
    for rig in made:
        rig.owner.release()
        rig.pair.store.close()


def steps(rig: Kept, work: Callable[[], object], writes: int = 0) -> int:
    """Of SQLite's machine, in what writes so often at the CRM."""
    made: list[None] = []

    def watch(one: sqlite3.Connection, *_: object) -> None:
        one.set_progress_handler(lambda: made.append(None), 1)

    store, written = rig.pair.store, len(rig.world.crm.journal)
    store.close()
    sa.event.listen(store.engine, "connect", watch)
    work()
    sa.event.remove(store.engine, "connect", watch)
    store.close()
    assert len(rig.world.crm.journal) == written + writes
    return len(made)


def test_it_does_not_grow_with_what_was_ever_read_and_linked(grown: Grown) -> None:
    more, few = grown(80), grown(5)
    assert steps(more, more.cycle) < 1.05 * steps(few, few.cycle)


def test_it_does_not_grow_with_the_runs_and_writes_there_ever_were(grown: Grown) -> None:
    rig = grown(3)

    def anew() -> None:
        rig.owner.release()
        rig.owner = own(rig.pair)
        rig.cycle()
        look(rig.pair.store, rig.clock, watched(rig.pair, Calendar()))

    few = steps(rig, anew)
    with rig.owner.commit() as tx:
        for table in (run, intent):
            [last] = tx.execute(sa.select(table).order_by(table.c.id.desc()).limit(1)).mappings()
            rows = [{**last, "id": last["id"] + n} for n in range(1, 1001)]
            tx.execute(sa.insert(table), rows)
    assert steps(rig, anew) < 1.05 * few


def test_a_link_made_since_is_seen_though_nothing_else_is_known_of_its_customer(
    grown: Grown,
) -> None:
    rig = grown(2)
    idle = rig.cycle().reads
    with rig.owner.commit() as tx:
        link = {"crm": "crm", "card_id": "77", "books": "books", "books_key": "K0077"}
        links.bind(tx, **link, numbered=False, by="somebody", at=rig.clock.utc())
    for _ in range(2):
        assert rig.cycle().reads > idle, "the books are asked for it, until they have it"


def test_a_card_that_the_state_no_longer_knows_of_is_bound_again(grown: Grown) -> None:
    rig = grown(2)
    with rig.owner.commit() as tx:
        ids = streams.stream_ids(tx, rig.pair.name)
        [row] = mirror.newest(tx, ids[Kind.CUSTOMER], 1)
        main = parts.of_records(tx, [row.id])[row.id][""]
        parts.update(tx, main.id, remote_id=None, base=NOTHING, state=parts.DUE)
    rig.cycle(write=False)
    with rig.pair.store.reading() as tx:
        assert parts.by_id(tx, [main.id])[main.id].remote_id == main.remote_id


def test_one_change_costs_the_same_however_much_there_is(grown: Grown) -> None:
    def one_change(rig: Kept) -> int:
        def changed() -> None:
            rig.world.books.rename(str(len(rig.accounts)), "ООО «Другое»")
            rig.cycle()

        return steps(rig, changed, writes=2)  # of a card and its contact

    assert one_change(grown(80)) < 1.05 * one_change(grown(5))


def test_it_commits_its_pages_its_beginning_and_its_end(grown: Grown) -> None:
    rig = grown(3)
    said: list[str] = []
    rig.pair.store.close()
    sa.event.listen(
        rig.pair.store.engine, "connect", lambda one, _: one.set_trace_callback(said.append)
    )
    report = rig.cycle()
    with rig.pair.store.reading() as tx:
        mine = sa.select(sa.func.count()).where(page.c.run == report.run)
        assert said.count("COMMIT") == (tx.scalar(mine) or 0) + 2
