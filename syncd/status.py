"""What people ask the store: how fresh, how proven, what waits for whom, and the story of one
record or one problem."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import sqlalchemy as sa

from syncd.domain import DERIVED_KINDS, FROM_CRM, PERSONAL, Kind, Money
from syncd.errors import UsageError
from syncd.health.calendar import Calendar
from syncd.health.freshness import INTERVALS
from syncd.health.look import EVERY
from syncd.health.today import Today, today
from syncd.image import decode
from syncd.store import (
    calls,
    intents,
    mirror,
    parts,
    problems,
    proofs,
    requests,
    runs,
    streams,
    tallies,
)
from syncd.store.runs import PageCount, Run, Tally
from syncd.store.streams import PILOT, ConnectionState, PairState
from syncd.store.tables import change, person_change, record
from syncd.sync import scope
from syncd.sync.doubts import Doubts, doubts
from syncd.sync.ledger import KINDS
from syncd.sync.plan import customer_name

SHOWN = 20
"""Records that one problem names; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Heading:
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


@dataclass(frozen=True, slots=True)
class ProofStatus:
    """The newest comparison of each card: `sums` are the ledgers of those that agree."""

    at: dt.datetime
    cards: int
    agreed: int
    sums: Sequence[Money]


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls to a connection in 24 hours, or credits, of those that it allows."""

    connection: str
    used: int
    budget: int


@dataclass(frozen=True, slots=True)
class Setting:
    """What the configuration says of a pair, and the store does not know. `every` are seconds;
    `budgets` calls in 24 hours, by connection; `added_up`: balances are, out of documents."""

    calendar: Calendar = field(default_factory=Calendar)
    every: float = EVERY
    budgets: Mapping[str, int] = field(default_factory=dict)
    added_up: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """`owed` are parts that wait for `owed_to` other records; `requests` those not done yet;
    `overdue` tells that runs should have begun since the last one; `doubts` what figures lack."""

    pair: PairState
    heading: Heading
    last: Run | None
    fresh: dt.datetime | None
    streams: Sequence[StreamStatus]
    connections: Sequence[ConnectionState]
    problems: Sequence[problems.Problem]
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


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that waits because of a problem; `name` is its customer's."""

    ref: str
    name: str | None
    why: str | None
    first: dt.datetime | None
    newest: dt.datetime | None
    ver: int


@dataclass(frozen=True, slots=True)
class Trouble:
    problem: problems.Problem
    waiting: Sequence[Waiting]
    more: int


@dataclass(frozen=True, slots=True)
class Version:
    ver: int
    at: dt.datetime
    run: int
    cause: str
    image: object


@dataclass(frozen=True, slots=True)
class PartStory:
    part: str
    target: str
    state: str
    remote_id: str | None
    confirmed: bool
    error: str | None
    waits_for: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """One record: its versions, newest first, and what it is at the CRM."""

    kind: Kind
    key: str
    state: str
    error: str | None
    versions: Sequence[Version]
    parts: Sequence[PartStory]


def heading(tx: sa.Connection, pair: str, now: dt.datetime) -> Heading | None:
    state = streams.pair_state(tx, pair)
    if state is None:
        return None
    paused = state.paused_until is not None and state.paused_until > now
    known = str(scope.load(state.scope)) if state.mode == PILOT else None
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


def status(
    tx: sa.Connection, pair: str, now: dt.datetime, setting: Setting | None = None
) -> Status:
    setting = setting or Setting()
    state, head = streams.pair_state(tx, pair), heading(tx, pair, now)
    if state is None or head is None:
        raise UsageError(f"pair {pair} has never run; next: syncd run")
    last = next(iter(runs.recent(tx, pair, 1)), None)
    ids = streams.stream_ids(tx, pair)
    found = [_stream(tx, kind, stream, last) for kind, stream in ids.items()]
    if setting.added_up:
        found = [_added_up(one, found) for one in found]
    read = [one.fresh for one in found if one.fresh and one.kind not in FROM_CRM | DERIVED_KINDS]
    known = (streams.connection_state(tx, name) for name in (state.books, state.crm))
    owed = tallies.waits(tx, list(ids.values()))
    left = Counter[str]()
    for stream in ids.values():
        left.update(tallies.count_states(tx, stream))
    return Status(
        state,
        head,
        last,
        min(read, default=None),
        found,
        [one for one in known if one],
        problems.listed(tx, pair),
        len(intents.unsettled(tx, pair)),
        _proof(tx, pair),
        *owed,
        left[parts.WAIVED],
        len(requests.waiting(tx, pair)),
        today(tx, pair, setting.calendar, now),
        [
            Budget(name, calls.last_day(tx, name, now).credits, setting.budgets[name])
            for name in (state.books, state.crm)
            if name in setting.budgets
        ],
        _overdue(head, last, setting.every, now),
        doubts(tx, ids) if setting.added_up else None,
    )


