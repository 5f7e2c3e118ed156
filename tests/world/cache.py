"""Folders that are built once and shared by every later start on this machine.

A cached folder is named after a hash of all it was built from, is built beside its place under an
exclusive lock, and is renamed into it when whole. What a crash left half-built is swept; what was
damaged later is noticed by `check` and built again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.world.progress import say

UNUSED_FOR = 14 * 24 * 3600.0  # seconds after which a folder of another hash is swept
SEAL = ".sealed"


def root() -> Path:
    """`${XDG_CACHE_HOME:-~/.cache}/syncd`, made if missing."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "syncd"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def fingerprint(*parts: str | Path) -> str:
    """Hash of texts and of files' contents, 12 hex digits."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:12]


def cached(
    name: str,
    key: str,
    build: Callable[[Path], None],
    check: Callable[[Path], bool] = lambda folder: unchanged(folder),
) -> Path:
    """The folder `name-key`. `build` fills an empty folder that is later renamed, so nothing in it
    may depend on its absolute path."""
    place = root() / f"{name}-{key}"
    with _locked(root() / f"{name}.lock", name):
        if (place / SEAL).exists() and check(place):
            os.utime(place / SEAL)
            return place
        if place.exists():
            say(f"          {place} is damaged: building it again")
        _sweep(name, damaged=place)
        making = place.with_name(f"{place.name}.making")
        making.mkdir()
        build(making)
        (making / SEAL).write_text(_census(making))
        making.rename(place)
    return place


def drop(folder: Path) -> None:
    """Forget a cached folder that turned out to be of no use."""
    (folder / SEAL).unlink(missing_ok=True)


def unchanged(folder: Path) -> bool:
    """The folder still has the files and sizes it was sealed with."""
    return (folder / SEAL).read_text() == _census(folder)


def _census(folder: Path) -> str:
    files = [path for path in _walk(folder) if path.name != SEAL]
    return f"{len(files)} files, {sum(path.lstat().st_size for path in files)} bytes"


def _walk(folder: Path) -> Iterable[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent) / name for name in names)


def _sweep(name: str, damaged: Path) -> None:
    """What other versions of it left, and nothing of another thing whose name begins alike."""
    mine = re.compile(rf"{re.escape(name)}-[^-.]+(\.making)?")
    for folder in [one for one in root().iterdir() if mine.fullmatch(one.name)]:
        seal = folder / SEAL
        old = seal.exists() and time.time() - seal.stat().st_mtime > UNUSED_FOR
        if folder == damaged or old or not seal.exists():
            shutil.rmtree(folder)


@contextmanager
def _locked(path: Path, name: str) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"          waiting for another process that prepares {name}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
