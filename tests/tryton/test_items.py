"""What the lines on receivable accounts become: payments, credit notes, adjustments, balances."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from syncd.domain import Kind
from syncd.port import All, Keys, Since
from tests.tryton.wire import (
    CHANGED,
    OLD,
    an_invoice,
    called,
    day,
    money,
    pull,
)

NOW = dt.datetime(2026, 11, 18, 16, 40, tzinfo=dt.UTC)


def a_line(key: int, amount: str, **changed: object) -> dict[str, Any]:
    """A line in euros on the account of party 9; negative for a credit."""
    value = Decimal(amount)
    return {
        "id": key,
        "debit": money(str(max(value, Decimal(0)))),
        "credit": money(str(max(-value, Decimal(0)))),
        "amount": money(amount),
        "amount_currency.": {"id": 1, "code": "EUR"},
        "date": day("2026-11-18"),
        "maturity_date": None,
        "origin": None,
        "party.": {"id": 9},
        "reconciliation.": None,
        "invoice_payment.": None,
        "move.": a_move(key + 100, "cash"),
        "description": None,
        "last_modified_at": OLD,
        **changed,
    }


def a_move(key: int, journal: str, description: str | None = None) -> dict[str, Any]:
    named = {"number": "55", "description": description}
    return {"id": key, "state": "posted", "journal.": {"id": 3, "type": journal}, **named}


def a_bill(key: int, total: str, unpaid: str, *due: object, **changed: object) -> dict[str, Any]:
    return {
        "id": key,
        "number": f"INV/{key}",
        "state": "posted",
        "party.": {"id": 9},
        "move": key + 200,
        "additional_moves": [],
        "cancel_move": None,
        "total_amount": money(total),
        "amount_to_pay": money(unpaid),
        "currency.": {"id": 1, "code": "EUR", "digits": 2},
        "lines_to_pay.": list(due),
        "payment_lines.": [],
        **changed,
    }


ALLOCATIONS = ("allocations.invoice", "allocations.amount", "allocations.currency")


def test_a_settled_group_is_read_as_a_whole_and_allocated() -> None:
    group = {"reconciliation.": {"id": 3}}
    paid, due = a_line(1, "-80.00", **group), a_line(2, "100.00", **group)
    note = a_line(4, "-20.00", **group)
    bill = a_bill(7, "100.00", "0.00", due)
    requests, page = pull(Kind.PAYMENT, ALLOCATIONS, All(), [paid], [paid, due, note], [bill])
    assert called(requests[1])[1][0] == [["reconciliation", "in", [3]]]
    allocation = {"invoice": 7, "amount": Decimal("80.00"), "currency": "EUR"}
    assert page.records[0].data == {"allocations": [allocation]}


def test_a_linked_payment_is_allocated_before_it_is_settled() -> None:
    paid = a_line(1, "-30.00", **{"invoice_payment.": {"id": 7}})
    links = {"payment_lines.": [paid]}
    bill = a_bill(7, "100.00", "70.00", a_line(2, "100.00"), **links)
    _, page = pull(Kind.PAYMENT, ALLOCATIONS, All(), [paid], [bill])
    allocation = {"invoice": 7, "amount": Decimal("30.00"), "currency": "EUR"}
    assert page.records[0].data == {"allocations": [allocation]}


def test_an_advance_has_no_allocation() -> None:
    paths = ("amount", "currency", *ALLOCATIONS)
    _, page = pull(Kind.PAYMENT, paths, All(), [a_line(1, "-30.00")], [])
    expected = {"amount": Decimal("30.00"), "currency": "EUR", "allocations": []}
    assert page.records[0].data == expected


def test_a_credit_note_tells_what_it_settles_of_which_invoice() -> None:
    group = {"reconciliation.": {"id": 3}}
    due, owed = a_line(4, "-20.00", **group), a_line(2, "100.00", **group)
    paid = a_line(1, "-80.00", **group)
    row = {**an_invoice(8), **a_bill(8, "-20.00", "0.00", due), "move": 104}
    note = a_bill(8, "-20.00", "0.00", due, move=104)
    bill = a_bill(7, "100.00", "0.00", owed, move=102)
    paths = ("number", "standing", *ALLOCATIONS)
    answers = ([row], [due, owed, paid], [note, bill])
    requests, page = pull(Kind.CREDIT_NOTE, paths, All(), *answers)
    below = ["total_amount", "<", {"__class__": "Decimal", "decimal": "0"}]
    assert below in called(requests[0])[1][0]
    allocation = {"invoice": 7, "amount": Decimal("20.00"), "currency": "EUR"}
    assert page.records[0].data == {
        "number": "INV/8",
        "standing": "posted",
        "allocations": [allocation],
    }


def test_a_credit_note_that_took_an_invoice_back_is_cancelled_with_it() -> None:
    group = {"reconciliation.": {"id": 3}}
    due, owed = a_line(4, "-20.00", **group), a_line(2, "20.00", **group)
    row = {**an_invoice(8), **a_bill(8, "-20.00", "0.00", due), "move": 104, "state": "paid"}
    note = a_bill(8, "-20.00", "0.00", due, move=104, state="paid")
    bill = a_bill(7, "20.00", "0.00", owed, move=102, cancel_move=104, state="cancelled")
    answers = ([row], [due, owed], [note, bill])
    _, page = pull(Kind.CREDIT_NOTE, ("standing", *ALLOCATIONS), All(), *answers)
    assert page.records[0].data == {"standing": "cancelled", "allocations": []}


def general(key: int, amount: str, **changed: object) -> dict[str, Any]:
    return a_line(key, amount, **{"move.": a_move(key + 100, "general"), **changed})


ADJUSTED = ("amount", "reason", "in_ledger")


def test_what_is_neither_a_document_nor_money_is_an_adjustment() -> None:
    rows = [general(1, "30.00"), a_line(2, "-5.00", **{"move.": a_move(102, "situation")})]
    requests, page = pull(Kind.ADJUSTMENT, ADJUSTED, All(), rows, [])
    assert [r.data for r in page.records] == [
        {"amount": Decimal("30.00"), "reason": "manual", "in_ledger": True},
        {"amount": Decimal("-5.00"), "reason": "opening", "in_ledger": True},
    ]
    assert called(requests[0])[1][0][-1] == [
        "OR",
        ["move.journal.type", "not in", ["cash", "statement"]],
        ["reconciliation.lines.second_currency", "!=", None],
    ]


@pytest.mark.parametrize(("scope", "told"), [(All(), 0), (Since(None), 0), (Keys(["2"]), 1)])
def test_a_full_pass_leaves_out_what_adjusts_nothing(scope: Any, told: int) -> None:
    """An invoice's own line. Asked for by its key, it says that it is not in the ledger."""
    due = general(2, "50.00")
    bill = a_bill(7, "50.00", "50.00", due, move=102)
    _, page = pull(Kind.ADJUSTMENT, ADJUSTED, scope, [due], [bill], [due])
    assert [r.data["in_ledger"] for r in page.records] == [False] * told


