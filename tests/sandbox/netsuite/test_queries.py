"""SuiteQL: what comes back and how, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sandbox.netsuite.desk import SUITEQL, Desk, error

BAD = "Search error occurred: Invalid or unsupported search."
FORM = "'YYYY-MM-DD HH24:MI:SS'"


def value(books: Desk, expression: str, *params: object) -> Any:
    """Of one expression; None where it is left out."""
    return books.rows(f"SELECT {expression} AS v FROM dual", *params)[0].get("v")


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("0.1 + 0.2", "0.3"),
        ("1 / 4", "0.25"),
        ("7 * 1.10", "7.7"),
        ("10 - 2.50", "7.5"),
        ("MOD(7, 3)", "1"),
        ("ROUND(2.345, 2)", "2.35"),
        ("ROUND(-2.5)", "-3"),
        ("TRUNC(2.987, 1)", "2.9"),
        ("ABS(-3)", "3"),
        ("SIGN(-3)", "-1"),
        ("GREATEST(1, 5, 3)", "5"),
        ("NVL(NULL, 'x')", "x"),
        ("NVL2(1, 'a', 'b')", "a"),
        ("COALESCE(NULL, NULL, 3)", "3"),
        ("DECODE('B', 'A', 1, 'B', 2, 3)", "2"),
        ("CASE WHEN 1 = 2 THEN 'a' ELSE 'b' END", "b"),
        ("'a' || NULL || 'b'", "ab"),
        ("UPPER('счёт') || LOWER('ЙЦ')", "СЧЁТйц"),
        ("LENGTH('株式会社')", "4"),
        ("SUBSTR('Счёт', 2, 2)", "чё"),
        ("SUBSTR('Счёт', -2)", "ёт"),
        ("INSTR('abc', 'c')", "3"),
        ("REPLACE('a-b', '-', '')", "ab"),
        ("TRIM('  x ')", "x"),
        ("LPAD('7', 3, '0')", "007"),
        ("TO_NUMBER('12.50')", "12.5"),
        ("TO_CHAR(TO_DATE('2026-02-03', 'YYYY-MM-DD'), 'DD.MM.YY')", "03.02.26"),
        ("TO_DATE('2026-02-03', 'YYYY-MM-DD') + 30", "3/5/2026"),
        ("TO_DATE('2026-02-03', 'YYYY-MM-DD') - TO_DATE('2026-02-01', 'YYYY-MM-DD')", "2"),
        ("ADD_MONTHS(TO_DATE('2026-01-31', 'YYYY-MM-DD'), 1)", "2/28/2026"),
        ("LAST_DAY(TO_DATE('2026-02-03', 'YYYY-MM-DD'))", "2/28/2026"),
        ("TRUNC(TO_DATE('2026-02-13', 'YYYY-MM-DD'), 'MM')", "2/1/2026"),
        ("NULL", None),
        ("''", None),
        ("NULLIF(1, 1)", None),
        ("SUM(NULL)", None),
    ],
)
def test_expressions_are_oracles(books: Desk, expression: str, found: str | None) -> None:
    assert value(books, expression) == found


def test_everything_is_text_and_what_is_null_is_left_out(books: Desk) -> None:
    status, page = books.query("SELECT id, ALTNAME AS Name, parent FROM Customer WHERE id = 7")
    assert status == 200
    [row] = page["items"]
    assert row == {"links": [], "id": "7", "name": "ООО «Пример»"}


def test_an_empty_text_is_null(books: Desk) -> None:
    assert books.rows("SELECT id FROM customer WHERE comments = ''") == []
    assert len(books.rows("SELECT id FROM customer WHERE comments IS NULL")) == 7


def test_columns_without_a_name(books: Desk) -> None:
    text = "SELECT COUNT(*), id + 1, id FROM customer WHERE id = 7 GROUP BY id"
    assert books.rows(text) == [{"expr1": "1", "expr2": "8", "id": "7"}]


def test_sums_are_exact(desk: Desk) -> None:
    who = desk.do("customer", companyname="x")
    for _ in range(10):
        desk.do("invoice", customer=who, lines=[[1, 1, "0.1"]])
    text = "SELECT SUM(foreigntotal) AS s, AVG(foreigntotal) AS a FROM transaction WHERE entity = ?"
    assert desk.values(text, who) == ["1", "0.1"]


def test_what_people_read(books: Desk) -> None:
    [row] = books.rows(
        "SELECT BUILTIN.DF(t.status) AS status, BUILTIN.CF(t.status) AS code, "
        "BUILTIN.DF(t.entity) AS who, BUILTIN.DF(t.currency) AS money, BUILTIN.DF(t.type) AS kind "
        "FROM transaction t WHERE t.tranid = 'INV1001'"
    )
    told = ("Invoice : Open", "CustInvc:A", "ООО «Пример»", "Russian Rouble", "Invoice")
    assert tuple(row.values()) == told


def test_joins_of_both_kinds_agree(books: Desk) -> None:
    new = "SELECT c.id, e.entityid FROM customer c LEFT JOIN employee e ON e.id = c.salesrep"
    old = "SELECT c.id, e.entityid FROM customer c, employee e WHERE c.salesrep = e.id (+)"
    assert books.rows(f"{new} ORDER BY c.id") == books.rows(f"{old} ORDER BY c.id")
    assert len(books.rows(f"{old} AND c.id > 9 ORDER BY c.id")) == 5


def test_subqueries_unions_and_groups(books: Desk) -> None:
    text = (
        "SELECT x.entity, COUNT(*) AS n FROM (SELECT t.entity, t.type FROM transaction t "
        "WHERE EXISTS (SELECT 1 FROM customer c WHERE c.id = t.entity AND c.searchstage = "
        "'Customer')) x GROUP BY x.entity HAVING COUNT(*) > 5 ORDER BY x.entity"
    )
    assert [one["entity"] for one in books.rows(text)] == ["10"]
    union = "SELECT id FROM customer WHERE id < 9 UNION SELECT id FROM currency ORDER BY id"
    assert [one["id"] for one in books.rows(union)] == ["1", "2", "3", "4", "7"]
    listed = "SELECT LISTAGG(symbol, '/') WITHIN GROUP (ORDER BY symbol) AS x FROM currency"
    assert set(books.values(listed)[0].split("/")) == {"USD", "RUB", "EUR", "JPY"}


def test_rownum_counts_before_the_order(books: Desk) -> None:
    text = "SELECT id FROM customer WHERE ROWNUM <= 3 ORDER BY id DESC"
    assert [one["id"] for one in books.rows(text)] == ["10", "9", "7"]
    last = "SELECT id FROM customer ORDER BY id DESC FETCH FIRST 2 ROWS ONLY"
    assert [one["id"] for one in books.rows(last)] == ["14", "13"]
    numbered = (
        "SELECT id, rn FROM (SELECT a.id, ROWNUM AS rn FROM "
        "(SELECT id FROM customer ORDER BY id DESC) a) WHERE rn BETWEEN 2 AND 3 ORDER BY rn"
    )
    assert [one["id"] for one in books.rows(numbered)] == ["13", "12"]


def test_parameters(books: Desk) -> None:
    text = "SELECT id FROM customer WHERE altname = ? AND id >= ?"
    assert books.rows(text, "株式会社サンプル", 1) == [{"id": "10"}]
    assert "parameters" in books.refused(text, "x")
    status, _ = books.call("POST", SUITEQL, None, {"q": text, "params": [None, 1]},
                           prefer="transient")  # fmt: skip
    assert status == 400


def test_parameters_stand_where_they_were_written(books: Desk) -> None:
    """Even where a value is needed twice, or a text has a question mark of its own."""
    text = (
        "SELECT DECODE(?, 'a', 1, 'b', 2) AS d, '?' AS q, c.id FROM customer c WHERE c.id = ? "
        "AND c.altname LIKE ?"
    )
    assert books.rows(text, "b", 7, "ООО%") == [{"d": "2", "q": "?", "id": "7"}]
    assert books.refused("SELECT id FROM customer WHERE id = :p1") == BAD


def test_a_number_beside_a_text(books: Desk) -> None:
    assert books.rows("SELECT id FROM customer WHERE id = '7'") == [{"id": "7"}]
    assert books.rows("SELECT id FROM customer WHERE id = ?", "7") == [{"id": "7"}]
    assert len(books.rows("SELECT id FROM customer WHERE id IN ('7', '9', '77')")) == 2
    assert len(books.rows("SELECT id FROM customer WHERE vatregnumber = 7700000009")) == 1


def test_texts_differ_by_case(books: Desk) -> None:
    assert books.rows("SELECT id FROM customer WHERE altname LIKE 'quiet%'") == []
    assert len(books.rows("SELECT id FROM customer WHERE UPPER(altname) LIKE 'QUIET%'")) == 1


# dates


def test_dates_are_the_accounts(desk: Desk) -> None:
    desk.switch(zone="Asia/Tokyo", date_format="DD.MM.YYYY")
    desk.now = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
    desk.token = ""
    assert value(desk, "SYSDATE") == "21.11.2026"
    assert value(desk, f"TO_CHAR(SYSDATE, {FORM})") == "2026-11-21 05:30:00"
    desk.switch(sysdate_zone="America/Los_Angeles")
    assert value(desk, f"TO_CHAR(SYSDATE, {FORM})") == "2026-11-20 12:30:00"
    who = desk.do("customer", companyname="x")
    stamp = f"SELECT TO_CHAR(lastmodifieddate, {FORM}) AS m, lastmodifieddate AS d FROM customer"
    assert desk.values(f"{stamp} WHERE id = ?", who) == ["2026-11-21 05:30:00", "21.11.2026"]
    assert desk.call("GET", f"customer/{who}")[1]["lastModifiedDate"] == "2026-11-20T20:30:00Z"


def test_another_zone_moves_what_is_there(desk: Desk) -> None:
    stamp = f"SELECT TO_CHAR(lastmodifieddate, {FORM}) AS m FROM customer WHERE id = 7"
    assert desk.values(stamp) == ["2026-05-04 13:00:00"]  # summer time
    desk.switch(zone="Europe/Moscow")
    assert desk.values(stamp) == ["2026-05-04 20:00:00"]


def test_a_window_of_changes(desk: Desk) -> None:
    """In the account's clock, as it was told; seconds are whole and shared."""
    desk.later(minutes=1)
    ids = [str(desk.do("customer", companyname=f"c{n}")) for n in range(3)]
    text = (
        "SELECT id FROM customer WHERE lastmodifieddate >= "
        f"TO_TIMESTAMP('2026-11-20 12:01:00', {FORM}) AND lastmodifieddate < "
        f"TO_DATE('2026-11-20 12:01:01', {FORM}) ORDER BY lastmodifieddate, id"
    )
    assert [one["id"] for one in desk.rows(text)] == ids


