"""Writing as other APIs have it than the memory world's: where ids come from, whole objects, bodies
as the documentation shows them, and what a refusal says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from syncd.domain import Value
from syncd.errors import (
    ConfigError,
    DoubtError,
    DuplicateError,
    NotFoundError,
    ProtocolError,
    RejectedError,
)
from syncd.port import FieldDef, Op, Outcome, Request, Write
from syncd.rest.connector import RestConnector
from tests.flows import Answer, drive
from tests.rest.shop import shop

CONTACT = """\
errors: {message: message, field: field}
answers:
  - {status: 409, means: duplicate}
  - {status: 500, body: {code: conflict}, means: rejected}
write:
  contact:
    tier: T3
    marker: ref
    fields:
      ref: text
      name: text
      address.city: text
      limit: number as text
      born: date as %d.%m.%Y
      active: flag as 1/0
      country: link as number
    create: {post: /contacts, body: BODY}
    update: {patch: "/contacts/{id}", body: "{fields}"}
    remove: {delete: "/contacts/{id}"}
    by_id: /contacts/{id}
    list: /contacts
    find: {get: /contacts, query: {"filter[{field}]": "{value}"}}
    LINE
"""
CARD: dict[str, Value] = {
    "name": "田中",
    "address.city": "Wien",
    "limit": Decimal("10.50"),
    "born": "1990-02-01",
    "active": True,
    "country": "7",
    "ref": None,
}
SENT = {
    "ref": "M1",
    "name": "田中",
    "address": {"city": "Wien"},
    "limit": "10.50",
    "born": "01.02.1990",
    "active": 1,
    "country": 7,
}


def contacts(line: str = "", body: str = '"{fields}"') -> RestConnector:
    return shop(CONTACT.replace("BODY", body).replace("LINE", line))


def create(fields: dict[str, Value] | None = None) -> Write:
    return Write(Op.CREATE, "contact", "M1", None, {}, CARD if fields is None else fields)


def update(fields: dict[str, Value]) -> Write:
    return Write(Op.UPDATE, "contact", "M1", "5", {}, fields)


def push(
    connector: RestConnector, write: Write, *answers: Answer | Exception
) -> tuple[list[Request], Outcome]:
    asked, [outcome] = drive(connector.push([write]), *answers)
    return asked, outcome


def test_an_object_is_sent_as_the_system_wants_it_and_read_back_as_syncd_holds_it() -> None:
    asked, outcome = push(contacts(), create(), Answer(201, {**SENT, "id": 5}))
    assert asked[0].method == "POST" and asked[0].write
    assert asked[0].json == SENT
    assert outcome.remote_id == "5"
    assert outcome.seen == {**CARD, "ref": "M1"}


def test_a_table_is_poured_into_the_body_around_it() -> None:
    one = contacts(body='{type: customer, "<<": "{fields}", tags: ["{marker}"]}')
    asked, _ = push(one, create({"name": "x"}), Answer(201, {"id": 1}))
    assert asked[0].json == {"type": "customer", "ref": "M1", "name": "x", "tags": ["M1"]}


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("", Answer(201, {"id": 5})),
        ("new_id: data.id", Answer(201, {"data": {"id": 5}})),
        ("new_id: .", Answer(200, 5)),
        ('new_id: "0"', Answer(200, [5])),
        (
            "new_id: {header: Location}",
            Answer(201, None, {"location": "https://x/api/contacts/5/?v=1"}),
        ),
    ],
)
def test_the_new_id_is_where_the_system_says_it(line: str, answer: Answer) -> None:
    assert push(contacts(line), create(), answer)[1] == Outcome("5")


def test_a_create_without_an_id_is_no_outcome() -> None:
    for line, answer in (
        ("", Answer(201, {"ok": True})),
        ("new_id: {header: Location}", Answer(201)),
    ):
        with pytest.raises(ProtocolError, match="without an id at"):
            push(contacts(line), create(), answer)


def test_a_part_is_patched_and_a_whole_object_goes_back_with_what_it_had() -> None:
    asked, outcome = push(contacts(), update({"name": "y", "limit": None}), Answer(204))
    assert (asked[0].method, asked[0].path) == ("PATCH", "/contacts/5")
    assert asked[0].json == {"name": "y", "limit": None} and outcome == Outcome("5")
    whole = contacts("whole: true")
    there = {"id": 5, "name": "x", "address": {"city": "Wien", "street": "A 1"}, "vip": True}
    asked, outcome = push(whole, update({"address.city": "Graz"}), Answer(200, there), Answer(200))
    assert [one.write for one in asked] == [False, True]
    assert asked[1].json == {**there, "address": {"city": "Graz", "street": "A 1"}}


def test_what_is_empty_goes_out_in_the_systems_own_way() -> None:
    one = contacts('clear: ""\n    empty: ["", false]')
    asked, outcome = push(one, update({"name": None}), Answer(200, {"id": 5, "name": False}))
    assert asked[0].json == {"name": ""} and outcome.seen == {"name": None}


def test_refusals_say_what_is_wrong_with_which_field() -> None:
    said = {"message": "the name is taken", "field": "name"}
    error = push(contacts(), create(), Answer(409, said))[1].error
    assert isinstance(error, DuplicateError) and error.field == "name"
    assert str(error) == "HTTP 409: the name is taken"
    assert isinstance(push(contacts(), update({}), Answer(404))[1].error, NotFoundError)
    error = push(contacts(), create(), Answer(500, {"code": "conflict"}))[1].error
    assert type(error) is RejectedError
    with pytest.raises(DoubtError, match="HTTP 500"):
        push(contacts(), create(), Answer(500, {"code": "other"}))
    with pytest.raises(ProtocolError):
        push(contacts(), create(), Answer(422, b"<html>"))


def test_a_404_that_means_an_empty_list_is_a_gone_object_to_a_write() -> None:
    text = CONTACT.replace("- {status: 409,", "- {status: 404, means: empty}\n  - {status: 409,")
    one = shop(text.replace("BODY", '"{fields}"').replace("LINE", ""))
    assert drive(one.find("contact", {"marker": "M1"}, {}), Answer(404))[1] == []
    assert drive(one.find("contact", {"id": "9"}, {}), Answer(404))[1] == []
    assert isinstance(push(one, update({"name": "y"}), Answer(404))[1].error, NotFoundError)


def test_what_a_search_finds_too_much_is_left_out() -> None:
    rows = [{"id": 1, "ref": "M1"}, {"id": 2, "ref": "M10"}, {"id": 3}]
    asked, found = drive(contacts().find("contact", {"marker": "M1"}, {}), Answer(200, rows))
    assert asked[0].query == {"filter[ref]": "M1"}
    assert [(one.remote_id, one.marker) for one in found] == [("1", "M1")]
    assert drive(contacts().find("contact", {"id": "9"}, {}), Answer(404))[1] == []


LINES = """\
write:
  deal:
    tier: T4
    fields: {title: text}
    create: {post: /deals, body: "{fields}"}
    by_id: /deals/{id}
    list: /deals
  task:
    tier: T4
    fields: {text: text}
    parents: {deal: links.deal_id}
    create: {post: "/deals/{parent.deal}/tasks", body: "{fields}"}
    by_id: /tasks/{id}
    list: /deals/{parent.deal}/tasks
