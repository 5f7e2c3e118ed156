"""What a file reads: raw records of one system -> canonical records, kind by kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from pathlib import Path as FilePath

import msgspec
from msgspec import structs

from syncd.domain import Allocation, Canonical, Figures, Kind
from syncd.errors import ConfigError, MappingError
from syncd.mapping import grammar
from syncd.mapping.added import EXTRAS, HOW, Added, addable
from syncd.mapping.choices import CHOICES, check_choices
from syncd.mapping.code import Code, Unmappable
from syncd.mapping.document import (
    Entry,
    Listing,
    Node,
    Problems,
    Scalar,
    Sources,
    Table,
    suggestion,
)
from syncd.mapping.expressions import Expression, parse_expression
from syncd.mapping.inbound import (
    Choice,
    Function,
    One,
    Rows,
    Rules,
    Value,
    compile_inbound,
    compile_word,
)
from syncd.mapping.lines import parse_calls, parse_line
from syncd.mapping.overlays import read_mapping
from syncd.mapping.sections import (
    Context,
    Rule,
    check_chain,
    only,
    read_lookups,
    scalar_at,
    scalar_of,
    table_at,
    table_of,
)
from syncd.mapping.transforms import Shape, Way
from syncd.mapping.words import AMOUNT, INBOUND, OPEN_ITEM, ROW_WORDS, Known
from syncd.port import UNREADABLE, Facts, Read, Record

ALONE = ("customer", "number")
"""Words that are looked for in a record that cannot be read: whose it is, and what people call
it."""


class Inbound(msgspec.Struct, frozen=True, eq=False):
    """One kind, compiled. `paths_hash` (8 bytes) changes only if other raw paths are read."""

    kind: Kind
    read: Read
    paths_hash: bytes
    version: str
    rules: Mapping[str, Rule]
    """Word -> the line that says where it comes from."""
    added: Mapping[str, Shape]
    """Those of the words that the file adds to syncd's."""
    _sources: Sources
    _code: Code
    _function: Function
    where: Rule | None = None
    """The line that leaves records out."""
    inner: tuple[Rule, ...] = ()
    """The lines of table parts and choices, each by itself."""
    _alone: Mapping[str, Callable[[Mapping[str, object]], object]] = msgspec.field(
        default_factory=dict
    )

    def __call__(self, record: Record) -> Canonical | None:
        """None: `where` filters the record, or it is outside what is read. Raises MappingError with
        the place of the rule."""
        return None if record.outside else self._map(record, scoped=True)

    def unconditional(self, record: Record) -> Canonical:
        """The same without `where`, for a record that stays of interest once it was."""
        found = self._map(record, scoped=False)
        assert found is not None
        return found

    def alone(self, record: Record, word: str) -> str | None:
        """`customer` or `number` by its own line, of a record that cannot be read as a whole; None
        where it cannot be read either."""
        line = self._alone.get(word)
        try:
            found = line(record.data) if line else None
        except Unmappable:
            return None
        return found if isinstance(found, str) else None

    def _map(self, record: Record, *, scoped: bool) -> Canonical | None:
        if UNREADABLE in record.data:
            raise MappingError(*record.data[UNREADABLE])
        try:
            return self._function(record.key, record.data, scoped)
        except Unmappable as failed:
            place = self._code.place_of(failed.__traceback__)
            raise MappingError(self._sources.where(place), failed.told(self.kind)) from None


def read_rules(
    root: Table, kinds: Iterable[Kind], context: Context, facts: Facts
) -> dict[Kind, Rules]:
    """The checked rules of those of these kinds that the file has."""
    checker = _Checker(context, facts)
    found = [checker.kind(kind, root) for kind in kinds if kind in root.entries]
    return {rule.kind: rule for rule in found if rule}


def adds(path: FilePath, facts: Facts, kinds: Iterable[Kind]) -> Added | None:
    """The fields that this file adds to syncd's, for the file on the other side; None where it
    cannot be read, or has mistakes, which whoever loads it is told."""
    problems = Problems(path.name)
    try:
        root = read_mapping(path, problems)
    except ConfigError:
        return None
    context = Context.of(root, read_lookups(root, problems), Way.IN, problems)
    rules = read_rules(root, kinds, context, facts)
    return None if problems else {kind: rule.added for kind, rule in rules.items()}


def inbound_of(rules: Rules, sources: Sources, version: str) -> Inbound:
    paths = rules.reads()
    hashed = blake2b("\n".join(paths).encode(), digest_size=8).digest()
    target, function = compile_inbound(rules, sources.name)
    read = Read(rules.kind, rules.read, paths)
    lines = rules.fields.items()
    typed = {word: _rule(sources, value, value.reads()) for word, value in lines}
    test = rules.where
    where = _rule(sources, test, test.reads) if test else None
    inner = tuple(
        _rule(sources, line, paths)
        for value in rules.fields.values()
        for line, paths in _inner(value)
    )
    return Inbound(
        rules.kind,
        read,
        hashed,
        version,
        typed,
        rules.added,
        sources,
        target,
        function,
        where,
        inner,
        {word: compile_word(rules, word, sources.name) for word in ALONE if word in rules.fields},
    )