def test_a_text_beside_a_date_is_read_in_the_accounts_format(desk: Desk) -> None:
    text = "SELECT COUNT(*) AS n FROM transaction WHERE trandate >= '{}'"
    count = desk.values(text.format("11/11/2026"))
    assert count == desk.values(
        "SELECT COUNT(*) AS n FROM transaction "
        "WHERE trandate >= TO_DATE('2026-11-11', 'YYYY-MM-DD')"
    )
    assert "must be M/D/YYYY" in desk.refused(text.format("2026-11-11"))
    desk.switch(date_format="YYYY-MM-DD")
    assert desk.values(text.format("2026-11-11")) == count


# pages


def test_pages_tell_the_others(books: Desk) -> None:
    _, page = books.query("SELECT id FROM customer ORDER BY id", limit=3, offset=3)
    assert (page["count"], page["offset"], page["totalResults"], page["hasMore"]) == (3, 3, 7, True)
    links = {one["rel"]: one["href"].partition("?")[2] for one in page["links"]}
    assert links == {
        "first": "limit=3&offset=0",
        "previous": "limit=3&offset=0",
        "next": "limit=3&offset=6",
        "last": "limit=3&offset=6",
        "self": "limit=3&offset=3",
    }
    assert page["links"][0]["href"].startswith("http://books.example:8080/services/rest/query/v1/")
    _, last = books.query("SELECT id FROM customer ORDER BY id", limit=3, offset=6)
    assert (last["hasMore"], [one["id"] for one in last["items"]]) == (False, ["14"])


