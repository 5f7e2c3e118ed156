"""Lists and changes as other APIs have them than the memory world's."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from syncd.domain import Kind
from syncd.errors import AccessError, ProtocolError, UnavailableError
from syncd.port import All, Keys, Read, Since
from syncd.rest.values import Form, Times
from tests.flows import Answer, drive
from tests.rest.shop import data, invoices, keys, page, shop

ROWS = [{"id": 1}, {"id": 2}]
MOMENT = dt.datetime(2026, 11, 18, 12, 30, 15, 250_000, tzinfo=dt.UTC)


def test_a_bare_list_is_read_and_a_key_is_a_text() -> None:
    asked, found = page(invoices(""), Answer(200, ROWS))
    assert (asked[0].method, asked[0].path, asked[0].query) == ("GET", "/invoices", {})
    assert keys(found) == ["1", "2"] and found.next is None


@pytest.mark.parametrize(
    ("lines", "since"),
    [
        ("", "2026-11-18T12:30:15.250000+00:00"),
        (", granularity: second", "2026-11-18T12:30:15+00:00"),
        (", format: unix", "1795005015"),
        (", format: unix, inclusive: false", "1795005014"),
        (", format: unix_ms", "1795005015250"),
        (', format: "%Y-%m-%d %H:%M:%S", zone: Asia/Tokyo', "2026-11-18 21:30:15"),
        (', format: "%d.%m.%Y"', "18.11.2026"),
        (', format: "%d.%m.%Y", inclusive: false', "17.11.2026"),
    ],
)
def test_changes_are_asked_for_in_the_words_of_the_filter(lines: str, since: str) -> None:
    one = invoices(f'changes: {{query: {{modified: "{{since}}"}}{lines}}}')
    asked, _ = page(one, Answer(200, ROWS), scope=Since(MOMENT))
    assert asked[0].query == {"modified": since}
    for scope in (Since(None), All()):
        assert page(one, Answer(200, ROWS), scope=scope)[0][0].query == {}


def test_a_filter_may_be_in_the_body_of_a_search() -> None:
    one = shop(
        """\
        options: {company: which company}
        read:
          invoice:
            object: invoices
            by_key: {post: /search, body: {ids: "{keys}"}, records: result}
            records: result
            list: {post: /search, body: {company: "{option.company}", limit: "{size}"}}
            paging: {type: none, size: 80}
            changes:
              body:
                company: "{option.company}"
                limit: "{size}"
                filter: [[write_date, ">=", "{since}"], [state, "!=", draft]]
              format: unix
        """,
        {"company": "7"},
    )
    asked, _ = page(one, Answer(200, {"result": ROWS}), scope=Since(MOMENT))
    assert asked[0].json == {
        "company": "7",
        "limit": 80,
        "filter": [["write_date", ">=", 1795005015], ["state", "!=", "draft"]],
    }
    assert not asked[0].write
    asked, _ = page(one, Answer(200, {"result": ROWS}), scope=Since(None))
    sent: Any = asked[0].json
    assert sent["filter"] == [["state", "!=", "draft"]]
    asked, found = page(one, Answer(200, {"result": ROWS}), scope=Keys(["1", "2", "9"]))
    assert asked[0].json == {"ids": ["1", "2", "9"]} and keys(found) == ["1", "2"]
    with pytest.raises(ProtocolError, match="nothing at /search"):
        page(one, Answer(404), scope=Keys(["1", "2"]))


def test_a_condition_without_its_moment_is_no_condition() -> None:
    one = invoices(
        """\
        changes:
          body:
            where: [{field: changed, op: gte, value: "{since}"}, {field: kind, value: out}]
            deep: [or, [[changed, "{since}"]], x]
            only: [changed, "{since}"]
            size: "{size}"
        """
    )
    asked, _ = page(one, Answer(200, ROWS), scope=Since(None))
    assert asked[0].json == {"where": [{"field": "kind", "value": "out"}], "deep": ["or", [], "x"]}
    asked, _ = page(one, Answer(200, ROWS), scope=Since(MOMENT))
    sent: Any = asked[0].json
    assert sent["where"][0]["value"].startswith("2026-11-18T12:30")


def test_keys_one_by_one_leave_out_what_is_gone() -> None:
    answers = (Answer(200, {"id": 1}), Answer(404), Answer(200, {"id": "ä/1"}))
    asked, found = page(invoices(""), *answers, scope=Keys(["1", "2", "ä/1"]))
    assert keys(found) == ["1", "ä/1"]
    assert [one.path for one in asked] == ["/invoices/1", "/invoices/2", "/invoices/%C3%A4%2F1"]


def test_stamps_and_values_are_read_as_the_system_sends_them() -> None:
    one = invoices(
        """\
        stamp: [updated, lines_updated]
        time: {format: "%Y-%m-%d %H:%M:%S", zone: Asia/Tokyo}
        empty: [false, ""]
        values: {partner: link, active: flag, total: number, lines.product: link, day: date as unix}
        """
    )
    row = {
        "id": 5,
        "updated": "2026-11-18 09:00:00",
        "lines_updated": "2026-11-18 10:00:00",
        "partner": [7, "田中"],
        "active": 0,
        "total": "12.50",
        "note": "",
        "seller": False,
        "count": 0,
        "day": 1795005015,
        "lines": [{"product": {"id": 3, "name": "x"}}, {"product": False}],
    }
    [record] = page(one, Answer(200, [row]))[1].records
    assert record.stamp == dt.datetime(2026, 11, 18, 1, tzinfo=dt.UTC)
    assert record.data == {
        "id": 5,
        "partner": "7",
        "active": False,
        "total": 12.5,
        "note": None,
        "seller": None,
        "count": 0,
        "day": "2026-11-18",
        "lines": [{"product": "3"}, {"product": None}],
    }


def test_the_mapping_gets_what_it_reads_and_no_more() -> None:
    row = {"id": 1, "name": "x", "phone": "hidden", "lines": [{"sum": 1, "text": "hidden"}]}
    flow = invoices("").pull(Read(Kind.INVOICE, "invoices", ("id", "name", "lines.sum")), All())
    [record] = drive(flow, Answer(200, [row]))[1].records
    assert record.data == {"id": 1, "name": "x", "lines": [{"sum": 1}]}


def test_a_name_that_a_record_lacks_is_left_out() -> None:
    rows = [{"id": 1, "name": "Кедр", "phone": "hidden"}, {"id": 2, "phone": "hidden"}]
    flow = invoices("").pull(Read(Kind.INVOICE, "invoices", ("id", "name")), All())
    found = drive(flow, Answer(200, rows))[1].records
    assert [one.data for one in found] == [{"id": 1, "name": "Кедр"}, {"id": 2}]


TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-18T09:00:00Z",
        "2026-11-18T09:00:00",
        "2026-11-18 09:00:00",
        "2026-1-8T9:0:0Z",
        "2026-11-18T24:00:00Z",
        "2026-11-18T09:00:61Z",
        "2026-02-30T09:00:00Z",
        "2026-W47-3T09:00:00Z",
        "20261118T09:00:0000Z",
        "2026-11-18T09:00:00+00:00",
        "２０26-11-18T09:00:00Z",
        "2026-11-18T09:00Z",
        "2026-11-18T09:00:00X",
        "2026-11-18t09:00:00Z",
        20261118,
    ],
)
@pytest.mark.parametrize(
    "format",
    ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y", "%Y-%m-%d"],
)
def test_a_time_by_a_pattern_is_read_as_strptime_reads_it(format: str, text: object) -> None:
    times = Times(format, TOKYO)
    try:
        expected = dt.datetime.strptime(str(text), format).replace(tzinfo=TOKYO)
    except ValueError:
        with pytest.raises(ProtocolError, match="a time is not as %"):
            times.read(text)
    else:
        assert times.read(text) == expected


NESTED = """\
read:
  payment:
    object: payments
    within:
      list: {get: /invoices, query: {page: "{page}"}}
      paging: {type: page, pages: pages}
      records: data
    changes: {query: {changed: "{since}"}, format: unix}
    list: {get: "/invoices/{parent}/payments", query: {after: "{cursor}"}}
    paging: {type: cursor, at: next}
    records: data
    by_key: {get: "/invoices/{parent}/payments/{key}", records: data}
