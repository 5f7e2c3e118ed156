"""A system that refuses requests which come too fast is asked more slowly, and no more often."""

from __future__ import annotations

import pytest

from syncd.http.pace import FIRST, GOOD, Pace
from syncd.http.transport import TOO_FAST
from tests.clocks import ManualClock


def asked(pace: Pace, clock: ManualClock, rate: float, calls: int, takes: float = 0.002) -> int:
    """How many of these calls a server refuses that takes so many in a second, one at once."""
    refused, free = 0, clock.boot()
    done = 0
    while done < calls:
        pace.wait()
        clock.advance(takes)
        if clock.boot() < free:
            refused += 1
            pace.refused(1.0)
            continue
        free = clock.boot() + 1 / rate
        done += 1
    return refused


def test_nothing_is_held_back_before_the_first_refusal() -> None:
    clock = ManualClock()
    assert asked(Pace(clock), clock, rate=1000, calls=500) == 0
    assert clock.slept == []


@pytest.mark.parametrize("rate", [5, 50])
def test_at_most_two_in_a_hundred_calls_are_refused(rate: float) -> None:
    clock = ManualClock()
    assert asked(Pace(clock), clock, rate, calls=1500) <= 30


@pytest.mark.parametrize("rate", [5, 20, 50])
def test_of_several_under_way_few_are_refused_and_none_is_given_up(rate: float) -> None:
    clock = ManualClock()
    pace = Pace(clock)
    begin = clock.up
    ready, tries = [begin] * 4, [1] * 4
    free, refused, done = begin, 0, 0
    while done < 1500:
        one = ready.index(min(ready))
        clock.up = ready[one]  # each sleeps by itself
        pace.wait()
        clock.up += 0.002
        if clock.up < free:
            refused, tries[one], ready[one] = refused + 1, tries[one] + 1, clock.up + 1.0
            pace.refused(1.0)
            assert tries[one] <= 4 < TOO_FAST
        else:
            free, ready[one], tries[one], done = clock.up + 1 / rate, clock.up, 1, done + 1
    assert refused <= 15
    assert clock.up - begin < 1.5 * 1500 / rate


def test_refusals_of_requests_that_went_together_widen_the_distance_once() -> None:
    pace = Pace(ManualClock())
    for _ in range(4):
        pace.refused(1.0)
    assert pace.distance == pytest.approx(FIRST)


def test_the_distance_shrinks_again() -> None:
    clock = ManualClock()
    pace = Pace(clock)
    pace.refused(1.0)
    wide = pace.distance
    asked(pace, clock, rate=10_000, calls=GOOD * 3)
    assert pace.distance < wide
