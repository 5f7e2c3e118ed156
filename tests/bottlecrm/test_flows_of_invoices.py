"""What the connector asks for about invoices and payments, and what it makes of answers; without a
server."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncd.errors import UnavailableError
from syncd.port import Op, Outcome, Write
from tests.flows import Answer, drive

from .flows import (
    ACCOUNT,
    CONTACT,
    CRM,
    INVOICE,
    PAYMENT,
    error_of,
    invoice,
    pushed,
    refused,
    write,
)

# ---------------------------------------------------------------------------------------- invoices

NEW = write(
    Op.CREATE,
    "invoice",
    title="РТ-000342",
    amount=Decimal("100.00"),
    currency="EUR",
    issue_date="2026-10-01",
    state="open",
)
MADE = Answer(201, {"invoice": invoice()})
SENT = Answer(200, {"error": False, "message": "Invoice sent successfully"})


def test_a_new_invoice_has_one_line_and_is_sent_without_any_mail_address() -> None:
    asked, outcomes = drive(CRM.push([NEW]), MADE, SENT)
    assert asked[0].json == {
        "invoice_title": "РТ-000342",
        "currency": "EUR",
        "issue_date": "2026-10-01",
        "account_id": ACCOUNT,
        "contact_id": CONTACT,
        "reminder_enabled": False,
        "line_items": [{"name": "РТ-000342", "quantity": 1, "unit_price": "100.00"}],
        "custom_fields": {"books_id": "K-1"},
    }
    assert (asked[1].path, asked[1].json) == (f"/api/invoices/{INVOICE}/send/", {})
    assert outcomes[0].seen == dict(NEW.fields)


def test_an_invoice_is_sent_even_where_the_mapping_does_not_write_its_state() -> None:
    fields = {path: value for path, value in NEW.fields.items() if path != "state"}
    stateless = Write(NEW.op, NEW.target, NEW.marker, None, NEW.parents, fields)
    asked, outcomes = drive(CRM.push([stateless]), MADE, SENT)
    assert asked[1].path.endswith("/send/")
    assert outcomes[0].seen == fields


def test_an_invoice_without_a_currency_is_refused_before_it_becomes_dollars() -> None:
    outcome = pushed(write(Op.CREATE, "invoice", title="1", amount=Decimal("1.00")))
    assert error_of(outcome).field == "currency"


def test_a_custom_field_that_was_dropped_is_seen_as_none() -> None:
    one = write(Op.UPDATE, "invoice", INVOICE, title="РТ-000342", cf_nobody_made="x")
    outcome = pushed(one, Answer(200, {"invoice": invoice(status="Sent")}))
    assert outcome.seen == {"title": "РТ-000342", "custom_fields.nobody_made": None}


def test_an_outage_at_the_send_leaves_the_flow_as_what_it_is() -> None:
    with pytest.raises(UnavailableError):
        drive(CRM.push([NEW]), MADE, UnavailableError("no answer"))


def test_a_refused_send_still_tells_which_invoice_exists() -> None:
    outcome = pushed(NEW, MADE, Answer(400, {"error": True, "message": "Cannot send it"}))
    assert outcome.remote_id == INVOICE
    assert outcome.seen is not None and outcome.seen["state"] == "draft"
    assert str(outcome.error) == "Cannot send it"


def test_a_draft_is_sent_when_it_is_wanted_open() -> None:
    one = write(Op.UPDATE, "invoice", INVOICE, state="open")
    asked, outcomes = drive(CRM.push([one]), Answer(200, {"invoice": invoice()}), SENT)
    assert [request.method for request in asked] == ["GET", "POST"]
    assert outcomes == [Outcome(INVOICE, {"state": "open"})]


@pytest.mark.parametrize("status", ["Sent", "Viewed", "Overdue", "Partially_Paid", "Paid"])
def test_what_is_open_already_is_not_sent_again(status: str) -> None:
    one = write(Op.UPDATE, "invoice", INVOICE, state="open")
    asked, outcomes = drive(CRM.push([one]), Answer(200, {"invoice": invoice(status=status)}))
    assert len(asked) == 1
    assert outcomes == [Outcome(INVOICE, {"state": "open"})]


def test_a_draft_with_a_client_email_is_never_sent() -> None:
    mailed = invoice(client_email="customer@example.com")
    outcome = pushed(
        write(Op.UPDATE, "invoice", INVOICE, state="open"), Answer(200, {"invoice": mailed})
    )
    assert "would mail the customer" in str(outcome.error)
    assert "customer@example.com" not in str(outcome.error)


def test_cancelling_answers_with_the_state_the_crm_shows() -> None:
    outcome = pushed(
        write(Op.UPDATE, "invoice", INVOICE, state="cancelled"),
        Answer(200, {"invoice": invoice(status="Sent")}),
        Answer(200, {"invoice": invoice(status="Cancelled")}),
    )
    assert outcome == Outcome(INVOICE, {"state": "cancelled"})


def test_a_paid_invoice_is_not_even_asked_to_be_cancelled() -> None:
    outcome = pushed(
        write(Op.UPDATE, "invoice", INVOICE, state="cancelled"),
        Answer(200, {"invoice": invoice(status="Paid")}),
    )
    assert error_of(outcome).field == "state"
    assert outcome.seen == {"state": "open"}


def test_a_cancelled_invoice_cannot_be_opened_again() -> None:
    outcome = pushed(
        write(Op.UPDATE, "invoice", INVOICE, state="open"),
        Answer(200, {"invoice": invoice(status="Cancelled")}),
    )
    assert error_of(outcome).field == "state"
    assert outcome.seen == {"state": "cancelled"}


def test_an_invoice_cannot_be_removed() -> None:
    assert "only cancel it" in str(pushed(write(Op.REMOVE, "invoice", INVOICE)).error)


# ---------------------------------------------------------------------------------------- payments


def test_a_payment_is_by_bank_unless_mapped_and_answers_its_values() -> None:
    one = write(Op.CREATE, "payment", amount=Decimal("400.00"), payment_date="2026-10-20")
    record = {
        "id": PAYMENT,
        "amount": "400.00",
        "payment_date": "2026-10-20",
        "payment_method": "BANK_TRANSFER",
        "reference_number": "K-1",
        "notes": "",
    }
    asked, outcomes = drive(CRM.push([one]), Answer(201, {"payment": record}))
    assert asked[0].path == f"/api/invoices/{INVOICE}/payments/"
    assert asked[0].json == {
        "payment_method": "BANK_TRANSFER",
        "amount": "400.00",
        "payment_date": "2026-10-20",
        "reference_number": "K-1",
    }
    assert outcomes[0].seen == {"amount": Decimal("400.00"), "payment_date": "2026-10-20"}


def test_more_than_the_amount_due_names_both_figures() -> None:
    outcome = pushed(
        write(Op.CREATE, "payment", amount=Decimal("400.00")),
        refused(amount=["Payment amount exceeds the amount due (399.99)."]),
    )
    assert "400.00" in str(outcome.error)
    assert "399.99" in str(outcome.error)
    assert error_of(outcome).field == "amount"


def test_a_payment_cannot_be_changed() -> None:
    outcome = pushed(write(Op.UPDATE, "payment", PAYMENT, amount=Decimal("1.00")))
    assert "another" in str(outcome.error)


def test_removing_a_payment_needs_its_invoice_and_may_find_it_gone() -> None:
    for answer in (Answer(200, {"error": False}), Answer(404, {"message": "Payment not found"})):
        asked, outcomes = drive(CRM.push([write(Op.REMOVE, "payment", PAYMENT)]), answer)
        assert asked[0].method == "DELETE"
        assert asked[0].path == f"/api/invoices/{INVOICE}/payments/{PAYMENT}/"
        assert outcomes == [Outcome(PAYMENT)]
