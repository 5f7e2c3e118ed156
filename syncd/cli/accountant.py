"""The accountant's own list of receivables beside a plan."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from syncd.cli.common import counted
from syncd.errors import UsageError

if TYPE_CHECKING:
    from syncd.report import Compared, Receivables

WORST = 10
NAMED = 3
"""Rows that name nobody and are shown."""


def listed(file: Path | None, xlsx: Path | None, *, force: bool) -> Receivables | None:
    """None without a file. UsageError for what cannot be read or understood, and for a place where
    no workbook can be written, before anything is worked out."""
    if xlsx:
        from syncd.cli import workbook

        workbook.refuse(xlsx, force=force)
    if file is None:
        return None
    from syncd.cli.grid import read
    from syncd.report.receivables import find

    try:
        return find(read(file))
    except UsageError as error:
        said = str(error)
        raise UsageError(said if said.startswith("--") else f"--report {file}: {said}") from None


def told(file: Path, found: Receivables, compared: Compared, xlsx: Path | None) -> list[str]:
    """Lines beside the plan: the worst of them here, all of them in the workbook."""
    from syncd.cli.report import screen

    [table] = compared.result.tables
    day = f" ({found.day.day} {found.day:%b %Y})" if found.day else ""
    more = f" -> {xlsx}, sheet “{table.title}”" if xlsx and table.rows else ""
    agree = "agrees" if compared.agree == 1 else "agree"
    differ = "differs" if compared.differ == 1 else "differ"
    lines = [
        f"Accountant's report {file.name}{day}: {counted(compared.agree, 'customer')} {agree}, "
        f"{compared.differ} {differ}{more}",
        f"read by row {found.header}: {', '.join(found.columns)}",
    ]
    if table.rows:
        worst = dataclasses.replace(table, rows=table.rows[:WORST])
        lines.append(screen(worst, compared.result.names))
    if len(table.rows) > WORST:
        where = "" if xlsx else "; all of them with --xlsx FILE"
        lines.append(f"and {len(table.rows) - WORST} more{where}")
    if compared.strangers:
        some = "; ".join(compared.strangers[:NAMED])
        behind = "; ..." if len(compared.strangers) > NAMED else ""
        rows = counted(len(compared.strangers), "row")
        lines.append(f"{rows} with a sum cannot be told to be one customer: {some}{behind}")
    return lines
