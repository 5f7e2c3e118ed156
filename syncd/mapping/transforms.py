"""The transforms a line may name: one registry, each with its direction, arguments and meaning.

Nothing (None) passes through every transform but `default`. Each docstring's first line is what the
documentation lists.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Clamped, Context, Decimal, Inexact, InvalidOperation, Overflow
from enum import StrEnum
from typing import Any

import msgspec

from syncd.domain import MICRO, Money, Value
from syncd.mapping.code import Unmappable


class Shape(StrEnum):
    """What is known of a value before any record is seen."""

    ANY = "a value"
    TEXT = "text"
    DATE = "a date"
    MONEY = "an amount"
    LIST = "a list"
    STATE = "a state"
    REASON = "a reason"
    NUMBER = "a number"
    FLAG = "true or false"
    ROWS = "rows"


class Way(StrEnum):
    IN = "from a raw record"
    OUT = "to a target"
    BOTH = "in both directions"


class Arg(StrEnum):
    PATH = "path"
    TABLE = "lookup table"
    TEXT = "text"
    COUNT = "number"


class Transform(msgspec.Struct, frozen=True):
    """`gives` None: the shape that came in."""

    name: str
    run: Callable[..., Any]
    way: Way
    args: tuple[Arg, ...]
    takes: frozenset[Shape]
    gives: Shape | None
    optional: int = 0
    """So many of the last arguments may be left out."""

    @property
    def doc(self) -> str:
        return (self.run.__doc__ or "").strip().splitlines()[0]

    @property
    def usage(self) -> str:
        needed = len(self.args) - self.optional
        shown = [f"<{a}>" if i < needed else f"[{a}]" for i, a in enumerate(self.args)]
        return " ".join([self.name, *shown])

    def works(self, way: Way) -> bool:
        return self.way in (way, Way.BOTH)


REGISTRY: dict[str, Transform] = {}
_ONE = frozenset({Shape.ANY, Shape.TEXT})
_Run = Callable[..., Any]


def _transform(
    way: Way,
    *args: Arg,
    takes: frozenset[Shape] = _ONE,
    gives: Shape | None = Shape.TEXT,
    optional: int = 0,
) -> Callable[[_Run], _Run]:
    def add(run: _Run) -> _Run:
        name = run.__name__.rstrip("_")
        REGISTRY[name] = Transform(name, run, way, args, takes, gives, optional)
        return run

    return add


def kind_of(value: object) -> str:
    """What a value is, in words; never the value, which may be personal."""
    names = {str: "text", bool: "true or false", int: "a number", Decimal: "a number"}
    names |= {float: "an inexact number", type(None): "nothing"}
    if isinstance(value, Mapping):
        return "a record"
    if isinstance(value, list | tuple):
        return "a list"
    return names.get(type(value), f"a {type(value).__name__}")


def plain(value: object) -> str:
    """A scalar as the text that is compared with keys of tables and picked rows."""
    if type(value) is str:
        return value
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return str.__str__(value)
    if type(value) is int:
        return str(value)
    if type(value) is Decimal and value.is_finite() and abs(value.adjusted()) < 40:
        return f"{value:f}"
    raise Unmappable(f"is {kind_of(value)}, not one plain value")


def _as_text(value: object, name: str) -> str:
    if isinstance(value, str):
        return value
    raise Unmappable(f"{name} needs text, this is {kind_of(value)}; put `text` before it")


@_transform(Way.IN)
def trim(value: object) -> str | None:
    """Outer blanks go."""
    return None if value is None else _as_text(value, "trim").strip()


@_transform(Way.IN)
def text(value: object) -> str | None:
    """A number or id as text, digit by digit."""
    if type(value) is str:
        return value
    return None if value is None else plain(value)


@_transform(Way.BOTH)
def upper(value: object) -> str | None:
    """Capital letters."""
    return None if value is None else _as_text(value, "upper").upper()


@_transform(Way.BOTH)
def lower(value: object) -> str | None:
    """Small letters."""
    return None if value is None else _as_text(value, "lower").lower()


@_transform(Way.IN, Arg.COUNT, optional=1)
def digits(value: object, many: int | None = None) -> str | None:
    """Only the digits 0-9 stay; where a number is named and it is not so many, it is held."""
    if value is None:
        return None
    found = "".join(c for c in plain(value) if c in "0123456789")
    if many is not None and found and len(found) != many:
        raise Unmappable(f"has {len(found)} digits, not {many}")
    return found


@_transform(Way.IN, Arg.TEXT)
def after(value: object, mark: str) -> str | None:
    """What follows this text, up to the next blank; nothing where the text does not stand."""
    if value is None:
        return None
    words = _as_text(value, "after").partition(mark)[2].split(maxsplit=1)
    return words[0] if words else None


@_transform(Way.IN, takes=frozenset({Shape.ANY, Shape.LIST}), gives=Shape.ANY)
def first(values: object) -> object:
    """The first of several values that is not empty."""
    if values is None:
        return None
    return next((value for value in _list(values, "first") if value not in (None, "")), None)


@_transform(Way.IN, takes=frozenset({Shape.ANY, Shape.LIST}), gives=Shape.ANY)
def unique(values: object) -> object:
    """The value that all of several have, empty ones aside; nothing where they differ."""
    if values is None:
        return None
    found = [value for value in _list(values, "unique") if value not in (None, "")]
    return found[0] if found and all(value == found[0] for value in found) else None


def _list(values: object, name: str) -> Sequence[object]:
    if isinstance(values, list | tuple):
        return values
    raise Unmappable(f"{name} needs a list, this is {kind_of(values)}")


@_transform(Way.IN, gives=Shape.NUMBER)
def number(value: object) -> Decimal | None:
    """An exact number; one that came as an inexact number (float) is refused."""
    if type(value) is Decimal:
        exact = value
    elif value is None or value == "":
        return None
    elif type(value) is int:
        exact = Decimal(value)
    elif isinstance(value, str):
        try:
            exact = _number(value)
        except ValueError:
            raise Unmappable("is text that is no number") from None
    else:
        raise Unmappable(f"a number is decimal text or an exact number, not {kind_of(value)}")
    if not exact.is_finite() or not -_DIGITS <= exact.adjusted() <= _DIGITS:
        raise Unmappable("is too large or too fine a number")
    return exact


_DIGITS = 30


@_transform(Way.IN, gives=Shape.FLAG)
def flag(value: object) -> bool | None:
    """True or false, also 1 and 0; other words for it need a lookup before."""
    if value is True or value is False:
        return value
    if value is None or value == "":
        return None
    if type(value) is int and value in (0, 1):
        return bool(value)  # some databases have no true and false, Tryton on SQLite for one
    if value in ("true", "false"):
        return value == "true"
    raise Unmappable(f"is {kind_of(value)}, neither true nor false; map it by a lookup")


@_transform(Way.IN, gives=Shape.DATE)
def date(value: object) -> dt.date | None:
    """The day of an ISO text (2026-11-18, or with a time), a date or a date with time."""
    if isinstance(value, str):
        if not value:
            return None
        try:
            if len(value) == 10:
                return dt.date.fromisoformat(value)
            return dt.datetime.fromisoformat(value).date()
        except ValueError:
            raise Unmappable("is not a date like 2026-11-18", repr(value[:40])) from None
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    raise Unmappable(f"date needs ISO text, this is {kind_of(value)}")


_EXACT = Context(prec=60, Emax=60, Emin=-60, traps=[Inexact, Overflow, InvalidOperation, Clamped])
_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?").fullmatch
LARGEST = 2**63 - 1
"""Millionths that the store's integers hold: nine trillion units."""


