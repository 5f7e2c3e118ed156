"""What generated outbound code calls: canonical values as a target takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from syncd.domain import Allocation, Balance, Figures, Money, Payment, State
from syncd.mapping.code import Unmappable
from syncd.mapping.say import Sentence


@dataclass(frozen=True, slots=True)
class Card:
    """What a want depends on beside its record.

    `changed` (with a zone) is when different figures were last observed; `numbered` asks for the
    unique form of a name, because another customer has the plain one.
    """

    changed: dt.datetime
    numbered: bool = False


def amount_of(money: Money | None) -> Decimal | None:
    return None if money is None else money.amount


def day_of(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def state_of(state: State) -> str:
    return state.value


def known(currency: str | None, currencies: frozenset[str]) -> str | None:
    """A currency the target does not have is left empty, never replaced."""
    return currency if currency in currencies else None


def settled(payment: Payment) -> Sequence[Allocation]:
    """One allocation per invoice; a payment may settle the same invoice in several lines."""
    sums: dict[str, Money] = {}
    for allocation in payment.allocations:
        amount, before = allocation.amount, sums.get(allocation.invoice)
        if before is not None and before.currency != amount.currency:
            raise Unmappable(f"{before.currency} and {amount.currency} for one invoice")
        sums[allocation.invoice] = amount if before is None else before + amount
    return [Allocation(invoice, amount) for invoice, amount in sums.items() if amount]


def single(balance: Balance, currencies: frozenset[str] | None) -> Figures:
    """The figures of the one currency with open items, if the target knows it; otherwise those of
    the company's own currency. Currencies are never added up."""
    rows = [row for row in balance.rows if row.receivable or row.prepaid]
    if len(rows) == 1 and (currencies is None or rows[0].receivable.currency in currencies):
        return rows[0]
    own = (row for row in rows if row.receivable.currency == balance.currency)
    return next(own, Figures(Money(0, balance.currency), Money(0, balance.currency)))


def sentence(said: Sentence, balance: Balance, changed: dt.datetime) -> str | None:
    """Nothing to say is nothing."""
    return said.text(balance, changed) or None


def glued(key: str, *pieces: str | None) -> str:
    """An empty word in a unique form would leave two names equal: the books key stands for it."""
    return "".join(key if piece is None else piece for piece in pieces)


def unique_form(value: str | None, before: str, after: str, most: int | None) -> str | None:
    """`before` and `after` survive a limit of `most` characters; the value itself is cut."""
    if value is None:
        return None
    room = None if most is None else max(most - len(before) - len(after), 0)
    return before + value[:room].rstrip() + after
