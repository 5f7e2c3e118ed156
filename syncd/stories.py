"""The story of one record, and of one problem: all that waits because of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from syncd.domain import FROM_CRM, PERSONAL, Kind
from syncd.errors import UsageError
from syncd.image import decode
from syncd.store import mirror, parts, problems, streams
from syncd.store.tables import change, person_change
from syncd.sync.plan import customer_name

SHOWN = 20
"""Records that one problem names; the rest is counted."""


class Waiting(msgspec.Struct, frozen=True):
    """A record that waits because of a problem; `name` is its customer's."""

    ref: str
    name: str | None
    why: str | None
    first: dt.datetime | None
    newest: dt.datetime | None
    ver: int


class Trouble(msgspec.Struct, frozen=True):
    problem: problems.Problem
    waiting: Sequence[Waiting]
    more: int


class Version(msgspec.Struct, frozen=True):
    ver: int
    at: dt.datetime
    run: int
    cause: str
    image: object


class PartStory(msgspec.Struct, frozen=True):
    part: str
    target: str
    state: str
    remote_id: str | None
    confirmed: bool
    error: str | None
    waits_for: str | None


class Story(msgspec.Struct, frozen=True):
    """One record: its versions, newest first, and what it is at the CRM."""

    kind: Kind
    key: str
    state: str
    error: str | None
    versions: Sequence[Version]
    parts: Sequence[PartStory]


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