@pytest.mark.parametrize(
    "page", [{"limit": 0}, {"limit": 1001}, {"limit": 3, "offset": 4}, {"limit": "x"},
             {"limit": 1, "offset": 1000}]
)  # fmt: skip
def test_pages_that_there_are_not(books: Desk, page: dict[str, Any]) -> None:
    status, found = books.query("SELECT id FROM customer", **page)
    assert (status, error(found)[0]) == (400, "INVALID_PARAMETER")


def test_a_query_has_an_end(desk: Desk) -> None:
    desk.switch(row_cap=4)
    _, page = desk.query("SELECT id FROM customer ORDER BY id", limit=4)
    assert (page["totalResults"], page["hasMore"]) == (4, False)


def test_what_the_order_leaves_open_comes_otherwise_each_time(books: Desk) -> None:
    def seen(text: str) -> set[tuple[str, ...]]:
        return {tuple(one["id"] for one in books.rows(text)) for _ in range(8)}

    assert len(seen("SELECT id FROM transaction ORDER BY type")) > 1
    assert len(seen("SELECT id FROM transaction ORDER BY type, id")) == 1


def test_rows_move_between_pages(desk: Desk) -> None:
    text = "SELECT id FROM customer ORDER BY id DESC"
    _, first = desk.query(text, limit=2)
    desk.do("customer", companyname="new")
    _, second = desk.query(text, limit=2, offset=2)
    assert first["items"][1]["id"] == second["items"][0]["id"], "seen twice"


