"""What a body alone does not say: states that calls bring about, single fields in a body, a marker
inside a text, objects without a call for one of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncd.errors import DuplicateError, NotFoundError, RejectedError
from syncd.port import Op, Outcome, Request, Write
from syncd.rest.connector import RestConnector
from tests.flows import Answer, drive
from tests.rest.shop import shop

INVOICE = """\
write:
  invoice:
    tier: T3
    fields: {title: text, amount: number as text, ref: text}
    marker: ref
    states:
      status:
        names: {Draft: draft, Void: void}
        others: open
        calls: {open: {post: "/invoices/{id}/send"}, void: {post: "/invoices/{id}/void"}}
    create:
      post: /invoices
      body: {rows: [{name: "{fields.title}", price: "{fields.amount}"}], "<<": "{fields}"}
    update: {patch: "/invoices/{id}", body: "{fields}"}
    by_id: /invoices/{id}
    object: invoice
    list: /invoices
"""


def push(connector: RestConnector, made: Write, *answers: Answer) -> tuple[list[Request], Outcome]:
    asked, [outcome] = drive(connector.push([made]), *answers)
    return asked, outcome


def row(status: str, **more: object) -> Answer:
    return Answer(200, {"invoice": {"id": 7, "status": status, **more}})


def write(op: Op, **fields: str | Decimal) -> Write:
    return Write(op, "invoice", "M", None if op is Op.CREATE else "7", {}, fields)


def test_a_state_is_brought_about_after_the_create_and_read_back() -> None:
    made = write(Op.CREATE, title="РТ-1", amount=Decimal("5.00"), status="open")
    asked, outcome = push(
        shop(INVOICE),
        made,
        row("Draft", title="РТ-1", amount="5.00"),
        Answer(200, {"said": "sent"}),
        row("Sent", title="РТ-1", amount="5.00"),
    )
    assert [(one.method, one.path) for one in asked] == [
        ("POST", "/invoices"),
        ("POST", "/invoices/7/send"),
        ("GET", "/invoices/7"),
    ]
    assert asked[0].json == {"rows": [{"name": "РТ-1", "price": "5.00"}], "ref": "M"}
    assert outcome == Outcome("7", {"title": "РТ-1", "amount": Decimal("5.00"), "status": "open"})


def test_a_state_alone_needs_no_update_and_one_that_is_there_no_call() -> None:
    asked, outcome = push(shop(INVOICE), write(Op.UPDATE, status="void"), row("Paid"), row("Void"))
    assert [one.path for one in asked] == ["/invoices/7", "/invoices/7/void"]
    assert outcome == Outcome("7", {"status": "void"})
    asked, outcome = push(shop(INVOICE), write(Op.UPDATE, status="open"), row("Paid"))
    assert len(asked) == 1 and outcome.seen == {"status": "open"}


def test_what_was_made_is_known_where_its_state_is_refused() -> None:
    made = write(Op.CREATE, title="x", status="void")
    _, outcome = push(shop(INVOICE), made, row("Draft", title="x"), Answer(400))
    assert outcome.remote_id == "7" and outcome.seen == {"title": "x"}
    assert outcome.error is not None and outcome.error.field == "status"
    _, outcome = push(shop(INVOICE), write(Op.UPDATE, status="draft"), row("Paid"))
    assert "status cannot become draft" in str(outcome.error) and outcome.remote_id is None


NOTE = """\
write:
  account: {tier: T4, fields: {name: text}, made: false, by_id: "/accounts/{id}"}
  note:
    tier: T3
    fields: {text: text}
    marker: text
    marked: "{text} [syncd {marker}]"
    parents: [account]
    create: {post: "/accounts/{parent.account}/notes", body: "{fields}"}
    new_id: {marked: notes}
    update: {patch: "/notes/{id}", body: "{fields}"}
    remove: {delete: "/notes/{id}"}
    list: /accounts/{parent.account}/notes
    records: notes
