"""Whatever happens in the books, what a customer owes, has paid ahead and has as credits closes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.memory import Figure
from syncd.domain import Kind
from tests.memory.driver import NOON
from tests.memory.office import Office

DOCUMENTS = ("orders", "invoices", "payments", "credit_notes", "adjustments")


class Bookkeeper:
    """Does one thing after the other; `pick` chooses among what there is."""

    def __init__(self) -> None:
        self.office = Office()
        self.books = self.office.books
        self.people = [self.books.add_customer(name) for name in ("Анна", "田中", "Zoë")]

    def act(self, verb: str, pick: int, amount: Decimal) -> bool:
        """False where the books refuse it."""
        try:
            ACTS[verb](self, pick, amount)
        except ValueError:
            return False
        return True

    def person(self, pick: int) -> str:
        return self.people[pick % len(self.people)]

    def currency(self, pick: int) -> str:
        return ("EUR", "USD")[pick // 3 % 2]

    def key(self, object: str, pick: int) -> str:
        keys = list(self.books.tables[object])
        if not keys:
            raise ValueError(f"there are no {object}")
        return keys[pick % len(keys)]

    def fit(self, pick: int, amount: Decimal) -> dict[str, Any]:
        """For something that settles: the customer, and a part of one invoice."""
        data = self.books.tables["invoices"][self.key("invoices", pick)].data
        part = min(amount, Decimal(data["total"])) / 2
        return {
            "customer": data["customer"],
            "currency": data["currency"],
            "allocations": [(data["id"], part)],
        }

    def document(self, pick: int) -> tuple[str, str]:
        object = DOCUMENTS[pick % len(DOCUMENTS)]
        return object, self.key(object, pick // len(DOCUMENTS))

    def draft(self, pick: int) -> tuple[str, str]:
        drafts = [
            (object, key)
            for object in DOCUMENTS
            for key, row in self.books.tables[object].items()
            if row.data["state"] == "draft"
        ]
        if not drafts:
            raise ValueError("there are no drafts")
        return drafts[pick % len(drafts)]


Act = Callable[[Bookkeeper, int, Decimal], object]
ACTS: Mapping[str, Act] = {
    "order": lambda b, n, a: b.books.add_order(b.person(n), a, currency=b.currency(n)),
    "invoice an order": lambda b, n, a: b.books.invoice_order(b.key("orders", n)),
    "invoice a part": lambda b, n, a: b.books.invoice_order(b.key("orders", n), a),
    "edit an order": lambda b, n, a: b.books.edit_order(b.key("orders", n), total=a),
    "cancel an order": lambda b, n, a: b.books.cancel_order(b.key("orders", n)),
    "invoice": lambda b, n, a: b.books.post_invoice(b.person(n), a, currency=b.currency(n)),
    "draft": lambda b, n, a: b.books.post_invoice(b.person(n), a, state="draft"),
    "edit an invoice": lambda b, n, a: b.books.edit_invoice(b.key("invoices", n), total=a),
    "cancel an invoice": lambda b, n, a: b.books.cancel_invoice(b.key("invoices", n)),
    "pay": lambda b, n, a: b.books.pay(amount=a, **b.fit(n, a)),
    "pay ahead": lambda b, n, a: b.books.pay(b.person(n), a, currency=b.currency(n)),
    "refund": lambda b, n, a: b.books.refund(b.person(n), a, currency=b.currency(n)),
    "void": lambda b, n, a: b.books.void_payment(b.key("payments", n)),
    "allocate": lambda b, n, a: b.books.allocate(
        b.key("payments", n // 4), b.key("invoices", n), a
    ),
    "credit": lambda b, n, a: b.books.post_credit_note(total=a, **b.fit(n, a)),
    "credit ahead": lambda b, n, a: b.books.post_credit_note(b.person(n), a),
    "allocate a credit": lambda b, n, a: b.books.allocate_credit(
        b.key("credit_notes", n // 4), b.key("invoices", n), a
    ),
    "cancel a credit": lambda b, n, a: b.books.cancel_credit_note(b.key("credit_notes", n)),
    "write off": lambda b, n, a: b.books.adjust(amount=-a, reason="write_off", **b.fit(n, a)),
    "adjust": lambda b, n, a: b.books.adjust(b.person(n), a, "opening", currency=b.currency(n)),
    "net": lambda b, n, a: b.books.adjust(b.person(n), -a, "netting"),
    "cancel an adjustment": lambda b, n, a: b.books.cancel_adjustment(b.key("adjustments", n)),
    "unpost": lambda b, n, a: b.books.unpost(*b.document(n)),
    "repost": lambda b, n, a: b.books.repost(*b.draft(n)),
    "move": lambda b, n, a: b.books.move_document(*b.document(n), b.person(n // 7)),
    "delete": lambda b, n, a: b.books.delete(*b.document(n)),
    "rename a currency": lambda b, n, a: b.books.swap_currency("USD", "CHF"),
}
HISTORIES = st.lists(
    st.tuples(st.sampled_from([*ACTS]), st.integers(0, 99), st.integers(1, 99_999)),
    min_size=5,
    max_size=60,
)


@settings(max_examples=100, deadline=None)
@given(HISTORIES)
def test_balances_agree_with_the_naive_sums_after_any_history(
    history: list[tuple[str, int, int]],
) -> None:
    bookkeeper = Bookkeeper()
    for verb, pick, cents in history:
        bookkeeper.act(verb, pick, Decimal(cents) / 100)
    _check_closed(bookkeeper.office, bookkeeper.people)


def test_a_long_history_is_mostly_possible_and_closes_at_every_step() -> None:
    bookkeeper, verbs, done = Bookkeeper(), [*ACTS], set()
    for n in range(400):
        verb = verbs[n * 7 % len(verbs)]
        if bookkeeper.act(verb, n * 13 % 101, Decimal(n * 9973 % 5000 + 1) / 100):
            done.add(verb)
        _check_closed(bookkeeper.office, bookkeeper.people)
    assert done == set(verbs)


def _check_closed(office: Office, people: list[str]) -> None:
    for customer in people:
        seen = _figures(office, customer)
        assert seen == office.books.figures(customer)
        closed = {code: f.receivable - f.prepaid - f.credits for code, f in seen.items()}
        assert {code: sum for code, sum in closed.items() if sum} == office.books.sums(customer)
        assert all(min(figure) >= 0 for figure in seen.values())
    orders = office.books.tables["orders"].values()
    assert all(0 <= Decimal(r.data["open"]) <= Decimal(r.data["total"]) for r in orders)


def _figures(office: Office, customer: str) -> dict[str, Figure]:
    names = ("receivable", "prepaid", "credits")
    return {
        row["currency"]: Figure(*(Decimal(row[name]) for name in names))
        for row in office.rows(customer)
    }


def euros(office: Office, customer: str) -> tuple[str, ...]:
    figure = _figures(office, customer).get("EUR", Figure())
    return tuple(f"{amount:.2f}" for amount in figure)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def customer(office: Office) -> str:
    return office.books.add_customer("Фирма")


def test_payments_credits_and_write_offs_settle_one_invoice(office: Office, customer: str) -> None:
    invoice = office.books.post_invoice(customer, "100.00")
    office.books.pay(customer, "60.00", allocations=[(invoice, "50.00")])
    office.books.post_credit_note(customer, "30.00", allocations=[(invoice, "25.00")])
    office.books.adjust(customer, "-20.00", "write_off", allocations=[(invoice, "20.00")])
    assert euros(office, customer) == ("5.00", "10.00", "5.00")
    with pytest.raises(ValueError, match="open part"):
        office.books.pay(customer, "6.00", allocations=[(invoice, "5.01")])


def test_an_adjustment_raises_what_is_owed_or_what_is_paid_ahead(
    office: Office, customer: str
) -> None:
    office.books.adjust(customer, "12.00", "opening")
    assert euros(office, customer) == ("12.00", "0.00", "0.00")
    office.books.adjust(customer, "-5.00", "netting")
    assert euros(office, customer) == ("12.00", "5.00", "0.00")
    invoice = office.books.post_invoice(customer, "100.00")
    with pytest.raises(ValueError, match="left of adjustments"):
        office.books.adjust(customer, "9.00", allocations=[(invoice, "9.00")])
    with pytest.raises(ValueError, match="mistake"):
        office.books.adjust(customer, "9.00", "mistake")


def test_a_refund_uses_up_the_advance_and_the_rest_is_owed(office: Office, customer: str) -> None:
    office.books.pay(customer, "50.00")
    refund = office.books.refund(customer, "30.00")
    assert office.record(Kind.PAYMENT, refund).data["amount"] == "-30.00"
    assert euros(office, customer) == ("0.00", "20.00", "0.00")
    office.books.refund(customer, "30.00")
    assert euros(office, customer) == ("10.00", "0.00", "0.00")


def test_an_unposted_invoice_sets_free_what_settled_it(office: Office, customer: str) -> None:
    invoice = office.books.post_invoice(customer, "100.00")
    office.books.pay(customer, "60.00", allocations=[(invoice, "60.00")])
    office.books.unpost("invoices", invoice)
    assert office.record(Kind.INVOICE, invoice).data["state"] == "draft"
    assert euros(office, customer) == ("0.00", "60.00", "0.00")
    office.books.repost("invoices", invoice)
    assert euros(office, customer) == ("100.00", "60.00", "0.00")


def test_a_reposted_payment_settles_what_is_still_open(office: Office, customer: str) -> None:
    first, second = (office.books.post_invoice(customer, "100.00") for _ in range(2))
    both = [(first, "100.00"), (second, "100.00")]
    payment = office.books.pay(customer, "200.00", allocations=both)
    office.books.unpost("payments", payment)
    office.books.pay(customer, "10.00", allocations=[(first, "10.00")])
    office.books.repost("payments", payment)
    [line] = office.record(Kind.PAYMENT, payment).data["allocations"]
    assert line["invoice"] == second
    assert euros(office, customer) == ("90.00", "100.00", "0.00")


def test_a_moved_document_touches_both_customers(office: Office, customer: str) -> None:
    other = office.books.add_customer("田中")
    invoice = office.books.post_invoice(customer, "100.00")
    office.clock.wait(60)
    office.books.move_document("invoices", invoice, other)
    later = NOON + dt.timedelta(seconds=60)
    assert [office.record(Kind.BALANCE, key).stamp for key in (customer, other)] == [later] * 2
    assert (euros(office, customer)[0], euros(office, other)[0]) == ("0.00", "100.00")
    office.books.pay(other, "5.00", allocations=[(invoice, "5.00")])
    with pytest.raises(ValueError, match="settled"):
        office.books.move_document("invoices", invoice, customer)


def test_an_order_is_open_as_far_as_it_is_not_invoiced(office: Office, customer: str) -> None:
    order = office.books.add_order(customer, "100.00", seller="Анна", deal="deal-3")
    stamp = office.record(Kind.BALANCE, customer).stamp
    first = office.books.invoice_order(order, "40.00")
    data = office.record(Kind.INVOICE, first).data
    assert (data["order"], data["seller"], data["total"]) == (order, "Анна", "40.00")
    assert office.record(Kind.ORDER, order).data["open"] == "60.00"
    second = office.books.invoice_order(order)
    assert Decimal(office.record(Kind.ORDER, order).data["open"]) == 0
    with pytest.raises(ValueError, match="not a part"):
        office.books.invoice_order(order)
    office.books.cancel_invoice(second)
    assert office.record(Kind.ORDER, order).data["open"] == "60.00"
    office.clock.wait(60)
    office.books.edit_order(order, total="130.00")
    assert office.record(Kind.ORDER, order).data["open"] == "90.00"
    assert office.record(Kind.BALANCE, customer).stamp == stamp
    with pytest.raises(ValueError, match="invoiced already"):
        office.books.edit_order(order, total="39.00")
    office.books.cancel_order(order)
    assert office.record(Kind.ORDER, order).data["state"] == "cancelled"


def test_the_terms_of_an_invoice_add_up_or_are_dropped(office: Office, customer: str) -> None:
    terms = [("2026-12-01", "60.00"), ("2027-01-01", "40.00")]
    with pytest.raises(ValueError, match="add up"):
        office.books.post_invoice(customer, "90.00", terms=terms)
    invoice = office.books.post_invoice(customer, "100.00", terms=terms)
    data = office.record(Kind.INVOICE, invoice).data
    assert data["due"] == "2027-01-01"
    assert data["terms"][0] == {"due": "2026-12-01", "amount": "60.00"}
    office.books.edit_invoice(invoice, total="70.00")
    assert office.record(Kind.INVOICE, invoice).data["terms"] == []
    office.books.edit_invoice(invoice, terms=[{"due": "2026-12-05", "amount": "70.00"}])
    assert office.record(Kind.INVOICE, invoice).data["terms"][0]["due"] == "2026-12-05"


def test_a_ledger_that_is_off_says_more_than_the_documents(office: Office, customer: str) -> None:
    office.books.post_invoice(customer, "100.00")
    office.books.habits.ledger_off = {customer: Decimal("7.50")}
    assert euros(office, customer) == ("107.50", "0.00", "0.00")
    assert office.books.figures(customer)["EUR"].receivable == 100
    office.books.habits.ledger_off = {customer: Decimal(-130)}
    assert euros(office, customer) == ("0.00", "30.00", "0.00")
