"""The loop of one pair: owns it, runs a cycle whenever it is due, and serves what people ask.

One thread per pair, so that there is one run at a time, and a run that comes due twice while
another is going, or while the machine sleeps, is one run.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from concurrent.futures import Future

from syncd import telemetry
from syncd.app import App
from syncd.daemon.pulse import Pulse, PulsedClock, Stopped
from syncd.errors import SyncdError
from syncd.health.look import Watched
from syncd.orders import Desk
from syncd.store import problems, runs
from syncd.sync import derive
from syncd.sync.order import Order, Report
from syncd.sync.pair import Scene
from syncd.telemetry import Log

LOOK_EVERY = 1.0
"""Seconds between two looks for what people ask."""

LOOK_AT_HEALTH_EVERY = 60.0

NIGHT = dt.time(3)

AGAIN_AFTER = 5.0
"""Seconds after which a pair that could not be worked on is taken up again."""

CYCLE, FILES = "service cycle", "service files"
"""Causes: a cycle cannot even begin, or ended by a defect; new files were not taken."""

_log = Log(__name__)


class Worker(threading.Thread):
    """`started` is done when the pair is owned for the first time, or has what prevents it. `said`
    is the last thing to tell of it, `watched` what its health is judged by."""

    def __init__(self, pair: str, app: App) -> None:
        super().__init__(name=f"pair {pair}", daemon=True)
        self.pair = pair
        self.started: Future[None] = Future()
        self.said = "starting"
        self.pulse = Pulse(app.clock)
        self._app = app
        self._awake = threading.Event()
        self._due = threading.Event()
        self.watched: Watched | None = None
        self._desk: Desk | None = None
        self._looked = -LOOK_AT_HEALTH_EVERY
        self._trouble: str | None = None
        self._files: str | None = None
        self._files_told = False

    # -- told by the service --------------------------------------------------------------------

    def due(self) -> None:
        """The next cycle may begin."""
        self._due.set()
        self._awake.set()

    def reload(self, app: App) -> None:
        """From the next turn on; a run that is going ends as it began."""
        self._app, self._files, self._files_told = app, None, False
        self._awake.set()

    def keep_last_good(self, why: str) -> None:
        """New files have mistakes: it stays as it was, and says so."""
        self._files, self._files_told = why, False
        self._awake.set()

    def stop(self) -> None:
        """Nothing more is sent; the run ends at its next safe point."""
        self.pulse.stop()
        if desk := self._desk:
            desk.halted = True
        self._awake.set()

    def hand_back(self) -> None:
        """For a thread that waits for an answer and cannot be woken: the next owner may begin, and
        looks at what was on its way."""
        if desk := self._desk:
            desk.owner.release()

    # -- its own thread -------------------------------------------------------------------------

    def run(self) -> None:
        while not self.pulse.stopping:
            try:
                self._own(self._app)
            except Stopped:
                return
            except SyncdError as error:
                if self._cannot_start(error):
                    return
                self._trouble = str(error)
                _log.warning("pair stopped", pair=self.pair, said=telemetry.said(error))
            except Exception as error:
                if self._cannot_start(error):
                    return
                # A defect costs this pair one cycle, never the service its other pairs.
                said = telemetry.said(error)
                self._trouble = f"a defect of syncd: {type(error).__name__}: {said}"
                _log.exception("defect", pair=self.pair)
            if self._trouble:
                self._awake.clear()
                self._awake.wait(AGAIN_AFTER)

    def _cannot_start(self, error: Exception) -> bool:
        if self.started.done():
            return False
        self.started.set_exception(error)
        return True

    def _own(self, app: App) -> None:
        def checkpoint(name: str) -> None:
            app.checkpoint(name)
            self.pulse.checkpoint(name)

        clock = PulsedClock(app.clock, self.pulse)
        mine = dataclasses.replace(app, clock=clock, checkpoint=checkpoint)
        with mine.owned(self.pair) as desk:
            self._desk, self.watched = desk, mine.watched(desk.pair)
            try:
                if not self.started.done():
                    self.started.set_result(None)
                while not self.pulse.stopping and self._app is app:
                    self.turn(mine, desk)
                    self._awake.wait(LOOK_EVERY)
                    self._awake.clear()
            finally:
                self._desk = None

    def turn(self, app: App, desk: Desk) -> None:
        self.pulse.beat()
        self._tell(desk)
        desk.serve()
        desk.owner.keep()
        now, due = app.clock.boot(), self._due.is_set()
        if due:
            self._due.clear()
            self._cycle(desk)
        if due or now - self._looked >= LOOK_AT_HEALTH_EVERY:
            self._looked = now
            app.look(desk.pair)

    def _tell(self, desk: Desk) -> None:
        """What went wrong outside a run is a problem as everything else."""
        if self._trouble:
            with desk.scene() as scene:
                _raise(scene, CYCLE, f"The last cycle was not carried out: {self._trouble}")
            self._trouble = None
        if self._files_told:
            return
        self._files_told = True
        with desk.scene() as scene:
            if self._files:
                _raise(scene, FILES, self._files)
            else:
                problems.close(scene.tx, self.pair, FILES, scene.pair.clock.utc())

    def _cycle(self, desk: Desk) -> None:
        if sentence := desk.paused():
            self.said = sentence
            return
        report = desk.cycle(_order(desk))
        with desk.scene() as scene:
            problems.close(scene.tx, self.pair, CYCLE, scene.pair.clock.utc())
        self.said = f"run {report.run} {outcome(report)}"


def _order(desk: Desk) -> Order:
    """Once a night, by the books' clock, a cycle also proves what stands on the cards."""
    pair, state = desk.pair, desk.state()
    now = pair.clock.utc()
    night = dt.datetime.combine(derive.today(pair, now), NIGHT, pair.reading.zone or dt.UTC)
    with pair.store.reading() as tx:
        last = runs.last(tx, pair.name, "prove")
    proven = max(state.since, last.began) if state and last else state and state.since
    if desk.writes() and proven and proven < night <= now:
        return desk.order("prove", prove=True)
    return desk.order("run")


def _raise(scene: Scene, cause: str, text: str) -> None:
    problems.raise_problem(
        scene.tx,
        pair=scene.pair.name,
        cause=cause,
        owner=problems.SYSADMIN,
        text=text,
        run=scene.run,
        at=scene.pair.clock.utc(),
    )


def outcome(report: Report) -> str:
    """In one word or two, for logs."""
    if report.unreachable or report.refused or report.failed:
        return "failed"
    return f"{report.new_problems} new problems" if report.new_problems else "ok"
