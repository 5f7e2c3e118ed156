"""Reading what makes customers won, and their accounts."""

from __future__ import annotations

import datetime as dt

import pytest

from connectors.zoho_crm import ZohoCrm
from syncd.domain import Kind
from syncd.errors import AccessError, ConfigError, ProtocolError, RejectedError
from syncd.port import All, Keys, Read, Since
from tests.flows import Answer, drive

from .flows import ACCOUNT, NOTHING, OTHER, UNCHANGED, query_of, refused, rows

CRM = ZohoCrm({"page": "2"})
DEALS = Read(Kind.DEAL, "Deals", ("Stage", "Account_Name", "Account_Name.id", "Closing_Date"))
NOON = dt.datetime(2026, 11, 20, 12, 0, 0, 999, tzinfo=dt.timezone(dt.timedelta(hours=1)))
FIELDS = "id,Stage,Account_Name,Closing_Date,Modified_Time"


def deal(remote_id: str, stage: str = "Closed Won") -> dict[str, object]:
    return {
        "id": remote_id,
        "Stage": stage,
        "Account_Name": {"name": "Acme", "id": ACCOUNT},
        "Closing_Date": "2026-11-18",
        "Modified_Time": "2026-11-20T13:00:00+01:00",
    }


def test_nothing_new_is_one_call_and_one_for_what_was_deleted() -> None:
    asked, page = drive(CRM.pull(DEALS, Since(NOON)), UNCHANGED, UNCHANGED)
    assert [one.path for one in asked] == ["/crm/v8/Deals", "/crm/v8/Deals/deleted"]
    assert asked[0].query == {
        "fields": FIELDS, "per_page": "2", "sort_by": "id", "sort_order": "asc",
    }  # fmt: skip
    for one in asked:
        assert one.headers == {"If-Modified-Since": "2026-11-20T11:00:00+00:00"}
    assert (page.records, page.next) == ([], None)


def test_a_record_has_the_paths_alone_its_stamp_and_of_a_lookup_the_id() -> None:
    _, page = drive(CRM.pull(DEALS, Since(NOON)), rows(deal("7")), UNCHANGED)
    [record] = page.records
    assert record.key == "7"
    assert record.stamp == dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    assert record.data == {
        "Stage": "Closed Won",
        "Account_Name": {"id": ACCOUNT},
        "Closing_Date": "2026-11-18",
    }
    assert page.source_time == dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def test_more_than_a_page_of_changes_goes_on_by_id() -> None:
    _, first = drive(CRM.pull(DEALS, Since(NOON)), rows(deal("7"), deal("9"), more=True))
    assert first.next == "9"
    asked, second = drive(CRM.pull(DEALS, Since(NOON, "9")), rows(deal("11")), UNCHANGED)
    assert query_of(asked[0]) == (
        "select id, Stage, Account_Name, Closing_Date, Modified_Time from Deals where "
        "(Modified_Time >= '2026-11-20T11:00:00+00:00' and id > '9') order by id asc limit 2"
    )
    assert ([one.key for one in second.records], second.next) == (["11"], None)


