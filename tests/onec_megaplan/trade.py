"""1C and Megaplan as one pair: both sandboxes, the shipped mappings, the real rules of transport,
and what the cards have to show, worked out of 1C's documents without any of syncd's code."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from connectors.megaplan import Megaplan
from syncd.http import KeptGrant
from syncd.mapping import load_books, load_crm
from syncd.sandbox.faults import Lane
from syncd.sandbox.megaplan.account import Entity
from syncd.sandbox.onec.truth import Figures, truth
from syncd.sandbox.onec.world import Onec
from syncd.sandbox.serve import Served
from syncd.store.engine import open_store
from syncd.sync.cycle import run as run_cycle
from syncd.sync.order import Order, Report
from syncd.sync.pair import Pair, Side
from tests.engine.rig import MAPPINGS
from tests.megaplan.office import Office as Crm
from tests.onec.office import Office as Books
from tests.onec.pair import Company
from tests.onec_zoho.trade import GIVEN_BACK, MOSCOW, Line

LABELS = ("Долг", "Аванс", "Просрочено")
ZERO = Decimal(0)


class Trade(Company):
    """What `Company` is, with Megaplan's sandbox in place of the memory CRM."""

    def __init__(self, folder: Path, books: Books) -> None:
        self.crm = Crm(books.clock)
        self.line = Served(books.sandbox)
        super().__init__(folder, books)

    def build(self, checkpoint: Any = lambda _name: None) -> Pair:
        self.office.restart()
        self.office.transport.sandbox = cast(Onec, Line(self.office.sandbox, self.line))
        crm = Megaplan({})
        self.transport = self.crm.inside(crm, kept=KeptGrant(self.folder / "crm.grant"))
        self.pair = Pair(
            "main",
            Side("books", self.office.connector, self.office.transport),
            Side("crm", crm, self.transport),
            load_books(MAPPINGS / f"onec_{self.office.name}.yaml", self.office.connector.facts),
            load_crm(MAPPINGS / "megaplan.yaml", crm.facts),
            open_store(self.folder / "state.sqlite"),
            self.office.clock,
            self.numbers,
            checkpoint=checkpoint,
        )
        return self.pair

    def faults(self, lane: Lane | None) -> None:
        """On both ways; None: none any more."""
        self.line.lane = lane or Lane()
        self.crm.served.lane = lane or Lane()

    def prove(self) -> Report:
        return run_cycle(self.pair, Order("prove", write=True, prove=True))

    # -- what has to be ---------------------------------------------------------------------------

    def cards(self) -> dict[str, Entity]:
        return self.crm.cards()

    def differences(self) -> list[str]:
        return list(self._figures())

    def _figures(self) -> Iterator[str]:
        today = self.office.clock.utc().astimezone(MOSCOW).date()
        owed: dict[str, Figures] = {}
        for (customer, currency), figures in truth(self.office.desk.base, today).items():
            if currency == "RUB":
                owed[customer] = figures
            else:
                owed.setdefault(customer, Figures())
        cards = self.cards()
        # Since when money given back is a debt is a matter of opinion.
        refunded = {
            str(row["Контрагент_Key"])
            for name, rows in self.office.desk.base.objects.items()
            if name.startswith(GIVEN_BACK)
            for row in rows.values()
            if "Контрагент_Key" in row
        }
        for key in sorted({*owed, *cards}):
            card, one = cards.get(key), owed.get(key, Figures())
            if card is None:
                yield f"customer {key} has no card, and {one}"
                continue
            seen = [self.crm.extra(card, label) or (ZERO, "RUB") for label in LABELS]
            wanted = [(amount, "RUB") for amount in (one.receivable, one.prepaid, one.overdue)]
            last = 2 if key in refunded else 3
            if seen[:last] != wanted[:last]:
                yield f"the card of {key} {seen}, 1C {one}"
