"""Fields that people add, made by calls or by hand, and what an object has by its own account."""

from __future__ import annotations

import pytest

from syncd.errors import ConfigError, ProtocolError
from syncd.port import FieldDef
from tests.cli.desk import Desk
from tests.flows import Answer, drive
from tests.rest.shop import shop
from tests.rest.world import HERE

ACCOUNT = """\
write:
  account:
    tier: T4
    fields: {name: text}
    custom_fields:
      prefix: custom
      known: {get: /fields, query: {of: "{target}"}}
      records: data
      name: key
      type: kind
      types: {long_text: textarea, flag: checkbox}
      usable: active
      create: {post: /fields, body: {key: "{name}", label: "{label}", kind: "{type}"}}
      restore: {patch: "/fields/{id}", body: {active: true}}
    create: {post: /accounts, body: "{fields}"}
    by_id: /accounts/{id}
    list: /accounts
"""


def known(**types: str) -> Answer:
    """Those that begin with `off_` are switched off."""
    rows = [
        {"id": f"f-{name}", "key": name, "kind": kind, "active": not name.startswith("off_")}
        for name, kind in types.items()
    ]
    return Answer(200, {"data": rows})


def wanted(**types: str) -> list[FieldDef]:
    return [FieldDef("account", f"custom.{name}", kind, name) for name, kind in types.items()]


def test_what_is_missing_is_made_in_the_systems_words_and_what_is_off_switched_on() -> None:
    some = wanted(line="long_text", off_debt="number", there="text")
    there = {"off_debt": "number", "there": "textarea"}
    asked, missing = drive(shop(ACCOUNT).setup(some, False), known(**there))
    assert len(asked) == 1 and [one.path for one in missing] == ["custom.line", "custom.off_debt"]
    after = Answer(
        200, {"data": [{"key": one.path[7:], "kind": one.type, "active": True} for one in some]}
    )
    asked, missing = drive(
        shop(ACCOUNT).setup(some, True), known(**there), Answer(201), Answer(200), after
    )
    assert [(one.method, one.path, one.json) for one in asked[1:3]] == [
        ("POST", "/fields", {"key": "line", "label": "line", "kind": "textarea"}),
        ("PATCH", "/fields/f-off_debt", {"active": True}),
    ]
    assert len(missing) == 2


def test_a_field_of_another_type_is_told_and_one_that_does_not_appear_too() -> None:
    with pytest.raises(ConfigError, match=r"custom\.debt of account is text there"):
        drive(shop(ACCOUNT).setup(wanted(debt="number"), True), known(debt="text"))
    with pytest.raises(ProtocolError, match=r"are not there: custom\.debt"):
        drive(shop(ACCOUNT).setup(wanted(debt="number"), True), known(), Answer(200), known())


def test_what_is_defined_is_told_by_the_target_and_its_prefix() -> None:
    text = "read:\n  won: {object: account, described: records, list: /a, by_key: '/a/{key}'}\n"
    one = shop(text + ACCOUNT)
    assert one.facts.described
    asked, fields = drive(one.fields("account/custom"), known(debt="number", off_x="text"))
    assert asked[0].query == {"of": "account"} and fields == {"debt": ""}
    rows = Answer(
        200, [{"id": 1, "name": None, "custom": {}}, {"id": 2, "name": "x", "custom": {}}]
    )
    asked, fields = drive(one.fields("account"), rows)
    assert fields == {"id": "", "name": "", "custom": "account/custom"}
    assert drive(one.fields("account"), Answer(200, []))[1] == {}
    assert drive(one.fields("nothing"))[1] == {}


@pytest.mark.parametrize(
    ("line", "answer", "found"),
    [
        (
            '{get: "/meta/{object}", records: data, name: name, leads: ref}',
            {"data": [{"name": "id"}, {"name": "owner", "ref": "users"}]},
            {"id": "", "owner": "users"},
        ),
        ('"/meta/{object}"', {"id": {}, "total": {"type": "money"}}, {"id": "", "total": ""}),
    ],
)
def test_an_object_is_described_by_a_call(line: str, answer: object, found: dict[str, str]) -> None:
    text = (
        "read:\n"
        f"  invoice: {{object: invoices, described: {line}, list: /i, by_key: '/i/{{key}}'}}\n"
    )
    asked, fields = drive(shop(text).fields("invoices"), Answer(200, answer))
    assert asked[0].path == "/meta/invoices" and fields == found


def test_rows_below_a_parent_are_described_by_the_first_that_has_any() -> None:
    text = """\
    read:
      payment:
        object: payments
        described: records
        within: {list: /invoices}
        list: /invoices/{parent}/payments
        by_key: /invoices/{parent}/payments/{key}
    """
    answers = (Answer(200, [{"id": 1}, {"id": 2}]), Answer(200, []), Answer(200, [{"id": 5}]))
    asked, fields = drive(shop(text).fields("payments"), *answers)
    assert asked[-1].path == "/invoices/2/payments"
    assert fields == {"id": "", "parent": "payments/parent"}


