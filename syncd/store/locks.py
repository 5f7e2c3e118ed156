"""File locks beside the state, one per pair: whoever has it owns the pair."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

from syncd.errors import BusyError
from syncd.store.disk import told


def lock_pair(path: Path, pair: str) -> TextIO:
    """The lock that the kernel drops with this process. BusyError if another one has it."""
    with told(path):
        name = path.with_name(f"{path.name}.{pair}.lock")
        lock = os.fdopen(os.open(name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().strip()
            lock.close()
            raise BusyError(
                f"pair {pair} is owned by another syncd{f' (process {owner})' if owner else ''}; "
                "wait until it is done, or stop it"
            ) from None
        try:
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
        except OSError:
            lock.close()
            raise
    return lock


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """No pair of this state is owned by anybody meanwhile. BusyError if one is."""
    with ExitStack() as held:
        for file in sorted(path.parent.glob(f"{path.name}.*.lock")):
            pair = file.name.removeprefix(f"{path.name}.").removesuffix(".lock")
            held.enter_context(lock_pair(path, pair))
        yield