"""


def test_a_parent_is_in_the_path_and_in_the_object() -> None:
    one = shop(LINES)
    assert one.facts.targets["deal"].listable and not one.facts.targets["task"].listable
    write = Write(Op.CREATE, "task", "M", None, {"deal": "7"}, {"text": "x"})
    asked, _ = push(one, write, Answer(201, {"id": 1}))
    assert asked[0].path == "/deals/7/tasks"
    assert asked[0].json == {"text": "x", "links": {"deal_id": "7"}}
    change = Write(Op.UPDATE, "task", "M", "1", {"deal": "7"}, {"text": "y"})
    assert isinstance(push(one, change)[1].error, RejectedError)
    asked, found = drive(one.find("task", {}, {"deal": "7"}), Answer(200, [{"id": 1, "text": "x"}]))
    assert asked[0].path == "/deals/7/tasks" and found[0].fields == {"text": "x"}


EITHER = """\
write:
  deal:
    tier: T4
    fields: {title: text}
    create: {post: /deals, body: "{fields}"}
    by_id: /deals/{id}
  lead:
    tier: T4
    fields: {title: text}
    create: {post: /leads, body: "{fields}"}
    by_id: /leads/{id}
  task:
    tier: T4
    fields: {text: text}
    either: {deal: deal_id, lead: lead_id}
    create: {post: /tasks, body: "{fields}"}
    by_id: /tasks/{id}
