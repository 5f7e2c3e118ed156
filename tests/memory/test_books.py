"""The books keep their sums, and have the habits they are told to have."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from connectors.memory import LocalTransport, MemoryBooks, World
from syncd.domain import Kind
from syncd.port import Read, Record, Since
from tests.memory.driver import NOON, Clock
from tests.memory.office import ALL, Office


def test_receivable_and_prepaid_are_two_figures_per_currency() -> None:
    office = Office()
    customer = office.books.add_customer("Фирма")
    invoice = office.books.post_invoice(customer, "100.00")
    office.books.post_invoice(customer, "80.00", currency="USD")
    office.books.pay(customer, "70.50", allocations=[(invoice, "60.10")])
    assert office.rows(customer) == [
        {"currency": "EUR", "receivable": "39.90", "prepaid": "10.40", "credits": "0"},
        {"currency": "USD", "receivable": "80.00", "prepaid": "0", "credits": "0"},
    ]


def test_a_cancelled_invoice_leaves_what_settled_it_as_prepaid() -> None:
    office = Office()
    customer = office.books.add_customer("Фирма")
    invoice = office.books.post_invoice(customer, "100.00")
    office.books.pay(customer, "60.00", allocations=[(invoice, "60.00")])
    office.books.cancel_invoice(invoice)
    assert office.rows(customer) == [
        {"currency": "EUR", "receivable": "0", "prepaid": "60.00", "credits": "0"}
    ]


def test_open_items_never_touch_the_stamp_of_the_customer() -> None:
    office = Office()
    customer = office.books.add_customer("Фирма")
    office.clock.wait(60)
    office.books.post_invoice(customer, "100.00")
    assert office.record(Kind.CUSTOMER, customer).stamp == NOON
    assert office.record(Kind.BALANCE, customer).stamp == NOON + dt.timedelta(seconds=60)


def test_a_late_commit_appears_with_the_stamp_it_was_written_at() -> None:
    office = Office()
    office.books.commit_late(30)
    customer = office.books.add_customer("Фирма")
    assert office.page(Kind.CUSTOMER).records == []
    office.clock.wait(30)
    assert office.record(Kind.CUSTOMER, customer).stamp == NOON


def test_a_later_write_of_the_same_row_waits_for_the_late_one() -> None:
    office = Office()
    customer = office.books.add_customer("first")
    office.books.commit_late(30)
    office.books.rename(customer, "second")
    office.books.commit_late(0)
    office.books.rename(customer, "third")
    assert office.record(Kind.CUSTOMER, customer).data["name"] == "first"
    office.clock.wait(30)
    assert office.record(Kind.CUSTOMER, customer).data["name"] == "third"


def test_a_silent_allocation_edit_moves_no_stamp_at_all() -> None:
    office = Office(allocation_edits_stamp=False)
    customer = office.books.add_customer("Фирма")
    invoice = office.books.post_invoice(customer, "100.00")
    payment = office.books.pay(customer, "60.00")
    office.clock.wait(60)
    office.books.allocate(payment, invoice, "60.00")
    assert office.record(Kind.PAYMENT, payment).stamp == NOON
    assert office.record(Kind.BALANCE, customer).stamp == NOON
    assert office.rows(customer) == [
        {"currency": "EUR", "receivable": "40.00", "prepaid": "0.00", "credits": "0"}
    ]


def test_a_typed_stamp_is_handed_out_as_typed() -> None:
    office = Office()
    customer = office.books.add_customer("Фирма")
    office.books.type_stamp("customers", customer, "2999-01-01T00:00:00+00:00")
    stamp = office.record(Kind.CUSTOMER, customer).stamp
    assert stamp == dt.datetime(2999, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(("way", "left"), [("null", {"name": None}), ("absent", {})])
def test_a_field_can_be_missing(way: str, left: dict[str, None]) -> None:
    office = Office(blank={"customers.name": way})
    customer = office.books.add_customer("Фирма")
    data = office.record(Kind.CUSTOMER, customer).data
    assert {name: data[name] for name in data if name == "name"} == left


def test_hidden_inactive_customers_are_found_by_their_key_alone() -> None:
    office = Office(hide_inactive=True)
    customer = office.books.add_customer("Фирма")
    office.books.deactivate(customer)
    assert office.page(Kind.CUSTOMER).records == []
    assert not office.record(Kind.CUSTOMER, customer).data["active"]


def test_a_vanished_row_is_gone_and_a_cancelled_one_stays() -> None:
    for habit, left in (("vanish", []), ("cancel", ["cancelled"])):
        office = Office(delete=habit)
        invoice = office.books.post_invoice(office.books.add_customer("Фирма"), "10.00")
        office.books.delete("invoices", invoice)
        records = office.page(Kind.INVOICE).records
        assert [record.data["state"] for record in records] == left


@pytest.mark.parametrize(
    ("habits", "time"),
    [
        ({}, NOON),
        ({"skew": 90.0}, NOON + dt.timedelta(seconds=90)),
        ({"date_header": False}, None),
    ],
)
def test_the_source_tells_its_own_time(habits: dict[str, Any], time: dt.datetime | None) -> None:
    office = Office(**habits)
    office.books.add_customer("Фирма")
    page = office.page(Kind.CUSTOMER, Since(None))
    assert page.source_time == time
    assert page.records[0].stamp == (time or NOON)


def test_a_connection_can_ask_for_nothing_but_what_the_mapping_reads() -> None:
    world = World(Clock())
    world.books.add_customer("Фирма")
    connector = MemoryBooks({"select": "asked"})
    read = Read(Kind.CUSTOMER, "customers", ("name", "in_scope", "rows.currency"))
    page = LocalTransport(connector, world.handle).run(connector.pull(read, ALL))
    assert page.records == [Record("1", {"name": "Фирма", "in_scope": True}, NOON)]


def test_shifted_fields_answer_a_name_where_the_code_was() -> None:
    office = Office()
    customer = office.books.add_customer("Фирма", code="K7", email="a@example.test", tax_id="U1")
    office.books.habits.shifted = True
    data = office.record(Kind.CUSTOMER, customer).data
    assert [data[name] for name in ("name", "code", "email", "phone", "tax_id")] == [
        "U1",
        "Фирма",
        "K7",
        "a@example.test",
        None,
    ]


def test_a_restored_backup_has_the_old_rows_stamps_and_next_number() -> None:
    office = Office()
    customer = office.books.add_customer("first")
    backup = office.books.snapshot()
    office.clock.wait(60)
    office.books.rename(customer, "second")
    lost = office.books.post_invoice(customer, "10.00")
    office.books.restore(backup)
    record = office.record(Kind.CUSTOMER, customer)
    assert (record.data["name"], record.stamp) == ("first", NOON)
    assert office.page(Kind.INVOICE).records == []
    assert office.record(Kind.BALANCE, customer).stamp == NOON
    assert office.books.post_invoice(customer, "20.00") == lost
    office.books.restore(backup)
    assert office.page(Kind.INVOICE).records == []


def test_a_renamed_currency_is_another_text_in_every_row() -> None:
    office = Office()
    customer = office.books.add_customer("Фирма")
    invoice = office.books.post_invoice(customer, "100.00")
    office.books.pay(customer, "60.00", allocations=[(invoice, "60.00")])
    office.books.post_credit_note(customer, "5.00", currency="USD")
    office.clock.wait(60)
    office.books.swap_currency("EUR", "XEU")
    assert office.books.company_currency == "XEU"
    assert office.record(Kind.CUSTOMER, customer).data["currency"] == "XEU"
    assert [row["currency"] for row in office.rows(customer)] == ["USD", "XEU"]
    assert office.record(Kind.INVOICE, invoice).stamp == NOON + dt.timedelta(seconds=60)
