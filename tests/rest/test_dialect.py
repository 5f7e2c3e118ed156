"""How a system speaks, said once: values that are tables, names, keys that are numbers, what is
asked once, and what is written once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from syncd.errors import AccessError, ConfigError, ProtocolError
from syncd.port import All, Keys, Since
from tests.flows import Answer, drive
from tests.rest.shop import HEAD, INVOICES, invoices, keys, page, shop

MOMENT = dt.datetime(2026, 11, 18, 12, 30, 15, 250_000, tzinfo=dt.UTC)
OBJECTS = """\
objects:
  number: {__class__: Decimal, decimal: "{text}"}
  date: {__class__: date, year: "{year}", month: "{month}", day: "{day}"}
  time: {$date: "{text}"}
"""


def test_values_that_are_tables_are_values_and_go_out_as_tables() -> None:
    one = shop(
        f"""\
{OBJECTS}\
read:
  invoice:
    object: invoices
    by_key: /invoices/{{key}}
    list: {{post: /search, body: {{}}}}
    changes: {{body: {{where: [[changed, ">=", "{{since}}"]]}}}}
    stamp: changed
    time: {{format: object}}
"""
    )
    row = {
        "id": 1,
        "total": {"__class__": "Decimal", "decimal": "12.30"},
        "lines": [{"day": {"__class__": "date", "year": 2026, "month": 2, "day": 3}}],
        "changed": {"$date": "2026-11-18T10:00:00"},
        "other": {"__class__": "bytes", "base64": ""},
    }
    asked, found = page(one, Answer(200, [row]), scope=Since(MOMENT))
    assert asked[0].json == {"where": [["changed", ">=", {"$date": "2026-11-18T12:30:15.250000"}]]}
    [record] = found.records
    assert record.stamp == dt.datetime(2026, 11, 18, 10, tzinfo=dt.UTC)
    assert record.data["total"] == Decimal("12.30")
    assert record.data["lines"] == [{"day": "2026-02-03"}]
    assert record.data["other"] == {"__class__": "bytes", "base64": ""}
    row["lines"] = [{"day": {"__class__": "date", "year": 2026, "month": 13, "day": 3}}]
    with pytest.raises(ProtocolError, match="stands for a date, and is none"):
        page(one, Answer(200, [row]))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('objects: {amount: {x: "{text}"}}', "amount; known: date, number, time"),
        ('objects: {number: {x: "{year}"}}', "unknown word in braces {year}"),
        ("objects: {number: {x: y}}", 'objects number has a line "{text}"'),
        ('objects: {date: {y: "{year}", m: "{month}"}}', 'or the lines "{year}", "{month}"'),
        ('objects: {date: {y: "on {text}"}}', 'objects date has a line "{text}"'),
        ("keys: numbers", "did you mean number"),
        ("constants: [1]", "constants is a table of names"),
        ('constants: {x: "{constant.y}", y: 1}', "unknown constant y"),
        ('headers: {X: "{context.site}"}', "unknown word in braces {context.site}"),
        ("context: {site: {get: /sites}}", "context site has no at"),
    ],
)
def test_a_mistake_is_told(lines: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        shop(f"{INVOICES}{lines}\n")
    assert said in str(caught.value)


def test_a_time_as_a_table_needs_to_be_shown() -> None:
    with pytest.raises(ConfigError, match="objects does not say how a time is written"):
        invoices("time: {format: object}")
    with pytest.raises(ConfigError, match="objects does not say how a number is written"):
        invoices("values: {total: number as object}")


def test_names_lose_what_they_have_at_their_ends() -> None:
    one = shop(f'strip: ".@"\n{INVOICES}')
    row = {"id": 1, "party.": {"name": "x"}, "party": 7, "lines.": [{"@type": "a"}]}
    [record] = page(one, Answer(200, [row]))[1].records
    assert record.data == {"id": 1, "party": {"name": "x"}, "lines": [{"type": "a"}]}


def test_keys_are_numbers_in_a_body() -> None:
    one = shop(
        """\
        keys: number
        read:
          invoice:
            object: invoices
            list: {post: /search, body: {after: [id, ">", "{after}"]}}
            paging: {type: keyset, by: id}
            by_key: {post: /search, body: {ids: "{keys}", size: "{object}"}}
        """
    )
    asked, found = page(one, Answer(200, [{"id": 1}, {"id": 12}]), scope=Keys(["12", "x", "1"]))
    assert asked[0].json == {"ids": [12, 1], "size": "invoices"} and keys(found) == ["1", "12"]
    asked, _ = page(one, Answer(200, []), scope=Since(None, "12"))
    assert asked[0].json == {"after": ["id", ">", 12]}


def test_what_the_system_has_to_tell_is_asked_once() -> None:
    text = f"""\
context:
  site: {{get: /sites, at: 0.id}}
  money: {{get: "/sites/{{context.site}}", at: currency}}
{INVOICES}\
    adds: {{currency: "{{context.money}}", from: "site {{context.site}}"}}
