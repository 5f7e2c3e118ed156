"""A pass over lists that know only limit and offset, without losing a row.

Deals and accounts come by descending id, which is random: a row that is made or goes during a pass
moves all behind it. So a page begins with the last row of the one before, and where that is no
longer there, the page is asked for again from further ahead. One answer is one query, so its rows
stand next to each other, and nothing below the last row seen is between two pages. A row that is
made meanwhile, or comes back, may be left to the next pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.port import Flow

Row = Mapping[str, Any]
Fetch = Callable[[str, Mapping[str, str]], Flow[Sequence[Row]]]
"""Asks for one window (`limit`, `offset`) of one part of what is passed over."""


@dataclass(frozen=True, slots=True)
class Rows:
    part: str
    rows: Sequence[Row]


def page_of(
    parts: Sequence[str], position: str | None, size: int, fetch: Fetch
) -> Flow[tuple[Rows, str | None]]:
    """The rows of one page, and the position of the next; `parts` are in ascending order.

    A position is `part/offset/last id`. A part that is no longer there is passed over.
    """
    part, offset, last = position.rsplit("/", 2) if position else ("", "0", "")
    if part not in parts:
        part, offset, last = _after(parts, part), "0", ""
    if not part:
        return Rows("", ()), None
    start, rows = yield from _window(part, int(offset), last, size, fetch)
    fresh = [row for row in rows if not last or str(row["id"]) < last]
    if len(rows) > size:
        lowest = str(fresh[-1]["id"]) if fresh else last
        return Rows(part, fresh), f"{part}/{start + len(rows)}/{lowest}"
    following = _after(parts, part)
    return Rows(part, fresh), f"{following}/0/" if following else None


def _window(
    part: str, offset: int, last: str, size: int, fetch: Fetch
) -> Flow[tuple[int, Sequence[Row]]]:
    """Where it starts, and its rows: the first is the last row seen, or one before it."""
    start = max(0, offset - 1)
    while True:
        window = {"limit": str(size + 1), "offset": str(start)}
        rows = yield from fetch(part, window)
        joins = not last or (rows and str(rows[0]["id"]) >= last)
        if joins or start == 0:
            return start, rows
        start = max(0, start - size)


def _after(parts: Sequence[str], part: str) -> str:
    return next((each for each in parts if each > part), "")
