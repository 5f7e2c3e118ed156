"""Writing: a result for each record, and the silent traps."""

from __future__ import annotations

import pytest

from tests.sandbox.zoho_crm.desk import Desk, Json, codes

EARLY = "2020-01-01T00:00:00+03:00"


def test_statuses_of_many_records(desk: Desk) -> None:
    good: Json = {"Account_Name": "A"}
    bad: Json = {"Phone": "1"}
    assert desk.wrote("Accounts", good, good)[0] == 201
    status, results = desk.wrote("Accounts", bad, good)
    assert (status, codes(results)) == (207, ["MANDATORY_NOT_FOUND", "SUCCESS"])
    assert results[0]["details"] == {
        "api_name": "Account_Name",
        "json_path": "$.data[0].Account_Name",
    }
    assert desk.wrote("Accounts", bad, bad)[0] == 400
    desk.switch(mixed_status=200, all_bad_status=202)
    assert desk.wrote("Accounts", bad, good)[0] == 200
    status, results = desk.wrote("Accounts", bad)
    assert (status, len(results)) == (202, 1)
    assert set(desk.wrote("Accounts", good)[1][0]["details"]) == {
        *("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By", "$approval_state")
    }


@pytest.mark.parametrize("code", ["LIMIT_EXCEEDED", "INVALID_DATA"])
def test_a_hundred_records_a_call(desk: Desk, code: str) -> None:
    desk.switch(over_100=code)
    records = [{"Account_Name": f"A{number}"} for number in range(101)]
    assert desk.wrote("Accounts", *records[:100])[0] == 201
    status, refused = desk.wrote("Accounts", *records)
    assert (status, refused["code"]) == (400, code)
    assert desk.call("GET", "Accounts/actions/count")[1] == {"count": 106}


@pytest.mark.parametrize(
    ("values", "details"),
    [
        ({"Account_Name": "長" * 201}, {"maximum_length": 200}),
        ({"Receivable_Balance": "48200.01"}, {"expected_data_type": "double"}),
        ({"Receivable_Balance": 10**17}, {"maximum_length": 16}),
        ({"Orders_Count": 1.5}, {"expected_data_type": "integer"}),
        ({"Overdue_Since": "20.11.2026"}, {"expected_data_type": "date"}),
        ({"Account_Name": 5}, {"expected_data_type": "text"}),
        ({"Currency": "CNY"}, {"expected_data_type": "picklist"}),
    ],
)
def test_a_value_that_does_not_fit(desk: Desk, values: Json, details: Json) -> None:
    status, (result,) = desk.wrote("Accounts", {"Account_Name": "A", **values})
    assert (status, result["code"]) == (400, "INVALID_DATA")
    name = next(iter(values))
    assert {"api_name": name, "json_path": f"$.data[0].{name}"} | details == {
        key: result["details"][key] for key in ("api_name", "json_path", *details)
    }


def test_money_is_rounded_in_silence_and_an_empty_text_is_nothing(desk: Desk) -> None:
    _, (made,) = desk.wrote(
        "Accounts", {"Account_Name": "A", "Receivable_Balance": 48200.015, "Phone": ""}
    )
    (row,) = desk.call("GET", f"Accounts/{made['details']['id']}")[1]["data"]
    assert (row["Receivable_Balance"], row["Phone"]) == (48200.02, None)


def test_unknown_keys_and_picks(desk: Desk) -> None:
    odd: Json = {"Account_Name": "A", "Recievable_Balance": 5}
    assert codes(desk.wrote("Accounts", odd)[1]) == ["SUCCESS"]
    desk.switch(unknown_keys="refuse")
    assert codes(desk.wrote("Accounts", odd)[1]) == ["INVALID_DATA"]
    pick: Json = {"Account_Name": "A", "Customer_Stage": "Нет такой"}
    assert "Повторный" in desk.wrote("Accounts", pick)[1][0]["details"]["supported_values"]
    desk.switch(unknown_picks="store")
    assert codes(desk.wrote("Accounts", pick)[1]) == ["SUCCESS"]


