"""Which object of the CRM is the customers' card, where a system has several that may be."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from syncd.guide import Cards, Discovery


def likely(cards: Sequence[Cards]) -> Cards:
    """That which more of the deals name that were won lately; where none is named, that of which
    there are any; else the usual one, which is the first."""
    return max(cards, key=lambda one: (one.won, bool(one.count)))


def chosen(told: Discovery, cards: Cards) -> Discovery:
    """What is told of these cards alone."""
    return dataclasses.replace(
        told,
        customers=cards.count,
        fields=tuple(one for one in told.fields if one.target == cards.target),
        listed=tuple(one for one in told.listed if one.target == cards.target),
        mapping=cards.mapping,
    )
