"""A folder of exports on a clock that a test sets, and a connector that reads it."""

from __future__ import annotations

import datetime as dt
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from openpyxl import Workbook

from syncd.clock import Clock
from syncd.domain import Kind
from syncd.http import HttpTransport
from syncd.mapping.document import Problems
from syncd.port import UNREADABLE, All, Connector, Keys, Page, Read, Record, Scope, Since
from syncd.table.connector import Description, TableConnector
from syncd.table.files import compiled
from tests.clocks import ManualClock

HEAD = "connector: exports\nkind: table\nversion: 1\nread:\n"
PAYMENTS = """  payment:
    file: payments.csv
    key: Номер
    columns:
      Номер: text
      Дата: date as %d.%m.%Y
      Сумма: number as 1 234,56
"""
COLUMNS = ("Номер", "Дата", "Покупатель", "Сумма")
OPTIONS = {"company": "ООО «Ромашка»"}


def described(text: str, *, part: int | None = None, page: int | None = None) -> Description:
    """`part` and `page` are smaller ones than in use."""
    made = compiled(text, "exports", Problems("exports.yaml"))
    sources = {
        key: replace(table, part=part or table.part, page=page or table.page)
        for key, table in made.sources.items()
    }
    return replace(made, sources=sources)


def csv_of(rows: Iterable[Sequence[str]], delimiter: str = ";", encoding: str = "cp1251") -> bytes:
    return "".join(f"{delimiter.join(row)}\r\n" for row in rows).encode(encoding)


def xlsx_of(sheets: Mapping[str, Iterable[Sequence[Any]]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class Exports:
    def __init__(self, folder: Path, text: str, **small: int) -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.description = described(text, **small)
        self.connector = TableConnector(self.description, OPTIONS)
        self.transport = self.connect(self.clock)

    def connect(self, clock: Clock, connector: Connector | None = None) -> HttpTransport:
        url = f"file://{self.folder}"
        return HttpTransport(url, connector or self.connector, {}, clock)

    def put(self, name: str, content: bytes, *, ago: float = 60) -> None:
        """As if it had been saved so many seconds ago, in place of what was there."""
        new = self.folder / f".{name}.new"
        new.write_bytes(content)
        self.save(new, ago)
        new.replace(self.folder / name)

    def save(self, file: Path, ago: float) -> None:
        at = (self.clock.now - dt.timedelta(seconds=ago)).timestamp()
        os.utime(file, (at, at))

    def append(self, name: str, content: bytes, *, ago: float = 0) -> None:
        with open(self.folder / name, "ab") as file:
            file.write(content)
        self.save(self.folder / name, ago)

    def page(self, kind: Kind, scope: Scope, paths: Sequence[str] = ()) -> Page:
        object = self.connector.facts.sources[kind].object
        return self.transport.run(self.connector.pull(Read(kind, object, tuple(paths)), scope))

    def pages(self, kind: Kind, scope: Scope, paths: Sequence[str] = ()) -> list[Page]:
        found = [self.page(kind, scope, paths)]
        while (position := found[-1].next) is not None:
            assert not isinstance(scope, Keys)
            found.append(self.page(kind, msgspec.structs.replace(scope, position=position), paths))
        return found

    def records(
        self, kind: Kind = Kind.PAYMENT, scope: Scope | None = None, paths: Sequence[str] = ()
    ) -> list[Record]:
        return [one for page in self.pages(kind, scope or All(), paths) for one in page.records]

    def data(self, kind: Kind = Kind.PAYMENT) -> list[Mapping[str, Any]]:
        return [record.data for record in self.records(kind)]

    def again(self, kind: Kind, records: Sequence[Record]) -> list[Page]:
        """As the next cycle asks, after a complete pass with these."""
        seen = max(one.stamp for one in records if one.stamp)
        return self.pages(kind, Since(seen - dt.timedelta(minutes=10), None, seen))


ROWS = [
    ("000017", "18.11.2026", "ООО «Ёлка»", "1 234,50"),
    ("000018", "03.12.2026", "ЗАО Щит", "-7,00"),
]
READ = [
    {"Номер": "000017", "Дата": "2026-11-18", "Покупатель": "ООО «Ёлка»", "Сумма": "1234.50"},
    {"Номер": "000018", "Дата": "2026-12-03", "Покупатель": "ЗАО Щит", "Сумма": "-7.00"},
]


def plain(exports: Exports) -> list[dict[str, object]]:
    """Amounts as texts, so that their digits are compared too."""
    return [
        {name: str(one) if isinstance(one, Decimal) else one for name, one in data.items()}
        for data in exports.data()
    ]


def wrong(exports: Exports, kind: Kind = Kind.PAYMENT) -> list[str]:
    told = [data[UNREADABLE] for data in exports.data(kind) if UNREADABLE in data]
    return [f"{where} {says}" for where, says, _ in told]