def test_system_fields_in_a_body_are_ignored(desk: Desk) -> None:
    _, (made,) = desk.wrote("Accounts", {"Account_Name": "A", "Created_Time": EARLY})
    assert made["details"]["Created_Time"] == "2026-11-20T12:00:00+03:00"


def test_upsert_looks_at_the_named_fields_in_their_order(desk: Desk) -> None:
    new: Json = {"Account_Name": "A", "ERP_ID": "k-1"}
    _, (made,) = desk.wrote("Accounts/upsert", new, duplicate_check_fields=["ERP_ID"])
    assert (made["action"], made["duplicate_field"]) == ("insert", None)
    same: Json = {"ERP_ID": "K-1", "Phone": "7"}
    status, (changed,) = desk.wrote("Accounts/upsert", same, duplicate_check_fields=["ERP_ID"])
    assert (status, changed["action"], changed["duplicate_field"]) == (200, "update", "ERP_ID")
    assert changed["details"]["id"] == made["details"]["id"], "case does not matter"
    other: Json = {"Account_Name": "ООО «Пример»", "ERP_ID": "k-1"}
    _, (clash,) = desk.wrote(
        "Accounts/upsert", other, duplicate_check_fields=["Account_Name", "ERP_ID"]
    )
    assert clash["code"] == "DUPLICATE_DATA", "two records match, and one field is unique"
    assert (
        desk.call(
            "POST", "Accounts/upsert", None, {"data": [new], "duplicate_check_fields": ["Nope"]}
        )[0]
        == 400
    )


def test_upsert_without_fields_takes_the_modules_own(desk: Desk) -> None:
    named: Json = {"Account_Name": "ООО «Пример»", "Phone": "7"}
    assert desk.wrote("Accounts/upsert", named)[1][0]["duplicate_field"] == "Account_Name"
    desk.switch(default_check_fields=False)
    assert desk.wrote("Accounts/upsert", named)[1][0]["action"] == "insert"


def test_the_same_key_twice_in_one_call(desk: Desk) -> None:
    rows: list[Json] = [{"Name": "1", "ERP_ID": "o"}, {"Name": "2", "ERP_ID": "o"}]
    _, results = desk.wrote("ERP_Orders/upsert", *rows, duplicate_check_fields=["ERP_ID"])
    assert [one["action"] for one in results] == ["insert", "update"]
    assert results[0]["details"]["id"] == results[1]["details"]["id"]


def test_a_unique_field_refuses_a_second_and_names_the_first(desk: Desk) -> None:
    _, (made,) = desk.wrote("ERP_Orders", {"Name": "1", "ERP_ID": "o"})
    status, (double,) = desk.wrote("ERP_Orders", {"Name": "1", "ERP_ID": "O"})
    assert (status, double["code"]) == (400, "DUPLICATE_DATA")
    assert double["details"]["id"] == made["details"]["id"]
    assert double["details"]["duplicate_record"]["module"]["api_name"] == "ERP_Orders"
    desk.call("DELETE", f"ERP_Orders/{made['details']['id']}")
    assert desk.wrote("ERP_Orders", {"Name": "1", "ERP_ID": "O"})[0] == 201


def test_two_clashes_come_as_one_error(desk: Desk) -> None:
    new: Json = {"field_label": "Second key", "data_type": "text", "unique": {}}
    desk.call("POST", "settings/fields", {"module": "ERP_Orders"}, {"fields": [new]})
    desk.wrote("ERP_Orders", {"Name": "1", "ERP_ID": "a"}, {"Name": "2", "Second_key": "b"})
    _, (double,) = desk.wrote("ERP_Orders", {"Name": "3", "ERP_ID": "a", "Second_key": "b"})
    assert double["code"] == "MULTIPLE_OR_MULTI_ERRORS"
    assert codes(double["details"]["errors"]) == ["DUPLICATE_DATA"] * 2


def test_an_insert_sent_again_is_there_twice(desk: Desk) -> None:
    for _ in range(2):
        assert desk.wrote("Accounts", {"Account_Name": "Дважды"})[0] == 201
    found = desk.coql("select id from Accounts where Account_Name = 'Дважды'")[1]
    assert found["info"]["count"] == 2


