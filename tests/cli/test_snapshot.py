"""`status` by a snapshot of the configuration: only as long as that is what the files say."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from syncd import snapshot
from syncd.app import App
from syncd.cli import status as screen
from syncd.environment import Environment
from syncd.status import Overview
from tests.cli.desk import Desk

Slow = Callable[[], bool]


@pytest.fixture
def slow(live: Desk, monkeypatch: pytest.MonkeyPatch) -> Slow:
    """Whether `status` reads the files; its snapshot is there from before."""
    opened: list[App] = []
    open_app = screen.open_app

    def counted(context: click.Context) -> App:
        opened.append(open_app(context))
        return opened[-1]

    monkeypatch.setattr(screen, "open_app", counted)

    def read() -> bool:
        opened.clear()
        assert live.once("status").code == 0
        return bool(opened)

    assert read() and not read()
    return read


def kept(desk: Desk) -> Path:
    [found] = desk.snapshots.glob("*.json")
    return found


def test_what_the_files_say_now_counts(live: Desk, slow: Slow) -> None:
    live.clock.advance(400)
    assert "no run since" not in live.once("status").out
    live.pair["every"] = 100
    live.configure()
    assert "no run since" in live.once("status").out
    assert not slow()
    live.mapping("memory_books", "extends: memory_books\n")
    assert slow() and not slow()
    live.mapping("memory_books", "extends: memory_books\ncustomer.email: none\n")
    assert slow() and not slow()
    live.connector("anything", "# one more\n")
    assert slow() and not slow()


def test_what_the_state_says_now_counts(live: Desk, slow: Slow) -> None:
    live.syncd("pause", "main", "--reason", "stocktaking")
    assert not slow()
    assert "PAUSED until somebody resumes it: stocktaking" in live.once("status").out


def test_a_change_while_the_files_are_read_leaves_no_snapshot(
    live: Desk, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, calls = snapshot.digest, list[snapshot.Digest]()

    def edited(file: Path, folders: tuple[Path, ...]) -> snapshot.Digest:
        calls.append(digest(file, folders))
        live.mapping("memory_crm", f"extends: memory_crm\n# {len(calls)}\n")
        return calls[-1]

    kept(live).unlink()
    with monkeypatch.context() as patch:
        patch.setattr(snapshot, "digest", edited)
        assert slow() and calls
    assert not list(live.snapshots.glob("*.json"))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"digest": 1}', "{}"])
def test_a_broken_snapshot_is_as_none(live: Desk, slow: Slow, content: str) -> None:
    kept(live).write_text(content, encoding="utf-8")
    assert slow() and not slow()


def test_a_snapshot_of_another_version_is_as_none(
    live: Desk, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "__version__", "0.0.9")
    assert slow() and not slow()
    monkeypatch.setattr(snapshot, "FORMAT", 99)
    assert slow() and not slow()


def test_what_another_user_could_have_written_is_as_none(live: Desk, slow: Slow) -> None:
    place = kept(live)
    place.chmod(0o622)
    assert slow()
    place.unlink()
    assert slow() and not slow()
    assert place.stat().st_mode & 0o777 == 0o600
    place.parent.chmod(0o777)
    assert slow() and slow()
    place.parent.chmod(0o700)
    other = live.folder / "other.json"
    place.rename(other)
    place.symlink_to(other)
    assert slow()


def test_no_place_for_a_snapshot_is_no_error(live: Desk, slow: Slow) -> None:
    kept(live).unlink()
    (live.snapshots / "lock").unlink()
    live.snapshots.rmdir()
    live.snapshots.write_text("a file of somebody", encoding="utf-8")
    assert slow() and slow()
    assert live.snapshots.read_text(encoding="utf-8") == "a file of somebody"


def test_it_holds_no_secret_and_no_address(live: Desk, slow: Slow) -> None:
    found = json.loads(kept(live).read_text(encoding="utf-8"))
    assert found.keys() == {"digest", "folders", "state", "pairs"}
    assert found["pairs"].keys() == {"main"}
    assert live.url not in json.dumps(found)


def test_a_state_in_use_is_left_to_the_long_way(
    live: Desk, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That one waits for it, and says in the end who is in the way."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(live.cache))

    def look() -> Overview | None:
        return snapshot.look(Environment(), live.config, None, live.clock.utc())

    assert look() is not None
    other = sqlite3.connect(live.state, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN IMMEDIATE")
    assert look() is None
    other.close()
    assert look() is not None


def test_an_unknown_pair_and_a_missing_state_are_told_as_ever(live: Desk, slow: Slow) -> None:
    said = live.once("status", "--pair", "mian")
    assert (said.code, said.err) == (2, "syncd: unknown pair mian; did you mean main?\n")
    for name in os.listdir(live.folder):
        if name.startswith("state.sqlite"):
            (live.folder / name).unlink()
    said = live.once("status")
    assert (said.code, said.err) == (2, "syncd: pair main has never run; next: syncd run\n")