"""
NOTES = Answer(
    200,
    {
        "notes": [
            {"id": 1, "text": "Позвонить [завтра]"},
            {"id": 2, "text": "Credit 31\n返品 [syncd M-1]"},
            {"id": 3, "text": "Credit 32 [syncd M-11]"},
        ]
    },
)


def note(op: Op, text: str | None = None) -> Write:
    fields = {} if text is None else {"text": text}
    known = None if op is Op.CREATE else "2"
    return Write(op, "note", "M-1", known, {"account": "9"}, fields)


def test_the_marker_stands_in_the_text_and_is_no_part_of_it_for_the_mapping() -> None:
    one = shop(NOTE)
    asked, outcome = push(one, note(Op.CREATE, "Credit 31\n返品"), NOTES)
    assert asked[0].json == {"text": "Credit 31\n返品 [syncd M-1]"}
    assert outcome == Outcome("2")
    _, [found] = drive(one.find("note", {"marker": "M-1"}, {"account": "9"}), NOTES)
    assert (found.remote_id, found.fields) == ("2", {"text": "Credit 31\n返品"})
    _, found_all = drive(one.find("note", {}, {"account": "9"}), NOTES)
    assert [each.marker for each in found_all] == [None, "M-1", "M-11"]
    asked, _ = push(one, note(Op.UPDATE, "x"), Answer(200))
    assert asked[0].json == {"text": "x [syncd M-1]"}
    _, refused = push(one, note(Op.CREATE, " "))
    assert isinstance(refused.error, RejectedError) and refused.error.field == "text"


def test_one_without_a_call_of_its_own_is_looked_for_among_those_of_its_parent() -> None:
    one = shop(NOTE)
    asked, [found] = drive(one.find("note", {"id": "3"}, {"account": "9"}), NOTES)
    assert asked[0].path == "/accounts/9/notes" and found.marker == "M-11"
    assert drive(one.find("note", {"id": "4"}, {"account": "9"}), NOTES)[1] == []
    asked, outcome = push(one, note(Op.REMOVE), Answer(404))
    assert asked[0].method == "DELETE" and isinstance(outcome.error, NotFoundError)


LISTED = """\
errors: [{fields: errors}, {message: message}]
answers: [{status: 400, text: already there, means: duplicate}]
write:
  card:
    tier: T3
    words: {model: Card}
    fields: {name: text, custom.ref: text}
    marker: custom.ref
    unique: name
    create: {post: /cards, body: {kind: "{model}", "<<": "{fields}"}}
    by_id: /cards/{id}
    list: {get: /cards, query: {of: "{model}"}}
    singly: true
    find: {get: /cards, query: {of: "{model}"}, by: {custom.ref: {query: {cf_ref: "{value}"}}}}
"""


def test_a_list_that_shows_too_little_is_followed_by_each_of_its_objects() -> None:
    one, listed = shop(LISTED), Answer(200, [{"id": 1}, {"id": 2}])
    single = Answer(200, {"id": 1, "name": "ООО", "custom": {"ref": "M"}})
    asked, [found] = drive(one.find("card", {"marker": "M"}, {}), listed, single, Answer(404))
    assert [one.path for one in asked] == ["/cards", "/cards/1", "/cards/2"]
    assert asked[0].query == {"of": "Card", "cf_ref": "M"} and found.fields["name"] == "ООО"
    asked, page = drive(one.survey("card", None), listed, single, Answer(404))
    assert asked[0].query == {"of": "Card"} and [each.marker for each in page.found] == ["M"]


@pytest.mark.parametrize(
    ("body", "said", "field"),
    [
        ({"errors": {"name": ["is already there"]}}, "name: is already there", "name"),
        (
            {"errors": {"custom": {"ref": "already there"}}},
            "custom.ref: already there",
            "custom.ref",
        ),
        (
            {"errors": {"rows": [{"price": ["already there"]}]}},
            "rows: price: already there",
            "rows",
        ),
        ({"errors": None, "message": "already there"}, "already there", None),
    ],
)
def test_a_refusal_is_a_table_of_fields_or_a_sentence(
    body: object, said: str, field: str | None
) -> None:
    one: RestConnector = shop(LISTED)
    made = Write(Op.CREATE, "card", "M", None, {}, {"name": "x"})
    asked, outcome = push(one, made, Answer(400, body))
    assert asked[0].json == {"kind": "Card", "name": "x", "custom": {"ref": "M"}}
    assert isinstance(outcome.error, DuplicateError) and outcome.error.field == field
    assert str(outcome.error) == f"HTTP 400: {said}"
