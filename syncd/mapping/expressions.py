"""Expressions: a white list of Python's syntax, checked and rebuilt from our own calls.

Names, dotted keys, literals, + - * /, comparisons, in, and/or/not, if/else, a few functions, and
one comprehension over a table part of the record. No power, no repetition, no nested comprehension:
whatever is accepted ends, after at most as many steps as the expression and the record are long.
A name that is not in the record is an error, never "empty".
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from syncd.mapping import code, evaluate
from syncd.mapping.document import Place, Problems, Scalar, suggestion

LONGEST = 500
"""Characters of one expression."""
DEEPEST = 25
"""Levels of nesting in one expression."""
MOST_DIGITS = 6
"""Greatest number of places that `round` takes."""

_NUMBER = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?")
_BINARY: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: evaluate.plus,
    ast.Sub: evaluate.minus,
    ast.Mult: evaluate.times,
    ast.Div: evaluate.over,
}
_UNARY: dict[type[ast.unaryop], Callable[..., Any]] = {
    ast.USub: evaluate.minus_of,
    ast.UAdd: evaluate.plus_of,
}
_OTHER_WORDS = {"true": "True", "false": "False", "null": "None"}
_NO: dict[type[ast.AST], str] = {
    ast.Pow: "powers are not allowed",
    ast.Mod: "% is not allowed",
    ast.FloorDiv: "// is not allowed; use / and round",
    ast.Lambda: "functions cannot be defined here",
    ast.NamedExpr: "nothing can be assigned here",
    ast.Subscript: "[ ] is not allowed; write record.name",
    ast.JoinedStr: "text cannot hold expressions",
    ast.Starred: "* before a value is not allowed",
    ast.Dict: "tables are written under lookups",
    ast.Set: "write [a, b] instead of {a, b}",
}


class Expression(msgspec.Struct, frozen=True):
    """`build` gives the tree over the record of that name: `data`, or a `row` of it, in which the
    name `parent` is the record. `meaning` is equal for expressions that differ in blanks only;
    `reads` are raw paths."""

    place: Place
    build: Callable[[code.Code, str], ast.expr]
    meaning: str
    reads: frozenset[str]
    text: str = ""
    """As it was typed."""


class _Refused(Exception):
    def __init__(self, node: ast.AST | None, text: str) -> None:
        super().__init__(text)
        self.offset = _offset(node)


def _offset(node: ast.AST | None) -> int:
    return getattr(node, "col_offset", 0)


def parse_expression(scalar: Scalar, problems: Problems) -> Expression | None:
    """None after a mistake, which is then in `problems`."""
    source = scalar.text
    flat = source.replace("\n", " ")

    def place(node: ast.AST) -> Place:
        return scalar.at(_characters(flat, _offset(node)))

    try:
        tree = _parse(flat)
        checker = _Checker(flat)
        checker.value(tree, 0)
    except SyntaxError as failed:
        message = (failed.msg or "cannot be read").removeprefix("invalid syntax. ")
        index = failed.offset - 1 if failed.offset else len(flat)
        problems.add(scalar.at(index), f"expression: {message}")
        return None
    except _Refused as failed:
        index = _characters(flat, failed.offset)
        problems.add(scalar.at(index), f"expression: {failed}")
        return None

    def build(target: code.Code, record: str) -> ast.expr:
        return _Builder(flat, target, record, place).value(tree)

    meaning = f"{ast.dump(tree)} {checker.numbers}"
    return Expression(scalar.place, build, meaning, frozenset(checker.reads), source.strip())


def _characters(source: str, offset: int) -> int:
    """Python counts columns in bytes of UTF-8."""
    return len(source.encode(errors="replace")[:offset].decode(errors="ignore"))


def _parse(source: str) -> ast.expr:
    if not source.strip():
        raise _Refused(None, "is empty")
    if len(source) > LONGEST:
        raise _Refused(None, f"is longer than {LONGEST} characters")
    if "\\" in source or "#" in source:
        raise _Refused(None, "backslashes and # are not allowed")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source, mode="eval").body
    except (ValueError, MemoryError, RecursionError):
        raise _Refused(None, "cannot be read") from None


def _digits(source: str, node: ast.Constant) -> str:
    """A number as it was typed: 0.1 must not pass through a float."""
    return ast.get_source_segment(source, node) or ""


class _Checker:
    """Walks the white list; collects the raw paths that are read."""

    def __init__(self, source: str) -> None:
        self.reads: set[str] = set()
        self.numbers: list[str] = []
        """As typed, which the tree keeps as floats."""
        self._source = source
        self._row: tuple[str, str] | None = None
        """Inside a comprehension: the row's name, and the path it comes from."""

    def value(self, node: ast.expr, depth: int) -> None:
        if depth > DEEPEST:
            raise _Refused(node, f"is nested deeper than {DEEPEST} levels")
        match node:
            case ast.Constant():
                self._constant(node)
            case ast.Name() | ast.Attribute():
                self.reads.add(self._path(node))
            case ast.List() | ast.Tuple():
                self._all(node.elts, depth)
            case ast.BoolOp():
                self._all(node.values, depth)
            case ast.UnaryOp():
                self._unary(node, depth)
            case ast.BinOp():
                self._binary(node, depth)
            case ast.Compare():
                self._compare(node, depth)
            case ast.IfExp():
                self._all([node.test, node.body, node.orelse], depth)
            case ast.Call():
                self._call(node, depth)
            case ast.GeneratorExp() | ast.ListComp():
                self._comprehension(node, depth)
            case _:
                default = f"{type(node).__name__} is not allowed"
                raise _Refused(node, _NO.get(type(node), default))

    def _all(self, nodes: list[ast.expr], depth: int) -> None:
        for node in nodes:
            self.value(node, depth + 1)

    def _constant(self, node: ast.Constant) -> None:
        if node.value is None or (isinstance(node.value, bool | str) and node.kind is None):
            return
        typed = _digits(self._source, node)
        if not isinstance(node.value, int | float) or not _NUMBER.fullmatch(typed):
            raise _Refused(node, "is not a plain number or text")
        self.numbers.append(typed)

    def _path(self, node: ast.expr) -> str:
        names: list[str] = []
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            names.append(root.attr)
            root = root.value
        if not isinstance(root, ast.Name):
            raise _Refused(node, "only a name of the record can stand before a dot")
        names.append(root.id)
        if root.id in _OTHER_WORDS:
            raise _Refused(root, f"{root.id} is written {_OTHER_WORDS[root.id]} here")
        if hidden := next((name for name in names if name.startswith("__")), None):
            raise _Refused(node, f"{hidden} is not allowed")
        if self._row and root.id == self._row[0]:
            names[-1] = self._row[1]
        return ".".join(reversed(names))

    def _unary(self, node: ast.UnaryOp, depth: int) -> None:
        if not isinstance(node.op, ast.Not) and type(node.op) not in _UNARY:
            raise _Refused(node, "~ is not allowed")
        self.value(node.operand, depth + 1)

    def _binary(self, node: ast.BinOp, depth: int) -> None:
        if type(node.op) not in _BINARY:
            name = type(node.op).__name__
            raise _Refused(node, _NO.get(type(node.op), f"{name} is not allowed"))
        if isinstance(node.op, ast.Mult):
            for side in (node.left, node.right):
                if isinstance(side, ast.List | ast.Tuple | ast.ListComp | ast.GeneratorExp) or (
                    isinstance(side, ast.Constant) and isinstance(side.value, str)
                ):
                    raise _Refused(node, "text and lists do not repeat")
        self._all([node.left, node.right], depth)

    def _compare(self, node: ast.Compare, depth: int) -> None:
        operands = [node.left, *node.comparators]
        for operation, right in zip(node.ops, node.comparators, strict=True):
            nothing = isinstance(right, ast.Constant) and right.value is None
            if isinstance(operation, ast.Is | ast.IsNot) and not nothing:
                raise _Refused(right, "`is` compares with None only; use ==")
        self._all(operands, depth)

    def _call(self, node: ast.Call, depth: int) -> None:
        if not isinstance(node.func, ast.Name):
            raise _Refused(node, "only functions can be called: " + ", ".join(evaluate.FUNCTIONS))
        name = node.func.id
        if name not in evaluate.FUNCTIONS:
            hint = suggestion(name, evaluate.FUNCTIONS)
            raise _Refused(node, f"unknown function {name}{hint}")
        _, least, most = evaluate.FUNCTIONS[name]
        if node.keywords or not least <= len(node.args) <= most:
            wanted = f"{least}" if least == most else f"{least} to {most}"
            raise _Refused(node, f"{name} takes {wanted} plain arguments")
        if name == "round" and len(node.args) == 2:
            self._places(node.args[1])
        self._all(node.args, depth)

    def _places(self, node: ast.expr) -> None:
        value = node.value if isinstance(node, ast.Constant) else None
        if type(value) is not int or not 0 <= value <= MOST_DIGITS:
            raise _Refused(node, f"round takes 0 to {MOST_DIGITS} places, written as a number")

    def _comprehension(self, node: ast.GeneratorExp | ast.ListComp, depth: int) -> None:
        loop = node.generators[0]
        if self._row or len(node.generators) > 1:
            raise _Refused(node, "one table part at a time: no loop inside a loop")
        if loop.is_async or not isinstance(loop.target, ast.Name):
            raise _Refused(node, "write `... for row in part`")
        if not isinstance(loop.iter, ast.Name | ast.Attribute):
            raise _Refused(loop.iter, "a loop runs over a table part of the record only")
        if loop.target.id.startswith("__") or loop.target.id in evaluate.FUNCTIONS:
            raise _Refused(loop.target, f"{loop.target.id} cannot name a row")
        path = self._path(loop.iter)
        self._row = (loop.target.id, path)
        self._all([*loop.ifs, node.elt], depth)
        self._row = None
        if not any(read.startswith(f"{path}.") for read in self.reads):
            self.reads.add(path)


