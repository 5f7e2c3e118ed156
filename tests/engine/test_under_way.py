"""Where a system takes several requests at once, those of the next commit go while the last ones
are not answered yet: whatever ends that, each is carried out once, and nothing stays in doubt that
was answered."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import msgspec
import pytest

from connectors.memory import CrmHabits, Fault, World
from syncd.port import Connector, Request, Response
from syncd.store import intents
from tests.engine.agreement import differences, sent_in_vain
from tests.engine.rig import Rig, WorldTransport

CUSTOMERS = 25
A_COMMIT = 10
"""Requests."""
AT_ONCE = 4


class OneByOne(WorldTransport):
    """The world carries out one request at a time, whoever asks."""

    def __init__(self, world: World, connector: Connector) -> None:
        super().__init__(world, connector)
        self.lock = threading.Lock()
        self.held = threading.Event()
        """The first create is answered once this is set."""
        self.creates = 0

    def answer(self, request: Request) -> Response:
        create = (request.method, request.path) == ("POST", "/crm/account")
        with self.lock:
            self.creates += create
            first = create and self.creates == 1
            response = super().answer(request)
            if self.creates > A_COMMIT:
                self.held.set()
        if first:
            assert self.held.wait(30), "nothing of the next commit came"
        return response


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    habits = CrmHabits(tier="T3", unique_names=False)
    rig = Rig(tmp_path, crm=habits, crm_options={**habits.honest(), "in_flight": str(AT_ONCE)})
    rig.set_up()
    for number in range(CUSTOMERS):
        rig.world.books.add_customer(f"Фирма {number} 株式会社")
    return rig


def watched(rig: Rig) -> OneByOne:
    crm = rig.pair.crm
    transport = OneByOne(rig.world, crm.connector)
    rig.pair = dataclasses.replace(rig.pair, crm=msgspec.structs.replace(crm, transport=transport))
    return transport


def unsettled(rig: Rig) -> int:
    with rig.pair.store.reading() as tx:
        return len(intents.unsettled(tx, "main"))


def is_complete(rig: Rig) -> None:
    assert rig.states() == {}
    assert differences(rig.world) == []
    assert rig.world.crm.doubles() == []
    assert sent_in_vain(rig.world) == []


def test_the_next_commit_goes_while_the_last_one_is_not_answered(rig: Rig) -> None:
    transport = watched(rig)
    report = rig.later()
    assert transport.held.is_set()
    assert report.in_doubt == unsettled(rig) == 0
    is_complete(rig)


def test_a_run_that_is_stopped_writes_down_what_is_under_way(rig: Rig) -> None:
    def checkpoint(name: str) -> None:
        if name == "answered":
            raise KeyboardInterrupt

    rig.build(checkpoint)
    transport = watched(rig)
    with pytest.raises(KeyboardInterrupt):
        rig.later()
    assert transport.creates > A_COMMIT
    assert unsettled(rig) == 0
    made = transport.creates
    assert len(rig.world.crm.listed("account")) == made
    rig.build()
    rig.later()
    is_complete(rig)


@pytest.mark.parametrize(
    ("kind", "most"),
    [(Fault.REFUSE, AT_ONCE), (Fault.CUT_AFTER, 2 * A_COMMIT), (Fault.CUT_BEFORE, 2 * A_COMMIT)],
)
def test_what_comes_after_an_outage_waits_for_the_next_run(
    rig: Rig, kind: Fault, most: int
) -> None:
    """Nothing leaves after one that was not carried out; of those without an answer, three in a row
    are an outage."""
    rig.world.fault("POST /crm/account", kind, 1_000)
    transport = watched(rig)
    transport.held.set()
    rig.later()
    assert transport.creates <= most
    rig.world.faults.planned.clear()
    rig.later()
    is_complete(rig)
