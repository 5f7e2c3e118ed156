"""Reading: pages, what changed, related and deleted records."""

from __future__ import annotations

import pytest

from tests.sandbox.zoho_crm.desk import Desk

LATE = "2030-01-01T00:00:00+03:00"
EARLY = "2020-01-01T00:00:00+03:00"


def test_fields_must_be_named_and_unknown_ones_are_left_out_in_silence(desk: Desk) -> None:
    assert desk.call("GET", "Accounts")[1]["code"] == "REQUIRED_PARAM_MISSING"
    found = desk.listed("Accounts", fields="Account_Name,No_Such_Field")["data"][0]
    assert set(found) == {"id", "Account_Name"}
    many = ",".join(f"F{number}" for number in range(51))
    status, refused = desk.call("GET", "Accounts", {"fields": many})
    assert (status, refused["code"]) == (400, "LIMIT_EXCEEDED")
    assert len(desk.call("GET", "/crm/v2/Accounts")[1]["data"][0]) > 40


def test_shapes_of_a_record(desk: Desk) -> None:
    deal = desk.listed("Deals", fields="Account_Name,Owner,Amount,Created_Time,Type")["data"][0]
    assert set(deal["Account_Name"]) == {"name", "id"}
    assert set(deal["Owner"]) == {"name", "id", "email"}
    assert isinstance(deal["id"], str) and len(deal["id"]) == 19
    assert deal["Amount"] == 25000.0
    assert deal["Type"] is None
    assert deal["Created_Time"] == "2026-09-01T09:42:00+03:00"
    desk.switch(zone="Asia/Tokyo")
    deal = desk.listed("Deals", fields="Created_Time")["data"][0]
    assert deal["Created_Time"] == "2026-09-01T15:42:00+09:00"


def test_the_newest_first_unless_asked(desk: Desk) -> None:
    down = [one["id"] for one in desk.listed("Accounts")["data"]]
    up = [one["id"] for one in desk.listed("Accounts", sort_order="asc")["data"]]
    assert down == sorted(up, reverse=True) == up[::-1]
    assert desk.call("GET", "Accounts", {"fields": "id", "sort_by": "Phone"})[0] == 400


def test_pages_by_number_move_and_pages_by_token_do_not(desk: Desk) -> None:
    first = desk.listed("Accounts", per_page=3)
    assert first["info"]["more_records"] is True
    token = first["info"]["next_page_token"]
    second = desk.listed("Accounts", per_page=3, page=2)["data"]
    desk.wrote("Accounts", {"Account_Name": "Новый"})
    by_number = desk.listed("Accounts", per_page=3, page=2)["data"]
    by_token = desk.listed("Accounts", per_page=3, page_token=token)
    assert by_number[0] == first["data"][-1], "one comes twice"
    assert by_token["data"] == second
    assert by_token["info"]["page"] == 2
    assert (by_token["info"]["more_records"], by_token["info"]["next_page_token"]) == (False, None)


def test_a_page_token_is_bound_and_ends(desk: Desk) -> None:
    token = desk.listed("Accounts", per_page=3)["info"]["next_page_token"]
    asked = {"fields": "id", "per_page": 3, "page_token": token}

    def code(**changed: object) -> str:
        return str(desk.call("GET", "Accounts", {**asked, **changed})[1]["code"])

    assert code(per_page=2) == code(fields="Phone") == code(page_token="x")
    assert code(per_page=2) == "TOKEN_BOUND_DATA_MISMATCH"
    assert code(page=2) == "AMBIGUITY_DURING_PROCESSING"
    desk.later(hours=24)
    desk.token = ""
    assert code() == "EXPIRED_VALUE"


