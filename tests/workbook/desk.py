"""A pair of memory books and a workbook of cards in a real folder, and people who open it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from connectors.memory import MemoryBooks, World
from connectors.workbook import Workbook
from syncd.clock import Clock
from syncd.http import HttpTransport
from syncd.mapping import load_books, load_crm
from syncd.port import Connector
from syncd.store.engine import open_store
from syncd.sync.pair import Pair, Side
from tests.clocks import ManualClock
from tests.conformance.kit import Connect
from tests.engine.rig import MAPPINGS, NUMBERS, Wired, WorldTransport

Row = dict[str, Any]
"""Heading -> what the cell holds."""


class Desk(Wired):
    """`folder` is where the workbook is; the state lies beside the folder."""

    def __init__(
        self, place: Path, options: Mapping[str, str] | None = None, mapping: Path | None = None
    ) -> None:
        self.clock = ManualClock()
        self.world = World(self.clock.utc)
        self.place = place
        self.options = dict(options or {})
        self.mapping = mapping or MAPPINGS / "workbook.yaml"
        self.folder = place / "share"
        self.folder.mkdir(exist_ok=True)
        self.file = self.folder / self.options.get("file", "cards.xlsx")
        self.build()

    def build(self, checkpoint: Callable[[str], None] = lambda _name: None) -> Pair:
        books, crm = MemoryBooks({}), Workbook(self.options)
        self.pair = Pair(
            "main",
            Side("books", books, WorldTransport(self.world, books)),
            Side("crm", crm, connect(self.folder)(crm, self.clock)),
            load_books(MAPPINGS / "memory_books.yaml", books.facts),
            load_crm(self.mapping, crm.facts),
            open_store(self.place / "state.sqlite"),
            self.clock,
            NUMBERS,
            checkpoint=checkpoint,
        )
        return self.pair

    # -- what people see and do

    def rows(self, sheet: str) -> list[Row]:
        """Every row below the headings."""
        head, *rows = self.cells(sheet)
        return [dict(zip(map(str, head), row, strict=True)) for row in rows]

    def row(self, sheet: str, **of: str) -> Row:
        [found] = [row for row in self.rows(sheet) if of.items() <= row.items()]
        return found

    def cells(self, sheet: str) -> list[tuple[Any, ...]]:
        return list(load_workbook(self.file)[sheet].iter_rows(values_only=True))

    @contextlib.contextmanager
    def opened(self) -> Iterator[Any]:
        """Somebody edits the workbook and saves it."""
        book: Any = load_workbook(self.file, rich_text=True)
        yield book
        book.save(self.file)


def connect(folder: Path) -> Connect:
    def connected(connector: Connector, clock: Clock) -> HttpTransport:
        return HttpTransport(f"file://{folder}", connector, {}, clock)

    return connected


def place(sheet: Any, heading: str, name: str = "") -> Any:
    """The cell in the row of this name, below this heading; without a name the heading itself."""
    [head] = [cell for cell in sheet[1] if cell.value == heading]
    if not name:
        return head
    [named] = [cell for cell in sheet[1] if cell.value == "Name"]
    [row] = [row for row in sheet.iter_rows(min_row=2) if row[named.column - 1].value == name]
    return row[head.column - 1]
