"""Clocks whose time a test sets: one within the process, one in a file for child processes."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

from syncd.clock import SystemClock

NOON = dt.datetime(2026, 11, 18, 12, 0, tzinfo=dt.UTC)


class ManualClock:
    """Stands still until told; `sleep` advances it and is remembered in `slept`."""

    def __init__(self, now: dt.datetime = NOON, boot: float = 1_000.0) -> None:
        self.now = now
        self.up = boot
        self.boot_name = "6d0f5f0e-0000-4000-8000-000000000001"
        self.slept: list[float] = []

    def utc(self) -> dt.datetime:
        return self.now

    def boot(self) -> float:
        return self.up

    def boot_id(self) -> str:
        return self.boot_name

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)
        self.up += seconds


class FileClock:
    """The system's time plus the seconds in a file, read anew each time; a sleep ends early when
    the file moves on. The parent writes it with `set_offset`, and in the file beside it, named
    `.day`, by how much somebody has set the time of day alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._system = SystemClock()
        self._never = threading.Event()

    def utc(self) -> dt.datetime:
        day = _seconds(self._path.with_suffix(".day"))
        return self._system.utc() + dt.timedelta(seconds=self._offset() + day)

    def boot(self) -> float:
        return self._system.boot() + self._offset()

    def boot_id(self) -> str:
        return self._system.boot_id()

    def sleep(self, seconds: float) -> None:
        until = self.boot() + seconds
        while (left := until - self.boot()) > 0:
            self._never.wait(min(left, 0.02))

    def _offset(self) -> float:
        return _seconds(self._path)


def _seconds(path: Path) -> float:
    return float(path.read_text(encoding="ascii") or 0) if path.exists() else 0.0


def set_offset(path: Path, seconds: float) -> None:
    """By rename, so that a reader never sees half a number."""
    new = path.with_suffix(".new")
    new.write_text(f"{seconds}", encoding="ascii")
    new.replace(path)
