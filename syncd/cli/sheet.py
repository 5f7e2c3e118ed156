"""The decision sheet: suggested links as a workbook to decide in, and what somebody decided.

It holds names, so it expires. Text in it is text, however it begins.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from syncd.cli import grid, workbook
from syncd.errors import UsageError
from syncd.link_orders import NO, YES, Row
from syncd.matching import Verdict
from syncd.report.receivables import Cell

if TYPE_CHECKING:
    from syncd.sync.suggesting import Suggested

LINKED = "linked"
"""The verdict of a pair that was linked by evidence alone."""
DAYS = 30
"""How long a sheet may be decided in."""
WORDS = {
    **dict.fromkeys(("yes", "y", "да", "ja", "はい"), YES),
    **dict.fromkeys(("no", "n", "нет", "nein", "いいえ"), NO),
}
COLUMNS = {
    "decision": 10,
    "verdict": 9,
    "score": 8,
    "customer": 14,
    "customer name": 34,
    "card": 20,
    "card name": 34,
    "evidence": 70,
    "why it is a question": 40,
    "seal (leave as it is)": 46,
}
"""Heading -> width, in order."""
_SEAL = re.compile(r"(\d{4}-\d{2}-\d{2}) ([0-9a-f]{32})")


class Decided(msgspec.Struct, frozen=True):
    """A row of a sheet in which somebody decided; `line` is its number there."""

    line: int
    made: dt.date
    row: Row


class Unclear(msgspec.Struct, frozen=True):
    """A row that cannot be taken, and why."""

    line: int
    why: str


def write(path: Path, found: Suggested, pair: str, today: dt.date, *, force: bool) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = workbook.sheet_of(book, "Links", list(COLUMNS.values()))
    sheet.freeze_panes = "B2"
    last = workbook.letter(len(COLUMNS) - 1)
    sheet.auto_filter.ref = f"A1:{last}{len(found.proposals) + 1}"
    sheet.append([workbook.head(sheet, word) for word in COLUMNS])
    for one in found.proposals:
        sure = one.linked or one.verdict is Verdict.LINK
        texts = [YES if sure else "", LINKED if one.linked else one.verdict]
        named = [one.customer, one.customer_name, one.card, one.card_name]
        rest = [*named, "; ".join(one.says), one.why, f"{today.isoformat()} {one.seal}"]
        score = round(one.score, 1)
        cells = [*(workbook.text_cell(sheet, text) for text in texts), score]
        sheet.append([*cells, *(workbook.text_cell(sheet, text) for text in rest)])
    about = workbook.sheet_of(book, "About", [16, 110])
    expires = today + dt.timedelta(days=DAYS)
    lines = {
        "pair": pair,
        "made": today.isoformat(),
        "expires": f"{expires.isoformat()}: decisions are taken until then",
        "personal data": "This sheet names customers. Keep it where such data may be, and "
        "delete it when the decisions are imported.",
        "decision": "yes: the two are the same. no: they are not, and are not suggested again. "
        "Empty: nothing happens. The rows that syncd would link say yes already.",
        "verdict": "link: syncd would link them. linked: it has, by evidence alone; yes "
        "confirms, no takes them apart. ask: a person must say.",
        "then": "syncd links import FILE --dry-run, then the same without --dry-run",
    }
    for line in lines.items():
        about.append([workbook.text_cell(about, text) for text in line])
    workbook.save(path, book, force=force)


def read(path: Path) -> tuple[list[Decided], list[Unclear], int]:
    """What was decided, what cannot be taken, and how many rows are not decided. UsageError where
    it is no decision sheet."""
    cells = grid.read(path, "links import")
    heads = [str(cell or "").strip() for cell in cells[0]] if cells else []
    places = {word: heads.index(word) for word in COLUMNS if word in heads}
    missing = [
        word for word in ("decision", "customer", "card", *list(COLUMNS)[-1:]) if word not in places
    ]
    if missing:
        raise UsageError(
            f"links import {path}: it has no column {', '.join(missing)}; expected a sheet of: "
            "syncd links suggest --xlsx FILE"
        )
    decided: list[Decided] = []
    unclear: list[Unclear] = []
    empty = 0
    for line, row in enumerate(cells[1:], 2):
        texts = {word: _plain(row, place) for word, place in places.items()}
        if not any(texts.values()):
            continue
        if not texts["decision"]:
            empty += 1
            continue
        found = _row(line, texts)
        if isinstance(found, Decided):
            decided.append(found)
        else:
            unclear.append(found)
    return decided, unclear, empty


def _row(line: int, texts: dict[str, str]) -> Decided | Unclear:
    word = WORDS.get(texts["decision"].casefold())
    if word is None:
        return Unclear(line, f"the decision {texts['decision']!r} is neither yes nor no")
    seal = _SEAL.fullmatch(texts[list(COLUMNS)[-1]])
    if seal is None or not texts["customer"] or not texts["card"]:
        return Unclear(line, "its customer, card or seal is not as the sheet was made")
    row = Row(texts["customer"], texts["card"], word, seal[2])
    try:
        return Decided(line, dt.date.fromisoformat(seal[1]), row)
    except ValueError:
        return Unclear(line, f"its seal names no day: {seal[1]}")


def _plain(row: Sequence[Cell], place: int) -> str:
    cell = row[place] if place < len(row) else None
    return "" if cell is None else str(cell).strip()
