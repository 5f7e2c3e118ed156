"""What generated code calls: reading raw records, and the exact operators of expressions.

Each function raises Unmappable where a record is not what its mapping says. Numbers are int and
Decimal; a float is refused wherever it appears, because it is not the amount somebody typed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import (
    ROUND_HALF_EVEN,
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from enum import StrEnum
from typing import Any, TypeVar

from syncd.domain import Allocation, Contact, Figures, Money, Reason, State, Term
from syncd.mapping.code import Unmappable
from syncd.mapping.transforms import LARGEST, kind_of, plain

T = TypeVar("T")
C = TypeVar("C", bound=StrEnum)
Number = int | Decimal

_TRAPS = [InvalidOperation, DivisionByZero, Overflow, Clamped]
_EXACT = Context(prec=60, Emax=60, Emin=-60, traps=[*_TRAPS, Inexact])
_DIVIDE = Context(prec=28, Emax=60, Emin=-60, rounding=ROUND_HALF_EVEN, traps=_TRAPS)
_MISSING = object()


# ------------------------------------------------------------------------- paths of a raw record


def step(value: Any, name: str) -> Any:
    """One name further along a path; nothing stays nothing."""
    if value is None:
        return None
    if type(value) is dict or isinstance(value, Mapping):
        return value.get(name)
    raise Unmappable(f"the path goes to {name} through {kind_of(value)}")


def rows(value: Any, name: str) -> Sequence[Mapping[str, Any]]:
    """The rows of a table part."""
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise Unmappable(f"{name} is {kind_of(value)}, not a table part")
    for row in value:
        if type(row) is not dict and not isinstance(row, Mapping):
            raise Unmappable(f"a row of {name} is {kind_of(row)}, not a record")
    return value


def joined(*parts: Sequence[T]) -> list[T]:
    """The rows of several table parts, one after the other."""
    return [row for part in parts for row in part]


def pick(values: Sequence[Any], name: str, key: str, wanted: str) -> list[Mapping[str, Any]]:
    """Those rows of the table parts `values` whose `key` is `wanted`."""
    return [
        row
        for value in values
        for row in rows(value, name)
        if (found := row.get(key)) is not None and plain(found) == wanted
    ]


def steps(values: Sequence[Any], name: str) -> list[Any]:
    """One name further from each of several rows."""
    return [step(value, name) for value in values]


# ------------------------------------------------------------------------------ canonical values


def need(value: T | None, word: str) -> T:
    if value is None or value == "":
        raise Unmappable(f"{word} is empty, and it is required")
    return value


def as_text(value: Any, word: str) -> str | None:
    """Empty text is nothing."""
    if type(value) is str:
        return value or None
    if value is None:
        return None
    raise Unmappable(f"{word} is {kind_of(value)}, not text; end with `| text`")


def needed_text(value: Any, word: str) -> str:
    """Text that is required."""
    if type(value) is str and value:
        return value
    return need(as_text(value, word), word)


def is_there(value: Any) -> bool:
    return value is not None and value != ""


_STATES: Mapping[object, State] = {state.value: state for state in State}


def as_state(value: Any, word: str) -> State:
    found = _STATES.get(value) if type(value) is str else None
    return found or _choice(State, value, word)


def as_reason(value: Any, word: str) -> Reason:
    return _choice(Reason, value, word)


def _choice(choices: type[C], value: Any, word: str) -> C:
    try:
        return choices(value)
    except ValueError:
        known = ", ".join(choices)
        raise Unmappable(f"{word} is none of {known}; map it by a lookup") from None


def settled(invoice: str | None, amount: Money) -> list[Allocation]:
    return [Allocation(invoice, amount)] if invoice else []


def by_invoice(allocations: Sequence[Allocation]) -> tuple[Allocation, ...]:
    """In one order, so that equal payments are equal whatever order the source answers in."""
    if len(allocations) < 2:
        return tuple(allocations)
    return tuple(sorted(allocations, key=lambda a: (a.invoice, a.amount.currency, a.amount.micros)))


def by_key(contacts: Sequence[Contact]) -> tuple[Contact, ...]:
    """In one order; who is told of twice is one person, and who has no name is none."""
    named = {one.key: one for one in contacts if one.name}
    return tuple(named[key] for key in sorted(named))


def by_currency(figures: Sequence[Figures]) -> tuple[Figures, ...]:
    """One row per currency, ordered by it; a row of zeros is no row."""
    kept: dict[str, Figures] = {}
    for row in figures:
        currency = row.receivable.currency
        for other in (row.prepaid, row.credits):
            if other is not None and other.currency != currency:
                raise Unmappable(f"{currency} and {other.currency} in one row")
        if currency in kept:
            raise Unmappable(f"two rows in {currency}")
        kept[currency] = row
    ordered = [kept[currency] for currency in sorted(kept)]
    return tuple(row for row in ordered if row.receivable or row.prepaid or row.credits)


def open_item(
    receivable: Money | None = None, prepaid: Money | None = None, credits: Money | None = None
) -> Figures:
    """One open document. What is below zero counts on the other side, since nothing is netted: a
    credit note in a list of what is owed is paid ahead."""
    given = [one for one in (receivable, prepaid, credits) if one is not None]
    if not given:
        raise Unmappable("none of receivable, prepaid and credits has an amount in this row")
    currency = given[0].currency
    for other in given[1:]:
        if other.currency != currency:
            raise Unmappable(f"{currency} and {other.currency} in one row")
    owed, ahead, noted = (one.micros if one else 0 for one in (receivable, prepaid, credits))
    return Figures(
        Money(max(owed, 0) - min(ahead, 0) - min(noted, 0), currency),
        Money(max(ahead, 0) - min(owed, 0), currency),
        None if credits is None else Money(max(noted, 0), currency),
    )


def added_up(items: Sequence[Figures]) -> tuple[Figures, ...]:
    """The open items of a customer as one row per currency."""
    sums: dict[str, Figures] = {}
    for item in items:
        before = sums.get(item.receivable.currency)
        sums[item.receivable.currency] = _both(before, item) if before else item
    return by_currency(list(sums.values()))


def _both(one: Figures, other: Figures) -> Figures:
    noted = one.credits + other.credits if one.credits and other.credits else None
    sums = (one.receivable + other.receivable, one.prepaid + other.prepaid)
    if any(amount.micros > LARGEST for amount in (*sums, noted or sums[0])):
        raise Unmappable(f"the open items in {sums[0].currency} add up to too much")
    return Figures(*sums, noted or one.credits or other.credits)


def by_due(terms: Sequence[Term]) -> tuple[Term, ...]:
    """The earliest first."""
    return tuple(sorted(terms, key=lambda t: (t.due, t.amount.currency, t.amount.micros)))


# ----------------------------------------------------------------------------------- expressions


def named(record: Mapping[str, Any], name: str) -> Any:
    """A name must be there: a typing error must not turn into "empty"."""
    value = record.get(name, _MISSING)
    if value is _MISSING:
        raise Unmappable(f"there is no {name} in this record")
    if type(value) is float:
        raise Unmappable(f"{name} is an inexact number (float)")
    return value


def member(value: Any, name: str) -> Any:
    """`value.name` is always the key of a record, never an attribute of an object. Where a record
    has nothing, what is behind it is nothing too, as along a path."""
    if value is None:
        return None
    if type(value) is dict or isinstance(value, Mapping):
        return named(value, name)
    raise Unmappable(f".{name} of {kind_of(value)}")


def part(value: Any, name: str) -> Sequence[Any]:
    """What a comprehension runs over: nothing has no rows."""
    if value is None:
        return ()
    if isinstance(value, list | tuple):
        return value
    raise Unmappable(f"{name} is {kind_of(value)}, not a table part")


def _number(value: Any) -> Number:
    if type(value) is int or type(value) is Decimal:
        return value
    raise Unmappable(f"a number is needed, this is {kind_of(value)}")


def _exactly(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Number:
    try:
        result: Number = operation(_number(left), _number(right))
    except ZeroDivisionError:
        raise Unmappable("division by zero") from None
    except ArithmeticError:
        raise Unmappable("the result has more digits than can be exact") from None
    return result


def plus(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    return _exactly(_EXACT.add, left, right)


def minus(left: Any, right: Any) -> Number:
    return _exactly(_EXACT.subtract, left, right)


def times(left: Any, right: Any) -> Number:
    """Numbers only: text and lists do not repeat."""
    return _exactly(_EXACT.multiply, left, right)


def over(left: Any, right: Any) -> Number:
    """28 significant digits, the last one half to even."""
    return _exactly(_DIVIDE.divide, left, right)


def minus_of(value: Any) -> Number:
    return _exactly(_EXACT.subtract, 0, value)


def plus_of(value: Any) -> Number:
    return _number(value)


def _in(left: Any, right: Any) -> bool:
    if isinstance(right, str) and not isinstance(left, str):
        raise Unmappable(f"only text can be in text, this is {kind_of(left)}")
    if not isinstance(right, str | list | tuple):
        raise Unmappable(f"`in` needs text or a list, this is {kind_of(right)}")
    return left in right


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
    "In": _in,
    "NotIn": lambda left, right: not _in(left, right),
    "Is": operator.is_,
    "IsNot": operator.is_not,
}
COMPARISONS = frozenset(_COMPARE)


def compare(operation: str, left: Any, right: Any) -> bool:
    """`a < b` as "Lt" and its values."""
    if type(left) is float or type(right) is float:
        raise Unmappable("an inexact number (float) cannot be compared")
    try:
        return bool(_COMPARE[operation](left, right))
    except (TypeError, ArithmeticError):
        pair = f"{kind_of(left)} and {kind_of(right)}"
        raise Unmappable(f"{pair} cannot be compared like this") from None


def compare_all(operations: Sequence[str], *values: Any) -> bool:
    """`a < b <= c` as ("Lt", "LtE") and its values."""
    pairs = zip(operations, values, values[1:], strict=False)
    return all(compare(*one) for one in pairs)


def _list(value: Any, function: str) -> Sequence[Any]:
    if isinstance(value, list | tuple):
        return value
    raise Unmappable(f"{function} needs a list, this is {kind_of(value)}")


def sum_of(values: Any) -> Number:
    total: Number = 0
    for value in _list(values, "sum"):
        total = _exactly(_EXACT.add, total, value)
    return total


def _extreme(choose: Callable[[Sequence[Any]], Any], name: str, args: tuple[Any, ...]) -> Any:
    values = _list(args[0], name) if len(args) == 1 else args
    if not values:
        raise Unmappable(f"{name} of nothing")
    if any(type(value) is float for value in values):
        raise Unmappable(f"{name} of an inexact number (float)")
    try:
        return choose(values)
    except (TypeError, ArithmeticError):
        raise Unmappable(f"{name} of values that cannot be compared") from None


def min_of(*args: Any) -> Any:
    return _extreme(min, "min", args)


def max_of(*args: Any) -> Any:
    return _extreme(max, "max", args)


def len_of(value: Any) -> int:
    if isinstance(value, str | list | tuple):
        return len(value)
    raise Unmappable(f"len needs text or a list, this is {kind_of(value)}")


def round_of(value: Any, places: int = 0) -> Number:
    """Half to even, as everywhere in Python; the result keeps `places` digits."""
    number = _number(value)
    if isinstance(number, int):
        return number
    try:
        return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, _DIVIDE)
    except ArithmeticError:
        raise Unmappable("too large to be rounded") from None


def abs_of(value: Any) -> Number:
    number = _number(value)
    return minus_of(number) if number < 0 else number


def any_of(values: Any) -> bool:
    return any(_list(values, "any"))


def all_of(values: Any) -> bool:
    return all(_list(values, "all"))


FUNCTIONS: Mapping[str, tuple[Callable[..., Any], int, int]] = {
    "sum": (sum_of, 1, 1),
    "min": (min_of, 1, 8),
    "max": (max_of, 1, 8),
    "len": (len_of, 1, 1),
    "round": (round_of, 1, 2),
    "abs": (abs_of, 1, 1),
    "any": (any_of, 1, 1),
    "all": (all_of, 1, 1),
}
"""What an expression may call: the function, and its least and greatest number of arguments."""
