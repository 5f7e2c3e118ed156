"""What a choice is said to mean: in requests, in minutes, in hours of a clock."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from connectors.zoho_crm import ZohoCrm
from syncd.cli.questions import named_system
from syncd.domain import Kind
from syncd.errors import UsageError
from syncd.guide import Discovery
from syncd.mapping import load_crm
from syncd.setup.choices import Way, days, histories
from syncd.setup.winning import some_of, ways
from syncd.setup.zones import fits, likely
from tests.engine.rig import MAPPINGS

NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
MOSCOW = ["Europe/Moscow", "UTC"]


def test_a_batch_is_one_request_and_what_an_hour_allows_is_the_longest() -> None:
    facts = ZohoCrm({}).facts
    mapping = load_crm(MAPPINGS / "zoho_crm.yaml", facts)
    documents = {Kind.ORDER: (5000, 90, 101), Kind.ADJUSTMENT: (7, 7, 7)}
    told = Discovery("Acme", customers=1290, documents=documents)
    way = Way(facts.targets, 0.5, None)
    rows = histories(told, days(NOON.date()), mapping, way)
    assert [one.calls for one in rows] == [13 + 13 + 1, 13 + 13 + 2, 13 + 13 + 50]
    assert [one.minutes for one in rows] == [2, 2, 4]
    assert [one.documents for one in rows] == [97, 108, 5007], "what the CRM does not show is read"
    limited = dataclasses.replace(way, hourly=60)
    assert [one.minutes for one in histories(told, (), mapping, limited)] == [76]


@pytest.mark.parametrize(
    ("newest", "zone"),
    [
        ("2026-11-18T14:58:00", "Europe/Moscow"),
        ("2026-11-18T16:59:00", "Asia/Yekaterinburg"),
        ("2026-11-18T16:06:00", "Asia/Yekaterinburg"),
        ("2026-11-18T02:00:00", "Europe/Moscow"),  # nothing was typed today
        ("2026-11-19T01:59:00", "Europe/Moscow"),  # of tomorrow, everywhere
    ],
)
def test_the_newest_order_tells_how_far_east_its_clock_is(newest: str, zone: str) -> None:
    assert likely(MOSCOW, dt.datetime.fromisoformat(newest), NOON) == zone


def test_clocks_may_differ_a_little_and_no_order_tells_nothing() -> None:
    assert fits(dt.datetime.fromisoformat("2026-11-18T15:04:00"), "Europe/Moscow", NOON)
    assert not fits(dt.datetime.fromisoformat("2026-11-18T15:06:00"), "Europe/Moscow", NOON)
    assert likely(MOSCOW, None, NOON) == "Europe/Moscow"


@pytest.mark.parametrize(
    ("typed", "system"), [("1C", "onec"), ("1С", "onec"), ("2", "onec"), ("OneC", "onec")]
)
def test_a_system_goes_by_the_name_that_people_have_for_it(typed: str, system: str) -> None:
    take = named_system(["tryton", "onec", "memory_books"], ["tryton", "onec"])
    assert take(typed) == system
    with pytest.raises(UsageError, match=r"expected one of tryton, onec$"):
        take("zoho")


def test_a_way_to_win_that_is_not_there_is_told_once() -> None:
    with pytest.raises(UsageError) as refused:
        some_of(ways("zoho_crm", Discovery("Acme", converted=0)), "x")
    assert str(refused.value) == "'x': expected some of deals, leads"
