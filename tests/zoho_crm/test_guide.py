"""What Zoho tells whoever sets up a connection."""

from __future__ import annotations

import datetime as dt

import pytest

from connectors.zoho_crm import ZohoCrm
from syncd.errors import AccessError, ProtocolError
from syncd.guide import Cards, CustomField, Right, Stage, needed
from syncd.port import Identity
from tests.flows import Answer, drive

from .flows import DATE, NOTHING, query_of, refused, rows
from .test_login import SECRETS

CRM = ZohoCrm({})
ORG = {"id": "4876876000000020001", "company_name": "ООО «Пример»", "iso_code": "RUB",
       "time_zone": "Europe/Moscow", "type": "sandbox",
       "license_details": {"paid_type": "enterprise", "users_license_purchased": 14}}  # fmt: skip
TODAY = dt.date(2026, 10, 21)
MISMATCH = refused("OAUTH_SCOPE_MISMATCH", status=401)


def test_the_accounts_server_is_known_by_its_refusal() -> None:
    [asked], greeting = drive(CRM.greet(), Answer(200, {"error": "invalid_client"}))
    assert (asked.method, asked.path, asked.write) == ("POST", "/oauth/v2/token", False)
    assert greeting.version == "v8"


def test_so_is_the_api() -> None:
    html = Answer(404, b"<html>")
    for answer in (refused("AUTHENTICATION_FAILURE", status=401), Answer(200, {"org": [ORG]})):
        assert drive(CRM.greet(), html, answer)[1].version == "v8"
    assert drive(CRM.greet(), ProtocolError("redirects"), Answer(200, {"org": []}))[1]


def test_another_page_of_zoho_is_not_and_the_right_one_is_named() -> None:
    with pytest.raises(ProtocolError, match=r"as https://accounts\.zoho\.com"):
        drive(CRM.greet(), Answer(404, b"<html>"), Answer(404, b"<html>"))


def test_the_identity_is_the_organisation() -> None:
    assert drive(CRM.identity(), Answer(200, {"org": [ORG]}))[1] == Identity(
        "4876876000000020001", "ООО «Пример»", 64_000
    )


@pytest.mark.parametrize(
    ("paid", "edition", "users", "credits"),
    [
        (True, "enterprise", 14, 64_000),
        (True, "Professional", "3", 51_500),
        (True, "standard", 900, 100_000),
        (False, None, 3, 5_000),
        (True, "an edition of 2030", 3, None),
        (True, "ultimate", None, None),
    ],
)
def test_the_licence_says_how_many_credits_there_are(
    paid: bool, edition: str | None, users: int | str | None, credits: int | None
) -> None:
    licence = {"paid": paid, "paid_type": edition, "users_license_purchased": users}
    org = Answer(200, {"org": [{**ORG, "license_details": licence}]})
    assert drive(CRM.identity(), org)[1].allowance == credits


def test_what_is_told() -> None:
    deal = {"viewable": True, "creatable": True, "editable": True}
    known = [{"api_name": "Accounts", **deal, "creatable": False}, {"api_name": "Deals", **deal}]
    known.append({"api_name": "Contacts", "viewable": False})  # nothing is asked of these
    stages = [
        {"actual_value": "Qualification", "display_value": "Квалификация"},
        {"actual_value": "Closed Won", "display_value": "Закрыто успешно"},
        {"actual_value": "Closed Lost", "display_value": "Закрыто", "forecast_type": "Closed Lost"},
    ]
    user = {"email": "crm@example.test", "profile": {"name": "Administrator"}}
    tax = {"api_name": "Tax_ID", "field_label": "ИНН", "custom_field": True, "data_type": "text"}
    name = {"api_name": "Account_Name", "field_label": "Name", "custom_field": False}
    asked, found = drive(
        CRM.discover((), dt.date(2026, 10, 21)),
        Answer(200, {"org": [ORG]}, DATE),
        Answer(200, {"modules": known}),
        Answer(200, {"users": [user]}),
        Answer(200, {"count": 1290}),
        Answer(200, {"fields": [tax, name, {**tax, "api_name": "ERP_ID"}]}),
        rows({"COUNT(id)": 1204}),
        NOTHING,
        Answer(200, {"fields": [{"api_name": "Stage", "pick_list_values": stages}]}),
        rows({"id": "1", "Account_Name.Tax_ID": "7700000009"}, {"id": "2"}),
    )
    assert query_of(asked[-1]) == (
        "select id, Account_Name.Tax_ID from Deals where (Stage = 'Closed Won' and "
        "Closing_Date >= '2026-10-21') order by id asc limit 200"
    )
    assert (found.company, found.zone, found.currencies) == (
        "ООО «Пример»", "Europe/Moscow", ("RUB",),
    )  # fmt: skip
    assert (found.user, found.administrator, found.customers) == ("crm@example.test", True, 1290)
    assert (found.edition, found.users, found.production) == ("enterprise", 14, False)
    create = Right("create", "Accounts", False, "cards of new customers", "Accounts")
    assert create in found.rights
    assert Right("read", "Deals", True, "won deals") in found.rights
    assert query_of(asked[5]) == "select COUNT(id) from Accounts where ERP_ID is not null"
    assert found.fields == (
        CustomField("Accounts", "custom_fields.ERP_ID", "ИНН", 1204),
        CustomField("Accounts", "custom_fields.Tax_ID", "ИНН", 0),
    )
    assert found.stages == (Stage("Closed Won", "Закрыто успешно", 2, 1),)
    assert found.at == dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def test_of_accounts_and_contacts_it_tells_which_the_won_deals_name() -> None:
    all_rights = {"viewable": True, "creatable": True, "editable": True}
    known = [{"api_name": name, **all_rights} for name in ("Accounts", "Contacts", "Deals")]
    key = {"api_name": "Key", "field_label": "Код", "custom_field": True, "data_type": "text"}
    stages = [{"actual_value": "Closed Won", "display_value": "Закрыто успешно"}]
    deals = [{"id": n, "Account_Name": None, "Contact_Name": {"id": "9"}} for n in ("1", "2")]
    asked, found = drive(
        CRM.discover((), TODAY),
        Answer(200, {"org": [ORG]}),
        Answer(200, {"modules": known}),
        MISMATCH,
        Answer(200, {"count": 1}),
        Answer(200, {"fields": [key]}),
        rows({"COUNT(id)": 0}),
        Answer(200, {"count": 950}),
        Answer(200, {"fields": [key]}),
        rows({"COUNT(id)": 900}),
        rows({"id": "5", "Key": "no key of any books"}),
        Answer(200, {"fields": [{"api_name": "Stage", "pick_list_values": stages}]}),
        rows(*deals),
    )
    assert query_of(asked[-1]).startswith("select id, Account_Name, Contact_Name from Deals")
    assert found.cards == (
        Cards("Accounts", 1, 0, "zoho_crm"),
        Cards("Contacts", 950, 2, "zoho_crm_persons"),
    )
    assert [(one.target, one.filled) for one in found.fields] == [
        ("Accounts", 0),
        ("Contacts", 900),
    ]