def test_a_lookup_to_a_deleted_account(desk: Desk) -> None:
    account = desk.id("Accounts")
    order: Json = {"Name": "1", "ERP_ID": "o", "Account": {"id": account}}
    _, (made,) = desk.wrote("ERP_Orders", order)
    desk.call("DELETE", f"Accounts/{account}")
    status, (refused,) = desk.wrote("ERP_Orders", {**order, "ERP_ID": "p"})
    assert (status, refused["details"]["json_path"]) == (400, "$.data[0].Account.id")
    (left,) = desk.call("GET", f"ERP_Orders/{made['details']['id']}")[1]["data"]
    assert left["Account"] is None
    assert left["Modified_Time"] == made["details"]["Modified_Time"]


def test_an_owner_must_be_active(desk: Desk) -> None:
    owner = {"id": "5725767000000411004"}
    assert codes(desk.wrote("Accounts", {"Account_Name": "A", "Owner": owner})[1]) == [
        "INVALID_DATA"
    ]


def test_update_by_id_in_the_body_or_the_path(desk: Desk) -> None:
    account = desk.id("Accounts")
    status, results = desk.wrote(
        "Accounts", {"id": account, "Phone": "7"}, {"Phone": "7"}, {"id": "1"}, method="PUT"
    )
    assert (status, codes(results)) == (207, ["SUCCESS", "MANDATORY_NOT_FOUND", "INVALID_DATA"])
    assert desk.wrote(f"Accounts/{account}", {"Phone": "8"}, method="PUT")[0] == 200
    assert desk.call("PUT", "Accounts/1", None, {"data": [{"Phone": "8"}]})[0] == 400
    assert desk.wrote(f"Accounts/{account}", {"Account_Name": None}, method="PUT")[0] == 400


@pytest.mark.parametrize("moves", [True, False])
def test_an_update_without_a_change(desk: Desk, moves: bool) -> None:
    desk.switch(equal_update_moves=moves)
    body: Json = {"id": desk.id("Accounts"), "Billing_City": "Москва"}
    _, (done,) = desk.wrote("Accounts", body, method="PUT")
    assert (done["details"]["Modified_Time"][:10] == "2026-11-20") == moves


def test_what_was_changed_in_between_is_refused_if_asked(desk: Desk) -> None:
    path = f"Accounts/{desk.id('Accounts')}"
    body = {"data": [{"Phone": "7"}]}
    status, found = desk.call("PUT", path, None, body, if_unmodified_since=EARLY)
    assert (status, found["data"][0]["code"]) == (412, "ALREADY_MODIFIED")
    assert found["data"][0]["details"]["Modified_Time"] == "2026-09-01T09:00:00+03:00"
    now = "2026-11-20T12:00:00+03:00"
    assert desk.call("PUT", path, None, body, if_unmodified_since=now)[0] == 200


def test_a_locked_record(desk: Desk) -> None:
    account = desk.id("Accounts")
    desk.switch(locked=account)
    _, results = desk.wrote("Accounts", {"id": account, "Phone": "7"}, method="PUT")
    assert codes(results) == ["RECORD_LOCKED"]
    assert desk.call("DELETE", f"Accounts/{account}")[0] == 400


def test_an_external_id_stands_for_the_id(desk: Desk) -> None:
    key = {"x_external": "Accounts.ERP_ID"}
    body = {"data": [{"Account_Name": "Внешний", "ERP_ID": "ключ 1"}]}
    made = desk.call("POST", "Accounts/upsert", None, body, **key)[1]["data"][0]
    assert made["action"] == "insert"
    assert desk.call("POST", "Accounts/upsert", None, body, **key)[1]["data"][0]["action"] == (
        "update"
    )
    (row,) = desk.call("GET", "Accounts/ключ 1", **key)[1]["data"]
    assert row["id"] == made["details"]["id"]
    through = {"x_external": "ERP_Orders.ERP_ID,ERP_Orders.Account.ERP_ID"}
    order = {"data": [{"Name": "1", "ERP_ID": "o", "Account": {"ERP_ID": "ключ 1", "id": "1"}}]}
    assert desk.call("POST", "ERP_Orders/upsert", None, order, **through)[0] == 200
    assert len(desk.listed(f"Accounts/{row['id']}/ERP_Orders")["data"]) == 1
    assert desk.call("DELETE", "Accounts/ключ 1", **key)[0] == 200
    assert desk.call("GET", "Accounts", {"fields": "id"}, x_external="Accounts.Phone")[0] == 200
    assert desk.call("GET", "Accounts/1", x_external="Accounts.Phone")[0] == 400


