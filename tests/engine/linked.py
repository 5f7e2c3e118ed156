"""A customer of the books that has a card, and what people type on either."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import msgspec

from syncd.merging import Owner, Owners, Rule
from syncd.sync.order import Report
from tests.engine.rig import Rig

SHARED = Rule(Owner.SHARED)
VIENNA, LINZ, GRAZ = "+43 1 234567", "+43 732 7654321", "+43 316 998877"


@dataclass
class Linked:
    """A customer of the books and its card."""

    rig: Rig
    customer: str
    account: str

    def rules(self, **rules: Rule) -> None:
        writing = msgspec.structs.replace(self.rig.pair.writing, owners=Owners(rules))
        self.rig.pair = dataclasses.replace(self.rig.pair, writing=writing)

    def books(self, **changes: object) -> None:
        self.rig.world.books.edit_customer(self.customer, **changes)

    def crm(self, **changes: object) -> None:
        self.rig.world.crm.edit("account", self.account, **changes)

    def says(self, word: str = "phone") -> tuple[object, object]:
        """What the books say, and the card."""
        books = self.rig.world.books.intake.get("customers", self.customer).fields
        return books.get(word), self.rig.world.crm.objects["account"][self.account].fields.get(word)

    def later(self) -> Report:
        return self.rig.later(full=True)

    def writes(self) -> list[tuple[str, dict[str, object]]]:
        """What syncd wrote of the customer and of its card since the last look."""
        world = self.rig.world
        found = [
            (side, dict(entry.fields))
            for side, journal in (("books", world.books.journal), ("crm", world.crm.journal))
            for entry in journal[self._seen.get(side, 0) :]
            if entry.op == "update"
            and entry.target in ("customers", "account")
            and entry.fields.keys() & {"name", "phone", "email"}
        ]
        self._seen.update(books=len(world.books.journal), crm=len(world.crm.journal))
        return found

    def __post_init__(self) -> None:
        self._seen: dict[str, int] = {}

    def quiet(self) -> None:
        """Nothing more is written, ever."""
        self.later()
        self.writes()
        for _ in range(3):
            self.later()
        assert self.writes() == []


RULES = {"phone": SHARED, "email": Rule(Owner.CRM)}


def linked(rig: Rig) -> Linked:
    customer = rig.world.books.add_customer("ООО «Пример»", email="buh@example.ru", phone=VIENNA)
    rig.world.books.post_invoice(customer, "120.00")
    one = Linked(rig, customer, "")
    one.rules(**RULES)
    rig.set_up()
    rig.run()
    [one.account] = rig.world.crm.objects["account"]
    one.later()
    one.writes()
    return one
