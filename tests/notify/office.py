"""A store with problems, people who hear of them, and targets that may be dead."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from syncd import notify
from syncd.notify.post import Message, Target
from syncd.settings import load
from syncd.store import problems, streams
from syncd.store.engine import open_store
from tests.clocks import ManualClock

HEAD = """state: s
secrets: secrets
connections: {b: {system: x, url: "http://b"}, c: {system: x, url: "http://c"}}
pairs: {main: {books: b, crm: c}}
"""


class Died(BaseException):
    """The process ends here."""


class Office:
    def __init__(
        self, folder: Path, alerts: str, state: Path | None = None, **targets: str
    ) -> None:
        self.folder, self.clock = folder, ManualClock()
        folder.mkdir(exist_ok=True)
        self.file = folder / "syncd.yaml"
        self.file.write_text(f"{HEAD}alerts:\n{alerts}", encoding="utf-8")
        (folder / "secrets").mkdir()
        for owner in ("accounting", "sales", "sysadmin"):
            self.secret(owner, targets.get(owner, f"json://{owner}.example"))
        self.settings = load(self.file)
        self.store = open_store(state or folder / "state.sqlite")
        with self.store.transaction() as tx:
            streams.ensure_pair(tx, "main", "b", "c", self.clock.utc())
        self.sent: list[tuple[str, Message]] = []
        self.dead: set[str] = set()
        self.tried = 0
        self.dies_after_sending = False

    def secret(self, owner: str, text: str) -> None:
        file = self.folder / "secrets" / f"alerts.{owner}"
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)

    def problem(self, cause: str, owner: str = "sysadmin", text: str = "A sentence.") -> int:
        with self.store.transaction() as tx:
            return problems.raise_problem(
                tx, pair="main", cause=cause, owner=owner, text=text, run=1, at=self.clock.utc()
            )

    def close(self, cause: str) -> None:
        with self.store.transaction() as tx:
            problems.close(tx, "main", cause, self.clock.utc())

    def causes(self) -> list[str]:
        with self.store.reading() as tx:
            return [one.cause for one in problems.listed(tx, "main")]

    def tick(self, minutes: float = 1) -> list[Message]:
        """What was sent, a while later."""
        self.clock.advance(minutes * 60)
        before = len(self.sent)
        notify.tick(self.store, self.settings, self.clock, send=self._send)
        return [message for _, message in self.sent[before:]]

    def _send(self, target: Target, message: Message, seconds: float) -> str | None:
        self.tried += 1
        if target.name in self.dead:
            return "not taken"
        self.sent.append((target.name, message))
        if self.dies_after_sending:
            raise Died
        return None

    def at(self, local: str) -> None:
        """Sets the clock to a moment with its zone."""
        self.clock.now = dt.datetime.fromisoformat(local).astimezone(dt.UTC)
