"""How an object is looked for, and custom fields: what is asked, and what is made of answers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.bottlecrm import BottleCRM
from syncd.errors import (
    ConfigError,
    ProtocolError,
)
from syncd.port import FieldDef
from tests.flows import Answer, drive

from .flows import ACCOUNT, CONTACT, INVOICE, PAYMENT, invoice

CRM = BottleCRM({})
HTML = b"<!doctype html><html><body><h1>Not Found</h1></body></html>"


# ------------------------------------------------------------------------------------------ finding


def accounts(
    *active: dict[str, object], inactive: tuple[dict[str, object], ...] = (), more: int = 0
) -> Answer:
    return Answer(
        200,
        {
            "active_accounts": {
                "open_accounts": active, "open_accounts_count": len(active) + more,
            },
            "closed_accounts": {
                "close_accounts": inactive, "close_accounts_count": len(inactive),
            },
        },
    )  # fmt: skip


def account(name: str, marker: str | None = None, remote_id: str = ACCOUNT) -> dict[str, object]:
    return {"id": remote_id, "name": name, "custom_fields": {"books_id": marker} if marker else {}}


def test_a_marker_is_looked_for_among_inactive_accounts_too() -> None:
    flow = CRM.find("account", {"marker": "K-1"}, {})
    asked, found = drive(flow, accounts(inactive=(account("Acme", "K-1"),)))
    assert asked[0].query["cf_books_id"] == "K-1"
    assert [each.remote_id for each in found] == [ACCOUNT]


def test_a_name_is_compared_whole_and_without_case_over_all_pages() -> None:
    first = accounts(account("ООО РОМАШКА-ОПТ"), more=250)
    second = accounts(account("ООО РОМАШКА", remote_id=CONTACT))
    asked, found = drive(CRM.find("account", {"name": "ООО Ромашка "}, {}), first, second)
    assert [request.query["offset"] for request in asked] == ["0", "250"]
    assert [each.remote_id for each in found] == [CONTACT]


def test_a_name_that_differs_in_final_sigma_is_the_same_to_the_server() -> None:
    flow = CRM.find("account", {"name": " ΟΔΟΣ ΑΕ "}, {})
    asked, found = drive(flow, accounts(account("οδοσ αε")))
    assert asked[0].query["name"] == "ΟΔΟΣ ΑΕ"
    assert len(found) == 1


def test_an_empty_value_finds_nothing_instead_of_everything() -> None:
    for by in ({"marker": ""}, {"name": ""}, {"id": ""}):
        assert drive(CRM.find("account", by, {})) == ([], [])


def test_values_come_back_in_the_forms_a_mapping_writes() -> None:
    record = {
        "id": ACCOUNT, "name": "Acme", "email": "", "is_active": True,
        "custom_fields": {"receivable": 1234.5, "books_id": "K-1"},
    }  # fmt: skip
    _, found = drive(CRM.find("account", {"id": ACCOUNT}, {}), Answer(200, {"account_obj": record}))
    fields = found[0].fields
    assert fields["custom_fields.receivable"] == Decimal("1234.50")
    assert (fields["email"], fields["is_active"], fields.get("custom_fields.line")) == (
        None, True, None,
    )  # fmt: skip


def test_an_invoice_found_by_its_marker_is_read_singly_because_lists_lack_custom_fields() -> None:
    listed = {key: value for key, value in invoice().items() if key != "custom_fields"}
    asked, found = drive(
        CRM.find("invoice", {"marker": "K-1"}, {}),
        Answer(200, {"results": [listed], "count": 1}),
        Answer(200, {"invoice": invoice()}),
    )
    assert asked[0].query["cf_books_id"] == "K-1"
    assert asked[1].path == f"/api/invoices/{INVOICE}/"
    assert (found[0].marker, found[0].fields["state"]) == ("K-1", "draft")
    assert found[0].fields["amount"] == Decimal("100.00")


def test_a_payment_is_found_under_its_invoice_by_its_whole_reference() -> None:
    rows = [
        {"id": PAYMENT, "amount": "1.00", "reference_number": "K-1"},
        {"id": ACCOUNT, "amount": "1.00", "reference_number": "K-10"},
    ]
    flow = CRM.find("payment", {"marker": "K-1"}, {"invoice": INVOICE})
    _, found = drive(flow, Answer(200, rows))
    assert [each.remote_id for each in found] == [PAYMENT]


@pytest.mark.parametrize("target", ["account", "contact", "invoice", "payment", "note"])
def test_an_id_that_is_gone_finds_nothing(target: str) -> None:
    flow = CRM.find(target, {"id": PAYMENT}, {"invoice": INVOICE, "account": ACCOUNT})
    assert drive(flow, Answer(404, HTML))[1] == []


def test_an_email_is_compared_whole_and_without_case_over_all_pages() -> None:
    other = account("Acme", remote_id=CONTACT) | {"email": "an@acme.example"}
    first = accounts(other, account("No mail"), more=250)
    second = accounts(account("Acme 2") | {"email": "Jan@Acme.example"})
    asked, found = drive(CRM.find("account", {"email": " jan@acme.EXAMPLE"}, {}), first, second)
    assert [sorted(request.query) for request in asked] == [["limit", "offset"]] * 2
    assert [each.remote_id for each in found] == [ACCOUNT]


def test_an_account_is_found_by_any_custom_field_exactly() -> None:
    row = account("Acme") | {"custom_fields": {"vat": "ATU1"}}
    other = account("Acme 2", remote_id=CONTACT) | {"custom_fields": {"vat": "ATU12"}}
    flow = CRM.find("account", {"custom_fields.vat": "ATU1"}, {})
    asked, found = drive(flow, accounts(row, other))
    assert asked[0].query["cf_vat"] == "ATU1"
    assert [each.fields["custom_fields.vat"] for each in found] == ["ATU1"]


def test_an_account_cannot_be_looked_for_by_what_has_no_filter() -> None:
    with pytest.raises(ProtocolError, match="by phone"):
        drive(CRM.find("account", {"phone": "+43"}, {}))


def test_a_survey_goes_on_until_the_longer_of_both_lists_is_through() -> None:
    page = accounts(account("Acme", "K-1"), more=300)
    _, first = drive(CRM.survey("account", None), page)
    assert (first.next, first.found[0].marker) == ("250", "K-1")
    _, last = drive(CRM.survey("account", "250"), page)
    assert last.next is None
    _, exact = drive(CRM.survey("account", None), accounts(account("Acme"), more=249))
    assert exact.next is None


# ------------------------------------------------------------------------------------ custom fields

BOOKS_ID = FieldDef("account", "custom_fields.books_id", "text", "Books key")
LINE = FieldDef("account", "custom_fields.line", "long_text", "In short")


def definitions(*rows: tuple[str, str], active: bool = True) -> Answer:
    listed = [
        {"id": CONTACT, "target_model": "Account", "key": key, "field_type": kind,
         "is_active": active}
        for key, kind in rows
    ]  # fmt: skip
    return Answer(200, {"definitions": listed})


def test_setup_only_tells_what_is_missing_unless_it_may_write() -> None:
    asked, missing = drive(CRM.setup([BOOKS_ID, LINE], False), definitions(("books_id", "text")))
    assert missing == [LINE]
    assert not any(request.write for request in asked)


def test_setup_makes_what_is_missing_and_looks_again() -> None:
    asked, missing = drive(
        CRM.setup([BOOKS_ID], True),
        definitions(),
        Answer(201, {}),
        definitions(("books_id", "text")),
    )
    assert asked[1].json == {
        "target_model": "Account",
        "key": "books_id",
        "label": "Books key",
        "field_type": "text",
        "is_filterable": True,
    }
    assert missing == [BOOKS_ID]


def test_a_field_that_does_not_show_after_it_was_made_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="does not show them"):
        drive(CRM.setup([BOOKS_ID], True), definitions(), Answer(201, {}), definitions())


def test_a_field_that_was_switched_off_is_missing_and_is_switched_on() -> None:
    off = definitions(("books_id", "text"), active=False)
    assert drive(CRM.setup([BOOKS_ID], False), off)[1] == [BOOKS_ID]
    asked, _ = drive(
        CRM.setup([BOOKS_ID], True), off, Answer(200, {}), definitions(("books_id", "text"))
    )
    assert (asked[1].method, asked[1].json) == ("PUT", {"is_active": True})


def test_fields_of_another_type_are_all_named_at_once() -> None:
    owed = FieldDef("account", "custom_fields.receivable", "number", "Owes")
    with pytest.raises(ConfigError) as caught:
        drive(
            CRM.setup([BOOKS_ID, owed], True),
            definitions(("books_id", "date"), ("receivable", "text")),
        )
    assert len(caught.value.problems) == 2


def test_long_and_short_text_serve_each_other() -> None:
    there = definitions(("books_id", "textarea"), ("line", "text"))
    assert drive(CRM.setup([BOOKS_ID, LINE], False), there)[1] == []
