"""What is sold in the memory books: orders, the invoices made of them, and credit notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from .rows import Data
from .settling import ZERO, Parts, Settling

Terms = Iterable[Any]
"""(day, amount) or {due, amount}; the days are ISO text."""


class Sales(Settling):
    def add_order(
        self,
        customer: str,
        total: Decimal | str,
        *,
        currency: str = "EUR",
        number: str | None = None,
        date: str | None = None,
        seller: str | None = None,
        deal: str | None = None,
        organisation: str | None = None,
        state: str = "posted",
    ) -> str:
        """`deal` is the id of the deal in the CRM, where the seller typed it."""
        key = self._next("orders")
        data = {
            "id": key,
            "number": number or f"ORD-{int(key):05}",
            "date": date or self._today(),
            "customer": self._existing("customers", customer)["id"],
            "currency": currency,
            "total": str(total),
            "open": str(total),
            "seller": seller,
            "deal": deal,
            "organisation": organisation,
            "state": state,
        }
        self._write("orders", key, data)
        return key

    def invoice_order(self, order: str, part: Decimal | str | None = None, **rest: Any) -> str:
        """An invoice for `part`, or for all that is not invoiced yet; `rest` as `post_invoice`."""
        data = self._existing("orders", order)
        amount = Decimal(data["open"] if part is None else part)
        if data["state"] != "posted":
            raise ValueError(f"order {order} is {data['state']}")
        if not 0 < amount <= Decimal(data["open"]):
            raise ValueError(f"{amount} is not a part of the open {data['open']} of order {order}")
        same = {name: data[name] for name in ("currency", "seller", "organisation")}
        return self.post_invoice(data["customer"], amount, **{**same, **rest}, order=order)

    def edit_order(self, key: str, **changes: object) -> None:
        """ValueError for a total below what is invoiced, or another customer or currency then."""
        old = self._existing("orders", key)
        new = {**old, **changes, "total": str(changes.get("total", old["total"]))}
        invoiced = self._invoiced(key)
        if Decimal(new["total"]) < invoiced:
            raise ValueError(f"{invoiced} of order {key} is invoiced already")
        if invoiced and (new["customer"], new["currency"]) != (old["customer"], old["currency"]):
            raise ValueError(f"order {key} is invoiced: customer and currency stay")
        self._write("orders", key, {**new, "open": _open(new, invoiced)})

    def cancel_order(self, key: str) -> None:
        """Invoices that were made of it stay."""
        self._edit("orders", key, {"state": "cancelled", "open": "0"})

    def post_invoice(
        self,
        customer: str,
        total: Decimal | str,
        *,
        currency: str = "EUR",
        number: str | None = None,
        date: str | None = None,
        due: str | None = None,
        terms: Terms = (),
        seller: str | None = None,
        order: str | None = None,
        organisation: str | None = None,
        state: str = "posted",
    ) -> str:
        """`state` may be draft; dates are ISO text, today and a fortnight later by default.
        `terms` must add up to the total; the last of them is `due` then."""
        key = self._next("invoices")
        day = date or self._today()
        split = _terms(terms, total)
        fortnight = dt.date.fromisoformat(day) + dt.timedelta(days=14)
        data = {
            "id": key,
            "number": number or f"INV-{int(key):05}",
            "date": day,
            "due": due or (split[-1]["due"] if split else fortnight.isoformat()),
            "terms": split,
            "customer": self._existing("customers", customer)["id"],
            "currency": currency,
            "total": str(total),
            "seller": seller,
            "order": order,
            "organisation": organisation,
            "state": state,
        }
        self._write("invoices", key, data, ledger=(customer,))
        self._count_order(order)
        return key

    def edit_invoice(self, key: str, **changes: Any) -> None:
        """ValueError for a total below what has settled it, or a move of a settled one. Terms that
        no longer add up are dropped, unless new ones are given."""
        old = self._existing("invoices", key)
        new = {**old, **changes, "total": str(changes.get("total", old["total"]))}
        settled = self._settled(key)
        if Decimal(new["total"]) < settled:
            raise ValueError(f"{settled} of invoice {key} is settled already")
        if settled and (new["customer"], new["currency"]) != (old["customer"], old["currency"]):
            raise ValueError(f"invoice {key} is settled: customer and currency stay")
        if "terms" in changes:
            new["terms"] = _terms(changes["terms"], new["total"])
        elif Decimal(new["total"]) != Decimal(old["total"]):
            new["terms"] = []
        self._write("invoices", key, new, ledger=(old["customer"], new["customer"]))
        self._count_order(new["order"])

    def cancel_invoice(self, key: str) -> None:
        """What had settled it becomes unallocated; what it was made of is open again."""
        self._release(key)
        data = self._existing("invoices", key)
        self._edit("invoices", key, {"state": "cancelled"}, ledger=(data["customer"],))
        self._count_order(data["order"])

    def post_credit_note(
        self,
        customer: str,
        total: Decimal | str,
        *,
        allocations: Parts = (),
        currency: str = "EUR",
        number: str | None = None,
        date: str | None = None,
        organisation: str | None = None,
    ) -> str:
        """`allocations` are (invoice, amount). ValueError where they do not fit."""
        key = self._next("credit_notes")
        data = {
            "id": key,
            "number": number or f"CRN-{int(key):05}",
            "date": date or self._today(),
            "customer": self._existing("customers", customer)["id"],
            "currency": currency,
            "total": str(total),
            "organisation": organisation,
            "state": "posted",
            "allocations": [],
        }
        data = self._settled_by("credit_notes", data, allocations)
        self._write("credit_notes", key, data, ledger=(customer,))
        return key

    def cancel_credit_note(self, key: str) -> None:
        """It settles nothing any more."""
        customer = self._existing("credit_notes", key)["customer"]
        self._edit("credit_notes", key, {"state": "cancelled"}, ledger=(customer,))

    def _today(self) -> str:
        return self._now().date().isoformat()

    def _invoiced(self, order: str) -> Decimal:
        rows = (row.data for _, row in self.newest("invoices"))
        mine = (data for data in rows if (data["order"], data["state"]) == (order, "posted"))
        return sum((Decimal(data["total"]) for data in mine), ZERO)

    def _count_order(self, order: str | None) -> None:
        """Writes what is open of an order after one of its invoices changed; by the habit the
        order's own stamp stays."""
        row = self._latest("orders", order) if order else None
        if order is None or row is None or row.data["state"] == "cancelled":
            return
        now = _open(row.data, self._invoiced(order))
        if Decimal(now) != Decimal(row.data["open"]):
            self._edit("orders", order, {"open": now}, moves=self.habits.invoicing_stamps_orders)


def _open(order: Data, invoiced: Decimal) -> str:
    """Never below zero: somebody may have invoiced more than was ordered."""
    return str(max(Decimal(order["total"]) - invoiced, ZERO))


def _terms(terms: Terms, total: Decimal | str) -> list[Data]:
    pairs = [(t["due"], t["amount"]) if isinstance(t, dict) else t for t in terms]
    split = [{"due": due, "amount": str(amount)} for due, amount in pairs]
    if split and sum((Decimal(term["amount"]) for term in split), ZERO) != Decimal(total):
        raise ValueError(f"the terms do not add up to {total}")
    return split
