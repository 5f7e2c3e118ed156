"""Time as the product sees it, and as tests set it."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

from syncd.clock import Clock, SystemClock
from tests.clocks import NOON, FileClock, ManualClock, set_offset


def test_the_system_clock_is_aware_and_never_goes_back() -> None:
    clock: Clock = SystemClock()
    began = clock.boot()
    clock.sleep(0.01)
    assert clock.utc().utcoffset() == dt.timedelta(0)
    assert clock.boot() - began >= 0.01
    assert clock.boot_id() == SystemClock().boot_id() != ""


def test_sleep_moves_a_manual_clock() -> None:
    clock = ManualClock()
    clock.sleep(90)
    assert clock.utc() == NOON + dt.timedelta(seconds=90)
    assert clock.boot() == 1_090.0
    assert clock.slept == [90]


def test_a_file_clock_runs_ahead_as_the_file_says(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "offset")
    began = clock.boot()
    set_offset(tmp_path / "offset", 3600)
    assert 3600 <= clock.boot() - began < 3700
    assert clock.utc() - SystemClock().utc() > dt.timedelta(minutes=59)


def test_a_sleep_on_a_file_clock_ends_when_the_file_moves_on(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "offset")
    sleeper = threading.Thread(target=clock.sleep, args=(3600,), daemon=True)
    sleeper.start()
    for hours in range(1, 100):  # the sleeper may begin after the first
        set_offset(tmp_path / "offset", hours * 3601)
        sleeper.join(timeout=0.1)
        if not sleeper.is_alive():
            break
    assert not sleeper.is_alive()
