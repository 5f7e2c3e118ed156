"""A YAML file as a tree that remembers where everything stands.

The YAML here is smaller than YAML 1.1: booleans are only true and false, integers only `0` or
digits that do not start with 0, so a tax id `010`, `NO`, `12:30` and dates stay text. Anchors,
aliases, tags and duplicate keys are refused: an error behind them would point to the wrong line.
"""

from __future__ import annotations

import bisect
import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml

from syncd.errors import ConfigError

_INTEGER = re.compile(r"0|[1-9][0-9]{0,17}")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_DEEPEST = 20
"""Levels of nesting; a mapping needs five."""


class Place(NamedTuple):
    """Both count from 1."""

    line: int
    column: int


START = Place(1, 1)


class Scalar(msgspec.Struct, frozen=True):
    """`value` is what the text means; `text` is what was typed, without quotes."""

    place: Place
    text: str
    value: str | int | bool | None
    _columns: tuple[int, ...] | None = None
    quoted: bool = False

    @property
    def off(self) -> bool:
        """Without quotes, `none` is no text."""
        return self.text == "none" and not self.quoted

    def at(self, index: int) -> Place:
        """Where the character `index` of `text` stands; the start, if the text was folded."""
        if not self._columns:
            return self.place
        column = self._columns[index] if index < len(self._columns) else self._columns[-1] + 1
        return Place(self.place.line, column)


class Listing(msgspec.Struct, frozen=True):
    place: Place
    items: tuple[Node, ...]


class Entry(msgspec.Struct, frozen=True):
    key: Scalar
    value: Node


class Table(msgspec.Struct, frozen=True):
    """`off` are the entries that an overlay or a `like` switched off, and where; `lent` those that
    a `like` brought, and where it stands: that is where what is wrong about them is mended."""

    place: Place
    entries: dict[str, Entry]
    off: dict[str, Place] = msgspec.field(default_factory=dict)
    lent: dict[str, Place] = msgspec.field(default_factory=dict)

    def spot(self, name: str, otherwise: Place) -> Place:
        """Where `name` is missing: the line that switched it off, if one did."""
        return self.off.get(name, otherwise)

    def inner(self, name: str) -> Table | None:
        """The table under this name, if it is one."""
        entry = self.entries.get(name)
        return entry.value if entry and isinstance(entry.value, Table) else None


Node = Scalar | Listing | Table


def is_off(node: Node) -> bool:
    """The word `none`, by which an inherited line is switched off."""
    return isinstance(node, Scalar) and node.off


class Sources(msgspec.Struct):
    """The files that one mapping is made of, the admin's own first. Their lines are numbered
    through, so that a place is two numbers everywhere, in generated code too."""

    _names: list[str]
    _begins: list[int] = msgspec.field(default_factory=lambda: [0])
    _end: int = 0

    def add(self, name: str) -> None:
        """The text that is parsed next is this file's."""
        self._names.append(name)
        self._begins.append(self._end)

    def grow(self, lines: int) -> int:
        """Makes room for so many lines. Returns how many stand before them."""
        before = self._begins[-1]
        self._end = before + lines + 1
        return before

    @property
    def name(self) -> str:
        return self._names[0]

    @property
    def start(self) -> Place:
        """Of the file that was added last."""
        return Place(self._begins[-1] + 1, 1)

    def of(self, place: Place) -> int:
        """Which file it is in: 0 is the admin's own."""
        return bisect.bisect_left(self._begins, place.line) - 1

    def line(self, place: Place, beside: Place) -> str:
        """`line 7`, or `FILE:7` where that is another file than the one of `beside`."""
        own = self.of(place)
        line = place.line - self._begins[own]
        return f"line {line}" if own == self.of(beside) else f"{self._names[own]}:{line}"

    def where(self, place: Place) -> str:
        """`FILE:LINE:COLUMN`."""
        own = self.of(place)
        return f"{self._names[own]}:{place.line - self._begins[own]}:{place.column}"


@dataclass(slots=True)
class Problems:
    """Every mistake of one mapping, so that an author sees all of them at once."""

    file: str
    _found: set[tuple[Place, str]] = field(default_factory=set)
    sources: Sources = field(init=False)

    def __post_init__(self) -> None:
        self.sources = Sources([self.file])

    def add(self, place: Place, text: str) -> None:
        self._found.add((place, text))

    def unknown(self, place: Place, what: str, wrong: str, known: Iterable[str]) -> None:
        """Adds `unknown WHAT WRONG` with the nearest known word, or all of them if they are few."""
        self.add(place, f"unknown {what} {wrong}{suggestion(wrong, known)}")

    def __bool__(self) -> bool:
        return bool(self._found)

    def stop(self) -> None:
        """Raises ConfigError if anything was added."""
        if self._found:
            lines = (f"{self.sources.where(p)} {text}" for p, text in sorted(self._found))
            raise ConfigError(*lines)