class _Builder:
    """Rebuilds a checked tree out of calls of `evaluate`; keys become constants."""

    def __init__(
        self, source: str, target: code.Code, record: str, place: Callable[[ast.AST], Place]
    ) -> None:
        self._source = source
        self._code = target
        self._record = record
        self._place = place
        self._row: str | None = None

    def value(self, node: ast.expr) -> ast.expr:
        at = self._place(node)
        match node:
            case ast.Constant():
                return self._constant(node, at)
            case ast.Name():
                return self._name(node, at)
            case ast.Attribute():
                key = self._code.value(node.attr, at)
                return self._code.call(evaluate.member, at, self.value(node.value), key)
            case ast.List() | ast.Tuple():
                return code.listed(self._all(node.elts), at)
            case ast.BoolOp():
                return code.put(ast.BoolOp(node.op, self._all(node.values)), at)
            case ast.UnaryOp():
                return self._unary(node, at)
            case ast.BinOp():
                sides = self._all([node.left, node.right])
                return self._code.call(_BINARY[type(node.op)], at, *sides)
            case ast.Compare():
                names = tuple(type(op).__name__ for op in node.ops)
                operands = self._all([node.left, *node.comparators])
                if len(names) == 1:
                    only = self._code.value(names[0], at)
                    return self._code.call(evaluate.compare, at, only, *operands)
                operations = self._code.value(names, at)
                return self._code.call(evaluate.compare_all, at, operations, *operands)
            case ast.IfExp():
                test, yes, no = self._all([node.test, node.body, node.orelse])
                return code.choose(test, yes, no, at)
            case ast.Call(func=ast.Name(id=name)):
                function = evaluate.FUNCTIONS[name][0]
                return self._code.call(function, at, *self._all(node.args))
            case ast.GeneratorExp() | ast.ListComp():
                return self._comprehension(node, at)
        raise AssertionError(f"{type(node).__name__} passed the white list")

    def _all(self, nodes: list[ast.expr]) -> list[ast.expr]:
        return [self.value(node) for node in nodes]

    def _constant(self, node: ast.Constant, at: Place) -> ast.expr:
        if isinstance(node.value, float):
            return self._code.value(Decimal(_digits(self._source, node)), at)
        return self._code.value(node.value, at)

    def _name(self, node: ast.Name, at: Place) -> ast.expr:
        if node.id == self._row:
            return code.load("row_of_loop", at)
        if node.id == "parent" and self._record == "row":
            return code.load("data", at)
        record = code.load(self._record, at)
        return self._code.call(evaluate.named, at, record, self._code.value(node.id, at))

    def _unary(self, node: ast.UnaryOp, at: Place) -> ast.expr:
        operand = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            return code.put(ast.UnaryOp(ast.Not(), operand), at)
        return self._code.call(_UNARY[type(node.op)], at, operand)

    def _comprehension(self, node: ast.GeneratorExp | ast.ListComp, at: Place) -> ast.expr:
        loop = node.generators[0]
        assert isinstance(loop.target, ast.Name)
        label = self._code.value(ast.unparse(loop.iter), at)
        where = self._place(loop.iter)
        source = self._code.call(evaluate.part, where, self.value(loop.iter), label)
        self._row = loop.target.id
        tests, item = self._all(loop.ifs), self.value(node.elt)
        self._row = None
        return code.each(item, "row_of_loop", source, tests, at)
