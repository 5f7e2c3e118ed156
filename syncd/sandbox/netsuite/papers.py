"""How a document is written and what is open of it: header, lines, rows of the accounting book."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from syncd.sandbox.netsuite.documents import Kind
from syncd.sandbox.netsuite.store import Row, Store, amount
from syncd.sandbox.netsuite.wire import Refused

CENT = Decimal("0.01")
RECEIVABLE, BANK, INCOME, DEPOSITS, LOSSES = 119, 1, 54, 208, 70
"""Accounts of the one chart that every company here has."""
BOOK = 1
BY = 6
"""The employee who types what no integration writes."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Of a document; None: today, the customer's currency, its rate, no date."""

    date: dt.date | None = None
    due: dt.date | None = None
    currency: int | None = None
    rate: Decimal | None = None
    subsidiary: int | None = None
    memo: str = ""
    otherrefnum: str = ""
    employee: int | None = None
    external: str = ""
    modified: dt.datetime | None = None
    """When it was typed; None is now."""


NOW = Terms()

Lines = Sequence[tuple[int, Decimal, Decimal]]
"""(item, quantity, price)."""


@dataclass(frozen=True, slots=True)
class Posting:
    account: int
    amount: Decimal
    """Debit above zero, in the document's currency."""
    entity: int | None = None
    item: int | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    main: bool = False


