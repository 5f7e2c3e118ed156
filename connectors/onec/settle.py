"""Which credit settles which invoice: pure arithmetic over the rows of a ledger.

1C settles within an account, the oldest first: one customer and one object of settlements (an
order, a contract), or one document where a register names it. What stands in one account never
settles what stands in another, which is why a balance splits in the same way.

Money given back takes back the newest payments of its account: what they settled is open again,
and as late as it ever was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from .values import ZERO

Account = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one document does to one account. `amount` above zero raises what the customer owes;
    `when` orders entries, as the ledger writes times."""

    document: str
    set: str
    customer: str
    account: Account
    currency: str
    when: str
    amount: Decimal
    organisation: str | None = None


class Share(NamedTuple):
    invoice: str
    amount: Decimal


def settled(
    entries: Iterable[Entry],
    invoices: Collection[str],
    receipts: Collection[str] = (),
    refunds: Collection[str] = (),
) -> Mapping[str, Sequence[Share]]:
    """Document -> what it settles of invoices. Which sets are invoices, payments, and money given
    back."""
    accounts: defaultdict[tuple[Account, str], list[_Open]] = defaultdict(list)
    for entry in sorted(entries, key=_order):
        accounts[entry.account, entry.currency].append(_Open(entry, entry.amount))
    found: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    def match(debt: _Open, credit: _Open) -> None:
        part = min(debt.left, -credit.left)
        debt.left -= part
        credit.left += part
        mine = debt.entry
        if part and mine.set in invoices and mine.document != credit.entry.document:
            found[credit.entry.document][mine.document] += part

    for rows in accounts.values():
        for number, row in enumerate(rows):
            if row.entry.set in refunds:
                _take_back(row, [one for one in rows[:number] if one.entry.set in receipts])
        _in_order(rows, match)
    return {
        document: [Share(invoice, amount) for invoice, amount in shares.items() if amount]
        for document, shares in found.items()
    }


class _Open:
    def __init__(self, entry: Entry, left: Decimal) -> None:
        self.entry = entry
        self.left = left


def _take_back(refund: _Open, receipts: Sequence[_Open]) -> None:
    for receipt in reversed(receipts):
        part = max(ZERO, min(refund.left, -receipt.left))
        refund.left -= part
        receipt.left += part


def _in_order(rows: Sequence[_Open], match: Callable[[_Open, _Open], None]) -> None:
    """As the ledger grew: each row meets what was open before it, the oldest first."""
    before: list[_Open] = []
    for row in rows:
        for other in before:
            if row.left > 0 > other.left:
                match(row, other)
            elif row.left < 0 < other.left:
                match(other, row)
        before = [one for one in before if one.left]
        if row.left:
            before.append(row)


def _order(entry: Entry) -> tuple[str, str]:
    return entry.when, entry.document


class Figures(NamedTuple):
    """What a customer owes and has paid ahead in one currency; neither is negative."""

    currency: str
    receivable: Decimal
    prepaid: Decimal


def figures(amounts: Iterable[tuple[str, Decimal]]) -> list[Figures]:
    """Of the open sum of each account, with its currency."""
    owed: defaultdict[str, Decimal] = defaultdict(Decimal)
    ahead: defaultdict[str, Decimal] = defaultdict(Decimal)
    for currency, amount in amounts:
        owed[currency] += max(ZERO, amount)
        ahead[currency] += max(ZERO, -amount)
    rows = [Figures(one, owed[one], ahead[one]) for one in sorted({*owed, *ahead})]
    return [row for row in rows if row.receivable or row.prepaid]