"""


def test_of_several_parents_the_one_there_is_goes_to_its_place() -> None:
    one = shop(EITHER)
    assert (one.facts.targets["task"].parents, one.facts.targets["task"].either) == (
        (),
        ("deal", "lead"),
    )
    write = Write(Op.CREATE, "task", "M", None, {"lead": "7"}, {"text": "x"})
    asked, _ = push(one, write, Answer(201, {"id": 1}))
    assert asked[0].json == {"text": "x", "lead_id": "7"}


def test_an_upsert_by_an_external_id_is_a_put_to_it() -> None:
    one = contacts()
    assert one.facts.targets["contact"].removable
    text = CONTACT.replace("tier: T3", "tier: T1").replace("LINE", "")
    text = text.replace(
        "{post: /contacts, body: BODY}", '{put: "/by-ref/{marker}", body: "{fields}"}'
    )
    asked, outcome = push(shop(text), create({"name": "x"}), Answer(200, {"id": 5}))
    assert (asked[0].method, asked[0].path) == ("PUT", "/by-ref/M1") and outcome.remote_id == "5"


BATCH = """batch:
      size: 3
      post: /contacts/batch
      body: {inputs: "{items}"}
      create: {properties: "{fields}"}
      results: results"""


def test_each_item_of_a_batch_has_an_outcome_of_its_own() -> None:
    one = contacts(BATCH + "\n    new_id: id")
    one_bad = shop(
        CONTACT.replace("BODY", '"{fields}"')
        .replace("LINE", BATCH)
        .replace("status: 409", "body: {status: error}")
    )
    writes = [create({"name": "a"}), create({"name": "b"})]
    results: dict[str, Any] = {"results": [{"id": 1}, {"status": "error", "message": "taken"}]}
    asked, (good, bad) = drive(one_bad.push(writes), Answer(207, results))
    assert asked[0].json == {
        "inputs": [
            {"properties": {"ref": "M1", "name": "a"}},
            {"properties": {"ref": "M1", "name": "b"}},
        ]
    }
    assert good == Outcome("1") and isinstance(bad.error, DuplicateError)
    with pytest.raises(ProtocolError, match="2 were written together"):
        drive(one.push(writes), Answer(200, {"results": [{"id": 1}]}))
    refused = drive(one.push(writes), Answer(409, {"message": "no"}))[1]
    assert [type(one.error) for one in refused] == [DuplicateError, DuplicateError]


@pytest.mark.parametrize(
    ("item", "first", "second"),
    [
        (
            '{ref: "{marker}", kind: task, what: "{fields}"}',
            {"ref": "M1", "kind": "task", "what": {"text": "a", "links": {"deal_id": "7"}}},
            {"ref": "M2", "kind": "task", "what": {"text": "b"}},
        ),
        (
            '{deal: "{parent.deal}", what: "{fields}"}',
            {"deal": "7", "what": {"text": "a", "links": {"deal_id": "7"}}},
            {"what": {"text": "b"}},
        ),
        (
            '{text: "{fields.text}", rest: "{fields}"}',
            {"text": "a", "rest": {"links": {"deal_id": "7"}}},
            {"text": "b", "rest": {}},
        ),
        (
            '{on: "{parents}", text: "{fields.text}"}',
            {"on": {"deal": "7"}, "text": "a"},
            {"on": {}, "text": "b"},
        ),
    ],
)
def test_an_item_of_a_batch_has_what_is_known_of_its_own_write(
    item: str, first: object, second: object
) -> None:
    batch = f"""\
    either: {{deal: links.deal_id, lead: lead_id}}
    batch: {{post: /b, size: 3, body: {{all: "{{items}}"}}, results: ., create: {item}}}
