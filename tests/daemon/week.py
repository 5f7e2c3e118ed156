"""Seven days of a small company, five minutes a step: who buys and pays when, and what goes wrong.

Systems and daemon are in this process, on one clock that a step moves on.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from connectors.memory import World
from syncd import telemetry
from syncd.app import App
from syncd.daemon.service import pace
from syncd.daemon.worker import Worker
from syncd.orders import Desk
from syncd.settings import ConnectionSettings, load
from syncd.store import problems, streams
from syncd.store.problems import Problem
from syncd.sync.pair import Side
from tests.clocks import ManualClock
from tests.engine.rig import WorldTransport

VIENNA = ZoneInfo("Europe/Vienna")
EVERY = dt.timedelta(minutes=5)
HOLIDAY = dt.date(2026, 10, 26)


@dataclass
class InProcess(App):
    """The app with its systems in this process."""

    world: World = field(default_factory=lambda: World(lambda: dt.datetime.now(dt.UTC)))

    @contextmanager
    def _side(self, one: ConnectionSettings) -> Iterator[Side]:
        made = self._connector(one)
        yield Side(one.name, made, WorldTransport(self.world, made))


class Company:
    """`told` is every alarm with the moment at which it was first seen."""

    def __init__(self, folder: Path, begins: dt.datetime) -> None:
        self.folder = folder
        self.clock = ManualClock(begins.astimezone(dt.UTC))
        self._up_at = self.clock.now - dt.timedelta(seconds=self.clock.up)
        self.world = World(self.clock.utc)
        self.chance = random.Random(7)
        self.customers: list[str] = []
        self.told: dict[str, dt.datetime] = {}
        self.cycles = 0
        self._stack = ExitStack()
        self._configure()

    # -- one process after the other ------------------------------------------------------------

    def start(self) -> None:
        telemetry.set_up(verbose=False)
        app = InProcess(load(self.folder / "syncd.yaml"), self.clock, world=self.world)
        self.app, self.worker = app, Worker("main", app)
        self.desk: Desk = self._stack.enter_context(app.owned("main"))

    def restart(self) -> None:
        self._stack.close()
        self.start()

    def close(self) -> None:
        self._stack.close()

    def open(self) -> None:
        """A pair that is live, with some customers."""
        self.customers = [
            self.world.books.add_customer(name)
            for name in ("ООО «Пример»", "Sample Trade LLC", "株式会社サンプル", "Möbel Wörther")
        ]
        self.trade()
        self.start()
        pair = self.desk.pair
        pair.crm.ask(pair.crm.connector.setup(pair.writing.custom_fields, True))
        self.cycle()
        with self.desk.scene() as scene:
            streams.set_mode(scene.tx, "main", streams.LIVE_MODE, self.clock.utc())

    def _configure(self) -> None:
        sides = {"books": self.world.books.habits, "crm": self.world.crm.habits}
        found = {
            name: {"system": f"memory_{name}", "url": "http://127.0.0.1:9", **habits.honest()}
            for name, habits in sides.items()
        }
        pair = {"books": "books", "crm": "crm", "calendar": {"zone": VIENNA.key, "country": "AT"}}
        content = {
            "state": "state.sqlite",
            "secrets": "secrets",
            "connections": found,
            "pairs": {"main": pair},
            "numbers": {"wait_for_doubt": 0},
        }
        (self.folder / "syncd.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        (self.folder / "secrets").mkdir()
        for name in sides:
            file = self.folder / "secrets" / f"{name}.token"
            file.touch(mode=0o600)
            file.write_text("secret", encoding="utf-8")

    # -- time -----------------------------------------------------------------------------------

    @property
    def local(self) -> dt.datetime:
        return self.clock.now.astimezone(VIENNA)

    @property
    def steady(self) -> dt.datetime:
        """The time that it is, whatever somebody has set the clock to."""
        return self._up_at + dt.timedelta(seconds=self.clock.up)

    def working(self) -> bool:
        day = self.local
        return day.weekday() < 5 and day.date() != HOLIDAY and 8 <= day.hour < 17

    def cycle(self) -> None:
        self.worker.due()
        self.worker.turn(self.app, self.desk)
        self.cycles += 1
        self._note()
        self.world.requests.clear()
        self.world.crm.journal.clear()

    def look(self) -> None:
        """The daemon's own minute without a run."""
        self.worker.turn(self.app, self.desk)
        self._note()

    def _note(self) -> None:
        for one in self.problems():
            self.told.setdefault(one.cause, self.steady)

    def problems(self) -> list[Problem]:
        with self.desk.pair.store.reading() as tx:
            return problems.listed(tx, "main")

    def week(self, ends: dt.datetime, does: Callable[[], None]) -> None:
        """`does` is called before each cycle."""
        trigger = pace(int(EVERY.total_seconds()))
        last = self.clock.now
        while last < ends.astimezone(dt.UTC):
            moment = trigger.get_next_fire_time(last, self.clock.now)
            last += EVERY
            self.clock.advance(max(1.0, (moment - self.clock.now).total_seconds()))
            if self.working() and self.chance.random() < 0.25:
                self.trade()
            does()

    # -- what people do -------------------------------------------------------------------------

    def trade(self) -> None:
        books = self.world.books
        customer = self.chance.choice(self.customers)
        invoice = books.post_invoice(customer, f"{self.chance.randint(10, 900)}.50")
        if self.chance.random() < 0.6:
            books.pay(customer, "5.00", allocations=[(invoice, "5.00")])
