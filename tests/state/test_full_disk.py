"""The disk runs full at each stage of a cycle: it says so, loses nothing, sends nothing twice."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from syncd.errors import NoRoomError, StateError
from syncd.store import disk
from syncd.store.engine import open_store
from tests.cli.desk import Desk
from tests.engine.agreement import differences
from tests.engine.rig import Rig, one_of_each


def limit(rig: Rig, pages: int) -> None:
    """As on a disk that is full once the state has this many pages."""

    def connect(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(rig.pair.store.engine, "connect", connect)
    rig.pair.store.close()


STAGES = ("reading", "deriving", "committed", "answered")


@pytest.mark.parametrize("stage", STAGES)
def test_wherever_a_cycle_runs_into_the_full_disk_it_ends_exactly_once(
    stage: str, tmp_path: Path
) -> None:
    """From that stage on the state cannot grow by a page."""
    rig = Rig(tmp_path)
    rig.set_up()
    for name in ("ООО «Пример»", "株式会社サンプル", "Acme"):
        key = rig.world.books.add_customer(name, email="a@example.com")
        for _ in range(8):
            invoice = rig.world.books.post_invoice(key, "120.00")
            rig.world.books.pay(key, "70.00", allocations=[(invoice, "50.00")])

    def full(name: str) -> None:
        if name == stage:
            limit(rig, 1)  # SQLite takes the size it has, where that is more

    rig.build(full)
    full("reading")
    with pytest.raises(NoRoomError, match="make room") as told:
        rig.run()
    assert str(rig.pair.store.path) in str(told.value)
    made = len(rig.world.crm.journal)
    assert bool(made) is (stage in ("committed", "answered"))
    rig.pair.store.close()
    rig.build()
    for seconds in (60, 60, 60):
        rig.later(seconds)
    assert (differences(rig.world), rig.states(), rig.world.crm.doubles()) == ([], {}, [])


def test_what_is_sent_when_its_outcome_finds_no_room_is_looked_for(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    one_of_each(rig)
    rig.set_up()

    def refuse(*_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    def full(name: str) -> None:
        if name == "answered":
            event.listen(rig.pair.store.engine, "begin", refuse)

    rig.build(full)
    with pytest.raises(NoRoomError):
        rig.run()
    made = [one.op for one in rig.world.crm.journal].count("create")
    assert made == 1
    rig.pair.store.close()
    rig.build()
    rig.later()
    assert (differences(rig.world), rig.world.crm.doubles()) == ([], [])


def test_with_too_little_room_nothing_is_sent_and_the_problem_closes_itself(
    live: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.world.books.post_invoice("1", "42.00")
    with monkeypatch.context() as patch, live.nothing_written():
        patch.setattr("syncd.sync.systems.free_bytes", lambda _path: 49_000_000)
        said = live.later()
    assert said.code == 1 and "49.0 MB free" in said.text and "min_free" in said.text
    assert "50.0 MB" in live.syncd("problems").out
    assert live.later().code == 0
    assert live.syncd("problems").out.rstrip().endswith("0 open")
    assert differences(live.world) == []


def test_each_refusal_of_the_disk_is_one_message_with_its_exit_code(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    open_store(path).close()
    for code, kind, exit_code, words in (
        (sqlite3.SQLITE_FULL, NoRoomError, 75, "cannot grow"),
        (sqlite3.SQLITE_IOERR_WRITE, NoRoomError, 75, "does not answer"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, StateError, 78, "read-only"),
        (sqlite3.SQLITE_CORRUPT, StateError, 78, "newest backup"),
    ):
        error = sqlite3.OperationalError("as SQLite says it")
        error.sqlite_errorcode = code
        with pytest.raises(kind, match=words) as told, disk.told(path):
            raise error
        assert told.value.exit_code == exit_code and str(path) in str(told.value)
    for number in (28, 122, 30, 5):
        with pytest.raises((NoRoomError, StateError)), disk.told(path):
            raise OSError(number, os.strerror(number))
    with pytest.raises(ValueError), disk.told(path):
        raise ValueError("anything else is left as it is")
