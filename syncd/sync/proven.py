"""The newest proof of customers, for a person to read: ledger, documents and card side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

import msgspec
import sqlalchemy as sa

from syncd.domain import Kind, Money
from syncd.store import proofs
from syncd.store.proofs import ProofRow
from syncd.sync.pair import Pair

SIGNS = {"receivable": 1, "prepaid": -1, "credits": -1}
"""What of a card adds up to the balance of the ledger."""


class Proven(msgspec.Struct, frozen=True):
    """One customer in one currency. `card` is what the card read back comes to: where it shows
    what was written, that is the ledger it was written from. `differing` says field by field where
    it does not."""

    customer: str
    ledger: Money
    documents: Money
    card: Money
    differing: tuple[str, ...] = ()

    @property
    def agreed(self) -> bool:
        return self.ledger == self.documents == self.card and not self.differing


def newest(tx: sa.Connection, pair: Pair, customers: Sequence[str] | None) -> list[ProofRow]:
    if customers is None:
        return proofs.every(tx, pair.name)
    return list(proofs.of(tx, pair.name, customers).values())


def lines(pair: Pair, rows: Sequence[ProofRow], since: dt.datetime) -> list[Proven]:
    """Of the proofs made at or after a moment; a customer with nothing anywhere has none."""
    found: list[Proven] = []
    for row in rows:
        if row.at >= since:
            found += _of(pair, row)
    return found


def _of(pair: Pair, row: ProofRow) -> list[Proven]:
    figures = msgspec.json.decode(row.figures)
    ledger, documents, card = figures["ledger"], figures["documents"], figures["card"]
    moved = _moved(pair, card, ledger)
    told = tuple(
        f"the card is gone: {shown}" if not path else f"{path} shows {shown}, not {wanted}"
        for path, (wanted, shown) in card.items()
    )
    found = []
    for code in sorted({*ledger, *documents, *moved}):
        micros = ledger.get(code, 0)
        shown = micros + moved.get(code, 0)
        sums = (micros, documents.get(code, 0), shown)
        if any(sums) or told:
            found.append(_line(row.customer, code, sums, told))
            told = ()  # said once for a customer
    if told:
        found.append(_line(row.customer, "", (0, 0, 0), told))
    return found


def _line(customer: str, code: str, sums: tuple[int, int, int], told: tuple[str, ...]) -> Proven:
    ledger, documents, card = (Money(one, code) for one in sums)
    return Proven(customer, ledger, documents, card, told)


def _moved(
    pair: Pair, card: Mapping[str, Sequence[str]], ledger: Mapping[str, int]
) -> dict[str, int]:
    """By currency what the card's figures come to, more than they should."""
    outbound = pair.outbound(Kind.CARD)
    found: dict[str, int] = {}
    for path, (wanted, shown) in card.items():
        rule = outbound.rules.get(("", path)) if outbound else None
        sign = SIGNS.get(rule.word) if rule else None
        code = _currency(rule.text, ledger) if rule else None
        if sign is None or code is None:
            continue
        try:
            more = Money.of(Decimal(shown) - Decimal(wanted), code)
        except (InvalidOperation, ValueError):
            continue
        found[code] = found.get(code, 0) + sign * more.micros
    return found


def _currency(line: str, ledger: Mapping[str, int]) -> str | None:
    """The one a line names, or the only one there is."""
    _, named, rest = line.rpartition("| in ")
    if named:
        return rest.split()[0]
    return next(iter(ledger)) if len(ledger) == 1 else None
