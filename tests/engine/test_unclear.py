"""A system that says no with an error of its own: the one record that it does not want is found,
alone waits, and stops nobody."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from connectors.memory import CrmHabits
from syncd.errors import DoubtError
from syncd.port import Request, Response
from syncd.store import noticed
from syncd.sync.pair import Side
from tests.engine.rig import Rig, WorldTransport

POISON = "Яд GmbH"


class Spoilt(WorldTransport):
    """Answers 500 to what has the word in it, and carries nothing of it out."""

    word = POISON
    hit = 0

    def answer(self, request: Request) -> Response:
        if request.write and self.word in str(request.json):
            self.hit += 1
            raise DoubtError("HTTP 500", answered=True)
        return super().answer(request)


def spoilt(rig: Rig) -> Spoilt:
    connector = rig.pair.crm.connector
    way = Spoilt(rig.world, connector)
    rig.pair = dataclasses.replace(rig.pair, crm=Side("crm", connector, way))
    return way


@pytest.mark.parametrize("bulk", [1, 4])
def test_one_record_is_refused_after_three_tries_and_the_others_go(
    tmp_path: Path, bulk: int
) -> None:
    rig = Rig(tmp_path, crm=CrmHabits(bulk=bulk), crm_options={"batch": str(bulk)})
    way = spoilt(rig)
    keys = [rig.world.books.add_customer(name) for name in ("A", "B", POISON, "C", "D")]
    rig.set_up()
    for _ in range(5):
        rig.later()
    assert len(rig.world.crm.objects["account"]) == 4 and rig.world.crm.doubles() == []
    assert way.hit == 3 and rig.states() == {"failed": 1, "owed": 2}
    [problem] = rig.problems()
    assert problem.startswith("crm refuses accounts")
    with rig.pair.store.reading() as tx:
        [one] = noticed.listed(tx, "main")
    assert (one.habit, one.subject, one.count) == (noticed.UNCLEAR, "account", 1)
    assert "else after 15 minutes" in problem
    tried = []
    for quarter in range(1, 19):
        rig.later(900)
        tried += [quarter] * (way.hit - 3 - len(tried))
    assert tried == [1, 4, 9, 18], "twice as long after each refusal, which the next run finds"
    assert rig.problems() == [problem]
    for _ in range(6):
        rig.later(172_800)
    hit = way.hit
    for _ in range(2):
        rig.later(86_400)
    assert way.hit == hit + 1, "at most a day after each"
    rig.world.books.rename(keys[2], "Heil GmbH")
    rig.later()
    rig.later()
    assert rig.states() == {} and rig.problems() == []
    assert len(rig.world.crm.objects["account"]) == 5


def test_an_update_that_is_never_carried_out_is_refused_too(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    way = spoilt(rig)
    key = rig.world.books.add_customer("A")
    rig.set_up()
    rig.run()
    rig.world.books.rename(key, POISON)
    for _ in range(6):
        rig.later()
    assert way.hit == 6 and rig.states() == {"failed": 2}, "the account, and its contact"
    way.word = "no such word"
    rig.later(90_000)
    assert rig.states() == {} and rig.problems() == []


def test_writes_that_are_out_for_hours_go_soon_after(tmp_path: Path) -> None:
    """Reading works, so that nothing tells the outage from a refusal."""
    rig = Rig(tmp_path)
    way = spoilt(rig)
    for number in range(7):
        rig.world.books.add_customer(f"{POISON} {number}")
    rig.set_up()
    for _ in range(24):
        rig.later()
    assert rig.states()["failed"] >= 3
    way.word = "no such word"
    for _ in range(12):
        rig.later(900)
    assert (rig.states(), rig.problems(), rig.world.crm.doubles()) == ({}, [], [])
    assert len(rig.world.crm.objects["account"]) == 7


def test_an_outage_in_the_middle_is_no_refusal(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    way = spoilt(rig)
    rig.world.books.add_customer(POISON)
    rig.set_up()
    rig.run()
    rig.later()
    assert way.hit == 2
    way.word = "no such word"
    rig.later()
    assert rig.states() == {} and rig.problems() == [] and rig.world.crm.doubles() == []