def test_numbers_of_pages_end_at_2000_records(desk: Desk) -> None:
    desk.switch(page_limit=6)
    assert desk.listed("Deals", per_page=3, page=2)["info"]["more_records"] is True
    status, refused = desk.call("GET", "Deals", {"fields": "id", "per_page": 3, "page": 3})
    assert (status, refused["code"]) == (400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED")
    token = desk.listed("Deals", per_page=3, page=2)["info"]["next_page_token"]
    assert len(desk.listed("Deals", per_page=3, page_token=token)["data"]) == 1
    assert desk.call("GET", "/crm/v2/Deals", {"per_page": 3, "page": 3})[0] == 200
    desk.switch(token_limit=6)
    again = {"fields": "id", "per_page": 3, "page_token": token}
    assert desk.call("GET", "Deals", again)[1]["code"] == "PAGINATION_LIMIT_EXCEEDED"
    assert desk.call("GET", "Deals", {"fields": "id", "per_page": 201})[0] == 400


def test_304_for_nothing_newer_and_204_for_nothing(desk: Desk) -> None:
    late = desk.answered("GET", "Accounts", {"fields": "id"}, if_modified_since=LATE)
    assert (late.status, late.body, set(late.headers)) == (304, b"", {"date"})
    empty = desk.answered("GET", "ERP_Orders", {"fields": "id"})
    assert (empty.status, empty.body, set(empty.headers)) == (204, b"", {"date"})
    wrong = {"if_modified_since": "Fri, 20 Nov 2026 09:00:00 GMT"}
    assert desk.call("GET", "Accounts", {"fields": "id"}, **wrong)[0] == 400


def test_the_time_itself_counts_and_seconds_are_shared(desk: Desk) -> None:
    """A reader that asks for what is newer than the last second it saw loses rows of it."""
    desk.wrote("Accounts", {"Account_Name": "A"})
    desk.now = desk.now.replace(microsecond=900_000)
    desk.wrote("Accounts", {"Account_Name": "B"})
    at = {"if_modified_since": "2026-11-20T12:00:00+03:00"}
    assert len(desk.call("GET", "Accounts", {"fields": "id"}, **at)[1]["data"]) == 2
    after = {"if_modified_since": "2026-11-20T12:00:01+03:00"}
    assert desk.call("GET", "Accounts", {"fields": "id"}, **after)[0] == 304


def test_records_by_id(desk: Desk) -> None:
    wanted = [desk.id("Accounts", 1), desk.id("Accounts", 3)]
    found = desk.listed("Accounts", ids=",".join(wanted))["data"]
    assert sorted(one["id"] for one in found) == wanted


def test_an_unknown_id_is_nothing_or_an_error(desk: Desk) -> None:
    assert desk.call("GET", "Accounts/5725767000000999999") == (204, None)
    assert desk.call("GET", "Accounts/abc")[1]["details"] == {"resource_path_index": 1}
    desk.switch(unknown_id=400)
    assert desk.call("GET", "Accounts/5725767000000999999")[0] == 400
    assert desk.call("GET", "Nothing/1")[1]["code"] == "INVALID_MODULE"
    assert desk.call("GET", "settings/nothing")[0] == 404


def test_related_lists_are_named_by_the_company(desk: Desk) -> None:
    account = desk.id("Accounts")
    _, lists = desk.call("GET", "settings/related_lists", {"module": "Accounts"})
    names = {one["api_name"] for one in lists["related_lists"]}
    assert {"Contacts", "Deals", "ERP_Orders", "ERP_Payments"} <= names
    found = desk.listed(f"Accounts/{account}/Contacts", fields="Last_Name,Account_Name")
    assert {one["Last_Name"] for one in found["data"]} == {"Кузнецова", "Ёлкин"}
    assert desk.call("GET", f"Accounts/{account}/ERP_Orders", {"fields": "id"})[0] == 204
    assert desk.call("GET", f"Accounts/{account}/Contacts")[0] == 400
    assert desk.call("GET", f"Accounts/{account}/Nope", {"fields": "id"})[0] == 400


def test_deleted_records_lose_their_names_when_the_bin_is_emptied(desk: Desk) -> None:
    gone = desk.id("Accounts", 5)
    desk.call("DELETE", f"Accounts/{gone}")
    _, found = desk.call("GET", "Accounts/deleted", {"type": "all"}, if_modified_since=EARLY)
    (one,) = found["data"]
    assert (one["id"], one["type"]) == (gone, "recycle")
    assert (one["display_name"], one["deleted_by"]["name"]) == (
        "ООО «Новый клиент»",
        "Интеграция syncd",
    )
    desk.later(days=60)
    desk.token = ""
    (one,) = desk.call("GET", "Accounts/deleted", {"type": "permanent"})[1]["data"]
    assert (one["display_name"], one["deleted_by"], one["type"]) == (None, None, "permanent")
    assert desk.call("GET", "Accounts/deleted", {"type": "recycle"})[0] == 204


def test_a_company_of_any_size_is_the_same_for_one_seed() -> None:
    first, second = Desk(size=30), Desk(size=30)
    fields = "Account_Name,Tax_ID,Customer_Status,Modified_Time"
    assert first.listed("Accounts", fields=fields) == second.listed("Accounts", fields=fields)
    assert first.call("GET", "Accounts/actions/count")[1] == {"count": 30}


@pytest.mark.parametrize("wanted", ["false", "true", "both"])
def test_converted_leads_are_asked_for(desk: Desk, wanted: str) -> None:
    desk.call("POST", f"Leads/{desk.id('Leads')}/actions/convert", None, {"data": [{}]})
    found = desk.listed("Leads", converted=wanted)["data"]
    assert len(found) == {"false": 2, "true": 1, "both": 3}[wanted]


def test_a_clock_that_goes_wrong(desk: Desk) -> None:
    desk.switch(skew=90.0)
    answer = desk.answered("GET", "Accounts", {"fields": "id"})
    assert answer.headers["date"] == "Fri, 20 Nov 2026 09:01:30 GMT"
