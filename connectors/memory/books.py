"""Books of a small company in memory: customers, invoices, payments, and balances nobody types.

Rows become visible by commits, which a late commit delays past its own stamp; what a caller writes
next always builds on the newest version, visible or not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .habits import BooksHabits

Data = dict[str, Any]
OBJECTS = ("customers", "invoices", "payments")
ZERO = Decimal(0)


@dataclass
class Row:
    data: Data
    stamp: dt.datetime | None


@dataclass
class Commit:
    """`row` None takes the row away; `ledger` are the customers whose open items it moves."""

    at: dt.datetime
    object: str
    id: str
    row: Row | None
    ledger: tuple[str, ...]
    stamp: dt.datetime | None


class Books:
    def __init__(self, now: Callable[[], dt.datetime], habits: BooksHabits) -> None:
        self.habits = habits
        self.company_currency = "EUR"
        self.tables: dict[str, dict[str, Row]] = {name: {} for name in OBJECTS}
        self.ledger: dict[str, dt.datetime | None] = {}
        """Customer -> when its open items last moved."""
        self.queue: list[Commit] = []
        self.last: dict[str, int] = dict.fromkeys(OBJECTS, 0)
        self._now = now

    # what people do in the books

    def add_customer(
        self,
        name: str,
        *,
        code: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        currency: str = "EUR",
        in_scope: bool = True,
    ) -> str:
        key = self._next("customers")
        data = {
            "id": key,
            "name": name,
            "code": code or f"K{int(key):04}",
            "email": email,
            "phone": phone,
            "in_scope": in_scope,
            "active": True,
            "currency": currency,
        }
        self._write("customers", key, data, ledger=(key,))
        return key

    def edit_customer(self, key: str, **changes: object) -> None:
        self._edit("customers", key, changes)

    def rename(self, key: str, name: str) -> None:
        self.edit_customer(key, name=name)

    def deactivate(self, key: str) -> None:
        self.edit_customer(key, active=False)

    def post_invoice(
        self,
        customer: str,
        total: Decimal | str,
        *,
        currency: str = "EUR",
        number: str | None = None,
        date: str | None = None,
        due: str | None = None,
        state: str = "posted",
    ) -> str:
        """`state` may be draft; dates are ISO text, today and a fortnight later by default."""
        key = self._next("invoices")
        day = date or self._now().date().isoformat()
        fortnight = dt.date.fromisoformat(day) + dt.timedelta(days=14)
        data = {
            "id": key,
            "number": number or f"INV-{int(key):05}",
            "date": day,
            "due": due or fortnight.isoformat(),
            "customer": self._existing("customers", customer)["id"],
            "currency": currency,
            "total": str(total),
            "state": state,
        }
        self._write("invoices", key, data, ledger=(customer,))
        return key

    def edit_invoice(self, key: str, **changes: object) -> None:
        """ValueError for a total below what payments have settled, or a move of a settled one."""
        old = self._existing("invoices", key)
        new = {**old, **changes, "total": str(changes.get("total", old["total"]))}
        settled = sum((part for _, part in self._settling(key)), ZERO)
        if Decimal(new["total"]) < settled:
            raise ValueError(f"{settled} of invoice {key} is settled already")
        if settled and (new["customer"], new["currency"]) != (old["customer"], old["currency"]):
            raise ValueError(f"invoice {key} is settled: customer and currency stay")
        self._write("invoices", key, new, ledger=(old["customer"], new["customer"]))

    def cancel_invoice(self, key: str) -> None:
        """What payments had settled of it becomes unallocated."""
        for payment, _ in list(self._settling(key)):
            self.allocate(payment, key, 0)
        customer = self._existing("invoices", key)["customer"]
        self._edit("invoices", key, {"state": "cancelled"}, ledger=(customer,))

    def pay(
        self,
        customer: str,
        amount: Decimal | str,
        *,
        allocations: Sequence[tuple[str, Decimal | str]] = (),
        currency: str = "EUR",
        number: str | None = None,
        date: str | None = None,
    ) -> str:
        """`allocations` are (invoice, amount). ValueError where they do not fit."""
        key = self._next("payments")
        data = {
            "id": key,
            "number": number or f"PAY-{int(key):05}",
            "date": date or self._now().date().isoformat(),
            "customer": self._existing("customers", customer)["id"],
            "currency": currency,
            "amount": str(amount),
            "state": "posted",
            "allocations": [],
        }
        for invoice, part in allocations:
            data["allocations"] = self._allocated(data, invoice, Decimal(part))
        self._write("payments", key, data, ledger=(customer,))
        return key

    def void_payment(self, key: str) -> None:
        customer = self._existing("payments", key)["customer"]
        self._edit("payments", key, {"state": "cancelled"}, ledger=(customer,))

    def allocate(self, payment: str, invoice: str, amount: Decimal | str | int) -> None:
        """Sets what of `payment` settles `invoice`; 0 releases it. A line edit, by the habit."""
        data = self._existing("payments", payment)
        changes = {"allocations": self._allocated(data, invoice, Decimal(amount))}
        moves = self.habits.allocation_edits_stamp
        self._edit("payments", payment, changes, ledger=(data["customer"],), moves=moves)

    def move_allocation(self, payment: str, source: str, target: str) -> None:
        lines = self._existing("payments", payment)["allocations"]
        amount = next(Decimal(line["amount"]) for line in lines if line["invoice"] == source)
        self.allocate(payment, source, 0)
        self.allocate(payment, target, amount)

    def delete(self, object: str, key: str) -> None:
        """By the habit a row vanishes without a trace, or stays as cancelled or inactive."""
        data = self._existing(object, key)
        if object == "invoices":
            for payment, _ in list(self._settling(key)):
                self.allocate(payment, key, 0)
        customer = str(data.get("customer", key))
        if self.habits.delete == "vanish":
            self._write(object, key, None, ledger=(customer,))
        elif object == "customers":
            self.deactivate(key)
        else:
            self._edit(object, key, {"state": "cancelled"}, ledger=(customer,))

    def touch(self, object: str, key: str) -> None:
        """A new stamp, and nothing else."""
        self._edit(object, key, {})

    def type_stamp(self, object: str, key: str, moment: str) -> None:
        """Gives a row a stamp by hand, like `2999-01-01T00:00:00+00:00`."""
        self.tables[object][key].stamp = dt.datetime.fromisoformat(moment)

    def commit_late(self, seconds: float) -> None:
        """What is written from now on becomes visible `seconds` after its stamp."""
        self.habits.commit_lag = seconds

    # what the books say

    def clock(self) -> dt.datetime:
        return self._now() + dt.timedelta(seconds=self.habits.skew)

    def settle(self) -> None:
        """Makes visible what is due by now."""
        now = self._now()
        due = [commit for commit in self.queue if commit.at <= now]
        self.queue = [commit for commit in self.queue if commit.at > now]
        for commit in due:
            if commit.row is None:
                self.tables[commit.object].pop(commit.id, None)
            else:
                self.tables[commit.object][commit.id] = commit.row
            for customer in commit.ledger:
                if commit.row is None and commit.object == "customers":
                    self.ledger.pop(customer, None)
                else:
                    self.ledger[customer] = _newest(self.ledger.get(customer), commit.stamp)

    def balance(self, customer: str) -> Data:
        """From invoices and payments: the open part of each, by currency."""
        receivable: dict[str, Decimal] = {}
        prepaid: dict[str, Decimal] = {}
        payments = [row.data for row in self._documents("payments", customer)]
        settled = [line for payment in payments for line in payment["allocations"]]
        for invoice in self._documents("invoices", customer):
            data = invoice.data
            parts = (Decimal(line["amount"]) for line in settled if line["invoice"] == data["id"])
            rest = Decimal(data["total"]) - sum(parts, ZERO)
            receivable[data["currency"]] = receivable.get(data["currency"], ZERO) + rest
        for data in payments:
            used = sum((Decimal(line["amount"]) for line in data["allocations"]), ZERO)
            rest = Decimal(data["amount"]) - used
            prepaid[data["currency"]] = prepaid.get(data["currency"], ZERO) + rest
        rows = [
            {
                "currency": currency,
                "receivable": str(receivable.get(currency, ZERO)),
                "prepaid": str(prepaid.get(currency, ZERO)),
            }
            for currency in sorted({*receivable, *prepaid})
            if receivable.get(currency) or prepaid.get(currency)
        ]
        return {
            "id": customer,
            "customer": customer,
            "company_currency": self.company_currency,
            "in_scope": self.tables["customers"][customer].data["in_scope"],
            "rows": rows,
        }

    def figures(self, customer: str) -> dict[str, tuple[Decimal, Decimal]]:
        """Currency -> (receivable, prepaid), counted the naive way and for checks alone:
        everything invoiced less everything allocated, everything paid less the same."""
        totals: dict[str, tuple[Decimal, Decimal]] = {}
        for row in self.tables["invoices"].values():
            if row.data["customer"] == customer and row.data["state"] == "posted":
                owed, ahead = totals.get(row.data["currency"], (ZERO, ZERO))
                totals[row.data["currency"]] = (owed + Decimal(row.data["total"]), ahead)
        for row in self.tables["payments"].values():
            if row.data["customer"] == customer and row.data["state"] == "posted":
                used = sum((Decimal(line["amount"]) for line in row.data["allocations"]), ZERO)
                owed, ahead = totals.get(row.data["currency"], (ZERO, ZERO))
                paid = Decimal(row.data["amount"])
                totals[row.data["currency"]] = (owed - used, ahead + paid - used)
        return {currency: pair for currency, pair in totals.items() if any(pair)}

    # how a row is written

    def _next(self, object: str) -> str:
        self.last[object] += 1
        return str(self.last[object])

    def _latest(self, object: str, key: str) -> Row | None:
        for commit in reversed(self.queue):
            if (commit.object, commit.id) == (object, key):
                return commit.row
        return self.tables[object].get(key)

    def _existing(self, object: str, key: str) -> Data:
        row = self._latest(object, key)
        if row is None:
            raise ValueError(f"there is no {key} among the {object}")
        return row.data

    def _edit(
        self,
        object: str,
        key: str,
        changes: dict[str, Any],
        *,
        ledger: tuple[str, ...] = (),
        moves: bool = True,
    ) -> None:
        self._write(object, key, {**self._existing(object, key), **changes}, ledger, moves)

    def _write(
        self,
        object: str,
        key: str,
        data: Data | None,
        ledger: tuple[str, ...] = (),
        moves: bool = True,
    ) -> None:
        old = self._latest(object, key)
        stamp = self._stamp() if moves or old is None else old.stamp
        at = self._now() + dt.timedelta(seconds=self.habits.commit_lag)
        # A later write of the same row waits for the earlier one, as a row lock would make it.
        at = max([at, *(c.at for c in self.queue if (c.object, c.id) == (object, key))])
        row = None if data is None else Row(data, stamp)
        self.queue.append(Commit(at, object, key, row, ledger if moves else (), stamp))
        self.settle()

    def _stamp(self) -> dt.datetime | None:
        if self.habits.granularity == "none":
            return None
        exact = self.clock()
        return exact.replace(microsecond=0) if self.habits.granularity == "second" else exact

    def _allocated(self, payment: Data, invoice: str, amount: Decimal) -> list[Data]:
        """The lines of `payment` with `amount` on `invoice`; ValueError where it does not fit."""
        lines = [line for line in payment["allocations"] if line["invoice"] != invoice]
        if not amount:
            return lines
        data = self._existing("invoices", invoice)
        if data["state"] == "cancelled":
            raise ValueError(f"invoice {invoice} is cancelled")
        if any(data[name] != payment[name] for name in ("customer", "currency")):
            raise ValueError(f"invoice {invoice} is of another customer or currency")
        others = (part for key, part in self._settling(invoice) if key != payment["id"])
        if amount < 0 or amount + sum(others, ZERO) > Decimal(data["total"]):
            raise ValueError(f"{amount} is more than the open part of invoice {invoice}")
        used = sum((Decimal(line["amount"]) for line in lines), ZERO)
        if used + amount > Decimal(payment["amount"]):
            raise ValueError(f"{amount} is more than what is left of payment {payment['id']}")
        return [*lines, {"invoice": invoice, "amount": str(amount)}]

    def _settling(self, invoice: str) -> Iterable[tuple[str, Decimal]]:
        """(payment, amount) of every effective allocation to `invoice`, newest versions."""
        for key in {*self.tables["payments"], *(c.id for c in self.queue)}:
            row = self._latest("payments", key)
            if row is not None and row.data["state"] == "posted":
                for line in row.data["allocations"]:
                    if line["invoice"] == invoice:
                        yield key, Decimal(line["amount"])

    def _documents(self, object: str, customer: str) -> list[Row]:
        rows = self.tables[object].values()
        return [r for r in rows if (r.data["customer"], r.data["state"]) == (customer, "posted")]


def _newest(one: dt.datetime | None, other: dt.datetime | None) -> dt.datetime | None:
    return max((stamp for stamp in (one, other) if stamp is not None), default=None)
