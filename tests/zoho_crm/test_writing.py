"""Writes of a hundred records, judged one by one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.zoho_crm import ZohoCrm
from syncd.errors import (
    AccessError,
    ConfigError,
    DoubtError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
    RejectedError,
)
from syncd.port import Op, Write
from tests.flows import Answer, drive

from .flows import (
    ACCOUNT,
    NOTHING,
    ORDER,
    OTHER,
    done,
    each,
    failed,
    query_of,
    refused,
    rows,
    write,
)

CRM = ZohoCrm({})
NEW = write(
    Op.CREATE, "ERP_Orders", Name="ТДЦБ-000389", cf_Amount=Decimal("27000.00"), cf_Seller=None
)


def test_a_new_document_is_an_upsert_by_the_key_of_the_books_without_automation() -> None:
    [asked], [outcome] = drive(CRM.push([NEW]), each(done(ORDER, action="insert")))
    assert (asked.method, asked.path, asked.write) == ("POST", "/crm/v8/ERP_Orders/upsert", True)
    assert asked.json == {
        "data": [
            {
                "Name": "ТДЦБ-000389",
                "Amount": Decimal("27000.00"),
                "ERP_ID": "K-1",
                "Account": {"id": ACCOUNT},
            }
        ],
        "duplicate_check_fields": ["ERP_ID"],
        "trigger": [],
    }
    assert (outcome.remote_id, outcome.seen, outcome.error) == (ORDER, None, None)


@pytest.mark.parametrize(
    "option, sent",
    [("none", []), ("workflow, blueprint", ["workflow", "blueprint"]), ("all", None)],
)
def test_automation_runs_as_the_connection_says(option: str, sent: list[str] | None) -> None:
    [asked], _ = drive(ZohoCrm({"trigger": option}).push([NEW]), each(done(ORDER)))
    assert isinstance(asked.json, dict)
    assert asked.json.get("trigger") == sent


def test_an_automation_that_zoho_does_not_know_is_refused() -> None:
    with pytest.raises(ConfigError, match="names workflows, expected none, all, or some of"):
        ZohoCrm({"trigger": "workflows"})


@pytest.mark.parametrize("status", [200, 201, 202, 207, 400])
def test_each_record_is_judged_by_itself_whatever_the_status_is(status: int) -> None:
    bad = failed(
        "INVALID_DATA", "invalid data", api_name="Amount", json_path="$.data[1].Amount",
        expected_data_type="double",
    )  # fmt: skip
    taken = failed("DUPLICATE_DATA", "duplicate data", api_name="ERP_ID", id=OTHER)
    _, outcomes = drive(CRM.push([NEW] * 3), each(done(ORDER), bad, taken, status=status))
    good, refused_one, duplicate = outcomes
    assert (good.remote_id, good.error) == (ORDER, None)
    assert isinstance(refused_one.error, RejectedError)
    assert str(refused_one.error) == "Amount: INVALID_DATA: invalid data (expected double)"
    assert refused_one.error.field == "custom_fields.Amount"
    assert isinstance(duplicate.error, DuplicateError)
    assert f"taken by record {OTHER}" in str(duplicate.error)


def test_a_parent_that_is_gone_is_named_by_its_word() -> None:
    gone = failed("INVALID_DATA", api_name="id", json_path="$.data[0].Account.id")
    _, [outcome] = drive(CRM.push([NEW]), each(gone, status=400))
    assert outcome.error and outcome.error.field == "Accounts"
    assert not isinstance(outcome.error, NotFoundError)


def test_of_several_errors_in_one_the_first_is_told() -> None:
    clash = failed("DUPLICATE_DATA", api_name="Account_Name", id=OTHER)
    several = failed("MULTIPLE_OR_MULTI_ERRORS", errors=[clash, failed("INVALID_DATA")])
    _, [outcome] = drive(CRM.push([NEW]), each(several, status=400))
    assert isinstance(outcome.error, DuplicateError)


def test_an_update_carries_what_differs_and_null_for_nothing() -> None:
    change = write(Op.UPDATE, "ERP_Orders", ORDER, Name="X", cf_Seller=None)
    [asked], [outcome] = drive(CRM.push([change]), each(done(ORDER)))
    assert (asked.method, asked.path) == ("PUT", "/crm/v8/ERP_Orders")
    assert asked.json == {
        "data": [{"id": ORDER, "Name": "X", "Seller": None, "Account": {"id": ACCOUNT}}],
        "trigger": [],
    }
    assert outcome.remote_id == ORDER


def test_an_update_of_what_is_gone_says_so() -> None:
    gone = failed("INVALID_DATA", "the id given seems to be invalid", api_name="id",
                  json_path="$.data[0].id")  # fmt: skip
    change = write(Op.UPDATE, "ERP_Orders", ORDER, Name="X")
    _, [outcome] = drive(CRM.push([change]), each(gone, status=400))
    assert isinstance(outcome.error, NotFoundError)


def test_a_lookup_to_a_deal_goes_as_its_id() -> None:
    linked = write(Op.UPDATE, "ERP_Orders", ORDER, cf_Deal=OTHER)
    [asked], _ = drive(CRM.push([linked]), each(done(ORDER)))
    assert isinstance(asked.json, dict)
    assert asked.json["data"] == [{"id": ORDER, "Deal": {"id": OTHER}, "Account": {"id": ACCOUNT}}]


def test_many_are_removed_in_one_request() -> None:
    batch = [Write(Op.REMOVE, "ERP_Orders", "K", one, {}, {}) for one in (ORDER, OTHER)]
    gone = failed("INVALID_DATA", "record not deleted", id=OTHER)
    [asked], [first, second] = drive(CRM.push(batch), each(done(ORDER), gone, status=207))
    assert (asked.method, asked.path, asked.write) == ("DELETE", "/crm/v8/ERP_Orders", True)
    assert asked.query == {"ids": f"{ORDER},{OTHER}", "wf_trigger": "false"}
    assert first.error is None
    assert isinstance(second.error, NotFoundError)


def test_a_request_that_is_refused_as_a_whole_is_halved_until_the_bad_one_is_alone() -> None:
    bad = refused("INVALID_DATA", "body")
    answers = [bad, bad, each(done("1")), bad, each(done("3"), done("4"))]
    asked, outcomes = drive(CRM.push([NEW] * 4), *answers)
    assert [outcome.remote_id for outcome in outcomes] == ["1", None, "3", "4"]
    assert len(asked) == 5


def test_other_kinds_of_writes_go_in_requests_of_their_own() -> None:
    change = write(Op.UPDATE, "ERP_Orders", ORDER, Name="X")
    asked, outcomes = drive(CRM.push([NEW, change]), each(done("1")), each(done(ORDER)))
    assert [one.method for one in asked] == ["POST", "PUT"]
    assert [outcome.remote_id for outcome in outcomes] == ["1", ORDER]


ACME = write(Op.CREATE, "Accounts", Account_Name="O'Neil «Ромашка»")


def test_a_new_account_of_a_name_that_somebody_has_is_not_made() -> None:
    taken = rows({"id": OTHER, "Account_Name": "o'neil «ромашка» ", "ERP_ID": None})
    [asked], [outcome] = drive(CRM.push([ACME]), taken)
    assert query_of(asked) == (
        "select id, Account_Name, ERP_ID from Accounts where Account_Name in "
        "('O''Neil «Ромашка»') order by id asc limit 200"
    )
    assert isinstance(outcome.error, DuplicateError)
    assert outcome.error.field == "Account_Name"


def test_its_own_account_is_not_in_its_way() -> None:
    own = rows({"id": ACCOUNT, "Account_Name": "O'Neil «Ромашка»", "ERP_ID": "K-1"})
    asked, [outcome] = drive(CRM.push([ACME]), own, each(done(ACCOUNT, action="update")))
    assert outcome.remote_id == ACCOUNT
    assert asked[1].path == "/crm/v8/Accounts/upsert"


def test_of_two_new_accounts_of_one_name_the_second_is_not_made() -> None:
    second = Write(Op.CREATE, "Accounts", "K-2", None, {}, ACME.fields)
    _, [first, other] = drive(CRM.push([ACME, second]), NOTHING, each(done(ACCOUNT)))
    assert (first.error, first.remote_id) == (None, ACCOUNT)
    assert isinstance(other.error, DuplicateError)


def test_names_are_asked_for_fifty_at_a_time() -> None:
    batch = [
        Write(Op.CREATE, "Accounts", f"K-{n}", None, {}, {"Account_Name": f"N {n}"})
        for n in range(100)
    ]
    made = each(*(done(str(n)) for n in range(100)))
    asked, outcomes = drive(CRM.push(batch), NOTHING, NOTHING, made)
    assert len(asked) == 3
    assert [one.remote_id for one in outcomes] == [str(n) for n in range(100)]


@pytest.mark.parametrize(
    "answer", [Answer(200, b'{"data": [{"co'), Answer(200, b"<html>"), each(), Answer(200, {})]
)
def test_a_good_answer_that_cannot_be_read_is_a_doubt(answer: Answer) -> None:
    with pytest.raises(DoubtError):
        drive(CRM.push([NEW]), answer)


@pytest.mark.parametrize(
    "answer, error, says",
    [
        (refused("INVALID_TOKEN", status=401), AccessError, "refuses the access token"),
        (
            refused("OAUTH_SCOPE_MISMATCH", status=401),
            AccessError,
            "lacks the scope ZohoCRM.modules",
        ),
        (refused("NO_PERMISSION", status=403), AccessError, "has no right"),
        (refused("INVALID_MODULE"), AccessError, "connections setup"),
        (refused("INVALID_URL_PATTERN", status=404), ProtocolError, "INVALID_URL_PATTERN"),
    ],
)
def test_what_concerns_no_record_leaves_the_push(
    answer: Answer, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        drive(CRM.push([NEW]), answer)


def test_a_doubt_leaves_the_push() -> None:
    with pytest.raises(DoubtError):
        drive(CRM.push([NEW]), DoubtError("no answer"))


@pytest.mark.parametrize(
    "code, says", [("RECORD_LOCKED", "locked"), ("MANDATORY_NOT_FOUND", "is mandatory there")]
)
def test_what_people_set_up_there_is_said_in_words(code: str, says: str) -> None:
    _, [outcome] = drive(CRM.push([NEW]), each(failed(code, api_name="Region"), status=400))
    assert says in str(outcome.error)
