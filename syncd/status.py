"""The state of a pair at a glance: how fresh, how proven, and what waits for whom.

Imports no more than it shows: `syncd status` answers at once.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from syncd.domain.kinds import DERIVED_KINDS, FROM_CRM, LEDGER, Kind
from syncd.domain.values import Money
from syncd.errors import UsageError
from syncd.health.calendar import Calendar
from syncd.health.timing import EVERY, INTERVALS
from syncd.health.today import Today, today
from syncd.store import glance
from syncd.store.glance import Read
from syncd.store.rows import PILOT, ConnectionState, PageCount, PairState, Problem, Run, Tally
from syncd.sync import pilot
from syncd.sync.lacking import Doubts, lacking

DAY = dt.timedelta(hours=24)


class Heading(msgspec.Struct, frozen=True):
    """What every screen says first. `scope` is that of a pilot; `paused` the moment it ends."""

    name: str
    books: str
    crm: str
    mode: str
    since: dt.datetime
    scope: str | None
    paused_until: dt.datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """`known`: there are records. `fresh` is when a complete read last succeeded, of balances that
    are `added_up` that of the documents; the counts are of the last run."""

    kind: Kind
    known: bool
    fresh: dt.datetime | None
    swept: dt.datetime | None
    page: PageCount
    tally: Tally
    added_up: bool = False


class ProofStatus(msgspec.Struct, frozen=True):
    """The newest comparison of each card: `sums` are the ledgers of those that agree."""

    at: dt.datetime
    cards: int
    agreed: int
    sums: Sequence[Money]


class Budget(msgspec.Struct, frozen=True):
    """Calls to a connection in 24 hours, or credits, of those that it allows."""

    connection: str
    used: int
    budget: int


class Setting(msgspec.Struct, frozen=True):
    """What the configuration says of a pair, and the store does not know. `every` are seconds;
    `budgets` calls in 24 hours, by connection; `added_up`: balances are, out of documents."""

    calendar: Calendar = msgspec.field(default_factory=Calendar)
    every: float = EVERY
    budgets: Mapping[str, int] = msgspec.field(default_factory=dict)
    added_up: bool = False


class Status(msgspec.Struct, frozen=True):
    """`owed` are parts that wait for `owed_to` other records; `requests` those not done yet;
    `overdue` tells that runs should have begun since the last one; `doubts` what figures lack."""

    pair: PairState
    heading: Heading
    last: Run | None
    fresh: dt.datetime | None
    streams: Sequence[StreamStatus]
    connections: Sequence[ConnectionState]
    problems: Sequence[Problem]
    in_doubt: int
    proof: ProofStatus | None
    owed: int
    owed_to: int
    waived: int
    requests: int
    today: Today | None = None
    budgets: Sequence[Budget] = ()
    overdue: bool = False
    doubts: Doubts | None = None


class Overview(msgspec.Struct, frozen=True):
    """Of several pairs; `unmet` never ran."""

    found: Sequence[Status]
    unmet: Sequence[str] = ()


def overview(read: Read, settings: Mapping[str, Setting], now: dt.datetime) -> Overview:
    """Of these pairs. UsageError where it is one, and never ran."""
    met = [
        name for name in settings if len(settings) == 1 or glance.pair_state(read, name) is not None
    ]
    return Overview(
        [status(read, name, now, settings[name]) for name in met],
        [name for name in settings if name not in met],
    )


def heading(read: Read, pair: str, now: dt.datetime) -> Heading | None:
    """None before the first run."""
    state = glance.pair_state(read, pair)
    return _heading(state, now) if state else None


def _heading(state: PairState, now: dt.datetime) -> Heading:
    paused = state.paused_until is not None and state.paused_until > now
    known = str(pilot.load(state.scope)) if state.mode == PILOT else None
    return Heading(
        state.name,
        state.books,
        state.crm,
        state.mode,
        state.since,
        known,
        state.paused_until if paused else None,
        state.reason if paused else None,
    )


def status(read: Read, pair: str, now: dt.datetime, setting: Setting | None = None) -> Status:
    """UsageError before the first run."""
    setting = setting or Setting()
    state = glance.pair_state(read, pair)
    if state is None:
        raise UsageError(f"pair {pair} has never run; next: syncd run")
    head, last = _heading(state, now), glance.last_run(read, pair)
    ids = glance.stream_ids(read, pair)
    found = _streams(read, ids, last.id if last else 0)
    if setting.added_up:
        found = [_added_up(one, found) for one in found]
    fresh = [one.fresh for one in found if one.fresh and one.kind not in FROM_CRM | DERIVED_KINDS]
    known = (glance.connection_state(read, name) for name in (state.books, state.crm))
    return Status(
        state,
        head,
        last,
        min(fresh, default=None),
        found,
        [one for one in known if one],
        glance.problems(read, pair),
        glance.unsettled(read, pair),
        _proof(read, pair),
        *glance.owed(read, ids.values()),
        glance.waived(read, ids.values()),
        glance.asked(read, pair),
        today(read, pair, setting.calendar, now),
        [
            Budget(name, glance.credits(read, name, now - DAY), setting.budgets[name])
            for name in (state.books, state.crm)
            if name in setting.budgets
        ],
        _overdue(head, last, setting.every, now),
        lacking(read, ids) if setting.added_up else None,
    )


def _overdue(head: Heading, last: Run | None, every: float, now: dt.datetime) -> bool:
    """Nobody may be there to tell it as a problem: the timer is off, or the daemon is."""
    if last is None or last.ended is None or head.paused_until:
        return False
    return now - last.ended >= INTERVALS * dt.timedelta(seconds=every)


def _streams(read: Read, ids: Mapping[Kind, int], run: int) -> list[StreamStatus]:
    at = glance.read_at(read, ids.values())
    pages, tallies = glance.pages(read, run), glance.tallies(read, run)
    return [
        StreamStatus(
            kind,
            glance.known(read, stream),
            *at[stream],
            pages.get(stream, PageCount()),
            tallies.get(stream, Tally()),
        )
        for kind, stream in ids.items()
    ]


def _added_up(one: StreamStatus, found: Sequence[StreamStatus]) -> StreamStatus:
    """Balances are as fresh as the oldest of what they are made of."""
    if one.kind is not Kind.BALANCE:
        return one
    made_of = [each for each in found if each.kind in LEDGER and each.fresh]
    fresh = min((each.fresh for each in made_of if each.fresh), default=None)
    return replace(one, fresh=fresh if one.known else None, added_up=True)


def _proof(read: Read, pair: str) -> ProofStatus | None:
    rows = glance.proofs(read, pair)
    if not rows:
        return None
    sums: Counter[str] = Counter()
    for _, agreed, ledger in rows:
        if agreed:
            sums.update(ledger)
    moneys = [Money(sums[code], code) for code in sorted(sums)]
    count = sum(agreed for _, agreed, _ in rows)
    return ProofStatus(max(at for at, *_ in rows), len(rows), count, moneys)