def test_the_rights_are_those_of_the_cards_that_are_written() -> None:
    rights = [
        Right(op, what, False, "", what)
        for what in ("Accounts", "Contacts")
        for op in ("read", "create")
    ]
    rights.append(Right("read", "Deals", False, ""))
    own = needed(rights, {"Accounts", "Contacts"}, {"Accounts"})
    assert [(one.op, one.what) for one in own] == [
        ("read", "Accounts"), ("create", "Accounts"), ("read", "Contacts"), ("read", "Deals"),
    ]  # fmt: skip
    persons = needed(rights, {"Contacts"}, {"Contacts"})
    assert "Accounts" not in {one.what for one in persons}


def test_what_the_user_may_not_ask_is_unknown() -> None:
    _, found = drive(
        CRM.discover((), dt.date(2026, 10, 21)),
        Answer(200, {"org": [{"id": "1", "company_name": "Acme"}]}),
        Answer(200, {"modules": []}),
        MISMATCH,
        refused("NO_PERMISSION", status=403),
        NOTHING,
    )
    assert (found.user, found.administrator, found.customers, found.stages) == (
        None,
        None,
        None,
        (),
    )
    assert (found.edition, found.users, found.production) == (None, None, None)


def test_scopes_that_are_lacking_are_named_at_once_by_what_is_refused() -> None:
    with pytest.raises(AccessError) as caught:
        drive(CRM.discover((), TODAY), MISMATCH, Answer(200, {"modules": []}), *[MISMATCH] * 3)
    assert "lacks the scopes ZohoCRM.modules.ALL, ZohoCRM.settings.ALL, ZohoCRM.org.READ." in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("granted", "lacks"),
    [
        ("ZohoCRM.modules.READ ZohoCRM.settings.ALL ZohoCRM.coql.READ", "ZohoCRM.modules.ALL"),
        ("ZohoCRM.modules.ALL,ZohoCRM.settings.ALL", "ZohoCRM.coql.READ"),
    ],
)
def test_scopes_are_told_by_the_answer_that_gave_the_token(granted: str, lacks: str) -> None:
    """A scope of a part, as that of the organisation here, is tried and not judged by its name."""
    crm = ZohoCrm({})
    told = {"access_token": "x", "scope": f"{granted} ZohoCRM.org.part.READ"}
    drive(crm.authenticate(SECRETS), Answer(200, told))
    answers = (Answer(200, {"org": [ORG]}), Answer(200, {"modules": []}), NOTHING, NOTHING, NOTHING)
    with pytest.raises(AccessError, match=rf"lacks the scope {lacks}\. Generate another code"):
        drive(crm.discover((), TODAY), *answers)


def test_a_module_is_described_by_its_fields() -> None:
    known = Answer(
        200,
        {
            "fields": [
                {"api_name": "Account_Name", "data_type": "text", "custom_field": False},
                {"api_name": "Parent_Account", "data_type": "lookup", "custom_field": False},
                {"api_name": "Tax_ID", "data_type": "text", "custom_field": True},
            ]
        },
    )
    assert drive(CRM.fields("Accounts"), known)[1] == {
        "Account_Name": "",
        "Parent_Account": "Accounts/Parent_Account",
        "Tax_ID": "",
        "Contacts": "Contacts",
        "custom_fields": "Accounts/custom_fields",
    }
    assert drive(CRM.fields("Accounts/custom_fields"), known)[1] == {"Tax_ID": ""}
    assert drive(CRM.fields("Accounts/Parent_Account"), known)[1] == {"id": ""}


def test_a_module_that_is_not_there_yet_is_not_described() -> None:
    assert drive(CRM.fields("ERP_Orders/custom_fields"), refused("INVALID_MODULE"))[1] == {}
