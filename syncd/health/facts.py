"""Collects from the store what a look at a pair's health needs: a few indexed queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from syncd.clock import Clock
from syncd.domain import FROM_CRM, Kind
from syncd.health.cadence import WEEKS, Cadence, hour_of, learn
from syncd.health.calendar import DAY, Calendar
from syncd.health.freshness import ALL, Facts, Learned, Pause, Stream, alone
from syncd.quiet import QUIET
from syncd.store import ownership, problems, runs, streams

BY_PERSON = "paused by "
"""How the reason of a pause begins that was not asked for by the system."""
DOUBTED = ("implausible", "restored")


def collect(
    tx: sa.Connection,
    state: streams.PairState,
    kinds: Collection[Kind],
    every: dt.timedelta,
    after: int | None,
    clock: Clock,
) -> tuple[Facts, int]:
    """Facts, and the last run they cover; `after` is that of the look before."""
    now, pair = clock.utc(), state.name
    ids = streams.stream_ids(tx, pair)
    last, cycle = runs.last(tx, pair), runs.last(tx, pair, "run")
    newest = last.id if last else 0
    if last and last.ended is None:
        newest -= 1  # it is looked at when it has ended
    news: dict[int, set[str]] = defaultdict(set)
    names = {one: kind.value for kind, one in ids.items()}
    for run, _, stream, _ in runs.news(tx, pair, newest if after is None else after):
        if run <= newest:
            news[run].add(names[stream])
    facts = Facts(
        pair,
        state.books,
        state.crm,
        every,
        [_stream(tx, state, kind, ids[kind]) for kind in kinds if kind in ids],
        began=last.began if last else None,
        ended=last.ended if last else None,
        at_work=last is not None and last.ended is None and ownership.held(tx, clock, pair),
        cycle=cycle.began if cycle else None,
        cycle_ended=cycle.ended if cycle else None,
        pauses=_pauses(tx, state, now),
        unavailable=_named(tx, pair, "connection"),
        doubted=frozenset().union(*(_named(tx, pair, word) for word in DOUBTED)),
        news=[frozenset(news[run]) for run in sorted(news)],
        boot=clock.boot(),
        boot_id=clock.boot_id(),
    )
    return facts, newest


def _stream(tx: sa.Connection, state: streams.PairState, kind: Kind, one: int) -> Stream:
    cursor = streams.read_cursor(tx, one)
    where = state.crm if kind in FROM_CRM else state.books
    return Stream(
        kind.value,
        where,
        cursor.complete_at,
        cursor.news_at,
        cursor.source_time,
        cursor.missed_since,
    )


def _pauses(tx: sa.Connection, state: streams.PairState, now: dt.datetime) -> dict[str, Pause]:
    found = {}
    if state.paused_until and state.paused_until > now:
        found[state.name] = Pause(state.paused_until, by_person=True)
    for name in (state.books, state.crm):
        known = streams.connection_state(tx, name)
        if known and known.paused_until and known.paused_until > now:
            reason = known.reason or ""
            by_person = reason.startswith(BY_PERSON) or QUIET in reason
            found[name] = Pause(known.paused_until, by_person)
    return found


def _named(tx: sa.Connection, pair: str, word: str) -> frozenset[str]:
    """What the open problems of a sort concern."""
    return frozenset(cause.split()[1] for cause in problems.causes(tx, pair, word))


def learned(tx: sa.Connection, pair: str, calendar: Calendar, now: dt.datetime) -> Learned:
    """From the runs of the last weeks."""
    zone = calendar.zone or ZoneInfo("UTC")
    today = now.astimezone(zone).date()
    since = now - (7 * WEEKS + 2) * DAY
    first = runs.first_since(tx, pair, since)
    if first is None:
        return Learned(zone.key)
    hours = runs.hours(tx, pair, since)
    names = {one: kind for kind, one in streams.stream_ids(tx, pair).items()}
    by_kind: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    by_run: dict[int, set[str]] = defaultdict(set)
    for run, began, stream, count in runs.news(tx, pair, first - 1):
        kind = names[stream]
        by_run[run].add(kind.value)
        by_kind[kind.value][hour_of(began)] += count
        if kind not in FROM_CRM:
            by_kind[ALL][hour_of(began)] += count
    cadences: dict[str, Cadence] = {}
    for name, news in by_kind.items():
        if cadence := learn(news, hours, zone, calendar, today):
            cadences[name] = cadence
    known = bool(cadences)
    most = _most_alone([frozenset(by_run[run]) for run in sorted(by_run)])
    return Learned(zone.key, cadences, *most) if known else Learned(zone.key)


def _most_alone(news: list[frozenset[str]]) -> tuple[int, int]:
    most = now = (0, 0)
    for kinds in news:
        now = alone([kinds], now)
        most = (max(most[0], now[0]), max(most[1], now[1]))
    return most
