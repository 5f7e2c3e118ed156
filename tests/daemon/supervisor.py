"""Stands in for systemd where none is running: starts what a unit file says, listens, watches,
reloads, kills what is silent, restarts, stops. Only the keys that syncd's unit uses."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Self

from tests.daemon.unit import Listener
from tests.polling import polled

SECONDS = {"min": 60.0, "s": 1.0, "": 1.0}


def unit(file: Path) -> dict[str, list[str]]:
    """The lines of [Service], each key with all its values."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line
        elif "=" in line and not line.startswith("#") and section == "[Service]":
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def seconds(text: str) -> float:
    number = text.rstrip("mins")
    return float(number) * SECONDS[text[len(number) :]]


class Supervisor:
    """Context manager around one service. `replaced` are words of the unit that are other ones
    here, `drop_in` lines that go before the unit's."""

    def __init__(
        self, file: Path, folder: Path, replaced: dict[str, str], drop_in: dict[str, list[str]]
    ) -> None:
        self.lines = unit(file) | drop_in
        self._folder, self._replaced = folder, replaced
        self.listener = Listener(f"syncd-unit-{os.getpid()}-{id(self)}")
        self.journal = folder / "journal"
        self.starts: list[int] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._alive = 0.0
        self._heard = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self.listener.close()

    def _one(self, key: str) -> str:
        return self.lines[key][-1]

    def _command(self, text: str) -> list[str]:
        return [self._replaced.get(word, word) for word in text.split()]

    def start(self) -> None:
        """Until the service says that it is ready."""
        assert self._one("Type") == "notify"
        credentials = self._folder / "credentials"
        credentials.mkdir(mode=0o700, exist_ok=True)
        for line in self.lines["LoadCredential"]:
            name, _, source = line.partition(":")
            (credentials / name).write_bytes(Path(source).read_bytes())
        environment = {
            "PATH": os.environ["PATH"],
            "NOTIFY_SOCKET": self.listener.name,
            "WATCHDOG_USEC": str(int(seconds(self._one("WatchdogSec")) * 1_000_000)),
            "CREDENTIALS_DIRECTORY": str(credentials),
            "JOURNAL_STREAM": "8:12345",
        }
        with self.journal.open("ab") as journal:
            self._process = subprocess.Popen(
                self._command(self._one("ExecStart")),
                env=environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=journal,
                stderr=journal,
            )
        self.starts.append(self._process.pid)
        self._until_ready(len(self.listener.lines), self._process)
        self._alive = time.monotonic()

    def _until_ready(self, before: int, process: subprocess.Popen[bytes]) -> None:
        def ready() -> bool:
            assert process.poll() is None, self.said()
            return bool(self.listener.heard("READY=1", before))

        polled(ready, "ready", seconds(self._one("TimeoutStartSec")))

    def look(self) -> None:
        """What systemd does at any time: kills what is silent, and restarts what failed."""
        assert self._process
        if self.listener.heard("WATCHDOG=1", self._heard):
            self._alive = time.monotonic()
        self._heard = len(self.listener.lines)
        if time.monotonic() - self._alive > seconds(self._one("WatchdogSec")):
            self._process.send_signal(signal.SIGABRT)
            self._process.kill()
        code = self._process.poll()
        if code is not None and str(code) not in self._one("RestartPreventExitStatus").split():
            assert self._one("Restart") == "on-failure" and code != 0
            self.start()

    def reload(self) -> None:
        assert self._process
        command = self._one("ExecReload").replace("$MAINPID", str(self._process.pid))
        before = len(self.listener.lines)
        subprocess.run(command.split(), check=True)
        self._until_ready(before, self._process)

    def freeze(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def stop(self) -> int:
        assert self._process
        self._process.terminate()
        return self._process.wait(seconds(self._one("TimeoutStopSec")))

    def said(self) -> str:
        return self.journal.read_text(encoding="utf-8")
