"""A bookkeeper who does what bookkeepers do, in an order that chance decides."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

from syncd.sandbox.onec.trade.company import tax_id
from syncd.sandbox.onec.trade.desk import Desk, Person, Terms


class History:
    def __init__(self, desk: Desk, chance: random.Random) -> None:
        self.desk, self.chance = desk, chance
        self.log: list[str] = []
        self._number = 0
        self._shipped: set[str] = set()
        self._orders = list(desk.base.objects[desk.orders])

    def step(self) -> None:
        acts: list[Callable[[], object]] = [
            self.order,
            self.ship,
            self.pay,
            self.pay,
            self.take_back,
            self.unpost,
            self.post,
            self.mark,
            self.rename,
            self.customer,
            self.touch,
        ]
        act = self.chance.choice(acts)
        self.log.append(f"{act.__name__}: {act()}")

    def customer(self) -> object:
        self._number += 1
        number = 900_000_000 + self._number
        return self.desk.customer(Person(f"ООО «Новый {self._number}»", tax_id(number), "1"))

    def order(self) -> object:
        made = self._some(self.desk.orders)
        item = next(iter(self.desk.base.objects["Catalog_Номенклатура"]))
        price = Decimal(self.chance.randint(100, 99_999)) / 100
        key = self.desk.order(self._customer(), [(item, Decimal(2), price)], self._terms(made))
        self._orders.append(key)
        return key

    def ship(self) -> object:
        key = self.chance.choice(self._orders)
        if key in self._shipped or not self.desk.base.get(self.desk.orders, key)["Posted"]:
            return None
        self._shipped.add(key)
        return self.desk.ship(key, share=self.chance.choice((Decimal(1), Decimal("0.5"))))

    def pay(self) -> object:
        order = self.chance.choice(self._orders)
        row = self.desk.base.get(self.desk.orders, order)
        amount = Decimal(self.chance.randint(100, 99_999)) / 100
        parts = {order: amount, "": amount} if self.chance.random() < 0.2 else {order: amount}
        return self.desk.pay(row["Контрагент_Key"], parts, self._terms(order))

    def take_back(self) -> object:
        if not self._shipped:
            return None
        order = self.chance.choice(sorted(self._shipped))
        return self.desk.take_back(order, Decimal("12.50"))

    def unpost(self) -> object:
        return self._change({"Posted": False})

    def post(self) -> object:
        return self._change({"Posted": True, "DeletionMark": False})

    def mark(self) -> object:
        name, key = self._document()
        self.desk.base.change(name, key, {"Posted": False})
        self.desk.base.change(name, key, {"DeletionMark": True})
        return name, key

    def touch(self) -> object:
        return self._change({"Комментарий": f"Правка {self.chance.randint(1, 9)}"})

    def rename(self) -> object:
        key = self._customer()
        self.desk.base.change(self.desk.customers, key, {"Description": "株式会社サンプル"})
        return key

    def _change(self, values: dict[str, object]) -> object:
        name, key = self._document()
        if values.get("Posted") and self.desk.base.get(name, key)["DeletionMark"]:
            self.desk.base.change(name, key, {"DeletionMark": False})
        self.desk.base.change(name, key, values)
        return name, key

    def _document(self) -> tuple[str, str]:
        names = [self.desk.shipments, self.desk.payments, self.desk.orders]
        name = self.chance.choice([one for one in names if self.desk.base.objects[one]])
        return name, self._some(name)

    def _some(self, name: str) -> str:
        return self.chance.choice(list(self.desk.base.objects[name]))

    def _customer(self) -> str:
        rows = self.desk.base.objects[self.desk.customers]
        return self.chance.choice([key for key, row in rows.items() if not row.get("IsFolder")])

    def _terms(self, order: str) -> Terms:
        row = self.desk.base.get(self.desk.orders, order)
        currency = row.get("Валюта_Key") or row.get("ВалютаДокумента_Key")
        return Terms(row["Организация_Key"], currency)
