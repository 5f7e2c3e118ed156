"""From the checked rules of a kind to one function: raw record -> canonical record."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from syncd.domain import CANONICAL, Canonical, Contact, Kind
from syncd.mapping import code, evaluate, extras
from syncd.mapping.document import Place
from syncd.mapping.expressions import Expression
from syncd.mapping.lines import Path
from syncd.mapping.sections import Applied, Lookup, path_meaning
from syncd.mapping.transforms import Shape
from syncd.mapping.words import INBOUND, OPEN_ITEM, PERSON, ROW_WORDS, Known, Row


class Value(msgspec.Struct, frozen=True):
    """One word from a path or an expression, through its transforms."""

    place: Place
    source: Path | Expression
    chain: tuple[Applied, ...]
    text: str = ""
    """As it was typed."""
    shape: Shape = Shape.ANY
    """What comes out of the chain."""

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


class Choice(msgspec.Struct, frozen=True):
    """`first_of`: the first that gives something; those behind it are not looked at."""

    place: Place
    options: tuple[Value, ...]

    @property
    def text(self) -> str:
        return f"first_of: [{', '.join(option.text for option in self.options)}]"

    @property
    def shape(self) -> Shape:
        return self.options[0].shape

    def meaning(self) -> object:
        return {"first_of": [option.meaning() for option in self.options]}

    def reads(self, table: str = "") -> set[str]:
        return set[str]().union(*(option.reads(table) for option in self.options))


One = Value | Choice
"""What one word comes from."""


class Rows(msgspec.Struct, frozen=True):
    """A table part, row by row; those for which `where` is false are left out. `others` are further
    parts, whose rows are put behind. `summed`: the rows are open items, added up by currency.
    Without a path the record itself is the one row, and its `amount` the row's, if it has none."""

    place: Place
    path: Path | None
    row: Row
    fields: Mapping[str, One]
    where: Expression | None = None
    others: tuple[Rows, ...] = ()
    summed: bool = False
    amount: str = ""

    @property
    def table(self) -> str:
        """Empty for the record itself."""
        return self.path.dotted if self.path else ""

    @property
    def text(self) -> str:
        return ", ".join(one._said for one in (self, *self.others))

    @property
    def _said(self) -> str:
        lines = (f"{word}: {one.text}" for word, one in self.fields.items())
        return f"each: {self.table}" if self.path else ", ".join(lines)

    def lines(self) -> Iterator[tuple[Value, set[str]]]:
        """Each line of the rows, with the raw paths it reads."""
        for one in self.fields.values():
            for value in one.options if isinstance(one, Choice) else (one,):
                yield value, value.reads(self.table)
        for other in self.others:
            yield from other.lines()

    def meaning(self) -> object:
        fields = {word: value.meaning() for word, value in self.fields.items()}
        where = {"where": self.where.meaning} if self.where else {}
        others = {"others": [one.meaning() for one in self.others]} if self.others else {}
        summed = {"sum": True} if self.summed else {}
        each = {"each": path_meaning(self.path)} if self.path else {}
        return {**each, "fields": fields, **where, **others, **summed}

    def reads(self) -> set[str]:
        found = self.path.reads() - {self.table} if self.path else set[str]()
        if self.where:
            found |= {_under(self.table, read) for read in self.where.reads}
        found |= set[str]().union(*(one.reads() for one in self.others))
        return found.union(*(value.reads(self.table) for value in self.fields.values()))


class Rules(msgspec.Struct, frozen=True):
    """One kind of a file that is read, without a mistake in it; `added` are those of its words
    that are not syncd's."""

    kind: Kind
    place: Place
    read: str
    where: Expression | None
    fields: Mapping[str, One | Rows]
    added: Mapping[str, Shape]

    def meaning(self) -> object:
        fields = {word: rule.meaning() for word, rule in self.fields.items()}
        meaning = [self.read, self.where.meaning if self.where else None, fields]
        return [*meaning, dict(self.added)] if self.added else meaning

    def known(self, word: str) -> Known:
        shape = self.added.get(word)
        return INBOUND[self.kind][word] if shape is None else Known(shape, required=False, own=True)

    def reads(self) -> tuple[str, ...]:
        found = set(self.where.reads) if self.where else set()
        return tuple(sorted(found.union(*(rule.reads() for rule in self.fields.values()))))


Function = Callable[[str, Mapping[str, object], bool], Canonical | None]

