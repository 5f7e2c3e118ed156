"""Zones as people type them, and this machine's own."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from syncd.errors import UsageError


def zone_of(typed: str) -> str:
    try:
        return ZoneInfo(typed).key
    except (KeyError, ValueError, OSError):
        raise UsageError(f"{typed!r} is no zone; expected a name as Europe/Vienna") from None


def machine_zone() -> str | None:
    name = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2]
    return name if "/" in name and not name.startswith("Etc/") else None