def test_what_changed_is_told_even_where_it_adjusts_nothing_any_more() -> None:
    due = general(2, "50.00")
    bill = a_bill(7, "50.00", "50.00", due, move=102)
    _, page = pull(Kind.ADJUSTMENT, ADJUSTED, Since(NOW), [], [due], [bill], [due])
    assert page.records[0].data["in_ledger"] is False


def test_a_full_page_of_lines_that_adjust_nothing_is_not_the_last() -> None:
    due = general(2, "50.00")
    bill = a_bill(7, "50.00", "50.00", due, move=102)
    _, page = pull(Kind.ADJUSTMENT, ADJUSTED, All(), [due], [bill], [due], page="1")
    assert (page.records, page.next) == ([], "2")


def test_lines_of_the_moves_of_changed_invoices_are_read_again() -> None:
    changed = {"id": 7, "party": 9, "alternative_payees": [], **CHANGED}
    changed |= {"move": 4, "additional_moves": [6]}
    requests, _ = pull(Kind.ADJUSTMENT, ("amount",), Since(NOW), [changed], [])
    assert ["move", "in", [4, 6]] in called(requests[1])[1][0][-1]


# ------------------------------------------------------------------------------ what is read again


@pytest.mark.parametrize(
    ("line", "move", "reference"),
    [
        ("Überweisung 17", "bank", "Überweisung 17"),
        (None, "bank", "bank"),
        ("", None, "55"),
    ],
)
def test_a_payment_is_called_by_its_text_then_by_its_moves(
    line: str | None, move: str | None, reference: str
) -> None:
    row = a_line(1, "-30.00", description=line, **{"move.": a_move(101, "cash", move)})
    _, page = pull(Kind.PAYMENT, ("reference",), All(), [row], [])
    assert page.records[0].data == {"reference": reference}


