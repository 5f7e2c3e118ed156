"""What generated code calls for the fields that a mapping adds: into a record, and out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from syncd.domain import Extra, Money, Value, plain_number
from syncd.mapping.evaluate import is_there
from syncd.mapping.transforms import Shape


def gathered(*found: Any) -> tuple[Extra, ...]:
    """The fields that a mapping adds; one without a value is none."""
    return tuple([one for one in found if one is not None]) if None in found else found


def text_extra(word: str, value: str | None) -> Extra | None:
    return None if value is None else Extra(word, "text", value)


def number_extra(word: str, value: Decimal | None) -> Extra | None:
    return None if value is None else Extra(word, "number", plain_number(value))


def flag_extra(word: str, value: bool | None) -> Extra | None:
    return None if value is None else Extra(word, "flag", "true" if value else "false")


def typed_extra(word: str, value: Any) -> Extra | None:
    return Extra.of(word, value) if is_there(value) else None


MAKERS: Mapping[Shape, Callable[[str, Any], Extra | None]] = {
    Shape.TEXT: text_extra,
    Shape.NUMBER: number_extra,
    Shape.FLAG: flag_extra,
}
"""What makes an added field of what is known to be this or nothing; `typed_extra` makes any."""


def added(extras: Sequence[Extra]) -> dict[str, Value]:
    """The fields that the mapping adds, by word, as a target takes them."""
    shown: dict[str, Value] = {}
    for one in extras:
        kind = one.type
        if kind == "text" or kind == "date":
            shown[one.word] = one.text
        elif kind == "number":
            shown[one.word] = Decimal(one.text)
        elif kind == "flag":
            shown[one.word] = one.text == "true"
        else:
            money = one.value
            shown[one.word] = money.amount if isinstance(money, Money) else one.text
    return shown


def added_in(extras: Sequence[Extra], word: str, currency: str) -> Value:
    """One of them; an amount of another currency than the named one is none."""
    other = (one.value for one in extras if one.word == word and one.type == "money")
    if any(isinstance(money, Money) and money.currency != currency for money in other):
        return None
    return added(extras).get(word)
