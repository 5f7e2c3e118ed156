"""What the operator asks the store: how fresh, what waits, and the story of one record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from syncd.domain import PERSONAL, Kind
from syncd.errors import UsageError
from syncd.image import decode
from syncd.store import intents, mirror, parts, problems, runs, streams
from syncd.store.runs import PageCount, Run, Tally
from syncd.store.streams import ConnectionState, PairState
from syncd.store.tables import change, person_change


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """`fresh` is when a complete read last succeeded; the counts are of the last run."""

    kind: Kind
    fresh: dt.datetime | None
    swept: dt.datetime | None
    page: PageCount
    tally: Tally


@dataclass(frozen=True, slots=True)
class Status:
    pair: PairState
    last: Run | None
    streams: Sequence[StreamStatus]
    connections: Sequence[ConnectionState]
    problems: Sequence[problems.Problem]
    in_doubt: int


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


def status(tx: sa.Connection, pair: str) -> Status:
    state = streams.pair_state(tx, pair)
    if state is None:
        raise UsageError(f"pair {pair} has never run; next: syncd run")
    last = next(iter(runs.recent(tx, pair, 1)), None)
    found = []
    for kind, stream in streams.stream_ids(tx, pair).items():
        cursor = streams.read_cursor(tx, stream)
        one = last.id if last else 0
        page = runs.page_totals(tx, one, stream)
        tally = runs.read_tally(tx, one, stream)
        found.append(StreamStatus(kind, cursor.complete_at, cursor.swept_at, page, tally))
    names = (state.books, state.crm)
    known = (streams.connection_state(tx, name) for name in names)
    connections = [connection for connection in known if connection]
    listed = problems.listed(tx, pair)
    return Status(state, last, found, connections, listed, len(intents.unsettled(tx, pair)))


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
