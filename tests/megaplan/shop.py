"""A pair of the memory books and the sandbox of Megaplan, with the shipped mappings, and what the
cards have to show, worked out without any of syncd's code."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from connectors.megaplan import Megaplan
from connectors.memory import MemoryBooks, World
from syncd.http import KeptGrant
from syncd.mapping import load_books, load_crm
from syncd.sandbox.megaplan.account import Entity
from syncd.store.engine import open_store
from syncd.sync.pair import Pair, Side
from tests.clocks import ManualClock
from tests.engine.rig import MAPPINGS, NUMBERS, Wired, WorldTransport
from tests.megaplan.office import Office

ZERO = Decimal(0)
SHIPPED = MAPPINGS / "megaplan.yaml"
IN_EUROS = "extends: megaplan\nzone: UTC\n" + "".join(
    f"card.{word}: custom_fields.{label} | in EUR\n"
    for word, label in (
        ("receivable", "Долг"),
        ("overdue", "Просрочено"),
        ("prepaid", "Аванс"),
        ("credits", "К_зачёту"),
        ("total_sales", "Продажи"),
        ("average_order", "Средний_заказ"),
        ("open_orders_total", "К_отгрузке"),
    )
)
"""The memory books are kept in euros."""


class Shop(Wired):
    def __init__(self, folder: Path, overlay: str = "", **options: str) -> None:
        self.clock = ManualClock()
        self.world = World(self.clock.utc)
        self.office = Office(self.clock)
        self.folder = folder
        self.options = {"currency": "EUR", **options}
        self.mapping = folder / "megaplan_eur.yaml"
        self.mapping.write_text(IN_EUROS + overlay, encoding="utf-8")
        self.pair = self.build()

    def build(self) -> Pair:
        """A new process, as it were: the state and the kept login are carried over."""
        books, crm = MemoryBooks({}), Megaplan(self.options)
        self.transport = self.office.inside(crm, kept=KeptGrant(self.folder / "crm.grant"))
        self.pair = Pair(
            "main",
            Side("books", books, WorldTransport(self.world, books)),
            Side("crm", crm, self.transport),
            load_books(MAPPINGS / "memory_books.yaml", books.facts),
            load_crm(self.mapping, crm.facts),
            open_store(self.folder / "state.sqlite"),
            self.clock,
            NUMBERS,
        )
        return self.pair

    def asked(self) -> list[str]:
        """What the CRM was asked since the last time this was."""
        lines = [str(one["request"]) for one in self.office.served.log]
        self.office.served.log.clear()
        return [line.replace("/api/v3/", "") for line in lines]

    def card(self, customer: str) -> Entity:
        [row] = self.office.of_key(customer)
        return row

    def shows(self, customer: str, label: str) -> object:
        return self.office.extra(self.card(customer), label)

    def differences(self) -> list[str]:
        return list(self._differences())

    def _differences(self) -> Iterator[str]:
        for key, row in self.world.books.tables["customers"].items():
            cards = self.office.of_key(key)
            if len(cards) != 1:
                yield f"customer {key} has {len(cards)} cards"
                continue
            if cards[0].values["name"] != row.data["name"]:
                yield f"customer {key} is called {cards[0].values['name']}"
            wanted = self.world.books.figures(key).get("EUR", (ZERO, ZERO, ZERO))
            seen = [self.office.extra(cards[0], one) for one in ("Долг", "Аванс", "К зачёту")]
            if seen != [(amount, "EUR") for amount in wanted]:
                yield f"customer {key}: {seen}, books {wanted}"


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
