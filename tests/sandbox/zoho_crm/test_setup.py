"""What is set up and can be: modules, fields, currencies; limits; leads and merging; pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.errors import UsageError
from syncd.sandbox.zoho_crm import make
from tests.sandbox.zoho_crm.desk import Desk, Json, codes

LATE = "2026-11-20T12:00:00+03:00"


def fields(desk: Desk, module: str) -> dict[str, Json]:
    found = desk.call("GET", "settings/fields", {"module": module})[1]["fields"]
    return {one["api_name"]: one for one in found}


def made(desk: Desk, module: str, *new: Json) -> tuple[int, list[Json]]:
    status, found = desk.call("POST", "settings/fields", {"module": module}, {"fields": list(new)})
    return status, found.get("fields", [found])


def test_fields_say_what_they_take(desk: Desk) -> None:
    known = fields(desk, "Accounts")
    key = known["ERP_ID"]
    assert (key["unique"], key["external"]) == (
        {"case_sensitive": False},
        {"type": "org", "show": True},
    )
    assert (key["custom_field"], key["length"], key["json_type"]) == (True, 100, "string")
    assert known["Receivable_Balance"]["decimal_place"] == 2
    assert known["Modified_Time"]["read_only"] is True
    assert known["Account_Name"]["system_mandatory"] is True
    picks = known["Customer_Stage"]["pick_list_values"]
    assert picks[0]["actual_value"] == "First order"
    assert fields(desk, "Deals")["Account_Name"]["lookup"]["module"]["api_name"] == "Accounts"
    assert desk.call("GET", "settings/fields")[1]["code"] == "REQUIRED_PARAM_MISSING"


def test_a_company_that_is_not_prepared_is_set_up_over_the_api(desk: Desk) -> None:
    desk.switch(prepared=False)
    assert "ERP_ID" not in fields(desk, "Accounts")
    assert desk.call("GET", "ERP_Orders", {"fields": "id"})[1]["code"] == "INVALID_MODULE"
    module: Json = {
        "plural_label": "ERP Orders",
        "singular_label": "ERP Order",
        "api_name": "ERP_Orders",
        "profiles": [{"id": "5725767000000026011"}],
    }
    status, found = desk.call("POST", "settings/modules", None, {"modules": [module]})
    assert (status, codes(found["modules"])) == (201, ["SUCCESS"])
    status, results = made(
        desk,
        "ERP_Orders",
        {"field_label": "ERP ID", "data_type": "text", "length": 100}
        | {"unique": {"case_sensitive": False}, "external": {"type": "org", "show": True}},
        {"field_label": "Amount", "data_type": "currency", "decimal_place": 2},
        {"field_label": "Account", "data_type": "lookup"}
        | {"lookup": {"module": {"api_name": "Accounts"}, "display_label": "Orders"}},
        {"field_label": "State", "data_type": "picklist"}
        | {"pick_list_values": [{"display_value": "Открыт", "actual_value": "Открыт"}]},
        {"field_label": "Odd", "data_type": "nothing"},
    )
    assert status == 207
    assert codes(results) == ["SUCCESS"] * 4 + ["INVALID_DATA"]
    account = desk.id("Accounts")
    order: Json = {"Name": "1", "ERP_ID": "o", "Amount": 5, "Account": account, "State": "Открыт"}
    assert desk.wrote("ERP_Orders/upsert", order, duplicate_check_fields=["ERP_ID"])[0] == 200
    assert len(desk.listed(f"Accounts/{account}/Orders")["data"]) == 1


def test_the_api_name_is_made_of_the_label(desk: Desk) -> None:
    """And a label without a Latin letter gives one that says nothing."""
    assert made(desk, "Accounts", {"field_label": "Долг", "data_type": "currency"})[0] == 201
    assert made(desk, "Accounts", {"field_label": "Аванс", "data_type": "currency"})[0] == 201
    known = fields(desk, "Accounts")
    assert (known["field"]["field_label"], known["field1"]["field_label"]) == ("Долг", "Аванс")
    change = {"fields": [{"id": known["field1"]["id"], "field_label": "Paid ahead"}]}
    assert desk.call("PATCH", "settings/fields", {"module": "Accounts"}, change)[0] == 200
    assert fields(desk, "Accounts")["field1"]["field_label"] == "Paid ahead"
    desk.switch(api_name_taken=True)
    own: Json = {"field_label": "Лимит", "data_type": "currency", "api_name": "Credit_Limit"}
    assert made(desk, "Accounts", own)[0] == 201
    assert "Credit_Limit" in fields(desk, "Accounts")


def test_what_cannot_be_created(desk: Desk) -> None:
    new: Json = {"field_label": "New", "data_type": "text"}
    assert made(desk, "Accounts", *[new] * 6)[1][0]["code"] == "LIMIT_EXCEEDED"
    assert codes(made(desk, "Accounts", {**new, "field_label": "erp id"})[1]) == ["DUPLICATE_DATA"]
    assert codes(made(desk, "Accounts", {**new, "field_label": "L" * 26})[1]) == ["INVALID_DATA"]
    assert codes(made(desk, "Accounts", {**new, "length": 256})[1]) == ["INVALID_DATA"]
    assert codes(made(desk, "Accounts", {"data_type": "text"})[1]) == ["MANDATORY_NOT_FOUND"]
    desk.switch(create_modules=False)
    assert desk.call("POST", "settings/modules", None, {})[1]["code"] == "NO_PERMISSION"


def test_a_deleted_field_is_gone_and_ignored(desk: Desk) -> None:
    id = fields(desk, "Accounts")["Receivable_Balance"]["id"]
    assert desk.call("DELETE", f"settings/fields/{id}", {"module": "Accounts"})[0] == 200
    assert "Receivable_Balance" not in fields(desk, "Accounts")
    _, results = desk.wrote("Accounts", {"Account_Name": "A", "Receivable_Balance": 5})
    assert codes(results) == ["SUCCESS"]


def test_currencies_only_in_a_company_that_has_them(desk: Desk) -> None:
    found = desk.call("GET", "org/currencies")[1]["currencies"]
    assert [one["iso_code"] for one in found if one["is_base"]] == ["RUB"]
    assert [one["iso_code"] for one in found if not one["is_active"]] == ["CNY"]
    assert "Currency" in desk.listed("Deals", fields="Currency")["data"][0]
    desk.switch(multi_currency=False)
    assert desk.call("GET", "org/currencies")[1]["code"] == "CURRENCIES_NOT_ENABLED"
    assert "Currency" not in desk.listed("Deals", fields="Currency")["data"][0]
    assert desk.call("GET", "org")[1]["org"][0]["mc_status"] is False


def test_who_is_asking(desk: Desk) -> None:
    (me,) = desk.call("GET", "users", {"type": "CurrentUser"})[1]["users"]
    assert me["email"] == "integration@example.com"
    assert len(desk.call("GET", "users", {"type": "ActiveUsers"})[1]["users"]) == 3
    seller = desk.zoho.refresh_token("5725767000000411002")
    desk.token = desk.log_in(refresh_token=seller)["access_token"]
    (row,) = desk.wrote("Accounts", {"Account_Name": "Моя"})[1]
    assert row["details"]["Created_By"]["name"] == "Анна Смирнова"


def test_credits_are_told_from_half_on_and_then_refused(desk: Desk) -> None:
    desk.switch(credits=10)
    header = "X-API-CREDITS-REMAINING"
    rows = [{"Account_Name": f"A{number}"} for number in range(31)]
    assert header not in desk.answered("POST", "Accounts", None, {"data": rows}).headers
    assert desk.answered("GET", "Accounts/deleted").headers[header] == "4"
    query = {"select_query": "select id from Accounts where id is not null limit 1001"}
    assert desk.answered("POST", "coql", None, query).headers[header] == "1"
    assert desk.call("GET", "org")[0] == 200
    refused = desk.answered("GET", "org")
    assert (refused.status, header in refused.headers) == (429, False)
    desk.later(hours=24)
    desk.token = ""
    assert desk.call("GET", "org")[0] == 200


def test_concurrent_calls(desk: Desk) -> None:
    desk.switch(busy_seconds=10, concurrency=3, heavy_concurrency=1)
    query = "select id from Accounts where id is not null"
    assert [desk.coql(query)[0], desk.coql(query)[0]] == [200, 429]
    assert [desk.call("GET", "org")[0] for _ in range(3)] == [200, 200, 429]
    desk.later(seconds=10)
    assert desk.coql(query)[0] == 200


def test_a_lead_becomes_account_contact_and_deal(desk: Desk) -> None:
    path = f"Leads/{desk.id('Leads')}/actions/convert"
    deal = {"Deal_Name": "Первая", "Stage": "Closed Won", "Closing_Date": "2026-12-01"}
    status, found = desk.call("POST", path, None, {"data": [{"Deals": deal}]})
    details = found["data"][0]["details"]
    assert status == 200
    assert details["Accounts"]["name"] == "ООО «Северный ветер»"
    assert details["Contacts"]["name"] == "Виктор Сомов"
    lead = desk.listed(
        "Leads", fields="Converted__s,Converted_Account,Converted_Deal", converted="true"
    )["data"][0]
    assert lead["Converted_Account"]["id"] == details["Accounts"]["id"]
    assert lead["Converted_Deal"]["name"] == "Первая"
    status, again = desk.call("POST", path, None, {"data": [{}]})
    assert (status, codes(again["data"])) == (400, ["ID_ALREADY_CONVERTED"])


def test_a_lead_without_a_company_becomes_a_contact_alone(desk: Desk) -> None:
    crm = desk.zoho.crm
    crm.module("Leads").fields["Company"].mandatory = False
    person = {"Last_Name": "鈴木", "Phone": "+81 3 0000 0000", "Zip_Code": "530-0001"}
    made = desk.call("POST", "Leads", None, {"data": [person]})[1]["data"][0]["details"]["id"]
    deal = {"Deal_Name": "Первая", "Stage": "Closed Won"}
    body = {"data": [{"Deals": deal}]}
    details = desk.call("POST", f"Leads/{made}/actions/convert", None, body)[1]["data"][0][
        "details"
    ]
    assert details["Accounts"] is None
    contact = crm.get(details["Contacts"]["id"], "Contacts")
    assert contact and contact.values["Mailing_Zip"] == "530-0001"
    won = crm.get(details["Deals"]["id"], "Deals")
    assert won and won.values["Contact_Name"] == contact.id and "Account_Name" not in won.values


def test_a_merge_looks_like_a_delete_and_moves_what_belonged(desk: Desk) -> None:
    master, other = desk.id("Accounts", 0), desk.id("Accounts", 1)
    body = {"merge": [{"data": [{"id": other, "_fields": [{"api_name": "Phone"}]}]}]}
    assert desk.call("POST", f"Accounts/{master}/actions/merge", None, body)[0] == 201
    (gone,) = desk.call("GET", "Accounts/deleted", {"type": "all"})[1]["data"]
    assert gone["id"] == other
    (kept,) = desk.call("GET", f"Accounts/{master}")[1]["data"]
    assert (kept["Phone"], kept["Tax_ID"]) == ("+7 495 000-00-02", "7700000009")
    assert len(desk.listed(f"Accounts/{master}/Deals")["data"]) == 2
    changed = desk.call("GET", "Deals", {"fields": "id"}, if_modified_since=LATE)
    assert changed[0] == 304, "their deals moved without a new time"


def test_the_card_as_a_page(desk: Desk) -> None:
    account = desk.id("Accounts")
    card: Json = {"id": account, "Receivable_Balance": 48200, "ERP_Line": "<b>Долг</b>"}
    desk.wrote("Accounts", card, method="PUT")
    desk.wrote("ERP_Orders", {"Name": "ТДЦБ-000389", "Amount": 27000, "Account": account})
    desk.wrote("ERP_Orders", {"Amount": 1}, trigger=[])
    page = desk.zoho.page(f"Accounts/{account}") or ""
    assert "48\u202f200.00" in page and "ТДЦБ-000389" in page
    assert page.index("Custom fields") < page.index("<h2>Fields")
    assert "&lt;b&gt;Долг" in page and "<b>Долг" not in page
    written = desk.zoho.page("writes") or ""
    assert "Notify the owner of a changed account" in written
    assert "MANDATORY_NOT_FOUND" in written
    assert desk.zoho.refresh_token("5725767000000411002") in (desk.zoho.page("") or "")
    assert desk.zoho.page("Accounts/1") is None and desk.zoho.page("nothing") is None


def test_data_of_ones_own(tmp_path: Path) -> None:
    place = tmp_path / "данные.json"
    place.write_text(
        '{"Accounts": [{"id": "a", "Account_Name": "Своя"}],'
        ' "Contacts": [{"Last_Name": "Петрова", "Account_Name": "a"}]}'
    )
    made = make(place, 1, None)
    assert len(made.crm.rows["Contacts"]) == 1  # type: ignore[attr-defined]
    place.write_text('{"Accounts": [{"Phone": "1"}]}')
    with pytest.raises(UsageError, match=r"Accounts\[0\]: required field not found"):
        make(place, 1, None)
    place.write_text('{"Clients": []}')
    with pytest.raises(UsageError, match="there is no module Clients"):
        make(place, 1, None)
