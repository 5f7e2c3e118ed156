"""COQL, which sees at once what was written, and the search, which does not."""

from __future__ import annotations

import pytest

from tests.sandbox.zoho_crm.desk import Desk


def names(
    desk: Desk, where: str, module: str = "Accounts", column: str = "Account_Name"
) -> set[str]:
    status, found = desk.coql(f"select {column} from {module} where {where}")
    return {one[column] for one in found["data"]} if status == 200 else set()


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("id is not null", 6),
        ("Account_Name = 'ооо «пример»'", 1),
        ("Account_Name like 'ООО%'", 3),
        ("Account_Name not like 'ООО%'", 3),
        ("Tax_ID is null", 2),
        ("Billing_City in ('Москва', '東京')", 3),
        ("Billing_City not in ('Москва', '東京')", 3),
        ("Modified_Time >= '2026-09-01T06:07:00+00:00'", 3),
        ("Modified_Time between '2026-09-01T09:00:00+03:00' and '2026-09-01T09:06:59+03:00'", 3),
        ("(Billing_City = 'Москва' and Tax_ID is not null)", 2),
        ("((Billing_City = 'Москва' or Billing_City = 'Boston') and Tax_ID is null)", 1),
        ("Owner = '5725767000000411002'", 3),
    ],
)
def test_conditions(desk: Desk, where: str, count: int) -> None:
    assert len(names(desk, where)) == count


def test_lookups_are_ids_and_dots_go_through_them(desk: Desk) -> None:
    _, found = desk.coql(
        "select Deal_Name, Account_Name, Account_Name.Billing_City from Deals "
        "where Account_Name.Tax_ID = '7700000009'"
    )
    (deal,) = found["data"]
    assert deal["Account_Name"] == {"id": desk.id("Accounts")}
    assert deal["Account_Name.Billing_City"] == "Москва"
    assert set(deal) >= {"id"}
    query = "select Amount from Deals where id is not null"
    asked = {"select_query": query, "include_meta": ["fields"]}
    _, found = desk.call("POST", "coql", None, asked)
    assert found["fields"]["Amount"]["data_type"] == "currency"
    desk.switch(coql_names=True)
    _, found = desk.coql(
        f"select Account_Name from Deals where Account_Name = '{desk.id('Accounts')}'"
    )
    assert found["data"][0]["Account_Name"]["name"] == "ООО «Пример»"


def test_order_limit_and_offset(desk: Desk) -> None:
    _, all_ = desk.coql("select id from Accounts where id is not null")
    ids = [one["id"] for one in all_["data"]]
    assert ids == sorted(ids)
    _, page = desk.coql("select id from Accounts where id is not null limit 2 offset 2")
    assert [one["id"] for one in page["data"]] == ids[2:4]
    assert page["info"] == {"count": 2, "more_records": True}
    _, same = desk.coql("select id from Accounts where id is not null limit 2, 2")
    assert same == page
    _, keyset = desk.coql(f"select id from Accounts where id > '{ids[3]}' order by id asc limit 2")
    assert [one["id"] for one in keyset["data"]] == ids[4:]
    _, down = desk.coql("select Amount from Deals where Amount > 1000 order by Amount desc limit 1")
    assert down["data"][0]["Amount"] == 1204000.0
    assert desk.coql("select id from Accounts where id = '1'") == (204, None)


