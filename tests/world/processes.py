"""Servers that end with whoever started them, their folder, and their ports.

A server is either *bound*: it sits behind `inside/guard.py` and ends when this process does,
however that happens; or *kept*: it runs on, and `Server.facts()` is what another process needs to
end it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.world.progress import WorldError

GUARD = Path(__file__).with_name("inside") / "guard.py"
PREFIX = "syncd-world-"


class Place:
    """A run's folder under the system's temporary folder (a database server that drops root's
    rights can reach it there). Servers inherit its lock, so a folder nobody locks is litter."""

    def __init__(self) -> None:
        sweep()
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.path.chmod(0o711)
        self.lock = os.open(self.path / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self.lock, fcntl.LOCK_SH)
        self.servers: list[Server] = []
        self.starting = threading.Lock()
        self.closed = False

    def close(self) -> None:
        """End the servers and remove the folder; no other is started here from now on."""
        with self.starting:
            self.closed = True
        for server in reversed(self.servers):
            server.ask()
        for server in self.servers:
            server.stop()
        os.close(self.lock)
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def sweep() -> None:
    """Remove the folders of runs that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Server:
    """A started server. `asking` is the signal it ends at in an orderly way."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    asking: signal.Signals

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def ask(self) -> None:
        """Ask it to end; asking twice is once."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        elif self.running:
            os.killpg(self.process.pid, self.asking)  # it leads its own session

    def stop(self) -> None:
        self.ask()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def facts(self) -> dict[str, Any]:
        pid = self.process.pid
        return {
            "name": self.name,
            "pid": pid,
            "born": _born(pid),
            "asking": self.asking.name,
        }


def start(
    name: str,
    command: Sequence[str | Path],
    place: Place,
    env: Mapping[str, str] | None = None,
    *,
    bound: bool,
    asking: signal.Signals = signal.SIGTERM,
    uid: int | None = None,
) -> Server:
    """Start a server with its output in `name.log` and the place's folder as working directory."""
    log = place.path / f"{name}.log"
    words = [str(word) for word in command]
    if bound:
        words, uid = guarded(words, asking, uid), None
    with log.open("ab") as out, place.starting:
        if place.closed:
            raise WorldError(f"{name} was not started: the run is over")
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE if bound else subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=place.path,
            env={**os.environ, **(env or {})},
            pass_fds=[place.lock],
            start_new_session=True,
            **({} if uid is None else as_user(uid)),
        )
        server = Server(name, process, log, asking)
        place.servers.append(server)
    return server


def guarded(
    words: Sequence[str], asking: signal.Signals = signal.SIGTERM, uid: int | None = None
) -> list[str]:
    """The command behind the guard: it ends when its standard input is closed."""
    user = "-1" if uid is None else str(uid)
    return [sys.executable, "-I", str(GUARD), asking.name, user, *words]


def as_user(uid: int) -> dict[str, Any]:
    """Arguments for `subprocess` that run a command as another user, with that user's group."""
    import pwd

    return {"user": uid, "group": pwd.getpwuid(uid).pw_gid, "extra_groups": []}


def await_ready(server: Server, ready: Callable[[], bool], within: float = 90.0) -> None:
    """Poll until `ready()`; raises WorldError with the end of the log if it dies first."""
    deadline = time.monotonic() + within
    while not ready():
        if not server.running or time.monotonic() > deadline:
            tail = "\n".join(server.log.read_text(errors="replace").splitlines()[-15:])
            what = "did not answer in time" if server.running else "ended at once"
            raise WorldError(f"{server.name} {what}. The end of its log:\n{tail}")
        time.sleep(0.05)


def free_port() -> int:
    """A port the kernel says is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def end(facts: Mapping[str, Any], within: float = 15.0) -> bool:
    """End a kept server by its `facts()`. False if it is not running any more: a process that got
    the same id later is not touched."""
    pid, born = facts["pid"], facts["born"]
    if _born(pid) != born:
        return False
    os.killpg(pid, signal.Signals[facts["asking"]])  # it leads its own session
    deadline = time.monotonic() + within
    while _born(pid) == born:
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
            deadline = float("inf")
        time.sleep(0.05)
    return True


def _born(pid: int) -> str:
    """When the process was started, as the system writes it; empty for none or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        if Path("/proc/self").exists():
            return ""
        found = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return found.stdout.strip()
    state, *fields = stat.rpartition(")")[2].split()
    return "" if state == "Z" else fields[18]
