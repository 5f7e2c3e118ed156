"""What a screen shows of the state at a glance, in SQL for which the standard library is enough:
`syncd status` would spend most of its time on importing SQLAlchemy.

Everything here reads through a `Read`: a SQLite connection of its own, or `through` one of the
store's.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from syncd.domain.kinds import Kind
from syncd.store.rows import NAMED, ConnectionState, PageCount, PairState, Problem, Run, Tally
from syncd.store.rows import moment as _moment
from syncd.store.rows import stored as _stored

if TYPE_CHECKING:
    import sqlalchemy as sa

Row = Sequence[Any]
Read = Callable[[str, Sequence[object]], Iterable[Row]]
"""SQL with `?` and their values, to rows."""

OWED, WAIVED, UNMAPPABLE = "owed", "waived", "unmappable"
"""As parts and records have them; what imports their modules imports SQLAlchemy."""


def through(tx: sa.Connection) -> Read:
    driver: Any = tx.connection.dbapi_connection
    return lambda sql, values: driver.execute(sql, tuple(values)).fetchall()


def pair_state(read: Read, name: str) -> PairState | None:
    return next(_each(read, PairState, "pair WHERE name = ?", name), None)


def connection_state(read: Read, name: str) -> ConnectionState | None:
    return next(_each(read, ConnectionState, "connection WHERE name = ?", name), None)


def last_run(read: Read, pair: str) -> Run | None:
    return next(_each(read, Run, "run WHERE +pair = ? ORDER BY id DESC LIMIT 1", pair), None)


def stream_ids(read: Read, pair: str) -> dict[Kind, int]:
    """In the order of the kinds."""
    found = dict(map(tuple, read("SELECT kind, id FROM stream WHERE pair = ?", [pair])))
    return {kind: found[kind.value] for kind in Kind if kind.value in found}


def read_at(
    read: Read, streams: Iterable[int]
) -> dict[int, tuple[dt.datetime | None, dt.datetime | None]]:
    """Stream -> when a complete read, and when a full pass, last succeeded."""
    sql = f"SELECT stream, complete_at, swept_at FROM cursor WHERE stream IN {_LIST}"
    return {one: (_moment(at), _moment(swept)) for one, at, swept in read(sql, _listed(streams))}


def pages(read: Read, run: int) -> dict[int, PageCount]:
    """What a run read, by streams of which it read anything."""
    sums = ", ".join(f"sum({one})" for one in PageCount.__struct_fields__)
    sql = f"SELECT stream, {sums} FROM page WHERE run = ? GROUP BY stream"
    return {stream: PageCount(*counts) for stream, *counts in read(sql, [run])}


def tallies(read: Read, run: int) -> dict[int, Tally]:
    names = ", ".join(Tally.__struct_fields__)
    rows = read(f"SELECT stream, {names} FROM tally WHERE run = ?", [run])
    return {stream: Tally(*counts) for stream, *counts in rows}


def known(read: Read, stream: int) -> bool:
    """Whether there are records."""
    return bool(_one(read, "SELECT EXISTS (SELECT 1 FROM record WHERE stream = ?)", stream))


def owed(read: Read, streams: Iterable[int]) -> tuple[int, int]:
    """How many parts wait for others, and for how many others."""
    sql = (
        "SELECT count(*), count(DISTINCT coalesce(waits_for, parent)) FROM part "
        f"WHERE state != 'clean' AND stream IN {_LIST} AND state = ?"
    )
    [(found, others)] = read(sql, [*_listed(streams), OWED])
    return found, others


def waived(read: Read, streams: Iterable[int]) -> int:
    """Parts that are left alone."""
    sql = f"SELECT count(*) FROM part WHERE state != 'clean' AND stream IN {_LIST} AND state = ?"
    return int(_one(read, sql, *_listed(streams), WAIVED))


def problems(read: Read, pair: str, *, closed: bool = False) -> list[Problem]:
    """Open problems, oldest first; with `closed` the closed ones, newest first."""
    waits = (
        "(SELECT count(*) FROM record WHERE record.problem = problem.id)",
        "(SELECT count(*) FROM part WHERE part.problem = problem.id)",
    )
    where, order = ("IS NOT NULL", "closed DESC") if closed else ("IS NULL", "opened")
    rest = f"problem WHERE pair = ? AND closed {where} ORDER BY {order}, id"
    found = list(_each(read, Problem, rest, pair, computed=(*waits, "NULL")))
    return [replace(one, subjects=tuple(_subjects(read, one.id))) for one in found]


def _subjects(read: Read, problem: int) -> list[str]:
    sql = (
        "SELECT stream.kind || ':' || record.key FROM record "
        "JOIN stream ON stream.id = record.stream WHERE record.problem = ? "
        "OR record.id IN (SELECT record FROM part WHERE part.problem = ?) "
        "ORDER BY record.id LIMIT ?"
    )
    return [one for (one,) in read(sql, [problem, problem, NAMED])]


def unsettled(read: Read, pair: str) -> int:
    """Intents of which it is not known whether they were carried out."""
    sql = "SELECT count(*) FROM intent WHERE pair = ? AND intent.state IN ('open', 'doubt')"
    return int(_one(read, sql, pair))


def asked(read: Read, pair: str) -> int:
    """Requests of people that are not done yet."""
    return int(_one(read, "SELECT count(*) FROM request WHERE pair = ? AND done IS NULL", pair))


def proofs(read: Read, pair: str) -> list[tuple[dt.datetime, bool, Mapping[str, int]]]:
    """The newest comparison of each customer: when, whether all agreed, and the ledger's sums in
    millionths by currency."""
    rows = read("SELECT at, agreed, figures FROM proof WHERE pair = ?", [pair])
    return [(_when(at), bool(agreed), json.loads(sums)["ledger"]) for at, agreed, sums in rows]


def learned(read: Read, pair: str) -> Any:
    """What a look at the pair's health learned of its cadence (`Learned`), as JSON has it."""
    rows = read("SELECT learned FROM look WHERE pair = ?", [pair])
    stored = next((one for (one,) in rows), None)
    return json.loads(stored) if stored else None


