"""What an accountant does with her files, for the conformance kit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from syncd.domain import Kind
from syncd.port import Read
from tests.table.exports import HEAD, Exports, csv_of, xlsx_of

LINES = """  customer: {file: customers.xlsx, key: Код, rests: 0}
  invoice: {file: "invoices-*.csv", key: №, rests: 0, columns: {Сумма: number as 1 234}}
  payment: {file: payments.csv, key: №, rests: 0, lines: [Накладная, Зачтено]}
"""
HEADERS: Mapping[Kind, tuple[str, ...]] = {
    Kind.CUSTOMER: ("Код", "Имя"),
    Kind.INVOICE: ("№", "Покупатель", "Сумма"),
    Kind.PAYMENT: ("№", "Покупатель", "Накладная", "Зачтено"),
}


class TableDriver:
    """Invoices of each seeding are a file of their own; payments have two rows each."""

    page = 2
    can: Mapping[Kind, frozenset[str]] = {
        Kind.CUSTOMER: frozenset({"touch", "delete"}),
        Kind.INVOICE: frozenset({"touch", "delete"}),
        Kind.PAYMENT: frozenset({"touch", "delete", "child"}),
    }

    def __init__(self, folder: Path) -> None:
        self.exports = Exports(folder, HEAD + LINES, part=100, page=2)
        self.rows: dict[Kind, dict[str, list[list[str]]]] = {kind: {} for kind in HEADERS}
        self.file: dict[str, int] = {}
        self.made = self.files = 0
        for kind in HEADERS:
            self.save(kind)

    def wait(self, seconds: float) -> None:
        self.exports.clock.now += dt.timedelta(seconds=seconds)

    def read(self, kind: Kind) -> Read:
        return Read(kind, str(kind), ())

    def seed(self, kind: Kind, count: int) -> Sequence[str]:
        self.files += 1
        keys = []
        for _ in range(count):
            self.made += 1
            key = f"{self.made:04}"
            keys.append(key)
            rest = {
                Kind.CUSTOMER: [["Ёлка"]],
                Kind.INVOICE: [["株式会社さくら", "1 000"]],
                Kind.PAYMENT: [["Иванов", "1", "5"], ["Иванов", "2", "6"]],
            }[kind]
            self.rows[kind][key] = [[key, *one] for one in rest]
            self.file[key] = self.files
        self.save(kind)
        return keys

    def edit(self, kind: Kind, key: str) -> None:
        for row in self.rows[kind][key]:
            row[1] += "!"
        self.save(kind)

    def edit_child(self, kind: Kind, key: str) -> None:
        self.rows[kind][key][1][3] += "0"
        self.save(kind)

    def touch(self, kind: Kind, key: str) -> None:
        self.save(kind)

    def stamp(self, kind: Kind, key: str, moment: dt.datetime) -> None:
        pytest.fail("`can` says that a row has no time of its own")

    def delete(self, kind: Kind, key: str) -> None:
        del self.rows[kind][key]
        self.save(kind)

    def void(self, kind: Kind, key: str) -> None:
        pytest.fail("`can` says that nothing here is void by itself")

    def unknown(self, kind: Kind) -> str:
        return "9999"

    def count(self, kind: Kind) -> int:
        return len(self.rows[kind])

    def save(self, kind: Kind) -> None:
        head, rows = HEADERS[kind], self.rows[kind]
        whole = [head, *(row for one in rows.values() for row in one)]
        if kind is Kind.CUSTOMER:
            self.exports.put("customers.xlsx", xlsx_of({"A": whole}), ago=0)
        elif kind is Kind.PAYMENT:
            self.exports.put("payments.csv", csv_of(whole), ago=0)
        for number in {0, *self.file.values()} if kind is Kind.INVOICE else ():
            mine = [row for key, one in rows.items() if self.file[key] == number for row in one]
            content = csv_of([head, *mine], encoding="utf-8")
            name = f"invoices-{number:03}.csv"
            file = self.exports.folder / name
            if not file.exists() or file.read_bytes() != content:
                self.exports.put(name, content, ago=0)
