"""Many rows by one statement, without what SQLAlchemy does for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from syncd.store import direct

_encode = msgspec.json.Encoder().encode


def among(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Whether a number or a text is among those that `listed` made of a list, given under `name`:
    one parameter, however many they are."""
    values = sa.func.json_each(sa.bindparam(name, type_=sa.String)).table_valued("value")
    return column.in_(sa.select(values.c.value))


def listed(values: Iterable[int] | Iterable[str] | Iterable[tuple[int, int]]) -> str:
    return _encode(list(values)).decode()


def many(
    tx: sa.Connection, statement: sa.Insert | sa.Update, rows: Sequence[Mapping[str, object]]
) -> None:
    """Each row has the same names. `statement` is a constant of its module."""
    if rows:
        names = tuple(rows[0])
        write(tx, statement, names, [tuple(map(row.__getitem__, names)) for row in rows])


def write(
    tx: sa.Connection,
    statement: sa.Insert | sa.Update,
    names: tuple[str, ...],
    rows: Iterable[tuple[object, ...]],
) -> None:
    """The same of values in the order of these names, which are a constant too."""
    columns: list[Sequence[object]] = list(zip(*rows, strict=True))
    if not columns:
        return
    words = direct.words(statement, names)
    if words.names != names:
        columns = [columns[names.index(name)] for name in words.names]
    for place, turn in words.given:
        columns[place] = _turned(columns[place], turn)
    direct.driver(tx).executemany(words.sql, zip(*columns, strict=True))


def _turned(values: Sequence[object], turn: direct.Turn) -> list[object]:
    """Of the records of a page most times are one and the same."""
    found: list[object] = []
    last: object = None
    made = turn(None)
    for one in values:
        if one is not last:
            last, made = one, turn(one)
        found.append(made)
    return found
