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
    if not rows:
        return
    sql, names, moments = _compiled(statement, tuple(rows[0]))
    given: list[tuple[object, ...]] = []
    for row in rows:
        values = [row[name] for name in names]
        for place in moments:
            moment = values[place]
            assert moment is None or isinstance(moment, dt.datetime)
            values[place] = stored(moment)
        given.append(tuple(values))
    tx.exec_driver_sql(sql, given)


@lru_cache(256)
def _compiled(
    statement: sa.Insert | sa.Update, names: tuple[str, ...]
) -> tuple[str, tuple[str, ...], tuple[int, ...]]:
    """The text, the names in its order, and the places of those that are times."""
    table = statement.table
    assert isinstance(table, sa.Table)
    columns = [name for name in names if name in table.c]
    made = statement.compile(dialect=_DIALECT, column_keys=columns)
    order = tuple(made.positiontup or ())
    assert {*order} == {*names}, f"{order} are asked for, {names} are given"
    times = {name for name in columns if isinstance(table.c[name].type, Moment)}
    places = tuple(place for place, name in enumerate(order) if name in times)
    return str(made), order, places
