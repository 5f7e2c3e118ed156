"""A company's months by chance, and what each report must say, worked out from the world alone.

No line of syncd's arithmetic is used: documents are those of the books' own tables that stand, and
amounts are Decimals.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.why.history import SETTLERS, VERBS, ZERO, Sim

SELLERS = ["Анна Ёлкина", "山田 太郎", "=O'Neil", None]
ORGANISATIONS = ["ООО «Торговый дом»", "株式会社サンプル商事", None]
SIGN = {"invoices": 1, "credit_notes": -1, "payments": -1, "adjustments": 1}
WORD = {
    "invoices": "invoiced",
    "credit_notes": "credited",
    "payments": "paid",
    "adjustments": "adjusted",
}
Sums = dict[tuple[Any, ...], Decimal]


def amount(data: dict[str, Any]) -> Decimal:
    return Decimal(data["total"] if "total" in data else data["amount"])


def day(data: dict[str, Any]) -> dt.date:
    return dt.date.fromisoformat(data["date"])


class Months(Sim):
    """Dated over half a year, with sellers, yen, and orders that are cancelled or moved."""

    def verbs(self) -> None:
        for _ in range(self.random.randint(3, 6)):
            with contextlib.suppress(ValueError):  # the books refuse what does not fit
                self.random.choice(ALL)(self)

    def some_day(self) -> str:
        """Often the first of a month, where an error by a day would show."""
        found = self.rig.clock.utc().date() - dt.timedelta(self.random.randint(0, 230))
        return found.replace(day=self.random.choice([1, found.day])).isoformat()

    def sold(self) -> None:
        """An order, mostly invoiced by somebody else, in the currency of chance."""
        if customer := self.any("customers"):
            seller, code = self.random.choice(SELLERS), self.random.choice(["EUR", "EUR", "JPY"])
            total = self.amount() if code == "EUR" else Decimal(self.random.randint(1, 90_000))
            if self.random.random() < 0.2:
                total *= 1000
            when = self.some_day()
            whose = ORGANISATIONS[int(customer) % 3]
            terms = {"currency": code, "seller": seller, "date": when, "organisation": whose}
            order = self.books.add_order(customer, total, **terms)
            if self.random.random() < 0.8:
                another = self.random.choice(SELLERS)
                due = self.random.choice([when, self.today.isoformat()])
                self.books.invoice_order(order, date=when, seller=another, due=due)

    def paid_then(self) -> None:
        """A payment of an earlier day, of all or of a part; sometimes more than is owed."""
        if key := self.any("invoices", "posted"):
            data = self.books.tables["invoices"][key].data
            part = (Decimal(data["total"]) / self.random.choice([1, 1, 2])).quantize(Decimal(1))
            more = self.random.choice([ZERO, Decimal(7)])
            same = {name: data[name] for name in ("currency", "organisation")}
            terms = {**same, "date": self.some_day()}
            self.books.pay(data["customer"], part + more, allocations=[(key, part)], **terms)

    def cancel_order(self) -> None:
        if key := self.any("orders", "posted"):
            self.books.cancel_order(key)

    def move_order(self) -> None:
        order, customer = self.any("orders", "posted"), self.any("customers")
        if order and customer:
            self.books.move_document("orders", order, customer)

    # -- the truth -------------------------------------------------------------------------------

    @property
    def today(self) -> dt.date:
        return self.rig.clock.utc().date()

    def standing(self, table: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """What counts: posted, or perhaps being corrected, of customers in scope."""
        for key, row in self.books.tables[table].items():
            counts = row.data["state"] == "posted" or self.correcting(table, key)
            if counts and self.in_scope(row.data["customer"]):
                yield key, row.data

    def corrected(self) -> set[str]:
        """Customers with a document that is being corrected: their cards are as they were."""
        found = set()
        for table in ("orders", "invoices", *SETTLERS):
            for key, row in self.books.tables[table].items():
                if self.correcting(table, key):
                    found.add(row.data["customer"])
        return found

    def turnover(self, since: dt.date, until: dt.date, by: str = "customer") -> Sums:
        """(customer or organisation, currency, word) -> amount."""
        found: Sums = defaultdict(Decimal)
        for table, word in WORD.items():
            for _, data in self.standing(table):
                one = (data[by], data["currency"])
                if since <= day(data) <= until:
                    found[*one, word] += amount(data)
                if day(data) < since:
                    found[*one, "opening"] += SIGN[table] * amount(data)
                if day(data) <= until:
                    found[*one, "closing"] += SIGN[table] * amount(data)
        return {key: value for key, value in found.items() if value}

    def ages(self) -> Sums:
        """(customer, currency, span) -> overdue."""
        settled: dict[str, Decimal] = defaultdict(Decimal)
        for table in SETTLERS:
            for _, data in self.standing(table):
                for line in data["allocations"]:
                    settled[line["invoice"]] += Decimal(line["amount"])
        found: Sums = defaultdict(Decimal)
        for key, data in self.standing("invoices"):
            left = max(amount(data) - settled[key], ZERO)
            late = (self.today - dt.date.fromisoformat(data["due"])).days
            names = ("1-30", "31-60", "61-90", "over 90")
            span = "not due" if late < 1 else names[min((late - 1) // 30, 3)]
            found[data["customer"], data["currency"], span] += left
        return {key: value for key, value in found.items() if value}

    def ordered(self, since: dt.date, until: dt.date) -> dict[tuple[Any, ...], list[Decimal]]:
        """(seller, currency) -> totals."""
        found = defaultdict(list)
        for _, data in self.standing("orders"):
            if since <= day(data) <= until:
                found[data["seller"], data["currency"]].append(amount(data))
        return dict(found)

    def received(self, since: dt.date, until: dt.date) -> tuple[Sums, Sums]:
        """(seller, currency) -> what payments settle of invoices; currency -> what settles none."""
        invoices, orders = dict(self.standing("invoices")), self.books.tables["orders"]
        base: Sums = defaultdict(Decimal)
        apart: Sums = defaultdict(Decimal)
        for _, data in self.standing("payments"):
            if not since <= day(data) <= until:
                continue
            rest = amount(data)
            for line in data["allocations"]:
                if invoice := invoices.get(line["invoice"]):
                    order = orders[invoice["order"]].data if invoice["order"] else {}
                    seller = order.get("seller") or invoice["seller"]
                    base[seller, data["currency"]] += Decimal(line["amount"])
                    rest -= Decimal(line["amount"])
            apart[data["currency"],] += rest
        return ({k: v for k, v in base.items() if v}, {k: v for k, v in apart.items() if v})

    def stage(self, customer: str, then: dt.date) -> str | None:
        """By the four rules of mappings/memory_crm.yaml."""
        mine = [
            day(data)
            for _, data in self.standing("orders")
            if data["customer"] == customer and day(data) <= then
        ]
        year = ZERO
        for table in ("invoices", "credit_notes"):
            for _, data in self.standing(table):
                own = (data["customer"], data["currency"]) == (customer, "EUR")
                if own and then.replace(year=then.year - 1) < day(data) <= then:
                    year += SIGN[table] * amount(data)
        if mine and (then - max(mine)).days > 180:
            return "dormant"
        if year >= 100_000:
            return "top"
        return {0: None, 1: "first"}.get(len(mine), "repeat")


ALL = (
    *VERBS,
    *[Months.sold] * 8,
    *[Months.paid_then] * 5,
    Months.cancel_order,
    Months.move_order,
)
