"""The service around the pairs: timers, signals, the watchdog, new files on SIGHUP."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from syncd.app import App
from syncd.daemon import systemd
from syncd.daemon.worker import Worker
from syncd.errors import ConfigError, SyncdError
from syncd.health.pages import pages
from syncd.health.server import Server
from syncd.redaction import patterns
from syncd.telemetry import Log

GRACE = 8.0
"""Seconds a run gets to end by itself when the service stops."""

TICK = 1.0

ASIDE_EVERY = 60
"""Seconds between two looks at what is done beside the pairs."""

JUMP = 5.0
"""Seconds that the time of day may drift from the machine's own counter between two looks."""

GAP = 30.0
"""Seconds between two looks that mean that the machine slept."""

_log = Log(__name__)


def pace(every: float) -> IntervalTrigger:
    """Every so many seconds, a little off each time, so that many do not knock at once."""
    return IntervalTrigger(
        seconds=int(every), jitter=min(30, int(every) // 10) or None, timezone="UTC"
    )


class Service:
    """`load` reads the configuration anew. `names` are the pairs to work on; none: all of them."""

    def __init__(self, app: App, load: Callable[[], App], names: Sequence[str] = ()) -> None:
        self.app, self._load, self._names = app, load, names
        self.workers: dict[str, Worker] = {}
        self._awake = threading.Event()
        self._stopping = self._reloading = False
        self._busy: set[int] = set()
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._drift, self._looked = self._clocks()

    def run(self) -> None:
        """Until SIGTERM. BusyError where another syncd owns a pair, ConfigError for files."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signalled)
        try:
            self._start(self._wanted())
            aside = IntervalTrigger(seconds=ASIDE_EVERY)
            jobs = {"tell": self._tell, "tidy": self._tidy}
            for name, work in jobs.items():
                self._scheduler.add_job(work, aside, id=f"syncd {name}")
            self._scheduler.start()
            with self._listening():
                systemd.notify("READY=1", self._status())
                _log.info("started", pair=list(self.workers))
                while not self._stopping:
                    self._tick()
                    self._awake.wait(TICK)
                    self._awake.clear()
        finally:
            self._stop()

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        self._stopping |= number != signal.SIGHUP
        self._reloading |= number == signal.SIGHUP
        self._awake.set()

    # -- who looks, who hears ------------------------------------------------------------------

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Answers /healthz and /metrics, where the configuration says so."""
        settings = self.app.settings
        if settings.listen is None:
            yield
            return
        found = settings.connections.values()
        store = self.app.store()
        try:
            answers = pages(
                store,
                self.app.clock,
                lambda: [one.watched for one in list(self.workers.values()) if one.watched],
                alive=self._why_not_alive,
                next_run=self._next_run,
                budgets={one.name: one.budget for one in found if one.budget},
            )
            with Server(settings.listen.host, settings.listen.port, answers):
                yield
        finally:
            store.close()

    def _next_run(self, pair: str) -> dt.datetime | None:
        job = self._scheduler.get_job(pair)
        return job.next_run_time if job else None

    def _tell(self) -> None:
        """Alerts, mails and the ping; never in the way of a run."""
        with self._aside():
            self.app.tell()

    def _tidy(self) -> None:
        with self._aside():
            store = self.app.store()
            try:
                self.app.tidy(store)
            finally:
                store.close()

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """What a stop leaves behind as it is."""
        name = threading.get_ident()
        self._busy.add(name)
        try:
            yield
        finally:
            self._busy.discard(name)

    # -- pairs ----------------------------------------------------------------------------------

    def _wanted(self) -> list[str]:
        return [self.app.pair_settings(name).name for name in self._names] or list(
            self.app.settings.pairs
        )

    def _start(self, names: Sequence[str]) -> None:
        for name in names:
            self.workers[name] = Worker(name, self.app)
            self.workers[name].start()
        for name in names:
            self.workers[name].started.result()
            self._schedule(name)

    def _schedule(self, name: str) -> None:
        """Now, and from then on."""
        every = self.app.settings.pairs[name].every
        worker = self.workers[name]
        self._scheduler.add_job(worker.due, pace(every), id=name, replace_existing=True)
        worker.due()

    # -- every second ---------------------------------------------------------------------------

    def _tick(self) -> None:
        if self._reloading:
            self._reloading = False
            self._reload()
        self._look_at_the_clocks()
        if silent := self._silent():
            _log.error("no sign of life", pair=silent)
        else:
            systemd.notify("WATCHDOG=1", self._status())

    def _silent(self) -> list[str]:
        """The pairs whose threads gave no sign of life for longer than their longest wait."""
        patience = 60 + 2 * self.app.settings.numbers.request_timeout
        now = self.app.clock.boot()
        return [
            one.pair
            for one in list(self.workers.values())
            if not one.is_alive() or now - one.pulse.at > patience
        ]

    def _why_not_alive(self) -> str | None:
        silent = self._silent()
        return f"no sign of life: {', '.join(silent)}" if silent else None

    def _status(self) -> str:
        return "STATUS=" + "; ".join(f"{one.pair}: {one.said}" for one in self.workers.values())

    def _clocks(self) -> tuple[float, float]:
        boot = self.app.clock.boot()
        return self.app.clock.utc().timestamp() - boot, boot

    def _look_at_the_clocks(self) -> None:
        """The timers count on the time of day. When somebody sets it, or the machine slept, every
        pair runs now and its timer begins anew."""
        drift, looked = self._clocks()
        jumped, slept = abs(drift - self._drift) > JUMP, looked - self._looked > GAP
        self._drift, self._looked = drift, looked
        if not (jumped or slept):
            return
        _log.info("the clock was set" if jumped else "the machine slept", seconds=round(drift))
        for name in self.workers:
            self._schedule(name)

    # -- new files ------------------------------------------------------------------------------

    def _reload(self) -> None:
        systemd.notify("RELOADING=1")
        try:
            self._take(self._load())
        except SyncdError as error:
            lines = error.problems if isinstance(error, ConfigError) else [str(error)]
            for line in lines:
                _log.error("not reloaded", problem=patterns(line))
            told = "New files were not taken, the last good ones stay: " + "; ".join(lines)
            for worker in self.workers.values():
                worker.keep_last_good(f"{told}. Mend them, then: systemctl reload syncd")
        systemd.notify("READY=1", self._status())

    def _take(self, app: App) -> None:
        """All of it, or nothing."""
        if mistakes := app.check():
            raise ConfigError(*mistakes)
        if app.settings.state != self.app.settings.state:
            raise ConfigError(f"{app.settings.file}: another state file needs a restart")
        self.app = app
        wanted = self._wanted()
        for name in [name for name in self.workers if name not in wanted]:
            self._scheduler.remove_job(name)
            self._end([self.workers.pop(name)])
        for name, worker in self.workers.items():
            worker.reload(app)
            self._schedule(name)
        self._start([name for name in wanted if name not in self.workers])
        _log.info("reloaded", pair=list(self.workers))

    # -- the end --------------------------------------------------------------------------------

    def _stop(self) -> None:
        systemd.notify("STOPPING=1")
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        left = self._end(list(self.workers.values()))
        _log.info("stopped", pair=left)
        if left or self._busy:
            # Their threads wait for answers that nobody will read.
            os._exit(0)

    def _end(self, workers: Sequence[Worker]) -> list[str]:
        """Those that did not end in time hand their pair back as it is."""
        for worker in workers:
            worker.stop()
        ends = self.app.clock.boot() + GRACE
        for worker in workers:
            worker.join(max(0.0, ends - self.app.clock.boot()))
        left = [worker for worker in workers if worker.is_alive()]
        for worker in left:
            worker.hand_back()
        return [worker.pair for worker in left]
