"""What a bookkeeper does. Every document is a header, its lines and its rows in the accounting
book; what is open of it follows from the links.

Amounts are in the document's currency, with tax; each method gives the id of what it wrote. A link
`Payment` leads from an invoice (previous) to what pays it (next).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from syncd.sandbox.netsuite import documents as of
from syncd.sandbox.netsuite.documents import KINDS, Kind
from syncd.sandbox.netsuite.papers import (
    BANK,
    DEPOSITS,
    INCOME,
    LOSSES,
    NOW,
    RECEIVABLE,
    Lines,
    Papers,
    Posting,
    Terms,
    error,
    part,
    total,
)
from syncd.sandbox.netsuite.store import Row, amount, utc


class Ledger(Papers):
    # documents

    def order(self, customer: int, lines: Lines, terms: Terms = NOW, status: str = "B") -> int:
        return self._sale(of.ORDER, customer, lines, terms, None, status)

    def invoice(
        self, customer: int, lines: Lines, terms: Terms = NOW, order: int | None = None
    ) -> int:
        made = self._sale(of.INVOICE, customer, lines, terms, order, "A")
        if order is not None:
            self._billed(order, made, lines)
        self.settle(made)
        return made

    def cash_sale(self, customer: int, lines: Lines, terms: Terms = NOW) -> int:
        return self._sale(of.CASH_SALE, customer, lines, terms, None, "C", BANK)

    def payment(self, customer: int, whole: Decimal, terms: Terms = NOW, status: str = "C") -> int:
        """Nothing of it is applied."""
        rows = [Posting(BANK, whole, customer, main=True), Posting(RECEIVABLE, -whole, customer)]
        made = self.write(of.PAYMENT, customer, rows, terms, status, -whole)
        self.settle(made)
        return made

    def deposit(
        self, customer: int, whole: Decimal, terms: Terms = NOW, order: int | None = None
    ) -> int:
        rows = [Posting(BANK, whole, customer, main=True), Posting(DEPOSITS, -whole, customer)]
        made = self.write(of.DEPOSIT, customer, rows, terms, "B", -whole, created_from=order)
        if order is not None:
            self.link(order, made, "SODep", whole)
        self.settle(made)
        return made

    def credit(
        self, customer: int, lines: Lines, terms: Terms = NOW, invoice: int | None = None
    ) -> int:
        whole = total(lines)
        rows = [Posting(RECEIVABLE, -whole, customer, main=True)]
        rows += [Posting(INCOME, part(one), customer, *one) for one in lines]
        made = self.write(of.CREDIT, customer, rows, terms, "A", -whole, created_from=invoice)
        self.settle(made)
        return made

    def write_off(self, customer: int, whole: Decimal, terms: Terms = NOW) -> int:
        """A journal that takes from what is owed; it is applied like a payment."""
        rows = [Posting(LOSSES, whole), Posting(RECEIVABLE, -whole, customer)]
        made = self.write(of.JOURNAL, None, rows, terms, "B", whole)
        self.settle(made)
        return made

    def charge(self, customer: int, whole: Decimal, terms: Terms = NOW) -> int:
        """A journal that adds to what is owed, as opening balances do; it is paid like an
        invoice."""
        rows = [Posting(RECEIVABLE, whole, customer), Posting(INCOME, -whole)]
        made = self.write(of.JOURNAL, None, rows, terms, "B", whole)
        self.settle(made)
        return made

    def refund(self, credit: int, whole: Decimal, terms: Terms = NOW) -> int:
        """Money back out of a payment, a credit memo or a deposit."""
        source = self.get(credit)
        rows = [
            Posting(BANK, -whole, source["entity"], main=True),
            Posting(RECEIVABLE, whole, source["entity"]),
        ]
        made = self.write(of.REFUND, source["entity"], rows, terms, "Z", whole)
        self.link(credit, made, "Refund", whole)
        self.settle(credit)
        self.touch(credit, terms.modified)
        return made

    # applying

    def apply(self, credit: int, invoice: int, part: Decimal, at: dt.datetime | None = None) -> int:
        """A deposit is applied by a document of its own, whose id it gives; else the credit's."""
        source, target = self.get(credit), self.get(invoice)
        if part > amount(target["foreignamountunpaid"]):
            raise error(f"{target['tranid']} has less than {part} open.")
        if part > amount(source["foreignpaymentamountunused"]):
            raise error(f"{source['tranid']} has less than {part} unapplied.")
        if source["type"] == "CustDep":
            credit = self._application(source, part, at)
        self.link(invoice, credit, "Payment", part)
        for one in (credit, invoice, source["id"]):
            self.settle(one)
        self._touched(credit, invoice, at)
        return credit

    def unapply(self, credit: int, invoice: int, at: dt.datetime | None = None) -> None:
        self.store.delete(
            "link", {"previousdoc": invoice, "nextdoc": credit, "linktype": "Payment"}
        )
        self.settle(credit)
        self.settle(invoice)
        self._touched(credit, invoice, at)

    def void(self, id: int, at: dt.datetime | None = None) -> int:
        """What paid it or was paid by it is free again. Gives the journal, or the document."""
        held = self.get(id)
        for other in self._unlinked(id):
            self.settle(other)
            self.touch(other, at)
        if self.store.switches.void_by_journal:
            return self._reversed(held, at)
        zero = {"foreigntotal": 0, "voided": "T", "status": "V", "memo": "VOID"}
        self.store.update("transaction", {"id": id}, zero)
        lines = {
            "foreignamount": 0,
            "netamount": 0,
            "debitforeignamount": 0,
            "creditforeignamount": 0,
        }
        self.store.update("transactionline", {"transaction": id}, lines)
        gone = {"amount": 0, "debit": 0, "credit": 0}
        self.store.update("transactionaccountingline", {"transaction": id}, gone)
        self.settle(id)
        self.touch(id, at)
        return id

    def delete(self, id: int, at: dt.datetime | None = None, context: str = "UI") -> None:
        """Refused while something leads on from it; what it paid is open again."""
        held = self.get(id)
        if self.store.one("SELECT 1 AS x FROM link WHERE previousdoc = ?", id):
            raise error(
                "This transaction cannot be deleted because it is linked to by one or more "
                "transactions."
            )
        for other in self._unlinked(id):
            self.settle(other)
            self.touch(other, at)
        for table in ("transactionline", "transactionaccountingline"):
            self.store.delete(table, {"transaction": id})
        self.store.delete("transaction", {"id": id})
        kind = KINDS[held["type"]]
        self.forget(id, kind.number, kind.record, f"{kind.label} #{held['tranid']}", at, context)

    def close(self, order: int, status: str = "H", at: dt.datetime | None = None) -> None:
        """An order is closed (H) or cancelled (C): nothing more of it is billed."""
        self.store.update("transactionline", {"transaction": order}, {"isclosed": "T"})
        self.store.update("transaction", {"id": order}, {"status": status})
        self.touch(order, at)

    def due(self, id: int, day: dt.date, at: dt.datetime | None = None) -> None:
        self.store.update("transaction", {"id": id}, {"duedate": day})
        self.touch(id, at)

    # within

    def _sale(
        self,
        kind: Kind,
        customer: int,
        lines: Lines,
        terms: Terms,
        order: int | None,
        status: str,
        account: int = RECEIVABLE,
    ) -> int:
        whole = total(lines)
        rows = [Posting(account, whole, customer, main=True)]
        rows += [Posting(INCOME, -part(one), customer, *one) for one in lines]
        made = self.write(kind, customer, rows, terms, status, whole, order)
        self._sold(customer, kind, terms)
        return made

    def _sold(self, customer: int, kind: Kind, terms: Terms) -> None:
        """A sale makes a customer of a lead or prospect, and its dates move nothing else."""
        held = self.store.get("customer", customer)
        if held is None:
            raise error(f"Invalid Field Value {customer} for the following field: entity")
        day = terms.date or self.store.today()
        values: Row = {"lastsaledate": day} if kind is not of.ORDER else {"lastorderdate": day}
        if kind is of.ORDER and held["firstorderdate"] is None:
            values["firstorderdate"] = day
        if held["searchstage"] != "Customer" and self.store.switches.sales_makes_customer:
            values |= {
                "searchstage": "Customer",
                "entitystatus": 13,
                "dateclosed": day,
                "lastmodifieddate": terms.modified or self.store.now(),
            }
        self.store.update("customer", {"id": customer}, values)

    def _billed(self, order: int, invoice: int, lines: Lines) -> None:
        """Lines of the order are billed in their own order."""
        for at, (item, quantity, price) in enumerate(lines, 1):
            where = "item = ? AND mainline = 'F' AND \"transaction\" = ?"
            held = self.store.one(f"SELECT * FROM transactionline WHERE {where}", item, order)
            if held is None:
                continue
            self.link(order, invoice, "OrdBill", part((item, quantity, price)), at)
            billed = amount(held["quantitybilled"]) + quantity
            line = {"transaction": order, "id": held["id"]}
            self.store.update(
                "transactionline", line, {"quantitybilled": billed, "quantityshiprecv": billed}
            )
        open = self.store.one(
            """SELECT 1 AS x FROM transactionline WHERE "transaction" = ? AND mainline = 'F'
            AND quantitybilled < -quantity""",
            order,
        )
        self.store.update("transaction", {"id": order}, {"status": "E" if open else "G"})
        self.touch(order, self._modified(invoice))

    def _modified(self, id: int) -> dt.datetime:
        return utc(self.get(id)["lastmodifieddate_"])

    def _application(self, deposit: Row, whole: Decimal, at: dt.datetime | None) -> int:
        terms = Terms(
            currency=deposit["currency"],
            rate=amount(deposit["exchangerate"]),
            subsidiary=deposit["subsidiary_"],
            modified=at,
        )
        rows = [
            Posting(DEPOSITS, whole, deposit["entity"], main=True),
            Posting(RECEIVABLE, -whole, deposit["entity"]),
        ]
        made = self.write(of.APPLICATION, deposit["entity"], rows, terms, "Z", -whole)
        self.link(deposit["id"], made, "DepAppl", whole)
        return made

    def _unlinked(self, id: int) -> set[int]:
        """Ends of the links that are taken away here: what it paid, and what paid it."""
        held = self.store.rows(
            "SELECT * FROM link WHERE ? IN (previousdoc, nextdoc) AND linktype <> 'OrdBill'", id
        )
        self.store.db.execute(
            "DELETE FROM link WHERE nextdoc = ? OR (previousdoc = ? AND linktype = 'Payment')",
            (id, id),
        )
        return {one[end] for one in held for end in ("previousdoc", "nextdoc")} - {id}

    def _reversed(self, held: Row, at: dt.datetime | None) -> int:
        """The document stays, and a journal takes it back: an invoice by a credit, what pays by a
        debit, which nothing is left to use of."""
        terms = Terms(
            currency=held["currency"],
            rate=amount(held["exchangerate"]),
            subsidiary=held["subsidiary_"],
            memo=f"VOID {held['tranid']}",
            modified=at,
        )
        whole, owed = abs(amount(held["foreigntotal"])), held["type"] == "CustInvc"
        if owed:
            made = self.write_off(held["entity"], whole, terms)
        else:
            rows = [Posting(RECEIVABLE, whole, held["entity"]), Posting(LOSSES, -whole)]
            made = self.write(of.JOURNAL, None, rows, terms, "B", whole)
        self.store.update("transaction", {"id": made}, {"isreversal": "T"})
        self.store.update("transaction", {"id": held["id"]}, {"voided": "T", "reversal": made})
        self.link(held["id"], made, "Payment" if owed else "Refund", whole)
        for one in (made, held["id"]) if owed else (held["id"],):
            self.settle(one)
        for one in (made, held["id"]):
            self.touch(one, at)
        return made

    def _touched(self, credit: int, invoice: int, at: dt.datetime | None) -> None:
        which = self.store.switches.apply_touches
        for one, name in ((credit, "payment"), (invoice, "invoice")):
            if which in ("both", name):
                self.touch(one, at)