def test_groups(desk: Desk) -> None:
    _, found = desk.coql(
        "select Stage, count(id), sum(Amount) as total from Deals "
        "where id is not null group by Stage"
    )
    won = next(one for one in found["data"] if one["Stage"] == "Closed Won")
    assert (won["COUNT(id)"], won["total"]) == (2, 1219500.0)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("select id from Accounts", "SYNTAX_ERROR"),
        (
            "select id from Accounts where Phone = '1' and Phone = '2' and Phone = '3'",
            "SYNTAX_ERROR",
        ),
        ("select id from Accounts where Phone == 1", "SYNTAX_ERROR"),
        ("select id from Accounts where Phone = 'открыта", "SYNTAX_ERROR"),
        ("delete from Accounts", "SYNTAX_ERROR"),
        ("select id from Accounts where Nope = 1", "INVALID_QUERY"),
        ("select Nope from Accounts where id is not null", "INVALID_QUERY"),
        ("select id from Accounts where Account_Name > 'A'", "INVALID_QUERY"),
        ("select id from Accounts where Description = 'A'", "INVALID_QUERY"),
        ("select id from Accounts where Modified_Time > '20.11.2026'", "INVALID_QUERY"),
        ("select id from Accounts where id is not null limit 2001", "INVALID_QUERY"),
        ("select id from Accounts where id is not null limit 5 offset 99996", "LIMIT_EXCEEDED"),
        ("select id, id from Accounts where id is not null", "DUPLICATE_DATA"),
        ("select id from Nope where id is not null", "INVALID_MODULE"),
    ],
)
def test_mistakes(desk: Desk, query: str, code: str) -> None:
    status, refused = desk.coql(query)
    assert (status, refused["code"]) == (400, code)


def test_limits_of_a_query(desk: Desk) -> None:
    columns = ", ".join(f"F{number}" for number in range(51))
    for query in (
        f"select {columns} from Accounts where id is not null",
        f"select id from Accounts where id in ({', '.join(map(str, range(51)))})",
    ):
        assert desk.coql(query)[1]["code"] == "LIMIT_EXCEEDED"
    where = "id = 1"
    for _ in range(25):
        where = f"({where} or id = 1)"
    assert desk.coql(f"select id from Accounts where {where}")[1]["code"] == "LIMIT_EXCEEDED"


def test_a_quote_inside_a_text(desk: Desk) -> None:
    def found(text: str, column: str = "Last_Name") -> set[str]:
        return names(desk, f"Last_Name = {text}", "Contacts", column)

    assert found("'O''Brien'") == {"O'Brien"} == found('"O\'Brien"')
    assert found(r"'O\'Brien'") == set()
    desk.switch(coql_quotes="backslash")
    assert found(r"'O\'Brien'") == {"O'Brien"}
    _, quoted = desk.coql("select 'Last_Name' from Contacts where 'Last_Name' = 'Ёлкин'")
    assert quoted["data"][0]["Last_Name"] == "Ёлкин"


def test_the_index_is_behind_and_a_query_is_not(desk: Desk) -> None:
    desk.wrote("Accounts", {"Account_Name": "Только что", "ERP_ID": "new"})
    asked = {"criteria": "(ERP_ID:equals:new)", "fields": "Account_Name"}
    assert desk.call("GET", "Accounts/search", asked) == (204, None)
    assert names(desk, "ERP_ID = 'new'") == {"Только что"}
    desk.later(seconds=30)
    assert desk.call("GET", "Accounts/search", asked)[1]["data"][0]["Account_Name"] == "Только что"


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"criteria": "((Account_Name:starts_with:ООО)and(Billing_City:equals:Москва))"}, 2),
        ({"criteria": "(Billing_City:in:Москва,東京)"}, 3),
        ({"criteria": "((Tax_ID:equals:7700000009)or(Tax_ID:equals:7700000016))"}, 2),
        ({"phone": "+81 3 0000 0000"}, 1),
        ({"word": "サンプル"}, 1),
    ],
)
def test_searches(desk: Desk, asked: dict[str, str], count: int) -> None:
    assert len(desk.call("GET", "Accounts/search", asked)[1]["data"]) == count


def test_brackets_and_commas_are_escaped(desk: Desk) -> None:
    desk.wrote("Accounts", {"Account_Name": "A (B), C"})
    desk.later(minutes=1)
    asked = {"criteria": r"(Account_Name:equals:A \(B\)\, C)"}
    assert len(desk.call("GET", "Accounts/search", asked)[1]["data"]) == 1
    plain = {"criteria": "(Account_Name:equals:A (B), C)"}
    assert desk.call("GET", "Accounts/search", plain)[1]["code"] == "INVALID_QUERY"
    many = {"criteria": "or".join(["(Phone:equals:1)"] * 16)}
    assert desk.call("GET", "Accounts/search", many)[1]["code"] == "CRITERIA_LIMIT_EXCEEDED"
    assert desk.call("GET", "Accounts/search")[1]["code"] == "EXPECTED_PARAM_MISSING"