def _overdue(head: Heading, last: Run | None, every: float, now: dt.datetime) -> bool:
    """Nobody may be there to tell it as a problem: the timer is off, or the daemon is."""
    if last is None or last.ended is None or head.paused_until:
        return False
    return now - last.ended >= INTERVALS * dt.timedelta(seconds=every)


def _stream(tx: sa.Connection, kind: Kind, stream: int, last: Run | None) -> StreamStatus:
    cursor = streams.read_cursor(tx, stream)
    one = last.id if last else 0
    page, tally = runs.page_totals(tx, one, stream), runs.read_tally(tx, one, stream)
    known = bool(tx.scalar(sa.select(sa.literal(1)).where(record.c.stream == stream).limit(1)))
    return StreamStatus(kind, known, cursor.complete_at, cursor.swept_at, page, tally)


def _added_up(one: StreamStatus, found: Sequence[StreamStatus]) -> StreamStatus:
    """Balances are as fresh as the oldest of what they are made of."""
    if one.kind is not Kind.BALANCE:
        return one
    made_of = [each for each in found if each.kind in KINDS and each.fresh]
    fresh = min((each.fresh for each in made_of if each.fresh), default=None)
    return replace(one, fresh=fresh if one.known else None, added_up=True)


def _proof(tx: sa.Connection, pair: str) -> ProofStatus | None:
    rows = proofs.every(tx, pair)
    if not rows:
        return None
    sums: Counter[str] = Counter()
    for row in rows:
        if row.agreed:
            ledger: Mapping[str, int] = msgspec.json.decode(row.figures)["ledger"]
            sums.update(ledger)
    agreed = sum(row.agreed for row in rows)
    moneys = [Money(sums[code], code) for code in sorted(sums)]
    return ProofStatus(max(row.at for row in rows), len(rows), agreed, moneys)


def trouble(tx: sa.Connection, pair: str, number: int) -> Trouble:
    """Names are joined here, for a person's eyes; a problem itself holds keys alone."""
    found = problems.find(tx, pair, number)
    if found is None:
        raise UsageError(f"there is no problem {number}; see: syncd problems")
    every = problems.subjects(tx, number)
    ids = streams.stream_ids(tx, pair)
    waiting = [_waiting(tx, pair, ids, Kind(kind), key, number) for kind, key in every[:SHOWN]]
    return Trouble(found, waiting, max(0, len(every) - SHOWN))


def _waiting(
    tx: sa.Connection, pair: str, ids: Mapping[Kind, int], kind: Kind, key: str, problem: int
) -> Waiting:
    known = mirror.known(tx, ids[kind], [key])[key]
    customer = key if kind is Kind.CUSTOMER else known.customer
    named = customer is not None and kind not in FROM_CRM
    name = customer_name(tx, pair, customer) if named and customer else None
    mine = parts.of_records(tx, [known.id]).get(known.id, {})
    errors = [parts.error_of(tx, one.id) for one in mine.values() if one.problem == problem]
    why = mirror.error_of(tx, known.id) if known.problem == problem else None
    table = person_change if kind in PERSONAL else change
    query = sa.select(sa.func.min(table.c.at), sa.func.max(table.c.at))
    first, newest = tx.execute(query.where(table.c.record == known.id)).one()
    reason = why or next((one for one in errors if one), None)
    return Waiting(f"{kind}:{key}", name, reason, first, newest, known.ver)


def story(tx: sa.Connection, pair: str, kind: Kind, key: str) -> Story:
    stream = streams.stream_ids(tx, pair).get(kind)
    known = mirror.known(tx, stream, [key]).get(key) if stream else None
    if known is None:
        raise UsageError(f"{kind}:{key} has never been seen in the books")
    table = person_change if kind in PERSONAL else change
    query = sa.select(table).where(table.c.record == known.id).order_by(table.c.ver.desc())
    versions = [
        Version(row.ver, row.at, row.run, row.cause, decode(kind, row.image))
        for row in tx.execute(query)
    ]
    return Story(kind, key, known.state, mirror.error_of(tx, known.id), versions, _parts(tx, known))


def _parts(tx: sa.Connection, known: mirror.Known) -> list[PartStory]:
    return [
        PartStory(
            row["key"],
            row["target"],
            row["state"],
            row["remote_id"],
            row["confirmed"],
            row["error"],
            row["waits_for"],
        )
        for row in parts.rows_of(tx, known.id)
    ]
