"""1C and Zoho CRM as one pair: both sandboxes, the shipped mappings, the real rules of transport,
and what the cards have to show, worked out of 1C's documents without any of syncd's code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from connectors.zoho_crm import ZohoCrm
from syncd.errors import DoubtError, UnavailableError
from syncd.http import KeptGrant
from syncd.mapping import load_books, load_crm
from syncd.sandbox.faults import Lane
from syncd.sandbox.onec.truth import Figures, truth
from syncd.sandbox.onec.world import Onec
from syncd.sandbox.port import Answer, Asked
from syncd.sandbox.serve import Served
from syncd.store.engine import open_store
from syncd.sync.cycle import run as run_cycle
from syncd.sync.order import Order, Report
from syncd.sync.pair import Pair, Side
from tests.engine.rig import MAPPINGS
from tests.onec.office import Office as Books
from tests.onec.pair import Company
from tests.zoho_crm.office import Office as Crm

MOSCOW = ZoneInfo("Europe/Moscow")
GIVEN_BACK = tuple(
    f"Document_{one}"
    for one in ("Списание", "РасходныйКассовыйОрдер", "РасходСоСчета", "РасходИзКассы")
)
EXCHANGE = ("/SelectChanges", "/NotifyChangesReceived")
"""Are posted, and may be repeated: no doubt is left by them."""


@dataclass
class Line:
    """The way to 1C, with the fault lane on it."""

    sandbox: Onec
    served: Served

    def now(self) -> dt.datetime:
        return self.sandbox.now()

    def answer(self, asked: Asked) -> Answer:
        done = self.served.exchange(asked)
        if done is None or done[1] < len(done[0].body):
            harmless = asked.method == "GET" or asked.path.endswith(EXCHANGE)
            raise UnavailableError("cut") if harmless else DoubtError("cut")
        return done[0]


class Trade(Company):
    """What `Company` is, with Zoho's sandbox in place of the memory CRM."""

    def __init__(
        self,
        folder: Path,
        books: Books,
        reading: Path | None = None,
        writing: Path = MAPPINGS / "zoho_crm.yaml",
        card: str = "Accounts",
    ) -> None:
        self.card = card
        self.reading, self.writing = reading or MAPPINGS / f"onec_{books.name}.yaml", writing
        self.crm = Crm(books.clock)
        self.crm.zoho.switches.prepared = False
        self.line = Served(books.sandbox)
        super().__init__(folder, books)

    def build(self, checkpoint: Any = lambda _name: None) -> Pair:
        self.office.restart()
        self.office.transport.sandbox = cast(Onec, Line(self.office.sandbox, self.line))
        crm = ZohoCrm({})
        self.transport = self.crm.inside(crm, kept=KeptGrant(self.folder / "crm.grant"))
        self.pair = Pair(
            "main",
            Side("books", self.office.connector, self.office.transport),
            Side("crm", crm, self.transport),
            load_books(self.reading, self.office.connector.facts),
            load_crm(self.writing, crm.facts),
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

    def asked(self) -> tuple[list[str], list[str]]:
        """What each side was asked since the last time this was."""
        sides = []
        for served in (self.line, self.crm.served):
            sides.append([str(one["request"]) for one in served.log])
            served.log.clear()
        return sides[0], [line.replace("/crm/v8/", "") for line in sides[1]]

    def prove(self) -> Report:
        return run_cycle(self.pair, Order("prove", write=True, prove=True))

    # -- what has to be ---------------------------------------------------------------------------

    def cards(self) -> dict[str, Mapping[str, Any]]:
        """By the books' key; a second card of one customer fails at once."""
        found: dict[str, Mapping[str, Any]] = {}
        for row in self.crm.rows(self.card):
            if key := row.values.get("ERP_ID"):
                assert key not in found, f"two cards of {key}"
                found[str(key)] = row.values
        return found

    def differences(self) -> list[str]:
        return [*self._figures(), *self._documents()]

    def _figures(self) -> Iterator[str]:
        today = self.office.clock.utc().astimezone(MOSCOW).date()
        owed: dict[str, dict[str, Figures]] = {}
        for (customer, currency), figures in truth(self.office.desk.base, today).items():
            owed.setdefault(customer, {})[currency] = figures
        cards = self.cards()
        # Since when money given back is a debt is a matter of opinion: that of the invoice it had
        # paid, or its own day.
        refunded = {str(row["Контрагент_Key"]) for row in self._rows(GIVEN_BACK)}
        for key in sorted({*owed, *cards}):
            by_currency, card = owed.get(key, {}), cards.get(key)
            if card is None:
                yield f"customer {key} has no card, and {by_currency}"
                continue
            shown = next(iter(by_currency)) if len(by_currency) == 1 else "RUB"
            one = by_currency.get(shown, Figures())
            names = ("Receivable_Balance", "Unapplied_Credit", "Overdue_Balance")
            seen = tuple(Decimal(str(card.get(name) or 0)) for name in names)
            if key in refunded:
                seen, one = seen[:2], Figures(one.receivable, one.prepaid)
            if seen != (one.receivable, one.prepaid, one.overdue)[: len(seen)]:
                yield f"the card of {key} {seen}, 1C {one}"

    def _rows(self, prefixes: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
        for name, rows in self.office.desk.base.objects.items():
            if name.startswith(prefixes):
                yield from (row for row in rows.values() if "Контрагент_Key" in row)

    def _documents(self) -> Iterator[str]:
        desk = self.office.desk
        cards = self.cards()
        for name, module in (
            (desk.orders, "ERP_Orders"),
            (desk.shipments, "ERP_Invoices"),
            (desk.payments, "ERP_Payments"),
        ):
            shown = {str(row.values["ERP_ID"]): row.values for row in self.crm.rows(module)}
            if len(shown) != len(self.crm.rows(module)):
                yield f"{module} has doubles"
            for key, row in desk.base.objects[name].items():
                customer = row.get("Контрагент_Key") or row["Контрагент"]  # БП's money names any
                if customer not in cards or key not in shown:
                    if row["Posted"] and customer in cards:
                        yield f"{name} {row['Number']} is not there"
                    continue
                amount = Decimal(str(shown[key]["Amount"]))
                state = shown[key]["Document_Status"]
                posted = row["Posted"] and not row["DeletionMark"]
                if (state == "Posted") is not posted and state != "Open":
                    yield f"{name} {row['Number']} is {state}, posted: {posted}"
                if posted and amount != Decimal(str(row["СуммаДокумента"])):
                    yield f"{name} {row['Number']}: {amount}, not {row['СуммаДокумента']}"
