"""How one page follows another, as other APIs have it than the memory world's."""

from __future__ import annotations

import pytest

from syncd.errors import ProtocolError
from syncd.port import All
from tests.flows import Answer
from tests.rest.shop import data, keys, page, paged, shop

ROWS = [{"id": 1}, {"id": 2}]


def test_page_numbers_go_on_until_a_page_is_empty_or_the_last_is_told() -> None:
    one = paged('page: "{page}", per_page: "{size}"', "type: page, size: 50")
    asked, found = page(one, data(1, 2))
    assert asked[0].query == {"page": "1", "per_page": "50"} and found.next == "2"
    asked, found = page(one, data(), scope=All("2"))
    assert asked[0].query["page"] == "2" and found.next is None
    assert page(one, data(1), scope=All("of a cursor"))[0][0].query["page"] == "1"
    told = paged('page: "{page}"', "type: page, first: 0, pages: meta.pages")
    assert page(told, data(1, meta={"pages": 2}))[1].next == "1"
    assert page(told, data(2, meta={"pages": 2}), scope=All("1"))[1].next is None


def test_offsets_repeat_one_row_and_begin_again_where_it_moved() -> None:
    one = paged('offset: "{offset}", limit: "{size}"', "type: offset, size: 2, total: total")
    found = page(one, data(1, 2, total=3))[1]
    assert found.next == "2|2"
    asked, found = page(one, data(2, 3, total=3), scope=All("2|2"))
    assert asked[0].query == {"offset": "1", "limit": "3"}
    assert keys(found) == ["3"] and found.next is None
    found = page(one, data(3, total=2), scope=All("2|2"))[1]
    assert keys(found) == [] and found.next == "0.1|"
    from_one = paged('start: "{offset}"', "type: offset, first: 1")
    assert page(from_one, data(1))[0][0].query == {"start": "1"}


def test_a_cursor_comes_back_from_the_body_or_a_header() -> None:
    body = paged('cursor: "{cursor}"', "type: cursor, at: meta.next")
    asked, found = page(body, data(1, meta={"next": "abc="}))
    assert asked[0].query == {} and found.next == "abc="
    asked, found = page(body, data(2, meta={"next": ""}), scope=All("abc="))
    assert asked[0].query == {"cursor": "abc="} and found.next is None
    with pytest.raises(ProtocolError, match="same page again"):
        page(body, data(2, meta={"next": "abc="}), scope=All("abc="))
    head = paged('cursor: "{cursor}"', "type: cursor, header: X-Next")
    answer = Answer(200, {"data": ROWS}, {"x-next": "7"})
    assert page(head, answer)[1].next == "7"


def test_a_link_header_gives_its_query_alone() -> None:
    """RFC 8288; a host and a path that are not the list's are not followed."""
    one = paged("state: open", "type: link_header")
    link = (
        '<https://evil.example/other?page=2&state=open>; rel="next", <https://x/?page=9>; rel=last'
    )
    asked, found = page(one, Answer(200, {"data": ROWS}, {"link": link}))
    assert asked[0].query == {"state": "open"}
    asked, found = page(one, data(3), scope=All(found.next))
    assert asked[0].path == "/invoices" and asked[0].query == {"page": "2", "state": "open"}
    assert found.next is None


def test_a_link_may_go_on_below_the_path_of_the_list() -> None:
    """Salesforce: /services/data/v59.0/query/01gD0000002HU6KIAW-2000."""
    one = shop(
        """\
        read:
          invoice:
            object: invoices
            by_key: /invoices/{key}
            records: records
            list: {get: /data/query, query: {q: SELECT Id}}
            paging: {type: next_link, at: nextRecordsUrl}
        """
    )
    for number, position in ((2000, None), (4000, "/01g-2000?")):
        rows = {"records": ROWS, "nextRecordsUrl": f"/data/query/01g-{number}"}
        asked, found = page(one, Answer(200, rows), scope=All(position))
        assert found.next == f"/01g-{number}?"
    assert asked[0].path == "/data/query/01g-2000" and asked[0].query == {}


def test_a_link_in_the_body_leaves_out_the_credential() -> None:
    one = shop(
        """\
        auth: {query: {api_key: "{secret.key}"}}
        read:
          invoice:
            object: invoices
            by_key: /invoices/{key}
            records: value
            list: /invoices
            paging: {type: next_link, at: ["@odata.nextLink"]}
        """
    )
    link = "https://host/api/invoices?$skiptoken=7&api_key=hidden"
    found = page(one, Answer(200, {"value": ROWS, "@odata.nextLink": link}))[1]
    assert found.next and "hidden" not in found.next
    same = {"value": ROWS, "@odata.nextLink": link}
    with pytest.raises(ProtocolError, match="leads to this one"):
        page(one, Answer(200, same), scope=All(found.next))


def test_a_keyset_goes_on_behind_the_last_row() -> None:
    one = paged('starting_after: "{after}"', "type: keyset, more: has_more")
    assert page(one, data(1, 7, has_more=True))[1].next == "7"
    asked, found = page(one, data(9, has_more=False), scope=All("7"))
    assert asked[0].query == {"starting_after": "7"} and found.next is None
