"""Invoices and payments in a real BottleCRM: what the flows rest on, seen."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from connectors.bottlecrm import BottleCRM
from syncd.errors import RejectedError
from syncd.port import Op
from tests.world.crm import Crm

from .card import Card

# ---------------------------------------------------------------------------------------- invoices


def test_a_new_invoice_counts_as_overdue_and_carries_no_mail_address(
    crm: Crm, customer: Card
) -> None:
    outcome = customer.bill()
    assert outcome.seen is not None
    assert outcome.seen["amount"] == Decimal("1234.56")
    assert outcome.seen["state"] == "open"
    assert not any("client_email" in str(request.json) for request in customer.sent)
    invoice = crm.get(f"/api/invoices/{outcome.remote_id}/")["invoice"]
    assert (invoice["status"], invoice["client_email"]) == ("Sent", "")
    card = crm.card(customer.ids["account"])["account_obj"]
    assert card["rollups"]["overdue_amount"] == "1234.56"


def test_what_the_answer_says_is_what_reading_back_says(customer: Card) -> None:
    outcome = customer.bill(custom_fields__nobody_made="x")
    read = customer.seen("invoice").fields
    assert outcome.seen == {path: read.get(path) for path in outcome.seen or {}}
    assert outcome.seen is not None and outcome.seen["custom_fields.nobody_made"] is None


def test_an_invoice_is_found_by_marker_and_its_title_can_change(customer: Card) -> None:
    customer.bill()
    marker = str(customer.seen("invoice").marker)
    customer.write(Op.UPDATE, "invoice", title="請求書 7", due_date="2026-11-30")
    (found,) = customer.find("invoice", marker=marker)
    assert (found.fields["title"], found.fields["due_date"]) == ("請求書 7", "2026-11-30")


def test_a_draft_is_seen_as_one_and_sent_when_wanted_open(crm: Crm, customer: Card) -> None:
    people = {"account_id": customer.ids["account"], "contact_id": customer.ids["contact"]}
    left_behind = crm.post("/api/invoices/", {"invoice_title": "РТ-1", **people})["invoice"]
    customer.ids["invoice"] = left_behind["id"]
    assert customer.seen("invoice").fields["state"] == "draft"
    assert customer.write(Op.UPDATE, "invoice", state="open").seen == {"state": "open"}
    assert customer.seen("invoice").fields["state"] == "open"


def test_amount_and_currency_are_fixed_once_sent(customer: Card) -> None:
    customer.bill()
    for fields in ({"amount": Decimal("1.00")}, {"currency": "USD"}):
        error = customer.write(Op.UPDATE, "invoice", **fields).error
        assert error is not None and error.field in fields
        assert "only be changed while it is a Draft" in str(error)


@pytest.mark.parametrize("currency", ["RUB", "CZK"])
def test_a_currency_outside_the_list_is_refused(customer: Card, currency: str) -> None:
    assert currency not in (BottleCRM.facts.currencies or ())
    error = customer.bill(currency=currency).error
    assert error is not None and error.field == "currency"


def test_the_declared_currencies_are_the_crms_own(crm: Crm, customer: Card) -> None:
    assert BottleCRM.facts.currencies == crm.currencies()
    assert customer.bill("5000.00", currency="JPY").error is None


def test_limits_are_refusals_that_name_the_field(customer: Card) -> None:
    assert customer.bill("9999999999.99").error is None
    too_long = customer.bill(title="я" * 101).error
    too_much = customer.bill("10000000000.00").error
    too_fine = customer.bill("1.001").error
    fields = [error.field for error in (too_long, too_much, too_fine) if error]
    assert fields == ["title", "amount", "amount"]


def test_without_a_due_date_the_crm_invents_one(customer: Card) -> None:
    customer.bill(due_date=None)
    assert customer.seen("invoice").fields["due_date"] == "2026-10-31"


# ---------------------------------------------------------------------------- payments, cancelling


def test_a_payment_is_made_found_and_removed(customer: Card) -> None:
    customer.bill("1000.00")
    marker = uuid.uuid4().hex
    outcome = customer.pay("400.00", marker)
    assert outcome.seen == {"amount": Decimal("400.00"), "payment_date": "2026-10-20"}
    (found,) = customer.find("payment", marker=marker)
    assert (found.remote_id, found.marker) == (outcome.remote_id, marker)
    assert customer.find("payment", marker=marker[:8]) == []
    for _ in range(2):  # what is gone already needs no removing
        assert customer.write(Op.REMOVE, "payment").error is None
    assert customer.find("payment", id=str(outcome.remote_id)) == []
    assert customer.seen("invoice").fields["state"] == "open"


def test_more_than_what_is_due_is_refused_with_both_figures(customer: Card) -> None:
    customer.bill("1000.00")
    customer.pay("999.99")
    error = customer.pay("0.02").error
    assert error is not None and error.field == "amount"
    assert "0.02" in str(error) and "0.01" in str(error)
    assert customer.pay("0.01").error is None


def test_the_same_reference_twice_is_two_payments_so_it_is_looked_for_first(customer: Card) -> None:
    customer.bill("1000.00")
    marker = uuid.uuid4().hex
    made = {customer.pay("10.00", marker).remote_id for _ in range(2)}
    assert {found.remote_id for found in customer.find("payment", marker=marker)} == made
    assert len(made) == 2


def test_a_paid_invoice_is_cancelled_after_its_payments_went(customer: Card) -> None:
    customer.bill("100.00")
    customer.pay("100.00")
    outcome = customer.write(Op.UPDATE, "invoice", state="cancelled")
    assert outcome.error is not None and "after its payments" in str(outcome.error)
    assert outcome.seen == {"state": "open"}
    customer.write(Op.REMOVE, "payment")
    outcome = customer.write(Op.UPDATE, "invoice", state="cancelled")
    assert (outcome.error, outcome.seen) == (None, {"state": "cancelled"})
    assert customer.seen("invoice").fields["state"] == "cancelled"


def test_one_paid_in_part_is_cancelled_at_once_and_lets_its_payment_go_later(
    customer: Card,
) -> None:
    customer.bill("100.00")
    customer.pay("40.00")
    assert customer.write(Op.UPDATE, "invoice", state="cancelled").error is None
    assert customer.write(Op.REMOVE, "payment").error is None
    assert customer.find("payment", id=customer.ids["payment"]) == []
    assert customer.seen("invoice").fields["state"] == "cancelled"


def test_a_cancelled_invoice_takes_no_payment_and_opens_never_again(customer: Card) -> None:
    customer.bill("100.00")
    customer.write(Op.UPDATE, "invoice", state="cancelled")
    assert "cancelled invoice" in str(customer.pay("1.00").error)
    assert "open a cancelled invoice" in str(
        customer.write(Op.UPDATE, "invoice", state="open").error
    )


def test_an_account_with_invoices_stays(customer: Card) -> None:
    customer.bill()
    assert isinstance(customer.write(Op.REMOVE, "account").error, RejectedError)
    assert customer.seen("account").remote_id == customer.ids["account"]
