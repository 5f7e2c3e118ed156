"""Statements that are constants of their module, asked of SQLite itself.

SQLAlchemy puts a statement into words once; what it does for each execution takes longer than
SQLite takes to answer. Values are given by name and are, like those that come back, what the
columns have: a time is UTC-aware, a truth is a bool. Rows are plain tuples. A list is one value,
see `bulk.among`. Errors are those of sqlite3; the store tells them like its own.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.compiler import SQLCompiler

Row = tuple[Any, ...]
Turn = Callable[[Any], Any]

_DIALECT = sqlite.dialect()


class Words(NamedTuple):
    """SQL; the names of its values in their order; those that are constants themselves; and, by
    place, how a value that is given, or one that is found, becomes the other's."""

    sql: str
    names: tuple[str, ...]
    fixed: Mapping[str, object]
    given: Sequence[tuple[int, Turn]]
    found: Sequence[tuple[int, Turn]]

    def values(self, by_name: Mapping[str, object]) -> list[object]:
        named = {**self.fixed, **by_name} if self.fixed else by_name
        made = [named[name] for name in self.names]
        for place, turn in self.given:
            made[place] = turn(made[place])
        return made

    def row(self, row: Row) -> Row:
        made = list(row)
        for place, turn in self.found:
            made[place] = turn(made[place])
        return tuple(made)


def rows(tx: sa.Connection, query: sa.Executable, /, **values: object) -> list[Row]:
    asked = words(query, tuple(values))
    found: list[Row] = driver(tx).execute(asked.sql, asked.values(values)).fetchall()
    if not asked.found or not found:
        return found
    columns: list[Sequence[Any]] = list(zip(*found, strict=True))
    for place, turn in asked.found:
        columns[place] = list(map(turn, columns[place]))
    return list(zip(*columns, strict=True))


def row(tx: sa.Connection, query: sa.Executable, /, **values: object) -> Row | None:
    """The only one; None where there is none."""
    found = rows(tx, query, **values)
    assert len(found) < 2, f"{len(found)} rows where one was meant"
    return found[0] if found else None


def value(tx: sa.Connection, query: sa.Executable, /, **values: object) -> Any:
    """The first column of the first row; None where there is none."""
    asked = words(query, tuple(values))
    found = driver(tx).execute(asked.sql, asked.values(values)).fetchone()
    return None if found is None else asked.row(found)[0]


def column(tx: sa.Connection, query: sa.Executable, /, **values: object) -> list[Any]:
    """The first column of each row."""
    return [row[0] for row in rows(tx, query, **values)]


def numbers(tx: sa.Connection, query: sa.Executable, /, **values: object) -> array[int]:
    """The first column of each row, whole numbers, of which there may be a million."""
    asked = words(query, tuple(values))
    found = driver(tx).execute(asked.sql, asked.values(values))
    return array("q", (row[0] for row in found))


def change(tx: sa.Connection, statement: sa.Executable, /, **values: object) -> int:
    """How many rows it changed."""
    asked = words(statement, tuple(values))
    count: int = driver(tx).execute(asked.sql, asked.values(values)).rowcount
    return count


def insert(tx: sa.Connection, statement: sa.Insert, /, **values: object) -> int:
    """The number of the new row."""
    asked = words(statement, tuple(values))
    one: int = driver(tx).execute(asked.sql, asked.values(values)).lastrowid
    return one


def driver(tx: sa.Connection) -> Any:
    return tx.connection.dbapi_connection


@lru_cache(1000)
def words(statement: sa.Executable, names: tuple[str, ...]) -> Words:
    assert isinstance(statement, sa.ClauseElement)
    columns: list[str] | None = None
    if isinstance(statement, sa.Insert | sa.Update):
        columns = [name for name in names if name in statement.table.c]
    made = statement.compile(dialect=_DIALECT, column_keys=columns)
    assert isinstance(made, SQLCompiler)
    sql, order, fixed = str(made), list[str](), dict[str, object]()
    given: list[Turn | None] = []
    for name in made.positiontup or ():
        bind, each = made.binds[name], [name]
        if bind.expanding:  # a list that is a constant itself
            some: Sequence[object] = bind.value or ()
            assert some, f"{name} is a list: see bulk.among"
            each = [f"{name}_{n}" for n in range(len(some))]
            fixed |= zip(each, some, strict=True)
            sql = sql.replace(f"__[POSTCOMPILE_{name}]", ", ".join("?" * len(some)), 1)
        elif name not in names:
            assert not bind.required, f"{name} is asked for, {names} are given"
            fixed[name] = bind.value
        order += each
        given += [_given(bind.type)] * len(each)
    assert {*names} <= {*order}, f"{order} are asked for, {names} are given"
    return Words(sql, tuple(order), fixed, _each(given), _each(_found(statement)))


def _given(kind: sa.types.TypeEngine[Any]) -> Turn | None:
    return kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _found(statement: sa.ClauseElement) -> list[Turn | None]:
    if not isinstance(statement, sa.SelectBase):
        return []
    kinds = [one.type.dialect_impl(_DIALECT) for one in statement.selected_columns]
    return [kind.result_processor(_DIALECT, None) for kind in kinds]


def _each(turns: Sequence[Turn | None]) -> list[tuple[int, Turn]]:
    return [(place, turn) for place, turn in enumerate(turns) if turn]
