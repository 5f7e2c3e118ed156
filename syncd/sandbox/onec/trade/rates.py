"""Amounts in the currency that the books are kept in."""

from __future__ import annotations

from decimal import Decimal

from syncd.sandbox.onec.base import Base
from syncd.sandbox.onec.trade.desk import CENT


def rubles(base: Base, currency: str, amount: Decimal) -> Decimal:
    """By the newest rate."""
    rates = [
        one["Курс"] / (one["Кратность"] or 1)
        for one in base.objects["InformationRegister_КурсыВалют"].values()
        if one["Валюта_Key"] == currency
    ]
    return (amount * rates[-1]).quantize(CENT) if rates else amount
