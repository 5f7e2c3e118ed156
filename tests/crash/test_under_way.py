"""A process killed while the requests of two commits are under way: what became of each of them is
found out, and nothing is there twice."""

from __future__ import annotations

import signal

import pytest

from connectors.memory.faults import Match
from connectors.memory.serve import Trap
from tests.crash.conftest import MakeStand
from tests.crash.stand import DOUBT_TIME, Stand
from tests.crash.test_points import arrived
from tests.engine.agreement import differences, sent_in_vain

CREATE = "P* /crm/account"
A_COMMIT = 10
"""Requests."""


def trade(stand: Stand) -> None:
    for number in range(25):
        stand.world.books.add_customer(f"Фирма {number} 株式会社")
    stand.advance(2)


@pytest.mark.parametrize("tier", ["T1", "T2", "T3"])
def test_killed_while_two_commits_are_under_way(stand_of: MakeStand, tier: str) -> None:
    """The first create stays with the server; killed at the first one of the next commit."""
    stand = stand_of(tier, page=100, in_flight=4, timeout=30)
    trade(stand)
    held = stand.hold(CREATE, "before")
    stand.served.traps.append(Trap(Match(CREATE, A_COMMIT - 1), "after"))
    stand.trap(CREATE, "after")
    assert stand.syncd("run").code == -signal.SIGKILL
    assert stand.run()["in_doubt"] == 2 * A_COMMIT
    held.released.set()
    arrived(stand)
    stand.advance(DOUBT_TIME + 1)
    report = stand.run()
    assert (report["in_doubt"], report["open_problems"]) == (0, 0)
    assert differences(stand.world) == []
    assert stand.world.crm.doubles() == []
    assert sent_in_vain(stand.world) == []
