"""What the configuration file says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from syncd.environment import DEFAULT_FILE as DEFAULT_FILE
from syncd.environment import Environment as Environment
from syncd.health.calendar import Calendar
from syncd.health.timing import EVERY
from syncd.quiet import Quiet
from syncd.settings.alerts import Alerts
from syncd.store.expiry import Keep
from syncd.sync.pair import Limits, Numbers, WonPolicy


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """`options` are the lines that its system knows; `where` is file:line:column. `budget` is how
    many calls or credits it allows in 24 hours, `reserve` how many of them runs leave alone; None
    where nobody said."""

    name: str
    system: str
    url: str
    options: Mapping[str, str]
    where: str
    quiet: Quiet | None = None
    budget: int | None = None
    reserve: int | None = None


@dataclass(frozen=True, slots=True)
class PairSettings:
    name: str
    books: ConnectionSettings
    crm: ConnectionSettings
    books_mapping: str
    crm_mapping: str
    where: str
    won: WonPolicy = field(default_factory=WonPolicy)
    limits: Limits = field(default_factory=Limits)
    every: float = EVERY
    """Seconds from the begin of one cycle of the daemon to the next."""
    calendar: Calendar = field(default_factory=Calendar)


class Listen(msgspec.Struct, frozen=True):
    """Where /healthz and /metrics are answered."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Paths are absolute: those in the file are relative to its folder."""

    file: Path
    state: Path
    secrets: Path | None
    mappings: Path | None
    connections: Mapping[str, ConnectionSettings]
    pairs: Mapping[str, PairSettings]
    numbers: Numbers
    environment: Environment
    alerts: Alerts = field(default_factory=Alerts)
    listen: Listen | None = None
    retention: Keep = field(default_factory=Keep)

    @property
    def budgets(self) -> dict[str, int]:
        """Calls or credits in 24 hours, of the connections that have such a limit."""
        return {one.name: one.budget for one in self.connections.values() if one.budget}

    def secret(self, connection: str, name: str) -> str | None:
        """None where it is nowhere, or its file is empty; the value without its last line end."""
        given = self.environment.secrets.get(connection.lower(), {}).get(name)
        if given is not None:
            return given.get_secret_value()
        for folder in (self.environment.credentials_directory, self.secrets):
            text = _text(folder / f"{connection}.{name}") if folder else None
            if text is not None:
                return text
        return None

    def loose_secrets(self) -> list[str]:
        """Secret files that others than their owner may read; none in a folder that is shut to this
        user, as to the service that gets its secrets from systemd."""
        try:
            files = sorted(self.secrets.iterdir()) if self.secrets else []
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return []
        loose = (f for f in files if f.is_file() and _open_to_others(f))
        return [f"{f}: others may read this secret; chmod 600 {f}" for f in loose]


def _text(file: Path) -> str | None:
    """None where it is not, or is not for this user."""
    try:
        text = file.read_text(encoding="utf-8").rstrip("\r\n") if file.is_file() else None
        return text or None
    except PermissionError:
        return None


def _open_to_others(file: Path) -> bool:
    return bool(os.stat(file).st_mode & 0o077)
