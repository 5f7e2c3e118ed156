"""The sum that must close, by customer and currency: what the shipped mapping makes of books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from connectors.tryton import FACTS
from syncd.domain import (
    Adjustment,
    Balance,
    Canonical,
    CreditNote,
    Invoice,
    Kind,
    Money,
    Payment,
    State,
)
from syncd.mapping import load_books
from tests.tryton.reader import Reader

SHIPPED = Path(__file__).parents[2] / "mappings" / "tryton.yaml"
Documents = Mapping[Kind, Mapping[str, Canonical]]
Sums = Mapping[tuple[str, str], Money]


def documents(reader: Reader) -> Documents:
    """Every record that the shipped mapping keeps, by kind and key."""
    inbound = load_books(SHIPPED, FACTS).inbound
    return {
        kind: {
            key: made
            for key, record in reader.records(kind, read=rules.read).items()
            if (made := rules(record)) is not None
        }
        for kind, rules in inbound.items()
    }


def said(found: Documents) -> Sums:
    """Invoices less credit notes less payments (a refund is below zero) plus adjustments."""
    return _summed(
        part for kind in SIGNS for record in found[kind].values() for part in _entry(kind, record)
    )


def owed(found: Documents) -> Sums:
    """Receivable less prepaid less credits."""
    parts = []
    for record in found[Kind.BALANCE].values():
        assert isinstance(record, Balance)
        for row in record.rows:
            assert row.credits is not None
            figures = (row.receivable, row.prepaid, row.credits)
            assert all(figure.micros >= 0 for figure in figures), record
            parts.append((record.customer, row.receivable - row.prepaid - row.credits))
    return _summed(parts)


SIGNS = {Kind.INVOICE: 1, Kind.CREDIT_NOTE: -1, Kind.PAYMENT: -1, Kind.ADJUSTMENT: 1}


def _entry(kind: Kind, record: Any) -> Iterable[tuple[str, Money]]:
    assert isinstance(record, Invoice | CreditNote | Payment | Adjustment)
    if record.state is State.EFFECTIVE:
        amount = record.total if isinstance(record, Invoice | CreditNote) else record.amount
        yield record.customer, amount if SIGNS[kind] > 0 else -amount


def _summed(parts: Iterable[tuple[str, Money]]) -> Sums:
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for customer, amount in parts:
        sums[customer, amount.currency] += amount.micros
    return {key: Money(micros, key[1]) for key, micros in sums.items() if micros}