"""


def test_a_nested_collection_is_read_parent_by_parent() -> None:
    flow = shop(NESTED).pull(Read(Kind.PAYMENT, "payments", ()), Since(MOMENT))
    asked, found = drive(flow, data(1, 2, pages=2), data(10, next="b"), data(11), data())
    assert [(one.path, one.query) for one in asked] == [
        ("/invoices", {"page": "1", "changed": "1795005015"}),
        ("/invoices/1/payments", {}),
        ("/invoices/1/payments", {"after": "b"}),
        ("/invoices/2/payments", {}),
    ]
    assert keys(found) == ["1/10", "1/11"] and found.next == "2"
    assert found.records[0].data == {"id": 10, "parent": "1"}
    flow = shop(NESTED).pull(Read(Kind.PAYMENT, "payments", ()), Keys(["1/10"]))
    asked, found = drive(flow, Answer(200, {"data": {"id": 10}}))
    assert asked[0].path == "/invoices/1/payments/10" and keys(found) == ["1/10"]


ANSWERS = """\
errors: {message: error.text}
answers:
  - {status: 404, body: {code: no_rows}, means: empty}
  - {status: 200, body: {ok: false, error.code: busy}, means: retry}
  - {status: 200, body: {ok: false}, means: rejected}
  - {status: 500, text: Session expired, means: access}