def _inner(value: One | Rows) -> Iterable[tuple[Value, Iterable[str]]]:
    if isinstance(value, Rows):
        return value.lines()
    return [(one, one.reads()) for one in (value.options if isinstance(value, Choice) else ())]


def _rule(sources: Sources, line: One | Rows | Expression, reads: Iterable[str]) -> Rule:
    return Rule(sources.where(line.place), line.text, reads=tuple(sorted(reads)))


class _Checker:
    def __init__(self, context: Context, facts: Facts) -> None:
        self._context = context
        self._problems = context.problems
        self._facts = facts
        self._amount = ""

    def kind(self, kind: Kind, root: Table) -> Rules | None:
        entry = root.entries[kind]
        section = table_of(entry.value, kind, self._problems)
        if section is None:
            return None
        more = grammar.READ_WON if kind is Kind.WON else ()
        keys = [key for key in grammar.READ if key != "like" or kind in grammar.ALIKE]
        only(section, "key", (*keys, *more), self._problems)
        read = self._object(kind, entry.key, section)
        written = scalar_at(section, "where", self._problems)
        where = parse_expression(written, self._problems) if written else None
        fields = table_at(section, "fields", self._problems)
        if "fields" not in section.entries:
            self._problems.add(section.spot("fields", entry.key.place), f"{kind} has no fields")
        added: dict[str, Shape] = {}
        # An adjustment that settles an invoice is below zero, and what it settles is not.
        self._amount = "" if kind is Kind.ADJUSTMENT else AMOUNT.get(kind, "")
        rules = self._fields(fields, INBOUND[kind], kind, added) if fields else {}
        return Rules(kind, entry.key.place, read, where, rules, added)

    def _object(self, kind: Kind, key: Scalar, section: Table) -> str:
        source = self._facts.sources.get(kind)
        if source is None:
            self._problems.add(key.place, f"{self._facts.system} has no {kind} to read")
            return ""
        read = scalar_at(section, "read", self._problems)
        if "read" not in section.entries:
            place = section.spot("read", key.place)
            self._problems.add(place, f"`read: {source.object}` is missing")
            return source.object
        known = [source.object, *source.others]
        if read and read.text not in known:
            self._problems.unknown(read.place, "object", read.text, known)
        return read.text if read and read.text in known else source.object

    def _fields(
        self,
        table: Table,
        words: Mapping[str, Known],
        kind: Kind | None = None,
        added: dict[str, Shape] | None = None,
    ) -> dict[str, One | Rows]:
        """The rules of these words; `added` is filled with those that are not syncd's."""
        found: dict[str, One | Rows] = {}
        for word, entry in table.entries.items():
            place, rule = table.lent.get(word, entry.key.place), None
            if word == "key" and "key" not in words:
                self._problems.add(place, "the key is the record's own; delete the line")
            elif word in words:
                rule = self._field(entry.value, word, words[word])
            elif kind is not None and added is not None and addable(word, kind, words):
                rule = self._added(entry, word, words)
                if rule:
                    added[word] = rule.shape
            elif word in table.lent:
                text = f"{kind} has no {word}; write `{word}: none` under its fields"
                self._problems.add(place, text)
            else:
                self._problems.unknown(place, "word", word, words)
            if rule:
                found[word] = rule
        self._missing(table, words)
        return found

    def _added(self, entry: Entry, word: str, words: Mapping[str, Known]) -> One | None:
        """A word that is not syncd's: its line ends in what it is."""
        rule = self._field(entry.value, word, Known(Shape.ANY, required=False, own=True))
        if rule is None or isinstance(rule, Rows):
            return None  # what is wrong with it is told
        options = rule.options if isinstance(rule, Choice) else (rule,)
        if not all(_typed(one) for one in options):
            text = f"unknown word {word}{suggestion(word, words)}{HOW}"
            self._problems.add(entry.key.place, text)
        elif len({one.shape for one in options}) > 1:
            given = " and ".join(sorted({one.shape for one in options}))
            self._problems.add(entry.key.place, f"{word} has one type, this gives {given}")
        return rule

    def _missing(self, table: Table, words: Mapping[str, Known]) -> None:
        for word, known in words.items():
            if known.required and word not in table.entries:
                place = table.spot(word, table.place)
                self._problems.add(place, f"{word} is missing, and it is required")

    def _field(self, node: Node, word: str, known: Known) -> One | Rows | None:
        if isinstance(node, Table):
            if "each" in node.entries or known.row:
                return self._rows(node, word, known)
            if "first_of" in node.entries:
                return self._choice(node, word, known)
            return self._long(node, word, known)
        if known.row and isinstance(node, Listing) and node.items:
            return self._parts(node, word, known)
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
            Value(scalar.place, line.path, tuple(chain), scalar.text, shape), shape, word, known
        )

    def _choice(self, table: Table, word: str, known: Known) -> Choice | None:
        """`{first_of: [path | transform, {expr: ..., as: ...}]}`."""
        only(table, "key", ("first_of",), self._problems)
        node = table.entries["first_of"].value
        items = node.items if isinstance(node, Listing) else ()
        if len(items) < 2:
            text = f"{word} is written `{{first_of: [path | transform, path | transform]}}`"
            self._problems.add(node.place, text)
        found = []
        for item in items:
            if isinstance(item, Table):
                found.append(self._long(item, word, known))
            else:
                found.append(self._line(item, word, known))
        options = tuple(one for one in found if one)
        return Choice(table.place, options) if options else None

    def _long(self, table: Table, word: str, known: Known) -> Value | None:
        only(table, "key", grammar.FIELD_READ, self._problems)
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
        value = Value(written.place, expression, tuple(chain), written.text, shape)
        return self._fitting(value, shape, word, known)

    def _rows(self, table: Table, word: str, known: Known) -> Rows | None:
        if known.row is None:
            self._problems.add(table.place, f"{word} is one value; `each` gives rows")
            return None
        words = ROW_WORDS[known.row]
        alone = known.row is Allocation and "each" not in table.entries
        scalar = scalar_at(table, "each", self._problems)
        if "each" not in table.entries and not alone:
            self._problems.add(table.place, f"`each: part` is missing in {word}")
        line = parse_line(scalar, self._problems) if scalar else None
        if line and line.calls:
            self._problems.add(line.path.place, "each takes the path of a table part alone")
        written = scalar_at(table, "where", self._problems)
        where = parse_expression(written, self._problems) if written else None
        summed = known.row is Figures and self._summed(table)
        keys = (*grammar.ROWS, grammar.SUM) if known.row is Figures else grammar.ROWS
        inner = {name: one for name, one in table.entries.items() if name not in keys}
        if summed:
            words = OPEN_ITEM
            if not inner.keys() & words.keys():
                text = f"{word} that are added up need one of {', '.join(words)}"
                self._problems.add(table.place, text)
        if alone and self._amount:
            words = {**words, "amount": structs.replace(words["amount"], required=False)}
        checker = _Checker(msgspec.structs.replace(self._context, inside=not alone), self._facts)
        fields = checker._fields(Table(table.place, inner, table.off, table.lent), words)
        kept = {name: rule for name, rule in fields.items() if not isinstance(rule, Rows)}
        if line is None and not alone:
            return None
        path = line.path if line else None
        return Rows(table.place, path, known.row, kept, where, summed=summed, amount=self._amount)

    def _summed(self, table: Table) -> bool:
        """Whether the rows are open items, of which a customer can have several."""
        written = scalar_at(table, grammar.SUM, self._problems)
        if written and not isinstance(written.value, bool):
            self._problems.add(written.place, f"sum is true or false, not {written.text}")
        return written is not None and written.value is True

    def _parts(self, node: Listing, word: str, known: Known) -> Rows | None:
        """Several tables with `each`: the rows of all."""
        found = []
        for item in node.items:
            table = table_of(item, word, self._problems)
            part = self._rows(table, word, known) if table else None
            found += [part] if part else []
        for part in found:
            if part.summed != found[0].summed:
                self._problems.add(
                    part.place, f"`sum: true` stands in every part of {word}, or in none"
                )
                break
        return msgspec.structs.replace(found[0], others=tuple(found[1:])) if found else None

    def _fitting(self, value: Value, shape: Shape, word: str, known: Known) -> Value:
        """Adds a problem where what comes out of the chain cannot be the word."""
        wanted = known.shape
        if known.own:
            return value
        if wanted in CHOICES:
            check_choices(value.chain, wanted, self._problems)
        elif shape is Shape.LIST:
            self._problems.add(value.place, f"{word} is one value, this is a list; add `| first`")
        elif wanted is not shape and not (wanted is Shape.TEXT and shape is Shape.ANY):
            ends = {Shape.MONEY: "money <path of currency>", Shape.DATE: "date", Shape.TEXT: "text"}
            hint = f"; end with `| {ends[wanted]}`" if shape in (Shape.ANY, Shape.TEXT) else ""
            self._problems.add(value.place, f"{word} is {wanted}, this gives {shape}{hint}")
        return value


def _typed(value: Value) -> bool:
    """Whether the line says what it gives: one of the types that an added field can have."""
    names = {applied.transform.name for applied in value.chain}
    return value.shape in EXTRAS and EXTRAS[value.shape] in names