def test_what_was_deleted_comes_without_a_field() -> None:
    gone = {"id": "5", "deleted_time": "2026-11-20T12:30:00+01:00", "type": "recycle"}
    first, second = rows(gone, more=True), rows({**gone, "id": "6"})
    asked, page = drive(CRM.pull(DEALS, Since(NOON)), UNCHANGED, first, second)
    assert [one.query["page"] for one in asked[1:]] == ["1", "2"]
    assert [(one.key, one.data) for one in page.records] == [("5", {}), ("6", {})]
    assert page.records[0].stamp == dt.datetime(2026, 11, 20, 11, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("scope", [All(), Since(None)])
def test_everything_is_read_by_ascending_id(scope: All | Since) -> None:
    [asked], page = drive(CRM.pull(DEALS, scope), rows(deal("7"), deal("9")))
    assert query_of(asked).endswith("from Deals where id is not null order by id asc limit 2")
    assert page.next == "9"
    [asked], page = drive(CRM.pull(DEALS, All("9")), NOTHING)
    assert "where id > '9' order" in query_of(asked)
    assert (page.records, page.next) == ([], None)


def test_keys_are_asked_for_fifty_at_a_time_and_what_is_no_id_is_not() -> None:
    keys = [str(n) for n in range(1, 52)]
    asked, page = drive(CRM.pull(DEALS, Keys([*keys, "x'y", ""])), rows(deal("1")), NOTHING)
    assert "where id in ('51') order" in query_of(asked[1])
    assert [one.key for one in page.records] == ["1"]


def test_converted_leads_are_pages_with_tokens() -> None:
    read = Read(Kind.DEAL, "Leads", ("Converted_Account.id", "Converted_Date_Time"))
    lead = {
        "id": "3",
        "Converted_Account": {"name": "Acme", "id": ACCOUNT},
        "Converted_Date_Time": "2026-11-20T12:30:00+01:00",
        "Modified_Time": "2026-11-20T13:00:00+01:00",
    }
    [asked], page = drive(CRM.pull(read, All()), rows(lead, more=True, token="T1"))
    assert (asked.path, asked.query["converted"]) == ("/crm/v8/Leads", "true")
    assert "page_token" not in asked.query
    assert page.next == "T1"
    assert page.records[0].data["Converted_Account"] == {"id": ACCOUNT}
    [asked], page = drive(CRM.pull(read, All("T1")), rows(lead))
    assert asked.query["page_token"] == "T1"
    assert page.next is None
    [asked], page = drive(CRM.pull(read, Keys(["3"])), rows(lead))
    assert asked.query["ids"] == "3"


def test_custom_fields_stand_under_their_word() -> None:
    read = Read(Kind.WON, "Accounts", ("id", "Account_Name", "custom_fields.Tax_ID"))
    row = {
        "id": OTHER,
        "Account_Name": "ООО",
        "Tax_ID": "77",
        "Modified_Time": "2026-11-20T13:00:00Z",
    }
    [asked], page = drive(CRM.pull(read, Keys([OTHER])), rows(row))
    assert query_of(asked).startswith(
        "select id, Account_Name, Tax_ID, Modified_Time from Accounts"
    )
    assert page.records[0].data == {
        "id": OTHER, "Account_Name": "ООО", "custom_fields": {"Tax_ID": "77"},
    }  # fmt: skip


def test_a_field_that_is_not_made_yet_is_not_asked_for() -> None:
    read = Read(Kind.WON, "Accounts", ("Account_Name", "custom_fields.Tax_ID"))
    refusal = refused("INVALID_QUERY", "column given seems to be invalid", column_name="Tax_ID")
    there = Answer(200, {"fields": [{"api_name": "Account_Name"}]})
    row = {"id": OTHER, "Account_Name": "ООО", "Modified_Time": "2026-11-20T13:00:00+00:00"}
    asked, page = drive(CRM.pull(read, Keys([OTHER])), refusal, there, rows(row))
    assert query_of(asked[2]).startswith("select id, Account_Name, Modified_Time from")
    assert page.records[0].data == {"Account_Name": "ООО", "custom_fields": {"Tax_ID": None}}


def test_an_account_has_its_contacts_as_rows_for_one_credit() -> None:
    read = Read(Kind.WON, "Accounts", ("Account_Name", "Contacts.Email", "Contacts.Owner.id"))
    account = {"Account_Name": "ООО", "Modified_Time": "2026-11-20T13:00:00Z"}
    both = rows({**account, "id": OTHER}, {**account, "id": ACCOUNT})
    owner = {"Owner": {"name": "Анна", "id": "9"}}
    persons = rows(
        {"id": "3", "Account_Name": {"id": ACCOUNT}, "Email": "hanako@example.jp", **owner},
        {"id": "4", "Account_Name": {"id": ACCOUNT}, "Email": None, **owner},
    )
    asked, page = drive(CRM.pull(read, Keys([OTHER, ACCOUNT])), both, persons)
    assert query_of(asked[0]).startswith("select id, Account_Name, Modified_Time from Accounts")
    assert query_of(asked[1]) == (
        "select id, Account_Name, Email, Owner from Contacts where Account_Name in "
        f"('{OTHER}', '{ACCOUNT}') order by id asc limit 200"
    )
    assert asked[1].cost == 1
    assert [one.data["Contacts"] for one in page.records] == [
        [],
        [
            {"Email": "hanako@example.jp", "Owner": {"id": "9"}},
            {"Email": None, "Owner": {"id": "9"}},
        ],
    ]


def test_contacts_that_nobody_reads_are_not_asked_for() -> None:
    read = Read(Kind.WON, "Accounts", ("Account_Name",))
    row = {"id": OTHER, "Account_Name": "ООО", "Modified_Time": "2026-11-20T13:00:00Z"}
    [_], page = drive(CRM.pull(read, Keys([OTHER])), rows(row))
    assert page.records[0].data == {"Account_Name": "ООО"}


def test_another_refusal_of_a_query_is_told() -> None:
    there = Answer(200, {"fields": [{"api_name": "Stage"}]})
    refusal = refused("SYNTAX_ERROR", "missing clause")
    read = Read(Kind.DEAL, "Deals", ("Stage",))
    with pytest.raises(RejectedError, match="SYNTAX_ERROR"):
        drive(CRM.pull(read, All()), refusal, there)


def test_more_fields_than_zoho_answers_with_are_refused() -> None:
    read = Read(Kind.WON, "Accounts", tuple(f"custom_fields.F{n}" for n in range(49)))
    with pytest.raises(ProtocolError, match="reads 49 fields of Accounts; Zoho answers with 48"):
        drive(CRM.pull(read, All()))


def test_a_read_that_is_refused_says_why() -> None:
    with pytest.raises(AccessError, match=r"scope ZohoCRM.modules.ALL \(GET /crm/v8/Deals"):
        drive(CRM.pull(DEALS, Since(NOON)), refused("OAUTH_SCOPE_MISMATCH", status=401))
    with pytest.raises(ProtocolError, match="not JSON"):
        drive(CRM.pull(DEALS, Since(NOON)), Answer(200, b"<html>"))


def test_what_makes_a_customer_won_is_one_of_these() -> None:
    source = CRM.facts.sources[Kind.DEAL]
    assert (source.object, *source.others) == ("Deals", "Leads", "Accounts", "Contacts")


def test_a_page_is_at_most_two_hundred() -> None:
    with pytest.raises(ConfigError, match="from 1 to 200"):
        ZohoCrm({"page": "201"})
