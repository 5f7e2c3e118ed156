"""What `status` needs of a configuration, kept from the last time its files were read.

To read YAML, settings and mappings takes many times as long as to look at the state. A snapshot is
data in JSON, in the user's cache; it holds no secret, and counts only as long as every file that
went into it is as it was, and nobody else can have written it. Where anything is unusual, `look`
says nothing, and the long way tells what it is.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from syncd import __version__
from syncd.environment import Environment
from syncd.health.calendar import Calendar, Span
from syncd.status import Overview, Setting, overview
from syncd.store import revisions
from syncd.store.glance import Read

FORMAT = 1
"""Of the snapshot: another one is as none."""


class Snapshot(msgspec.Struct, frozen=True):
    """Where the state is, and what the configuration says of each pair, by name."""

    state: Path
    settings: Mapping[str, Setting]


class Digest(msgspec.Struct, frozen=True):
    """Of a configuration file, and of all connector files and mappings in these folders."""

    sum: str
    folders: tuple[Path, ...]


def look(
    environment: Environment, config: Path | None, pair: str | None, now: dt.datetime
) -> Overview | None:
    """The state of this pair, or of all, by a snapshot. UsageError as `overview`."""
    known = kept(environment.cache, config or environment.config)
    if known is None or (pair is not None and pair not in known.settings):
        return None
    wanted = known.settings if pair is None else {pair: known.settings[pair]}
    with contextlib.suppress(sqlite3.Error, OSError), _opened(known.state) as read:
        return overview(read, wanted, now) if read else None
    return None


@contextmanager
def _opened(state: Path) -> Iterator[Read | None]:
    """None for a state that this version did not leave. One that is locked is not waited for."""
    if not (state.is_file() and os.access(state, os.W_OK)):
        yield None
        return
    connection = sqlite3.connect(f"{state.as_uri()}?mode=rw", 0, isolation_level=None, uri=True)
    try:
        connection.execute("BEGIN")
        [(revision,)] = connection.execute("SELECT version_num FROM alembic_version")
        yield connection.execute if revision == max(revisions.files()) else None
    finally:
        connection.close()


def kept(cache: Path | None, file: Path) -> Snapshot | None:
    """The snapshot of a configuration file, if its files are as they were."""
    place = cache and _place(cache, file)
    try:
        found = json.loads(_private(place)) if place else None
        if found is None or found["digest"] != digest(file, map(Path, found["folders"])).sum:
            return None
        return _decoded(found)
    except (OSError, ValueError, KeyError, TypeError):  # as if there was none
        return None


def keep(cache: Path | None, file: Path, before: Digest, found: Snapshot) -> None:
    """Puts it in place of the one before, if its files are what they were `before` they were read.
    Where that cannot be, or another process is at it, nothing happens."""
    if cache is None or digest(file, before.folders) != before:
        return
    whole = {"digest": before.sum, "folders": list(map(str, before.folders)), **_encoded(found)}
    with contextlib.suppress(OSError):
        _put(_place(cache, file), json.dumps(whole).encode())


def _place(cache: Path, file: Path) -> Path:
    name = blake2b(bytes(file.absolute()), digest_size=16).hexdigest()
    return cache / "snapshots" / f"status-{name}.json"


def digest(file: Path, folders: Iterable[Path]) -> Digest:
    """Of everything that went in, this version included. OSError where something is gone."""
    found, places = blake2b(digest_size=16), tuple(dict.fromkeys(folders))

    def add(*parts: bytes) -> None:
        for one in parts:
            found.update(len(one).to_bytes(8, "big") + one)

    add(__version__.encode(), bytes([FORMAT]), bytes(file.absolute()), file.read_bytes())
    for folder in places:
        add(bytes(folder))
        for one in sorted(folder.glob("*.yaml")):
            add(bytes(one), one.read_bytes())
    return Digest(found.hexdigest(), places)


def _encoded(found: Snapshot) -> dict[str, Any]:
    return {
        "state": str(found.state),
        "pairs": {
            name: {
                "zone": one.calendar.zone.key if one.calendar.zone else None,
                "country": one.calendar.country,
                "days": [
                    [span.first.isoformat(), span.last.isoformat()] for span in one.calendar.spans
                ],
                "weekend": sorted(one.calendar.weekend),
                "every": one.every,
                "budgets": dict(one.budgets),
                "added_up": one.added_up,
            }
            for name, one in found.settings.items()
        },
    }


def _decoded(found: Mapping[str, Any]) -> Snapshot:
    day = dt.date.fromisoformat
    settings = {}
    for name, one in found["pairs"].items():
        calendar = Calendar(
            ZoneInfo(one["zone"]) if one["zone"] else None,
            one["country"],
            tuple(Span(day(first), day(last)) for first, last in one["days"]),
            frozenset(one["weekend"]),
        )
        settings[name] = Setting(calendar, one["every"], one["budgets"], one["added_up"])
    return Snapshot(Path(found["state"]), settings)


def _private(place: Path) -> bytes:
    """What stands there. OSError where it, or its folder, is anybody else's too."""
    _refuse_open(os.lstat(place.parent), stat.S_ISDIR)
    opened = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(opened, "rb") as file:
        _refuse_open(os.fstat(opened), stat.S_ISREG)
        return file.read()


def _refuse_open(found: os.stat_result, kind: Any) -> None:
    if not kind(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError


def _put(place: Path, content: bytes) -> None:
    folder = place.parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    _refuse_open(os.lstat(folder), stat.S_ISDIR)
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(folder / "lock", flags, 0o600), "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        new = place.with_suffix(".new")
        with open(os.open(new, flags | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        new.replace(place)
