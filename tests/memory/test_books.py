"""The books keep their sums, and have the habits they are told to have."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from connectors.memory import BooksHabits, LocalTransport, MemoryBooks, World
from syncd.domain import Kind
from syncd.port import All, Keys, Page, Read, Record, Scope, Since
from tests.memory.driver import NOON, Clock, MemoryBooksDriver

ALL = All()


class Office:
    """A world with books of some habits, and the honest connector to them."""

    def __init__(self, **habits: Any) -> None:
        self.clock = Clock()
        self.world = World(self.clock, books=BooksHabits(**habits))
        self.books = self.world.books
        connector = MemoryBooks(self.books.habits.honest())
        self._connector = connector
        self._driver = MemoryBooksDriver(self.world, self.clock)
        self._transport = LocalTransport(connector, self.world.handle)

    def page(self, kind: Kind, scope: Scope = ALL) -> Page:
        return self._transport.run(self._connector.pull(self._driver.read(kind), scope))

    def record(self, kind: Kind, key: str) -> Record:
        [record] = self.page(kind, Keys([key])).records
        return record

    def rows(self, customer: str) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = self.record(Kind.BALANCE, customer).data["rows"]
        return rows


def test_receivable_and_prepaid_are_two_figures_per_currency() -> None:
    office = Office()
    customer = office.books.add_customer("Фирма")
    invoice = office.books.post_invoice(customer, "100.00")
    office.books.post_invoice(customer, "80.00", currency="USD")
    office.books.pay(customer, "70.50", allocations=[(invoice, "60.10")])
    assert office.rows(customer) == [
        {"currency": "EUR", "receivable": "39.90", "prepaid": "10.40"},
        {"currency": "USD", "receivable": "80.00", "prepaid": "0"},
    ]


def test_a_cancelled_invoice_leaves_what_settled_it_as_prepaid() -> None:
    office = Office()
    customer = office.books.add_customer("Фирма")
    invoice = office.books.post_invoice(customer, "100.00")
    office.books.pay(customer, "60.00", allocations=[(invoice, "60.00")])
    office.books.cancel_invoice(invoice)
    assert office.rows(customer) == [{"currency": "EUR", "receivable": "0", "prepaid": "60.00"}]


@pytest.mark.parametrize("seed", range(5))
def test_balances_agree_with_the_naive_sums_after_any_history(seed: int) -> None:
    office, chance = Office(), random.Random(seed)
    people = [office.books.add_customer(name) for name in ("Анна", "田中", "Zoë")]
    refused = sum(not _act(office, chance, people) for _ in range(150))
    assert refused < 120
    for customer in people:
        rows = office.rows(customer)
        seen = {r["currency"]: (Decimal(r["receivable"]), Decimal(r["prepaid"])) for r in rows}
        assert seen == office.books.figures(customer)


def _act(office: Office, chance: random.Random, people: list[str]) -> bool:
    """One random act of a bookkeeper; False where the books refuse it."""
    books, customer = office.books, chance.choice(people)
    currency, amount = chance.choice(["EUR", "USD"]), Decimal(chance.randrange(1, 9999)) / 100
    invoices, payments = ([*books.tables[name]] or ["1"] for name in ("invoices", "payments"))
    invoice, payment = chance.choice(invoices), chance.choice(payments)
    acts: list[Callable[[], object]] = [
        lambda: books.post_invoice(customer, amount, currency=currency),
        lambda: books.pay(customer, amount, currency=currency),
        lambda: books.pay(customer, amount, allocations=[(invoice, amount / 2)]),
        lambda: books.edit_invoice(invoice, total=amount),
        lambda: books.cancel_invoice(invoice),
        lambda: books.allocate(payment, invoice, amount),
        lambda: books.void_payment(payment),
        lambda: books.delete(chance.choice(["invoices", "payments"]), invoice),
    ]
    try:
        chance.choices(acts, weights=[8, 4, 8, 2, 1, 6, 1, 1])[0]()
    except ValueError:
        return False
    return True


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
    assert office.rows(customer) == [{"currency": "EUR", "receivable": "40.00", "prepaid": "0.00"}]


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
