"""A YAML file as a tree that remembers where everything stands.

The YAML here is smaller than YAML 1.1: booleans are only true and false, integers only `0` or
digits that do not start with 0, so a tax id `010`, `NO`, `12:30` and dates stay text. Anchors,
aliases, tags and duplicate keys are refused: an error behind them would point to the wrong line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

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


@dataclass(frozen=True, slots=True)
class Scalar:
    """`value` is what the text means; `text` is what was typed, without quotes."""

    place: Place
    text: str
    value: str | int | bool | None
    _columns: tuple[int, ...] | None = None

    def at(self, index: int) -> Place:
        """Where the character `index` of `text` stands; the start, if the text was folded."""
        if not self._columns:
            return self.place
        column = self._columns[index] if index < len(self._columns) else self._columns[-1] + 1
        return Place(self.place.line, column)


@dataclass(frozen=True, slots=True)
class Listing:
    place: Place
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Table:
    place: Place
    entries: dict[str, Entry]


Node = Scalar | Listing | Table


@dataclass(slots=True)
class Problems:
    """Every mistake of one file, so that an author sees all of them at once."""

    file: str
    _found: set[tuple[Place, str]] = field(default_factory=set)

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
            lines = (f"{self.file}:{p.line}:{p.column} {text}" for p, text in sorted(self._found))
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


def read_text(path: Path, problems: Problems) -> str:
    """The text of a mapping file. Raises ConfigError if it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as failed:
        problems.add(START, f"cannot be read: {failed.strerror or failed}")
    except UnicodeDecodeError as failed:
        line = failed.object[: failed.start].count(b"\n") + 1
        problems.add(Place(line, 1), "is not UTF-8 text; save the file as UTF-8")
    problems.stop()
    raise AssertionError("unreachable")


def parse(text: str, problems: Problems) -> Table:
    """The top-level table. Raises ConfigError where the text is not YAML at all; other mistakes
    are added to `problems`."""
    try:
        root = _Reader(text, problems).document()
    except yaml.MarkedYAMLError as failed:
        mark = failed.problem_mark or failed.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else START
        problems.add(place, f"not valid YAML: {failed.problem or failed.context}")
        problems.stop()
    except yaml.YAMLError as failed:
        problems.add(START, f"not valid YAML: {str(failed).splitlines()[0]}")
        problems.stop()
    else:
        if isinstance(root, Table):
            return root
        problems.add(root.place, "a mapping file is a table of `word: value` lines")
        problems.stop()
    raise AssertionError("unreachable")


class _Reader:
    """One walk over the parser's events. They carry anchors and tags, which nodes no longer do."""

    def __init__(self, text: str, problems: Problems) -> None:
        self._lines = text.splitlines()
        self._events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._problems = problems

    def document(self) -> Node:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._problems.add(_place(event), "a second document; one file is one mapping")
                    break
                root = self._node(next(self._events), 0)
        return root if root is not None else Scalar(START, "", None)

    def _node(self, event: Any, depth: int) -> Node:
        place = _place(event)
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
                first = entries[key.text].key.place.line
                self._problems.add(key.place, f"duplicate key {key.text}, first on line {first}")
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
        return Scalar(_place(event), text, value, self._columns(event))

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


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)
