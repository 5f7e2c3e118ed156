"""The CRM has the rules of a strict one, and remembers every write."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from connectors.memory import CrmHabits, LocalTransport, MemoryCrm, World
from syncd.domain import Value
from syncd.errors import DuplicateError, NotFoundError
from syncd.port import Op, Outcome, Write
from tests.memory.driver import NOON, Clock, MemoryCrmDriver

INVOICE: dict[str, Value] = {
    "title": "INV-1",
    "currency": "EUR",
    "issue_date": "2026-11-01",
    "amount": Decimal("100.00"),
}


class Desk:
    """A world with a CRM of some habits, the honest connector, and one customer's card."""

    def __init__(self, **habits: Any) -> None:
        clock = Clock()
        self.world = World(clock, crm=CrmHabits(**habits))
        self.crm = self.world.crm
        self.connector = MemoryCrm(self.crm.habits.honest())
        self.driver = MemoryCrmDriver(self.world, clock)
        self.run = LocalTransport(self.connector, self.world.handle).run
        self.account = str(self.create("account", {"name": "Фирма"}).remote_id)
        owner = {"account": self.account}
        self.contact = str(self.create("contact", {"name": "—"}, owner).remote_id)

    def push(self, op: Op, target: str, key: str | None, fields: Mapping[str, Value]) -> Outcome:
        write = Write(op, target, "1", key, {}, fields)
        [outcome] = self.run(self.connector.push([write]))
        return outcome

    def create(
        self,
        target: str,
        fields: Mapping[str, Value],
        parents: Mapping[str, str] | None = None,
        marker: str = "1",
    ) -> Outcome:
        write = Write(Op.CREATE, target, marker, None, parents or {}, fields)
        [outcome] = self.run(self.connector.push([write]))
        return outcome

    def invoice(self) -> str:
        parents = {"account": self.account, "contact": self.contact}
        return str(self.create("invoice", INVOICE, parents).remote_id)

    def pay(self, invoice: str, amount: str) -> Outcome:
        fields: dict[str, Value] = {"amount": Decimal(amount), "payment_date": "2026-11-02"}
        return self.create("payment", fields, {"invoice": invoice})


def test_a_payment_above_the_open_amount_is_refused() -> None:
    desk = Desk()
    invoice = desk.invoice()
    assert desk.pay(invoice, "60.00").error is None
    refused = desk.pay(invoice, "40.01").error
    assert refused is not None and refused.field == "amount"
    assert desk.pay(invoice, "40.00").error is None


def test_an_invoice_is_cancelled_after_its_payments_and_then_takes_none() -> None:
    desk = Desk()
    invoice = desk.invoice()
    payment = desk.pay(invoice, "60.00").remote_id
    cancel: dict[str, Value] = {"state": "cancelled"}
    assert desk.push(Op.UPDATE, "invoice", invoice, cancel).error is not None
    assert desk.push(Op.REMOVE, "payment", payment, {}).error is None
    assert desk.push(Op.UPDATE, "invoice", invoice, cancel).error is None
    assert desk.pay(invoice, "1.00").error is not None


def test_account_names_are_unique_whatever_the_case() -> None:
    taken = Desk().create("account", {"name": "ФИРМА"}).error
    assert isinstance(taken, DuplicateError) and taken.field == "name"


def test_an_unknown_custom_field_is_dropped_without_a_word() -> None:
    desk = Desk()
    fields: dict[str, Value] = {"name": "Два", "custom_fields.line": "Owes nothing"}
    outcome = desk.create("account", fields)
    assert outcome.error is None
    assert outcome.seen == {"name": "Два", "custom_fields.line": None}


def test_texts_are_trimmed_phones_rewritten_and_numbers_made_of_texts() -> None:
    desk = Desk(rewrites_phone=True)
    account = desk.create("account", {"name": "  Два ", "phone": "+43 (1) 23-45"})
    assert account.seen == {"name": "Два", "phone": "+4312345"}
    invoice = desk.invoice()
    seen = desk.push(Op.UPDATE, "invoice", invoice, {"amount": "99.90"}).seen
    assert seen == {"amount": Decimal("99.90")}


def test_a_contact_of_another_account_is_refused() -> None:
    desk = Desk()
    other = str(desk.create("account", {"name": "Два"}).remote_id)
    refused = desk.create("invoice", INVOICE, {"account": other, "contact": desk.contact}).error
    assert refused is not None and refused.field == "contact"


def test_a_deleted_object_has_a_valid_id_and_is_gone() -> None:
    desk = Desk()
    desk.crm.delete("account", desk.account)
    assert desk.run(desk.connector.find("account", {"id": desk.account}, {})) == []
    refused = desk.push(Op.UPDATE, "account", desk.account, {"name": "Три"}).error
    assert isinstance(refused, NotFoundError)


@pytest.mark.parametrize("bulk", [1, 5])
def test_the_journal_has_every_write_that_was_carried_out(bulk: int) -> None:
    desk = Desk(bulk=bulk)
    desk.crm.journal.clear()
    names = ("Два", "ФИРМА", "Три")
    writes = [Write(Op.CREATE, "account", name, None, {}, {"name": name}) for name in names]
    for start in range(0, len(writes), bulk):
        desk.run(desk.connector.push(writes[start : start + bulk]))
    seen = [(entry.op, entry.target, entry.marker, entry.time) for entry in desk.crm.journal]
    assert seen == [("create", "account", name, NOON) for name in ("Два", "Три")]


def test_doubles_are_counted_per_parent() -> None:
    desk = Desk()
    one, other = desk.invoice(), desk.invoice()
    desk.pay(one, "1.00")
    desk.pay(other, "1.00")
    assert desk.crm.doubles() == [("invoice", "1", desk.account, desk.contact)]
    desk.pay(other, "2.00")
    assert ("payment", "1", other) in desk.crm.doubles()


def test_a_bulk_request_refused_as_a_whole_leaves_nothing_behind() -> None:
    desk = Desk(bulk=5, bulk_atomic=True)
    before = desk.world.dump()["crm"]
    update = Write(Op.UPDATE, "account", "1", desk.account, {}, {"name": "Новая"})
    bad = Write(Op.UPDATE, "account", "2", "account-987654", {}, {"name": "Два"})
    outcomes = desk.run(desk.connector.push([update, bad]))
    assert all(outcome.error for outcome in outcomes)
    assert desk.world.dump()["crm"] == before


def test_an_edit_by_hand_is_not_in_the_journal() -> None:
    desk = Desk()
    desk.crm.edit("account", desk.account, name="Иначе", custom_fields__line="typed")
    [found] = desk.run(desk.connector.find("account", {"id": desk.account}, {}))
    assert found.fields["custom_fields.line"] == "typed"
    assert [entry.op for entry in desk.crm.journal] == ["create", "create"]
