"""From the checked rules of a kind to one function: raw record -> canonical record."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from syncd.domain import CANONICAL, Canonical, Kind
from syncd.mapping import code, evaluate
from syncd.mapping.document import Place
from syncd.mapping.expressions import Expression
from syncd.mapping.lines import Path
from syncd.mapping.sections import Applied, Lookup, path_meaning
from syncd.mapping.transforms import Shape
from syncd.mapping.words import ROW_WORDS, Known, Row


@dataclass(frozen=True, slots=True)
class Value:
    """One word from a path or an expression, through its transforms."""

    place: Place
    source: Path | Expression
    chain: tuple[Applied, ...]
    text: str = ""
    """As it was typed."""

    def meaning(self) -> object:
        source = self.source
        start = path_meaning(source) if isinstance(source, Path) else source.meaning
        return [start, *(applied.meaning() for applied in self.chain)]

    def reads(self, table: str = "") -> set[str]:
        """Raw paths, those of a row under its `table`."""
        found: set[str] = set()
        if isinstance(self.source, Expression):
            found |= {_under(table, path) for path in self.source.reads}
        paths = [path for applied in self.chain for path in applied.paths()]
        for path in [self.source, *paths] if isinstance(self.source, Path) else paths:
            found |= {_under("" if path.parent else table, read) for read in path.reads()}
        return found


@dataclass(frozen=True, slots=True)
class Rows:
    """A table part, row by row."""

    place: Place
    path: Path
    row: Row
    fields: Mapping[str, Value]

    def meaning(self) -> object:
        fields = {word: value.meaning() for word, value in self.fields.items()}
        return {"each": path_meaning(self.path), "fields": fields}

    def reads(self) -> set[str]:
        found = self.path.reads() - {self.path.dotted}
        return found.union(*(value.reads(self.path.dotted) for value in self.fields.values()))


@dataclass(frozen=True, slots=True)
class Rules:
    """One kind of a books file, without a mistake in it."""

    kind: Kind
    place: Place
    read: str
    where: Expression | None
    fields: Mapping[str, Value | Rows]

    def meaning(self) -> object:
        fields = {word: rule.meaning() for word, rule in self.fields.items()}
        return [self.read, self.where.meaning if self.where else None, fields]

    def reads(self) -> tuple[str, ...]:
        found = set(self.where.reads) if self.where else set()
        return tuple(sorted(found.union(*(rule.reads() for rule in self.fields.values()))))


Function = Callable[[str, Mapping[str, object], bool], Canonical | None]

_NORMAL: Mapping[str, Callable[..., object]] = {
    "allocations": evaluate.by_invoice,
    "rows": evaluate.by_currency,
    "terms": evaluate.by_due,
}

_CHOICES: Mapping[Shape, Callable[..., object]] = {
    Shape.STATE: evaluate.as_state,
    Shape.REASON: evaluate.as_reason,
}


def _under(table: str, path: str) -> str:
    if not table:
        return path
    first, _, rest = path.partition(".")
    return rest if first == "parent" and rest else f"{table}.{path}"


def compile_inbound(
    rules: Rules, words: Mapping[str, Known], file: str
) -> tuple[code.Code, Function]:
    """`def customer(key, data, scoped)`: None where `scoped` and `where` is false."""
    target = code.Code()
    body = []
    if rules.where:
        test = rules.where.build(target, "data")
        scoped = code.load("scoped", rules.where.place)
        always = ast.UnaryOp(ast.Not(), scoped)
        body.append(code.unless(ast.BoolOp(ast.Or(), [always, test]), ast.Constant(None)))
    named = {word: _word(rule, word, words[word], target) for word, rule in rules.fields.items()}
    key = code.load("key", rules.place)
    record = target.call(CANONICAL[rules.kind], rules.place, key=key, **named)
    body.append(code.returns(record))
    return target, target.function(str(rules.kind), ["key", "data", "scoped"], body, file)


def _word(rule: Value | Rows, word: str, known: Known, target: code.Code) -> ast.expr:
    if isinstance(rule, Rows):
        return _rows(rule, word, target)
    return _checked(_value(rule, "data", target), rule.place, word, known, target)


def _checked(value: ast.expr, place: Place, word: str, known: Known, target: code.Code) -> ast.expr:
    label = target.value(word, place)
    if known.shape in _CHOICES:
        present = target.call(evaluate.need, place, value, label)
        return target.call(_CHOICES[known.shape], place, present, label)
    if known.shape is Shape.TEXT:
        value = target.call(evaluate.as_text, place, value, label)
    return target.call(evaluate.need, place, value, label) if known.required else value


def _rows(rule: Rows, word: str, target: code.Code) -> ast.expr:
    table = read_path(rule.path, "data", target)
    if not rule.path.several:
        label = target.value(rule.path.dotted, rule.place)
        table = target.call(evaluate.rows, rule.path.place, table, label)
    known = ROW_WORDS[rule.row]
    named = {
        name: _checked(_value(value, "row", target), value.place, name, known[name], target)
        for name, value in rule.fields.items()
    }
    row = target.call(rule.row, rule.place, **named)
    built = code.each(row, "row", table, (), rule.place)
    return target.call(_NORMAL[word], rule.place, built)


def _value(rule: Value, record: str, target: code.Code) -> ast.expr:
    if isinstance(rule.source, Path):
        value = read_path(rule.source, record, target)
    else:
        value = rule.source.build(target, record)
    return apply_chain(value, rule.chain, target, record)


def apply_chain(
    value: ast.expr, chain: Iterable[Applied], target: code.Code, record: str = "data"
) -> ast.expr:
    """The value through its transforms, each standing for its own place in the line."""
    for applied in chain:
        place, args = applied.place, list[ast.expr]()
        for arg in applied.args:
            match arg:
                case Path():
                    args.append(read_path(arg, record, target))
                case Lookup():
                    args += [target.value(arg.values, place), target.value(arg.name, place)]
                case _:
                    args.append(target.value(arg, place))
        value = target.call(applied.transform.run, place, value, *args)
    return value


def read_path(path: Path, record: str, target: code.Code) -> ast.expr:
    """`data.get("a")`, then one call per further name; a list after rows were picked."""
    place, several = path.place, False
    get = code.attribute(code.load("data" if path.parent else record, place), "get", place)
    value: ast.expr | None = None
    for step in path.steps:
        name = target.value(step.name, place)
        if value is None:
            value = code.put(ast.Call(get, [name], []), place)
        else:
            value = target.call(evaluate.steps if several else evaluate.step, place, value, name)
        if step.pick:
            tables = value if several else code.listed([value], place)
            picked = [target.value(text, place) for text in step.pick]
            value, several = target.call(evaluate.pick, place, tables, name, *picked), True
    assert value is not None
    return value
