"""Tryton with the verbs of an accountant: sell, invoice, pay, credit, write off. Money is Decimal,
dates are days, records are named by their ids. What is not said is today and in euros."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from tests.world.tryton import Tryton

INVOICE = "account.invoice"
LINE = "account.move.line"


def today() -> dt.date:
    """Tryton runs in UTC, whatever the machine's zone."""
    return dt.datetime.now(dt.UTC).date()


class Books(Tryton):
    # -- what the base set-up made, looked up once

    @cached_property
    def currencies(self) -> dict[str, int]:
        return {row["code"]: row["id"] for row in self.rows("currency.currency", ["code"])}

    @cached_property
    def _accounts(self) -> dict[str, int]:
        """By kind, the first that may be posted to."""
        kinds = ("receivable", "payable", "revenue", "expense")
        usable = ["closed", "!=", True]
        return {
            kind: self.search("account.account", [[f"type.{kind}", "=", True], usable])[0]
            for kind in kinds
        }

    @cached_property
    def _cash(self) -> int:
        return self.one("account.account", ["code", "=", "1.1.1"])

    @cached_property
    def _journals(self) -> dict[str, int]:
        return {row["type"]: row["id"] for row in self.rows("account.journal", ["type"])}

    @cached_property
    def _bank(self) -> int:
        return self.one("account.invoice.payment.method", ["name", "=", "Bank"])

    @cached_property
    def _write_off(self) -> int:
        return self.one("account.move.reconcile.write_off", ["name", "=", "Bad debt"])

    @cached_property
    def _company(self) -> int:
        return int(self.context["company"])

    @cached_property
    def _terms(self) -> dict[str, int]:
        rows = self.rows("account.invoice.payment_term", ["name"])
        return {row["name"]: row["id"] for row in rows}

    @cached_property
    def _products(self) -> dict[str, dict[str, Any]]:
        """By code, what a sale line says of the product."""
        fields = ["code", "list_price_used", "sale_uom", "account_category.customer_taxes"]
        return {
            row["code"]: {
                "product": row["id"],
                "unit": row["sale_uom"],
                "unit_price": row["list_price_used"],
                "taxes": [["add", row["account_category."]["customer_taxes"]]],
            }
            for row in self.rows("product.product", fields)
        }

    def employ(self, name: str) -> None:
        """From now on this user sells and invoices as that employee."""
        party = self.create("party.party", {"name": name})
        employee = self.create("company.employee", {"party": party, "company": self._company})
        self.write("res.user", self.user, employees=[["add", [employee]]], employee=employee)
        self.context = self.rpc("model.res.user.get_preferences", True)

    # -- parties

    def create_customer(
        self, name: str, *, email: str | None = None, phone: str | None = None, **values: Any
    ) -> int:
        """A party with one address; Tryton numbers it unless `code` is given."""
        ways = [
            {"type": kind, "value": value}
            for kind, value in (("email", email), ("phone", phone))
            if value
        ]
        return self.create(
            "party.party",
            {
                "name": name,
                "addresses": [["create", [{"city": "Wien", "postal_code": "1010"}]]],
                "contact_mechanisms": [["create", ways]] if ways else [],
                **values,
            },
        )

    def rename(self, customer: int, name: str) -> None:
        self.write("party.party", customer, name=name)

    def code(self, customer: int) -> str:
        return str(self.row("party.party", customer, "code")["code"])

    def receivable(self, customer: int) -> Decimal:
        """Tryton's own figure: all open items netted, in the company's currency."""
        amount: Decimal = self.row("party.party", customer, "receivable")["receivable"]
        return amount

    def _address(self, customer: int) -> int:
        return self.search("party.address", [["party", "=", customer]])[0]

    # -- orders

    def quote(
        self, customer: int, items: Mapping[str, float], *, date: dt.date | None = None
    ) -> int:
        """A quotation for quantities by product code, at list price with tax, in euros."""
        address = self._address(customer)
        lines = [{**self._products[code], "quantity": count} for code, count in items.items()]
        sale = self.create(
            "sale.sale",
            {
                "party": customer,
                "invoice_address": address,
                "shipment_address": address,
                "payment_term": self._terms["30 days net"],
                "sale_date": date or today(),
                "lines": [["create", lines]],
            },
        )
        self.call("sale.sale", "quote", sale)
        return sale

    def confirm(self, sale: int) -> list[int]:
        """Confirm a quotation: the ids of the draft invoices it got."""
        self.call("sale.sale", "confirm", sale)
        invoices: list[int] = self.row("sale.sale", sale, "invoices")["invoices"]
        return invoices

    # -- invoices

    def draft_invoice(
        self,
        customer: int,
        amount: Decimal | str,
        *,
        date: dt.date | None = None,
        currency: str = "EUR",
        days: int = 30,
        reference: str | None = None,
        kind: str = "out",
        text: str = "Goods",
    ) -> int:
        """One line without tax, so that the total is `amount`; negative for a credit note. `kind`
        is "out" to a customer, "in" from a supplier."""
        selling = kind == "out"
        line = {
            "type": "line",
            "description": text,
            "quantity": 1.0,
            "unit_price": Decimal(amount),
            "account": self._accounts["revenue" if selling else "expense"],
            "currency": self.currencies[currency],
            "company": self._company,
        }
        return self.create(
            INVOICE,
            {
                "type": kind,
                "party": customer,
                "invoice_address": self._address(customer),
                "account": self._accounts["receivable" if selling else "payable"],
                "journal": self._journals["revenue" if selling else "expense"],
                "currency": self.currencies[currency],
                "payment_term": self._terms[f"{days} days net"],
                "invoice_date": date or today(),
                "reference": reference,
                "lines": [["create", [line]]],
            },
        )

    def post(self, *invoices: int) -> None:
        """Yes is said beforehand to a due date in the past: Tryton would stop at each such invoice
        and do all of them again."""
        keys = (hashlib.md5(f"{INVOICE},{key}".encode()).hexdigest() for key in invoices)
        past = [
            {"user": self.user, "name": f"{key}.invoice_payment_term", "always": False}
            for key in keys
        ]
        self.rpc("model.res.user.warning.create", past)
        self.call(INVOICE, "post", *invoices)

    def post_invoice(self, customer: int, amount: Decimal | str, **more: Any) -> int:
        """`draft_invoice`, posted. Dates may not go back: numbers follow the dates."""
        invoice = self.draft_invoice(customer, amount, **more)
        self.post(invoice)
        return invoice

    def cancel(self, invoice: int) -> None:
        self.call(INVOICE, "cancel", invoice)

    def credit(self, invoice: int, *, date: dt.date | None = None) -> int:
        """Credit a posted invoice in full: both are reconciled with each other and cancelled."""
        with self.wizard("account.invoice.credit", INVOICE, invoice) as wizard:
            asked = wizard.execute({}, wizard.start)
            asked.update(with_refund=True, invoice_date=date or today())
            wizard.execute({wizard.start: asked}, "credit")
        return max(self.search(INVOICE, [["type", "=", "out"]]))

    def credit_note(self, customer: int, amount: Decimal | str, **more: Any) -> int:
        """A posted credit note of its own over a positive `amount`, that settles nothing yet."""
        return self.post_invoice(customer, -Decimal(amount), text="Goods returned", **more)

    def open_amount(self, invoice: int) -> Decimal:
        amount: Decimal = self.row(INVOICE, invoice, "amount_to_pay")["amount_to_pay"]
        return amount

    # -- payments

    def pay(
        self, invoice: int, amount: Decimal | str | None = None, date: dt.date | None = None
    ) -> None:
        """Receive money for one invoice in its currency: all that is open, a part of it, or more
        than is open (the rest is then an advance)."""
        wanted = self.open_amount(invoice) if amount is None else Decimal(amount)
        with self.wizard("account.invoice.pay", INVOICE, invoice) as wizard:
            paying = wizard.execute({}, wizard.start)
            paying.update(payment_method=self._bank, amount=wanted, date=date or today())
            asked = wizard.execute({"start": paying}, "choice")
            if asked:
                wizard.execute({"start": paying, "ask": asked}, "pay")

    def advance(
        self,
        customer: int,
        amount: Decimal | str,
        date: dt.date | None = None,
        *,
        currency: str = "EUR",
    ) -> int:
        """Money received that names no invoice. Returns the open line on the customer's account."""
        return self._book(
            customer, -Decimal(amount), "cash", self._cash, date or today(), currency=currency
        )

    def refund(
        self,
        customer: int,
        amount: Decimal | str,
        date: dt.date | None = None,
        *,
        currency: str = "EUR",
    ) -> int:
        """Money given back, of whatever it was. Returns the line on the customer's account."""
        return self._book(
            customer, Decimal(amount), "cash", self._cash, date or today(), currency=currency
        )

    def opening(self, customer: int, amount: Decimal | str, date: dt.date | None = None) -> int:
        """What a customer owed when the books began, without its documents; negative for what was
        paid ahead. Returns the line on the customer's account."""
        against = self._accounts["revenue"]
        return self._book(customer, Decimal(amount), "situation", against, date or today())

    def write_off(self, invoice: int, date: dt.date | None = None) -> None:
        """Give up what is open of an invoice."""
        with self.wizard("account.move.reconcile_lines", LINE, *self.open_lines(invoice)) as wizard:
            asked = wizard.execute({}, wizard.start)
            asked.update(writeoff=self._write_off, date=date or today())
            wizard.execute({"writeoff": asked}, "reconcile")

    def _book(
        self,
        customer: int,
        amount: Decimal,
        journal: str,
        against: int,
        day: dt.date,
        *,
        currency: str = "EUR",
    ) -> int:
        """A posted move that raises what a customer owes by `amount`; its line on that account."""
        own = amount
        second: dict[str, Any] = {}
        if currency != "EUR":
            own = self._in_company_currency(amount, currency)
            second = {
                "second_currency": self.currencies[currency],
                "amount_second_currency": amount,
            }
        debit, credit = max(own, Decimal(0)), max(-own, Decimal(0))
        lines = [
            {"account": against, "debit": credit, "credit": debit},
            {
                "account": self._accounts["receivable"],
                "party": customer,
                "debit": debit,
                "credit": credit,
                **second,
            },
        ]
        move = self.create(
            "account.move",
            {
                "journal": self._journals[journal],
                "date": day,
                "period": self._period(day),
                "lines": [["create", lines]],
            },
        )
        self.call("account.move", "post", move)
        return self.one(LINE, ["move", "=", move], ["party", "=", customer])

    def pay_together(self, invoices: Sequence[int], date: dt.date | None = None) -> int:
        """One payment over the open amounts of several invoices of one customer."""
        rows = [self.row(INVOICE, key, "party", "amount_to_pay") for key in invoices]
        total = sum((row["amount_to_pay"] for row in rows), Decimal(0))
        paid = self.advance(rows[0]["party"], total, date)
        self.reconcile(paid, *(line for key in invoices for line in self.open_lines(key)))
        return paid

    def open_lines(self, invoice: int) -> list[int]:
        """The lines on the customer's account that an invoice (or credit note) still has open."""
        lines = self.row(INVOICE, invoice, "lines_to_pay")["lines_to_pay"]
        return self.search(LINE, [["id", "in", lines], ["reconciliation", "=", None]])

    def reconcile(self, *lines: int) -> None:
        """Settle lines that cancel out against each other."""
        with self.wizard("account.move.reconcile_lines", LINE, *lines) as wizard:
            if wizard.execute({}, wizard.start):
                raise ValueError("these lines do not sum up to zero")

    def unreconcile(self, *lines: int) -> None:
        with self.wizard("account.move.unreconcile_lines", LINE, *lines) as wizard:
            wizard.execute({}, wizard.start)

    def _period(self, day: dt.date) -> int:
        return self.one(
            "account.period",
            ["start_date", "<=", day],
            ["end_date", ">=", day],
            ["type", "=", "standard"],
        )

    def _in_company_currency(self, amount: Decimal, currency: str) -> Decimal:
        (row,) = self.rows("currency.currency", ["rate"], ["code", "=", currency])
        rate: Decimal = row["rate"]
        return (amount / rate).quantize(Decimal("0.01"))