_NORMAL: Mapping[str, Callable[..., object]] = {
    "allocations": evaluate.by_invoice,
    "contacts": evaluate.by_key,
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


def compile_inbound(rules: Rules, file: str) -> tuple[code.Code, Function]:
    """`def customer(key, data, scoped)`: None where `scoped` and `where` is false."""
    target = code.Code()
    body = []
    if rules.where:
        test = rules.where.build(target, "data")
        scoped = code.load("scoped", rules.where.place)
        always = ast.UnaryOp(ast.Not(), scoped)
        body.append(code.unless(ast.BoolOp(ast.Or(), [always, test]), ast.Constant(None)))
    built = {word: word_of(rules, word, target) for word in rules.fields}
    named = {word: value for word, value in built.items() if word not in rules.added}
    if rules.added:
        found = [_extra(rules, word, built[word], target) for word in sorted(rules.added)]
        named["extras"] = target.call(extras.gathered, rules.place, *found)
    key = code.load("key", rules.place)
    record = target.call(CANONICAL[rules.kind], rules.place, key=key, **named)
    body.append(code.returns(record))
    return target, target.function(str(rules.kind), ["key", "data", "scoped"], body, file)


def _extra(rules: Rules, word: str, value: ast.expr, target: code.Code) -> ast.expr:
    make = extras.MAKERS.get(rules.added[word], extras.typed_extra)
    return target.call(make, rules.place, target.value(word, rules.place), value)


def compile_word(rules: Rules, word: str, file: str) -> Callable[[Mapping[str, object]], object]:
    """`def customer(data)`: one word by its own line alone."""
    target = code.Code()
    body = [code.returns(word_of(rules, word, target))]
    return target.function(word, ["data"], body, file)


def word_of(rules: Rules, word: str, target: code.Code) -> ast.expr:
    """The value of one word, made of `data`."""
    rule = rules.fields[word]
    if isinstance(rule, Rows):
        return _rows(rules, rule, word, target)
    return _checked(_one(rule, "data", target), rule.place, word, rules.known(word), target)


def _checked(value: ast.expr, place: Place, word: str, known: Known, target: code.Code) -> ast.expr:
    label = target.value(word, place)
    if known.shape in _CHOICES:
        present = target.call(evaluate.need, place, value, label)
        return target.call(_CHOICES[known.shape], place, present, label)
    if known.shape is Shape.TEXT:
        checked = evaluate.needed_text if known.required else evaluate.as_text
        return target.call(checked, place, value, label)
    return target.call(evaluate.need, place, value, label) if known.required else value


def _rows(rules: Rules, rule: Rows, word: str, target: code.Code) -> ast.expr:
    parts = [
        _part(one, target) if one.path else _alone(rules, one, target)
        for one in (rule, *rule.others)
    ]
    whole = parts[0] if len(parts) == 1 else target.call(evaluate.joined, rule.place, *parts)
    normal = evaluate.added_up if rule.summed else _NORMAL[word]
    return target.call(normal, rule.place, whole)


def _alone(rules: Rules, rule: Rows, target: code.Code) -> ast.expr:
    """The one invoice that a field of the record names, if it names one."""
    known = ROW_WORDS[rule.row]
    invoice = _one(rule.fields["invoice"], "data", target)
    text = target.call(evaluate.as_text, rule.place, invoice, target.value("invoice", rule.place))
    if "amount" in rule.fields:
        one = rule.fields["amount"]
        amount = _checked(_one(one, "data", target), one.place, "amount", known["amount"], target)
    else:
        amount = word_of(rules, rule.amount, target)
    found = target.call(evaluate.settled, rule.place, text, amount)
    if rule.where is None:
        return found
    none = code.listed([], rule.place)
    return code.choose(rule.where.build(target, "data"), found, none, rule.place)


def _part(rule: Rows, target: code.Code) -> ast.expr:
    assert rule.path is not None
    table = read_path(rule.path, "data", target)
    if not rule.path.several:
        label = target.value(rule.path.dotted, rule.place)
        table = target.call(evaluate.rows, rule.path.place, table, label)
    known = OPEN_ITEM if rule.summed else PERSON if rule.row is Contact else ROW_WORDS[rule.row]
    named = {
        name: _checked(_one(value, "row", target), value.place, name, known[name], target)
        for name, value in rule.fields.items()
    }
    make = evaluate.open_item if rule.summed else rule.row
    row = target.call(make, rule.place, **named)
    tests = [rule.where.build(target, "row")] if rule.where else []
    return code.each(row, "row", table, tests, rule.place)


def _one(rule: One, record: str, target: code.Code) -> ast.expr:
    if isinstance(rule, Value):
        return _value(rule, record, target)
    *before, last = rule.options
    value = _value(last, record, target)
    for option in reversed(before):
        value = target.unless_empty(
            _value(option, record, target), evaluate.is_there, value, option.place
        )
    return value


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
                    said = (arg.values, arg.name, *arg.otherwise)
                    args += [target.value(one, place) for one in said]
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
