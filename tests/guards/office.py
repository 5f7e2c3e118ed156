"""A company of forty customers whose cards are right, for every test to ruin in its own way."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from syncd.domain import Kind
from syncd.store import problems, streams
from syncd.store.tables import record
from syncd.sync.cycle import run as run_cycle
from syncd.sync.order import Order, Report
from syncd.sync.plan import approved_parts, mark_applied
from tests.engine.agreement import differences, sent_in_vain
from tests.engine.rig import MAPPINGS, Rig

CUSTOMERS = 40
DAY = 24 * 3600 + 60

Shown = dict[str, dict[str, tuple[dict[str, Any], dict[str, str]]]]


class Office(Rig):
    """`ids` are the customers' keys; `right_books` those before somebody restored a backup."""

    ids: tuple[str, ...] = tuple(str(number + 1) for number in range(CUSTOMERS))
    right_books: Any = None

    def open(self) -> None:
        """Two invoices each, one of an order; a part of the first is paid, the order is open."""
        books = self.world.books
        for number in range(CUSTOMERS):
            one = books.add_customer(
                f"Kunde {number:02} GmbH",
                email=f"buch{number:02}@example.com",
                phone=f"+43 1 {number:06}",
                tax_id=f"ATU{number:08}",
            )
            order = books.add_order(one, f"{200 + number}.00", seller="Seller")
            invoice = books.invoice_order(order, "120.00")
            books.post_invoice(one, "80.00")
            books.pay(one, "50.00", allocations=[(invoice, "50.00")])
        self.set_up()
        self.run()

    def moved(self, folder: Path) -> Office:
        """The same office in another folder, on its own clock, with mappings of its own."""
        folder.mkdir(exist_ok=True)
        shutil.copytree(MAPPINGS, folder / "mappings")
        shutil.copy(self.folder / "state.sqlite", folder)
        other = Office.__new__(Office)
        other.clock, other.world = copy.deepcopy((self.clock, self.world))
        other.folder, other.mappings = folder, folder / "mappings"
        other.books_options, other.crm_options = dict(self.books_options), dict(self.crm_options)
        other.numbers = self.numbers
        other.build()
        return other

    # what people do

    def full(self) -> Report:
        """The daily pass, which reads everything."""
        return self.later(DAY)

    def remap(self, name: str, **lines: str) -> None:
        """Somebody edits a mapping file: keyword old=new are whole pieces of text."""
        file = self.mappings / f"{name}.yaml"
        text = file.read_text()
        assert text.count(lines["old"]) == 1, "the shipped mapping has this line once"
        file.write_text(text.replace(lines["old"], lines["new"]))
        self.pair.store.close()
        self.build()

    def apply(self, plan: str) -> Report:
        """As `syncd apply` does it."""
        approved = approved_parts(self.pair, plan)
        report = run_cycle(self.pair, Order("apply", True, approved=approved, consented=True))
        mark_applied(self.pair, plan)
        return report

    def waive(self, cause: str) -> None:
        with self.pair.store.transaction() as tx:
            for one in problems.listed(tx, "main"):
                if one.cause.startswith(cause):
                    problems.waive(tx, one.id, "Anna", "we restored it", self.clock.utc())

    # what a test asks

    def shown(self) -> Shown:
        """Everything at the CRM."""
        return {
            target: {key: (dict(one.fields), dict(one.parents)) for key, one in objects.items()}
            for target, objects in self.world.crm.objects.items()
        }

    def field(self, path: str) -> list[Any]:
        """Of the cards, in the order of the customers."""
        cards = [self.world.crm.marked("account", key)[0] for key in self.ids]
        return [one.fields.get(path) for one in cards]

    def causes(self) -> list[str]:
        with self.pair.store.reading() as tx:
            return sorted(one.cause for one in problems.listed(tx, "main"))

    def ever(self) -> list[str]:
        """Causes of all problems there ever were."""
        with self.pair.store.reading() as tx:
            closed = problems.listed(tx, "main", closed=True)
            return sorted(one.cause for one in [*closed, *problems.listed(tx, "main")])

    def problem(self, cause: str) -> problems.Problem:
        with self.pair.store.reading() as tx:
            [one] = [one for one in problems.listed(tx, "main") if one.cause == cause]
        return one

    def plan_of(self, guard: str) -> str:
        [one] = re.findall(r"syncd apply ([0-9a-f]{6})", self.problem(f"guard {guard}").text)
        return str(one)

    def versions(self) -> Mapping[Kind, int]:
        with self.pair.store.reading() as tx:
            ids = streams.stream_ids(tx, "main")
            rows = tx.execute(record.select()).mappings().all()
        return {k: sum(r["ver"] for r in rows if r["stream"] == one) for k, one in ids.items()}

    def wrong(self) -> list[str]:
        """What is missing, doubled or wrong at the CRM, or waits, or was sent for nothing."""
        waits = [f"{count} are {state}" for state, count in self.states().items()]
        return [*differences(self.world), *waits, *self.causes(), *sent_in_vain(self.world)]

    def field_of(self, key: str, path: str) -> Any:
        return self.world.crm.marked("account", key)[0].fields.get(path)
