"""Time and waiting, handed in from outside so that nothing below the command line reads a clock."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Protocol

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    def utc(self) -> dt.datetime:
        """Now, aware, in UTC. It may be set back; deadlines belong on `boot`."""

    def boot(self) -> float:
        """Seconds since this machine started, time asleep included; never goes back."""

    def boot_id(self) -> str:
        """Names this start of the machine: values of `boot` compare only under the same one."""

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def utc(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def boot(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def boot_id(self) -> str:
        return _BOOT_ID.read_text(encoding="ascii").strip()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