# refusals


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SELECT nothing FROM customer", "Field 'nothing' for record 'customer' was not found."),
        ("SELECT id FROM invoices", "Search error occurred: Record 'invoices' was not found."),
        (
            "SELECT x.id FROM transaction t",
            "Unknown identifier 'x'. Available identifiers are: {t=transaction}.",
        ),
        ("SELECT id FROM transaction t, customer c", "Field 'id' is ambiguous."),
        ("SELECT type, id, COUNT(*) FROM transaction GROUP BY type", "'id' must be part of GROUP"),
        ("SELECT id FROM customer LIMIT 5", BAD),
        ("SELECT id FROM customer OFFSET 5 ROWS FETCH NEXT 5 ROWS ONLY", BAD),
        ("SELECT id FROM transaction WHERE trandate > DATE '2026-01-01'", BAD),
        ("DELETE FROM customer", BAD),
        ("UPDATE customer SET url = 'x'", BAD),
        ("SELECT id FROM customer; SELECT id FROM currency", BAD),
        ("SELECT 1", BAD),
        ("SELEC id FROM customer", BAD),
        ("SELECT id FROM customer WHERE", BAD),
        ("SELECT o_plus(1, 2) AS x FROM dual", BAD),
        ("SELECT randomblob(5) AS x FROM dual", BAD),
        ("SELECT load_extension('x') AS x FROM dual", BAD),
        ("SELECT subsidiary_ FROM customer", "Field 'subsidiary_'"),
        ("SELECT name FROM sqlite_master", "Record 'sqlite_master' was not found."),
        ("SELECT 1 / 0 FROM dual", BAD),
        (f"SELECT id FROM customer WHERE id IN ({', '.join('1' * 1001)})", "list is 1000"),
    ],
)
def test_what_is_refused(books: Desk, text: str, told: str) -> None:
    assert told in books.refused(text)


def test_the_header_is_needed(books: Desk) -> None:
    status, found = books.call("POST", SUITEQL, None, {"q": "SELECT 1 FROM dual"})
    assert (status, found["o:errorDetails"][0]["o:errorHeader"]) == (400, "Prefer")
    assert books.call("GET", SUITEQL, prefer="transient")[0] == 405
    answer = books.answered("POST", SUITEQL, None, [], prefer="transient")
    assert error(json.loads(answer.body))[0] == "INVALID_CONTENT"


def test_what_a_role_may_not_see(desk: Desk) -> None:
    desk.switch(hidden="deletedrecord, customer.balancesearch")
    assert "Record 'deletedrecord' was not found" in desk.refused("SELECT * FROM deletedrecord")
    assert "Field 'balancesearch'" in desk.refused("SELECT balancesearch FROM customer")
    assert "balancesearch" not in desk.rows("SELECT * FROM customer WHERE id = 7")[0]
    desk.switch(field_error_is_500=True)
    status, found = desk.query("SELECT nothing FROM customer")
    assert (status, error(found)[0]) == (500, "UNEXPECTED_ERROR")


def test_an_account_without_subsidiaries(desk: Desk) -> None:
    desk.switch(oneworld=False)
    assert "Field 'subsidiary'" in desk.refused("SELECT subsidiary FROM transactionline")
    assert "Record 'subsidiary'" in desk.refused("SELECT id FROM subsidiary")


def test_other_switches_of_queries(desk: Desk) -> None:
    desk.switch(bare_fraction=True, cte=False, link_dates=False)
    assert (value(desk, "1 / 4"), value(desk, "-1 / 4"), value(desk, "5 / 4")) == (
        ".25",
        "-.25",
        "1.25",
    )
    text = "WITH c AS (SELECT id FROM customer) SELECT COUNT(*) AS n FROM c"
    assert desk.refused(text) == BAD
    desk.switch(cte=True)
    assert desk.values(text) == ["7"]
    dated = "SELECT lastmodifieddate FROM {}TransactionLineLink"
    assert "'lastmodifieddate'" in desk.refused(dated.format("Next"))
    assert "'lastmodifieddate'" in desk.refused(dated.format("Previous"))
