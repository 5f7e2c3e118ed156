"""Asks for a report of a rig, and holds that no system was asked for it."""

from __future__ import annotations

from typing import Any

from syncd.domain import Money
from syncd.report import Question, Result, Table, report
from tests.engine.rig import Rig


def ask(rig: Rig, name: str, by: str | None = None, **rest: Any) -> Result:
    sides = (rig.pair.books.transport, rig.pair.crm.transport)
    before = [(side.calls, side.writes) for side in sides]
    found = report(rig.pair, Question(name, by, **rest))
    assert [(side.calls, side.writes) for side in sides] == before
    return found


def rows(table: Table) -> list[dict[str, Any]]:
    """Each row by its words; amounts as Decimals."""
    words = [column.word for column in table.columns]
    return [
        {
            word: cell.amount if isinstance(cell, Money) else cell
            for word, cell in zip(words, row, strict=True)
        }
        for row in table.rows
    ]


def sums(table: Table, *group: str, but: tuple[str, ...] = ()) -> dict[tuple[Any, ...], Any]:
    """(*group, word) -> amount, of all amounts but zeros."""
    words = [column.word for column in table.columns]
    found: dict[tuple[Any, ...], Any] = {}
    for row in table.rows:
        cells = dict(zip(words, row, strict=True))
        for word, cell in cells.items():
            if isinstance(cell, Money) and cell and word not in but:
                key = (*(cells[one] for one in group), word)
                assert key not in found, key
                found[key] = cell.amount
    return found
