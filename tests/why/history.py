"""A company's month by chance, and the truth about it, worked out from the world alone.

`Sim` does what people do in books and CRM between runs, with things that go wrong, and remembers
what only time tells: since when a document is unposted, whether it ever counted. Nothing here reads
the store.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import random
from decimal import Decimal
from typing import Any

from connectors.memory import Fault
from tests.engine.rig import Rig

KNOWN = {"CHF", "EUR", "GBP", "JPY", "USD"}
COMPANY = "EUR"
ZERO = Decimal(0)
DELAY = dt.timedelta(minutes=10)
SETTLERS = ("payments", "credit_notes", "adjustments")
SIGN = {"invoices": 1, "payments": -1, "credit_notes": -1, "adjustments": 1}
Data = dict[str, Any]


class Sim:
    def __init__(self, rig: Rig, seed: int) -> None:
        self.rig, self.random = rig, random.Random(seed)
        self.books, self.crm = rig.world.books, rig.world.crm
        self.counted: set[tuple[str, str]] = set()
        """Documents that a run has seen in force."""
        self.unposted: dict[tuple[str, str], dt.datetime] = {}
        """When a run first saw one of those as a draft."""
        self.held: set[str] = set()
        """Customers whose name a card has that nobody linked."""
        self.open_deals: list[str] = []
        self.trouble = False
        """The last run met a fault."""
        for index in range(4):
            self.customer(index)

    # -- what people do --------------------------------------------------------------------------

    def customer(self, index: int) -> None:
        chance = self.random.random()
        name = f"Customer {index} {self.random.randint(1, 999)}"
        if chance < 0.15:
            self.crm.add_account(name)
            self.held.add(self.books.add_customer(name))
        else:
            self.books.add_customer(name, in_scope=chance > 0.3, email=f"c{index}@example.org")

    def verbs(self) -> None:
        for _ in range(self.random.randint(2, 5)):
            verb = self.random.choice(VERBS)
            with contextlib.suppress(ValueError):  # the books refuse what does not fit
                verb(self)

    def any(self, table: str, *states: str) -> str | None:
        rows = self.books.tables[table]
        keys = [key for key, row in rows.items() if not states or row.data["state"] in states]
        return self.random.choice(keys) if keys else None

    def amount(self) -> Decimal:
        return Decimal(self.random.randint(100, 90_000)) / 100

    def day(self) -> str:
        return (self.rig.clock.utc().date() - dt.timedelta(self.random.randint(0, 80))).isoformat()

    def currency(self) -> str:
        return self.random.choice(["EUR"] * 6 + ["USD", "RUB"])

    def invoice(self) -> None:
        state = "draft" if self.random.random() < 0.2 else "posted"
        customer = self.any("customers")
        if customer:
            extra = {"currency": self.currency(), "date": self.day(), "state": state}
            self.books.post_invoice(customer, self.amount(), **extra)

    def order(self) -> None:
        if customer := self.any("customers"):
            self.books.add_order(customer, self.amount(), currency=self.currency())

    def invoice_order(self) -> None:
        if order := self.any("orders", "posted"):
            self.books.invoice_order(order)

    def pay(self) -> None:
        if key := self.any("invoices", "posted"):
            data = self.books.tables["invoices"][key].data
            part = (Decimal(data["total"]) / self.random.choice([1, 2, 3])).quantize(
                Decimal("0.01")
            )
            more = self.random.choice([ZERO, self.amount()])
            terms = {"allocations": [(key, part)], "currency": data["currency"]}
            self.books.pay(data["customer"], part + more, **terms)

    def pay_ahead(self) -> None:
        if customer := self.any("customers"):
            self.books.pay(customer, self.amount(), currency=self.currency())

    def refund(self) -> None:
        if customer := self.any("customers"):
            self.books.refund(customer, self.amount())

    def credit(self) -> None:
        if key := self.any("invoices", "posted"):
            data = self.books.tables["invoices"][key].data
            part = (Decimal(data["total"]) / 4).quantize(Decimal("0.01"))
            lines = [(key, part)] if self.random.random() < 0.6 else []
            extra = {"allocations": lines, "currency": data["currency"]}
            self.books.post_credit_note(data["customer"], part, **extra)

    def adjust(self) -> None:
        if customer := self.any("customers"):
            self.books.adjust(customer, self.amount() * self.random.choice([1, -1]), "manual")

    def unpost(self) -> None:
        table = self.random.choice(["invoices", "payments", "credit_notes"])
        if key := self.any(table, "posted"):
            self.books.unpost(table, key)

    def repost(self) -> None:
        table = self.random.choice(["invoices", "payments", "credit_notes"])
        if key := self.any(table, "draft"):
            self.books.repost(table, key)

    def cancel(self) -> None:
        if key := self.any("invoices", "posted"):
            self.books.cancel_invoice(key)

    def edit(self) -> None:
        if key := self.any("invoices", "posted"):
            self.books.edit_invoice(key, total=self.amount())

    def into_scope(self) -> None:
        key = self.any("customers")
        if key and self.random.random() < 0.3:
            self.books.edit_customer(key, in_scope=True)

    def deal(self) -> None:
        name = f"Prospect {self.random.randint(1, 99_999)}"
        deal = self.crm.open_deal(self.crm.add_account(name), "A deal")
        if self.random.random() < 0.6:
            self.crm.win(deal)

    # -- runs ------------------------------------------------------------------------------------

    def run(self, *, write: bool) -> None:
        """The next cycle, sometimes over a bad line."""
        self.rig.clock.advance(self.random.choice([60, 300, 900]))
        self.trouble = write and self.random.random() < 0.25
        if self.trouble:
            kind = self.random.choice([Fault.CUT_AFTER, Fault.CUT_BEFORE, Fault.REFUSE])
            path = "* /crm/*" if kind is Fault.REFUSE else "POST /crm/*"
            self.rig.world.fault(path, kind, self.random.randint(1, 2))
        self.rig.run(write=write)
        self.rig.world.faults.planned.clear()
        self._remember()

    def _remember(self) -> None:
        now = self.rig.clock.utc()
        for table in ("orders", "invoices", *SETTLERS):
            for key, row in self.books.tables[table].items():
                one = (table, key)
                if row.data["state"] == "posted":
                    self.counted.add(one)
                    self.unposted.pop(one, None)
                elif row.data["state"] == "draft" and one in self.counted:
                    self.unposted.setdefault(one, now)

    def correcting(self, table: str, key: str) -> bool:
        """A run saw it unposted, and the delay was not over by then."""
        since = self.unposted.get((table, key))
        return since is not None and self.rig.clock.utc() < since + DELAY

    # -- the truth about figures -----------------------------------------------------------------

    def posted(self, table: str, customer: str | None = None) -> dict[str, Data]:
        return {
            key: row.data
            for key, row in self.books.tables[table].items()
            if row.data["state"] == "posted" and customer in (None, row.data["customer"])
        }

    def shown_currency(self, customer: str) -> str:
        """Of what is open: the only currency, if the CRM knows it; else the company's own."""
        codes = list(self.books.figures(customer))
        return codes[0] if len(codes) == 1 and codes[0] in KNOWN else COMPANY

    def figure(self, customer: str, word: str) -> Decimal:
        figure = self.books.figures(customer).get(self.shown_currency(customer))
        return Decimal(getattr(figure, word)) if figure else ZERO

    def overdue(self, customer: str) -> Decimal:
        code, today = self.shown_currency(customer), self.rig.clock.utc().date().isoformat()
        late = (
            self.open(key)
            for key, data in self.posted("invoices", customer).items()
            if data["currency"] == code and data["due"] < today
        )
        return sum(late, ZERO)

    def open(self, invoice: str) -> Decimal:
        settled = sum(
            (
                Decimal(line["amount"])
                for table in SETTLERS
                for data in self.posted(table).values()
                for line in data["allocations"]
                if line["invoice"] == invoice
            ),
            ZERO,
        )
        return Decimal(self.books.tables["invoices"][invoice].data["total"]) - settled

    def currencies(self, customer: str) -> set[str]:
        """Those with anything open, sold, credited or ordered in them."""
        found = set(self.books.figures(customer))
        for table in ("orders", "invoices", "credit_notes"):
            found |= {data["currency"] for data in self.posted(table, customer).values()}
        return found

    def sales(self, customer: str) -> Decimal:
        """Of a customer with one currency."""
        invoiced = sum(
            (Decimal(d["total"]) for d in self.posted("invoices", customer).values()), ZERO
        )
        notes = self.posted("credit_notes", customer).values()
        return invoiced - sum((Decimal(data["total"]) for data in notes), ZERO)

    # -- the truth about objects -----------------------------------------------------------------

    def in_scope(self, customer: str) -> bool:
        """Or made by syncd, out of a won card."""
        data = self.books.tables["customers"][customer].data
        return bool(data["in_scope"] or str(data["code"]).startswith("CRM-"))

    def expected(self, table: str, key: str) -> dict[tuple[str, str], Decimal]:
        """(target, marker of the invoice or '') -> amount, of what must stand at the CRM."""
        data = self.books.tables[table][key].data
        standing = data["state"] == "posted" or self.correcting(table, key)
        if not standing or not self.in_scope(data["customer"]):
            return {}
        if data["currency"] not in KNOWN:  # a note is text alone
            return {("note", ""): Decimal(data["total"])} if table == "credit_notes" else {}
        if table == "invoices":
            return {("invoice", ""): Decimal(data["total"])}
        found = {("note", ""): Decimal(data["total"])} if table == "credit_notes" else {}
        for line in data["allocations"]:
            invoice = self.books.tables["invoices"][line["invoice"]].data
            if invoice["state"] == "posted" or self.correcting("invoices", line["invoice"]):
                found["payment", line["invoice"]] = Decimal(line["amount"])
        return found

    def actual(self, table: str, key: str) -> dict[tuple[str, str], Decimal]:
        """The same as the CRM has it; cancelled invoices are none."""
        data = self.books.tables[table][key].data
        if table == "invoices":
            there = [one.fields for one in self.crm.marked("invoice", key)]
            standing = [one["amount"] for one in there if one["state"] == "open"]
            return dict.fromkeys([("invoice", "")], standing[0]) if standing else {}
        form = {
            "payments": key,
            "credit_notes": f"CN-{data['number']}",
            "adjustments": f"ADJ-{key}",
        }
        found = {}
        for one in self.crm.marked("payment", form[table]):
            invoice = self.crm.objects["invoice"][one.parents["invoice"]]
            found["payment", str(invoice.fields["books_id"])] = Decimal(one.fields["amount"])
        if table == "credit_notes" and self.crm.marked("note", form[table]):
            found["note", ""] = Decimal(data["total"])
        return found


VERBS = (
    *[Sim.invoice] * 5,
    *[Sim.pay] * 4,
    *[Sim.order, Sim.invoice_order, Sim.pay_ahead, Sim.refund, Sim.credit, Sim.credit],
    *[Sim.adjust, Sim.unpost, Sim.unpost, Sim.repost, Sim.cancel, Sim.edit, Sim.into_scope],
    *[Sim.deal, Sim.deal, lambda sim: sim.customer(len(sim.books.tables["customers"]))],
)
