"""What is read beside the records: rows of other lists, and lists that tell what to read again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from syncd.errors import ConfigError, ProtocolError
from syncd.port import All, Keys, Since
from tests.flows import Answer
from tests.rest.shop import invoices, keys, page

MOMENT = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)

LINES = """\
records: data
stamp: [changed, lines.changed, lines.product.changed]
with:
  lines:
    list: {get: /lines, query: {invoice: "{keys}", cursor: "{cursor}"}}
    paging: {type: cursor, at: next}
    match: invoice
    batch: 2
  lines.product:
    list: {get: /products, query: {ids: "{keys}"}}
    of: product
    match: id
    single: true
"""


def rows(*found: dict[str, Any], **rest: Any) -> Answer:
    return Answer(200, {"data": list(found), **rest})


def test_rows_of_another_list_stand_in_their_record_and_make_it_newer() -> None:
    asked, found = page(
        invoices(LINES),
        rows(*({"id": number, "changed": "2026-11-18T10:00:00Z"} for number in (1, 2, 3))),
        rows({"id": 7, "invoice": 1, "product": 5, "changed": "2026-11-18T11:00Z"}, next="b"),
        rows({"id": 8, "invoice": 1, "product": None}),
        rows({"id": 9, "invoice": "3", "product": 5}),
        rows({"id": 5, "name": "株", "changed": "2026-11-18T12:00Z"}),
    )
    assert [one.query for one in asked[1:]] == [
        {"invoice": "1,2"},
        {"invoice": "1,2", "cursor": "b"},
        {"invoice": "3"},
        {"ids": "5"},
    ]
    first, second, third = found.records
    assert [line["id"] for line in first.data["lines"]] == [7, 8]
    assert [line["product"] and line["product"]["name"] for line in first.data["lines"]] == [
        "株",
        None,
    ]
    assert second.data["lines"] == [] and len(third.data["lines"]) == 1
    assert [one.stamp and one.stamp.hour for one in found.records] == [12, 10, 12]


def test_it_is_so_for_single_keys_and_nothing_is_asked_for_nothing() -> None:
    asked, found = page(invoices(LINES), Answer(200, {"id": 1}), rows(), scope=Keys(["1"]))
    assert keys(found) == ["1"] and found.records[0].data["lines"] == []
    assert [one.path for one in asked] == ["/invoices/1", "/lines"]
    asked, _ = page(invoices(LINES), rows())
    assert len(asked) == 1


def test_a_row_without_a_key_is_told_with_its_list_and_the_line_that_helps() -> None:
    """Children often have no id of that name, and the list of the kind has a key of its own."""
    own = LINES.replace("    match: invoice\n", "    match: invoice\n    key: name\n")
    line = {"name": "a", "invoice": 1}
    _, found = page(invoices(own), rows({"id": 1}), rows(line))
    assert found.records[0].data["lines"] == [line | {"product": None}]
    with pytest.raises(ProtocolError, match="no key at id, of the list /lines; its line `key`"):
        page(invoices(LINES), rows({"id": 1}), rows(line))


def test_a_row_of_several_matches_and_one_value_at_a_time() -> None:
    asked, found = page(
        invoices(
            """\
            with:
              paid:
                list: "/of/{key}/payments"
                of: order
                match: [orders, more.order]
            """
        ),
        Answer(200, [{"id": 1, "order": 4}, {"id": 2, "order": 5}]),
        Answer(200, [{"id": 7, "orders": [4, 5]}, {"id": 8, "more": {"order": 4}}]),
        Answer(200, [{"id": 7, "orders": [4, 5]}, {"id": 9}]),
    )
    assert [one.path for one in asked[1:]] == ["/of/4/payments", "/of/5/payments"]
    assert [[row["id"] for row in one.data["paid"]] for one in found.records] == [[7, 8], [7]]


TOUCHED = """\
stamp: changed
changes:
  query: {customer: "{touched.payments}", changed: "{since}"}
  touched:
    payments:
      list: {get: /payments, query: {changed: "{since}"}}
      value: customers
      of: customer
      stamp: changed
"""


def test_what_another_list_touched_is_read_again_and_is_as_new_as_that() -> None:
    asked, found = page(
        invoices(TOUCHED),
        Answer(
            200,
            [
                {"id": 1, "customers": [7, 8], "changed": "2026-11-18T13:00Z"},
                {"id": 2, "customers": [8], "changed": "2026-11-18T14:00Z"},
            ],
        ),
        Answer(200, [{"id": n, "customer": n, "changed": "2026-11-01T00:00Z"} for n in (8, 9)]),
        scope=Since(MOMENT),
    )
    assert asked[0].query == {"changed": "2026-11-18T12:00:00+00:00"}
    assert asked[1].query["customer"] == "7,8"
    assert [one.stamp and (one.stamp.day, one.stamp.hour) for one in found.records] == [
        (18, 14),
        (1, 0),
    ]
    for scope in (All(), Since(None)):
        asked, _ = page(invoices(TOUCHED), Answer(200, []), scope=scope)
        assert [(one.path, one.query) for one in asked] == [("/invoices", {})]


def test_where_nothing_else_is_asked_for_nothing_touched_is_no_question() -> None:
    """An empty list of keys would be no condition at all in many an address."""
    one = invoices(TOUCHED.replace(', changed: "{since}"}\n  touched', "}\n  touched"))
    asked, found = page(one, Answer(200, []), scope=Since(MOMENT))
    assert [one.path for one in asked] == ["/payments"] and found.records == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    match: invoice\n", "", "with lines has no match"),
        ("{keys}", "{size}", "with asks for {key}, or for several by {keys}"),
        ("batch: 2", "batsh: 2", "did you mean batch"),
        ("    list: {get: /lines", "    lists: {get: /lines", "with lines has no list"),
    ],
)
def test_a_mistake_under_with_is_told(old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        invoices(LINES.replace(old, new))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{touched.payments}", "{touched.refunds}", "changes never uses {touched.payments}"),
        ("value: customers", "walue: customers", "touched payments has no value"),
        ('{changed: "{since}"}}\n', "{}}\n", "it never says since when"),
    ],
)
def test_a_mistake_under_touched_is_told(old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        invoices(TOUCHED.replace(old, new))
    assert said in str(caught.value)
