"""What the connector asks for, and what it makes of answers; without a server."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from syncd.errors import (
    AccessError,
    DoubtError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
)
from syncd.port import Op, Outcome
from tests.flows import Answer, drive

from .flows import (
    ACCOUNT,
    CONTACT,
    CRM,
    INVOICE,
    NOTE,
    PAYMENT,
    comment,
    error_of,
    pushed,
    refused,
    write,
)

HTML = b"<!doctype html><html><body><h1>Not Found</h1></body></html>"


# ------------------------------------------------------------------------------ token and company


def test_the_token_goes_into_every_request_as_bearer() -> None:
    asked, headers = drive(CRM.authenticate({"token": " bcrm_pat_x\n"}))
    assert (asked, headers) == ([], {"Authorization": "Bearer bcrm_pat_x"})


def test_a_connection_without_a_token_says_so() -> None:
    with pytest.raises(AccessError, match="no secret `token`"):
        drive(CRM.authenticate({}))


def test_identity_is_the_organisation_of_the_token() -> None:
    asked, who = drive(CRM.identity(), Answer(200, {"id": ACCOUNT, "name": "ООО Пример"}))
    assert [request.path for request in asked] == ["/api/org/settings/"]
    assert (who.id, who.label) == (ACCOUNT, "ООО Пример")


@pytest.mark.parametrize(
    "detail",
    [
        "Invalid token",
        "Organization context is required. Please login again.",
        "This token is not scoped for read access to org. It needs the org:read scope.",
    ],
)
def test_403_is_about_the_token_and_repeats_what_the_crm_says(detail: str) -> None:
    with pytest.raises(AccessError) as caught:
        drive(CRM.identity(), Answer(403, {"detail": detail}))
    assert str(caught.value) == f"BottleCRM refused the token: {detail}"


def test_a_module_that_is_switched_off_is_not_a_missing_record() -> None:
    off = {"detail": "Invoices is switched off for this organization.", "code": "module_off"}
    with pytest.raises(AccessError, match="Invoices is switched off"):
        drive(CRM.survey("invoice", None), Answer(404, off))


def test_what_a_token_may_not_read_is_seen_by_asking_for_one_row() -> None:
    scoped = Answer(403, {"detail": "This token is not scoped for read access to contacts."})
    accounts = {
        "active_accounts": {"open_accounts_count": 3},
        "closed_accounts": {"close_accounts_count": 1},
    }
    definition = {"key": "erp_id", "label": "Код 1С", "records_missing_value": 1}
    asked, found = drive(
        CRM.discover([], dt.date(2026, 11, 1)),
        Answer(200, {"name": "ООО Пример", "default_currency": "EUR", "timezone": "Asia/Tokyo"}),
        Answer(200, accounts),
        scoped,
        Answer(200, {"results": []}),
        scoped,
        scoped,
        Answer(200, {"definitions": [definition]}),
    )
    assert not any(request.write or request.method != "GET" for request in asked)
    assert {right.what: right.allowed for right in found.rights if right.op == "read"} == {
        "accounts": True,
        "contacts": False,
        "invoices": True,
        "opportunities": False,
        "everybody's accounts": None,
    }
    assert {right.allowed for right in found.rights if right.op == "write"} == {None}
    assert (found.customers, found.zone, found.stages) == (4, "Asia/Tokyo", ())
    assert [(one.path, one.filled) for one in found.fields] == [("custom_fields.erp_id", 3)]


# ---------------------------------------------------------------------------------------- accounts


def test_a_new_account_sends_what_has_a_value_and_claims_nothing_was_stored() -> None:
    one = write(Op.CREATE, "account", name="山田商事", email=None, cf_receivable=Decimal("0.10"))
    asked, outcomes = drive(CRM.push([one]), Answer(200, {"error": False, "id": ACCOUNT}))
    (request,) = asked
    assert (request.method, request.path, request.write) == ("POST", "/api/accounts/", True)
    assert request.json == {
        "name": "山田商事",
        "custom_fields": {"receivable": Decimal("0.10"), "books_id": "K-1"},
    }
    assert outcomes == [Outcome(ACCOUNT, None, None)]


def test_an_update_sends_null_for_what_is_empty_now() -> None:
    one = write(Op.UPDATE, "account", ACCOUNT, phone=None, cf_line=None)
    asked, _ = drive(CRM.push([one]), Answer(200, {"error": False}))
    assert asked[0].method == "PATCH"
    assert asked[0].json == {"phone": None, "custom_fields": {"line": None}}


def test_a_taken_name_names_the_field() -> None:
    clash = refused(name=["Account already exists with this name"])
    error = error_of(pushed(write(Op.CREATE, "account", name="ООО Ромашка"), clash))
    assert isinstance(error, DuplicateError)
    assert error.field == "name"


def test_another_spelling_of_its_own_name_goes_through_a_name_in_between() -> None:
    one = write(Op.UPDATE, "account", ACCOUNT, name="Acme", phone="+4312345678")
    asked, outcomes = drive(
        CRM.push([one]),
        refused(name=["Account already exists with this name"]),
        Answer(200, {"account_obj": {"id": ACCOUNT, "name": "ACME"}}),
        Answer(200, {"error": False}),
        Answer(200, {"error": False}),
    )
    assert [request.method for request in asked] == ["PATCH", "GET", "PATCH", "PATCH"]
    assert asked[2].json == {"name": f"Acme ({ACCOUNT})", "phone": "+4312345678"}
    assert asked[3].json == {"name": "Acme"}
    assert outcomes[0].error is None


def test_the_name_of_another_account_is_still_refused_on_update() -> None:
    outcome = pushed(
        write(Op.UPDATE, "account", ACCOUNT, name="Acme"),
        refused(name=["Account already exists with this name"]),
        Answer(200, {"account_obj": {"id": ACCOUNT, "name": "Other"}}),
    )
    assert isinstance(outcome.error, DuplicateError)
    assert outcome.remote_id == ACCOUNT


def test_a_contact_without_a_first_name_gets_a_placeholder_and_its_account() -> None:
    one = write(Op.CREATE, "contact", last_name="ООО Ромашка")
    asked, _ = drive(CRM.push([one]), Answer(200, {"id": CONTACT}))
    assert asked[0].json == {
        "first_name": "-",
        "last_name": "ООО Ромашка",
        "account": ACCOUNT,
        "custom_fields": {"books_id": "K-1"},
    }


# ------------------------------------------------------------------------------------------- notes


def test_a_new_note_is_told_from_all_others_by_its_marker() -> None:
    rows = [
        comment(PAYMENT, "Owes much [syncd K-1]", 8),  # an earlier try that nobody knew of
        comment(NOTE, "Owes much [syncd K-1]", 9),
        comment(CONTACT, "Owes much [syncd K-12]", 10),
        comment(INVOICE, "Owes much", 11),
    ]
    one = write(Op.CREATE, "note", text="Owes much")
    asked, outcomes = drive(CRM.push([one]), Answer(200, {"comments": rows}))
    assert asked[0].path == f"/api/accounts/{ACCOUNT}/"
    assert asked[0].json == {"comment": "Owes much [syncd K-1]"}
    assert outcomes == [Outcome(NOTE, {"text": "Owes much"})]


def test_a_note_that_was_taken_and_is_not_shown_is_in_doubt() -> None:
    with pytest.raises(DoubtError, match="does not show it"):
        pushed(write(Op.CREATE, "note", text="x"), Answer(200, {"comments": []}))


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_a_note_without_a_text_is_not_even_sent(text: str | None) -> None:
    asked, outcomes = drive(CRM.push([write(Op.CREATE, "note", text=text)]))
    assert asked == []
    assert error_of(outcomes[0]).field == "text"


def test_a_text_that_is_too_long_is_cut_and_never_its_marker() -> None:
    one = write(Op.UPDATE, "note", NOTE, text="я" * 20_000)
    asked, _ = drive(CRM.push([one]), Answer(200, {"error": False}))
    body = asked[0].json
    assert isinstance(body, dict)
    assert len(body["comment"]) == 10_000
    assert body["comment"].endswith("яя [syncd K-1]")


@pytest.mark.parametrize(
    ("comment", "text", "marker"),
    [
        ("Paid [syncd K-1]", "Paid", "K-1"),
        ("Paid  [syncd CN-2026/0004 а]", "Paid ", "CN-2026/0004 а"),
        ("Two\nlines [syncd 7] [syncd 8]", "Two\nlines [syncd 7]", "8"),
        ("Ends [in this] [syncd a]b]", "Ends [in this]", "a]b"),
        ("Paid [syncd K-1] and more", "Paid [syncd K-1] and more", None),
        ("By hand [7]", "By hand [7]", None),
    ],
)
def test_the_marker_is_no_part_of_the_text(comment: str, text: str, marker: str | None) -> None:
    row = {"id": NOTE, "comment": comment}
    flow = CRM.find("note", {"id": NOTE}, {"account": ACCOUNT})
    _, (found,) = drive(flow, Answer(200, {"comments": [row]}))
    assert (found.marker, found.fields) == (marker, {"text": text})


# ---------------------------------------------------------------------------------- refused answers


@pytest.mark.parametrize(
    ("answer", "text", "field"),
    [
        (refused(currency=['"RUB" is not a valid choice.']),
         'currency: "RUB" is not a valid choice.', "currency"),
        (refused(custom_fields={"receivable": "must be a number"}),
         "custom_fields.receivable: must be a number", "custom_fields.receivable"),
        (refused(invoice_title=["Too long."], line_items=[{"unit_price": ["Too many digits."]}]),
         "title: Too long.; amount: Too many digits.", "title"),
        (refused(non_field_errors=["Cannot record a payment against a cancelled invoice."]),
         "Cannot record a payment against a cancelled invoice.", None),
        (Answer(409, {"error": True, "errors": "This account can't be deleted."}),
         "This account can't be deleted.", None),
        (Answer(400, {"detail": "JSON parse error"}), "JSON parse error", None),
        (Answer(405, HTML), "HTTP 405", None),
    ],
)  # fmt: skip
def test_every_shape_of_a_refusal_becomes_one_sentence(
    answer: Answer, text: str, field: str | None
) -> None:
    error = error_of(pushed(write(Op.CREATE, "account", name="x"), answer))
    assert (str(error), error.field) == (text, field)


@pytest.mark.parametrize(
    "answer",
    [Answer(404, HTML), Answer(404, {"detail": "No Account matches the given query."})],
)
def test_an_update_of_what_is_gone_is_not_found(answer: Answer) -> None:
    outcome = pushed(write(Op.UPDATE, "account", ACCOUNT, name="x"), answer)
    assert isinstance(outcome.error, NotFoundError)
    assert outcome.remote_id == ACCOUNT


def test_what_cannot_be_an_id_is_not_even_asked_for() -> None:
    outcome = pushed(write(Op.UPDATE, "account", "../org/settings", name="x"))
    assert isinstance(outcome.error, NotFoundError)


def test_a_write_whose_good_answer_is_no_json_is_in_doubt() -> None:
    with pytest.raises(DoubtError):
        pushed(write(Op.CREATE, "account", name="x"), Answer(200, HTML))
    with pytest.raises(ProtocolError):
        drive(CRM.identity(), Answer(200, HTML))


def test_a_refusal_of_one_record_is_not_taken_for_one_of_the_token() -> None:
    said = {"error": True, "errors": "You don't have permission to edit this Comment"}
    outcome = pushed(write(Op.UPDATE, "note", NOTE, text="x"), Answer(403, said))
    assert str(outcome.error) == said["errors"]


def test_an_answer_nobody_documented_is_not_taken_for_anything() -> None:
    with pytest.raises(ProtocolError, match="HTTP 418 to GET"):
        drive(CRM.identity(), Answer(418, HTML))


def test_one_refused_record_leaves_the_others() -> None:
    batch = [write(Op.CREATE, "account", name=name) for name in ("a", "b")]
    _, outcomes = drive(
        CRM.push(batch), refused(name=["May not be blank."]), Answer(200, {"id": ACCOUNT})
    )
    assert [outcome.remote_id for outcome in outcomes] == [None, ACCOUNT]
