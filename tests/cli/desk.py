"""An operator's place: a configuration, secrets, and the memory world behind real HTTP.

Every command runs in this process, on the world's own clock, and says what it printed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from unittest import mock

import yaml

from connectors.memory import BooksHabits, CrmHabits, World
from connectors.memory.serve import Served, listen
from syncd.__main__ import execute
from tests.clocks import ManualClock

TOKEN = "token-of-the-tests"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    @property
    def last(self) -> str:
        return self.out.rstrip().splitlines()[-1]

    def json(self) -> Any:
        return json.loads(self.out)


class Desk:
    """Context manager: the world is served as long as it is open."""

    def __init__(
        self,
        folder: Path,
        books: BooksHabits | None = None,
        crm: CrmHabits | None = None,
        served: Callable[[World], Served] = Served,
    ) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.world = World(self.clock.utc, books, crm)
        for side in (self.world.sides.books, self.world.sides.crm):
            side.token = TOKEN
        self.served = served(self.world)
        self._server = listen(self.served)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.config = folder / "syncd.yaml"
        self.state = folder / "state.sqlite"
        self.cache = folder / "cache"
        self.snapshots = self.cache / "syncd" / "snapshots"
        self.pair: dict[str, object] = {"books": "books", "crm": "crm"}
        self.more: dict[str, object] = {}
        self.configure()
        for name in ("books", "crm"):
            self.secret(name, TOKEN)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread.is_alive():
            self.take_down()

    def take_down(self) -> None:
        """Both systems refuse connections from now on."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def configure(self, **connections: Mapping[str, object]) -> None:
        """Writes the configuration; `books` and `crm` change lines of a connection, `pair` holds
        those of the pair, `more` further tables."""
        habits = {"books": self.world.books.habits, "crm": self.world.crm.habits}
        found = {
            name: {"system": f"memory_{name}", "url": self.url, **habits[name].honest()}
            | dict(connections.get(name, {}))
            for name in habits
        }
        content = {
            "state": "state.sqlite",
            "secrets": "secrets",
            "mappings": "mappings",
            "connections": found,
            "pairs": {"main": self.pair},
            "numbers": {"request_timeout": 5},
            **self.more,
        }
        self.config.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")

    def secret(self, connection: str, value: str, mode: int = 0o600, name: str = "token") -> Path:
        file = self.folder / "secrets" / f"{connection}.{name}"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{value}\n", encoding="utf-8")
        file.chmod(mode)
        return file

    def mapping(self, name: str, text: str) -> Path:
        file = self.folder / "mappings" / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def connector(self, name: str, text: str) -> Path:
        file = self.folder / "connectors" / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def add(self, tables: Mapping[str, Mapping[str, object]]) -> None:
        """Further connections and pairs into the configuration."""
        content = yaml.safe_load(self.config.read_text(encoding="utf-8"))
        for name, more in tables.items():
            content[name] |= more
        self.config.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")

    def syncd(self, *arguments: str) -> Said:
        """`status` twice: from the files, which leaves a snapshot, and as far as that was left from
        it."""
        if arguments[:1] != ("status",):
            return self.once(*arguments)
        for one in self.snapshots.glob("status-*.json"):
            one.unlink()
        said = self.once(*arguments)
        assert self.once(*arguments) == said, "a snapshot says the same"
        return said

    def once(self, *arguments: str) -> Said:
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            mock.patch.dict(os.environ, XDG_CACHE_HOME=str(self.cache)),
        ):
            code = execute(["--config", str(self.config), *arguments], self.clock)
        return Said(code, out.getvalue(), err.getvalue())

    def later(self, minutes: float = 5) -> Said:
        """The next cycle."""
        self.clock.advance(minutes * 60)
        return self.syncd("run")

    def live(self) -> None:
        """Past the first plan: fields made, cards written."""
        assert self.syncd("connections", "setup", "crm").code == 0
        assert self.syncd("run", "--go-live").code == 0

    @contextlib.contextmanager
    def nothing_written(self) -> Iterator[None]:
        before = self.world.writes()
        yield
        assert self.world.writes() == before
