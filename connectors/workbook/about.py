"""The sheet that tells whoever opens the workbook what it is and what of it is theirs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from .cells import put
from .facts import CARDS, DOCUMENTS, HIDDEN
from .layout import Column, Layout

_OWN = (
    "Every other column, every row without a key, and every other sheet. A column of your own may "
    "stand anywhere; what you write in a row stays with it, however the rows are sorted."
)
_OVERWRITTEN = (
    "A change in one of these columns is not kept: the value of the books comes back when it "
    "changes there, and a figure of a card with the next proof. A heading that you rename makes "
    "the column yours, and a new one appears on the right."
)
_COMPLETE = (
    "What is counted over documents stands on a card once all of them have been read, and is empty "
    "before. The column Line says when the figures of a card changed, and when ledger, documents "
    "and card were last found to agree."
)
_REMOVED = (
    "A row that is no longer in the books goes. One in which you wrote stays, crossed out, and is "
    "yours."
)
_OPEN = (
    "While this workbook is open in Excel or LibreOffice nothing is written to it. What waits is "
    "written once it is closed everywhere."
)


@dataclass(frozen=True, slots=True)
class About:
    """`books` is whose books these are, `written` the time of the folder itself, as HTTP says
    it; None where it is not known."""

    layout: Layout
    books: str | None = None
    written: str | None = None

    def write(
        self, sheet: Any, counts: Mapping[str, int], columns: Mapping[str, Mapping[str, Column]]
    ) -> None:
        """The first two columns; what people put right of them stays."""
        from openpyxl.styles import Alignment, Font

        lines = list(self._lines(counts, columns))
        for row, line in enumerate(lines, 1):
            for place, text in enumerate(line, 1):
                cell = sheet.cell(row, place)
                put(cell, text)
                cell.alignment = Alignment("left", wrap_text=True, vertical="top")
            sheet.cell(row, 1).font = Font(bold=True)
        sheet.column_dimensions["A"].width = 16
        sheet.column_dimensions["B"].width = 100

    def _lines(
        self, counts: Mapping[str, int], columns: Mapping[str, Mapping[str, Column]]
    ) -> Iterator[tuple[str, str | int | dt.datetime]]:
        title = self.layout.title
        yield "Books", self.books or "the books that syncd is connected with"
        yield "Last written (UTC)", _moment(self.written) or "not known"
        yield title(CARDS), counts[CARDS]
        yield title(DOCUMENTS), counts[DOCUMENTS]
        yield "Complete", _COMPLETE
        for sheet, mine in columns.items():
            shown = (one.heading for path, one in mine.items() if path not in HIDDEN)
            yield f"{title(sheet)}: syncd's", ", ".join(shown)
        yield "Overwritten", _OVERWRITTEN
        yield "Yours", _OWN
        yield "Removed", _REMOVED
        yield "Open", _OPEN


def _moment(written: str | None) -> dt.datetime | None:
    """Without a zone, as a cell has it; None for what is no time of HTTP."""
    try:
        at = parsedate_to_datetime(written or "")
    except ValueError:
        return None
    return at.astimezone(dt.UTC).replace(tzinfo=None)
