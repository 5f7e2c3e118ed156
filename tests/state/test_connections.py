"""Connections stay open from one use to the next, and no longer than the store."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path

import sqlalchemy as sa

from syncd.store.engine import KEPT, open_store
from syncd.store.witness import state_id


def test_what_is_in_use_when_the_store_is_closed_is_closed_after_that(tmp_path: Path) -> None:
    store = open_store(tmp_path / "syncd.sqlite")
    reads, closed, used = threading.Event(), threading.Event(), list[sa.Connection]()

    def read() -> None:
        with store.reading() as tx:
            reads.set()
            closed.wait(10)
            assert state_id(tx)
            used.append(tx)

    reader = threading.Thread(target=read)
    reader.start()
    reads.wait(10)
    store.close()
    closed.set()
    reader.join()
    assert [one.closed for one in used] == [True]


def test_each_thread_has_a_connection_of_its_own_and_leaves_it_as_it_was(tmp_path: Path) -> None:
    store = open_store(tmp_path / "syncd.sqlite")
    counted = sa.text("UPDATE state SET copied = coalesce(copied, 0) + 1")

    def work() -> None:
        for _ in range(25):
            with store.reading() as tx:
                assert state_id(tx)
            with store.transaction() as tx:
                assert state_id(tx)
                tx.execute(counted)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    with store.reading() as tx:
        assert tx.scalar(sa.text("SELECT copied FROM state")) == 100
    with contextlib.closing(sqlite3.connect(store.path, 0)) as other:  # nobody's look is left open
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    store.close()


def test_what_many_threads_needed_at_once_is_not_kept(tmp_path: Path) -> None:
    store = open_store(tmp_path / "syncd.sqlite")
    with contextlib.ExitStack() as many:
        used = [many.enter_context(store.reading()) for _ in range(KEPT + 3)]
    assert sum(one.closed for one in used) == 3
    store.close()
