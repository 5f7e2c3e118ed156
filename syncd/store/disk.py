"""The disk under the state: what it refuses becomes one clear message, and how much of it is free.

A transaction that was not written down did not happen, so nothing is lost by any of these. What was
sent without its outcome being written down is an open intent, and looked for by the next run.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from syncd.errors import BusyError, NoRoomError, StateError, SyncdError

MEGABYTE = 1_000_000
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)
NO_PLACE = (errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG)
WAITED = 30
"""Seconds that a transaction waits for its turn."""
UNREADABLE = (sa.exc.DBAPIError, sqlite3.Error, SyncdError)
"""What a look at the state can end with: `told` has words for some errors alone, and statements
that are asked of SQLite itself raise its own."""


def said(error: BaseException) -> str:
    """What SQLite, or `told`, says of such an error."""
    return str(getattr(error, "orig", None) or error)


def free_bytes(path: Path) -> int:
    """Of the file system that this file is on, or will be; 0 where there is none."""
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return 0


def megabytes(size: int) -> str:
    """`12.3 MB`, a megabyte being a million bytes."""
    return f"{size / MEGABYTE:,.1f} MB"


@contextmanager
def told(path: Path) -> Iterator[None]:
    """NoRoomError, StateError or BusyError for what the disk, or SQLite on it, refuses."""
    try:
        yield
    except (sa.exc.DBAPIError, sqlite3.Error, OSError) as error:
        if isinstance(error, OSError):
            meant = _of_system(path, error)
        else:
            meant = _of_sqlite(path, getattr(error, "orig", error))
        if meant is None:
            raise
        raise meant from error


def _of_sqlite(path: Path, error: BaseException | None) -> SyncdError | None:
    code = getattr(error, "sqlite_errorcode", None)
    match None if code is None else code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return _full(path)
        case sqlite3.SQLITE_IOERR:
            return _silent(path, str(error))
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return _closed(path)
        case sqlite3.SQLITE_CANTOPEN:
            return _full(path) if path.exists() and not free_bytes(path) else _closed(path)
        case sqlite3.SQLITE_BUSY:
            return BusyError(
                f"{path} was in use by another process for {WAITED} seconds; try again, and look "
                "for who holds it if that does not help"
            )
        case sqlite3.SQLITE_CORRUPT:
            return StateError(
                f"{path} is damaged ({error}). Put it aside and bring back the newest backup "
                "(docs/state.md says how); what was written since is found in the systems"
            )
        case sqlite3.SQLITE_NOTADB:
            return StateError(
                f"{path}: not a syncd state file ({error}). Name another file under `state`, or "
                "bring back a backup (docs/state.md says how)"
            )
    return None


def _of_system(path: Path, error: OSError) -> SyncdError | None:
    if error.errno in FULL:
        return _full(path)
    if error.errno == errno.EIO:
        return _silent(path, "input/output error")
    if error.errno in NO_PLACE:
        return StateError(f"{path}: there can be no such file ({(error.strerror or '').lower()})")
    return _closed(path) if error.errno in CLOSED else None


def _full(path: Path) -> NoRoomError:
    return NoRoomError(
        f"{path} cannot grow: {megabytes(free_bytes(path))} are free in {path.parent}, or a quota "
        "is used up. What was not written down is not done, and nothing is lost: make room there "
        "(syncd db size says what the state needs), and the next run goes on"
    )


def _silent(path: Path, what: str) -> NoRoomError:
    return NoRoomError(
        f"the disk under {path} does not answer as it should ({what}; "
        f"{megabytes(free_bytes(path))} are free). Nothing is lost by this run; look at the disk, "
        "then: syncd db check"
    )


def _closed(path: Path) -> StateError:
    if path.is_dir():
        return StateError(f"{path} is a folder; `state` names a file, as {path / 'syncd.sqlite'}")
    return StateError(
        f"{path} cannot be written: it, its folder or the file system is read-only for this user. "
        "Give the folder back to syncd's user, or mount the file system writable again; nothing is "
        "lost"
    )
