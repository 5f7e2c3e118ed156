"""Books of a small company in memory: what people do in them, and what they say.

Customers, orders, invoices, payments, credit notes, adjustments; and balances nobody types. What is
not possible raises ValueError. What a client may write is `intake`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from syncd.domain import SOMEBODY, Reason

from . import ledger
from .habits import BooksHabits
from .intake import Intake
from .ledger import Figure
from .objects import Entry
from .rows import OBJECTS, Commit, Data, Row
from .sales import Sales
from .settling import AMOUNT, SETTLERS, Parts

__all__ = ["OBJECTS", "Books", "Commit", "Data", "Figure", "Row"]


class Books(Sales):
    def __init__(self, now: Callable[[], dt.datetime], habits: BooksHabits) -> None:
        super().__init__(now, habits)
        self.intake = Intake(self)
        self.copy: Books | None = None

    # customers

    def add_customer(
        self,
        name: str,
        *,
        code: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        tax_id: str | None = None,
        currency: str = "EUR",
        in_scope: bool = True,
        seller: str | None = None,
        seller_email: str | None = None,
    ) -> str:
        key = self._next("customers")
        data = {
            "id": key,
            "name": name,
            "code": code or f"K{int(key):04}",
            "email": email,
            "phone": phone,
            "tax_id": tax_id,
            "in_scope": in_scope,
            "active": True,
            "currency": currency,
            "seller": seller,
            "seller_email": seller_email,
            "merged_into": None,
        }
        self._write("customers", key, data, ledger=(key,))
        return key

    def edit_customer(self, key: str, **changes: object) -> None:
        self._edit("customers", key, changes)

    def rename(self, key: str, name: str) -> None:
        self.edit_customer(key, name=name)

    def deactivate(self, key: str) -> None:
        self.edit_customer(key, active=False)

    def merge(self, loser: str, into: str, *, tells: bool = True) -> None:
        """Two customers become one: every document names `into`, without a new stamp, as a base
        that replaces a reference everywhere does. The loser stays, out of use; `tells` whether it
        says who took its place."""
        self._existing("customers", into)
        for object in (*AMOUNT,):
            for key, row in list(self.newest(object)):
                if row.data["customer"] == loser:
                    self._edit(object, key, {"customer": into}, moves=False)
        gone = {"active": False, "merged_into": into if tells else SOMEBODY}
        self._edit("customers", loser, gone, ledger=(loser, into))

    # money

    def pay(
        self,
        customer: str,
        amount: Decimal | str,
        *,
        allocations: Parts = (),
        currency: str = "EUR",
        number: str | None = None,
        date: str | None = None,
        organisation: str | None = None,
    ) -> str:
        """`allocations` are (invoice, amount). ValueError where they do not fit."""
        key = self._next("payments")
        data = {
            "id": key,
            "number": number or f"PAY-{int(key):05}",
            "date": date or self._today(),
            "customer": self._existing("customers", customer)["id"],
            "currency": currency,
            "amount": str(amount),
            "organisation": organisation,
            "state": "posted",
            "allocations": [],
        }
        data = self._settled_by("payments", data, allocations)
        self._write("payments", key, data, ledger=(customer,))
        return key

    def refund(
        self,
        customer: str,
        amount: Decimal | str,
        *,
        currency: str = "EUR",
        **rest: Any,
    ) -> str:
        """Money goes back: a payment below zero. It uses up what was paid ahead."""
        return self.pay(customer, -abs(Decimal(amount)), currency=currency, **rest)

    def void_payment(self, key: str) -> None:
        customer = self._existing("payments", key)["customer"]
        self._edit("payments", key, {"state": "cancelled"}, ledger=(customer,))

    def adjust(
        self,
        customer: str,
        amount: Decimal | str,
        reason: str = "manual",
        *,
        allocations: Parts = (),
        currency: str = "EUR",
        date: str | None = None,
        organisation: str | None = None,
    ) -> str:
        """Above zero raises what is owed; below zero settles invoices: `allocations` are (invoice,
        amount above zero)."""
        key = self._next("adjustments")
        data = {
            "id": key,
            "number": f"ADJ-{int(key):05}",
            "date": date or self._today(),
            "customer": self._existing("customers", customer)["id"],
            "currency": currency,
            "amount": str(amount),
            "reason": str(Reason(reason)),
            "organisation": organisation,
            "state": "posted",
            "allocations": [],
        }
        data = self._settled_by("adjustments", data, allocations)
        self._write("adjustments", key, data, ledger=(customer,))
        return key

    def cancel_adjustment(self, key: str) -> None:
        customer = self._existing("adjustments", key)["customer"]
        self._edit("adjustments", key, {"state": "cancelled"}, ledger=(customer,))

    # any document

    def unpost(self, object: str, key: str) -> None:
        """Back to draft. What had settled an invoice becomes unallocated; what this document
        settles stays on it, without effect."""
        self._change_state(object, key, "posted", "draft")

    def repost(self, object: str, key: str) -> None:
        """A draft is posted; it settles again what is still open."""
        self._change_state(object, key, "draft", "posted")

    def _change_state(self, object: str, key: str, old: str, new: str) -> None:
        data = self._existing(object, key)
        if data["state"] != old:
            raise ValueError(f"{object} {key} is {data['state']}, not {old}")
        if object == "invoices":
            self._release(key)
        if object in SETTLERS and new == "posted":
            data = self._fitting(object, data)
        self._write(object, key, {**data, "state": new}, _ledger(object, data["customer"]))
        self._count_order(data.get("order"))

    def move_document(self, object: str, key: str, customer: str) -> None:
        """To another customer; ValueError for what is settled, settles, or is invoiced."""
        data = self._existing(object, key)
        self._existing("customers", customer)
        if object == "invoices" and self._settled(key):
            raise ValueError(f"invoice {key} is settled")
        if object in SETTLERS and data["allocations"]:
            raise ValueError(f"{object} {key} settles invoices")
        if object == "orders" and self._invoiced(key):
            raise ValueError(f"order {key} is invoiced")
        changed = {**data, "customer": customer}
        self._write(object, key, changed, _ledger(object, data["customer"], customer))

    def delete(self, object: str, key: str) -> None:
        """By the habit a row vanishes without a trace, or stays as cancelled or inactive."""
        data = self._existing(object, key)
        if object == "invoices":
            self._release(key)
        ledger = _ledger(object, str(data.get("customer", key)))
        if self.habits.delete == "vanish":
            self._write(object, key, None, ledger)
        elif object == "orders":
            self.cancel_order(key)
        elif object in AMOUNT:
            self._edit(object, key, {"state": "cancelled"}, ledger=ledger)
        else:
            self._edit(object, key, {"active": False})
        self._count_order(data.get("order"))

    def swap_currency(self, old: str, new: str) -> None:
        """Somebody renames a currency: every row that had the old code has the new one."""
        if self.company_currency == old:
            self.company_currency = new
        for object in OBJECTS:
            for key, row in list(self.newest(object)):
                if row.data.get("currency") == old:
                    ledger = _ledger(object, str(row.data.get("customer", key)))
                    self._edit(object, key, {"currency": new}, ledger=ledger)

    def freeze(self, *objects: str) -> None:
        """From now on a copy that stands still answers for these, or for everything."""
        self.copy = Books(self._now, self.habits)
        self.copy.rollback(self.savepoint())
        self.habits.frozen = list(objects or (*OBJECTS, "balances"))

    # what the books say

    def balance(self, customer: str) -> Data:
        [balance] = ledger.balances(self, [customer])
        return balance

    def balances(self) -> list[Data]:
        return ledger.balances(self, self.tables["customers"])

    def figures(self, customer: str) -> dict[str, Figure]:
        """Currency -> figure, counted in another way than `balance`, and for checks alone."""
        return ledger.figures(self, customer)

    def sums(self, customer: str) -> dict[str, Decimal]:
        """Currency -> the sum of all documents, for checks."""
        return ledger.sums(self, customer)

    # what clients wrote

    @property
    def journal(self) -> list[Entry]:
        return self.intake.journal

    def doubles(self) -> list[tuple[str, ...]]:
        """(target, code, parent ids...) of everything that exists more than once."""
        return self.intake.doubles()


def _ledger(object: str, *customers: str) -> tuple[str, ...]:
    """Whose open items a change moves: an order is not in the ledger, nor is a contact."""
    return () if object in ("orders", "contacts") else customers
