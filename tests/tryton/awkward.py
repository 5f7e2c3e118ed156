"""What accountants really do to receivables: every way of settling that has a catch of its own.

Each function does one thing to the books of one new customer, so that a failure names its case.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from tests.tryton.entries import (
    advance_of,
    amount_of,
    ledger_debit,
    ledger_entry,
    own_fields,
    take_back,
    written_off,
)
from tests.world.books import INVOICE, LINE, Books, today

Case = Callable[[Books, int], None]
CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    CASES[function.__name__.replace("_", " ")] = function
    return function


@case
def dollars_paid_at_another_rate(books: Books, customer: int) -> None:
    books.pay(_old_dollars(books, customer))


@case
def dollars_paid_in_parts_at_two_rates(books: Books, customer: int) -> None:
    invoice = _old_dollars(books, customer)
    books.pay(invoice, "33.33", today() - dt.timedelta(days=2))
    books.pay(invoice, "33.33")
    other = _old_dollars(books, customer)
    books.pay(other, "20.00", today() - dt.timedelta(days=2))
    books.pay(other)


@case
def a_dollar_written_off(books: Books, customer: int) -> None:
    written_off(books, _old_dollars(books, customer), "99.00")


@case
def two_old_dollar_invoices_paid_at_once(books: Books, customer: int) -> None:
    invoices = [_old_dollars(books, customer), _old_dollars(books, customer)]
    paid = books.advance(customer, "200.00", currency="USD")
    books.reconcile(*(line for key in invoices for line in books.open_lines(key)), paid)


@case
def paid_in_parts(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "100.00")
    books.pay(invoice, "40.00")
    books.pay(invoice, "25.01")


@case
def parts_settled_in_the_end(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "100.00")
    books.pay(invoice, "40.00")
    books.pay(invoice)


@case
def one_payment_for_two_invoices(books: Books, customer: int) -> None:
    invoices = [books.post_invoice(customer, amount) for amount in ("100.00", "33.33")]
    books.pay_together(invoices)


@case
def credited_in_full(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "100.00")
    books.pay(invoice, "10.00")
    books.credit(invoice)


@case
def a_credit_note_and_money_for_one_invoice(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "100.00")
    note = books.credit_note(customer, "30.00")
    paid = books.advance(customer, "70.00")
    books.reconcile(*books.open_lines(invoice), *books.open_lines(note), paid)


@case
def a_loose_credit_note(books: Books, customer: int) -> None:
    books.post_invoice(customer, "100.00")
    books.credit_note(customer, "20.00")


@case
def a_loose_advance(books: Books, customer: int) -> None:
    books.advance(customer, "110.00")
    books.post_invoice(customer, "50.00")


@case
def an_advance_linked_and_unlinked(books: Books, customer: int) -> None:
    invoices = [books.post_invoice(customer, amount) for amount in ("60.00", "50.00")]
    paid = books.advance(customer, "30.00")
    for linked in (invoices[0], None, invoices[1]):
        books.write(LINE, paid, invoice_payment=linked)


@case
def dollars_settled_with_euros(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "100.00", currency="USD")
    paid = [books.advance(customer, "20.17"), books.advance(customer, "42.33")]
    books.reconcile(*books.open_lines(invoice), *paid)


@case
def dollars_and_euros_in_one_group(books: Books, customer: int) -> None:
    dollars = books.post_invoice(customer, "100.00", currency="USD")
    euros = books.post_invoice(customer, "37.50")
    paid = [books.advance(customer, "40.00", currency="USD"), books.advance(customer, "75.00")]
    books.reconcile(*books.open_lines(dollars), *books.open_lines(euros), *paid)


@case
def dollars_linked_to_euros(books: Books, customer: int) -> None:
    """Tryton takes a payment in dollars as one on an invoice in euros, not the other way round."""
    invoice = books.post_invoice(customer, "100.00")
    for amount in ("10.01", "20.02", "0.01"):
        dollars = books.advance(customer, amount, currency="USD")
        books.write(LINE, dollars, invoice_payment=invoice)
    books.pay(invoice, "5.00")


@case
def dollars_linked_to_euros_and_settled(books: Books, customer: int) -> None:
    invoices = [books.post_invoice(customer, "25.00") for _ in range(2)]
    dollars = books.advance(customer, "40.00", currency="USD")
    books.write(LINE, dollars, invoice_payment=invoices[1])
    books.reconcile(
        *(line for key in invoices for line in books.open_lines(key)),
        dollars,
        books.advance(customer, "25.00"),
    )


@case
def yen_have_no_cents(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "10007", currency="JPY")
    books.pay(invoice, "3333")
    settled = books.post_invoice(customer, "1001", currency="JPY")
    (line,) = books.open_lines(settled)
    paid = [books.advance(customer, amount) for amount in ("2.22", "1.11", "0.01")]
    rest = books.advance(customer, amount_of(books, line) - Decimal("3.34"))
    books.reconcile(line, *paid, rest)


@case
def links_above_what_is_open(books: Books, customer: int) -> None:
    """The links are held against the whole invoice, and half of it is settled without a link."""
    invoice = books.post_invoice(customer, "100.00", days=99)
    first, _ = books.open_lines(invoice)
    books.reconcile(first, books.advance(customer, "50.00"))
    for amount in ("40.00", "45.00"):
        books.write(LINE, books.advance(customer, amount), invoice_payment=invoice)


@case
def a_credit_note_paid_out(books: Books, customer: int) -> None:
    books.pay(books.credit_note(customer, "20.00"))


@case
def a_payment_that_bounced(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "100.00")
    books.pay(invoice, "60.00")
    (line,) = books.row(INVOICE, invoice, "payment_lines")["payment_lines"]
    take_back(books, books.row(LINE, line, "move")["move"])


@case
def an_advance_that_bounced_and_was_linked(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "100.00")
    paid = books.advance(customer, "60.00")
    take_back(books, books.row(LINE, paid, "move")["move"])
    books.write(LINE, books.advance(customer, "10.00"), invoice_payment=invoice)


@case
def cancelled_by_a_reverse_move(books: Books, customer: int) -> None:
    books.cancel(books.post_invoice(customer, "100.00"))
    books.cancel(books.draft_invoice(customer, "77.00"))


@case
def a_cent_written_off(books: Books, customer: int) -> None:
    written_off(books, books.post_invoice(customer, "100.00"), "99.50")


@case
def paid_too_much(books: Books, customer: int) -> None:
    books.pay(books.post_invoice(customer, "100.00"), "120.00")


@case
def two_halves(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "100.01", days=99)
    first, second = books.open_lines(invoice)
    books.reconcile(first, advance_of(books, customer, first))
    other = books.post_invoice(customer, "10.00")
    paid = books.advance(customer, amount_of(books, second) + 10)
    books.reconcile(second, *books.open_lines(other), paid)


@case
def one_half_and_a_bit(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "100.00", days=99)
    books.pay(invoice, "50.00")
    books.pay(invoice, "20.00")


@case
def an_opening_debt(books: Books, customer: int) -> None:
    ledger_debit(books, customer, "75.00")
    books.advance(customer, "12.00")


@case
def an_opening_debt_paid(books: Books, customer: int) -> None:
    owed = books.opening(customer, "75.00")
    books.reconcile(owed, books.advance(customer, "75.00"))
    books.opening(customer, "-5.00")


@case
def an_opening_credit_settles(books: Books, customer: int) -> None:
    paid = books.opening(customer, "-30.00")
    books.reconcile(paid, *books.open_lines(books.post_invoice(customer, "30.00")))


@case
def money_given_back(books: Books, customer: int) -> None:
    books.pay(books.post_invoice(customer, "100.00"), "120.00")
    books.refund(customer, "15.00")
    paid = books.advance(customer, "40.00", currency="USD")
    books.reconcile(paid, books.refund(customer, "40.00", currency="USD"))


@case
def a_credit_note_paid_out_in_part(books: Books, customer: int) -> None:
    note = books.credit_note(customer, "20.00")
    books.write(LINE, books.refund(customer, "5.00"), invoice_payment=note)


@case
def paid_by_a_bank_statement(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "100.00")
    line = {
        "number": "17",
        "date": today(),
        "amount": Decimal("60.00"),
        "party": customer,
        "account": books.row(INVOICE, invoice, "account")["account"],
        "related_to": f"{INVOICE},{invoice}",
    }
    statement = {
        "name": f"Statement {invoice}",
        "date": today(),
        "journal": books.one("account.statement.journal"),
        "company": books.context["company"],
        "total_amount": Decimal("60.00"),
        "lines": [["create", [line]]],
    }
    key = books.create("account.statement", statement)
    for button in ("validate_statement", "post"):
        books.call("account.statement", button, key)


@case
def written_off_without_money(books: Books, customer: int) -> None:
    books.write_off(books.post_invoice(customer, "12.00"))


@case
def euros_and_a_write_off_for_dollars(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "100.00", currency="USD")
    paid = books.advance(customer, "60.00")
    lines = [*books.open_lines(invoice), paid]
    with books.wizard("account.move.reconcile_lines", LINE, *lines) as wizard:
        asked = wizard.execute({}, wizard.start)
        method = books.one("account.move.reconcile.write_off")
        wizard.execute({"writeoff": asked | {"writeoff": method}}, "reconcile")


@case
def a_credit_in_full_undone(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "100.00")
    note = books.credit(invoice)
    lines = books.row(INVOICE, invoice, "lines_to_pay")["lines_to_pay"]
    books.unreconcile(*lines)
    books.pay(note)


@case
def a_cancellation_undone(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "100.00")
    books.cancel(invoice)
    books.unreconcile(*books.row(INVOICE, invoice, "lines_to_pay")["lines_to_pay"])


@case
def a_move_still_in_draft(books: Books, customer: int) -> None:
    ledger_entry(books, customer, Decimal("5.00"))
    books.post_invoice(customer, "8.00")


@case
def a_settlement_undone(books: Books, customer: int) -> None:
    invoices = [books.post_invoice(customer, amount) for amount in ("10.00", "20.00")]
    paid = books.pay_together(invoices)
    books.unreconcile(paid)
    books.pay(invoices[0], "1.00")


@case
def due_dates_moved(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "90.00")
    lines = books.open_lines(invoice)
    with books.wizard("account.move.line.reschedule", LINE, *lines) as wizard:
        start = wizard.execute({}, wizard.start)
        start |= {"frequency": "monthly", "interval": 1, "number": 3, "start_date": today()}
        preview = wizard.execute({"start": start}, "preview")
        preview["terms"] = [own_fields(term) for term in preview["terms"]]
        wizard.execute({"start": start, "preview": preview}, "reschedule")
    books.pay(invoice, "30.00")


@case
def owed_by_somebody_else_now(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "90.00")
    payer = books.create_customer("A factor")
    journal = books.search("account.journal", [["type", "=", "general"]])[0]
    with books.wizard("account.move.line.delegate", LINE, *books.open_lines(invoice)) as wizard:
        start = wizard.execute({}, wizard.start)
        wizard.execute({"start": start | {"party": payer, "journal": journal}}, "delegate")
    books.write(LINE, books.advance(payer, "30.00"), invoice_payment=invoice)


@case
def half_owed_by_somebody_else_now(books: Books, customer: int) -> None:
    invoice = books.post_invoice(customer, "90.00", days=99)
    payer = books.create_customer("A factor of one half")
    journal = books.search("account.journal", [["type", "=", "general"]])[0]
    with books.wizard("account.move.line.delegate", LINE, books.open_lines(invoice)[0]) as wizard:
        start = wizard.execute({}, wizard.start)
        wizard.execute({"start": start | {"party": payer, "journal": journal}}, "delegate")
    books.pay(invoice, "10.00")


@case
def paid_by_somebody_else_from_the_start(books: Books, customer: int) -> None:
    payer = books.create_customer("A mother company")
    invoice = books.draft_invoice(customer, "90.00")
    books.write(INVOICE, invoice, alternative_payees=[["add", [payer]]])
    books.post(invoice)
    books.pay(invoice, "30.00")


@case
def lines_grouped_into_one(books: Books, customer: int) -> None:
    invoices = [books.post_invoice(customer, amount) for amount in ("30.00", "12.00")]
    lines = [line for invoice in invoices for line in books.open_lines(invoice)]
    journal = books.search("account.journal", [["type", "=", "general"]])[0]
    with books.wizard("account.move.line.group", LINE, *lines) as wizard:
        start = wizard.execute({}, wizard.start)
        wizard.execute({"start": start | {"journal": journal}}, "group")


def _old_dollars(books: Books, customer: int) -> int:
    """100 dollars from before the dollar fell: 80 euros. Dates may not go back, so the cases that
    need it come first."""
    day = today() - dt.timedelta(days=5)
    return books.post_invoice(customer, "100.00", currency="USD", date=day)
