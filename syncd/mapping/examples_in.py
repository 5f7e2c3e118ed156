"""Examples of what is read: a raw record, of which only what matters is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from syncd.mapping.code import Code, Unmappable, returns
from syncd.mapping.document import Listing, Node, Place, Problems, Scalar, Table, suggestion
from syncd.mapping.inbound import Choice, One, Rows, Rules, word_of
from syncd.mapping.lines import Path
from syncd.mapping.sections import Lookup
from syncd.mapping.typed import Typed, empty, plain, shown, typed
from syncd.mapping.words import INBOUND, ROW_WORDS, Known

Tried = Callable[[], Sequence[tuple[str, str]]]
"""(place, what differs)."""


class _Expected(msgspec.Struct, frozen=True):
    """`value` is what the word is to be; of rows, one table of typed values each."""

    place: Place
    word: str
    value: Typed | Sequence[Mapping[str, Typed]]


class InboundExamples:
    def __init__(self, rules: Rules, problems: Problems) -> None:
        self._rules = rules
        self._problems = problems
        self._reads = set(rules.reads())

    def example(self, given: Table, expect: Node) -> Tried:
        data = self._record(given, "")
        for path in sorted(self._reads):
            _fill(data, path.split("."))
        if empty(expect):
            return lambda: self._left_out(data, expect.place)
        expected = list(self._expected(expect))
        return lambda: [said for one in expected for said in self._compared(one, data)]

    # ---------------------------------------------------------------------------------- given

    def _record(self, table: Table, under: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, entry in table.entries.items():
            *before, last = name.split(".")
            into = found
            for step in before:
                into = into.setdefault(step, {})
            path = f"{under}{name}"
            if not any(read == path or read.startswith(f"{path}.") for read in self._reads):
                text = f"nothing reads {path}{suggestion(path, self._reads)}"
                self._problems.add(entry.key.place, text)
            into[last] = self._raw(entry.value, path)
        return found

    def _raw(self, node: Node, path: str) -> Any:
        match node:
            case Table():
                return self._record(node, f"{path}.")
            case Listing():
                return [self._raw(item, path) for item in node.items]
            case Scalar() if node.text.startswith("=") and not node.quoted:
                return self._key(node, path)
        return plain(node)

    def _key(self, node: Scalar, path: str) -> str | None:
        """`=effective`: a key that the lookup of this path gives that value for."""
        wanted, tables = node.text[1:], dict(_lookups(self._rules))
        table = tables.get(path)
        if table is None:
            self._problems.add(node.place, f"no line looks {path} up in a table")
            return None
        keys = [key for key, value in table.values.items() if str(value) == wanted]
        if not keys:
            values = {str(value) for value in table.values.values()}
            what = f"lookup {table.name} gives no {wanted}"
            self._problems.add(node.place, what + suggestion(wanted, values))
        return keys[0] if keys else None

    # --------------------------------------------------------------------------------- expect

    def _expected(self, expect: Node) -> Iterator[_Expected]:
        if not isinstance(expect, Table):
            self._problems.add(expect.place, "expect is a table of words, or none")
            return
        words = {**INBOUND[self._rules.kind], **dict.fromkeys(self._rules.added)}
        for word, entry in expect.entries.items():
            if word not in words:
                self._problems.unknown(entry.key.place, "word", word, words)
                continue
            known = self._rules.known(word)
            place = entry.value.place
            if known.row is None:
                value = typed(entry.value, word, known.shape, self._problems)
                yield _Expected(place, word, value)
            else:
                yield _Expected(place, word, self._rows(entry.value, word, ROW_WORDS[known.row]))

    def _rows(
        self, node: Node, word: str, words: Mapping[str, Known]
    ) -> Sequence[Mapping[str, Typed]]:
        found: list[Mapping[str, Typed]] = []
        items = node.items if isinstance(node, Listing) else ()
        if not isinstance(node, Listing) and not empty(node):
            self._problems.add(node.place, f"{word} is a list of rows")
        for item in items:
            row: dict[str, Typed] = {}
            for name, entry in item.entries.items() if isinstance(item, Table) else ():
                if name in words:
                    row[name] = typed(entry.value, name, words[name].shape, self._problems)
                else:
                    self._problems.unknown(entry.key.place, "word", name, words)
            if not isinstance(item, Table):
                self._problems.add(item.place, f"a row of {word} is a table")
            found.append(row)
        return found

    # ------------------------------------------------------------------------------------ run

    def _left_out(self, data: Mapping[str, Any], place: Place) -> list[tuple[str, str]]:
        where = self._rules.where
        if where is not None:
            code = Code()
            function = code.function("where", ["data"], [returns(where.build(code, "data"))], "")
            try:
                if not function(data):
                    return []
            except Unmappable as failed:
                return [(self._problems.sources.where(place), f"where cannot be told: {failed}")]
        return [(self._problems.sources.where(place), "it is read, expected to be left out")]

    def _compared(self, one: _Expected, data: Mapping[str, Any]) -> list[tuple[str, str]]:
        where = self._problems.sources.where(one.place)
        actual: object = None
        if one.word in self._rules.fields:
            code = Code()
            body = [returns(word_of(self._rules, one.word, code))]
            function = code.function(one.word, ["data"], body, "")
            try:
                actual = function(data)
            except Unmappable as failed:
                line = self._problems.sources.where(code.place_of(failed.__traceback__))
                return [(where, f"{one.word} is held: {line} {failed}")]
        if isinstance(one.value, list) or isinstance(actual, tuple):
            rows = one.value if isinstance(one.value, list) else []
            told = _rows_differ(one.word, rows, actual if isinstance(actual, tuple) else ())
            return [(where, text) for text in told]
        if actual == one.value or (actual == "" and one.value is None):
            return []
        return [(where, f"{one.word} is {shown(actual)}, expected {shown(one.value)}")]


def _rows_differ(
    word: str, expected: Sequence[Mapping[str, Typed]], actual: Sequence[object]
) -> Iterator[str]:
    if len(expected) != len(actual):
        yield f"{word} has {len(actual)} rows, expected {len(expected)}"
        return
    for index, (wanted, row) in enumerate(zip(expected, actual, strict=True), 1):
        for name, value in wanted.items():
            found = getattr(row, name)
            if found != value:
                yield f"{name} of {word} {index} is {shown(found)}, expected {shown(value)}"


def _lookups(rules: Rules) -> Iterator[tuple[str, Lookup]]:
    """The path of every line that ends in a table, and that table."""
    for rule in rules.fields.values():
        if isinstance(rule, Rows):
            for part in (rule, *rule.others):
                for value in part.fields.values():
                    yield from _of_line(value, f"{part.table}." if part.path else "")
        else:
            yield from _of_line(rule, "")


def _of_line(rule: One, under: str) -> Iterator[tuple[str, Lookup]]:
    for option in rule.options if isinstance(rule, Choice) else (rule,):
        for applied in option.chain:
            for arg in applied.args:
                if isinstance(arg, Lookup) and isinstance(option.source, Path):
                    yield under + option.source.dotted, arg


def _fill(data: Any, steps: Sequence[str]) -> None:
    """What is not given is nothing, row by row."""
    if isinstance(data, list):
        for row in data:
            _fill(row, steps)
    elif isinstance(data, dict):
        data.setdefault(steps[0], None)
        if len(steps) > 1:
            _fill(data[steps[0]], steps[1:])
