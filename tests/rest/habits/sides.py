"""The books and the CRM of unpleasant habits: what people do there, and what follows from it."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.rest.habits.system import Habits, RefusalError, Row, System

ZERO = Decimal(0)
BOOKS = {name: frozenset[str]() for name in ("customers", "invoices", "payments")}
CRM = {
    "company": frozenset(
        ["name", "phone", "street", "reference", "currency", "owed", "ahead", "line"]
    ),
    "invoice": frozenset(
        [
            *("number", "currency", "date", "due", "amount", "cancelled", "reference"),
            *("company_id", "status"),
        ]
    ),
    "payment": frozenset(["date", "amount", "reference", "invoice_id"]),
}

Now = Callable[[], dt.datetime]


class Books(System):
    def __init__(self, habits: Habits, now: Now, seed: int = 7) -> None:
        super().__init__("books", habits, now, BOOKS, random.Random(seed))
        self.numbers = 0

    def _selected(self, table: str, query: Any) -> Any:
        if table == "balances":
            self.tables["balances"] = {
                row["id"]: self.balance(row) for row in self.rows("customers")
            }
        return super()._selected(table, query)

    def _one(self, table: str, key: str) -> Any:
        if table == "balances" and int(key) in self.tables["customers"]:
            self.tables["balances"] = {int(key): self.balance(self.tables["customers"][int(key)])}
        return super()._one(table, key)

    # -- what people do ---------------------------------------------------------------------------

    def customer(self, name: str, currency: str, **fields: Any) -> Row:
        return self.add("customers", name=name, currency=currency, **fields)

    def draft(self, customer: Row, amount: str, days: int = 14) -> Row:
        day = self.now().date()
        return self.add(
            "invoices",
            customer_id=customer["id"],
            number=self._number("D" if self.habits.renumbers else "2026"),
            currency=customer["currency"],
            date=day,
            due=day + dt.timedelta(days=days),
            amount=Decimal(amount),
            status="draft",
        )

    def post(self, invoice: Row) -> None:
        number = self._number("2026") if self.habits.renumbers else invoice["number"]
        self.save(invoice, number=number, status="open")

    def void(self, invoice: Row) -> None:
        """With what was paid for it, which is paid ahead from now on."""
        for payment in self.rows("payments"):
            kept = [one for one in payment["allocations"] if one["invoice_id"] != invoice["id"]]
            if len(kept) < len(payment["allocations"]):
                self.save(payment, allocations=kept)
        self.save(invoice, status="void")

    def pay(self, customer: Row, amount: str, invoice: Row | None = None, part: str = "0") -> Row:
        lines = [{"invoice_id": invoice["id"], "amount": Decimal(part)}] if invoice else []
        payment = self.add(
            "payments",
            customer_id=customer["id"],
            currency=customer["currency"],
            date=self.now().date(),
            amount=Decimal(amount),
            allocations=lines,
            status="posted",
        )
        if invoice and self.habits.moves_parents:
            paid = self.open(invoice) <= 0
            self.save(invoice, status="paid" if paid else invoice["status"])
        return payment

    def _number(self, series: str) -> str:
        self.numbers += 1
        return f"{series}-{self.numbers:04}"

    # -- what they come to ------------------------------------------------------------------------

    def counted(self, customer: Row) -> list[Row]:
        mine = (row for row in self.rows("invoices") if row["customer_id"] == customer["id"])
        return [row for row in mine if row["status"] in ("open", "paid")]

    def paid(self, told: Callable[[Decimal], Decimal] = Decimal) -> dict[int, Decimal]:
        """Invoice -> what was paid for it."""
        found: dict[int, Decimal] = defaultdict(Decimal)
        for payment in self.rows("payments"):
            for line in payment["allocations"]:
                found[line["invoice_id"]] += told(line["amount"])
        return found

    def open(self, invoice: Row) -> Decimal:
        return Decimal(invoice["amount"] - self.paid()[invoice["id"]])

    def owed(self, customer: Row) -> Decimal:
        return sum((self.open(one) for one in self.counted(customer)), ZERO)

    def ahead(self, customer: Row) -> Decimal:
        mine = (row for row in self.rows("payments") if row["customer_id"] == customer["id"])
        return sum(
            (row["amount"] - sum(one["amount"] for one in row["allocations"]) for row in mine), ZERO
        )

    def balance(self, customer: Row) -> Row:
        """Moves with everything that moves it."""
        touching = [customer, *self.rows("invoices"), *self.rows("payments")]
        mine = (row for row in touching if row.get("customer_id", row["id"]) == customer["id"])
        return {
            "id": customer["id"],
            "customer_id": customer["id"],
            "currency": customer["currency"],
            "rows": [
                {
                    "currency": customer["currency"],
                    "owed": self.owed(customer),
                    "ahead": self.ahead(customer),
                }
            ],
            "made": customer["made"],
            "modified": max(row["modified"] for row in mine),
        }

    def shown(self, table: str, row: Row) -> Row:
        shown = super().shown(table, row)
        if "allocations" in row:
            shown["allocations"] = [
                {**one, "invoice_id": self.key(one["invoice_id"])} for one in row["allocations"]
            ]
        return shown


class Crm(System):
    def __init__(self, habits: Habits, now: Now, seed: int = 7) -> None:
        super().__init__("crm", habits, now, CRM, random.Random(seed))

    def judge(self, table: str, fields: Row) -> None:
        phone = fields.get("phone")
        if phone is not None and not any(letter.isdigit() for letter in phone):
            raise RefusalError("this is no phone number", "phone")
        date, due = fields.get("date"), fields.get("due")
        if table == "invoice" and date and due and due < date:
            raise RefusalError("it is due before it is made", "due", quiet=True)

    def followed(self, table: str, row: Row) -> None:
        if table == "payment" and self.habits.moves_parents:
            invoice = self.tables["invoice"][int(row["invoice_id"])]
            mine = [one for one in self.rows("payment") if one["invoice_id"] == row["invoice_id"]]
            paid = sum((Decimal(one["amount"]) for one in mine), ZERO) >= invoice["amount"]
            self.save(invoice, status="paid" if paid else "open")

    def doubles(self) -> list[tuple[str, str]]:
        """Table and reference of what is there more than once; a payment's is its invoice's too."""
        found = Counter(
            (table, f"{row['reference']} {row.get('invoice_id', '')}".strip())
            for table in self.tables
            for row in self.rows(table)
        )
        return [one for one, count in found.items() if count > 1]
