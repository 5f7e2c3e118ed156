"""A pair with a history, and its state at a moment of it, brought back later."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from connectors.memory import CrmHabits
from syncd.decisions import QUICK
from syncd.orders import Asking, Desk, own
from syncd.store import copies, streams
from syncd.sync.plan import draw
from syncd.verbs import SLOW
from tests.engine.rig import Rig

NAMES = ("ООО «Пример»", "株式会社サンプル", "Acme", "Ёлка и Ко")


class Killed(BaseException):
    """The process is gone."""


class Life(Rig):
    """`years` of people's work are drawn from `chance`."""

    def __init__(self, folder: Path, chance: random.Random, tier: str = "T3") -> None:
        crm = CrmHabits(tier=tier)  # type: ignore[arg-type]  # a test's parameter
        super().__init__(folder, crm=crm, crm_options=crm.honest())
        self.chance = chance
        self.state = folder / "state.sqlite"
        for name in NAMES:
            self._sell(self.world.books.add_customer(name))
        self.set_up()
        self.run()

    # -- what people do --------------------------------------------------------------------------

    def work(self) -> None:
        """One thing somebody does in the books, or in the CRM."""
        does: list[Callable[[], None]] = [
            *(self._new_customer, self._sell_more, self._pay, self._pay),
            *(
                self._edit_invoice,
                self._void_payment,
                self._cancel_invoice,
                self._win,
                self._rename,
            ),
        ]
        with suppress(ValueError):  # the books refuse what does not fit
            self.chance.choice(does)()

    def _any(self, table: str) -> str:
        keys = sorted(self.world.books.tables[table], key=int)
        if not keys:
            raise ValueError(table)
        return self.chance.choice(keys)

    def _amount(self) -> str:
        return f"{self.chance.randint(1, 50_000) / 100:.2f}"

    def _sell(self, customer: str) -> None:
        books = self.world.books
        invoice = books.post_invoice(customer, self._amount())
        books.pay(customer, "5.00", allocations=[(invoice, "1.00")])

    def _new_customer(self) -> None:
        number = len(self.world.books.tables["customers"])
        key = self.world.books.add_customer(
            f"Новый {number} 顧客", in_scope=self.chance.random() < 0.8
        )
        if self.chance.random() < 0.8:
            self._sell(key)

    def _sell_more(self) -> None:
        self._sell(self._any("customers"))

    def _pay(self) -> None:
        key = self._any("invoices")
        invoice = self.world.books.tables["invoices"][key].data
        self.world.books.pay(invoice["customer"], "9.00", allocations=[(key, "0.50")])

    def _edit_invoice(self) -> None:
        key = self._any("invoices")
        if self.world.books.tables["invoices"][key].data["state"] == "posted":
            self.world.books.edit_invoice(key, total=self._amount())

    def _void_payment(self) -> None:
        self.world.books.void_payment(self._any("payments"))

    def _cancel_invoice(self) -> None:
        self.world.books.cancel_invoice(self._any("invoices"))

    def _rename(self) -> None:
        self.world.books.rename(self._any("customers"), f"Neu {self.chance.randint(0, 999)}")

    def _win(self) -> None:
        crm = self.world.crm
        account = crm.add_account(f"Gewonnen {len(crm.deals) + 1} 受注")
        crm.win(crm.open_deal(account, f"Deal {len(crm.deals) + 1}", "1", "EUR"))

    def live_on(self, steps: int) -> None:
        for _ in range(steps):
            self.work()
            if self.chance.random() < 0.6:
                self.later(self.chance.choice([60, 300, 4000]))

    def die_in_a_run(self) -> None:
        """Somewhere between two commits, perhaps with requests under way."""
        left = self.chance.randint(1, 12)

        def checkpoint(_name: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed

        self.pair.store.close()
        self.build(checkpoint)
        with suppress(Killed):
            self.later()
        self.pair.store.close()
        self.build()

    def die_at(self, place: str, verb: str) -> None:
        """What is typed gets as far as a checkpoint."""

        def checkpoint(name: str) -> None:
            if name == place:
                raise Killed

        self.pair.store.close()
        self.build(checkpoint)
        with suppress(Killed):
            self.typed(verb)
            raise AssertionError(f"{verb} never came to {place}")
        self.pair.store.close()
        self.build()

    # -- copies ----------------------------------------------------------------------------------

    def copy(self, how: str) -> Path:
        """`backup`: by syncd. `file`: the file alone. `machine`: the file and its witness."""
        target = self.folder / "kept.sqlite"
        if how == "backup":
            copies.copy(self.state, target, self.clock.utc())
            return target
        with sqlite3.connect(self.state) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()
        shutil.copyfile(self.state, target)
        if how == "machine":
            shutil.copyfile(self.witness, self.folder / "kept.witness")
        return target

    @property
    def witness(self) -> Path:
        return self.folder / "state.sqlite.main.witness"

    def bring_back(self, kept: Path | None) -> None:
        """Instead of the state that is there; None: nothing at all."""
        self.pair.store.close()
        for file in self.folder.glob("state.sqlite*"):
            if not file.name.endswith((".lock", ".witness")):
                file.unlink()
        if kept:
            shutil.copyfile(kept, self.state)
        old = self.folder / "kept.witness"
        if old.exists():
            shutil.copyfile(old, self.witness)
        self.build()

    # -- what the operator types -----------------------------------------------------------------

    def typed(self, verb: str) -> str:
        """`run` as the mode has it, `plan`, or `apply` of a new plan; the mode after it."""
        owner = own(self.pair)
        try:
            desk = Desk(self.pair, owner, QUICK, SLOW)
            if verb == "run":
                desk.cycle(desk.order("run"))
            else:
                plan = draw(desk.pair, desk.cycle(desk.order("plan", write=False, full=True)), [])
                if verb == "apply":
                    desk.do(Asking("apply", {"plan": plan.id}, "somebody"))
            return desk.mode()
        finally:
            owner.release()

    def answer(self, problem: int, remote_id: str | None) -> None:
        """Whether an object exists that cannot be searched for."""
        owner = own(self.pair)
        try:
            Desk(self.pair, owner, QUICK, SLOW).do(
                Asking("resolve", {"problem": problem, "exists": remote_id}, "somebody")
            )
        finally:
            owner.release()

    def made(self) -> int:
        """How often something was made in either system."""
        both = (*self.world.crm.journal, *self.world.books.journal)
        return sum(one.op == "create" for one in both)

    def set_mode(self, mode: str) -> None:
        with self.pair.store.transaction() as tx:
            streams.set_mode(tx, "main", mode, self.clock.utc())
