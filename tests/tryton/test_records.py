"""What each record of a real Tryton says, once the shipped mapping has read it."""

from __future__ import annotations

import datetime as dt

import pytest

from syncd.domain import Adjustment, Invoice, Kind, Money, Order, Reason, State, Term, value_of
from syncd.mapping.words import DOCUMENTS
from tests.tryton.reader import Reader
from tests.tryton.settled import Settled
from tests.tryton.sums import documents
from tests.world.books import INVOICE, LINE, Books, today
from tests.world.tryton_server import TrytonServer, template

# The first test plays all the cases; on a busy machine that alone takes minutes.
pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("tryton")]


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


def test_a_refund_is_a_payment_below_zero_that_settles_nothing(settled: Settled) -> None:
    payments = settled.of(Kind.PAYMENT, "money given back")
    back = [one for one in payments if one.amount.micros < 0]
    assert {str(one.amount) for one in back} == {"-15.00 EUR", "-40.00 USD"}
    assert not any(one.allocations for one in back)


def test_money_in_cash_and_bank_journals_is_a_payment_and_nothing_else_is(
    books: Books, settled: Settled
) -> None:
    found = settled.found[Kind.PAYMENT]
    rows = books.rows(LINE, ["move.journal.type"], ["id", "in", [int(key) for key in found]])
    assert {row["move."]["journal."]["type"] for row in rows} == {"cash", "statement"}
    (by_bank,) = settled.of(Kind.PAYMENT, "paid by a bank statement")
    assert by_bank.amount == euros("60.00") and by_bank.allocations[0].amount == euros("60.00")


def test_what_is_paid_too_much_is_a_payment_that_names_no_invoice(settled: Settled) -> None:
    payments = settled.of(Kind.PAYMENT, "paid too much")
    assert {(one.amount, len(one.allocations)) for one in payments} == {
        (euros("100.00"), 1),
        (euros("20.00"), 0),
    }


@pytest.mark.parametrize(
    ("case", "adjusted"),
    [
        ("written off without money", [("-12.00 EUR", Reason.WRITE_OFF)]),
        ("a cent written off", [("-0.50 EUR", Reason.WRITE_OFF)]),
        ("a dollar written off", [("-1.00 USD", Reason.WRITE_OFF)]),
        ("an opening credit settles", [("-30.00 EUR", Reason.OPENING)]),
        ("an opening debt", [("75.00 EUR", Reason.MANUAL)]),
        (
            "an opening debt paid",
            [("-5.00 EUR", Reason.OPENING), ("75.00 EUR", Reason.OPENING)],
        ),
        ("dollars paid at another rate", []),
        ("dollars paid in parts at two rates", []),
        (
            "dollars settled with euros",
            [("-100.00 USD", Reason.REVALUATION), ("62.50 EUR", Reason.REVALUATION)],
        ),
        (
            "euros and a write off for dollars",
            [
                ("-100.00 USD", Reason.REVALUATION),
                ("-2.50 EUR", Reason.WRITE_OFF),
                ("62.50 EUR", Reason.REVALUATION),
            ],
        ),
        ("credited in full", []),
        ("cancelled by a reverse move", []),
        ("a payment that bounced", []),
        ("due dates moved", []),
        ("owed by somebody else now", []),
        ("half owed by somebody else now", [("-45.00 EUR", Reason.MANUAL)]),
    ],
)
def test_an_adjustment_says_why(
    case: str, adjusted: list[tuple[str, Reason]], settled: Settled
) -> None:
    found = settled.of(Kind.ADJUSTMENT, case)
    assert sorted((str(one.amount), one.reason) for one in found) == adjusted


def test_a_write_off_settles_its_invoice(books: Books, reader: Reader) -> None:
    customer = books.create_customer("Insolvent")
    invoice = books.post_invoice(customer, "12.00")
    books.write_off(invoice)
    (given_up,) = [
        one
        for one in documents(reader)[Kind.ADJUSTMENT].values()
        if isinstance(one, Adjustment) and one.customer == str(customer)
    ]
    assert [(p.invoice, p.amount) for p in given_up.allocations] == [(str(invoice), euros("12.00"))]


def test_an_entry_in_draft_is_a_draft_and_counts_nothing(settled: Settled) -> None:
    (entry,) = settled.of(Kind.ADJUSTMENT, "a move still in draft")
    assert (entry.amount, entry.state) == (euros("5.00"), State.DRAFT)


def test_a_credit_note_says_what_it_settles(settled: Settled) -> None:
    case = "a credit note and money for one invoice"
    (note,) = settled.of(Kind.CREDIT_NOTE, case)
    assert (note.total, note.state) == (euros("30.00"), State.EFFECTIVE)
    assert [part.amount for part in note.allocations] == [euros("30.00")]


def test_an_invoice_credited_in_full_is_void_with_its_credit_note(settled: Settled) -> None:
    """Tryton itself leaves the credit note paid."""
    for case, state in (
        ("credited in full", State.VOID),
        ("a credit in full undone", State.EFFECTIVE),
    ):
        for kind in (Kind.INVOICE, Kind.CREDIT_NOTE):
            assert [one.state for one in settled.of(kind, case)] == [state]


