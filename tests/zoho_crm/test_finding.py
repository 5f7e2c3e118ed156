"""Looking up by id, key and name, and the list of all."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from connectors.zoho_crm import ZohoCrm
from syncd.errors import RejectedError
from tests.flows import Answer, drive

from .flows import ACCOUNT, NOTHING, ORDER, OTHER, query_of, refused, rows

CRM = ZohoCrm({})
CARD = {
    "id": ACCOUNT,
    "Account_Name": "Acme",
    "Phone": "",
    "ERP_ID": "K-1",
    "Receivable_Balance": 48200,
    "Overdue_Balance": 0.5,
    "Parent_Account": {"id": OTHER, "name": "Holding"},
    "Tag": [],
    "Locked__s": False,
    "$approval_state": "approved",
}


def test_by_id_it_has_every_field_under_the_path_that_is_written() -> None:
    [asked], [found] = drive(CRM.find("Accounts", {"id": ACCOUNT}, {}), rows(CARD))
    assert (asked.method, asked.path) == ("GET", f"/crm/v8/Accounts/{ACCOUNT}")
    assert (found.remote_id, found.marker) == (ACCOUNT, "K-1")
    assert found.fields == {
        "Account_Name": "Acme",
        "Phone": None,
        "custom_fields.ERP_ID": "K-1",
        "custom_fields.Receivable_Balance": Decimal(48200),
        "custom_fields.Overdue_Balance": Decimal("0.5"),
        "custom_fields.Parent_Account": OTHER,
        "custom_fields.Locked__s": False,
    }


def test_by_id_it_says_who_changed_it_last_and_when() -> None:
    told = {
        "Modified_By": {"name": "Анна", "id": "9"},
        "Modified_Time": "2026-11-18T15:00:00+03:00",
    }
    _, [found] = drive(CRM.find("Accounts", {"id": ACCOUNT}, {}), rows({**CARD, **told}))
    assert (found.by, found.at) == ("Анна", dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC))
    _, [silent] = drive(CRM.find("Accounts", {"id": ACCOUNT}, {}), rows(CARD))
    assert (silent.by, silent.at) == (None, None)


def test_what_is_gone_is_nothing() -> None:
    gone = refused("INVALID_DATA", "the id given seems to be invalid", resource_path_index=0)
    for answer in (NOTHING, gone):
        assert drive(CRM.find("ERP_Orders", {"id": ORDER}, {}), answer)[1] == []
    assert drive(CRM.find("ERP_Orders", {"id": "no id"}, {}))[1] == []
    assert drive(CRM.find("ERP_Orders", {"marker": ""}, {}))[1] == []


def test_an_account_is_found_by_the_e_mail_of_a_contact() -> None:
    persons = rows(
        {"id": "3", "Account_Name": {"id": ACCOUNT}}, {"id": "4", "Account_Name": {"id": ACCOUNT}}
    )
    account = rows({"id": ACCOUNT, "Account_Name": "鈴木商店"})
    flow = CRM.find("Accounts", {"email": "O'Brien@example.org"}, {})
    asked, found = drive(flow, persons, account)
    assert query_of(asked[0]) == (
        "select id, Account_Name from Contacts where (Email = 'O''Brien@example.org' and "
        "Account_Name is not null) order by id asc limit 200"
    )
    assert [one.remote_id for one in found] == [ACCOUNT]


def test_a_field_that_is_not_made_yet_holds_nothing_and_another_refusal_is_one() -> None:
    unknown = refused("INVALID_QUERY", "column given seems to be invalid")
    name = {"api_name": "Account_Name", "data_type": "text", "custom_field": False}
    key = {"api_name": "ERP_ID", "data_type": "text", "custom_field": True}
    lookup = {"marker": "K-1"}
    without, there = (Answer(200, {"fields": known}) for known in ([name], [name, key]))
    assert drive(CRM.find("Accounts", lookup, {}), unknown, without)[1] == []
    no_module = refused("INVALID_MODULE")
    assert drive(CRM.find("ERP_Orders", lookup, {}), unknown, no_module)[1] == []
    with pytest.raises(RejectedError):
        drive(CRM.find("Accounts", lookup, {}), unknown, there)


def test_a_key_is_exact_also_where_zoho_is_not() -> None:
    flow = CRM.find("ERP_Orders", {"marker": "K-1"}, {})
    listed = rows({"id": ORDER}, {"id": OTHER})
    asked, found = drive(
        flow, listed, rows({"id": ORDER, "ERP_ID": "k-1"}), rows({"id": OTHER, "ERP_ID": "K-1"})
    )
    assert query_of(asked[0]) == (
        "select id from ERP_Orders where ERP_ID = 'K-1' order by id asc limit 200"
    )
    assert [one.remote_id for one in found] == [OTHER]


def test_another_field_may_hold_the_key_of_the_books() -> None:
    crm = ZohoCrm({"id_field": "Kod_1S"})
    [asked], found = drive(crm.find("Accounts", {"marker": "K'1"}, {}), NOTHING)
    assert "where Kod_1S = 'K''1' order" in query_of(asked)
    assert found == []


def test_a_name_is_the_same_in_another_spelling() -> None:
    flow = CRM.find("Accounts", {"Account_Name": " ACME "}, {})
    asked, found = drive(flow, rows({"id": ACCOUNT}), rows(CARD))
    assert "where Account_Name = 'ACME' order" in query_of(asked[0])
    assert [one.remote_id for one in found] == [ACCOUNT]


def field(name: str, kind: str = "text", custom: bool = True) -> dict[str, object]:
    return {"api_name": name, "data_type": kind, "custom_field": custom}


def test_a_survey_asks_for_what_can_be_written_the_key_first() -> None:
    known = [
        field("Account_Name", custom=False),
        field("Rating", "picklist", custom=False),
        field("Tax_ID"),
        field("Score", "formula"),
        field("ERP_ID"),
    ]
    asked, page = drive(
        CRM.survey("Accounts", "9"),
        Answer(200, {"fields": known}),
        rows({"id": ACCOUNT, "Account_Name": "Acme", "Tax_ID": None, "ERP_ID": "K-1"}),
    )
    assert query_of(asked[1]) == (
        "select id, ERP_ID, Account_Name, Tax_ID from Accounts where id > '9' "
        "order by id asc limit 1000"
    )
    [found] = page.found
    assert (found.marker, found.fields["Account_Name"], page.next) == ("K-1", "Acme", None)


def test_a_module_that_is_not_made_yet_has_no_records() -> None:
    _, page = drive(CRM.survey("ERP_Orders", None), refused("INVALID_MODULE"))
    assert (list(page.found), page.next) == ([], None)


def test_more_fields_than_one_answer_holds_are_asked_for_in_two() -> None:
    known = Answer(200, {"fields": [field(f"F{n:02}") for n in range(60)]})
    first = rows({"id": "1", "F00": "a"}, {"id": "2", "F00": "b"})
    second = rows({"id": "2", "F59": "c"}, {"id": "3", "F59": "d"})
    asked, page = drive(CRM.survey("ERP_Orders", None), known, first, second)
    assert len(asked) == 3
    assert [one.remote_id for one in page.found] == ["1", "2"]
    assert page.found[1].fields == {"custom_fields.F00": "b", "custom_fields.F59": "c"}


def test_texts_of_several_lines_are_asked_for_in_a_list_by_the_ids_of_the_page() -> None:
    known = Answer(200, {"fields": [field("ERP_ID"), field("ERP_Line", "textarea")]})
    first = rows({"id": "1", "ERP_ID": "K-1"}, {"id": "2", "ERP_ID": None})
    asked, page = drive(
        CRM.survey("Contacts", None), known, first, rows({"id": "2", "ERP_Line": "Owes\nnothing"})
    )
    assert (asked[2].method, asked[2].path) == ("GET", "/crm/v8/Contacts")
    assert asked[2].query == {"fields": "id,ERP_Line", "ids": "1,2"}
    assert [one.fields.get("custom_fields.ERP_Line") for one in page.found] == [
        None, "Owes\nnothing",
    ]  # fmt: skip