@_transform(Way.IN, Arg.PATH, gives=Shape.MONEY)
def money(value: object, currency: object) -> Money | None:
    """An exact amount in the currency that stands at this path; an inexact number is refused."""
    if type(value) is not Decimal and (value is None or value == ""):
        return None
    micros = _micros(value)
    if not isinstance(currency, str) or not currency:
        raise Unmappable(f"the currency of the amount is {kind_of(currency or None)}")
    return Money(micros, currency)


def _micros(value: object) -> int:
    if type(value) is not Decimal and type(value) is not int and not isinstance(value, str):
        raise Unmappable(f"an amount is decimal text or an exact number, not {kind_of(value)}")
    try:
        given = _number(value) if isinstance(value, str) else value
        if isinstance(given, int) or -_DIGITS <= given.adjusted() <= _DIGITS:
            # Whole numbers take half the time of a context, as long as they are short.
            units, parts = given.as_integer_ratio()
            if MICRO % parts == 0 and -LARGEST <= (micros := units * (MICRO // parts)) <= LARGEST:
                return micros
        exact = _EXACT.multiply(given, MICRO)
        micros = int(exact)
    except (ArithmeticError, ValueError):
        raise Unmappable("is not an exact amount", _short(value)) from None
    if micros != exact or not -LARGEST <= micros <= LARGEST:
        raise Unmappable("is finer than a millionth or too large", _short(value))
    return micros


def _number(typed: str) -> Decimal:
    """Decimal would also take `1_000`, `1e3` and `Infinity`."""
    if not _DECIMAL(typed.strip()):
        raise ValueError
    return Decimal(typed.strip())


def _short(value: object) -> str:
    if isinstance(value, str):
        return repr(value[:40])
    return str(value)[:40] if isinstance(value, Decimal) else "the number"


@_transform(Way.IN, takes=frozenset({Shape.ANY, Shape.MONEY}), gives=None)
def negate(value: object) -> object:
    """The amount with the other sign."""
    if value is None:
        return None
    if isinstance(value, Money):
        return -value
    if type(value) is int or type(value) is Decimal:
        return value.copy_negate() if isinstance(value, Decimal) else -value
    raise Unmappable(f"negate needs an amount, this is {kind_of(value)}")


@_transform(Way.BOTH, Arg.TABLE, takes=_ONE | {Shape.STATE, Shape.REASON}, gives=Shape.ANY)
def lookup(value: object, table: Mapping[str, Value], name: str, *otherwise: Value) -> Value:
    """The value beside it in this table; what the table lacks is held, never guessed."""
    if value is None:
        return None
    key = value if type(value) is str else plain(value)
    if key in table:
        return table[key]
    if otherwise:
        return otherwise[0]
    raise Unmappable(f"is not in lookup {name}", repr(key[:60]))


@_transform(Way.BOTH, Arg.TEXT, takes=frozenset({Shape.ANY, Shape.TEXT}), gives=None)
def default(value: object, instead: str) -> object:
    """This text where there is nothing."""
    return instead if value is None or value == "" else value


@_transform(Way.OUT, Arg.COUNT)
def max_(value: object, most: int) -> str | None:
    """At most so many characters; the rest is cut."""
    return None if value is None else _as_text(value, "max")[:most].rstrip()


@_transform(Way.OUT, Arg.TEXT, takes=frozenset({Shape.MONEY, Shape.ANY}), gives=Shape.MONEY)
def in_(value: object, currency: str) -> object:
    """The figure of this currency, whatever others there are."""
    raise AssertionError(f"{currency} is picked where the value is made, not afterwards: {value}")


@_transform(Way.OUT, Arg.TEXT)
def prefix(value: object, start: str) -> str | None:
    """This text before it."""
    return None if value is None else start + _as_text(value, "prefix")


def names(way: Way) -> Sequence[str]:
    return [name for name, transform in REGISTRY.items() if transform.works(way)]