def test_money_that_comes_in_is_above_zero_and_money_given_back_below() -> None:
    rows = [a_line(1, "-30.00"), a_line(2, "12.00")]
    requests, page = pull(Kind.PAYMENT, ("amount",), All(), rows, [])
    assert [r.data["amount"] for r in page.records] == [Decimal("30.00"), Decimal("-12.00")]
    assert ["move.journal.type", "in", ["cash", "statement"]] in called(requests[0])[1][0]


def test_a_line_of_a_document_is_no_payment_though_its_journal_is_for_cash() -> None:
    """Due dates can be moved in any journal. The page goes on all the same."""
    rows = [a_line(1, "-30.00"), a_line(2, "-30.00")]
    bill = a_bill(7, "30.00", "30.00", additional_moves=[102])
    _, page = pull(Kind.PAYMENT, ("amount",), All(), rows, [bill], page="2")
    assert [r.key for r in page.records] == ["1"] and page.next == "2"


def test_open_credits_of_the_parties_of_changed_invoices_are_read_again() -> None:
    """A link from a payment to an invoice moves the invoice alone."""
    changed = {"id": 7, "party": 9, "alternative_payees": [], **CHANGED}
    requests, _ = pull(Kind.PAYMENT, ("amount",), Since(NOW), [changed], [])
    either = called(requests[1])[1][0][-1]
    assert either[0] == "OR"
    assert either[-1] == [["reconciliation", "=", None], ["party", "in", [9]]]


def test_an_idle_cycle_asks_two_things_about_payments_and_one_about_invoices() -> None:
    assert len(pull(Kind.PAYMENT, ("amount",), Since(NOW), [], [])[0]) == 2
    assert len(pull(Kind.INVOICE, ("number",), Since(NOW), [])[0]) == 1


def test_after_very_many_invoices_changed_every_line_is_read_again() -> None:
    changed = [
        {"id": n, "party": 9, "alternative_payees": [], **CHANGED, "move": n} for n in range(1000)
    ]
    requests, _ = pull(Kind.ADJUSTMENT, ("amount",), Since(NOW), changed, [])
    domain = called(requests[1])[1][0]
    assert not any("last_modified_at" in str(clause) for clause in domain)


# ---------------------------------------------------------------------------------------- balances


def test_an_idle_cycle_asks_three_things_about_balances() -> None:
    requests, page = pull(Kind.BALANCE, ("rows.currency",), Since(NOW), [], [], [])
    assert len(requests) == 3 and page.records == [] and page.next is None


def test_a_balance_keeps_what_is_owed_and_what_is_paid_ahead_apart() -> None:
    lines = [a_line(1, "100.00"), a_line(2, "-30.00")]
    bill = a_bill(7, "100.00", "100.00", lines[0])
    own = ("customer", "company_currency", "in_scope", "balance")
    paths = (*own, "rows.currency", "rows.receivable", "rows.prepaid", "rows.credits")
    _, page = pull(Kind.BALANCE, paths, All(), [{"id": 9}], lines, [bill])
    row = {"receivable": Decimal("100.00"), "prepaid": Decimal("30.00"), "credits": Decimal(0)}
    assert page.records[0].data == {
        "customer": 9,
        "company_currency": "EUR",
        "in_scope": True,
        "balance": Decimal("70.00"),
        "rows": [{"currency": "EUR", **row}],
    }


def test_a_customer_without_open_lines_has_a_balance_without_rows() -> None:
    answers: tuple[Any, ...] = ([{"id": 9}], [], [], [{"id": 1, "party": 9}])
    _, page = pull(Kind.BALANCE, ("in_scope", "rows.currency"), All(), *answers)
    assert page.records[0].data == {"in_scope": True, "rows": []}
