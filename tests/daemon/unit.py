"""`syncd daemon` on a stand, and what it tells systemd."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Mapping
from typing import Any, Self

import yaml

from tests.crash.stand import Ended, Process, Stand
from tests.polling import polled


class Listener:
    """Where systemd would listen."""

    def __init__(self, name: str) -> None:
        self.name = f"@{name}"
        self.lines: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{name}")
        self._socket.setblocking(False)

    def heard(self, word: str, after: int = 0) -> list[str]:
        """The lines that begin so, of those after the first `after`."""
        while True:
            try:
                self.lines += self._socket.recv(65536).decode().splitlines()
            except BlockingIOError:
                return [line for line in self.lines[after:] if line.startswith(word)]

    def close(self) -> None:
        self._socket.close()


class Service:
    """Context manager: a service is killed at the end if it still lives. Cycles come by the hour,
    so that a test says when: `cycle` moves the clock on."""

    def __init__(self, stand: Stand, pair: Mapping[str, object]) -> None:
        self.stand = stand
        self.listener = Listener(f"syncd-test-{os.getpid()}-{id(self)}")
        self.process: Process | None = None
        self.edit(lambda content: content["pairs"]["main"].update({"every": 3600, **pair}))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for hold in self.stand.holds:
            hold.released.set()
        if self.process:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.end()
        self.listener.close()

    def edit(self, change: Callable[[dict[str, Any]], object]) -> None:
        file = self.stand.folder / "syncd.yaml"
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        change(content)
        file.write_text(yaml.safe_dump(content), encoding="utf-8")

    def launch(self) -> Process:
        environment = {"NOTIFY_SOCKET": self.listener.name, "WATCHDOG_USEC": "60000000"}
        self.process = self.stand.start("daemon", environment=environment)
        return self.process

    def start(self) -> Self:
        """Until its first cycle is over."""
        runs, before = self.runs(), len(self.listener.lines)
        self.launch()
        polled(lambda: self.listener.heard("READY=1", before), "ready")
        self.until_run(runs)
        return self

    def cycle(self) -> None:
        """An hour later."""
        runs = self.runs()
        self.stand.advance(3600)
        self.until_run(runs)

    def runs(self) -> int:
        """The cycles that ended."""
        [(count,)] = self.stand.rows(
            "SELECT count(*) FROM run WHERE ended IS NOT NULL AND command IN ('run', 'prove')"
        )
        return int(count)

    def until_run(self, before: int) -> None:
        """Nobody listens meanwhile, which must not keep the service from its work."""
        polled(lambda: self.runs() > before, "another run")

    def signal(self, number: signal.Signals) -> None:
        assert self.process
        os.kill(self.process.pid, number)

    def stop(self) -> Ended:
        self.signal(signal.SIGTERM)
        return self.end()

    def end(self) -> Ended:
        assert self.process
        process, self.process = self.process, None
        return process.end()
