"""Where processes are killed: a memory world behind real HTTP, a configuration, a clock in a file,
and syncd processes that a test starts, stops and kills.

Waits are on the clock file, which a test moves; the lease and the request timeout are 1 s.
"""

from __future__ import annotations

import copy
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from connectors.memory import BooksHabits, CrmHabits, World
from connectors.memory.faults import Match
from connectors.memory.objects import Object
from connectors.memory.serve import OffsetClock, Served, Trap, listen
from tests.clocks import set_offset

TOKEN = "token-of-the-tests"
DOUBT_TIME = 60.0
"""On the clock file, so that no test waits for it and no slow machine reaches it by itself."""

Kill = tuple[str, int] | tuple[str, int, str]
"""Where a process kills itself, as `child` says."""


@dataclass(frozen=True)
class Ended:
    """`code` is negative for the signal that ended it."""

    code: int
    said: str

    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.said)
        return found


class Forks:
    """The process that all syncd processes of a test session are forked from."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def ask(self, command: Mapping[str, object]) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        print(json.dumps(command), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def stop(self) -> None:
        self._process.communicate(timeout=20)


@dataclass
class Hold(Trap):
    """Keeps its request until it is released; `pid_file` is killed first, where it is set."""

    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def spring(self) -> None:
        super().spring()
        self.reached.set()
        self.released.wait(30)


@dataclass
class Process:
    """One syncd process."""

    pid: int
    _stand: Stand
    _out: Path

    def said(self) -> str:
        """What it has printed so far."""
        return self._out.read_text(encoding="utf-8") if self._out.exists() else ""

    def end(self) -> Ended:
        code = self._stand.forks.ask({"wait": self.pid})["code"]
        return Ended(code, self._out.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Snapshot:
    """A synchronised pair to begin with: the state file and the world it belongs to."""

    state: Path
    world: World


class Stand:
    """Context manager. `tier` is what both the CRM is and the connection declares, `books_tier` the
    same of the books, None for what is usual there; books come `page` records a page, and the CRM
    takes `in_flight` writes at once, each within `timeout` seconds. Names are not unique, so that
    no name clash saves a create that was sent twice."""

    def __init__(
        self,
        folder: Path,
        forks: Forks,
        tier: str = "T3",
        begin: Snapshot | None = None,
        page: int = 1,
        books_tier: str | None = None,
        in_flight: int = 1,
        timeout: float = 1,
    ) -> None:
        self.folder, self.forks = folder, forks
        self.clock = folder / "clock"
        self.offset = 0.0
        # What a T4 system hides from its search, its answers do not show either.
        habits = CrmHabits(tier=tier, unique_names=False, answers_values=tier != "T4")  # type: ignore[arg-type]  # a test's parameter
        books = BooksHabits(tier=books_tier)  # type: ignore[arg-type]  # likewise
        now = OffsetClock(self.clock)
        self.world = World(now, books, habits)
        if begin:
            self.world = copy.deepcopy(begin.world)
            self.world.crm.habits = habits
            self.world.books.habits.tier = books_tier  # type: ignore[assignment]  # likewise
            self.world.clock.__dict__.update(now.__dict__)
            shutil.copyfile(begin.state, folder / "state.sqlite")
        for side in (self.world.sides.books, self.world.sides.crm):
            side.token = TOKEN
        self.served = Served(self.world)
        self.holds: list[Hold] = []
        self._server = listen(self.served)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._started = 0
        self._configure(page, in_flight, timeout)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for hold in self.holds:
            hold.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _configure(self, page: int, in_flight: int, timeout: float) -> None:
        url = f"http://127.0.0.1:{self._server.server_address[1]}"
        options = {**self.world.crm.habits.honest(), "doubt_time": str(DOUBT_TIME)}
        options["in_flight"] = str(in_flight)
        books = {**self.world.books.habits.honest(), "page": str(page)}
        content = {
            "state": "state.sqlite",
            "secrets": "secrets",
            "connections": {
                "books": {"system": "memory_books", "url": url, **books},
                "crm": {"system": "memory_crm", "url": url, **options},
            },
            "pairs": {"main": {"books": "books", "crm": "crm"}},
            # No overlap: what a kill would lose may not come back by being read twice.
            "numbers": {
                "lease": 1,
                "request_timeout": timeout,
                "wait_for_doubt": 0,
                "overlap": 0,
            },
        }
        (self.folder / "syncd.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        (self.folder / "secrets").mkdir()
        for name in ("books", "crm"):
            file = self.folder / "secrets" / f"{name}.token"
            file.touch(mode=0o600)
            file.write_text(TOKEN)

    # -- processes ------------------------------------------------------------------------------

    @property
    def pid_file(self) -> Path:
        """Names the process that was started last."""
        return self.folder / "pid"

    def start(
        self,
        *arguments: str,
        kill: Kill | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Process:
        self._started += 1
        out = self.folder / f"out{self._started}"
        command = {
            "arguments": ["--config", str(self.folder / "syncd.yaml"), *arguments],
            "clock": str(self.clock),
            "out": str(out),
            "pid_file": str(self.pid_file),
            "kill": kill,
            "environment": dict(environment or {}),
        }
        return Process(self.forks.ask(command)["pid"], self, out)

    def syncd(self, *arguments: str, kill: Kill | None = None) -> Ended:
        return self.start(*arguments, kill=kill).end()

    def run(self) -> dict[str, Any]:
        """One cycle that is left alone; its report. Whatever happened before, its sums close."""
        ended = self.syncd("run", "--json")
        assert ended.code in (0, 1), ended.said
        report = ended.report()
        for kind, tally in report["tallies"].items():
            due = tally.pop("due_at_start") + tally.pop("became_due")
            assert due == sum(tally.values()), (kind, due, tally)
        return report

    # -- the world ------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        self.offset += seconds
        set_offset(self.clock, self.offset)

    def trap(self, match: str | Match, when: str, *, drop: bool = False) -> None:
        """Kills the process that was started last when this request comes in."""
        match = Match(match) if isinstance(match, str) else match
        self.served.traps.append(Trap(match, when, pid_file=str(self.pid_file), drop=drop))

    def hold(self, match: str, when: str, *, kill: bool = False, times: int = 1) -> Hold:
        pid_file = str(self.pid_file) if kill else None
        hold = Hold(Match(match, times), when, pid_file=pid_file)
        self.served.traps.append(hold)
        self.holds.append(hold)
        return hold

    # -- the state file, read as an outsider would ---------------------------------------------

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.folder / "state.sqlite", timeout=20)) as connection:
            return connection.execute(query).fetchall()

    def problems(self) -> list[tuple[int, str]]:
        """(number, cause) of the open ones."""
        return self.rows("SELECT id, cause FROM problem WHERE closed IS NULL ORDER BY id")

    def answer_problems(self) -> None:
        """What a person does who is asked: looks into the system, and says what is there."""
        for number, cause in self.problems():
            asked, _, ref = cause.partition(" ")
            assert asked == "asked", cause
            there = self._there(ref)
            said = ("--exists", there[0].id) if there else ("--absent",)
            ended = self.syncd("problems", "resolve", str(number), *said)
            assert ended.code == 0, ended.said

    def _there(self, ref: str) -> list[Object]:
        """The objects that a ref like `credit_note:3/settles/7` names."""
        kind, _, rest = ref.partition(":")
        key, _, part = rest.partition("/")
        crm, books = self.world.crm, self.world.books
        match kind:
            case "customer":
                return crm.marked(part or "account", key)
            case "won":
                return books.intake.marked(f"{part}s" if part else "customers", f"CRM-{key}")
            case "invoice":
                return crm.marked("invoice", key)
            case "payment":
                return self._payments(key, part)
            case "credit_note":
                marker = f"CN-{books.tables['credit_notes'][key].data['number']}"
                on = part.removeprefix("settles/")
                return self._payments(marker, on) if part else crm.marked("note", marker)
        raise AssertionError(ref)

    def _payments(self, marker: str, invoice: str) -> list[Object]:
        [on] = self.world.crm.marked("invoice", invoice)
        found = self.world.crm.marked("payment", marker)
        return [one for one in found if one.parents["invoice"] == on.id]


def prepared(folder: Path, forks: Forks) -> Snapshot:
    """Past the first plan, with empty books: fields made, mode live."""
    with Stand(folder, forks) as stand:
        for command in (("connections", "setup", "crm"), ("run", "--go-live")):
            ended = stand.syncd(*command)
            assert ended.code == 0, ended.said
    return Snapshot(folder / "state.sqlite", stand.world)