@pytest.mark.parametrize("line", ["records", "{get: /meta, name: name}"])
def test_what_the_file_puts_into_a_record_is_there(line: str) -> None:
    text = f"""\
    read:
      payment:
        object: payments
        list: /payments
        described: {line}
        by_key: /payments/{{key}}
        adds: {{kind: out}}
        with:
          lines: {{list: "/payments/{{key}}/lines", match: payment}}
          lines.invoice: {{list: "/invoices/{{key}}", of: invoice, match: id, single: true}}
      adjustment:
        {{object: payments, list: /payments, by_key: "/payments/{{key}}", adds: {{note: x}}}}
    """
    _, fields = drive(shop(text).fields("payments"), Answer(200, [{"id": 1, "name": "id"}]))
    assert fields["id"] == "" and fields["lines"] == "payments/lines", fields
    assert {"kind", "note"} < {*fields} and "lines.invoice" not in fields
    assert drive(shop(text).fields("payments"), Answer(200, []))[1] == {}


def by_file(desk: Desk, old: str = "", new: str = "") -> None:
    """The memory CRM by its connector file, changed everywhere or as it is."""
    text = (HERE / "memory_crm.yaml").read_text(encoding="utf-8")
    assert old in text
    folder = desk.config.parent / "connectors"
    folder.mkdir()
    (folder / "memory_crm.yaml").write_text(text.replace(old, new), encoding="utf-8")
    lines = {name: None for name in desk.world.crm.habits.honest()}
    desk.configure()
    text = desk.config.read_text(encoding="utf-8")
    head, _, tail = text.partition("  crm:\n    system: memory_crm\n")
    own = "".join(
        line
        for line in tail.splitlines(keepends=True)
        if line.strip().partition(":")[0] not in lines
    )
    desk.config.write_text(f"{head}  crm:\n    system: memory_crm\n{own}", encoding="utf-8")


def test_setup_lists_what_a_person_makes_where_nothing_tells_what_is_there(desk: Desk) -> None:
    by_file(desk, "      known: /fields\n", "")
    said = desk.syncd("check")
    assert said.code == 78 and "create without known" in said.text


KNOWN = """\
      known: /fields
      records: account
      create: {post: /fields, body: {target: "{target}", path: "{path}", type: "{type}"}}
"""


def test_what_cannot_be_seen_is_listed_with_its_types_for_a_person(desk: Desk) -> None:
    by_file(desk, KNOWN, "")
    said = desk.syncd("connections", "setup", "crm")
    assert said.code == 0 and "every field that is written is there" not in said.out
    shown = said.out.partition("its connector cannot tell which fields are there")[2]
    assert "account  custom_fields.receivable" in shown and "long_text  “Line”" in shown
    assert "email" not in shown, "only what people add"
    states = {
        one["path"]: one["state"]
        for one in desk.syncd("connections", "setup", "crm", "--json").json()
    }
    assert states["custom_fields.receivable"] == "unseen"
    told = desk.syncd("doctor", "--pair", "main").out
    assert "crm cannot tell which of" in " ".join(told.split())


def test_where_no_line_speaks_of_fields_all_that_is_written_is_listed(desk: Desk) -> None:
    by_file(desk)
    said = desk.syncd("connections", "setup", "crm")
    assert "crm: created account custom_fields.receivable (number, “Receivable”)" in said.out
    shown = said.out.partition("its connector cannot tell which fields are there")[2]
    assert "payment  amount" in shown, "it says nothing of fields that are added to payments"
    assert "account" not in shown


def test_what_is_missing_and_cannot_be_made_is_made_by_hand(desk: Desk) -> None:
    by_file(desk, KNOWN, "      known: /fields\n      records: account\n")
    said = desk.syncd("connections", "setup", "crm")
    assert said.code == 1
    shown = said.out.partition("its connector has no way to make them")[2]
    assert "account  custom_fields.receivable" in shown
    assert desk.syncd("run", "--go-live").code == 78


def test_names_that_are_not_there_are_told_by_the_records_themselves(desk: Desk) -> None:
    by_file(desk, "    object: account\n", "    object: account\n    described: records\n")
    desk.world.crm.add_account("ООО «Пример»")
    said = desk.syncd("mapping", "check", "--live")
    assert said.code == 0 and "books: the system cannot say which fields it has" in said.out
    assert "crm: the system has every field that is named" in said.out
    desk.mapping("memory_crm", "extends: memory_crm\nwon.name: nmae | trim\n")
    said = desk.syncd("mapping", "check", "--live")
    assert said.code == 78 and "unknown field nmae in account; did you mean name?" in said.text
