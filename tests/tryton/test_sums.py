"""The sums that must close, on a real Tryton, whatever an accountant does."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest

from syncd.domain import Adjustment, CreditNote, Customer, Invoice, Kind, Money, Payment
from tests.tryton import awkward
from tests.tryton.reader import Reader
from tests.tryton.settled import SETTLING, Settled
from tests.tryton.sums import documents, owed, said
from tests.world.books import INVOICE, LINE, Books

ZERO = Decimal(0)

# The first test plays all the cases; on a busy machine that alone takes minutes.
pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("tryton")]


@pytest.mark.parametrize("name", awkward.CASES)
def test_an_invoice_is_allocated_what_is_no_longer_to_be_paid(
    name: str, books: Books, settled: Settled
) -> None:
    allocated = check_sums(books, settled, ["party", "=", settled.customers[name]])
    assert allocated or name in WITHOUT_ALLOCATIONS


def test_nothing_settles_more_than_it_is(settled: Settled) -> None:
    for kind, sign in ((Kind.PAYMENT, 1), (Kind.CREDIT_NOTE, -1), (Kind.ADJUSTMENT, -1)):
        for record in settled.records[kind].values():
            note = kind is Kind.CREDIT_NOTE
            currency = record["currency"]["code"] if note else record["currency"]
            own = [p["amount"] for p in record["allocations"] if p["currency"] == currency]
            amount = sign * record["total_amount" if note else "amount"]
            assert sum(own, ZERO) <= max(ZERO, amount)


@pytest.mark.parametrize("kind", SETTLING)
def test_a_record_read_alone_says_the_same(kind: Kind, reader: Reader, settled: Settled) -> None:
    records = settled.records[kind]
    assert records and {key: reader.one(kind, int(key)) for key in records} == records


def test_what_changed_is_all_that_changed(settled: Settled) -> None:
    assert settled.missed == []


WITHOUT_ALLOCATIONS = {
    "a cancellation undone",
    "a credit in full undone",
    "a credit note paid out in part",
    "an opening debt paid",
    "credited in full",
    "a loose credit note",
    "a credit note paid out",
    "a loose advance",
    "cancelled by a reverse move",
    "an opening debt",
    "a move still in draft",
    "a payment that bounced",
}


def check_sums(books: Books, settled: Settled, *domain: Any) -> Decimal:
    """What is allocated to these invoices: as much as Tryton says is no longer to be paid."""
    allocated: defaultdict[int, Decimal] = defaultdict(Decimal)
    for record in (one for kind in SETTLING for one in settled.records[kind].values()):
        for part in record["allocations"]:
            assert part["amount"] > 0
            allocated[part["invoice"]] += part["amount"]
    total = ZERO
    fields = ["state", "total_amount", "amount_to_pay"]
    for row in books.rows(INVOICE, fields, ["type", "=", "out"], *domain):
        shown = row["state"] in ("posted", "paid") and row["total_amount"] > 0
        expected = row["total_amount"] - row["amount_to_pay"] if shown else ZERO
        assert allocated[row["id"]] == expected, row
        total += expected
    return total


FIGURES = ("receivable", "prepaid", "credits")


@pytest.mark.parametrize("name", awkward.CASES)
def test_the_figures_are_trytons_own(name: str, books: Books, settled: Settled) -> None:
    """receivable less prepaid and credits, in the company's currency, is Tryton's `receivable`
    (which counts moves in draft, too); and what is owed in another currency is what its invoices
    say."""
    customer = settled.customers[name]
    balance = settled.balance(name)
    draft = [["party", "=", customer], ["move.state", "=", "draft"]]
    unposted = sum((row["debit"] for row in books.rows(LINE, ["debit"], *draft)), ZERO)
    assert balance["balance"] == books.receivable(customer) - unposted
    rows = {row["currency"]: row for row in balance["rows"]}
    figures = {code: [row[name] for name in FIGURES] for code, row in rows.items()}
    assert all(figure >= 0 for row in figures.values() for figure in row)
    if rows.keys() <= {"EUR"}:
        netted = sum((row[0] - row[1] - row[2] for row in figures.values()), ZERO)
        assert netted == balance["balance"]
    foreign = {code: row[0] for code, row in figures.items() if code != "EUR" and row[0]}
    assert foreign == _owed_in_other_currencies(books, customer)


def _owed_in_other_currencies(books: Books, customer: int) -> dict[str, Decimal]:
    posted = [["party", "=", customer], ["state", "=", "posted"], ["currency.code", "!=", "EUR"]]
    owed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for invoice in books.rows(INVOICE, ["amount_to_pay", "currency.code"], *posted):
        owed[invoice["currency."]["code"]] += invoice["amount_to_pay"]
    return {code: amount for code, amount in owed.items() if amount}


@pytest.mark.parametrize(
    ("case", "figures"),
    [
        ("paid in parts", "34.99 0 0"),
        ("a loose credit note", "100.00 0 20.00"),
        ("a loose advance", "50.00 110.00 0"),
        ("paid too much", "0 20.00 0"),
        ("an opening debt", "63.00 0 0"),
        ("links above what is open", "0 35.00 0"),
        ("a payment that bounced", "100.00 0 0"),
        ("money given back", "0 5.00 0"),
        ("a credit note paid out in part", "0 0 15.00"),
        ("an opening debt paid", "0 5.00 0"),
        ("a credit in full undone", "100.00 0 0"),
        ("a cancellation undone", "100.00 100.00 0"),
    ],
)
def test_what_is_owed_paid_ahead_and_credited_is_not_netted(
    case: str, figures: str, settled: Settled
) -> None:
    expected = dict(zip(FIGURES, map(Decimal, figures.split()), strict=True))
    assert settled.balance(case)["rows"] == [{"currency": "EUR", **expected}]


def test_one_payment_names_both_its_invoices(books: Books, reader: Reader) -> None:
    customer = books.create_customer("Sammelzahler")
    invoices = [books.post_invoice(customer, amount) for amount in ("100.00", "33.33")]
    paid = books.pay_together(invoices)
    parts = reader.one(Kind.PAYMENT, paid)["allocations"]
    found = {part["invoice"]: part["amount"] for part in parts}
    assert found == dict(zip(invoices, (Decimal("100.00"), Decimal("33.33")), strict=True))


def test_the_shipped_mapping_takes_it_all(books: Books, settled: Settled) -> None:
    found = settled.found
    names = {one.name for one in found[Kind.CUSTOMER].values() if isinstance(one, Customer)}
    assert {f"{name.capitalize()}: Ёлкин и 田中" for name in awkward.CASES} <= names
    total = {i.key: i.total for i in found[Kind.INVOICE].values() if isinstance(i, Invoice)}
    for record in (one for kind in SETTLING for one in found[kind].values()):
        assert isinstance(record, Payment | CreditNote | Adjustment)
        for part in record.allocations:
            assert part.amount.currency == total[part.invoice].currency
            total[part.invoice] -= part.amount
    fields = ["amount_to_pay", "currency.code"]
    mine = ["party", "in", list(settled.customers.values())]  # other tests post invoices too
    posted = (["state", "=", "posted"], ["total_amount", ">", ZERO], mine)
    rows = books.rows(INVOICE, fields, *posted)
    assert rows
    for row in rows:
        unpaid = Money.of(row["amount_to_pay"], row["currency."]["code"])
        assert total[str(row["id"])] == unpaid
    assert found[Kind.BALANCE].keys() == found[Kind.CUSTOMER].keys()


def test_the_documents_add_up_to_the_balance_whatever_was_done(settled: Settled) -> None:
    assert said(settled.found) == owed(settled.found) != {}


def test_the_documents_of_the_demo_company_add_up_to_its_balance(demo_books: Books) -> None:
    found = documents(Reader(demo_books))
    assert said(found) == owed(found) != {}