def came(read: Read, pair: str, since: dt.datetime, until: dt.datetime) -> dict[str, int]:
    """Kind -> new versions that runs brought which began in this time and have ended."""
    sql = (
        "SELECT stream.kind, sum(page.new) FROM page JOIN run ON run.id = page.run "
        "JOIN stream ON stream.id = page.stream WHERE page.run >= "
        "(SELECT min(id) FROM run WHERE pair = ? AND began >= ?) AND page.new > 0 "
        "AND run.pair = ? AND run.ended IS NOT NULL AND run.began < ? GROUP BY stream.kind"
    )
    rows = read(sql, [pair, _stored(since), pair, _stored(until)])
    return {kind: int(count) for kind, count in rows}


def credits(read: Read, connection: str, since: dt.datetime) -> int:
    """What calls to it cost in the hours that began after a moment."""
    sql = "SELECT coalesce(sum(credits), 0) FROM call WHERE connection = ? AND hour > ?"
    return int(_one(read, sql, connection, _stored(since)))


def unreadable(read: Read, streams: Iterable[int]) -> tuple[int, int, int, tuple[int, ...]]:
    """Records that cannot be mapped: how many, of how many customers, how many name one, and the
    numbers of the problems that say why."""
    where = f"FROM record WHERE stream IN {_LIST} AND state = ?"
    values = [*_listed(streams), UNMAPPABLE]
    counts = f"SELECT count(*), count(DISTINCT customer), count(customer) {where}"
    [(count, customers, named)] = read(counts, values)
    sql = f"SELECT DISTINCT problem {where} AND problem IS NOT NULL ORDER BY problem"
    return count, customers, named, tuple(one for (one,) in read(sql, values)) if count else ()


_LIST = "(SELECT value FROM json_each(?))"


def _listed(some: Iterable[int]) -> list[object]:
    return [json.dumps(list(some))]


def _one(read: Read, sql: str, *values: object) -> Any:
    [(found,)] = read(sql, values)
    return found


def _when(value: int) -> dt.datetime:
    found = _moment(value)
    assert found is not None
    return found


def _each(
    read: Read, kind: Any, rest: str, *values: object, computed: Sequence[str] = ()
) -> Iterator[Any]:
    """Rows as records, whose fields are columns but for the `computed` last ones."""
    named = kind.__struct_fields__
    stand = [*named[: len(named) - len(computed)], *computed]
    times = [index for index, one in enumerate(named) if "datetime" in kind.__annotations__[one]]
    for row in read(f"SELECT {', '.join(stand)} FROM {rest}", values):
        found = list(row)
        for index in times:
            found[index] = _moment(found[index])
        yield kind(*found)
