"""The record API: customers and what belongs to them, lists, filters, the catalog."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.netsuite.desk import Desk, Json, error

NEW: Json = {"companyName": "ООО «Новый»", "subsidiary": {"id": "1"}}


def put(desk: Desk, body: Json, eid: str = "CRM-1", **headers: str) -> str:
    """Id of the customer."""
    answer = desk.answered("PUT", f"customer/eid:{eid}", None, body, **headers)
    assert answer.status == 204, answer.body.decode()
    return str(answer.headers["location"].rpartition("/")[2])


def read(desk: Desk, id: str, **query: str) -> Json:
    status, found = desk.call("GET", f"customer/{id}", query)
    assert status == 200, found
    return dict(found)


def test_an_upsert_makes_one_customer(desk: Desk) -> None:
    first = put(desk, {**NEW, "phone": "+7 495 000-00-77"})
    assert put(desk, {"email": "a@example.com"}) == first
    found = read(desk, "eid:CRM-1")
    assert (found["phone"], found["email"]) == ("+7 495 000-00-77", "a@example.com")
    assert (found["searchStage"], found["externalId"]) == ("Lead", "CRM-1")
    assert found["currency"]["refName"] == "US Dollar"


def test_the_id_is_only_in_the_location(desk: Desk) -> None:
    answer = desk.answered("POST", "customer", None, NEW)
    assert (answer.status, answer.body) == (204, b"")
    root = "http://books.example:8080/services/rest/record/v1/customer/"
    assert answer.headers["location"].startswith(root)


def test_a_patch_keeps_what_it_does_not_say_and_null_clears(desk: Desk) -> None:
    id = put(desk, {**NEW, "phone": "1", "email": "a@example.com"})
    assert desk.call("PATCH", f"customer/{id}", None, {"phone": None, "url": "https://e.example"})
    found = read(desk, id)
    assert ("phone" in found, found["email"], found["url"]) == (
        False,
        "a@example.com",
        "https://e.example",
    )


@pytest.mark.parametrize(
    ("body", "code", "told"),
    [
        ({"companyName": "x"}, "USER_ERROR", "Please enter value(s) for: Primary Subsidiary"),
        ({"subsidiary": {"id": "1"}}, "USER_ERROR", "Please enter value(s) for: Company Name"),
        ({**NEW, "isPerson": True}, "USER_ERROR", "Please enter value(s) for: Last Name"),
        (
            {**NEW, "salesRep": {"id": "99"}},
            "USER_ERROR",
            "Invalid Field Value 99 for the following field: salesrep",
        ),
        ({**NEW, "entityId": "CUS7"}, "USER_ERROR", "This entity already exists."),
        ({**NEW, "creditLimit": "much"}, "INVALID_VALUE", "creditLimit"),
        ({**NEW, "isInactive": "no"}, "INVALID_VALUE", "isInactive"),
        ({**NEW, "parent": {"externalId": "x"}}, "INVALID_KEY_OR_REF", "parent"),
    ],
)
def test_what_a_customer_must_have(desk: Desk, body: Json, code: str, told: str) -> None:
    status, found = desk.call("POST", "customer", None, body)
    assert (status, error(found)[0], told in error(found)[1]) == (400, code, True), found
    assert len(desk.rows("SELECT id FROM customer")) == 7


def test_without_numbers_the_name_is_unique(desk: Desk) -> None:
    desk.switch(auto_numbers=False)
    put(desk, NEW)
    status, found = desk.call("POST", "customer", None, NEW)
    assert (status, error(found)[1]) == (400, "This entity already exists.")


def test_names_that_the_record_does_not_have(desk: Desk) -> None:
    put(desk, {**NEW, "colour": "blue"})
    strict = {"x_netsuite_propertynamevalidation": "error"}
    status, found = desk.call("PATCH", "customer/eid:CRM-1", None, {"colour": "blue"}, **strict)
    assert (status, error(found)[0]) == (400, "NONEXISTENT_FIELD")
    desk.switch(unknown_properties="refuse")
    assert desk.call("PATCH", "customer/eid:CRM-1", None, {"colour": "blue"})[0] == 400


def test_what_is_read_only_is_not_written(desk: Desk) -> None:
    id = put(desk, {**NEW, "balance": 5, "searchStage": "Customer"})
    assert (read(desk, id)["balance"], read(desk, id)["searchStage"]) == (0, "Lead")


def test_the_stage_follows_the_status(desk: Desk) -> None:
    id = put(desk, {**NEW, "entityStatus": {"id": "10"}})
    assert read(desk, id)["searchStage"] == "Prospect"
    put(desk, {"entityStatus": {"id": "13"}})
    assert read(desk, id)["searchStage"] == "Customer"


def test_custom_fields_are_the_accounts(desk: Desk) -> None:
    """They are columns of SuiteQL and properties of the record under one name."""
    card = {"custentity_syncd_receivable": 1250.5, "custentity_syncd_overdue_since": "2026-11-05"}
    id = put(desk, {**NEW, **card})
    assert {name: read(desk, id)[name] for name in card} == card
    text = "SELECT custentity_syncd_receivable AS r FROM customer WHERE id = ?"
    assert desk.values(text, int(id)) == ["1250.5"]
    desk.do("field", name="custentity_region")
    put(desk, {"custentity_region": "関東"})
    assert read(desk, id)["custentity_region"] == "関東"
    assert "custentity_region" in desk.call("GET", "metadata-catalog/customer")[1]["properties"]


def test_an_account_that_nobody_prepared() -> None:
    desk = Desk(prepared=False)
    properties = desk.call("GET", "metadata-catalog/customer")[1]["properties"]
    assert not [one for one in properties if one.startswith("custentity")]


def test_external_ids(desk: Desk) -> None:
    status, found = desk.call("PUT", "customer/eid:CRM|1", None, NEW)
    assert (status, error(found)[0]) == (400, "INVALID_VALUE")
    assert desk.call("PUT", "customer/7", None, NEW)[0] == 400
    status, found = desk.call("PUT", "customer/eid:CRM-1", None, {**NEW, "id": "7"})
    assert (status, error(found)[0]) == (400, "INVALID_CONTENT")
    id = put(desk, NEW)
    assert desk.answered("POST", "contact", None,
                         {"lastName": "Иванова", "company": {"externalId": "CRM-1"}}
                         ).status == 204  # fmt: skip
    [row] = desk.rows("SELECT entityid, company FROM contact WHERE company = ?", int(id))
    assert row["entityid"] == "Иванова"


def test_addresses(desk: Desk) -> None:
    place = {"addr1": "丸の内1-1", "city": "東京都", "country": {"id": "JP"}, "zip": "100-0001"}
    book = {"items": [{"defaultBilling": True, "label": "Main", "addressBookAddress": place}]}
    id = put(desk, {**NEW, "addressBook": book})
    found = read(desk, id, expandSubResources="true")["addressBook"]
    assert found["totalResults"] == 1
    [item] = found["items"]
    assert (item["defaultBilling"], item["defaultShipping"]) == (True, False)
    assert item["addressBookAddress"]["city"] == "東京都"
    assert read(desk, id)["addressBook"]["links"][0]["href"].endswith("/addressBook")

    change = {"internalId": item["internalId"], "addressBookAddress": {"city": "大阪市"}}
    more = {"addressBookAddress": {"city": "Москва"}, "defaultShipping": True}
    put(desk, {"addressBook": {"items": [change, more]}})
    text = (
        "SELECT a.city FROM customeraddressbook b JOIN entityaddress a "
        "ON a.nkey = b.addressbookaddress WHERE b.entity = ? ORDER BY b.internalid"
    )
    assert [one["city"] for one in desk.rows(text, int(id))] == ["大阪市", "Москва"]
    only = {"addressBook": {"items": [more]}}
    assert desk.call("PATCH", f"customer/{id}", {"replace": "addressBook"}, only)[0] == 204
    assert [one["city"] for one in desk.rows(text, int(id))] == ["Москва"]
    first = f"customer/{id}/addressBook"
    assert desk.call("GET", first)[1]["items"][0].keys() == {"links"}


def test_what_an_account_adds_to_the_rules(desk: Desk) -> None:
    desk.switch(mandatory="email", locked="7", conflict=True)
    status, found = desk.call("POST", "customer", None, NEW)
    assert (status, error(found)[1]) == (400, "Please enter value(s) for: Email")
    status, found = desk.call("PATCH", "customer/7", None, {"phone": "1"})
    assert (status, error(found)[0], "workflow" in error(found)[1]) == (400, "USER_ERROR", True)
    status, found = desk.call("PATCH", "customer/9", None, {"phone": "1"})
    assert (status, error(found)[0]) == (409, "RCRD_HAS_BEEN_CHANGED")
    desk.switch(conflict_status=400)
    _, found = desk.call("PATCH", "customer/9", None, {"phone": "1"})
    assert error(found) == ("USER_ERROR", "Record has been changed.")


def test_a_refused_write_leaves_nothing(desk: Desk) -> None:
    book = {"items": [{"id": 99, "addressBookAddress": {"city": "x"}}]}
    status, _ = desk.call("PUT", "customer/eid:CRM-9", None, {**NEW, "addressBook": book})
    assert status == 400
    assert desk.call("GET", "customer/eid:CRM-9")[0] == 404


def test_people_see_what_was_written(desk: Desk) -> None:
    put(desk, NEW)
    desk.call("POST", "customer", None, {})
    page = desk.netsuite.page("writes") or ""
    assert ("PUT customer/eid:CRM-1" in page, "ООО «Новый»" in page) == (True, True)
    assert "POST" not in page, "it was refused"


def test_deleting(desk: Desk) -> None:
    id = put(desk, NEW)
    assert desk.answered("DELETE", f"customer/{id}").status == 204
    status, found = desk.call("GET", f"customer/{id}")
    assert (status, error(found)[0]) == (404, "NONEXISTENT_ID")
    gone = "SELECT recordid, name FROM deletedrecord WHERE type = 'customer'"
    assert desk.rows(gone)[0]["recordid"] == id
    status, found = desk.call("DELETE", "customer/7")
    assert (status, "dependent records" in error(found)[1]) == (400, True)


def test_a_customer_says_what_it_owes(books: Desk) -> None:
    found = read(books, "7")
    assert (found["balance"], found["overdueBalance"]) == (37300, 12300)
    assert read(books, "10")["depositBalance"] == 50000
    assert read(books, "7", fields="companyName,terms").keys() == {"links", "companyName", "terms"}


def test_documents_can_be_read(books: Desk) -> None:
    found = books.call("GET", "customerPayment/4", {"expandSubResources": "true"})[1]
    assert (found["tranId"], found["total"], found["unapplied"]) == ("PYMT1001", 55200, 5000)
    applied = [(one["doc"]["id"], one["amount"]) for one in found["apply"]["items"]]
    assert applied == [("2", 38200), ("3", 12000)]
    invoice = books.call("GET", "invoice/2")[1]
    assert (invoice["amountRemaining"], invoice["status"]["id"]) == (12300, "A")
    assert books.call("GET", "invoice/4")[0] == 404, "a payment is no invoice"
    assert books.call("PATCH", "invoice/2", None, {"memo": "x"})[0] == 403


# lists


def ids(desk: Desk, q: str = "", kind: str = "customer") -> list[str]:
    status, found = desk.call("GET", kind, {"q": q} if q else {})
    assert status == 200, found
    return [one["id"] for one in found["items"]]


def test_a_list_has_ids_and_links_only(books: Desk) -> None:
    _, found = books.call("GET", "customer", {"limit": 2, "q": 'companyName CONTAIN "«"'})
    assert [one.keys() for one in found["items"]] == [{"links", "id"}] * 2
    next = f"http://books.example:8080/services/rest/record/v1/customer/{found['items'][0]['id']}"
    assert found["items"][0]["links"][0]["href"] == next
    rels = {one["rel"]: one["href"] for one in found["links"]}
    assert "q=companyName%20CONTAIN" in rels["self"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ('companyName IS "ООО «Пример»"', ["7"]),
        ('companyName START_WITH "ооо"', ["7", "13"]),
        ('companyName END_WITH "LLC"', ["12"]),
        ('companyName START_WITH "ООО" AND phone EMPTY', ["13"]),
        ("id ANY_OF [7, 9]", ["7", "9"]),
        ("id BETWEEN [9, 11]", ["9", "10", "11"]),
        ("isPerson IS true", ["11"]),
        ("creditLimit GREATER_OR_EQUAL 100000", ["7"]),
        ('(id EQUAL 7 OR id EQUAL 9) AND email START_WITH "ap"', ["9"]),
        ('lastModifiedDate AFTER "11/17/2026"', ["13", "14"]),
        ('lastModifiedDate ON "11/17/2026"', ["13"]),
        ('lastModifiedDate BEFORE "11/17/2026" AND salesRep EMPTY_NOT', ["7", "10"]),
    ],
)
def test_filters(books: Desk, q: str, found: list[str]) -> None:
    assert ids(books, q) == found


@pytest.mark.parametrize(
    "q",
    [
        'nothing IS "x"',
        'companyName LIKES "x"',
        "companyName IS",
        'lastModifiedDate AFTER "2026-11-17"',
        'lastModifiedDate AFTER "2026-11-17T00:00:00Z"',
        'isPerson IS "maybe"',
        "id EQUAL seven",
        '(id EQUAL 7',
        'id EQUAL 7 id EQUAL 9',
    ],
)  # fmt: skip
def test_filters_that_are_refused(books: Desk, q: str) -> None:
    status, found = books.call("GET", "customer", {"q": q})
    assert (status, found["o:errorDetails"][0]["o:errorQueryParam"]) == (400, "q")


def test_dates_of_a_filter_are_in_the_accounts_format(desk: Desk) -> None:
    desk.switch(date_format="DD.MM.YYYY")
    assert ids(desk, 'lastModifiedDate AFTER "17.11.2026"') == ["13", "14"]
    _, found = desk.call("GET", "customer", {"q": 'lastModifiedDate AFTER "11/17/2026"'})
    assert "failed with date format DD.MM.YYYY" in error(found)[1]


# the catalog


def test_the_catalog(books: Desk) -> None:
    _, found = books.call("GET", "metadata-catalog")
    names = {one["name"] for one in found["items"]}
    assert {"customer", "contact", "invoice", "salesOrder", "customerPayment"} <= names
    answer = books.answered("GET", "metadata-catalog/customer")
    assert answer.headers["content-type"] == "application/schema+json"
    shape: Any = books.call("GET", "metadata-catalog/customer")[1]["properties"]
    assert shape["custentity_syncd_receivable"]["x-ns-custom-field"] is True
    assert shape["balance"]["readOnly"] is True
    assert shape["lastModifiedDate"]["format"] == "date-time"
    opened = books.call("GET", "metadata-catalog", {"select": "customer,invoice"},
                        accept="application/swagger+json")[1]  # fmt: skip
    assert sorted(opened["components"]["schemas"]) == ["customer", "invoice"]


def test_the_catalog_may_be_empty_at_first(desk: Desk) -> None:
    desk.switch(empty_schema_first=True)
    assert "properties" not in desk.call("GET", "metadata-catalog/customer")[1]
    assert "properties" in desk.call("GET", "metadata-catalog/customer")[1]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "customers", 404), ("POST", "customer/7", 405), ("GET", "customer/x", 400),
     ("GET", "/services/rest/record/v2/customer", 404), ("GET", "metadata-catalog/x", 404)],
)  # fmt: skip
def test_addresses_that_there_are_not(books: Desk, method: str, path: str, status: int) -> None:
    assert books.call(method, path)[0] == status
