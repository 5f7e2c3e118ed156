"""Generated functions, built as syntax trees.

A tree cannot be broken out of: what a mapping file says enters it as a constant, never as source
text. Every node carries the line and column of the mapping file it stands for, so a failure at run
time finds its place in the file by Python's own traceback, and the happy path pays nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

from syncd.domain import PERSONAL, Kind
from syncd.mapping.document import START, Place


class Unmappable(Exception):
    """This record cannot be digested; `place_of` tells where the file says so. `value` is what
    stands there, before the text: it is left out where it may be personal."""

    def __init__(self, text: str, value: str = "") -> None:
        super().__init__(f"{value} {text}" if value else text)
        self._discreet = f"the value {text}" if value else text

    def told(self, kind: Kind) -> str:
        return self._discreet if kind in PERSONAL else str(self)


def put(node: ast.expr, place: Place) -> ast.expr:
    """The node, standing for this place of the mapping file."""
    node.lineno = node.end_lineno = place.line
    node.col_offset = node.end_col_offset = place.column - 1
    return node


def load(name: str, place: Place) -> ast.expr:
    return put(ast.Name(name, ast.Load()), place)


def choose(test: ast.expr, yes: ast.expr, no: ast.expr, place: Place) -> ast.expr:
    return put(ast.IfExp(test, yes, no), place)


def attribute(of: ast.expr, name: str, place: Place) -> ast.expr:
    """An attribute of one of our own objects; `name` is never what a file says."""
    return put(ast.Attribute(of, name, ast.Load()), place)


def listed(items: Sequence[ast.expr], place: Place) -> ast.expr:
    return put(ast.Tuple(list(items), ast.Load()), place)


def table(pairs: Mapping[str, ast.expr], place: Place) -> ast.expr:
    keys = [put(ast.Constant(key), place) for key in pairs]
    return put(ast.Dict(list[ast.expr | None](keys), list(pairs.values())), place)


def each(
    item: ast.expr, name: str, rows: ast.expr, tests: Sequence[ast.expr], place: Place
) -> ast.expr:
    """`[item for name in rows if tests]`."""
    target = put(ast.Name(name, ast.Store()), place)
    loop = ast.comprehension(target=target, iter=rows, ifs=list(tests), is_async=0)
    return put(ast.ListComp(item, [loop]), place)


class Code:
    """The names a generated function sees, and how calls and constants get into it."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__builtins__": {}}
        self._kept = 0

    def value(self, value: object, place: Place) -> ast.expr:
        if value is None or type(value) in (str, int, bool):
            return put(ast.Constant(value), place)  # type: ignore[arg-type]  # just narrowed
        name = f"value_{len(self.names)}"
        self.names[name] = value
        return load(name, place)

    def call(
        self, function: Callable[..., Any], place: Place, *args: ast.expr, **named: ast.expr
    ) -> ast.expr:
        name = f"call_{function.__name__}"
        if self.names.setdefault(name, function) is not function:
            raise AssertionError(f"two functions are called {name}")
        keywords = [ast.keyword(word, value) for word, value in named.items()]
        return put(ast.Call(load(name, place), list(args), keywords), place)

    def unless_empty(
        self, value: ast.expr, test: Callable[..., bool], otherwise: ast.expr, place: Place
    ) -> ast.expr:
        """`kept if test(kept := value) else otherwise`."""
        self._kept += 1
        name = f"kept_{self._kept}"
        held = ast.Name(name, ast.Store())
        put(held, place)
        kept = put(ast.NamedExpr(held, value), place)
        return choose(self.call(test, place, kept), load(name, place), otherwise, place)

    def function(
        self, name: str, params: Sequence[str], body: Sequence[ast.stmt], file: str
    ) -> Callable[..., Any]:
        arguments = ast.arguments(
            posonlyargs=[],
            args=[ast.arg(param) for param in params],
            kwonlyargs=[],
            kw_defaults=[],
            defaults=[],
        )
        definition = ast.FunctionDef(name, arguments, list(body), [])
        module = ast.fix_missing_locations(ast.Module([definition], []))
        exec(compile(module, file, "exec", dont_inherit=True), self.names)
        made: Callable[..., Any] = self.names[name]
        return made

    def place_of(self, trace: TracebackType | None) -> Place:
        """Where in the mapping file the innermost generated frame stood."""
        place = START
        while trace is not None:
            code = trace.tb_frame.f_code
            if trace.tb_frame.f_globals is self.names:
                line, _, column, _ = list(code.co_positions())[trace.tb_lasti // 2]
                place = Place(line or trace.tb_lineno, (column or 0) + 1)
            trace = trace.tb_next
        return place


def keep(name: str, value: ast.expr, place: Place) -> ast.stmt:
    """`name = value`, for what several expressions look at; `load` reads it."""
    return ast.Assign([put(ast.Name(name, ast.Store()), place)], value)


def returns(value: ast.expr) -> ast.stmt:
    return ast.Return(value)


def unless(test: ast.expr, value: ast.expr) -> ast.stmt:
    """`if not test: return value`."""
    return ast.If(ast.UnaryOp(ast.Not(), test), [ast.Return(value)], [])
