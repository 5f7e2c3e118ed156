"""What settles invoices in the memory books: payments, credit notes, and negative adjustments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from .rows import Data, Rows

ZERO = Decimal(0)
Parts = Sequence[tuple[str, Decimal | str]]
"""(invoice, amount) of a document that settles."""

AMOUNT: Mapping[str, str] = {
    "orders": "total",
    "invoices": "total",
    "payments": "amount",
    "credit_notes": "total",
    "adjustments": "amount",
}
"""Documents, and the field that says how much."""

SETTLERS = ("payments", "credit_notes", "adjustments")


def capacity(object: str, data: Data) -> Decimal:
    """What a document can settle at most. A refund and an adjustment that raises the debt settle
    nothing: theirs is below zero."""
    amount = Decimal(data[AMOUNT[object]])
    return -amount if object == "adjustments" else amount


class Settling(Rows):
    def allocate(self, payment: str, invoice: str, amount: Decimal | str | int) -> None:
        """Sets what of `payment` settles `invoice`; 0 releases it. A line edit, by the habit."""
        self._allocate("payments", payment, invoice, Decimal(amount))

    def allocate_credit(self, note: str, invoice: str, amount: Decimal | str | int) -> None:
        """Sets what of the credit note settles `invoice`; 0 releases it."""
        self._allocate("credit_notes", note, invoice, Decimal(amount))

    def allocate_adjustment(self, key: str, invoice: str, amount: Decimal | str | int) -> None:
        """Sets what of the negative adjustment settles `invoice`; 0 releases it."""
        self._allocate("adjustments", key, invoice, Decimal(amount))

    def move_allocation(self, payment: str, source: str, target: str) -> None:
        lines = self._existing("payments", payment)["allocations"]
        amount = next(Decimal(line["amount"]) for line in lines if line["invoice"] == source)
        self.allocate(payment, source, 0)
        self.allocate(payment, target, amount)

    def _allocate(self, object: str, key: str, invoice: str, amount: Decimal) -> None:
        data = self._existing(object, key)
        changes = {"allocations": self._allocated(object, data, invoice, amount)}
        moves = self.habits.allocation_edits_stamp
        self._edit(object, key, changes, ledger=(data["customer"],), moves=moves)

    def _settled_by(self, object: str, data: Data, parts: Parts) -> Data:
        """`data` of a new document with its allocations. ValueError where one does not fit."""
        for invoice, part in parts:
            lines = self._allocated(object, data, invoice, Decimal(part))
            data = {**data, "allocations": lines}
        return data

    def _fitting(self, object: str, data: Data) -> Data:
        """`data` with those of its allocations that still fit: others may have settled since."""
        lines, data = data["allocations"], {**data, "allocations": []}
        for line in lines:
            try:
                data = self._settled_by(object, data, [(line["invoice"], line["amount"])])
            except ValueError:
                continue
        return data

    def _release(self, invoice: str) -> None:
        """Nothing settles this invoice any more."""
        for object, key, _ in list(self._settling(invoice)):
            self._allocate(object, key, invoice, ZERO)

    def _allocated(self, object: str, settler: Data, invoice: str, amount: Decimal) -> list[Data]:
        """The lines of `settler` with `amount` on `invoice`; ValueError where it does not fit."""
        lines = [line for line in settler["allocations"] if line["invoice"] != invoice]
        if not amount:
            return lines
        data = self._existing("invoices", invoice)
        if data["state"] == "cancelled":
            raise ValueError(f"invoice {invoice} is cancelled")
        if any(data[name] != settler[name] for name in ("customer", "currency")):
            raise ValueError(f"invoice {invoice} is of another customer or currency")
        mine = (object, settler["id"])
        others = (part for *other, part in self._settling(invoice) if tuple(other) != mine)
        if amount < 0 or amount + sum(others, ZERO) > Decimal(data["total"]):
            raise ValueError(f"{amount} is more than the open part of invoice {invoice}")
        used = sum((Decimal(line["amount"]) for line in lines), ZERO)
        if used + amount > capacity(object, settler):
            raise ValueError(f"{amount} is more than what is left of {object} {settler['id']}")
        return [*lines, {"invoice": invoice, "amount": str(amount)}]

    def _settling(self, invoice: str) -> Iterator[tuple[str, str, Decimal]]:
        """(object, key, amount) of every effective allocation to `invoice`, newest versions."""
        for object in SETTLERS:
            for key, row in self.newest(object):
                for line in row.data["allocations"] if row.data["state"] == "posted" else ():
                    if line["invoice"] == invoice:
                        yield object, key, Decimal(line["amount"])

    def _settled(self, invoice: str) -> Decimal:
        return sum((part for *_, part in self._settling(invoice)), ZERO)
