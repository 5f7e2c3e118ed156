"""One customer with everything of it that counts, and who sold what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec

from syncd.domain import Adjustment, Balance, Card, CreditNote, Invoice, Money, Order, Payment
from syncd.report.result import NAMED, Check, Group
from syncd.sync.card import Documents

Settler = Payment | CreditNote | Adjustment


class Folder(msgspec.Struct, frozen=True):
    """`waits`: the next run works its card out again. `invoices` and `orders` hold, beside its own,
    those of others that its payments settle; invoices only where they count, orders even where they
    were cancelled: who sold is not forgotten."""

    customer: str
    docs: Documents
    balance: Balance | None
    card: Card | None
    waits: bool
    invoices: Mapping[str, Invoice]
    orders: Mapping[str, Order]

    @property
    def seller(self) -> str | None:
        """The customer's: that of its newest order, as on the card."""
        return self.card.seller if self.card else None

    @property
    def stage(self) -> str | None:
        return self.card.stage if self.card else None

    @property
    def bought(self) -> list[dt.date]:
        """The days on which the customer bought: by orders, or by invoices that were made of
        none."""
        ordered = [one.date for one in self.docs.orders]
        return ordered + [one.date for one in self.docs.invoices if one.order is None]

    @property
    def organisation(self) -> str | None:
        """The one that all of its invoices and what settles them belong to, if there is one."""
        docs = self.docs
        ledger: tuple[Invoice | Settler, ...] = (*docs.invoices, *docs.payments)
        ledger += (*docs.credit_notes, *docs.adjustments)
        found = {one.organisation for one in ledger}
        return found.pop() if len(found) == 1 else None

    def by(self, word: str) -> Group:
        """What the customer is counted under; an organisation is its documents' own."""
        return ({"customer": self.customer, "seller": self.seller, "stage": self.stage}[word],)

    def seller_of(self, invoice: Invoice) -> str | None:
        """Of the order it was made of; without one, its own."""
        order = self.orders.get(invoice.order or "")
        return (order.seller if order else None) or invoice.seller

    def rest(self, one: Settler) -> Money:
        """What of it settles no invoice that counts; of an adjustment, of what it takes off."""
        amount = one.total if isinstance(one, CreditNote) else one.amount
        whole = -amount.micros if isinstance(one, Adjustment) else amount.micros
        used = (part.amount.micros for part in one.allocations if part.invoice in self.invoices)
        return Money(whole - sum(used), amount.currency)


def as_of(docs: Documents, day: dt.date) -> Documents:
    """The documents up to a day."""
    return Documents(
        [one for one in docs.orders if one.date <= day],
        [one for one in docs.invoices if one.date <= day],
        [one for one in docs.payments if one.date <= day],
        [one for one in docs.credit_notes if one.date <= day],
        [one for one in docs.adjustments if one.date <= day],
        docs.paid,
    )


class Comparing:
    """Collects, customer by customer, whether two sums that must be equal are."""

    def __init__(self, what: str, next: str, noun: str = "customer") -> None:
        self._what, self._next, self._noun = what, next, noun
        self._compared = self._differ = self._later = 0
        self._named: list[str] = []
        self._sums: dict[str, int] = {}

    def look(self, folder: Folder, equal: bool) -> None:
        self._compared += 1
        if equal:
            return
        if folder.waits or folder.docs.correcting or (folder.card and folder.card.correcting):
            self._later += 1
            return
        self._differ += 1
        if len(self._named) < NAMED:
            self._named.append(folder.customer)

    def total(self, sums: Mapping[str, int]) -> None:
        """Adds to what the check says was compared; currency -> millionths."""
        for code, micros in sums.items():
            self._sums[code] = self._sums.get(code, 0) + micros

    def check(self) -> Check:
        return Check(
            self._what,
            self._compared,
            self._noun,
            self._differ,
            self._later,
            tuple(self._named),
            tuple(Money(self._sums[code], code) for code in sorted(self._sums)),
            self._next.format(key=self._named[0]) if self._named else "",
        )
