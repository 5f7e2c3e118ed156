"""Values as people write them in an example: `50500.00 RUB`, `2026-11-18`, `true`, `none`."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from enum import Enum

from syncd.domain import Money, Reason, State, Value
from syncd.mapping.document import Node, Problems, Scalar
from syncd.mapping.transforms import Shape

_NUMBER = re.compile(r"-?[0-9][0-9,]*(\.[0-9]+)?")
_MONEY = re.compile(rf"({_NUMBER.pattern}) ([A-Z]{{3}})")
_ENUMS = {Shape.STATE: State, Shape.REASON: Reason}
_FORMS = {
    Shape.MONEY: "an amount like 50500.00 EUR",
    Shape.DATE: "a day like 2026-11-18",
    Shape.NUMBER: "a number like 12.5",
    Shape.FLAG: "true or false",
}

Typed = str | int | Decimal | bool | dt.date | Money | State | Reason | None


def empty(node: Node) -> bool:
    """Nothing: `none`, or no value at all."""
    return isinstance(node, Scalar) and (node.off or node.value is None)


def typed(node: Node, word: str, shape: Shape, problems: Problems) -> Typed:
    """What `word`, which is `shape`, is said to be; None where it is nothing, and after a
    mistake."""
    if empty(node):
        return None
    if not isinstance(node, Scalar):
        problems.add(node.place, f"{word} is one value")
        return None
    if shape in _ENUMS:
        return _choice(node, shape, problems)
    try:
        return _typed(node, shape)
    except (ValueError, ArithmeticError):
        problems.add(node.place, f"{word} is written as {_FORMS[shape]}")
        return None


def _choice(node: Scalar, shape: Shape, problems: Problems) -> Typed:
    known = _ENUMS[shape]
    try:
        return known(node.text)
    except ValueError:
        problems.unknown(node.place, shape.removeprefix("a "), node.text, list(known))
        return None


def _typed(node: Scalar, shape: Shape) -> Typed:
    match shape:
        case Shape.DATE:
            return dt.date.fromisoformat(node.text)
        case Shape.MONEY:
            return money(node.text)
        case Shape.NUMBER:
            return number(node.text)
        case Shape.FLAG if isinstance(node.value, bool):
            return node.value
        case Shape.FLAG:
            raise ValueError
        case Shape.ANY:
            return money(node.text) if _MONEY.fullmatch(node.text) else plain(node)
    return node.text


def number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return Decimal(text.replace(",", ""))


def money(text: str) -> Money:
    found = _MONEY.fullmatch(text)
    if not found:
        raise ValueError
    return Money.of(number(found[1]), found[3])


def plain(node: Scalar) -> str | int | Decimal | bool | None:
    """As a system would answer: in quotes it is text, a plain number is exact."""
    if node.off:
        return None
    if not node.quoted and isinstance(node.value, str) and _NUMBER.fullmatch(node.text):
        return number(node.text)
    return node.value


def equal(node: Node, actual: Value) -> bool:
    """Whether a target gets what is said: numbers by value."""
    if empty(node):
        return actual in (None, "")
    if not isinstance(node, Scalar) or actual is None:
        return False
    if isinstance(actual, bool):
        return node.value is actual
    if isinstance(actual, Decimal | int):
        try:
            return number(node.text) == actual
        except ValueError:
            return False
    return node.text.strip() == actual.strip()


def shown(value: object) -> str:
    """As it would be written into an example."""
    if isinstance(value, Scalar):
        return "nothing" if empty(value) else value.text
    if value is None or value == "" or value == ():
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Money):
        return f"{value.amount} {value.currency}"
    if isinstance(value, Enum):
        return str(value.value)
    return str(value)
