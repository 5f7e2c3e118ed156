"""A sandbox of Megaplan, in this process or behind HTTP, and what people do in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from syncd.clock import Clock, SystemClock
from syncd.sandbox.megaplan.account import Entity
from syncd.sandbox.megaplan.company import Filling, fill, info
from syncd.sandbox.megaplan.schema import COMPANY, DEAL, PAYER
from syncd.sandbox.megaplan.system import Megaplan
from syncd.sandbox.serve import Served
from tests.standin import Standin

SELLER = "1000002"
"""Anna, who sells."""


class Office(Standin):
    """One account without clients. No limits but those that a test sets."""

    wrong: ClassVar[Mapping[str, str]] = {"password": "не-тот"}

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.megaplan = Megaplan(self.clock.utc)
        self.switches = self.megaplan.switches
        self.switches.per_second = self.switches.per_hour = 0
        self.account = self.megaplan.account
        self.served = Served(self.megaplan)
        fill(self.account, None, 1, 0)
        self.filling = Filling(self.account)
        self._types = {one.values["name"]: one for one in self.account.rows("ContractorType")}
        self._states = {one.values["name"]: one for one in self.account.rows("ProgramState")}

    # -- people ---------------------------------------------------------------------------------

    def rows(self, type: str = COMPANY) -> list[Entity]:
        return list(self.account.rows(type))

    def named(self, name: str, type: str = COMPANY) -> list[Entity]:
        return [one for one in self.rows(type) if one.values.get("name") == name]

    def company(self, name: str, type: str = "Контакт", **values: object) -> Entity:
        given = {"name": name, "type": self._types[type].link, **values}
        return self.account.add(COMPANY, given, SELLER)

    def person(self, of: Entity, first: str, last: str, **values: object) -> Entity:
        given = {"firstName": first, "lastName": last, "company": of.link, **values}
        return self.account.add("ContractorHuman", given, SELLER)

    def payer(self, of: Entity, inn: str) -> Entity:
        given = {"type": "Legal", "name": of.values["name"], "inn": inn, "contractor": of.link}
        return self.account.add(PAYER, given, SELLER)

    def deal(self, of: Entity | None, state: str = "Успех", **values: object) -> Entity:
        given = {
            "name": "Сделка",
            "program": self._states[state].values["program"],
            "state": self._states[state].link,
            "contractor": of.link if of else None,
            "price": {"contentType": "Money", "currency": "RUB", "value": Decimal("18900.5")},
            **values,
        }
        return self.account.add(DEAL, given, SELLER)

    def move(self, deal: Entity, state: str) -> None:
        self.account.move(deal, self._states[state], SELLER)

    def change(self, row: Entity, **values: object) -> None:
        self.account.change(row, values, SELLER)

    def becomes(self, row: Entity, type: str) -> None:
        self.change(row, type=self._types[type].link)

    def type_over(self, row: Entity, label: str, value: object) -> None:
        """An extra field, by its label."""
        self.change(row, **{self.account.named(row.type, label).name: value})

    def delete(self, row: Entity) -> None:
        del self.account.entities[row.type][row.id]

    def extra(self, row: Entity, label: str) -> Any:
        """What an extra field shows: an amount with its currency, a day as a day."""
        value = row.values.get(self.account.named(row.type, label).name)
        if isinstance(value, dict) and value["contentType"] == "Money":
            return Decimal(value["value"]), value["currency"]
        if isinstance(value, dict):
            return dt.date(value["year"], value["month"] + 1, value["day"])
        return value or None

    def of_key(self, key: str) -> list[Entity]:
        """The cards with this key of the books."""
        return [one for one in self.rows() if self.extra(one, "Код в учёте") == key]

    def cards(self, label: str = "Код в учёте") -> dict[str, Entity]:
        """By the books' key; a second card of one customer fails at once."""
        found: dict[str, Entity] = {}
        for row in self.rows():
            if key := self.extra(row, label):
                assert key not in found, f"two cards of {key}"
                found[str(key)] = row
        return found


phone = info
"""("phone", "+7...") as Megaplan has it."""