"""
    text = EITHER.replace("    either: {deal: deal_id, lead: lead_id}\n", batch)
    writes = [
        Write(Op.CREATE, "task", "M1", None, {"deal": "7"}, {"text": "a"}),
        Write(Op.CREATE, "task", "M2", None, {}, {"text": "b"}),
    ]
    asked, _ = drive(shop(text).push(writes), Answer(200, [{"id": 1}, {"id": 2}]))
    assert asked[0].json == {"all": [first, second]}


def test_custom_fields_are_listed_by_name_and_left_to_a_person_where_there_is_no_call() -> None:
    one = contacts("custom_fields: {prefix: properties, known: /fields, records: data, name: key}")
    wanted = [FieldDef("contact", f"properties.{name}", "text", name) for name in ("debt", "line")]
    asked, missing = drive(one.setup(wanted, True), Answer(200, {"data": [{"key": "debt"}]}))
    assert [one.path for one in missing] == ["properties.line"] and len(asked) == 1
    row = {"id": 5, "ref": "M1", "properties": {"debt": "7.00"}}
    _, [found] = drive(one.find("contact", {"id": "5"}, {}), Answer(200, row))
    assert found.fields["properties.debt"] == "7.00"


STEPS = """\
write:
  party:
    tier: T2
    marker: code
    fields: {code: text, name: text, state: text, addresses.0.city: text, ways.0.mail: text}
    create:
      post: /parties
      body: {code: "{marker}", name: "{fields.name}", addresses: [[create, "{fields.addresses}"]]}
      then:
        - {post: "/parties/{id}/ways", body: "{fields.ways}", needs: ways.0.mail}
        - {post: "/parties/{id}/open", when: {state: effective}}
    by_id: /parties/{id}
    list: /parties
    find: {get: /parties, query: {"{field}": "{value}"}}
"""


def party(**fields: Value) -> tuple[RestConnector, Write]:
    return shop(STEPS), Write(Op.CREATE, "party", "M1", None, {}, {"name": "田中", **fields})


def test_a_create_is_followed_by_the_steps_that_apply() -> None:
    connector, write = party(**{"addresses.0.city": "Graz", "ways.0.mail": "a@b.example"})
    asked, [outcome] = drive(connector.push([write]), Answer(201, {"id": 5}), Answer(204))
    assert [(one.path, one.json) for one in asked] == [
        (
            "/parties",
            {"code": "M1", "name": "田中", "addresses": [["create", [{"city": "Graz"}]]]},
        ),
        ("/parties/5/ways", [{"mail": "a@b.example"}]),
    ]
    assert outcome.remote_id == "5" and outcome.error is None
    connector, write = party(state="effective")
    asked, _ = drive(connector.push([write]), Answer(201, {"id": 5}), Answer(204))
    assert [one.path for one in asked] == ["/parties", "/parties/5/open"]
    assert asked[0].json == {"code": "M1", "name": "田中", "addresses": []}
    connector, write = party(state="draft")
    assert len(drive(connector.push([write]), Answer(201, {"id": 5}))[0]) == 1


def test_a_step_that_is_refused_leaves_it_half_done() -> None:
    connector, write = party(state="effective")
    _, [outcome] = drive(connector.push([write]), Answer(201, {"id": 5}), Answer(400))
    assert outcome.remote_id == "5" and isinstance(outcome.error, RejectedError)
    with pytest.raises(DoubtError):
        drive(connector.push([write]), Answer(201, {"id": 5}), Answer(502))


def test_a_refusal_of_a_marker_that_is_there_is_a_duplicate_in_any_language() -> None:
    connector, write = party()
    taken = Answer(200, [{"id": 4, "code": "M1"}])
    asked, outcomes = drive(connector.push([write]), Answer(400), taken)
    assert asked[1].query == {"code": "M1"} and isinstance(outcomes[0].error, DuplicateError)
    _, outcomes = drive(connector.push([write]), Answer(400), Answer(200, []))
    assert type(outcomes[0].error) is RejectedError


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("needs: ways.0.mail", "needs: mail", "unknown field mail"),
        ("when: {state: effective}", "when: {stage: won}", "did you mean state"),
        ('{post: "/parties/{id}/open"', '{"/parties/{id}/open": 1', "has no method"),
        ("{fields.ways}", "{fields.way}", "did you mean fields.ways"),
    ],
)
def test_a_mistake_in_a_step_is_told(old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        shop(STEPS.replace(old, new))
    assert said in str(caught.value)
