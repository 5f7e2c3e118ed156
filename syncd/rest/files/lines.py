"""Reads the lines of a table; each mistake is noted with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from syncd.mapping.document import Entry, Listing, Node, Place, Problems, Scalar, Table, is_off
from syncd.rest.words import Path


class Lines(msgspec.Struct, frozen=True):
    """`what` names the table in messages."""

    table: Table
    problems: Problems
    what: str

    def only(self, known: Iterable[str]) -> None:
        for name, entry in self.table.entries.items():
            if name not in known:
                self.problems.unknown(entry.key.place, f"line of {self.what}", name, known)

    def entry(self, name: str, *, required: bool = False) -> Entry | None:
        entry = self.table.entries.get(name)
        if entry is None and required:
            self.problems.add(self.table.place, f"{self.what} has no {name}")
        return entry

    def place(self, name: str) -> Place:
        entry = self.table.entries.get(name)
        return entry.value.place if entry else self.table.place

    def text(self, name: str, *, required: bool = False) -> str | None:
        entry = self.entry(name, required=required)
        if entry is None:
            return None
        if isinstance(entry.value, Scalar):
            return entry.value.text
        self._wrong(entry.value, f"{name} is a text")
        return None

    def choice(self, name: str, among: Iterable[str], *, required: bool = False) -> str | None:
        found = self.text(name, required=required)
        if found is not None and found not in among:
            self.problems.unknown(self.place(name), name, found, among)
            return None
        return found

    def flag(self, name: str, usual: bool) -> bool:
        entry = self.entry(name)
        if entry is None:
            return usual
        if isinstance(entry.value, Scalar) and isinstance(entry.value.value, bool):
            return entry.value.value
        self._wrong(entry.value, f"{name} is true or false")
        return usual

    def number(self, name: str, least: int = 1) -> int | None:
        entry = self.entry(name)
        if entry is None:
            return None
        found = entry.value.value if isinstance(entry.value, Scalar) else None
        if isinstance(found, int) and not isinstance(found, bool) and found >= least:
            return found
        self._wrong(entry.value, f"{name} is a whole number of {least} or more")
        return None

    def path(self, name: str, *, required: bool = False) -> Path | None:
        entry = self.entry(name, required=required)
        return None if entry is None else self.as_path(entry.value, name)

    def as_path(self, node: Node, name: str) -> Path | None:
        """`data.items`; a list of names where a name has a dot in it; `.` is the whole."""
        if isinstance(node, Listing) and all(isinstance(one, Scalar) for one in node.items):
            return tuple(one.text for one in node.items if isinstance(one, Scalar))
        if isinstance(node, Scalar) and node.text:
            return () if node.text == "." else tuple(node.text.split("."))
        self._wrong(node, f"{name} is a path as data.items, or . for the whole answer")
        return None

    def texts(self, name: str) -> tuple[str, ...]:
        """One text or a list of them."""
        entry = self.entry(name)
        if entry is None:
            return ()
        items = entry.value.items if isinstance(entry.value, Listing) else (entry.value,)
        for one in items:
            if not isinstance(one, Scalar):
                self._wrong(one, f"{name} is a text or a list of texts")
        return tuple(one.text for one in items if isinstance(one, Scalar))

    def values(self, name: str) -> tuple[object, ...]:
        """Like `texts`, each with what it means: `false` is not "false"."""
        entry = self.entry(name)
        if entry is None:
            return ()
        items = entry.value.items if isinstance(entry.value, Listing) else (entry.value,)
        return tuple(one.value for one in items if isinstance(one, Scalar))

    def inner(self, name: str, *, required: bool = False) -> Lines | None:
        entry = self.entry(name, required=required)
        if entry is None:
            return None
        return self.lines(entry.value, f"{self.what} {name}".removeprefix("the file "))

    def lines(self, node: Node, what: str) -> Lines | None:
        if isinstance(node, Table):
            return Lines(node, self.problems, what)
        self._wrong(node, f"{what} is a table of `word: value` lines")
        return None

    def each(self, name: str) -> Mapping[str, Lines]:
        """A table of tables, by their names."""
        outer = self.inner(name)
        found = {} if outer is None else outer.table.entries
        what = f"{self.what} {name}".removeprefix("the file ")
        read = {key: self.lines(one.value, f"{what} {key}") for key, one in found.items()}
        return {key: one for key, one in read.items() if one is not None}

    def over(self, usual: Lines | None) -> Lines:
        """With the lines of `usual` that it has not itself; `none` switches one of them off."""
        if usual is None:
            return self
        named = usual.table.entries
        entries = {**named, **self.table.entries}
        entries = {n: one for n, one in entries.items() if n not in named or not is_off(one.value)}
        return Lines(Table(self.table.place, entries), self.problems, self.what)

    def _wrong(self, node: Node, text: str) -> None:
        self.problems.add(node.place, text)