"""
    one = shop(text.replace("list: /invoices", 'list: "/{context.site}/invoices"'))
    answers = Answer(200, [{"id": 4}]), Answer(200, {"currency": "JPY"})
    asked, found = page(one, *answers, Answer(200, [{"id": 1}]))
    assert [one.path for one in asked] == ["/sites", "/sites/4", "/4/invoices"]
    assert found.records[0].data == {"id": 1, "currency": "JPY", "from": "site 4"}
    asked, _ = page(one, Answer(200, []))
    assert [one.path for one in asked] == ["/4/invoices"]
    with pytest.raises(ProtocolError, match=r"/sites does not tell site at 0\.id"):
        page(shop(text), Answer(200, []))


def test_a_constant_stands_wherever_a_value_may() -> None:
    one = shop(
        """\
        constants:
          kind: [kind, "=", out]
          search: {post: /search, body: [["{constant.kind}", [id, in, "{keys}"]]]}
        read:
          invoice:
            object: invoices
            list: {post: /search, body: [["{constant.kind}"]]}
            by_key: "{constant.search}"
        """
    )
    assert page(one, Answer(200, []))[0][0].json == [[["kind", "=", "out"]]]
    asked, _ = page(one, Answer(200, []), scope=Keys(["1"]))
    assert asked[0].json == [[["kind", "=", "out"], ["id", "in", ["1"]]]]


def test_the_base_may_have_the_name_of_a_database() -> None:
    text = HEAD + 'options: {database: its name}\nbase: "/{option.database}/api/"\n' + INVOICES
    from syncd.mapping.document import Problems
    from syncd.rest.connector import RestConnector
    from syncd.rest.files import compiled

    one = RestConnector(compiled(text, "shop", Problems("shop.yaml")), {"database": "фирма"})
    asked, _ = page(one, Answer(200, []))
    assert asked[0].path == "/%D1%84%D0%B8%D1%80%D0%BC%D0%B0/api/invoices"


def test_a_login_may_give_several_parts_as_for_a_cookie() -> None:
    one = shop(
        f"""\
auth:
  login:
    post: /login
    body: {{password: "{{secret.password}}"}}
    token: {{user: result.0, session: result.1}}
  headers: {{Cookie: "session={{token.user}}:{{token.session}}"}}
{INVOICES}"""
    )
    grant: Any = drive(
        one.authenticate({"password": "x"}), Answer(200, {"result": [1, "abc", None]})
    )[1]
    assert grant.headers == {"Cookie": "session=1:abc"}
    with pytest.raises(AccessError, match=r"without a token at result\.1"):
        drive(one.authenticate({"password": "x"}), Answer(200, {"result": [1]}))


def test_a_rule_may_look_whether_anything_stands_somewhere() -> None:
    one = shop(
        f"""\
errors: {{message: errors.0.text}}
answers: [{{there: errors, means: rejected}}]
{INVOICES}\
    records: data
"""
    )
    good: dict[str, Any] = {"data": [{"id": 1}]}
    for errors in (None, [], {}):
        assert keys(page(one, Answer(200, good | {"errors": errors}))[1]) == ["1"]
    assert keys(page(one, Answer(200, good))[1]) == ["1"]
    with pytest.raises(ProtocolError, match="HTTP 200: no such field"):
        page(one, Answer(200, good | {"errors": [{"text": "no such field"}]}))


def test_one_list_serves_passes_changes_and_keys() -> None:
    """What makes no sense without a word is left out whole, also where it does not have the word
    itself."""
    one = shop(
        """\
        keys: number
        read:
          invoice:
            object: invoices
            stamp: changed
            paging: {type: keyset, by: id, size: 2}
            list:
              post: /search
              body:
                where:
                  - [kind, "=", out]
                  - {"?since": [or, [changed, ">=", "{since}"], [paid, "=", false]]}
                  - [id, ">", "{after}"]
                  - [id, in, "{keys}"]
                limit: "{size}"
                sort: {"?since": changed}
        """
    )
    sent = [
        (page(one, Answer(200, []), scope=scope)[0][0].json)
        for scope in (All(), Since(MOMENT, "7"), Keys(["3", "4", "5"]))
    ]
    since = ["or", ["changed", ">=", "2026-11-18T12:30:15.250000+00:00"], ["paid", "=", False]]
    out = ["kind", "=", "out"]
    assert sent == [
        {"where": [out], "limit": 2},
        {"where": [out, since, ["id", ">", 7]], "limit": 2, "sort": "changed"},
        {"where": [out, ["id", "in", [3, 4, 5]]], "limit": 2},
    ]
    with pytest.raises(ConfigError, match="unknown word in braces"):
        invoices('changes: {body: {x: {"?sinse": ["{since}"]}}}')


def test_a_query_may_have_json() -> None:
    """Conditions in it lose no half, and what is filled in stays inside its quotes."""
    one = shop(
        """\
        read:
          invoice:
            object: invoices
            stamp: changed
            paging: {type: none, size: 20}
            list:
              get: /invoices
              query:
                fields: {json: ["*"]}
                filters:
                  json: [[kind, "=", out], [changed, ">=", "{since}"], [name, in, "{keys}"]]
                limit: {json: {size: "{size}"}}
                only: {"?since": {json: [changed]}}
                plain: [a, b]
        """
    )
    asked = [
        page(one, Answer(200, []), scope=scope)[0][0].query
        for scope in (All(), Since(MOMENT), Keys(['Say "株"', "b"]))
    ]
    usual = {"fields": '["*"]', "limit": '{"size":20}', "plain": "a,b"}
    since = "2026-11-18T12:30:15.250000+00:00"
    assert asked == [
        usual | {"filters": '[["kind","=","out"]]'},
        usual
        | {"filters": f'[["kind","=","out"],["changed",">=","{since}"]]', "only": '["changed"]'},
        usual | {"filters": '[["kind","=","out"],["name","in",["Say \\"株\\"","b"]]]'},
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("[[changed, 1]]", "{json: ...} sends anything else"),
        ("{a: 1}", "{json: ...} sends anything else"),
        ("[{json: a}]", "{json: ...} sends anything else"),
        ("{json: {sinse}}", '{sinse} needs quotes here: "{sinse}"'),
        ('{json: "{sinse}"}', "unknown word in braces {sinse}"),
    ],
)
def test_what_a_query_cannot_have_is_told(value: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        shop(INVOICES.replace("list: /invoices", f"list: {{get: /i, query: {{x: {value}}}}}"))
    assert said in str(caught.value)
