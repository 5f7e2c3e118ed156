"""Many rows by one statement, without what SQLAlchemy does for each of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from syncd.store.tables import Moment, stored

_encode = msgspec.json.Encoder().encode
_DIALECT = sqlite.dialect()


def among(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Whether a number or a text is among those that `listed` made of a list, given under `name`:
    one parameter, however many they are."""
    values = sa.func.json_each(sa.bindparam(name, type_=sa.String)).table_valued("value")
    return column.in_(sa.select(values.c.value))


def listed(values: Iterable[int] | Iterable[str]) -> str:
    return _encode(list(values)).decode()


def many(
    tx: sa.Connection, statement: sa.Insert | sa.Update, rows: Sequence[Mapping[str, object]]
) -> None:
    """Each row has the same names. `statement` is a constant of its module: what it compiles to is
    kept."""
    if rows:
        names = tuple(rows[0])
        write(tx, statement, names, [tuple(map(row.__getitem__, names)) for row in rows])


def write(
    tx: sa.Connection,
    statement: sa.Insert | sa.Update,
    names: tuple[str, ...],
    rows: Iterable[tuple[object, ...]],
) -> None:
    """The same of values in the order of these names, which are a constant too. Where the names are
    in the order of the statement's own, nothing is put in another one."""
    sql, places, moments = _compiled(statement, names)
    columns: list[Sequence[object]] = list(zip(*rows, strict=True))
    if not columns:
        return
    for place in moments:
        columns[place] = _stored(columns[place])
    if places is not None:
        columns = [columns[place] for place in places]
    tx.exec_driver_sql(sql, list(zip(*columns, strict=True)))


def _stored(moments: Sequence[object]) -> list[int | None]:
    """Of the records of a page most times are one and the same."""
    found: list[int | None] = []
    last: object = None
    as_stored: int | None = None
    for one in moments:
        if one is not last:
            assert one is None or isinstance(one, dt.datetime)
            last, as_stored = one, stored(one)
        found.append(as_stored)
    return found


@lru_cache(256)
def _compiled(
    statement: sa.Insert | sa.Update, names: tuple[str, ...]
) -> tuple[str, tuple[int, ...] | None, tuple[int, ...]]:
    """The text; where each of its values stands among the names, None where that is their order;
    and the places of names that are times."""
    table = statement.table
    assert isinstance(table, sa.Table)
    columns = [name for name in names if name in table.c]
    made = statement.compile(dialect=_DIALECT, column_keys=columns)
    order = tuple(made.positiontup or ())
    assert {*order} == {*names}, f"{order} are asked for, {names} are given"
    times = {name for name in columns if isinstance(table.c[name].type, Moment)}
    moments = tuple(place for place, name in enumerate(names) if name in times)
    return str(made), None if order == names else tuple(map(names.index, order)), moments
