"""Reads tables of the configuration; each mistake is noted with its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from syncd.mapping.document import Node, Problems, Scalar, Table


class Reader:
    def __init__(self, root: Table, problems: Problems) -> None:
        self.root, self.problems = root, problems

    def only(self, table: Table, what: str, known: Iterable[str]) -> None:
        for name, entry in table.entries.items():
            if name not in known:
                self.problems.unknown(entry.key.place, what, name, known)

    def text(self, table: Table, name: str, *, required: bool = False) -> str | None:
        entry = table.entries.get(name)
        if entry is None:
            if required:
                self.problems.add(table.place, f"{name} is missing")
            return None
        if not isinstance(entry.value, Scalar) or not entry.value.text:
            self.problems.add(entry.value.place, f"{name} is a text")
            return None
        return entry.value.text

    def table(self, name: str, *, required: bool) -> dict[str, Table]:
        """A table of tables: its entries by name."""
        entry = self.root.entries.get(name)
        if entry is None:
            if required:
                self.problems.add(self.root.place, f"{name} is missing")
            return {}
        if not isinstance(entry.value, Table):
            self.problems.add(entry.value.place, f"{name} is a table")
            return {}
        found = {}
        for key, one in entry.value.entries.items():
            if isinstance(one.value, Table):
                found[key] = one.value
            else:
                self.problems.add(one.value.place, f"{name}.{key} is a table")
        return found

    def inner(self, table: Table, name: str) -> Table | None:
        entry = table.entries.get(name)
        if entry is None or isinstance(entry.value, Table):
            return entry.value if entry and isinstance(entry.value, Table) else None
        self.problems.add(entry.value.place, f"{name} is a table")
        return None

    def figures(self, table: Table, what: str, names: Mapping[str, str]) -> dict[str, float]:
        """Names to their types; what is no figure, or a fraction of what is counted, is told."""
        self.only(table, what, names)
        values: dict[str, float] = {}
        for name, one in table.entries.items():
            number, whole = as_number(one.value), names.get(name) == "int"
            if name not in names:
                continue
            if number is None or (whole and number != int(number)):
                kind = "whole number" if whole else "number"
                self.problems.add(one.value.place, f"{name} is a {kind} of 0 or more")
            else:
                values[name] = int(number) if whole else number
        return values

    def where(self, table: Table) -> str:
        """file:line:column"""
        return f"{self.problems.file}:{table.place.line}:{table.place.column}"


def as_number(node: Node) -> float | None:
    try:
        number = float(node.text) if isinstance(node, Scalar) else -1.0
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def as_day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
