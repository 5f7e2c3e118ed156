"""Companies to begin with: a small one where everything awkward happens once, and large ones."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from syncd.sandbox.netsuite.ledger import Ledger
from syncd.sandbox.netsuite.papers import NOW, Lines, Terms
from syncd.sandbox.netsuite.people import People

USD, RUB, EUR, JPY = 1, 2, 3, 4
PARENT, GERMANY, JAPAN = 1, 2, 3
CURRENCIES = (
    ("USD", "US Dollar", "1", 2),
    ("RUB", "Russian Rouble", "0.0109", 2),
    ("EUR", "Euro", "1.085", 2),
    ("JPY", "Japanese Yen", "0.0066", 0),
)
SUBSIDIARIES = (
    ("Parent Company", "Пример Холдинг Inc.", None, USD, "US"),
    ("Germany", "Beispiel GmbH", PARENT, EUR, "DE"),
    ("Japan", "例示株式会社", PARENT, JPY, "JP"),
)
STAGES = (
    (6, "Unqualified", "LEAD"),
    (7, "Qualified", "LEAD"),
    (8, "In Discussion", "PROSPECT"),
    (10, "Proposal", "PROSPECT"),
    (11, "In Negotiation", "PROSPECT"),
    (13, "Closed Won", "CUSTOMER"),
    (14, "Closed Lost", "PROSPECT"),
    (15, "Renewal", "CUSTOMER"),
)
ACCOUNTS = (
    (1, "1000", "Bank", "Checking"),
    (119, "1100", "AcctRec", "Accounts Receivable"),
    (54, "4000", "Income", "Sales"),
    (208, "2300", "OthCurrLiab", "Customer Deposits"),
    (70, "6500", "Expense", "Bad Debt"),
)
EMPLOYEES = (("Анна", "Смирнова", True), ("太郎", "田中", True), ("Books", "Keeper", False))
ITEMS = ("Cable 3x2.5", "Насос", "見本品", "Delivery", "Service hour")


def settle_in(people: People) -> None:
    """Lists that every account has."""
    store = people.store
    now = store.now() - dt.timedelta(days=900)
    for id, (symbol, name, rate, digits) in enumerate(CURRENCIES, 1):
        store.insert(
            "currency",
            {
                "id": id,
                "symbol": symbol,
                "name": name,
                "exchangerate": Decimal(rate),
                "isbasecurrency": id == USD,
                "currencyprecision": digits,
                "isinactive": False,
            },
        )
    for id, (name, legal, parent, currency, country) in enumerate(SUBSIDIARIES, 1):
        full = name if parent is None else f"{SUBSIDIARIES[0][0]} : {name}"
        store.insert(
            "subsidiary",
            {
                "id": id,
                "name": name,
                "fullname": full,
                "legalname": legal,
                "parent": parent,
                "currency": currency,
                "country": country,
                "iselimination": False,
                "isinactive": False,
            },
        )
    for id, name, stage in STAGES:
        store.insert(
            "customerstatus",
            {"id": id, "key": id, "name": name, "entitytype": stage, "isinactive": False},
        )
    for id, number, kind, name in ACCOUNTS:
        store.insert(
            "account",
            {
                "id": id,
                "acctnumber": number,
                "accttype": kind,
                "accountsearchdisplayname": f"{number} {name}",
                "fullname": name,
                "isinactive": False,
            },
        )
    for id, days in enumerate((15, 30, 60), 1):
        store.insert(
            "term", {"id": id, "name": f"Net {days}", "daysuntilnetdue": days, "isinactive": False}
        )
    for id, name in enumerate(ITEMS, 1):
        store.insert(
            "item",
            {
                "id": id,
                "itemid": name,
                "displayname": name,
                "itemtype": "NonInvtPart",
                "isinactive": False,
            },
        )
    store.insert("accountingbook", {"id": 1, "name": "Primary Accounting Book", "isprimary": True})
    while store.next_id("entity") < 3:
        pass  # the first ids are the system's own
    for first, last, sells in EMPLOYEES:
        id = store.next_id("entity")
        store.insert(
            "employee",
            {
                "id": id,
                "entityid": f"{first} {last}",
                "firstname": first,
                "lastname": last,
                "email": f"user{id}@example.com",
                "issalesrep": sells,
                "isinactive": False,
                "subsidiary": PARENT,
                "datecreated": now,
                "lastmodifieddate": now,
            },
        )


class Days:
    """Before and after today, on the account's wall."""

    def __init__(self, ledger: Ledger) -> None:
        self.today, self.now = ledger.store.today(), ledger.store.now()

    def on(self, days: int, terms: Terms = NOW, due: int | None = None) -> Terms:
        """Terms of a document that is written so many days after today."""
        day = self.today + dt.timedelta(days=days)
        last = None if due is None else self.today + dt.timedelta(days=due)
        return replace(terms, date=day, due=last, modified=self.at(days))

    def at(self, days: int) -> dt.datetime:
        return self.now + dt.timedelta(days=days) if days < 0 else self.now


def single(price: int | str, item: int = 1, quantity: int = 1) -> Lines:
    return [(item, Decimal(quantity), Decimal(price))]
