"""The language of `$filter` and of conditions, compiled into functions of a row.

Operators and functions: developer's guide 8.3.27, chapter 17.4.6. As on live servers, one of
several types compared without `cast` is silently never equal, and `+` is no operator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from syncd.sandbox.onec.base import Base, Row
from syncd.sandbox.onec.odata import functions
from syncd.sandbox.onec.odata.values import Guid, Typed, guid
from syncd.sandbox.onec.refusals import BUSINESS, Refusal, bad_option, no_segment
from syncd.sandbox.onec.shapes import NAMESPACE, Field

Value = Callable[[Row], Any]
TOKEN = re.compile(
    r"\s*(?:(?P<guid>guid'(?P<guid_text>[^']*)')|(?P<date>datetime'(?P<date_text>[^']*)')"
    r"|(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?[dDmMLfF]?(?![\w]))"
    r"|(?P<name>[^\W\d][\w]*(?:/[^\W\d]\w*)*)|(?P<mark>[(),:])|(?P<plus>\+))",
    re.IGNORECASE,
)
DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?")
COMPARE = ("eq", "ne", "gt", "ge", "lt", "le")
RESERVED = (*COMPARE, "and", "or", "add", "sub", "mul", "div")


@dataclass(frozen=True, slots=True)
class Scope:
    """Where names are looked up: the fields and parts of one set, and its rows' lambda variable."""

    base: Base
    fields: Mapping[str, Field]
    parts: Mapping[str, tuple[Field, ...]]
    variable: str = ""


def compile_filter(text: str, scope: Scope, option: str = "$filter") -> Value:
    """Refusal for what 1C does not understand."""
    parser = _Parser(text, scope, option)
    value = parser.either()
    if rest := parser.peek():
        raise bad_option(option, f"лишний текст {rest[1]!r}")

    def checked(row: Row) -> Any:
        try:
            return value(row)
        except (TypeError, AttributeError, ValueError, LookupError, ArithmeticError):
            raise bad_option(option, "недопустимые типы операндов") from None

    return checked


class _Parser:
    def __init__(self, text: str, scope: Scope, option: str) -> None:
        self.scope = scope
        self.option = option
        self.tokens: list[tuple[str, str]] = []
        self.at = 0
        self.lambdas = 0
        position = 0
        text = text.rstrip()
        while position < len(text):
            found = TOKEN.match(text, position)
            if not found:
                raise bad_option(option, f"непонятный текст {text[position:]!r}")
            position = found.end()
            kind = str(found.lastgroup).removesuffix("_text")
            inner = found[f"{kind}_text"] if kind in ("guid", "date") else found[kind]
            if kind == "plus":
                raise Refusal(500, BUSINESS, 'Операция не разрешена в предложении "ГДЕ"')
            self.tokens.append((kind, inner))
        if not self.tokens:
            raise bad_option(option, "пусто")

    # tokens

    def peek(self) -> tuple[str, str] | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def next(self) -> tuple[str, str]:
        token = self.peek()
        if token is None:
            raise bad_option(self.option, "неожиданный конец")
        self.at += 1
        return token

    def word(self, *words: str) -> str | None:
        token = self.peek()
        if token and token[0] == "name" and token[1] in words:
            self.at += 1
            return token[1]
        return None

    def mark(self, mark: str) -> bool:
        if self.peek() == ("mark", mark):
            self.at += 1
            return True
        return False

    def need(self, mark: str) -> None:
        if not self.mark(mark):
            raise bad_option(self.option, f"ожидалось {mark!r}")

    # grammar, weakest first

    def either(self) -> Value:
        left = self.both()
        while self.word("or"):
            left = _or(left, self.both())
        return left

    def both(self) -> Value:
        left = self.one()
        while self.word("and"):
            left = _and(left, self.one())
        return left

    def one(self) -> Value:
        if self.word("not"):
            inner = self.one()
            return lambda row: not inner(row)
        left = self.sum()
        operator = self.word(*COMPARE)
        if operator is None:
            return left
        return functions.compare(operator, left, self.sum(), self.option)

    def sum(self) -> Value:
        left = self.product()
        while operator := self.word("add", "sub"):
            left = functions.arithmetic(operator, left, self.product())
        return left

    def product(self) -> Value:
        left = self.atom()
        while operator := self.word("mul", "div"):
            left = functions.arithmetic(operator, left, self.atom())
        return left

    def atom(self) -> Value:
        if self.mark("("):
            value = self.either()
            self.need(")")
            return value
        kind, text = self.next()
        if kind == "name" and text not in RESERVED:
            return self.named(text)
        constant = self.literal(kind, text)
        return lambda row: constant

    def literal(self, kind: str, text: str) -> Any:
        if kind == "guid":
            return guid(text)
        if kind == "date":
            return self.date(text)
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            try:
                return Decimal(text.rstrip("dDmMLfF"))
            except InvalidOperation:
                pass
        raise bad_option(self.option, f"непонятно {text!r}")

    def date(self, text: str) -> str:
        found = DATE.fullmatch(text)
        if not found or (not found[1] and not self.scope.base.switches.date_only):
            raise bad_option(self.option, f"дата {text!r}")
        if not found[1]:
            return text + "T00:00:00"
        return text[:19] if found[2] else text + ":00"

    def named(self, text: str) -> Value:
        if text in ("true", "false"):
            return lambda row: text == "true"
        if self.mark("("):
            if text.rpartition("/")[2] in ("any", "all"):
                return self.quantified(*text.rsplit("/", 1))
            return self.call(text)
        return self.path(text)

    def call(self, name: str) -> Value:
        arguments: list[Value] = []
        while not self.mark(")"):
            arguments.append(self.either())
            self.mark(",")
        if name in ("cast", "isof") and len(arguments) not in (1, 2):
            raise bad_option(self.option, f"функция {name}")
        if name == "isof":
            wanted = arguments[-1]
            value = arguments[0] if len(arguments) > 1 else (lambda row: None)
            return lambda row: getattr(value(row), "type", None) == _type(wanted(row))
        if name == "cast":
            return lambda row: _cast(arguments[0](row), arguments[-1](row))
        return functions.function(name, arguments, self.option)

    def quantified(self, part: str, which: str) -> Value:
        """`Товары/any(d: d/Цена gt 10)`. A second one in the same filter is a server error."""
        self.lambdas += 1
        if self.lambdas > 1:
            raise Refusal(500, BUSINESS, "Внутренняя ошибка OData сервиса")
        fields = self.scope.parts.get(part)
        if fields is None:
            raise no_segment(part)
        if self.mark(")"):
            return lambda row: bool(row[part])
        _, variable = self.next()
        self.need(":")
        outer = self.scope
        self.scope = Scope(outer.base, {one.wire: one for one in fields}, {}, variable)
        inner = self.either()
        self.scope = outer
        self.need(")")
        test = any if which == "any" else all
        return lambda row: test(inner(one) for one in row[part])

    def path(self, text: str) -> Value:
        names = text.split("/")
        if self.scope.variable and names[0] == self.scope.variable:
            names = names[1:]
        return path(names, self.scope)


