"""A customer in a real BottleCRM, made as the engine would make it."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from connectors.bottlecrm import BottleCRM
from syncd.clock import SystemClock
from syncd.http import HttpTransport
from syncd.port import FieldDef, Flow, Found, Op, Outcome, Request, Write
from tests.world.crm import Crm

FIELDS = [
    FieldDef("account", "custom_fields.books_id", "text", "Books key"),
    FieldDef("account", "custom_fields.receivable", "number", "Owes"),
    FieldDef("account", "custom_fields.line", "long_text", "In short"),
    FieldDef("contact", "custom_fields.books_id", "text", "Books key"),
    FieldDef("invoice", "custom_fields.books_id", "text", "Books key"),
]


class Card:
    """One customer's objects, made as the engine would make them."""

    def __init__(self, transport: HttpTransport) -> None:
        self.transport = transport
        self.connector = BottleCRM({})
        self.sent: list[Request] = []
        transport.before_send = self.sent.append
        self.ids: dict[str, str] = {}

    def run(self, flow: Flow[Any]) -> Any:
        return self.transport.run(flow)

    def write(self, op: Op, target: str, marker: str = "", /, **fields: Any) -> Outcome:
        """Of the object of this target that was made last, unless it is a new one."""
        named = {path.replace("__", "."): value for path, value in fields.items()}
        remote_id = None if op is Op.CREATE else self.ids[target]
        marker = marker or uuid.uuid4().hex
        one = Write(op, target, marker, remote_id, dict(self.ids), named)
        outcome: Outcome = self.run(self.connector.push([one]))[0]
        if op is Op.CREATE and outcome.remote_id:
            self.ids[target] = outcome.remote_id
        return outcome

    def find(self, target: str, **by: str) -> list[Found]:
        return list(self.run(self.connector.find(target, by, self.ids)))

    def seen(self, target: str) -> Found:
        (found,) = self.find(target, id=self.ids[target])
        return found

    def people(self, name: str) -> None:
        self.write(Op.CREATE, "account", name=name, currency="EUR")
        self.write(Op.CREATE, "contact", last_name=name)

    def bill(self, amount: str = "1234.56", **fields: Any) -> Outcome:
        given = {"title": "РТ-000342", "currency": "EUR", "issue_date": "2026-10-01"}
        given |= {"due_date": "2026-10-15", "state": "open", **fields}
        return self.write(Op.CREATE, "invoice", amount=Decimal(amount), **given)

    def pay(self, amount: str, marker: str = "", /) -> Outcome:
        return self.write(
            Op.CREATE, "payment", marker, amount=Decimal(amount), payment_date="2026-10-20"
        )


def connect(crm: Crm, token: str | None = None) -> HttpTransport:
    secrets = {"token": token or crm.token}
    return HttpTransport(crm.url, BottleCRM({}), secrets, SystemClock())


def fresh(name: str) -> str:
    return f"{name} {uuid.uuid4().hex[:8]}"
