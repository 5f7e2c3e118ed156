"""Runs, the pages they read and the sums that must close."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from syncd.store import parts
from syncd.store.tables import page, run, tally

OK, PROBLEMS, FAILED_RUN, STOPPED = "ok", "new problems", "failed", "stopped"


@dataclass(frozen=True, slots=True)
class PageCount:
    """read = new + unchanged + filtered + unmappable."""

    read: int = 0
    new: int = 0
    unchanged: int = 0
    filtered: int = 0
    unmappable: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """due at start + became due = applied + found equal + collapsed + owed + held + deferred +
    failed, in parts."""

    due_at_start: int
    became_due: int
    applied: int
    found_equal: int
    collapsed: int
    owed: int
    held: int
    deferred: int
    failed: int

    @property
    def closes(self) -> bool:
        settled = self.applied + self.found_equal + self.collapsed
        waiting = self.owed + self.held + self.deferred + self.failed
        return self.due_at_start + self.became_due == settled + waiting

    @property
    def open(self) -> int:
        return self.owed + self.held + self.deferred + self.failed


@dataclass(frozen=True, slots=True)
class Run:
    id: int
    pair: str
    epoch: int
    command: str
    mode: str
    began: dt.datetime
    ended: dt.datetime | None
    result: str | None
    note: str | None
    reads: int | None
    writes: int | None


def begin(
    tx: sa.Connection,
    pair: str,
    epoch: int,
    command: str,
    mode: str,
    streams: Sequence[int],
    now: dt.datetime,
) -> int:
    values = {"pair": pair, "epoch": epoch, "command": command, "mode": mode, "began": now}
    result = tx.execute(sa.insert(run).values(values))
    assert result.inserted_primary_key is not None
    one = int(result.inserted_primary_key[0])
    zero = {"run": one, **dict.fromkeys(Tally.__slots__, 0)}
    due = parts.states_by_stream(tx, streams)
    rows = [zero | {"stream": one, "due_at_start": sum(due[one].values())} for one in streams]
    tx.execute(sa.insert(tally), rows)
    return one


def add_page(tx: sa.Connection, one: int, stream: int, no: int, count: PageCount) -> None:
    values = {name: getattr(count, name) for name in PageCount.__slots__}
    tx.execute(sa.insert(page).values(run=one, stream=stream, no=no, **values))


def add(
    tx: sa.Connection,
    one: int,
    stream: int,
    *,
    became_due: int = 0,
    applied: int = 0,
    found_equal: int = 0,
    collapsed: int = 0,
) -> None:
    if became_due or applied or found_equal or collapsed:
        tx.execute(
            sa.update(tally)
            .where(tally.c.run == one, tally.c.stream == stream)
            .values(
                became_due=tally.c.became_due + became_due,
                applied=tally.c.applied + applied,
                found_equal=tally.c.found_equal + found_equal,
                collapsed=tally.c.collapsed + collapsed,
            )
        )


def close_tallies(
    tx: sa.Connection, one: int, streams: Sequence[int], waits_for_person: bool
) -> dict[int, Tally]:
    """Counts what is left by its state. In modes that write nothing, and outside the scope of a
    pilot, what could be sent waits for a person."""
    rows = []
    for stream, left in parts.states_by_stream(tx, streams).items():
        ready = left.get(parts.DUE, 0)
        held = sum(left.get(state, 0) for state in (parts.HELD, parts.ASKED, parts.WAIVED))
        values = {
            "owed": left.get(parts.OWED, 0),
            "held": held + (ready if waits_for_person else 0),
            "deferred": left.get(parts.DOUBT, 0) + (0 if waits_for_person else ready),
            "failed": left.get(parts.FAILED, 0),
        }
        rows.append({"of": stream, **values})
    mine = sa.and_(tally.c.run == one, tally.c.stream == sa.bindparam("of"))
    tx.execute(sa.update(tally).where(mine), rows)
    columns = [tally.c[name] for name in Tally.__slots__]
    query = sa.select(tally.c.stream, *columns).where(tally.c.run == one)
    return {stream: Tally(*row) for stream, *row in tx.execute(query)}


def read_tally(tx: sa.Connection, one: int, stream: int) -> Tally:
    columns = [tally.c[name] for name in Tally.__slots__]
    query = sa.select(*columns).where(tally.c.run == one, tally.c.stream == stream)
    return Tally(*tx.execute(query).one())


def page_totals(tx: sa.Connection, one: int, stream: int) -> PageCount:
    return pages_by_stream(tx, one).get(stream, PageCount())


def pages_by_stream(tx: sa.Connection, one: int) -> dict[int, PageCount]:
    """What a run read, by streams of which it read anything."""
    sums = [sa.func.sum(page.c[name]) for name in PageCount.__slots__]
    query = sa.select(page.c.stream, *sums).where(page.c.run == one).group_by(page.c.stream)
    return {stream: PageCount(*row) for stream, *row in tx.execute(query)}


def end(
    tx: sa.Connection,
    one: int,
    result: str,
    note: str | None,
    reads: int,
    writes: int,
    now: dt.datetime,
) -> None:
    tx.execute(
        sa.update(run)
        .where(run.c.id == one)
        .values(ended=now, result=result, note=note, reads=reads, writes=writes)
    )


def note_progress(tx: sa.Connection, one: int, progress: str) -> None:
    tx.execute(sa.update(run).where(run.c.id == one).values(progress=progress))


def note_measures(tx: sa.Connection, one: int, measures: bytes, *, tripped: bool) -> None:
    """What a run was about to change, for later ones to learn from; one that tripped teaches
    nothing."""
    if not tripped:
        tx.execute(sa.update(run).where(run.c.id == one).values(measures=measures))


def measures(tx: sa.Connection, pair: str, limit: int) -> list[bytes]:
    """Of the newest runs that wrote something by themselves."""
    query = (
        sa.select(run.c.measures)
        .where(
            run.c.pair == pair,
            run.c.measures.is_not(None),
            run.c.writes > 0,
            run.c.command != "apply",
        )
        .order_by(run.c.id.desc())
        .limit(limit)
    )
    return list(tx.scalars(query))


def recent(tx: sa.Connection, pair: str, limit: int) -> list[Run]:
    """Newest first."""
    query = sa.select(*(run.c[name] for name in Run.__slots__)).where(run.c.pair == pair)
    return [Run(*row) for row in tx.execute(query.order_by(run.c.id.desc()).limit(limit))]
