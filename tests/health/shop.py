"""A company whose pair ran for three weeks, and a daemon that looks after each run."""

from __future__ import annotations

import copy
import datetime as dt
import shutil
from pathlib import Path

from syncd.health.calendar import Calendar
from syncd.health.look import Looked, look, watched
from syncd.store import problems
from tests.engine.rig import MAPPINGS, Rig

MONDAY = dt.datetime(2026, 10, 26, 7, 30, tzinfo=dt.UTC)
HALF = 1800.0
"""Seconds between two runs."""


class Shop(Rig):
    """Works from Monday to Friday, from 8 to 15 o'clock UTC; `customers` buy and pay in turn."""

    customers: tuple[str, ...] = ()
    turn = 0
    calendar = Calendar()

    def open(self) -> None:
        self.clock.now = MONDAY
        books = self.world.books
        names = ("ООО «Пример»", "Sample Trade LLC", "株式会社サンプル")
        self.customers = tuple(books.add_customer(name) for name in names)
        for customer in self.customers:
            books.post_invoice(customer, "100.00")
        self.set_up()
        self.step()

    def trade(self) -> None:
        """Somebody buys, somebody pays."""
        books = self.world.books
        self.turn += 1
        customer = self.customers[self.turn % 3]
        invoice = books.post_invoice(customer, "10.00")
        if self.turn % 2:
            books.pay(customer, "5.00", allocations=[(invoice, "5.00")])

    def step(self, seconds: float = HALF, *, run: bool = True) -> Looked:
        """So much later a run, and a look after it."""
        self.clock.advance(seconds)
        if run:
            self.run()
        return self.look()

    def look(self) -> Looked:
        return look(self.pair.store, self.clock, watched(self.pair, self.calendar, HALF))

    def days(self, count: int) -> list[str]:
        """Each working day three times something, and a look; every cause that was ever told."""
        told: list[str] = []
        for _ in range(count):
            for hour in (8, 11, 14):
                self.clock.advance((hour - self.clock.now.hour) % 24 * 3600)
                if self.clock.now.weekday() < 5:
                    self.trade()
                elif hour != 11:
                    continue
                self.run()
                told += self.look().opened
        return told

    def moved(self, folder: Path) -> Shop:
        """The same in another folder, on its own clock."""
        folder.mkdir(exist_ok=True)
        shutil.copy(self.folder / "state.sqlite", folder)
        other = Shop.__new__(Shop)
        other.clock, other.world = copy.deepcopy((self.clock, self.world))
        other.folder, other.mappings = folder, MAPPINGS
        other.books_options, other.crm_options = dict(self.books_options), dict(self.crm_options)
        other.numbers, other.customers, other.turn = self.numbers, self.customers, self.turn
        other.build()
        return other

    def causes(self) -> list[str]:
        with self.pair.store.reading() as tx:
            return sorted(one.cause for one in problems.listed(tx, "main"))
