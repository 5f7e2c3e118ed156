"""Lists that are asked for in parts, and days that people type."""

from __future__ import annotations

import datetime as dt

from syncd.port import All, Since
from syncd.rest.connector import RestConnector
from tests.flows import Answer, drive
from tests.rest.shop import keys, page, shop

TEXT = """\
read:
  invoice:
    object: invoices
    list: {get: /invoices, query: {offset: "{offset}", limit: "{size}"}}
    paging: {type: offset, size: 2}
    changes: {query: {closed_after: "{since}"}, format: "%Y-%m-%d", back: 92, ordered: true}
    stamp: at
    parts:
      - {query: {archived: false}, records: open.rows, total: open.count}
      - {query: {archived: true}, records: shut.rows, total: shut.count}
    by_key: /invoices/{key}
"""


def rows(name: str, count: int, *ids: int) -> Answer:
    return Answer(200, {name: {"rows": [{"id": one} for one in ids], "count": count}})


def test_one_part_follows_the_other_page_by_page() -> None:
    one: RestConnector = shop(TEXT)
    asked, first = page(one, rows("open", 3, 1, 2))
    assert asked[0].query == {"offset": "0", "limit": "2", "archived": "false"}
    asked, second = page(one, rows("open", 3, 2, 3), scope=All(first.next))
    assert asked[0].query == {"offset": "1", "limit": "3", "archived": "false"}
    asked, third = page(one, rows("shut", 1, 9), scope=All(second.next))
    assert asked[0].query == {"offset": "0", "limit": "2", "archived": "true"}
    assert [keys(each) for each in (first, second, third)] == [["1", "2"], ["3"], ["9"]]
    assert third.next is None and not any(each.ordered for each in (first, second, third))


def test_a_part_that_moved_begins_again_and_the_one_before_it_does_not() -> None:
    asked, moved = page(shop(TEXT), rows("shut", 5, 7, 8), scope=All("1~2|6"))
    assert asked[0].query["archived"] == "true" and keys(moved) == []
    assert moved.next == "1~0.1|"
    asked, again = page(shop(TEXT), rows("shut", 2, 7, 8), scope=All(moved.next))
    assert asked[0].query["offset"] == "0" and keys(again) == ["7", "8"] and again.next is None


def test_a_position_of_a_list_without_parts_begins_the_pass_again() -> None:
    asked, _ = page(shop(TEXT), rows("open", 0), scope=All("7~2|3"))
    assert asked[0].query == {"offset": "0", "limit": "2", "archived": "false"}


def test_a_day_that_people_type_is_asked_for_from_further_back() -> None:
    moment = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
    asked, _ = page(shop(TEXT), rows("open", 0), scope=Since(moment))
    assert asked[0].query["closed_after"] == "2026-08-18"
    assert asked[0].query["archived"] == "false"


def test_a_search_goes_through_every_part() -> None:
    text = """\
    write:
      card:
        tier: T3
        fields: {ref: text}
        marker: ref
        create: {post: /cards, body: "{fields}"}
        by_id: /cards/{id}
        list: /cards
        find: {get: /cards, query: {ref: "{value}"}}
        parts:
          - {query: {archived: false}, records: open}
          - {query: {archived: true}, records: shut}
    """
    shut = Answer(200, {"shut": [{"id": 2, "ref": "M"}]})
    asked, found = drive(
        shop(text).find("card", {"marker": "M"}, {}), Answer(200, {"open": []}), shut
    )
    assert [one.query for one in asked] == [
        {"ref": "M", "archived": "false"},
        {"ref": "M", "archived": "true"},
    ]
    assert [one.remote_id for one in found] == ["2"]