def path(names: list[str], scope: Scope) -> Value:
    """The value of `Контрагент/ИНН` and the like. Refusal for a name that is not there."""
    first, *rest = names
    typed = first.endswith("_Type") and first.removesuffix("_Type") in scope.fields
    found = scope.fields.get(first)
    if not rest and found is not None:
        return _value(found)
    if not rest and typed:
        return functions.TypeOf(first)
    reference = found or scope.fields.get(f"{first}_Key")
    if not rest or reference is None or not reference.targets:
        raise no_segment(first)
    base = scope.base
    inner = {
        target: path(rest, Scope(base, base.configuration.fields_of(target), {}))
        for target in reference.targets
        if target in base.configuration.entities and _has(base, target, rest[0])
    }
    if not inner:
        raise no_segment(rest[0])

    def follow(row: Row) -> Any:
        there = base.follow(reference, row)
        return inner[there[0]](there[1]) if there and there[0] in inner else None

    return follow


def _has(base: Base, name: str, field: str) -> bool:
    known = base.configuration.fields_of(name)
    return field in known or f"{field}_Key" in known or field.removesuffix("_Type") in known


def _value(field: Field) -> Value:
    wire = field.wire
    if field.type == "ref":
        return lambda row: Guid(row[wire])
    if field.type == "any":
        return lambda row: Typed(row.get(f"{wire}_Type", ""), row[wire])
    if field.type in ("number", "int"):
        return lambda row: Decimal(row[wire])
    if field.length:
        return lambda row: row[wire].rstrip() if isinstance(row[wire], str) else row[wire]
    return lambda row: row[wire]


def _cast(value: Any, name: Any) -> Any:
    if isinstance(value, Typed):
        return value if value.type == _type(name) else Typed("", None)
    return Typed(_type(name), str(value)) if isinstance(value, Guid) else value


def _type(name: Any) -> str:
    text = str(name)
    return text if text.startswith(("Edm.", NAMESPACE)) else NAMESPACE + text


def _or(left: Value, right: Value) -> Value:
    return lambda row: left(row) or right(row)


def _and(left: Value, right: Value) -> Value:
    return lambda row: left(row) and right(row)
