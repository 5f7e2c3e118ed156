"""A plan as a workbook: every field that would be written, what is held, and who differs from the
accountant's list. It holds names, and text in it is text, however it begins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syncd.cli import workbook

if TYPE_CHECKING:
    from syncd.domain import Value
    from syncd.report import Compared
    from syncd.sync.difference import Difference
    from syncd.sync.plan import Plan

ROWS = {"record": 48, "customer": 34, "does": 9, "object": 18, "field": 26, "now": 30, "then": 30}
HELD = {"problem": 9, "owner": 12, "customer": 34, "what": 120}
"""Heading -> width, in order."""


def write(
    path: Path,
    drawn: Plan,
    rows: Sequence[Difference],
    names: Mapping[str, str],
    compared: Compared | None,
    *,
    force: bool,
) -> None:
    """`names` are those of the customers in `rows` and in the plan's problems. UsageError where the
    place does not take it."""
    from openpyxl import Workbook

    made = workbook.book_of(compared.result, drawn.mode) if compared else None
    book = made or Workbook(write_only=True)
    sheet = _sheet(book, "rows", ROWS, len(rows))
    for one in rows:
        customer = names.get(one.ref.partition(":")[2].partition("/")[0], "")
        texts = [one.ref, customer, one.op, one.target, one.field.removeprefix("custom_fields.")]
        cells = [workbook.text_cell(sheet, text) for text in texts]
        sheet.append([*cells, _value(sheet, one.shown), _value(sheet, one.wanted)])
    sheet = _sheet(book, "held", HELD, len(drawn.problems))
    for problem in drawn.problems:
        keys = [one.partition(":")[2] for one in problem.subjects]
        called = ", ".join(names[key] for key in keys if names.get(key, key) != key)
        texts = [f"#{problem.id}", problem.owner, called, problem.text]
        sheet.append([workbook.text_cell(sheet, text) for text in texts])
    workbook.save(path, book, force=force)


def _sheet(book: Any, title: str, columns: Mapping[str, int], rows: int) -> Any:
    sheet = workbook.sheet_of(book, title, list(columns.values()))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{workbook.letter(len(columns) - 1)}{rows + 1}"
    sheet.append([workbook.head(sheet, word) for word in columns])
    return sheet


def _value(sheet: Any, value: Value) -> Any:
    """Numbers and dates as such; a moment in UTC, for a sheet has no zones."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    if value is None or isinstance(value, bool | int | Decimal | dt.date):
        return value
    return workbook.text_cell(sheet, str(value))
