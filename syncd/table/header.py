"""Finds the row that names the columns, by the columns that the connector file names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

import msgspec

from syncd.errors import FileError
from syncd.table.forms import Cell, legible, text_of

FIRST = 50
"""Rows among which the header is looked for."""
LINES = "lines"
"""Where a mapping finds the rows of a document that is several of them."""


class Header(msgspec.Struct, frozen=True):
    """`row` counts from 1, as spreadsheets do. `names` stand there, `words` are what a mapping
    calls them: letters, digits and `_` alone."""

    row: int
    names: tuple[str, ...]
    words: tuple[str, ...]

    def index(self, name: str) -> int:
        """Of the column called so, there or in a mapping."""
        return self.names.index(name) if name in self.names else self.words.index(name)

    def __contains__(self, name: str) -> bool:
        return name in self.names or name in self.words


def header_of(row: int, cells: Sequence[Cell]) -> Header:
    names = tuple(" ".join(legible(text_of(cell)).split()) for cell in cells)
    while names and not names[-1]:
        names = names[:-1]
    return Header(row, names, tuple(re.sub(r"\W+", "_", name).strip("_") for name in names))


def find_header(
    rows: Iterable[tuple[int, Sequence[Cell]]], named: Sequence[str], given: int | None
) -> Header | None:
    """The first row with all of these columns, or the one that is `given`."""
    for number, cells in rows:
        if number == given:
            return header_of(number, cells)
        if given is None and number <= FIRST:
            found = header_of(number, cells)
            if all(name in found for name in named):
                return found
    return None


def check_header(header: Header, wanted: Sequence[str], where: str) -> None:
    """Every column that is asked for is there, and once. Raises FileError."""
    for name in wanted:
        if name not in header:
            raise FileError(
                f"{where}, row {header.row}: there is no column {name}"
                f"{near(name, (*header.words, *header.names))}"
            )
        same = [one for one, word in enumerate(header.words) if word and name in (word,)]
        same = same or [one for one, found in enumerate(header.names) if found == name]
        if len(same) > 1:
            raise FileError(
                f"{where}, row {header.row}: {len(same)} columns are called {name}; give them "
                "names of their own"
            )


def no_header(rows: Iterable[tuple[int, Sequence[Cell]]], named: Sequence[str], where: str) -> str:
    """What to say where none was found: the row that looks most like one."""
    best: Header | None = None
    for number, cells in rows:
        found = header_of(number, cells)
        if number > FIRST:
            break
        if best is None or _score(found, named) > _score(best, named):
            best = found
    says = f"{where}: none of the first {FIRST} rows has the columns {', '.join(named)}"
    if best is None or not any(best.names):
        return f"{says}: the file is empty"
    lacking = next((name for name in named if name not in best), "")
    return f"{says}; row {best.row} has no {lacking}{near(lacking, best.names)}"


def near(name: str, known: Iterable[str]) -> str:
    words = [word for word in dict.fromkeys(known) if word]
    close = difflib.get_close_matches(name, words, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; it has: {', '.join(words[:16])}" if words else ""


def _score(header: Header, named: Sequence[str]) -> tuple[int, int]:
    return sum(name in header for name in named), len([name for name in header.names if name])
