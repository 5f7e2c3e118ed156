"""What a field holds.

Money is a whole number of millionths with its currency, so that equal amounts are equal bytes.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec

MICRO = 1_000_000
CENT = MICRO // 100
_CENT = Decimal("0.01")


Value = str | int | Decimal | bool | None
"""What a field of a target can hold; dates travel as ISO text."""


class Money(msgspec.Struct, frozen=True, gc=False):
    """An exact amount: `micros` millionths of one unit of `currency` (ISO 4217 code)."""

    micros: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """Raises ValueError for an amount finer than a millionth or not finite."""
        scaled = (amount if type(amount) is Decimal else Decimal(amount)) * MICRO
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise ValueError(f"{amount} {currency} is not a whole number of millionths")
        return cls(int(scaled), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in units; at least two digits after the point."""
        if self.micros % CENT == 0:
            return self.micros // CENT * _CENT
        exact = Decimal(self.micros) / MICRO
        exponent = exact.normalize().as_tuple().exponent
        digits = max(2, -exponent) if isinstance(exponent, int) else 2
        return exact.quantize(Decimal(1).scaleb(-digits))

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.micros + other.micros, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.micros - other.micros, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.micros, self.currency)

    def __bool__(self) -> bool:
        return self.micros != 0

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency}"

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")


def plain_number(number: Decimal) -> str:
    """Digits alone, equal for equal numbers: no exponent, no zeros behind, no minus zero."""
    if not number:
        return "0"
    plain = str(number)
    if "E" in plain:
        plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


class Extra(msgspec.Struct, frozen=True, gc=False):
    """A field that a mapping adds to a record. `text` is its value so that it reads back exactly,
    by `type`: text, number, date, money or flag."""

    word: str
    type: str
    text: str

    @classmethod
    def of(cls, word: str, value: str | Decimal | bool | dt.date | Money) -> Extra:
        if type(value) is str:
            return cls(word, "text", value)
        match value:
            case bool():
                return cls(word, "flag", "true" if value else "false")
            case Decimal():
                return cls(word, "number", plain_number(value))
            case dt.date():
                return cls(word, "date", value.isoformat())
            case Money():
                return cls(word, "money", f"{value.amount} {value.currency}")
        return cls(word, "text", value)

    @property
    def value(self) -> str | Decimal | bool | dt.date | Money:
        if self.type == "text":
            return self.text
        match self.type:
            case "flag":
                return self.text == "true"
            case "number":
                return Decimal(self.text)
            case "date":
                return dt.date.fromisoformat(self.text)
            case "money":
                amount, _, currency = self.text.partition(" ")
                return Money.of(amount, currency)
        return self.text

    def __str__(self) -> str:
        return self.text
