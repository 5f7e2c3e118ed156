"""Exact counts of whole cycles against the benchmark's world: how many calls, posts and records.

The world answers over loopback HTTP, the clock is a manual one: waits cost nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bench.cycle.command import prepared
from bench.cycle.world import Ledger, World, serve
from syncd.__main__ import execute
from syncd.domain import Kind
from syncd.port import Record
from syncd.store.engine import open_store
from syncd.store.runs import PageCount
from syncd.store.tables import change, intent, person_change
from syncd.sync.observe import Reading, observe
from syncd.sync.pair import Scene
from tests.clocks import ManualClock

SIZES = {"orders": 600, "payments": 80, "customers": 120}
RECORDS = sum(SIZES.values())
POSTS = sum(ceil(size / 100) for size in SIZES.values())
PAGE = 100


class Bench:
    def __init__(self, folder: Path, world: World | None = None) -> None:
        self.world, self.clock, self.folder = world or World(**SIZES), ManualClock(), folder
        self.server = serve(self.world)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        base = f"http://127.0.0.1:{self.server.server_port}"
        self.file = prepared(folder, base, str(PAGE))

    def cycle(self) -> int:
        """The exit code of a cycle five minutes later; what is counted begins anew with it."""
        self.clock.advance(300)
        self.world.reset(target=False)
        return execute(["--config", str(self.file), "run", "--go-live"], self.clock)

    @property
    def target(self) -> dict[str, Any]:
        found: dict[str, Any] = self.world.stats()["target"]
        return found

    @property
    def pages(self) -> dict[str, int]:
        return {kind: one.calls for kind, one in self.world.ledgers.items()}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def rows(self, *tables: sa.Table) -> int:
        store = open_store(self.folder / "state" / "syncd.sqlite")
        with store.reading() as tx:
            count = sum(tx.scalar(sa.select(sa.func.count()).select_from(t)) or 0 for t in tables)
        store.close()
        return count


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def sent(bench: Bench) -> tuple[int, int]:
    return bench.target["calls"], bench.target["records"]


def test_each_record_is_sent_once_and_then_nothing_more(bench: Bench) -> None:
    assert bench.cycle() == 0
    assert sent(bench) == (POSTS, RECORDS)
    assert bench.target["created"] == bench.target["distinct"] == RECORDS
    assert bench.pages == {kind: ceil(size / PAGE) for kind, size in SIZES.items()}
    versions = bench.rows(change, person_change)
    for _ in range(2):
        assert bench.cycle() == 0
        assert sent(bench) == (0, 0)
    assert bench.rows(change, person_change) == versions
    # The last minute is read again: 180 records, a page and most of another one.
    assert bench.pages == {"orders": 2, "payments": 1, "customers": 2}


def test_an_idle_cycle_asks_once_for_each_kind(bench: Bench) -> None:
    file = bench.folder / "connectors" / "ledger.yaml"
    file.write_text(file.read_text("utf-8").replace("size: 100,", "size: 1000,"), "utf-8")
    assert bench.cycle() == 0
    assert bench.cycle() == 0
    assert bench.pages == {"orders": 1, "payments": 1, "customers": 1}
    assert sent(bench) == (0, 0)


@pytest.mark.parametrize("k", [1, 130])
def test_what_changed_goes_in_as_few_posts_as_it_needs(bench: Bench, k: int) -> None:
    assert bench.cycle() == 0
    bench.world.ledgers["orders"].touch(k, content=True, seed=k)
    assert bench.cycle() == 0
    assert sent(bench) == (ceil(k / 100), k)
    assert (bench.target["updated"], bench.target["created"]) == (k, 0)


def test_what_was_only_saved_again_is_not_sent(bench: Bench) -> None:
    assert bench.cycle() == 0
    bench.world.ledgers["orders"].touch(130, content=False, seed=5)
    versions = bench.rows(change)
    assert bench.cycle() == 0
    assert sent(bench) == (0, 0)
    assert bench.rows(change) == versions


@pytest.mark.parametrize("seed", [1, 2])
def test_the_first_cycle_ends_complete_though_answers_get_lost(bench: Bench, seed: int) -> None:
    """A fifth of the calls is answered 503, another fifth is carried out without an answer."""
    bench.world.configure(p5xx=0.2, pdrop=0.2, seed=seed)
    assert bench.cycle() == 0
    target = bench.target
    assert target["http_5xx"] + target["dropped"] > 0
    assert target["created"] == target["distinct"] == RECORDS
    assert target["updated"] == 0
    assert target["records"] <= RECORDS + 100 * target["dropped"]
    bench.world.configure(p5xx=0, pdrop=0)
    assert bench.cycle() == 0
    assert sent(bench) == (0, 0)


def test_every_request_stands_in_the_journal_with_its_end(bench: Bench) -> None:
    assert bench.cycle() == 0
    store = open_store(bench.folder / "state" / "syncd.sqlite")
    with store.reading() as tx:
        states = list(tx.scalars(sa.select(intent.c.state)))
    store.close()
    assert states == ["applied"] * POSTS


class TwoAtOnce(World):
    """Its CRM answers a call when a second one is there."""

    def __init__(self) -> None:
        super().__init__(orders=200, payments=200, customers=200)
        self.meeting = threading.Barrier(2, timeout=30)

    def written(self, body: bytes) -> tuple[int, bytes | None]:
        self.meeting.wait()
        return super().written(body)


def test_several_writes_are_under_way_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, TwoAtOnce())
    assert bench.cycle() == 0
    assert sent(bench) == (6, 600)
    assert bench.target["max_in_flight"] <= 4
    bench.close()


class Watched(World):
    """Tells when it was asked for the second page of its orders."""

    def __init__(self) -> None:
        super().__init__(orders=250, payments=10, customers=50)
        orders = Telling("orders", 250, 50)
        self.ledgers["orders"], self.second = orders, orders.second


class Telling(Ledger):
    def __init__(self, kind: str, count: int, customers: int) -> None:
        super().__init__(kind, count, customers)
        self.second = threading.Event()

    def page(self, since: str, skip: int, top: int) -> bytes:
        if skip:
            self.second.set()
        return super().page(since, skip, top)


def test_the_next_page_is_asked_for_while_the_last_one_is_taken_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Watched()
    bench = Bench(tmp_path, world)
    waited = []

    def taken_in(scene: Scene, reading: Reading, records: Sequence[Record]) -> PageCount:
        if reading.kind is Kind.ORDER and not waited:
            waited.append(world.second.wait(30))
        return observe(scene, reading, records)

    monkeypatch.setattr("syncd.sync.pull.observe", taken_in)
    assert bench.cycle() == 0
    assert waited == [True]
    assert bench.pages["orders"] == 3
    bench.close()
