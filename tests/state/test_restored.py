"""A state that is brought back is noticed, and neither doubles nor loses anything."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.engine.agreement import differences
from tests.engine.rig import open_problems
from tests.state.lives import Life

WAYS = ("backup", "file", "machine", "lost")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("how", WAYS)
def test_whatever_happened_since_nothing_is_doubled_and_all_agrees_after_a_yes(
    how: str, seed: int, tmp_path: Path
) -> None:
    life = Life(tmp_path, random.Random(f"{how} {seed}"), "T1" if seed == 2 else "T3")
    life.live_on(4)
    if seed == 1:
        life.die_in_a_run()  # open intents are in the copy
    kept = life.copy(how) if how != "lost" else None
    if seed == 2:
        life.set_mode("plan")
        life.later()
        life.set_mode("live")
    life.live_on(8)
    if seed == 0:
        life.die_in_a_run()
    life.work()
    life.clock.advance(7200)
    life.bring_back(kept)
    writes, made = life.world.writes(), life.made()
    assert life.typed("run") == "plan"
    assert (life.world.writes(), life.made()) == (writes, made), "nothing is written before a yes"
    told = [text for text in open_problems(life) if "older than what was written" in text]
    assert bool(told) is (how != "lost")
    assert life.typed("apply") == "live"
    life.later()
    life.later(90_000)
    life.later()
    assert differences(life.world) == []
    assert (life.states(), open_problems(life)) == ({}, [])
    assert (life.world.crm.doubles(), life.world.books.doubles()) == ([], [])
    before = life.world.writes()
    life.later()
    assert life.world.writes() == before