@dataclass
class Papers:
    store: Store
    numbers: dict[str, int] = field(default_factory=dict)

    def write(
        self,
        kind: Kind,
        customer: int | None,
        rows: Sequence[Posting],
        terms: Terms,
        status: str,
        whole: Decimal,
        created_from: int | None = None,
    ) -> int:
        """`whole` with the sign that `foreigntotal` has where payments are below zero."""
        store = self.store
        id, now = store.next_id("transaction"), terms.modified or store.now()
        currency, rate, subsidiary = self._terms(customer, terms)
        self.numbers[kind.type] = number = self.numbers.get(kind.type, 1000) + 1
        tranid = f"{kind.prefix}{number}"
        base = {"createddate": now, "lastmodifieddate": now, "createdby": BY, "lastmodifiedby": BY}
        header = {
            **base,
            "id": id,
            "tranid": tranid,
            "transactionnumber": f"{kind.record.upper()}{number}",
            "type": kind.type,
            "recordtype": kind.record,
            "trandisplayname": f"{kind.label} #{tranid}",
            "entity": customer,
            "trandate": terms.date or store.today(),
            "duedate": terms.due,
            "status": status,
            "approvalstatus": 2,
            "currency": currency,
            "exchangerate": rate,
            "foreigntotal": whole if store.switches.negative_totals else abs(whole),
            "posting": kind.posts,
            "postingperiod": 100 + (terms.date or store.today()).month,
            "voided": False,
            "isreversal": False,
            "memo": terms.memo,
            "otherrefnum": terms.otherrefnum,
            "externalid": terms.external,
            "employee": terms.employee,
            "subsidiary_": subsidiary,
        }
        store.insert("transaction", header)
        for at, row in enumerate(rows):
            self._line(id, at, row, now, created_from, subsidiary, rate)
            if kind.posts:
                self._booked(id, at, row, rate)
        return id

    def _terms(self, customer: int | None, terms: Terms) -> tuple[int, Decimal, int]:
        held = self.store.get("customer", customer) or {} if customer is not None else {}
        currency = terms.currency or held.get("currency") or 1
        subsidiary = terms.subsidiary or held.get("subsidiary_") or 1
        return currency, terms.rate or self._rate(currency, subsidiary), subsidiary

    def _rate(self, currency: int, subsidiary: int) -> Decimal:
        """Of a currency in that of the subsidiary's books."""
        base = (self.store.get("subsidiary", subsidiary) or {}).get("currency") or 1
        of, own = (self._listed(one) for one in (currency, base))
        return (of / own).quantize(Decimal("0.00000001"))

    def _listed(self, currency: int) -> Decimal:
        return amount((self.store.get("currency", currency) or {"exchangerate": 1})["exchangerate"])

    def _line(
        self,
        id: int,
        at: int,
        row: Posting,
        now: dt.datetime,
        created_from: int | None,
        subsidiary: int,
        rate: Decimal,
    ) -> None:
        sums: dict[str, object] = {
            "foreignamount": row.amount,
            "netamount": in_base(row.amount, rate),
            "debitforeignamount": row.amount if row.amount > 0 else None,
            "creditforeignamount": -row.amount if row.amount < 0 else None,
        }
        values = {
            "transaction": id,
            "id": at,
            "linesequencenumber": at,
            "uniquekey": self.store.next_id("line"),
            "mainline": row.main,
            "taxline": False,
            "entity": row.entity,
            "item": row.item,
            "quantity": _signed(row),
            "rate": row.price,
            "createdfrom": created_from,
            "subsidiary": subsidiary,
            "expenseaccount": row.account,
            "linelastmodifieddate": now,
            "isclosed": False,
            "quantitybilled": 0,
            "quantityshiprecv": 0,
        }
        self.store.insert("transactionline", {**values, **sums})

    def _booked(self, id: int, at: int, row: Posting, rate: Decimal) -> None:
        whole = in_base(row.amount, rate)
        values = {
            "transaction": id,
            "transactionline": at,
            "accountingbook": BOOK,
            "account": row.account,
            "amount": whole,
            "debit": whole if whole > 0 else None,
            "credit": -whole if whole < 0 else None,
            "exchangerate": rate,
            "posting": True,
            "entity_": row.entity,
        }
        self.store.insert("transactionaccountingline", values)

    # what is open

    def settle(self, id: int) -> None:
        """Open and used amounts, and the letter that follows from them."""
        held = self.get(id)
        if held["type"] == "CustInvc" or self._charges(held):
            paid = self._sum("previousdoc = ? AND linktype = 'Payment'", id)
            whole = amount(held["foreigntotal"])
            known = {"foreignamountpaid": paid, "foreignamountunpaid": whole - paid}
            letter = "V" if held["voided"] == "T" else "A" if whole > paid else "B"
            closed = held["closedate"] or (self.store.today() if letter == "B" else None)
            done: Row = {"status": letter, "closedate": closed if letter == "B" else None}
            self._known(held, known, done if held["type"] == "CustInvc" else {}, RECEIVABLE)
        elif held["type"] in ("CustPymt", "CustCred", "CustDep", "DepAppl", "Journal"):
            used = self._sum("nextdoc = ? AND linktype = 'Payment'", id)
            used += self._sum("previousdoc = ? AND linktype IN ('Refund', 'DepAppl')", id)
            whole = abs(amount(held["foreigntotal"]))
            known = {"foreignpaymentamountused": used, "foreignpaymentamountunused": whole - used}
            account = DEPOSITS if held["type"] == "CustDep" else RECEIVABLE
            self._known(held, known, self._letter(held, whole, used), account)

    def _charges(self, held: Row) -> bool:
        """A journal that adds to what is owed."""
        return held["type"] == "Journal" and bool(
            self.store.one(
                """SELECT 1 AS x FROM transactionaccountingline WHERE "transaction" = ?
                AND account = ? AND amount > 0""",
                held["id"],
                RECEIVABLE,
            )
        )

    def _letter(self, held: Row, whole: Decimal, used: Decimal) -> Row:
        if held["voided"] == "T":
            return {"status": "V"}
        if held["type"] == "CustCred":
            return {"status": "A" if whole > used else "B"}
        if held["type"] == "CustDep":
            return {"status": "B" if whole > used else "C"}
        return {}

    def _known(self, held: Row, known: Row, done: Row, account: int) -> None:
        id, rate = held["id"], amount(held["exchangerate"])
        self.store.update("transaction", {"id": id}, {**known, **done})
        self.store.update("transactionline", {"transaction": id, "mainline": "T"}, known)
        if account == DEPOSITS and not self.store.switches.deposits_in_accounting:
            return
        base = {name.replace("foreign", ""): in_base(part, rate) for name, part in known.items()}
        where = {"transaction": id, "account": account}
        self.store.update("transactionaccountingline", where, base)

    def _sum(self, where: str, id: int) -> Decimal:
        found = self.store.one(f"SELECT o_sum(foreignamount) AS x FROM link WHERE {where}", id)
        return amount(found["x"] if found else 0)

    # what is known

    def get(self, id: int) -> Row:
        found = self.store.get("transaction", id)
        if found is None:
            raise error(f"That record does not exist: {id}")
        return found

    def find(self, tranid: str) -> int:
        found = self.store.one('SELECT id FROM "transaction" WHERE tranid = ?', tranid)
        if found is None:
            raise error(f"That record does not exist: {tranid}")
        return int(found["id"])

    def touch(self, id: int, at: dt.datetime | None = None) -> None:
        self.store.update("transaction", {"id": id}, {"lastmodifieddate": at or self.store.now()})

    def link(self, before: int, after: int, kind: str, part: Decimal, line: int = 0) -> None:
        values = {
            "previousdoc": before,
            "previousline": line,
            "previoustype": self.get(before)["type"],
            "nextdoc": after,
            "nextline": line,
            "nexttype": self.get(after)["type"],
            "linktype": kind,
            "foreignamount": part,
            "lastmodifieddate": self.store.now(),
        }
        self.store.insert("link", values)

    def forget(
        self, id: int, number: int, record: str, name: str, at: dt.datetime | None, context: str
    ) -> None:
        """A row of the deleted records."""
        values = {
            "deleteddate": at or self.store.now(),
            "recordid": id,
            "recordtypeid": number,
            "scriptid": record.upper(),
            "type": record,
            "name": name,
            "context": context,
            "deletedby": BY,
            "iscustomrecord": False,
            "iscustomlist": False,
            "iscustomtransaction": False,
        }
        self.store.insert("deletedrecord", values)


def _signed(row: Posting) -> Decimal | None:
    if row.quantity is None:
        return None
    return row.quantity if row.amount > 0 else -row.quantity


def total(lines: Lines) -> Decimal:
    return sum(map(part, lines), Decimal(0))


def part(line: tuple[int, Decimal, Decimal]) -> Decimal:
    return (line[1] * line[2]).quantize(CENT, ROUND_HALF_UP)


def in_base(value: Decimal, rate: Decimal) -> Decimal:
    return (value * rate).quantize(CENT, ROUND_HALF_UP)


def error(detail: str) -> Refused:
    """A business rule."""
    return Refused("USER_ERROR", detail)
