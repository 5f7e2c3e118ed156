"""Signs of life of the thread that works on a pair, and how it is told to end."""

from __future__ import annotations

import datetime as dt
import threading

from syncd.clock import Clock

SLICE = 1.0
"""Seconds: longer waits are cut into such pieces, with a sign of life after each."""

UNINTERRUPTED = frozenset({"committed", "answered", "recovered"})
"""Checkpoints between an intent and its outcome: what is on its way is finished."""


class Stopped(KeyboardInterrupt):
    """The service stops: a run ends as it does on Ctrl-C."""


class Pulse:
    """`at` is the moment of the last sign, on the clock that goes on while the machine sleeps."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stopping = threading.Event()
        self.at = clock.boot()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        self._stopping.set()

    def beat(self) -> None:
        self.at = self._clock.boot()

    def checkpoint(self, name: str) -> None:
        """At the named points of a run. Stopped, where nothing is on its way."""
        self.beat()
        if self.stopping and name not in UNINTERRUPTED:
            raise Stopped


class PulsedClock:
    """The same clock for one thread: each look is a sign of life, its waits end when the service
    stops."""

    def __init__(self, clock: Clock, pulse: Pulse) -> None:
        self._clock, self._pulse = clock, pulse

    def utc(self) -> dt.datetime:
        self._pulse.beat()
        return self._clock.utc()

    def boot(self) -> float:
        self._pulse.beat()
        return self._clock.boot()

    def boot_id(self) -> str:
        return self._clock.boot_id()

    def sleep(self, seconds: float) -> None:
        while seconds > 0:
            if self._pulse.stopping:
                raise Stopped
            self._clock.sleep(min(seconds, SLICE))
            self._pulse.beat()
            seconds -= SLICE
