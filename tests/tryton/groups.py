"""Ledger lines and documents, by hand and by chance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from connectors.tryton.ledger import Invoice, Line

DAY = dt.date(2026, 11, 18)
DIGITS = {"EUR": 2, "USD": 2, "JPY": 0}


def a_line(
    key: int,
    amount: str | Decimal,
    worth: str | Decimal | None = None,
    *,
    currency: str = "EUR",
    day: int = 0,
    group: int | None = 1,
    linked: int | None = None,
    reverses: int | None = None,
    party: int = 9,
    journal: str = "general",
) -> Line:
    return Line(
        id=key,
        party=party,
        move=key,
        balance=Decimal(amount if worth is None else worth),
        amount=Decimal(amount),
        currency=currency,
        when=DAY + dt.timedelta(days=day),
        group=group,
        linked=linked,
        reverses=reverses,
        journal=journal,
    )


def an_invoice(
    key: int,
    *due: Line,
    unpaid: str | Decimal = "0",
    links: Sequence[Line] = (),
    effective: bool = True,
    party: int = 9,
    moves: Collection[int] | None = None,
) -> Invoice:
    currency = due[0].currency if due else "EUR"
    total = sum((line.amount for line in due), Decimal(0)) or Decimal(1)
    return Invoice(
        id=key,
        number=f"INV/{key}",
        party=party,
        total=total,
        currency=currency,
        digits=DIGITS[currency],
        effective=effective,
        open=Decimal(unpaid),
        due=due,
        links=links,
        moves={line.move for line in due} if moves is None else moves,
    )


def opened(key: int, amount: str, worth: str | None = None, **more: Any) -> Line:
    return a_line(key, amount, worth, group=None, **more)


@st.composite
def amounts(draw: st.DrawFn, currencies: Sequence[str]) -> tuple[str, Decimal, Decimal]:
    """Currency, amount, and what that was worth at the rate of its day."""
    currency = draw(st.sampled_from(currencies))
    amount = Decimal(draw(st.integers(1, 100_000))).scaleb(-DIGITS[currency])
    rate = {"EUR": "1", "USD": draw(st.sampled_from(["0.8", "0.625", "1.1"])), "JPY": "0.00625"}
    return currency, amount, round(amount * Decimal(rate[currency]), 2)


@st.composite
def groups(
    draw: st.DrawFn, currencies: Sequence[str] = ("EUR", "USD", "JPY")
) -> tuple[list[Line], list[Invoice]]:
    """A reconciliation as Tryton makes them: it balances in the company's currency, if need be by
    an exchange difference or a write-off."""
    lines: list[Line] = []
    invoices: list[Invoice] = []
    for key in range(1, draw(st.integers(1, 4)) + 1):
        currency, amount, worth = draw(amounts(currencies))
        due = []
        for _ in range(draw(st.integers(1, 2))):
            day = draw(st.integers(0, 3))
            due.append(a_line(len(lines) + 1, amount, worth, currency=currency, day=day))
            lines.append(due[-1])
        invoices.append(an_invoice(key, *due, effective=draw(st.integers(0, 4)) > 0))
    for _ in range(draw(st.integers(1, 5))):
        currency, amount, worth = draw(amounts(currencies))
        linked = draw(st.sampled_from([None, *(invoice.id for invoice in invoices)]))
        line = a_line(
            len(lines) + 1,
            -amount,
            -worth,
            currency=currency,
            day=draw(st.integers(0, 3)),
            linked=linked,
        )
        lines.append(line)
    rest = sum((line.balance for line in lines), Decimal(0))
    if rest:
        lines.append(a_line(len(lines) + 1, -rest))
    return lines, invoices