read:
  invoice: {object: invoices, list: /invoices, by_key: "/invoices/{key}"}
"""


def test_rules_say_what_an_answer_means() -> None:
    one = shop(ANSWERS)
    assert keys(page(one, Answer(404, {"code": "no_rows"}))[1]) == []
    with pytest.raises(ProtocolError, match="there is no list at /invoices"):
        page(one, Answer(404, {"code": "other"}))
    with pytest.raises(UnavailableError):
        page(one, Answer(200, {"ok": False, "error": {"code": "busy"}}))
    with pytest.raises(ProtocolError, match="HTTP 200: it is not so"):
        page(one, Answer(200, {"ok": False, "error": {"text": "it is not so"}}))
    with pytest.raises(AccessError):
        page(one, Answer(500, b"<h1>Session expired</h1>"))
    with pytest.raises(UnavailableError, match="HTTP 503"):
        page(one, Answer(503, {"x": 1}))
    assert page(one, Answer(200, ROWS))[0][0].judged
    assert not page(invoices(""), Answer(200, ROWS))[0][0].judged


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(200, b"<html>\n<h1>Login</h1>"), "HTTP 200, not JSON: <html>"),
        (Answer(404, b"<html>proxy</html>"), "HTTP 404, not JSON"),
        (Answer(200, {"rows": ROWS}), "no records at the top"),
        (Answer(200, [{"number": 1}]), "a record has no key at id"),
        (Answer(200, [1, 2]), "no records at the top"),
        (Answer(200), "no records at the top"),
        (Answer(200, {"id": 1}), "no records at the top"),
    ],
)
def test_what_is_no_answer_of_the_system_is_an_error(answer: Answer, said: str) -> None:
    one = invoices("")
    with pytest.raises(ProtocolError) as caught:
        page(one, answer)
    assert said in str(caught.value)


@pytest.mark.parametrize("form", [Form("date"), Form("date", "unix"), Form("date", "%d.%m.%Y")])
@pytest.mark.parametrize("raw", [None, "", False])
def test_a_day_that_is_not_there_is_nothing_however_it_is_sent(form: Form, raw: object) -> None:
    assert form.read(raw) is None