def suggestion(wrong: str, known: Iterable[str]) -> str:
    words = sorted(known)
    folded = {word.casefold(): word for word in words}
    near = difflib.get_close_matches(wrong.casefold(), list(folded), n=1)
    if near:
        return f"; did you mean {folded[near[0]]}?"
    if words and len(words) <= 16:
        return f"; known: {', '.join(words)}"
    return ""


MAPPING = "a mapping file is a table of `word: value` lines"


def read_text(path: Path, problems: Problems) -> str:
    """The text of a mapping file. Raises ConfigError if it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as failed:
        text = f"cannot be read: {failed.strerror or failed}"
        problems.add(problems.sources.start, text)
    except UnicodeDecodeError as failed:
        line = failed.object[: failed.start].count(b"\n")
        start = problems.sources.start
        problems.add(Place(start.line + line, 1), "is not UTF-8 text; save the file as UTF-8")
    problems.stop()
    raise AssertionError("unreachable")


def parse(text: str, problems: Problems, what: str = MAPPING) -> Table:
    """The top-level table. Raises ConfigError where the text is not YAML at all, or in the words of
    `what` where it is no table; other mistakes are added to `problems`."""
    reader = _Reader(text, problems)
    try:
        root = reader.document()
    except yaml.MarkedYAMLError as failed:
        mark = failed.problem_mark or failed.context_mark
        place = reader.place(mark) if mark else reader.start
        if mark and reader.begins_with_tab(mark.line):
            problems.add(place, "a tab begins the line; YAML takes only blanks there")
        else:
            problems.add(place, f"not valid YAML: {failed.problem or failed.context}")
        problems.stop()
    except yaml.YAMLError as failed:
        problems.add(reader.start, f"not valid YAML: {str(failed).splitlines()[0]}")
        problems.stop()
    else:
        if isinstance(root, Table):
            return root
        problems.add(root.place, what)
        problems.stop()
    raise AssertionError("unreachable")


class _Reader:
    """One walk over the parser's events. They carry anchors and tags, which nodes no longer do."""

    def __init__(self, text: str, problems: Problems) -> None:
        self._lines = text.splitlines()
        self.start = problems.sources.start
        self._before = problems.sources.grow(len(self._lines))
        self._events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._problems = problems

    def begins_with_tab(self, line: int) -> bool:
        """`line` counts from 0."""
        text = self._lines[line] if line < len(self._lines) else ""
        return "\t" in text[: len(text) - len(text.lstrip())]

    def document(self) -> Node:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._problems.add(
                        self._place(event), "a second document; one file is one mapping"
                    )
                    break
                root = self._node(next(self._events), 0)
        return root if root is not None else Scalar(self.start, "", None)

    def _node(self, event: Any, depth: int) -> Node:
        place = self._place(event)
        if depth > _DEEPEST:
            self._problems.add(place, f"nested deeper than {_DEEPEST} levels")
            self._problems.stop()
        if isinstance(event, yaml.AliasEvent):
            self._problems.add(place, f"alias *{event.anchor} is not allowed; write the value out")
            return Scalar(place, str(event.anchor), str(event.anchor))
        if event.anchor is not None:
            self._problems.add(place, f"anchor &{event.anchor} is not allowed; write it where used")
        if event.tag is not None:
            self._problems.add(place, f"tag {event.tag} is not allowed; quote text instead")
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(place, tuple(self._items(depth)))
        if isinstance(event, yaml.MappingStartEvent):
            return self._table(place, depth)
        return self._scalar(event)

    def _items(self, depth: int) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._node(event, depth + 1)

    def _table(self, place: Place, depth: int) -> Table:
        entries: dict[str, Entry] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(key, Scalar):
                self._problems.add(key.place, "a key must be a word")
            elif key.text in entries:
                first = self._problems.sources.line(entries[key.text].key.place, key.place)
                self._problems.add(key.place, f"duplicate key {key.text}, first on {first}")
            else:
                entries[key.text] = Entry(key, value)
        return Table(place, entries)

    def _scalar(self, event: Any) -> Scalar:
        text: str = event.value
        plain = not event.style
        value: str | int | bool | None = text
        if plain and text in _WORDS:
            value = _WORDS[text]
        elif plain and _INTEGER.fullmatch(text):
            value = int(text)
        return Scalar(self._place(event), text, value, self._columns(event), not plain)

    def _columns(self, event: Any) -> tuple[int, ...] | None:
        """The column of each character; None where the text does not stand there as it is."""
        start, end = event.start_mark, event.end_mark
        if start.line != end.line or start.line >= len(self._lines) or not event.value:
            return None
        raw = self._lines[start.line][start.column : end.column]
        first = start.column + 1
        if event.style == "'":
            inner = raw[1:-1]
            kept = [m.start() for m in re.finditer(r"''|[^']", inner)]
            return tuple(first + 1 + index for index in kept)
        offset = 1 if event.style == '"' else 0
        if raw[offset : offset + len(event.value)] != event.value:
            return None
        return tuple(range(first + offset, first + offset + len(event.value)))

    def place(self, mark: Any) -> Place:
        return Place(self._before + mark.line + 1, mark.column + 1)

    def _place(self, event: Any) -> Place:
        return self.place(event.start_mark)
