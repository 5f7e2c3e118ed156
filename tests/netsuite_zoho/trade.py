"""NetSuite and Zoho CRM as one pair: both sandboxes, the shipped mappings, the real transport, and
what the cards have to show, worked out of the sandbox's documents without any of syncd's code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.zoho_crm import ZohoCrm
from syncd.http import KeptGrant
from syncd.mapping import load_crm
from syncd.sandbox.faults import Lane
from syncd.store.engine import open_store
from syncd.sync.cycle import run as run_cycle
from syncd.sync.order import Order, Report
from syncd.sync.pair import Pair, Side
from tests.engine.rig import MAPPINGS
from tests.netsuite.office import Office as Books
from tests.netsuite.office import mapping
from tests.netsuite.pair import Company
from tests.netsuite.truth import truth
from tests.zoho_crm.office import Office as Crm

MODULES = {
    "ERP_Orders": ("SalesOrd",),
    "ERP_Invoices": ("CustInvc", "CashSale"),
    "ERP_Payments": ("CustPymt", "CustDep", "CustRfnd", "CashSale"),
    "ERP_Credit_Notes": ("CustCred",),
}
FIGURES = ("Receivable_Balance", "Overdue_Balance", "Unapplied_Credit", "Credits_Open")
"""In the order of `Figures`."""


class Trade(Company):
    """What `Company` is, with Zoho's sandbox in place of the memory CRM."""

    def __init__(self, folder: Path, books: Books) -> None:
        self.crm = Crm(books.clock)
        self.crm.zoho.switches.prepared = False
        for row in self.crm.rows("Accounts"):  # people of another story, some of the same names
            self.crm.delete("Accounts", row.id)
        super().__init__(folder, books)

    def build(self) -> Pair:
        self.office.restart()
        crm = ZohoCrm({})
        transport = self.crm.inside(crm, kept=KeptGrant(self.folder / "crm.grant"))
        self.pair = Pair(
            "main",
            Side("books", self.office.connector, self.office.transport),
            Side("crm", crm, transport),
            mapping(),
            load_crm(MAPPINGS / "zoho_crm.yaml", crm.facts),
            open_store(self.folder / "state.sqlite"),
            self.office.clock,
            self.numbers,
        )
        return self.pair

    def faults(self, lane: Lane | None) -> None:
        """On both ways; None: none any more."""
        self.office.served.lane = lane or Lane()
        self.crm.served.lane = lane or Lane()

    def prove(self) -> Report:
        return run_cycle(self.pair, Order("prove", write=True, prove=True))

    # -- what has to be ---------------------------------------------------------------------------

    def cards(self) -> dict[str, Mapping[str, Any]]:
        """By the books' key; a second card of one customer fails at once."""
        found: dict[str, Mapping[str, Any]] = {}
        for row in self.crm.rows("Accounts"):
            if key := row.values.get("ERP_ID"):
                assert key not in found, f"two cards of {key}"
                found[str(key)] = row.values
        return found

    def differences(self) -> list[str]:
        return [*self._figures(), *self._documents()]

    def _transactions(self) -> list[Mapping[str, Any]]:
        return list(self.office.sandbox.store.rows('SELECT * FROM "transaction"'))

    def _figures(self) -> Iterator[str]:
        owed: defaultdict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
        today = self.office.clock.utc().date()
        for (customer, _), one in truth(self.office.sandbox.store, today).items():
            owed[customer] = [
                sum(both, Decimal(0)) for both in zip(owed[customer], one, strict=True)
            ]
        cards = self.cards()
        for row in self.office.sandbox.store.rows("SELECT * FROM customer_"):
            key = str(row["id"])
            if row["searchstage"] != "Customer":
                if key in cards:
                    yield f"{key} is no customer, and has a card"
            elif key not in cards:
                yield f"customer {key} has no card"
            else:
                seen = [Decimal(str(cards[key].get(one) or 0)) for one in FIGURES]
                if seen != owed[key]:
                    yield f"the card of {key} {seen}, NetSuite {owed[key]}"

    def _documents(self) -> Iterator[str]:
        rows = self._transactions()
        for module, types in MODULES.items():
            listed = [row.values for row in self.crm.rows(module) if row.values.get("ERP_ID")]
            shown = {str(one["ERP_ID"]): one for one in listed}
            if len(shown) != len(listed):
                yield f"{module} has doubles"
            there = {str(row["id"]): row for row in rows if row["type"] in types}
            for key, one in shown.items():
                if key not in there and one["Document_Status"] != "Cancelled":
                    yield f"{module} {key} was deleted, and is {one['Document_Status']}"
            for key, row in there.items():
                void = row["voided"] == "T" or (row["type"], row["status"]) == ("SalesOrd", "C")
                if key not in shown:
                    if not void:
                        yield f"{module} {row['tranid']} is not there"
                    continue
                status = "Cancelled" if void else "Posted"
                if shown[key]["Document_Status"] != status:
                    yield f"{module} {row['tranid']} is {shown[key]['Document_Status']}"
                whole = abs(Decimal(str(row["foreigntotal"])))
                whole = -whole if row["type"] == "CustRfnd" else whole
                if not void and Decimal(str(shown[key]["Amount"])) != whole:
                    yield f"{module} {row['tranid']}: {shown[key]['Amount']}, not {whole}"
