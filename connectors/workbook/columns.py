"""Which columns of a sheet are syncd's: those that the hidden sheet lists, by their headings. All
others are people's, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncd.errors import UnavailableError

from .cells import text_of
from .facts import KEY
from .layout import Column

HEAD = ("sheet", "path", "heading", "type")
LOWEST = 20
"""The headings stand in one of the first rows: people write a title above them."""

Named = Mapping[str, Mapping[str, Column]]
"""Sheet -> path -> column."""


def named(rows: Iterable[Sequence[Any]]) -> dict[str, dict[str, Column]]:
    """What the hidden sheet lists; its first row is `HEAD`."""
    found: dict[str, dict[str, Column]] = {}
    for row in rows:
        sheet, path, heading, type = (text_of(one) for one in (*row, *HEAD)[: len(HEAD)])
        if sheet and path and sheet != HEAD[0]:
            found.setdefault(sheet, {})[path] = Column(path, heading, type)
    return found


def places(
    rows: Sequence[Sequence[Any]], columns: Mapping[str, Column], title: str
) -> tuple[int, dict[str, int]]:
    """The place of the row of headings among these, and path -> the place of its column in it; both
    count from 0. UnavailableError where the key has no column any more."""
    key = columns[KEY].heading if KEY in columns else KEY
    for index, row in enumerate(rows):
        headings = [text_of(one) for one in row]
        if key in headings:
            there = {
                path: headings.index(column.heading)
                for path, column in columns.items()
                if column.heading in headings
            }
            return index, there
    raise UnavailableError(
        f"the sheet {title} has no heading {key} in its first {LOWEST} rows, so no row of it can "
        "be told from another: put it back over the hidden column of keys, or bring back the file "
        "as it was. Until then nothing is written"
    )


def unknown_sheet(title: str) -> UnavailableError:
    return UnavailableError(
        f"the workbook has a sheet {title} already that syncd did not make: rename it, or name "
        "another `file`. Until then nothing is written"
    )


def no_sheet(title: str) -> UnavailableError:
    return UnavailableError(
        f"the workbook has no sheet {title} any more: give it its name back, or bring back the "
        "file as it was. Until then nothing is written"
    )
