"""Runs, the pages they read and the sums that must close."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from syncd.store import direct, parts, tallies
from syncd.store.bulk import many
from syncd.store.rows import PageCount as PageCount
from syncd.store.rows import Run as Run
from syncd.store.rows import Tally as Tally
from syncd.store.tables import outcome, page, run, tally

OK, PROBLEMS, FAILED_RUN, STOPPED = "ok", "new problems", "failed", "stopped"
CUT_OFF = "cut off"
"""How a run ended; one that was cut off never said so, as its process died."""


def begin(
    tx: sa.Connection,
    pair: str,
    epoch: int,
    command: str,
    mode: str,
    streams: Sequence[int],
    now: dt.datetime,
    progress: str,
) -> int:
    before = last(tx, pair)
    if before and before.ended is None:
        _count_outcome(tx, pair, CUT_OFF, dt.timedelta(0))
    values = {"pair": pair, "epoch": epoch, "command": command, "mode": mode, "began": now}
    one = direct.insert(tx, _BEGIN, **values, progress=progress)
    zero = {"run": one, **dict.fromkeys(Tally.__struct_fields__, 0)}
    due = tallies.states_by_stream(tx, streams)
    rows = [zero | {"stream": one, "due_at_start": sum(due[one].values())} for one in streams]
    many(tx, _BEGIN_TALLY, rows)
    return one


_BEGIN = sa.insert(run)
_BEGIN_TALLY = sa.insert(tally)


def add_page(tx: sa.Connection, one: int, stream: int, no: int, count: PageCount) -> None:
    values = {name: getattr(count, name) for name in PageCount.__struct_fields__}
    direct.change(tx, _ADD_PAGE, run=one, stream=stream, no=no, **values)


_ADD_PAGE = sa.insert(page)


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
    more = (became_due, applied, found_equal, collapsed)
    if any(more):
        counts = {f"more_{name}": count for name, count in zip(_ADDED, more, strict=True)}
        direct.change(tx, _ADD, of=one, to=stream, **counts)


_ADDED = ("became_due", "applied", "found_equal", "collapsed")
_ADD = (
    sa.update(tally)
    .where(tally.c.run == sa.bindparam("of"), tally.c.stream == sa.bindparam("to"))
    .values({name: tally.c[name] + sa.bindparam(f"more_{name}") for name in _ADDED})
)


def waiting(left: Mapping[str, int], waits_for_person: bool, stopped: int = 0) -> dict[str, int]:
    """Parts that are left, by what they wait for. In modes that write nothing, and outside the
    scope of a pilot, what could be sent waits for a person; so do those that a guard `stopped`."""
    ready = left.get(parts.DUE, 0)
    asked = ready if waits_for_person else stopped
    held = sum(left.get(state, 0) for state in (parts.HELD, parts.ASKED, parts.WAIVED))
    return {
        "owed": left.get(parts.OWED, 0),
        "held": held + asked,
        "deferred": left.get(parts.DOUBT, 0) + ready - asked,
        "failed": left.get(parts.FAILED, 0),
    }


def close_tallies(
    tx: sa.Connection,
    one: int,
    streams: Sequence[int],
    waits_for_person: bool,
    stopped: Mapping[int, int],
) -> dict[int, Tally]:
    """Counts what is left by its state; `stopped` is by stream what a guard holds back."""
    every = tallies.states_by_stream(tx, streams).items()
    rows = [
        {"of": one, "to": stream, **waiting(left, waits_for_person, stopped.get(stream, 0))}
        for stream, left in every
    ]
    many(tx, _CLOSE_TALLY, rows)
    return {stream: Tally(*row) for stream, *row in direct.rows(tx, _TALLIES, of=one)}


_CLOSE_TALLY = sa.update(tally).where(
    tally.c.run == sa.bindparam("of"), tally.c.stream == sa.bindparam("to")
)
_TALLIES = sa.select(tally.c.stream, *(tally.c[name] for name in Tally.__struct_fields__)).where(
    tally.c.run == sa.bindparam("of")
)


def read_tally(tx: sa.Connection, one: int, stream: int) -> Tally:
    columns = [tally.c[name] for name in Tally.__struct_fields__]
    query = sa.select(*columns).where(tally.c.run == one, tally.c.stream == stream)
    return Tally(*tx.execute(query).one())


def page_totals(tx: sa.Connection, one: int, stream: int) -> PageCount:
    return pages_by_stream(tx, one).get(stream, PageCount())


def pages_by_stream(tx: sa.Connection, one: int) -> dict[int, PageCount]:
    """What a run read, by streams of which it read anything."""
    return {stream: PageCount(*row) for stream, *row in direct.rows(tx, _PAGES, of=one)}


_PAGES = (
    sa.select(page.c.stream, *(sa.func.sum(page.c[name]) for name in PageCount.__struct_fields__))
    .where(page.c.run == sa.bindparam("of"))
    .group_by(page.c.stream)
)


def end(
    tx: sa.Connection,
    one: int,
    result: str,
    note: str | None,
    reads: int,
    writes: int,
    now: dt.datetime,
) -> None:
    told = {"ended": now, "result": result, "note": note, "reads": reads, "writes": writes}
    direct.change(tx, _UPDATE, one=one, **told)
    [(pair, began)] = direct.rows(tx, _BEGAN, one=one)
    _count_outcome(tx, pair, result, max(now - began, dt.timedelta(0)))


_UPDATE = sa.update(run).where(run.c.id == sa.bindparam("one"))
_BEGAN = sa.select(run.c.pair, run.c.began).where(run.c.id == sa.bindparam("one"))


def _count_outcome(tx: sa.Connection, pair: str, result: str, lasted: dt.timedelta) -> None:
    """Kept apart from the runs themselves, which are not kept for ever."""
    ms = lasted // dt.timedelta(milliseconds=1)
    direct.change(tx, _COUNT_OUTCOME, pair=pair, result=result, runs=1, ms=ms)


_ONE_OUTCOME = sqlite.insert(outcome)
_COUNT_OUTCOME = _ONE_OUTCOME.on_conflict_do_update(
    index_elements=["pair", "result"],
    set_={name: outcome.c[name] + _ONE_OUTCOME.excluded[name] for name in ("runs", "ms")},
)


def outcomes(tx: sa.Connection, pair: str) -> dict[str, tuple[int, int]]:
    """Result -> how many runs ever ended so, and how long they took together, in milliseconds."""
    query = sa.select(outcome.c.result, outcome.c.runs, outcome.c.ms)
    rows = tx.execute(query.where(outcome.c.pair == pair).order_by(outcome.c.result))
    return {result: (count, ms) for result, count, ms in rows}


def note_progress(tx: sa.Connection, one: int, progress: str) -> None:
    direct.change(tx, _UPDATE, one=one, progress=progress)


def note_measures(tx: sa.Connection, one: int, measures: bytes, *, tripped: bool) -> None:
    """What a run was about to change, for later ones to learn from; one that tripped teaches
    nothing."""
    if not tripped:
        direct.change(tx, _UPDATE, one=one, measures=measures)


def measures(tx: sa.Connection, pair: str, limit: int) -> list[bytes]:
    """Of the newest runs that wrote something by themselves."""
    return direct.column(tx, _MEASURES, pair=pair, limit=limit)


_MEASURES = (
    sa.select(run.c.measures)
    .where(
        run.c.pair == sa.bindparam("pair"),
        run.c.measures.is_not(None),
        run.c.writes > 0,
        run.c.command != "apply",
    )
    .order_by(run.c.id.desc())
    .limit(sa.bindparam("limit"))
)


def recent(tx: sa.Connection, pair: str, limit: int) -> list[Run]:
    """Newest first."""
    return [Run(*row) for row in direct.rows(tx, _RECENT, of=pair, limit=limit)]


def last(tx: sa.Connection, pair: str, command: str | None = None) -> Run | None:
    """The newest run, or the newest of one command."""
    if command is None:
        row = direct.row(tx, _LAST, of=pair)
    else:
        row = direct.row(tx, _LAST_COMMAND, of=pair, command=command)
    return Run(*row) if row else None


OF_PAIR = sa.literal_column("+run.pair", sa.String) == sa.bindparam("of")
"""For the newest runs of a pair. The plus keeps SQLite from the index of pairs, in which it would
read all runs of one to find them."""

_NEWEST = (
    sa.select(*(run.c[name] for name in Run.__struct_fields__))
    .where(OF_PAIR)
    .order_by(run.c.id.desc())
)
_LAST = _NEWEST.limit(1)
_LAST_COMMAND = _LAST.where(run.c.command == sa.bindparam("command"))
_LAST_ENDED = _LAST.where(run.c.ended.is_not(None))
_RECENT = _NEWEST.limit(sa.bindparam("limit"))


def last_ended(tx: sa.Connection, pair: str) -> Run | None:
    row = direct.row(tx, _LAST_ENDED, of=pair)
    return Run(*row) if row else None


_HOURS = 3_600_000_000
"""Microseconds, which is how the store counts."""


def hours(tx: sa.Connection, pair: str, since: dt.datetime) -> list[int]:
    """Hours since 1970 in which a run began."""
    hour = sa.type_coerce(run.c.began, sa.BigInteger).op("/")(_HOURS)
    query = sa.select(hour).distinct().where(run.c.pair == pair, run.c.began >= since)
    return list(tx.scalars(query))


def first_since(tx: sa.Connection, pair: str, since: dt.datetime) -> int | None:
    """The first run that began then or later."""
    query = sa.select(sa.func.min(run.c.id)).where(run.c.pair == pair, run.c.began >= since)
    found: int | None = tx.scalar(query)
    return found


def news(tx: sa.Connection, pair: str, after: int) -> list[tuple[int, dt.datetime, int, int]]:
    """(run, when it began, stream, how many new versions) of each stream that had any, of the runs
    after this one that have ended."""
    rows = direct.rows(tx, _NEWS, of=pair, after=after)
    return [(one, began, stream, int(new)) for one, began, stream, new in rows]


_NEWS = (
    sa.select(page.c.run, run.c.began, page.c.stream, sa.func.sum(page.c.new))
    .join(run, run.c.id == page.c.run)
    .where(
        page.c.run > sa.bindparam("after"),
        page.c.new > 0,
        OF_PAIR,
        run.c.ended.is_not(None),
    )
    .group_by(page.c.run, page.c.stream)
    .order_by(page.c.run)
)
