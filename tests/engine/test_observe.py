"""What one observation makes of a record, whatever order the answers come in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.domain import Kind
from syncd.port import Record
from syncd.store import runs, streams
from syncd.store.runs import PageCount
from syncd.sync.observe import Reading, observe
from syncd.sync.pair import Scene
from tests.clocks import NOON
from tests.engine.rig import Rig

BEFORE = NOON - dt.timedelta(hours=1)


def customer(name: str, stamp: dt.datetime | None) -> Record:
    data = {"id": "7", "name": name, "code": "K7", "in_scope": True, "currency": "EUR"}
    return Record("7", data, stamp)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    rig.run(write=False)
    yield rig
    rig.pair.store.close()


def seen(rig: Rig, record: Record, *, asked: int = 100, stamped: bool = True) -> PageCount:
    inbound = rig.pair.reading.inbound[Kind.CUSTOMER]
    reading = Reading(Kind.CUSTOMER, inbound, asked, NOON, "test", stamped)
    with rig.pair.store.transaction() as tx:
        last = runs.recent(tx, "main", 1)[0].id
        return observe(Scene(tx, rig.pair, streams.stream_ids(tx, "main"), last), reading, [record])


def test_the_same_observation_twice_adds_nothing(rig: Rig) -> None:
    assert seen(rig, customer("株式会社サンプル", NOON)).new == 1
    assert seen(rig, customer("株式会社サンプル", NOON)).unchanged == 1


def test_what_is_saved_again_without_a_change_is_no_version(rig: Rig) -> None:
    seen(rig, customer("Acme", BEFORE))
    assert seen(rig, customer("Acme ", NOON)).unchanged == 1, "the blank is trimmed"


def test_a_strictly_older_observation_is_dropped(rig: Rig) -> None:
    seen(rig, customer("Neu", NOON))
    assert seen(rig, customer("Alt", BEFORE)).unchanged == 1


def test_where_a_child_has_no_stamp_the_order_of_asking_counts(rig: Rig) -> None:
    seen(rig, customer("Neu", NOON))
    assert seen(rig, customer("Kind geändert", BEFORE), stamped=False).new == 1


def test_a_page_that_was_asked_for_earlier_overrides_nothing(rig: Rig) -> None:
    seen(rig, customer("Neu", NOON), asked=100)
    assert seen(rig, customer("Aus dem vollen Lauf", NOON), asked=99).unchanged == 1


def test_one_page_with_a_record_twice_counts_both(rig: Rig) -> None:
    one = customer("Acme", NOON)
    with rig.pair.store.transaction() as tx:
        last = runs.recent(tx, "main", 1)[0].id
        scene = Scene(tx, rig.pair, streams.stream_ids(tx, "main"), last)
        inbound = rig.pair.reading.inbound[Kind.CUSTOMER]
        count = observe(scene, Reading(Kind.CUSTOMER, inbound, 1, NOON, "test", True), [one, one])
    assert (count.read, count.new, count.unchanged) == (2, 1, 1)
