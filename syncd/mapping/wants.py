"""What generated outbound code calls: canonical values as a target takes them."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from syncd.domain import (
    Adjustment,
    Allocation,
    Canonical,
    Card,
    CreditNote,
    Money,
    Payment,
    Reason,
    State,
    Value,
    Want,
)
from syncd.mapping.code import Unmappable
from syncd.mapping.languages import LANGUAGES, Language, amount
from syncd.mapping.say import Sentence
from syncd.mapping.words import FIGURES, OPEN_ITEMS


def amount_of(money: Money | None) -> Decimal | None:
    return None if money is None else money.amount


def known_amount(money: Money | None, currencies: frozenset[str]) -> Decimal | None:
    """Nothing where the target has no such currency: nobody could tell what it is an amount of."""
    return money.amount if money is not None and money.currency in currencies else None


@functools.lru_cache(maxsize=4096)  # many documents, few days
def day_of(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def state_of(state: State | Reason) -> str:
    return state.value


def known(currency: str | None, currencies: frozenset[str]) -> str | None:
    """A currency the target does not have is left empty, never replaced."""
    return currency if currency in currencies else None


def settled(record: Payment | CreditNote | Adjustment) -> Sequence[Allocation]:
    """One allocation per invoice; a record may settle the same invoice in several lines. What a
    void record settled it no longer does, and money that was given back settles nothing."""
    if record.state is not State.EFFECTIVE:
        return []
    sums: dict[str, Money] = {}
    for allocation in record.allocations:
        part, before = allocation.amount, sums.get(allocation.invoice)
        if before is not None and before.currency != part.currency:
            raise Unmappable(f"{before.currency} and {part.currency} for one invoice")
        sums[allocation.invoice] = part if before is None else before + part
    return [Allocation(invoice, part) for invoice, part in sums.items() if part.micros > 0]


class _Unknown:
    """Not known yet: the field stays as it is."""


UNKNOWN = _Unknown()


def known_only(fields: Mapping[str, Value | _Unknown]) -> dict[str, Value]:
    return {path: v for path, v in fields.items() if not isinstance(v, _Unknown)}


def figure(card: Card, name: str, currency: str | None, currencies: frozenset[str] | None) -> Any:
    """One number holds one currency; currencies are never added up.

    Of `currency`, where the file names one. Else of the only currency with open items (for sales
    and orders: with any), if the target knows it. With several, what is open is that of the
    company's own currency, and what is counted over documents is nothing.
    """
    opened = name in OPEN_ITEMS
    if not opened and not card.complete:
        return UNKNOWN
    field = FIGURES[name]
    if currency is not None:
        return _of(card, field, currency)
    about_ledger = opened or name == "overdue"
    rows = [row for row in card.rows if row.open] if about_ledger else card.rows
    if len(rows) == 1 and (currencies is None or rows[0].receivable.currency in currencies):
        return getattr(rows[0], field)
    if about_ledger or not rows:
        return _of(card, field, card.currency)
    return None


def _of(card: Card, field: str, currency: str) -> Money:
    rows = (row for row in card.rows if row.receivable.currency == currency)
    row = next(rows, None)
    found: Money = getattr(row, field) if row else Money(0, currency)
    return found


def counted(card: Card, name: str) -> Any:
    """A count, day or text over all documents of a customer."""
    if name in ("proven", "unproven"):
        return getattr(card, name)
    return getattr(card, name) if card.complete else UNKNOWN


def day_or_unknown(day: Any) -> Any:
    return day if day is UNKNOWN else day_of(day)


def amount_or_unknown(money: Any) -> Any:
    return money if money is UNKNOWN else amount_of(money)


def listed(card: Card, name: str, language: str) -> Any:
    """`ageing` or `open_orders` as text; nothing where there is none."""
    if not card.complete:
        return UNKNOWN
    tongue = LANGUAGES[language]
    lines = _ageing(card, tongue) if name == "ageing" else _open_orders(card, tongue)
    return "\n".join(lines) or None


def _ageing(card: Card, tongue: Language) -> list[str]:
    spans = ("1-30", "31-60", "61-90", "90+")
    return [
        ", ".join(f"{span}: {amount(money, tongue)}" for span, money in aged if money)
        for row in card.rows
        if any(row.ageing)
        for aged in [list(zip(spans, row.ageing, strict=True))]
    ]


def _open_orders(card: Card, tongue: Language) -> list[str]:
    return [
        f"{order.number}  {order.date.isoformat()}  {amount(order.open, tongue)}"
        for order in card.open_orders
    ]


def sentence(said: Sentence, record: Canonical) -> str | None:
    """Nothing to say is nothing."""
    return said.text(record) or None


def filled(wants: tuple[Want, ...]) -> tuple[Want, ...]:
    """Without the objects beside the main one of which nothing is known but whose they are."""
    return tuple(
        want
        for want in wants
        if not want.part
        or any(value not in (None, "", want.marker) for value in want.fields.values())
    )


def formed(form: str, key: str, number: str | None) -> str:
    """A marker made out of the record's key and number."""
    return form.replace("{key}", key).replace("{number}", number or key)


def glued(key: str, *pieces: str | None) -> str:
    """An empty word in a unique form would leave two names equal: the books key stands for it."""
    return "".join(key if piece is None else piece for piece in pieces)


def unique_form(value: str | None, before: str, after: str, most: int | None) -> str | None:
    """`before` and `after` survive a limit of `most` characters; the value itself is cut."""
    if value is None:
        return None
    room = None if most is None else max(most - len(before) - len(after), 0)
    return before + value[:room].rstrip() + after
