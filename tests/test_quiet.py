"""Quiet hours: whose clock, over midnight, on the days on which the clocks change."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.quiet import parse
from tests.cli.conftest import in_utc
from tests.cli.desk import Desk

__all__ = ["in_utc"]
MOMENTS = st.datetimes(
    dt.datetime.fromisoformat("2026-01-01"),
    dt.datetime.fromisoformat("2027-01-01"),
    timezones=st.just(dt.UTC),
)
TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0, fold=0))
ZONES = st.sampled_from(["Europe/Vienna", "America/New_York", "Asia/Tokyo", "UTC"])


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("written", "now", "ends"),
    [
        ("22:00-02:00 Europe/Moscow", "2026-11-18 18:59", None),
        ("22:00-02:00 Europe/Moscow", "2026-11-18 19:00", "2026-11-18 23:00"),
        ("22:00-02:00 Europe/Moscow", "2026-11-18 22:59", "2026-11-18 23:00"),
        ("22:00-02:00 Europe/Moscow", "2026-11-18 23:00", None),
        ("1:30-4:00 Asia/Tokyo", "2026-11-18 17:00", "2026-11-18 19:00"),
        # The hour that does not exist, and the one that is there twice.
        ("02:30-04:00 Europe/Vienna", "2026-03-29 01:45", "2026-03-29 02:00"),
        ("01:00-05:00 Europe/Vienna", "2026-10-25 03:59", "2026-10-25 04:00"),
    ],
)
def test_it_is_quiet_by_the_clocks_of_its_zone(written: str, now: str, ends: str | None) -> None:
    assert parse(written).until(utc(now)) == (utc(ends) if ends else None)


@given(MOMENTS, TIMES, TIMES, ZONES)
def test_it_always_ends_within_a_day(
    now: dt.datetime, begins: dt.time, ends: dt.time, zone: str
) -> None:
    if begins == ends:
        return
    quiet = parse(f"{begins:%H:%M}-{ends:%H:%M} {zone}")
    assert parse(str(quiet)) == quiet
    until = quiet.until(now)
    if until:
        assert now < until <= now + dt.timedelta(hours=25)
        assert quiet.until(until) is None


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("nights", "nights: expected hours and a zone, as 22:00-02:00 Europe/Moscow"),
        ("22:00-26:00 UTC", "there is no such time of day"),
        ("22:00-02:00 Europe/Moskva", "unknown zone Europe/Moskva"),
        ("22:00-22:00 UTC", "that is the whole day"),
    ],
)
def test_what_is_no_such_thing_is_told(written: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse(written)


def test_nobody_knocks_while_it_is_quiet_and_nothing_is_a_problem(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        customer = desk.world.books.add_customer("ООО «Пример»")
        desk.configure(books={"quiet": "13:00-14:00 UTC"})
        desk.live()
        desk.world.books.post_invoice(customer, "120.00")
        desk.clock.advance(3600)
        desk.world.requests.clear()
        said = desk.syncd("run")
        assert said.code == 0 and "quiet hours 13:00-14:00 UTC" in said.text
        assert not [path for _, path in desk.world.requests if path.startswith("/books")]
        assert desk.syncd("problems").code == 0
        assert "quiet hours" in desk.syncd("status").out
        refused = desk.syncd("plan")
        assert refused.code == 75 and "quiet hours" in refused.err
        desk.clock.advance(3600)
        desk.syncd("run")
        assert [one.fields["amount"] for one in desk.world.crm.objects["invoice"].values()]


def test_a_read_that_is_still_going_ends_when_it_gets_quiet(tmp_path: Path) -> None:
    """What was read before stands, the rest comes afterwards."""
    with Desk(tmp_path) as desk:
        for number in range(5):
            desk.world.books.add_customer(f"Customer {number}")
        desk.configure(books={"quiet": "12:00-13:00 UTC", "page": "1"})
        desk.clock.advance(-10)
        desk.world.fault("GET /books/invoices*", "rate_limit", seconds=15)
        said = desk.syncd("run")
        assert said.code == 0 and "quiet hours" in said.text
        desk.clock.advance(3600)
        assert desk.syncd("run").code == 0
        assert desk.syncd("problems").code == 0
