"""Random histories: whatever people do in the books, wherever the process dies and whatever the
network loses, a quiet run leaves both sides agreed and nothing was sent twice."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from connectors.memory import BooksHabits, CrmHabits, Fault
from syncd.decisions import resolve
from syncd.orders import Asking
from syncd.store import mirror, problems, streams
from syncd.sync.pair import Limits, Scene
from tests.engine.agreement import differences, open_invoices, sent_in_vain
from tests.engine.rig import Killed, Rig, open_problems
from tests.engine.sums import due_is_what_a_fresh_look_finds, the_sums_close

DOCUMENTS = ("orders", "invoices", "payments", "credit_notes", "adjustments")
NAMES = ["ООО «Пример»", "株式会社サンプル", "Acme", "ACME", "Ёлка и Ко", "O'Neil & Sons"]
CURRENCIES = ["EUR", "EUR", "USD", "JPY", "RUB"]
POINTS = ["before commit", "deriving", "committed", "answered", "recovering", "recovered"]
amounts = st.integers(1, 50_000).map(lambda cents: Decimal(cents) / 100)
pick = st.integers(0, 1_000_000)


class Histories(RuleBasedStateMachine):
    moves = False
    """Whether the CRM lets documents be moved to another card."""

    @initialize(
        tier=st.sampled_from(["T1", "T2", "T3"]),
        bulk=st.sampled_from([1, 3]),
        granularity=st.sampled_from(["microsecond", "second", "none"]),
        paging=st.sampled_from(["keyset", "offset"]),
        since=st.sampled_from(["inclusive", "exclusive"]),
        answers_values=st.booleans(),
        tells_balances=st.booleans(),
    )
    def begin(
        self,
        tier: str,
        bulk: int,
        granularity: str,
        paging: str,
        since: str,
        answers_values: bool,
        tells_balances: bool,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="syncd-history-"))
        books = BooksHabits(granularity=granularity, paging=paging, since=since, page=3)  # type: ignore[arg-type]
        books.tier = tier if tier != "T1" else "T2"  # type: ignore[assignment]
        crm = CrmHabits(tier=tier, bulk=bulk, answers_values=answers_values, moves=self.moves)  # type: ignore[arg-type]
        self.rig = Rig(
            self.folder,
            books=books,
            crm=crm,
            books_options=books.honest(),
            crm_options={**crm.honest(), "doubt_time": "5"},
            tells_balances=tells_balances,
        )
        self.books = self.rig.world.books
        for name in NAMES[:3]:
            customer = self.books.add_customer(name, in_scope=name != NAMES[2])
            invoice = self.books.post_invoice(customer, "100.00")
            self.books.pay(customer, "30.00", allocations=[(invoice, "20.00")])
        self.rig.set_up()
        self.begun()

    def begun(self) -> None:
        """Before the first step."""

    def teardown(self) -> None:
        if hasattr(self, "rig"):
            self.settle()
            self.rig.pair.store.close()
            shutil.rmtree(self.folder)

    # -- what people do in the books -------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), in_scope=st.integers(0, 5))
    def add_customer(self, name: str, in_scope: int) -> None:
        self.books.add_customer(name, in_scope=in_scope > 0)

    def beside(self) -> dict[str, list[str]]:
        """Primary customer -> the members of its card."""
        return {}

    def any_of(self, table: str, choice: int) -> str | None:
        keys = sorted(self.books.tables[table], key=int)
        return keys[choice % len(keys)] if keys else None

    @rule(choice=pick, name=st.sampled_from(NAMES))
    def rename(self, choice: int, name: str) -> None:
        if key := self.any_of("customers", choice):
            self.books.rename(key, name)

    @rule(choice=pick)
    def comes_into_scope(self, choice: int) -> None:
        if key := self.any_of("customers", choice):
            self.books.edit_customer(key, in_scope=True)

    @rule(choice=pick, total=amounts, currency=st.sampled_from(CURRENCIES))
    def post_invoice(self, choice: int, total: Decimal, currency: str) -> None:
        if key := self.any_of("customers", choice):
            self.books.post_invoice(key, total, currency=currency)

    @rule(choice=pick, total=amounts)
    def edit_invoice(self, choice: int, total: Decimal) -> None:
        key = self.any_of("invoices", choice)
        if key and self.books.tables["invoices"][key].data["state"] == "posted":
            self._allowed(lambda: self.books.edit_invoice(key, total=total))

    @rule(choice=pick)
    def cancel_invoice(self, choice: int) -> None:
        if key := self.any_of("invoices", choice):
            self.books.cancel_invoice(key)

    @rule(choice=pick, amount=amounts, share=st.integers(0, 100))
    def pay(self, choice: int, amount: Decimal, share: int) -> None:
        key = self.any_of("invoices", choice)
        if key is None:
            return
        invoice = self.books.tables["invoices"][key].data
        part = (amount * share / 100).quantize(Decimal("0.01"))
        allocations = [(key, part)] if part else []
        self._allowed(
            lambda: self.books.pay(
                invoice["customer"],
                amount,
                allocations=allocations,
                currency=invoice["currency"],
            )
        )

    @rule(choice=pick, other=pick, amount=amounts)
    def allocate(self, choice: int, other: int, amount: Decimal) -> None:
        payment, invoice = self.any_of("payments", choice), self.any_of("invoices", other)
        if payment and invoice:
            self._allowed(lambda: self.books.allocate(payment, invoice, amount))

    @rule(choice=pick)
    def void_payment(self, choice: int) -> None:
        if key := self.any_of("payments", choice):
            self.books.void_payment(key)

    # -- orders, credit notes, other rows of the ledger ------------------------------------------

    @rule(choice=pick, total=amounts, currency=st.sampled_from(CURRENCIES), part=st.integers(0, 9))
    def add_order(self, choice: int, total: Decimal, currency: str, part: int) -> None:
        if key := self.any_of("customers", choice):
            deals = [None, *self.rig.world.crm.objects["deal"]]
            deal = deals[part % len(deals)]
            order = self.books.add_order(key, total, currency=currency, deal=deal)
            if part:
                share = max((total * part / 10).quantize(Decimal("0.01")), Decimal("0.01"))
                self._allowed(lambda: self.books.invoice_order(order, share))

    @rule(choice=pick)
    def cancel_order(self, choice: int) -> None:
        if key := self.any_of("orders", choice):
            self._allowed(lambda: self.books.cancel_order(key))

    @rule(choice=pick, total=amounts, share=st.integers(0, 100))
    def credit(self, choice: int, total: Decimal, share: int) -> None:
        key = self.any_of("invoices", choice)
        if key is None:
            return
        invoice = self.books.tables["invoices"][key].data
        part = (total * share / 100).quantize(Decimal("0.01"))
        self._allowed(
            lambda: self.books.post_credit_note(
                invoice["customer"],
                total,
                currency=invoice["currency"],
                allocations=[(key, part)] if part else [],
            )
        )

    @rule(choice=pick)
    def cancel_credit_note(self, choice: int) -> None:
        if key := self.any_of("credit_notes", choice):
            self._allowed(lambda: self.books.cancel_credit_note(key))

    @rule(choice=pick, amount=amounts, reason=st.sampled_from(["write_off", "opening", "manual"]))
    def adjust(self, choice: int, amount: Decimal, reason: str) -> None:
        key = self.any_of("invoices", choice)
        if key is None:
            return
        invoice = self.books.tables["invoices"][key].data
        who, currency = invoice["customer"], invoice["currency"]
        if reason == "write_off":
            lines = [(key, amount)]
            self._allowed(
                lambda: self.books.adjust(
                    who, -amount, reason, allocations=lines, currency=currency
                )
            )
        else:
            self.books.adjust(who, amount, reason, currency=currency)

    @rule(choice=pick, amount=amounts)
    def refund(self, choice: int, amount: Decimal) -> None:
        if key := self.any_of("customers", choice):
            self.books.refund(key, amount)

    @rule(
        table=st.sampled_from(["invoices", "payments", "credit_notes", "orders"]),
        choice=pick,
        comes_back=st.booleans(),
    )
    def correct(self, table: str, choice: int, comes_back: bool) -> None:
        """Unposted, perhaps seen so, perhaps posted again."""
        key = self.any_of(table, choice)
        if key and self.books.tables[table][key].data["state"] == "posted":
            self.books.unpost(table, key)
            if comes_back:
                self.rig.later(60)
                self._allowed(lambda: self.books.repost(table, key))

    @rule(choice=pick, other=pick)
    def move_order(self, choice: int, other: int) -> None:
        """An invoice that moves waits for a person: this CRM cannot give it another account."""
        key, customer = self.any_of("orders", choice), self.any_of("customers", other)
        if key and customer:
            self._allowed(lambda: self.books.move_document("orders", key, customer))

    @rule(choice=pick, other=pick)
    def name_deal(self, choice: int, other: int) -> None:
        """Somebody types another deal into the order, or takes it out."""
        deals = [None, *self.rig.world.crm.objects["deal"]]
        if key := self.any_of("orders", choice):
            self._allowed(lambda: self.books.edit_order(key, deal=deals[other % len(deals)]))

    @precondition(lambda self: len(self.rig.world.crm.deals) < Limits().won)
    @rule()
    def win(self) -> None:
        """A person makes a card in the CRM and wins its deal; not so many that a guard asks."""
        crm = self.rig.world.crm
        account = crm.add_account(f"Gewonnen {len(crm.deals) + 1} 受注")
        crm.win(crm.open_deal(account, f"Deal {len(crm.deals) + 1}", "1", "EUR"))

    # -- what is gone from the books -------------------------------------------------------------

    @precondition(lambda self: self.documents() > 8)
    @rule(table=st.sampled_from([*DOCUMENTS]), choice=pick)
    def delete(self, table: str, choice: int) -> None:
        """A few at a time, and never the last one that counts: a full pass that lacks more of them
        is not believed."""
        key = self.any_of(table, choice)
        rows = self.books.tables[table].items()
        if key and any(row.data["state"] == "posted" for one, row in rows if one != key):
            self._allowed(lambda: self.books.delete(table, key))

    def documents(self) -> int:
        return sum(len(self.books.tables[table]) for table in DOCUMENTS)

    @rule()
    def say_deleted(self) -> None:
        """A person's word on everything that vanished so far."""
        with self.rig.pair.store.transaction() as tx:
            scene = Scene(tx, self.rig.pair, streams.stream_ids(tx, "main"), 0)
            for one in problems.listed(tx, "main"):
                if one.cause.startswith("vanished "):
                    args = {"problem": one.id, "state": mirror.DELETED}
                    resolve(scene, Asking("resolve missing", args, "eva@desk", "typed twice"))

    @rule(days=st.integers(1, 40))
    def days_pass(self, days: int) -> None:
        self.rig.later(days * 24 * 3600)

    @rule(choice=pick, seconds=st.integers(1, 300))
    def commit_late(self, choice: int, seconds: int) -> None:
        """The next edit gets its stamp now and is seen only later."""
        if key := self.any_of("customers", choice):
            self.books.habits.commit_lag = float(seconds)
            self.books.post_invoice(key, "12.34")
            self.books.habits.commit_lag = 0.0

    @rule(table=st.sampled_from(["customers", "invoices", "payments"]), choice=pick)
    def touch(self, table: str, choice: int) -> None:
        """Saved again without a change."""
        if key := self.any_of(table, choice):
            self.books.touch(table, key)

    def _allowed(self, edit: object) -> None:
        with contextlib.suppress(ValueError):  # the books refuse what does not fit
            edit()  # type: ignore[operator]

    # -- what happens to syncd -------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0, 1, 60, 300]))
    def run(self, seconds: int) -> None:
        self.rig.later(seconds)

    @rule(point=st.sampled_from(POINTS), nth=st.integers(1, 6))
    def run_and_die(self, point: str, nth: int) -> None:
        left = nth

        def checkpoint(name: str) -> None:
            nonlocal left
            left -= name == point
            if left == 0:
                raise Killed

        self.rig.pair.store.close()
        self.rig.build(checkpoint)
        with contextlib.suppress(Killed):
            self.rig.run()
        self.rig.pair.store.close()
        self.rig.build()

    @rule(
        match=st.sampled_from(
            ["POST /crm/*", "PATCH /crm/*", "DELETE /crm/*", "* /crm/*", "POST /books/*"]
        ),
        kind=st.sampled_from([*Fault, Fault.CUT_AFTER, Fault.ERROR_AFTER, Fault.LATE]),
        times=st.integers(1, 4),
    )
    def run_over_a_bad_line(self, match: str, kind: Fault, times: int) -> None:
        self.rig.world.fault(match, kind, times, seconds=3.0)
        self.rig.later(10)
        self.rig.world.faults.planned.clear()

    @precondition(lambda self: hasattr(self, "rig"))
    @rule()
    def settle(self) -> None:
        """A quiet time: late commits appear, doubts pass, refused ones get their next chance."""
        for seconds in (600, 60, 60, 90_000, 90_000, 60):
            self.rig.later(seconds)
            self.say_deleted()
        assert open_invoices(self.rig.world) <= self.books.tables["invoices"].keys()
        assert differences(self.rig.world, self.beside()) == []
        assert self.rig.states() == {}, open_problems(self.rig)
        writes = self.rig.pair.crm.transport.writes
        report = self.rig.later(60)
        assert self.rig.pair.crm.transport.writes == writes
        assert sum(page.new for page in report.pages.values()) == 0

    # -- what holds at every moment --------------------------------------------------------------

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        if hasattr(self, "rig"):
            assert self.rig.world.crm.doubles() == []
            assert self.rig.world.books.doubles() == []
            assert sent_in_vain(self.rig.world) == []

    @invariant()
    def what_is_stored_adds_up(self) -> None:
        if hasattr(self, "rig"):
            the_sums_close(self.rig)
            due_is_what_a_fresh_look_finds(self.rig)


Histories.TestCase.settings = settings(
    max_examples=int(os.environ.get("SYNCD_HISTORIES", "12")),
    derandomize="SYNCD_HISTORIES" not in os.environ,  # a few that are always the same
    stateful_step_count=25,
    deadline=None,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a history is read, not shrunk
    suppress_health_check=list(HealthCheck),
)
TestHistories = pytest.mark.timeout(1200)(Histories.TestCase)
