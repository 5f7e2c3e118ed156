"""What a client writes into the books: customers once, who come into scope with what they buy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest

from connectors.memory import BooksHabits, LocalTransport, MemoryBooks, World
from syncd.domain import Kind, Value
from syncd.errors import DoubtError, DuplicateError, RejectedError
from syncd.port import FieldDef, Keys, Op, Outcome, Read, Record, Since, Write
from tests.memory.driver import NOON, Clock

WON: Mapping[str, Value] = {"name": "ООО «Пример»", "email": "buh@example.ru", "tax_id": "U7"}


class Intake:
    def __init__(self) -> None:
        self.clock = Clock()
        self.world = World(self.clock, books=BooksHabits())
        self.books = self.world.books
        self.connector = MemoryBooks(self.books.habits.honest())
        self.run = LocalTransport(self.connector, self.world.handle).run

    def push(self, op: Op, key: str | None, fields: Mapping[str, Value]) -> Outcome:
        write = Write(op, "customers", "account-7", key, {}, fields)
        [outcome] = self.run(self.connector.push([write]))
        return outcome

    def found(self, **by: str) -> list[str]:
        found = self.run(self.connector.find("customers", by, {}))
        return [item.remote_id for item in found]

    def pulled(self, kind: Kind, object: str, key: str) -> Record:
        pull = self.connector.pull(Read(kind, object, ()), Keys((key,)))
        [record] = self.run(pull).records
        return record


def test_a_customer_is_made_once_and_found_by_all_that_names_it() -> None:
    intake = Intake()
    key = str(intake.push(Op.CREATE, None, WON).remote_id)
    again = intake.push(Op.CREATE, None, WON).error
    assert isinstance(again, DuplicateError) and again.field == "code"
    for by in ({"id": key}, {"marker": "account-7"}, {"tax_id": "U7"}, {"email": WON["email"]}):
        assert intake.found(**{name: str(text) for name, text in by.items()}) == [key]
    assert intake.found(tax_id="U") == []
    assert [(entry.op, entry.marker) for entry in intake.books.journal] == [("create", "account-7")]
    assert intake.books.doubles() == []


def test_what_people_typed_is_found_and_can_be_changed() -> None:
    intake = Intake()
    key = intake.books.add_customer("Фирма", tax_id="U7", in_scope=False)
    assert intake.found(tax_id="U7") == [key]
    intake.clock.wait(60)
    assert intake.push(Op.UPDATE, key, {"phone": "+43 1"}).seen == {"phone": "+43 1"}
    record = intake.pulled(Kind.CUSTOMER, "customers", key)
    assert (record.data["phone"], record.data["name"]) == ("+43 1", "Фирма")
    assert record.stamp == NOON + dt.timedelta(seconds=60)
    intake.books.post_invoice(key, "10.00")
    assert not intake.pulled(Kind.CUSTOMER, "customers", key).data["in_scope"]


@pytest.mark.parametrize("first", ["order", "invoice", "payment", "reposted"])
def test_a_customer_comes_into_scope_with_its_first_posted_document(first: str) -> None:
    intake = Intake()
    key, books = str(intake.push(Op.CREATE, None, WON).remote_id), intake.books
    draft = books.post_invoice(key, "10.00", state="draft")
    assert not intake.pulled(Kind.CUSTOMER, "customers", key).data["in_scope"]
    intake.clock.wait(60)
    if first == "order":
        books.add_order(key, "10.00")
    elif first == "invoice":
        books.post_invoice(key, "10.00")
    elif first == "payment":
        books.pay(key, "10.00")
    else:
        books.repost("invoices", draft)
    seen = intake.connector.pull(Read(Kind.CUSTOMER, "customers", ()), Since(NOON))
    [record] = intake.run(seen).records
    assert record.data["in_scope"] and record.stamp == NOON + dt.timedelta(seconds=60)
    assert intake.pulled(Kind.BALANCE, "balances", key).data["in_scope"]


def test_a_contact_hangs_on_its_customer() -> None:
    intake = Intake()
    key = str(intake.push(Op.CREATE, None, WON).remote_id)
    for parents, good in (({"customers": key}, True), ({"customers": "987654"}, False)):
        write = Write(Op.CREATE, "contacts", "contact-8", None, parents, {"name": "Анна"})
        [outcome] = intake.run(intake.connector.push([write]))
        assert (outcome.error is None) is good
    [item] = intake.run(intake.connector.find("contacts", {"marker": "contact-8"}, {}))
    nothing = dict.fromkeys(("role", "phone", "email"))
    assert item.fields == {"name": "Анна", **nothing, "code": "contact-8"}


def test_a_lost_answer_leaves_a_customer_that_is_found() -> None:
    intake = Intake()
    intake.world.fault("POST /books/customers*", "cut_after")
    with pytest.raises(DoubtError):
        intake.push(Op.CREATE, None, WON)
    assert len(intake.found(marker="account-7")) == 1


def test_two_customers_with_one_code_are_doubles() -> None:
    intake = Intake()
    intake.push(Op.CREATE, None, WON)
    intake.books.add_customer("Фирма", code="account-7")
    assert intake.books.doubles() == [("customers", "account-7")]


def test_books_have_no_fields_of_ones_own_and_delete_no_customer() -> None:
    intake = Intake()
    key = str(intake.push(Op.CREATE, None, WON).remote_id)
    wanted = [FieldDef("customers", "custom_fields.x", "text", "X")]
    assert intake.run(intake.connector.setup(wanted, False)) == wanted
    with pytest.raises(RejectedError):
        intake.run(intake.connector.setup(wanted, True))
    assert intake.push(Op.REMOVE, key, {}).error is not None
