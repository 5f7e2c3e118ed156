"""A client of the sandbox in the same process: no server, no clock."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from syncd.sandbox.onec.trade.desk import Person, Terms
from syncd.sandbox.onec.world import LOGIN, PASSWORD, PUBLICATION, Onec
from syncd.sandbox.port import Answer, Asked

NOON = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
ROOT = f"{PUBLICATION}/odata/standard.odata/"
CUSTOMERS = "Catalog_Контрагенты"
ORDER = "Document_ЗаказКлиента"
SHIPMENT = "Document_РеализацияТоваровУслуг"
DEBTS = "AccumulationRegister_РасчетыСКлиентами"
BASIC = "Basic " + base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()


@dataclass
class Client:
    onec: Onec = field(default_factory=lambda: Onec(lambda: NOON))

    def ask(self, method: str, address: str, body: object = None, **headers: str) -> Answer:
        """`address` below the root, not encoded; `_` in names of headers stands for `-`."""
        path, _, query = address.partition("?")
        sent = {"authorization": BASIC, "host": "books"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        asked = Asked(method, quote(ROOT + path), quote(query, safe="=&$'(),/+;"), sent, data)
        return self.onec.answer(asked)

    def get(self, address: str, **headers: str) -> Any:
        """What is said in JSON; fails where that is an error."""
        sign = "&" if "?" in address else "?"
        answer = self.ask("GET", f"{address}{sign}$format=json;odata=nometadata", **headers)
        assert answer.status == 200, answer.body.decode()
        return json.loads(answer.body.decode("utf-8-sig"))

    def rows(self, address: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(address)["value"]
        return found

    def refused(self, method: str, address: str, body: object = None) -> tuple[int, str]:
        """(status, 1C's code) of an error."""
        sign = "&" if "?" in address else "?"
        answer = self.ask(method, f"{address}{sign}$format=json", body)
        return answer.status, json.loads(answer.body)["odata.error"]["code"]

    def write(self, method: str, address: str, body: object = None) -> dict[str, Any]:
        answer = self.ask(method, f"{address}?$format=json", body)
        assert answer.status in (200, 201), answer.body.decode()
        made: dict[str, Any] = json.loads(answer.body) if answer.body else {}
        return made

    # what somebody does in 1C

    def sold(self, amount: int, *, ship: bool = True) -> tuple[str, str, Terms]:
        """(customer, order, terms) of a new customer."""
        desk = self.onec.desk
        currencies = self.onec.base.objects["Catalog_Валюты"]
        rouble = next(key for key, one in currencies.items() if one["Description"] == "RUB")
        terms = Terms(next(iter(self.onec.base.objects["Catalog_Организации"])), rouble)
        who = desk.customer(Person("ООО «Покупатель»", "7700000009"))
        item = next(iter(self.onec.base.objects["Catalog_Номенклатура"]))
        order = desk.order(who, [(item, Decimal(1), Decimal(amount))], terms)
        if ship:
            desk.ship(order)
        return who, order, terms

    def owed(self, customer: str) -> Decimal:
        """Out of the register: plus, the customer owes."""
        return sum((part for _, part in self.onec.desk.balances().get(customer, [])), Decimal(0))