@pytest.mark.parametrize(
    "case", ["owed by somebody else now", "paid by somebody else from the start"]
)
def test_an_invoice_stands_with_who_owes_it(case: str, books: Books, settled: Settled) -> None:
    found, customer = settled.found[Kind.INVOICE], settled.customers[case]
    (key,) = books.search(INVOICE, [["party", "=", customer]])
    (line,) = books.rows(LINE, ["party.name"], ["id", "in", books.open_lines(key)])
    invoice = found[str(key)]
    assert isinstance(invoice, Invoice)
    assert invoice.customer == str(line["party."]["id"]) != str(customer)


def test_every_due_date_of_an_invoice_is_told_whole(books: Books, reader: Reader) -> None:
    invoice = books.post_invoice(books.create_customer("Halves"), "100.01", days=99)
    books.pay(invoice, "60.00")
    found = documents(reader)[Kind.INVOICE][str(invoice)]
    assert isinstance(found, Invoice)
    first, second = (today() + dt.timedelta(days=days) for days in (14, 60))
    halves = found.terms[0].amount, found.terms[1].amount
    assert found.terms == (Term(first, halves[0]), Term(second, halves[1]))
    assert halves[0] + halves[1] == found.total


def test_due_dates_that_were_moved_are_the_ones_that_are_told(settled: Settled) -> None:
    (invoice,) = settled.of(Kind.INVOICE, "due dates moved")
    assert [term.amount for term in invoice.terms] == [euros("30.00")] * 3
    assert len({term.due for term in invoice.terms}) == 3


def test_due_is_the_next_date_that_is_open(books: Books, reader: Reader) -> None:
    invoice = books.post_invoice(books.create_customer("Halves"), "100.00", days=99)
    first, second = (today() + dt.timedelta(days=days) for days in (14, 60))
    assert reader.one(Kind.INVOICE, invoice)["due_date"] == first
    books.pay(invoice, "50.00")
    assert reader.one(Kind.INVOICE, invoice)["due_date"] == second
    books.pay(invoice)
    assert reader.one(Kind.INVOICE, invoice)["due_date"] == second


def test_every_document_belongs_to_the_company_in_whose_books_it_is(
    books: Books, reader: Reader
) -> None:
    (company,) = books.rows("company.company", ["party.name"])
    name = company["party."]["name"]
    customer = books.create_customer("Käufer")
    paid, given_up = (books.post_invoice(customer, amount) for amount in ("9.00", "7.00"))
    books.pay(paid)
    books.write_off(given_up)
    books.credit_note(customer, "5.00")
    books.quote(customer, {"P01": 1})
    found = documents(reader)
    for kind in DOCUMENTS:
        mine = [
            one for one in found[kind].values() if getattr(one, "customer", "") == str(customer)
        ]
        assert {value_of(one, "organisation") for one in mine} == {name}, kind


# ----------------------------------------------------------------------------------------- orders


def order(reader: Reader, sale: int) -> Order:
    found = documents(reader)[Kind.ORDER][str(sale)]
    assert isinstance(found, Order)
    return found


def test_an_order_is_open_until_its_invoice_is_posted(books: Books, reader: Reader) -> None:
    customer = books.create_customer("Besteller")
    sale = books.quote(customer, {"P01": 2})
    assert order(reader, sale).state is State.DRAFT
    (invoice,) = books.confirm(sale)
    found = order(reader, sale)
    assert (found.state, found.customer, found.date) == (
        State.EFFECTIVE,
        str(customer),
        today(),
    )
    assert found.total == found.open == euros("96.00")
    books.write(INVOICE, invoice, invoice_date=today())
    books.post(invoice)
    assert order(reader, sale).open == euros("0")
    books.pay(invoice)
    done = order(reader, sale)
    assert (done.state, done.total, done.open) == (State.EFFECTIVE, euros("96.00"), euros("0"))


def test_a_cancelled_order_is_void(books: Books, reader: Reader) -> None:
    sale = books.quote(books.create_customer("Unentschlossen"), {"P01": 1})
    books.call("sale.sale", "cancel", sale)
    assert order(reader, sale).state is State.VOID


def test_an_order_whose_draft_invoice_is_cancelled_stays_open(books: Books, reader: Reader) -> None:
    sale = books.quote(books.create_customer("Storno"), {"P01": 1})
    (invoice,) = books.confirm(sale)
    books.cancel(invoice)
    assert order(reader, sale).open == euros("48.00")


def test_nothing_is_open_of_an_order_that_tryton_takes_for_done(
    books: Books, reader: Reader
) -> None:
    """As it does when a posted invoice is cancelled: it counts as settled."""
    sale = books.quote(books.create_customer("Storno"), {"P01": 1})
    (invoice,) = books.confirm(sale)
    books.write(INVOICE, invoice, invoice_date=today())
    books.post(invoice)
    books.cancel(invoice)
    assert order(reader, sale).open == euros("0")


def test_the_seller_is_the_employee_who_confirmed_it(tryton_servers: TrytonServer) -> None:
    books = tryton_servers.database(template())
    customer = books.create_customer("Käufer")
    alone = books.quote(customer, {"P01": 1})
    books.employ("Eva Berger")
    sold = books.quote(customer, {"P01": 1})
    books.confirm(sold)
    reader = Reader(books)
    assert [order(reader, sale).seller for sale in (alone, sold)] == ["admin", "Eva Berger"]
