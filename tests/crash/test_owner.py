"""One owner per pair: whoever else comes is told who it is, a stopped owner keeps it, a dead one is
followed at once, and one that lost it can write nothing any more."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from connectors.memory import CrmHabits
from syncd.errors import LeaseLostError
from syncd.store.tables import intent, run
from syncd.sync.order import Report
from tests.crash.conftest import MakeStand
from tests.crash.stand import Stand
from tests.engine.agreement import differences
from tests.engine.rig import Rig


def epoch(stand: Stand) -> int:
    [(number,)] = stand.rows("SELECT epoch FROM lease WHERE pair = 'main'")
    return int(number)


def test_one_owner_at_a_time_alive_stopped_and_killed(stand_of: MakeStand) -> None:
    stand = stand_of()
    stand.world.books.add_customer("ООО «Ромашка»")
    hold = stand.hold("GET /books/customers", "before", times=10)
    owner = stand.start("run")
    assert hold.reached.wait(20)
    taken = epoch(stand)
    second = stand.syncd("run")
    assert second.code == 75
    assert f"process {owner.pid}" in second.said
    os.kill(owner.pid, signal.SIGSTOP)
    stand.advance(3600)
    assert stand.syncd("run").code == 75, "its lease is over, but it may wake up"
    assert epoch(stand) == taken
    os.kill(owner.pid, signal.SIGKILL)
    assert owner.end().code == -signal.SIGKILL
    stand.served.traps.clear()
    assert stand.syncd("run").code == 0
    assert epoch(stand) == taken + 1
    assert differences(stand.world) == []


def test_other_commands_are_told_too_or_leave_their_request(stand_of: MakeStand) -> None:
    stand = stand_of()
    hold = stand.hold("GET /books/customers", "before", times=10)
    owner = stand.start("run")
    assert hold.reached.wait(20)
    ended = stand.syncd("daemon")
    assert (ended.code, f"process {owner.pid}" in ended.said) == (75, True), ended.said
    for words in (["resync", "--all"], ["problems", "resolve", "1", "--absent"]):
        ended = stand.syncd(*words, "--no-wait")
        assert (ended.code, "queued behind run" in ended.said) == (0, True), ended.said
    assert stand.syncd("status").code == 0, "who only looks is not kept out"
    os.kill(owner.pid, signal.SIGKILL)
    owner.end()


def test_an_owner_whose_epoch_was_taken_commits_nothing_any_more(tmp_path: Path) -> None:
    """Its lock file was removed, the only way to lose a lock while alive. The one request that
    already passed the check still leaves."""
    rig = Rig(tmp_path, crm=CrmHabits(unique_names=False), crm_options={"names": "free"})
    rig.set_up()
    rig.world.books.add_customer("ООО «Ромашка»")
    reports: list[Report] = []

    def lose_the_lock(point: str) -> None:
        if point == "committed" and not reports:
            (tmp_path / "state.sqlite.main.lock").unlink()
            rig.build()
            reports.append(rig.run())

    first = rig.build(lose_the_lock)
    with pytest.raises(LeaseLostError, match="another process took it over"):
        rig.run()
    assert first is not rig.pair
    assert reports[0].in_doubt == 1
    assert len(rig.world.crm.marked("account", "1")) == 1, "its request had left"
    with rig.pair.store.reading() as tx:
        assert [row.state for row in tx.execute(intent.select())] == ["doubt"]
        lost, kept = list(tx.execute(run.select()))[-2:]
        assert (lost.ended, kept.ended) == (None, rig.clock.now)
    later = rig.later(rig.pair.doubt_time + 1)
    assert (later.in_doubt, later.new_problems) == (0, 0)
    assert differences(rig.world) == []
