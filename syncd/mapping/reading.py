"""What a file reads: raw records of one system -> canonical records, kind by kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b

from syncd.domain import Canonical, Kind, Reason, State
from syncd.errors import MappingError
from syncd.mapping.code import Code, Unmappable
from syncd.mapping.document import Node, Scalar, Table
from syncd.mapping.expressions import Expression, parse_expression
from syncd.mapping.inbound import Function, Rows, Rules, Value, compile_inbound
from syncd.mapping.lines import parse_calls, parse_line
from syncd.mapping.sections import (
    Applied,
    Context,
    Lookup,
    Rule,
    check_chain,
    only,
    scalar_at,
    scalar_of,
    table_at,
    table_of,
)
from syncd.mapping.transforms import Shape
from syncd.mapping.words import INBOUND, ROW_WORDS, Known
from syncd.port import Facts, Read, Record


@dataclass(frozen=True, slots=True, eq=False)
class Inbound:
    """One kind, compiled. `paths_hash` (8 bytes) changes only if other raw paths are read."""

    kind: Kind
    read: Read
    paths_hash: bytes
    version: str
    rules: Mapping[str, Rule]
    """Word -> the line that says where it comes from."""
    _file: str
    _code: Code
    _function: Function
    where: Rule | None = None
    """The line that leaves records out."""

    def __call__(self, record: Record) -> Canonical | None:
        """None: `where` filters the record. Raises MappingError with the place of the rule."""
        return self._map(record, scoped=True)

    def unconditional(self, record: Record) -> Canonical:
        """The same without `where`, for a record that stays of interest once it was."""
        found = self._map(record, scoped=False)
        assert found is not None
        return found

    def _map(self, record: Record, *, scoped: bool) -> Canonical | None:
        try:
            return self._function(record.key, record.data, scoped)
        except Unmappable as failed:
            line, column = self._code.place_of(failed.__traceback__)
            raise MappingError(f"{self._file}:{line}:{column}", str(failed)) from None


def read_rules(
    root: Table, kinds: Iterable[Kind], context: Context, facts: Facts
) -> dict[Kind, Rules]:
    """The checked rules of those of these kinds that the file has."""
    checker = _Checker(context, facts)
    found = [checker.kind(kind, root) for kind in kinds if kind in root.entries]
    return {rule.kind: rule for rule in found if rule}


def inbound_of(rules: Rules, file: str, version: str) -> Inbound:
    paths = rules.reads()
    hashed = blake2b("\n".join(paths).encode(), digest_size=8).digest()
    target, function = compile_inbound(rules, INBOUND[rules.kind], file)
    read = Read(rules.kind, rules.read, paths)
    typed = {word: _rule(file, value) for word, value in rules.fields.items()}
    test = rules.where
    where = _test(file, test) if test else None
    return Inbound(rules.kind, read, hashed, version, typed, file, target, function, where)


def _rule(file: str, value: Value | Rows) -> Rule:
    text = value.text if isinstance(value, Value) else f"each: {value.path.dotted}"
    place, reads = value.place, tuple(sorted(value.reads()))
    return Rule(f"{file}:{place.line}:{place.column}", text, reads=reads)


def _test(file: str, test: Expression) -> Rule:
    where = f"{file}:{test.place.line}:{test.place.column}"
    return Rule(where, test.text, reads=tuple(sorted(test.reads)))


_CHOICES: Mapping[Shape, tuple[str, list[str]]] = {
    Shape.STATE: ("state", list(State)),
    Shape.REASON: ("reason", list(Reason)),
}


class _Checker:
    def __init__(self, context: Context, facts: Facts) -> None:
        self._context = context
        self._problems = context.problems
        self._facts = facts

    def kind(self, kind: Kind, root: Table) -> Rules | None:
        entry = root.entries[kind]
        section = table_of(entry.value, kind, self._problems)
        if section is None:
            return None
        more = ("require", "hint") if kind is Kind.WON else ()
        only(section, "key", ("read", "where", "fields", *more), self._problems)
        read = self._object(kind, entry.key, section)
        written = scalar_at(section, "where", self._problems)
        where = parse_expression(written, self._problems) if written else None
        fields = table_at(section, "fields", self._problems)
        if "fields" not in section.entries:
            self._problems.add(entry.key.place, f"{kind} has no fields")
        rules = self._fields(fields, INBOUND[kind]) if fields else {}
        return Rules(kind, entry.key.place, read, where, rules)

    def _object(self, kind: Kind, key: Scalar, section: Table) -> str:
        source = self._facts.sources.get(kind)
        if source is None:
            self._problems.add(key.place, f"{self._facts.system} has no {kind} to read")
            return ""
        read = scalar_at(section, "read", self._problems)
        if "read" not in section.entries:
            self._problems.add(key.place, f"`read: {source.object}` is missing")
        elif read and read.text != source.object:
            self._problems.unknown(read.place, "object", read.text, [source.object])
        return source.object

    def _fields(self, table: Table, words: Mapping[str, Known]) -> dict[str, Value | Rows]:
        found: dict[str, Value | Rows] = {}
        for word, entry in table.entries.items():
            if word == "key" and "key" not in words:
                self._problems.add(entry.key.place, "the key is the record's own; delete the line")
            elif word not in words:
                self._problems.unknown(entry.key.place, "word", word, words)
            elif rule := self._field(entry.value, word, words[word]):
                found[word] = rule
        self._missing(table, words)
        return found

    def _missing(self, table: Table, words: Mapping[str, Known]) -> None:
        for word, known in words.items():
            if known.required and word not in table.entries:
                self._problems.add(table.place, f"{word} is missing, and it is required")

    def _field(self, node: Node, word: str, known: Known) -> Value | Rows | None:
        if isinstance(node, Table):
            if "each" in node.entries or known.row:
                return self._rows(node, word, known)
            return self._long(node, word, known)
        if known.row:
            self._problems.add(node.place, f"{word} is written `{{each: part, word: path, ...}}`")
            return None
        return self._line(node, word, known)

    def _line(self, node: Node, word: str, known: Known) -> Value | None:
        scalar = scalar_of(node, word, self._problems)
        inside = self._context.inside
        line = parse_line(scalar, self._problems, inside=inside) if scalar else None
        if not scalar or not line:
            return None
        start = Shape.LIST if line.path.several else Shape.ANY
        chain, shape = check_chain(line.calls, start, self._context)
        return self._fitting(
            Value(scalar.place, line.path, tuple(chain), scalar.text), shape, word, known
        )

    def _long(self, table: Table, word: str, known: Known) -> Value | None:
        only(table, "key", ("path", "expr", "as"), self._problems)
        if "path" in table.entries:
            for key in {"expr", "as"} & set(table.entries):
                self._problems.add(table.entries[key].key.place, f"{key} stands beside path")
            return self._line(table.entries["path"].value, word, known)
        written = scalar_at(table, "expr", self._problems)
        if "expr" not in table.entries:
            self._problems.add(table.place, f"{word} needs `path:` or `expr:`")
        expression = parse_expression(written, self._problems) if written else None
        cast = scalar_at(table, "as", self._problems)
        calls = (parse_calls(cast, self._problems) if cast else ()) or ()
        chain, shape = check_chain(calls, Shape.ANY, self._context)
        if not written or not expression or (cast and not calls):
            return None
        value = Value(written.place, expression, tuple(chain), written.text)
        return self._fitting(value, shape, word, known)

    def _rows(self, table: Table, word: str, known: Known) -> Rows | None:
        if known.row is None:
            self._problems.add(table.place, f"{word} is one value; `each` gives rows")
            return None
        words = ROW_WORDS[known.row]
        scalar = scalar_at(table, "each", self._problems)
        if "each" not in table.entries:
            self._problems.add(table.place, f"`each: part` is missing in {word}")
        line = parse_line(scalar, self._problems) if scalar else None
        if line and line.calls:
            self._problems.add(line.path.place, "each takes the path of a table part alone")
        inner = {name: entry for name, entry in table.entries.items() if name != "each"}
        checker = _Checker(replace(self._context, inside=True), self._facts)
        fields = checker._fields(Table(table.place, inner), words)
        kept = {name: rule for name, rule in fields.items() if isinstance(rule, Value)}
        return Rows(table.place, line.path, known.row, kept) if line else None

    def _fitting(self, value: Value, shape: Shape, word: str, known: Known) -> Value:
        """Adds a problem where what comes out of the chain cannot be the word."""
        wanted = known.shape
        if wanted in _CHOICES:
            self._choices(value.chain, wanted)
        elif shape is Shape.LIST:
            self._problems.add(value.place, f"{word} is one value, this is a list; add `| first`")
        elif wanted is not shape and not (wanted is Shape.TEXT and shape is Shape.ANY):
            ends = {Shape.MONEY: "money <path of currency>", Shape.DATE: "date", Shape.TEXT: "text"}
            hint = f"; end with `| {ends[wanted]}`" if shape in (Shape.ANY, Shape.TEXT) else ""
            self._problems.add(value.place, f"{word} is {wanted}, this gives {shape}{hint}")
        return value

    def _choices(self, chain: tuple[Applied, ...], wanted: Shape) -> None:
        what, known = _CHOICES[wanted]
        for applied in chain:
            for arg in applied.args:
                last = applied is chain[-1] and applied.transform.name == "default"
                given = arg.values.values() if isinstance(arg, Lookup) else [arg] if last else []
                for value in given:
                    if value not in known:
                        self._problems.unknown(applied.place, what, str(value), known)