def test_delete_many(desk: Desk) -> None:
    ids = [desk.id("Deals", 0), "1", desk.id("Deals", 1)]
    status, found = desk.call("DELETE", "Deals", {"ids": ",".join(ids)})
    assert (status, codes(found["data"])) == (207, ["SUCCESS", "INVALID_DATA", "SUCCESS"])
    assert found["data"][1]["message"] == "record not deleted"
    assert desk.call("DELETE", "Deals")[1]["code"] == "REQUIRED_PARAM_MISSING"
    many = ",".join(str(number) for number in range(101))
    assert desk.call("DELETE", "Deals", {"ids": many})[1]["details"]["param_name"] == "ids"


@pytest.mark.parametrize(
    ("trigger", "ran"), [(None, 1), ([], 0), (["workflow"], 1), (["approval"], 0)]
)
def test_workflows_run_unless_the_call_says_otherwise(
    desk: Desk, trigger: list[str] | None, ran: int
) -> None:
    more = {} if trigger is None else {"trigger": trigger}
    desk.wrote("Accounts", {"Account_Name": "A"}, **more)
    last = desk.zoho.crm.written[-1]
    assert (last.trigger, len(last.ran)) == (trigger, ran)


def test_native_orders_compute_their_totals_themselves(desk: Desk) -> None:
    line: Json = {"Product_Name": {"id": desk.id("Products")}, "Quantity": 3, "List_Price": 33.33}
    order: Json = {
        "Subject": "Заказ",
        "Account_Name": {"id": desk.id("Accounts")},
        "Ordered_Items": [line],
        "Grand_Total": 100.0,
    }
    _, (made,) = desk.wrote("Sales_Orders", order)
    id = made["details"]["id"]
    (row,) = desk.call("GET", f"Sales_Orders/{id}")[1]["data"]
    assert (row["Grand_Total"], row["SO_Number"]) == (99.99, "1")
    assert row["Ordered_Items"][0]["Product_Name"]["name"] == "Стол офисный"
    more: Json = {"id": id, "Ordered_Items": [{**line, "Quantity": 1}]}
    desk.wrote("Sales_Orders", more, method="PUT")
    (row,) = desk.call("GET", f"Sales_Orders/{id}")[1]["data"]
    assert (len(row["Ordered_Items"]), row["Grand_Total"]) == (2, 133.32)
    gone: Json = {"id": row["Ordered_Items"][0]["id"], "_delete": None}
    desk.wrote("Sales_Orders", {"id": id, "Ordered_Items": [gone]}, method="PUT")
    (row,) = desk.call("GET", f"Sales_Orders/{id}")[1]["data"]
    assert row["Grand_Total"] == 33.33
    fields = {"fields": "Subject,Ordered_Items"}
    assert "Ordered_Items" not in desk.call("GET", "Sales_Orders", fields)[1]["data"][0]
    without = {**order, "Ordered_Items": None}
    assert codes(desk.wrote("Sales_Orders", without)[1]) == ["MANDATORY_NOT_FOUND"]


def test_a_body_that_is_none(desk: Desk) -> None:
    assert desk.call("POST", "Accounts", None, [1])[1]["code"] == "INVALID_DATA"
    assert desk.call("POST", "Accounts", None, {})[1]["code"] == "MANDATORY_NOT_FOUND"
    assert desk.call("POST", "Accounts", None, {"data": []})[0] == 400
    assert desk.wrote("Accounts", 5)[1][0]["code"] == "INVALID_DATA"  # type: ignore[arg-type]
