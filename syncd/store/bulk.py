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


def listed(values: Iterable[int] | Iterable[str]) -> str:
    return _encode(list(values)).decode()


def many(
    tx: sa.Connection, statement: sa.Insert | sa.Update, rows: Sequence[Mapping[str, object]]
) -> None:
    """Each row has the same names. `statement` is a constant of its module."""
    if rows:
        words = direct.words(statement, tuple(rows[0]))
        direct.driver(tx).executemany(words.sql, [words.values(row) for row in rows])
