"""No false alarm over weeks of ordinary days; each silence is noticed once it is no accident."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from syncd.health import cadence
from syncd.health.cadence import cell_of, hour_of, implausible, learn
from syncd.health.calendar import DAY, Calendar, Span
from syncd.health.freshness import Facts, Jump, Learned, Memory, Pause, Stream, alone, judge
from tests.health.arrivals import Company, Watch

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = dt.datetime(2026, 11, 18, 12, 0, tzinfo=dt.UTC)
EVERY = dt.timedelta(minutes=5)
ZONES = st.sampled_from(["Europe/Moscow", "Asia/Tokyo", "Europe/Berlin", "America/New_York"])


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a smaller seed says no more than another
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.integers(0, 10_000), st.sampled_from([(1, 1), (1, 5), (2, 4), (5, 9), (30, 60)]), ZONES)
def test_seven_ordinary_weeks_are_quiet(seed: int, a_day: tuple[int, int], zone: str) -> None:
    """Nights, weekends nobody configured, a holiday of the calendar, the end of summer time."""
    calendar = Calendar(spans=(Span(dt.date(2026, 10, 5), dt.date(2026, 10, 9)),))
    watch = Watch(Company(seed, a_day, ZoneInfo(zone), calendar, dt.date(2026, 9, 13)))
    assert [(now, found) for now, found in watch.days(7 * 7) if found] == []
    assert watch.learned and watch.learned.cadences, "it had learned what is usual"


@pytest.mark.parametrize(
    ("a_day", "hours"),
    [((30, 60), 10), ((6, 10), 24), ((2, 4), 3 * 24)],
    ids=["busy", "middling", "three a day"],
)
def test_a_tuesday_on_which_nothing_comes_is_noticed(a_day: tuple[int, int], hours: int) -> None:
    """And once something comes again it is over."""
    watch = Watch(Company(7, a_day, MOSCOW))
    assert not [found for _, found in watch.days(5 * 7 + 1) if found]
    tuesday = dt.datetime(2026, 10, 13, tzinfo=MOSCOW)
    looks = list(watch.days(4, silent_from=tuesday))
    first, alarms = next((now, found) for now, found in looks if found)
    assert first - tuesday <= dt.timedelta(hours=hours + 9)
    [alarm] = alarms
    assert alarm.cause == "silence books" and alarm.owner == "sysadmin"
    assert "nothing new has come from it since Mon 12 Oct 1" in alarm.text
    after = [found for _, found in watch.days(3)]
    assert after[-1] == [], "Monday"


def test_a_holiday_is_quiet_where_the_calendar_says_so_and_no_longer() -> None:
    first, last = dt.date(2026, 12, 31), dt.date(2027, 1, 10)
    closed = frozenset(first + n * DAY for n in range((last - first).days + 1))
    quiet = Calendar(MOSCOW, "RU", (Span(first, last),), frozenset({5, 6}))
    for calendar, expected in ((quiet, False), (Calendar(), True)):
        company = Company(3, (8, 12), MOSCOW, calendar, dt.date(2026, 11, 16), closed)
        watch = Watch(company)
        alarmed = [now for now, found in watch.days(58) if found]
        assert bool(alarmed) is expected


def test_what_is_new_has_to_be_known_for_two_weeks() -> None:
    company = Company(1, (10, 20), MOSCOW)
    watch = Watch(company)
    silent = dt.datetime(2026, 9, 16, tzinfo=MOSCOW)
    assert [found for _, found in watch.days(13, silent_from=silent) if found] == []


def test_one_bank_file_of_800_teaches_no_more_than_one_payment() -> None:
    few, many = ({n: 1 for n in range(24 * 30) if n % 24 == 10}, {})
    many = {n: 800 for n in few}
    hours, today = range(24 * 30), dt.date(1970, 1, 31)
    one = learn(few, hours, ZoneInfo("UTC"), Calendar(), today)
    other = learn(many, hours, ZoneInfo("UTC"), Calendar(), today)
    assert one and other and (one.surprise, one.enough) == (other.surprise, other.enough)
    assert cadence.expected(other, (today, 9), (today, 12), Calendar()) == 800


def test_surprise_is_what_was_to_be_expected() -> None:
    """Where something comes by chance, silence until as much was expected as `enough` says."""
    news = {n: 1 for n in range(24 * 56) if n % 2}
    known = learn(news, range(24 * 56), ZoneInfo("UTC"), Calendar(), dt.date(1970, 2, 26))
    assert known is not None
    start = hour_of(dt.datetime(1970, 2, 26, 0, tzinfo=dt.UTC))
    told = [
        h
        for h in range(40)
        if implausible(
            known, cell_of(start, ZoneInfo("UTC")), cell_of(start + h, ZoneInfo("UTC")), Calendar()
        )
    ]
    assert told and told[0] == 4, "two hours that never were empty: 2.2 nats each, above three"


# -- what needs nothing to be learned ------------------------------------------------------------


def facts(now: dt.datetime, **rest: object) -> Facts:
    """All is well: a run just ended."""
    stream = Stream("invoice", "books", now, now, now)
    found = Facts(
        "main", "books", "crm", EVERY, [stream], began=now, ended=now, cycle=now, cycle_ended=now,
        boot=now.timestamp(), boot_id="one",
    )  # fmt: skip
    return replace(found, **rest)  # type: ignore[arg-type]


def causes(memory: Memory | None, one: Facts, now: dt.datetime) -> tuple[list[str], Memory]:
    alarms, after = judge(one, memory, None, Calendar(), now)
    for alarm in alarms:
        assert "Closes itself" in alarm.text, "each says what ends it"
    return [alarm.cause for alarm in alarms], after


def test_a_schedule_that_stopped_is_told_after_two_intervals_and_not_after_a_sleep() -> None:
    _, memory = causes(None, facts(NOON), NOON)
    told = []
    for minute in range(1, 16):
        now = NOON + minute * dt.timedelta(minutes=1)
        last = facts(NOON, boot=now.timestamp())
        found, memory = causes(memory, last, now)
        told += [minute] if found == ["schedule main"] else []
    assert told == list(range(10, 16))
    at_work = facts(NOON, boot=now.timestamp(), ended=None, at_work=True)
    assert causes(memory, at_work, now)[0] == []
    _, memory = causes(None, facts(NOON), NOON)
    woken = NOON + dt.timedelta(hours=8)
    assert causes(memory, facts(NOON, boot=woken.timestamp()), woken)[0] == []


def test_a_clock_that_jumps_is_told_until_a_system_confirms_it() -> None:
    _, memory = causes(None, facts(NOON), NOON)
    later = NOON + dt.timedelta(hours=3, minutes=1)
    boot = NOON.timestamp() + 60
    skewed = Stream("invoice", "books", later, later, NOON + dt.timedelta(minutes=1))
    found, memory = causes(memory, facts(later, boot=boot, streams=[skewed]), later)
    assert found == ["clock machine"] and memory.jump == Jump(later, 10800)
    five, boot = later + EVERY, boot + 300
    still = replace(skewed, complete_at=five, source_time=NOON + dt.timedelta(minutes=6))
    found, after = causes(memory, facts(five, boot=boot, streams=[still]), five)
    assert found == ["clock machine"]
    agrees = replace(skewed, complete_at=five, source_time=five)
    assert causes(memory, facts(five, boot=boot, streams=[agrees]), five)[0] == []
    back = NOON + dt.timedelta(minutes=7)
    ticks = replace(skewed, complete_at=back, source_time=back)
    found, _ = causes(after, facts(back, boot=boot + 60, streams=[ticks]), back)
    assert found == []


@pytest.mark.parametrize("hours", [5, -5])
def test_what_was_read_before_a_jump_confirms_nothing(hours: int) -> None:
    _, memory = causes(None, facts(NOON), NOON)
    read = Stream("invoice", "books", NOON, NOON, NOON)
    for minute in (1, 2, 3):
        now = NOON + dt.timedelta(hours=hours, minutes=minute)
        one = facts(now, boot=NOON.timestamp() + minute * 60, streams=[read])
        found, memory = causes(memory, replace(one, cycle=None), now)
        assert found == ["clock machine"]


def test_another_start_of_the_machine_and_a_suspend_are_no_jump() -> None:
    _, memory = causes(None, facts(NOON), NOON)
    later = NOON + dt.timedelta(hours=9)
    assert causes(memory, facts(later, boot=5.0, boot_id="two"), later)[0] == []
    assert causes(memory, facts(later), later)[0] == []
    before = NOON - dt.timedelta(hours=9)
    assert causes(memory, facts(before, boot=5.0, boot_id="two"), before)[0] == ["clock machine"]


@pytest.mark.parametrize("by", [dt.timedelta(hours=3), dt.timedelta(hours=-3)])
def test_books_whose_clock_is_hours_off_are_told(by: dt.timedelta) -> None:
    off = Stream("invoice", "books", NOON, NOON, NOON + by)
    assert causes(None, facts(NOON, streams=[off]), NOON)[0] == ["clock books"]
    near = replace(off, source_time=NOON + by / 18)
    assert causes(None, facts(NOON, streams=[near]), NOON)[0] == []


def test_answers_that_always_tell_the_same_time_are_told_at_the_second_read() -> None:
    _, memory = causes(None, facts(NOON), NOON)
    later = NOON + EVERY
    same = Stream("invoice", "books", later, NOON, NOON)
    found, memory = causes(memory, facts(later, streams=[same]), later)
    assert found == ["frozen books"]
    again = later + EVERY
    ticking = replace(same, complete_at=again, source_time=again)
    assert causes(memory, facts(again, streams=[ticking]), again)[0] == []


def test_a_pause_is_forgotten_after_a_day_unless_its_end_is_near() -> None:
    endless = {"main": Pause(dt.datetime(9999, 1, 1, tzinfo=dt.UTC), True)}
    ends = {"main": Pause(NOON + 3 * DAY, True)}
    limited = {"crm": Pause(NOON + 30 * DAY, False)}
    for pauses, expected in ((endless, ["paused main"]), (ends, []), (limited, [])):
        _, memory = causes(None, facts(NOON, pauses=pauses), NOON)
        later = NOON + DAY
        assert causes(memory, facts(later, pauses=pauses), later)[0] == expected


def test_runs_that_end_and_read_nothing_completely_are_told() -> None:
    old = Stream("payment", "books", NOON - dt.timedelta(minutes=20), NOON, None)
    assert causes(None, facts(NOON, streams=[old]), NOON)[0] == ["stale books"]
    for known in (
        {"unavailable": frozenset({"books"})},
        {"pauses": {"books": Pause(NOON + DAY, False)}},
    ):
        assert causes(None, facts(NOON, streams=[old], **known), NOON)[0] == []


def test_reads_of_what_changed_that_leave_something_out_are_told_the_second_time() -> None:
    once = Stream("invoice", "books", NOON, NOON, NOON, missed_since=NOON)
    _, memory = causes(None, facts(NOON, streams=[once]), NOON)
    later = NOON + EVERY
    twice = replace(once, complete_at=later, source_time=later)
    assert causes(memory, facts(later, streams=[twice]), later)[0] == ["hidden books invoice"]


def test_balances_and_documents_move_together() -> None:
    both, ledger, documents = frozenset({"balance", "payment"}), {"balance"}, {"invoice"}
    assert alone([both, frozenset(ledger), frozenset(ledger)]) == (2, 0)
    assert alone([frozenset(documents), frozenset(ledger), frozenset(documents)]) == (0, 1)
    assert alone([frozenset({"customer"}), frozenset({"order"})], (1, 0)) == (1, 0)
    known = Learned("UTC")
    streams = [Stream(kind, "books", NOON, NOON, NOON) for kind in ("invoice", "balance")]
    moved = facts(NOON, news=[frozenset(ledger)] * 3, streams=streams)
    assert [a.cause for a in judge(moved, None, known, Calendar(), NOON)[0]] == [
        "unexplained books documents"
    ]
    usual = msgspec.structs.replace(known, ledger=2)
    assert judge(moved, None, usual, Calendar(), NOON)[0] == []
    edits = facts(NOON, news=[frozenset(documents)] * 10, streams=streams)
    without = replace(edits, streams=streams[:1])
    assert judge(without, None, known, Calendar(), NOON)[0] == [], "there are no balances to stand"
    assert [a.cause for a in judge(edits, None, known, Calendar(), NOON)[0]] == [
        "unexplained books balances"
    ]
