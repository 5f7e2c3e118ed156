"""Copies of the state: consistent while others write, checked, and never in place of a file."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from syncd.errors import NoRoomError, StateError, UsageError
from syncd.store.disk import free_bytes, megabytes, told

Progress = Callable[[int, int], None]
"""Told how many pages are done, of how many."""
STEP = 2_500
"""Pages a step: 10 MB."""
KEPT = 3
"""Copies from before an upgrade."""


def silent(_done: int, _of: int) -> None:
    pass


def copy(path: Path, target: Path, at: dt.datetime | None, progress: Progress = silent) -> int:
    """Copies the state at `path` to the new file `target`, with SQLite's own backup, in the state
    of one moment. The copy is checked and says of itself that it was made `at`. Its size in bytes.
    UsageError where there is such a file, NoRoomError, StateError where the copy is not whole."""
    with told(target):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if target.exists():
            raise UsageError(f"{target} is there already; name another file, or a folder")
        _refuse_without_room(path, target)
        half = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            os.close(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            _fill(path, half, at, progress)
            _sync(half)
            os.link(half, target)  # unlike a rename, this replaces nothing
        except FileExistsError:
            raise UsageError(f"{target} is there already; name another file") from None
        finally:
            half.unlink(missing_ok=True)
        _sync(target.parent)
        return target.stat().st_size


def _refuse_without_room(path: Path, target: Path) -> None:
    needs = sum(file.stat().st_size for file in (path, _wal(path)) if file.exists())
    free = free_bytes(target)
    if free < needs:
        raise NoRoomError(
            f"{target.parent} has {megabytes(free)} free, and a copy of {path} needs "
            f"{megabytes(needs)}; nothing was copied"
        )


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _fill(path: Path, half: Path, at: dt.datetime | None, progress: Progress) -> None:
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as source:
        source.execute("BEGIN")  # one moment, or each commit of others would begin the copy anew
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with closing(sqlite3.connect(half, isolation_level=None)) as made:
            source.backup(
                made, pages=STEP, progress=lambda _code, left, of: progress(of - left, of), sleep=0
            )
            made.execute("PRAGMA journal_mode=DELETE")  # a copy is one file
            if at is not None:
                micros = (at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(
                    microseconds=1
                )
                made.execute("UPDATE state SET copied = ?", (micros,))
            [answer] = made.execute("PRAGMA integrity_check(1)").fetchone()
            if answer != "ok":
                raise StateError(f"{path} cannot be copied whole: {answer}; see: syncd db check")


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def keep_before(path: Path, revision: str, progress: Progress = silent) -> Path:
    """A copy from before an upgrade, beside the state; the oldest of more than a few goes."""
    numbers = [
        int(one.name.rpartition("-")[2]) for one in path.parent.glob(f"{path.name}.before-*-*[0-9]")
    ]
    number = max(numbers, default=0) + 1
    target = path.with_name(f"{path.name}.before-{revision}-{number}")
    copy(path, target, None, progress)
    for old in path.parent.glob(f"{path.name}.before-*-*[0-9]"):
        if int(old.name.rpartition("-")[2]) <= number - KEPT:
            old.unlink()
    return target


def name_of(path: Path, at: dt.datetime) -> str:
    """`syncd-20261118-120000.sqlite`: sorts by time."""
    return f"{path.stem}-{at:%Y%m%d-%H%M%S}{path.suffix}"


def drop_older(path: Path, folder: Path, keep: int) -> list[Path]:
    """Of the copies of this state in a folder all but the newest `keep` go."""
    digits = "[0-9]"
    found = sorted(folder.glob(f"{path.stem}-{digits * 8}-{digits * 6}{path.suffix}"))
    old = found[:-keep] if keep else []
    for one in old:
        one.unlink()
    return old
