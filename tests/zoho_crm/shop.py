"""A pair of the memory books and the sandbox of Zoho CRM, with the shipped mappings, and what the
cards have to show, worked out without any of syncd's code."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from connectors.memory import MemoryBooks, World
from connectors.zoho_crm import ZohoCrm
from syncd.http import KeptGrant
from syncd.mapping import load_books, load_crm
from syncd.store import problems
from syncd.store.engine import open_store
from syncd.sync.pair import Pair, Side
from tests.clocks import ManualClock
from tests.engine.rig import MAPPINGS, NUMBERS, Wired, WorldTransport
from tests.zoho_crm.office import Office

ZERO = Decimal(0)
SHIPPED = MAPPINGS / "zoho_crm.yaml"
DOCUMENTS = {
    "orders": ("ERP_Orders", "total"),
    "invoices": ("ERP_Invoices", "total"),
    "payments": ("ERP_Payments", "amount"),
    "credit_notes": ("ERP_Credit_Notes", "total"),
}
STATES = {"posted": "Posted", "cancelled": "Cancelled", "draft": "Cancelled"}
"""What was taken back for longer than a correction takes is cancelled, and stays."""


class Shop(Wired):
    def __init__(
        self, folder: Path, *, prepared: bool = False, mapping: Path = SHIPPED, **options: str
    ) -> None:
        self.clock = ManualClock()
        self.world = World(self.clock.utc)
        self.office = Office(self.clock)
        self.office.zoho.switches.prepared = prepared
        self.folder = folder
        self.options = options
        self.mapping = mapping
        self.pair = self.build()

    def build(self) -> Pair:
        """A new process, as it were: the state and the kept login are carried over."""
        books, crm = MemoryBooks({}), ZohoCrm(self.options)
        transport = self.office.inside(crm, kept=KeptGrant(self.folder / "crm.grant"))
        self.transport = transport
        self.pair = Pair(
            "main",
            Side("books", books, WorldTransport(self.world, books)),
            Side("crm", crm, transport),
            load_books(MAPPINGS / "memory_books.yaml", books.facts),
            load_crm(self.mapping, crm.facts),
            open_store(self.folder / "state.sqlite"),
            self.clock,
            NUMBERS,
        )
        return self.pair

    def uncompared(self) -> None:
        """As with `match: none`, until the next build."""
        writing = msgspec.structs.replace(self.pair.writing, match=None)
        self.pair = dataclasses.replace(self.pair, writing=writing)

    def asked(self) -> list[str]:
        """What the CRM was asked since the last time this was."""
        lines = [str(one["request"]) for one in self.office.served.log]
        self.office.served.log.clear()
        return [line.replace("/crm/v8/", "") for line in lines]

    def card(self, customer: str) -> Mapping[str, Any]:
        """In whichever of the two modules."""
        cards = [*self.office.having("Accounts", ERP_ID=customer)]
        [row] = cards or self.office.having("Contacts", ERP_ID=customer)
        return row.values

    # -- what the cards have to show --------------------------------------------------------------

    def differences(self) -> list[str]:
        found = list(self._cards())
        for table, (module, amount) in DOCUMENTS.items():
            found += self._documents(table, module, amount)
        return found

    def _cards(self) -> Iterator[str]:
        for key, row in self.world.books.tables["customers"].items():
            cards = self.office.having("Accounts", ERP_ID=key)
            if len(cards) != 1:
                yield f"customer {key} has {len(cards)} cards"
                continue
            values = cards[0].values
            if values["Account_Name"] not in (
                row.data["name"],
                f"{row.data['name']} ({row.data['code']})",
            ):
                yield f"customer {key} is called {values['Account_Name']}"
            figures = {c: f for c, f in self.world.books.figures(key).items() if any(f)}
            shown = next(iter(figures)) if len(figures) == 1 else "EUR"
            expected = tuple(figures.get(shown, (ZERO, ZERO, ZERO)))
            names = ("Receivable_Balance", "Unapplied_Credit", "Credits_Open")
            seen = tuple(Decimal(str(values.get(name) or 0)) for name in names)
            if seen != expected:
                yield f"customer {key}: {seen}, books {expected}"

    def _documents(self, table: str, module: str, amount: str) -> Iterator[str]:
        rows = self.world.books.tables[table]
        shown = {str(row.values.get("ERP_ID")): row.values for row in self.office.rows(module)}
        if len(shown) != len(self.office.rows(module)):
            yield f"{module} has doubles"
        for key, row in rows.items():
            wanted = STATES[str(row.data["state"])]
            there = shown.pop(key, None)
            if there is None and wanted == "Cancelled":
                continue  # nobody saw it
            if there is None:
                yield f"{table} {key} is not there"
                continue
            holder = self.office.having("Accounts", ERP_ID=str(row.data["customer"]))
            seen = (
                Decimal(str(there["Amount"])),
                there["ERP_Currency"],
                there["Document_Status"],
                there["Account"],
            )
            expected = (
                Decimal(str(row.data[amount])),
                row.data["currency"],
                wanted,
                holder[0].id if holder else None,
            )
            if seen != expected:
                yield f"{table} {key}: {seen}, books {expected}"
        if shown:
            yield f"{module} has {sorted(shown)}, the books have not"


def live(shop: Shop) -> str:
    """A pair that writes, with one customer who has one of each; its key."""
    books = shop.world.books
    customer = books.add_customer("ООО «Пример»", phone="+7 495 000-00-01")
    order = books.add_order(customer, "300.00")
    invoice = books.invoice_order(order, "100.10")
    books.pay(customer, "70.00", allocations=[(invoice, "50.00")])
    books.post_credit_note(customer, "10.00")
    shop.set_up()
    assert shop.run().exit_code == 0
    assert shop.differences() == []
    shop.asked()
    return customer


def said(shop: Shop) -> list[str]:
    with shop.pair.store.reading() as tx:
        return [one.text for one in problems.listed(tx, "main")]
