"""Texts, queries and bodies with `{words}` in them, filled from what one call knows.

A line whose word has no value in this call is left out: `since: "{since}"` is not there when
everything is asked for, nor is an item of a list with such a word. A value that is one word alone
keeps its type in a body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum
from typing import Any
from urllib.parse import quote

import msgspec

from syncd.port import Request

Words = Mapping[str, object]
"""Name -> value; None where it has none in this call."""

Path = tuple[str, ...]
"""Names from the outside in; a number is a place in a list, () the whole."""

INTO = "<<"
"""The key under which a table is poured into the one around it."""
WHERE = "?"
"""Stands before a word that a whole part of a call needs."""

NUMBERED = frozenset({"key", "keys", "id", "parent", "after"})
"""Words that are keys; `parent.TARGET` is one too."""

_SLOT = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


class Absent(Enum):
    ABSENT = "absent"


ABSENT = Absent.ABSENT


class Text(msgspec.Struct, frozen=True):
    """`parts` alternate: text, word, text, word, text. `word` is there where it is one word and
    nothing else."""

    parts: tuple[str, ...]
    word: str | None = None

    def __post_init__(self) -> None:
        alone = len(self.parts) == 3 and not self.parts[0] and not self.parts[2]
        msgspec.structs.force_setattr(self, "word", self.parts[1] if alone else None)

    @classmethod
    def of(cls, text: str) -> Text:
        """`{{` and `}}` stand for braces."""
        parts, plain, start = [], "", 0
        for found in _SLOT.finditer(text):
            plain += text[start : found.start()]
            start = found.end()
            if found[1] is None:
                plain += found[0][0]
            else:
                parts += [plain, found[1]]
                plain = ""
        return cls((*parts, plain + text[start:]))

    @property
    def words(self) -> tuple[str, ...]:
        return self.parts[1::2]

    @property
    def pattern(self) -> str:
        """As the file has it."""
        return "".join(f"{{{one}}}" if place % 2 else one for place, one in enumerate(self.parts))

    def given(self, words: Mapping[str, str]) -> Text:
        """With these words filled in for good."""
        parts = list(self.parts[:1])
        for word, plain in zip(self.words, self.parts[2::2], strict=True):
            if word in words:
                parts[-1] += words[word] + plain
            else:
                parts += [word, plain]
        return Text(tuple(parts))

    @property
    def alone(self) -> bool:
        return self.word is not None

    def value(self, words: Words) -> object:
        if self.word is None:
            return self.text(words)
        found = words.get(self.word)
        return ABSENT if found is None else found

    def text(self, words: Words, *, escaped: bool = False) -> str | Absent:
        """`escaped`: what is filled in stays one segment of a path."""
        said = self.parts[0]
        for word, plain in zip(self.words, self.parts[2::2], strict=True):
            found = words.get(word)
            if found is None:
                return ABSENT
            one = as_text(found)
            said += (quote(one, safe="") if escaped else one) + plain
        return said


class Fixed(msgspec.Struct, frozen=True):
    value: str | int | bool | None


class Given(msgspec.Struct, frozen=True):
    """`{"?word": tree}`: the tree where the word has a value, else nothing of it."""

    word: str
    tree: Tree


class Json(msgspec.Struct, frozen=True):
    """`{json: tree}` in a query: the tree as JSON text."""

    tree: Tree

    def text(self, words: Words) -> str | Absent:
        found = fill(self.tree, words)
        if found is ABSENT:
            return ABSENT
        return json.dumps(found, ensure_ascii=False, separators=(",", ":"), default=as_text)


Tree = Text | Fixed | Given | Json | tuple["Tree", ...] | Mapping[str, "Tree"]


def fill(tree: Tree, words: Words) -> object:
    """The value for a body; ABSENT where a word of it has none. A table loses the line with that
    word. An item of a list is left out whole: a condition must not lose its half."""
    if isinstance(tree, Text):
        return tree.value(words)
    if isinstance(tree, dict):  # see `at`
        return _table(tree, words)
    if isinstance(tree, Fixed):
        return tree.value
    if isinstance(tree, Given):
        return ABSENT if words.get(tree.word) is None else fill(tree.tree, words)
    if isinstance(tree, Json):
        return tree.text(words)
    return _listed(tree, words) if isinstance(tree, tuple) else _table(tree, words)


def _table(tree: Mapping[str, Tree], words: Words) -> dict[str, object]:
    """Of a batch each item is one: what most lines are is not asked for by a call each."""
    filled: dict[str, object] = {}
    for name, one in tree.items():
        if type(one) is not Text:
            value = fill(one, words)
        elif one.word is not None:
            value = words.get(one.word)
            if value is None:
                continue
        else:
            value = one.parts[0] if len(one.parts) == 1 else one.text(words)
        if name == INTO and isinstance(value, Mapping):
            filled.update(value)
        elif value is not ABSENT:
            filled[name] = value
    return filled


def _listed(items: tuple[Tree, ...], words: Words) -> object:
    found = []
    for item in items:
        value = fill(item, words)
        if value is ABSENT and isinstance(item, Text):
            return ABSENT
        lacks = isinstance(item, Mapping) and any(
            fill(one, words) is ABSENT for one in item.values()
        )
        if value is not ABSENT and not lacks:
            found.append(value)
    return found


def words_of(tree: Tree) -> Iterator[str]:
    if isinstance(tree, Text):
        yield from tree.words
    elif isinstance(tree, Given):
        yield tree.word
        yield from words_of(tree.tree)
    elif isinstance(tree, Json):
        yield from words_of(tree.tree)
    elif isinstance(tree, tuple):
        for one in tree:
            yield from words_of(one)
    elif isinstance(tree, Mapping):
        for one in tree.values():
            yield from words_of(one)


@dataclass(frozen=True, slots=True)
class Call:
    """One request as the file describes it. `numbers`: keys go into a body as numbers."""

    method: str
    path: Text
    query: tuple[tuple[Text, Tree], ...] = ()
    headers: Mapping[str, Text] = field(default_factory=dict)
    body: Tree | None = None
    form: Mapping[str, Text] | None = None
    write: bool = False
    judged: bool = False
    numbers: bool = False

    def request(self, words: Words) -> Request:
        if self.numbers:
            words = numbered(words)
        path = self.path.text(words, escaped=True)
        assert not isinstance(path, Absent), f"a word of {self.path.parts} has no value"
        query = {name.text(words): fill(one, words) for name, one in self.query}
        return Request(
            self.method,
            path,
            {
                str(name): as_text(one)
                for name, one in query.items()
                if name is not ABSENT and one is not ABSENT
            },
            None if self.body is None else fill(self.body, words),
            _filled(self.headers, words),
            self.write,
            self.judged,
            None if self.form is None else _filled(self.form, words),
        )

    def words(self) -> set[str]:
        found = {*self.path.words}
        for name, one in self.query:
            found |= {*name.words, *words_of(one)}
        for text in (*self.headers.values(), *(self.form or {}).values()):
            found |= {*text.words}
        return found if self.body is None else found | {*words_of(self.body)}

    def over(self, more: Call) -> Call:
        """With the query and headers of `more` over its own."""
        query = {**dict(self.query), **dict(more.query)}
        return replace(self, query=tuple(query.items()), headers={**self.headers, **more.headers})


def numbered(words: Words) -> dict[str, object]:
    """With keys as numbers. Of several, one that is no number names nothing and is left out."""
    found = dict(words)
    for name, value in words.items():
        if name not in NUMBERED and not name.startswith("parent."):
            continue
        if isinstance(value, list | tuple):
            found[name] = [int(one) for one in map(str, value) if _whole(one)]
        elif isinstance(value, str) and _whole(value):
            found[name] = int(value)
    return found


def _whole(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _filled(texts: Mapping[str, Text], words: Words) -> dict[str, str]:
    said = {name: one.text(words) for name, one in texts.items()}
    return {name: one for name, one in said.items() if not isinstance(one, Absent)}


def as_text(value: object) -> str:
    """As addresses and headers have it; several values are divided by commas."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case list() | tuple():
            return ",".join(as_text(one) for one in value)
    return str(value)


def at(value: Any, path: Path) -> Any:
    """What stands there; None where nothing does. In answers a table is a dict: asking for a
    Mapping costs several times as much, and it is asked of each value of each record."""
    for name in path:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal():
            value = value[int(name)] if int(name) < len(value) else None
        else:
            return None
    return value


def every(value: Any, path: Path) -> Sequence[Any]:
    """What stands there, of each table of every list on the way; what is nothing is left out."""
    for place, name in enumerate(path):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal():
            value = value[int(name)] if int(name) < len(value) else None
        elif isinstance(value, list):
            return [found for one in value for found in every(one, path[place:])]
        else:
            return ()
    if isinstance(value, list):
        return [found for one in value for found in every(one, ())]
    return () if value is None else (value,)


def written(path: Path) -> str:
    return ".".join(path) or "the top"
