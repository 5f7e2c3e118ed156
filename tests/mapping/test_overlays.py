"""An overlay is single lines over another file; what is wrong is told where it can be mended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from syncd.domain import Customer, Extra, Kind, Money, State, Want, Won, value_of
from syncd.errors import ConfigError, MappingError
from syncd.image import decode, encode, fingerprint
from syncd.mapping import BooksMapping, CrmMapping, books_add, crm_adds, load_books, load_crm
from syncd.port import FieldDef, Record

from .systems import BOOKS, SHIPPED, crm_facts

HERE = Path(__file__).parent
CUSTOMER: Mapping[str, Any] = {"name": "ООО «Пример»", "code": "K1", "in_scope": True}
INVOICE: Mapping[str, Any] = {
    "customer": "1",
    "number": "РТ-1",
    "date": "2026-11-18",
    "total": "50500.00",
    "currency": "RUB",
    "state": "posted",
}


def books(folder: Path, text: str, name: str = "memory_books") -> BooksMapping:
    (folder / f"{name}.yaml").write_text(text, "utf-8")
    return load_books(folder / f"{name}.yaml", BOOKS)


def crm(folder: Path, text: str, reads: str | None = None) -> CrmMapping:
    """`reads` is the overlay on the other side."""
    (folder / "memory_crm.yaml").write_text(text, "utf-8")
    if reads is None:
        return load_crm(folder / "memory_crm.yaml", crm_facts())
    (folder / "memory_books.yaml").write_text(reads, "utf-8")
    file = folder / "memory_books.yaml"
    return load_crm(folder / "memory_crm.yaml", crm_facts(), lambda: books_add(file, BOOKS))


def told(load: Any, *args: Any) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        load(*args)
    return list(refused.value.problems)


def read(mapping: BooksMapping, kind: Kind, data: Mapping[str, Any], **more: Any) -> Any:
    return mapping.inbound[kind](Record("1", {**data, **more}))


# ------------------------------------------------------------------------------------ what it does


def test_single_lines_change_add_and_switch_off(tmp_path: Path) -> None:
    over = books(
        tmp_path,
        "extends: memory_books\n"
        "customer.code: kod | trim | upper\n"
        "customer.street: street | trim\n"
        "customer.phone: none\n"
        "customer.where: none\n"
        "lookups.state.on.hold: draft\n"
        "lookups.state.posted: void\n"
        "invoice.terms.amount: sum | money parent.currency\n"
        "adjustment: none\n"
        "zone: Europe/Moscow\n",
    )
    found = read(over, Kind.CUSTOMER, CUSTOMER, kod="k7 ", street=" Ленина 1", phone="1")
    assert found == Customer(key="1", name="ООО «Пример»", code="K7", street="Ленина 1")
    assert read(over, Kind.CUSTOMER, CUSTOMER, in_scope=False) is not None
    assert read(over, Kind.INVOICE, INVOICE, state="on.hold").state is State.DRAFT
    assert read(over, Kind.INVOICE, INVOICE).state is State.VOID
    terms = [{"due": "2026-12-01", "sum": "5.00"}]
    assert read(over, Kind.INVOICE, INVOICE, terms=terms).terms[0].amount == Money.of(5, "RUB")
    assert Kind.ADJUSTMENT not in over.inbound and Kind.PAYMENT in over.inbound
    assert over.zone is not None and over.zone.key == "Europe/Moscow"


def test_parts_long_forms_and_stages_are_reached_too(tmp_path: Path) -> None:
    over = crm(
        tmp_path,
        "extends: memory_crm\n"
        "customer.contact.name: name | max 5\n"
        "customer.phone.path: custom_fields.tel\n"
        "card.line.else: Nothing to pay\n"
        "card.stages: [{stage: new, when: orders_count >= 0}]\n"
        "payment.marker: {path: reference, form: 'P-{key}'}\n"
        "credit_note.marker.form: 'X-{number}'\n"
        "language: ru\n"
        "history.from: 2026-01-01\n",
    )
    account, contact = over.outbound[Kind.CUSTOMER](Customer(key="1", name="Möbelhaus", phone="5"))
    assert (contact.fields["name"], account.fields["custom_fields.tel"]) == ("Möbel", "5")
    assert (
        over.outbound[Kind.CUSTOMER]
        .rules[("", "custom_fields.tel")]
        .where.startswith("memory_crm.yaml:3:22")
    )
    assert [rule.stage for rule in over.stages.rules] == ["new"]
    assert (over.language, over.history and over.history.isoformat()) == ("ru", "2026-01-01")
    plain = load_crm(SHIPPED / "memory_crm.yaml", crm_facts())
    assert plain.outbound[Kind.CARD].rules.keys() == over.outbound[Kind.CARD].rules.keys()


def test_an_overlay_means_what_the_whole_file_means(tmp_path: Path) -> None:
    shipped = SHIPPED / "memory_books.yaml"
    assert books(tmp_path, "# nothing yet\nextends: memory_books\n").version == (
        load_books(shipped, BOOKS).version
    )
    text = shipped.read_text("utf-8")
    line = "email:    email | trim | lower\n"
    assert line in text
    (tmp_path / "whole.yaml").write_text(text.replace(line, "email: mail | trim\n"), "utf-8")
    whole = load_books(tmp_path / "whole.yaml", BOOKS).version
    one = books(tmp_path, "extends: memory_books\ncustomer.email:  mail  |  trim   # ours\n")
    back = "extends: whole\ncustomer.email: email | trim | lower\n"
    assert one.version == whole
    assert books(tmp_path, back, "back").version == load_books(shipped, BOOKS).version


def test_it_survives_an_upgrade_of_the_file_below_and_may_stand_on_another_overlay(
    tmp_path: Path,
) -> None:
    text = (SHIPPED / "memory_books.yaml").read_text("utf-8")
    (tmp_path / "base.yaml").write_text(text, "utf-8")
    (tmp_path / "group.yaml").write_text("extends: base\ncustomer.email: none\n", "utf-8")
    vienna = "extends: group\ncustomer.phone: mobile | trim\n"
    assert read(books(tmp_path, vienna, "vienna"), Kind.CUSTOMER, CUSTOMER, mobile="1").phone == "1"
    newer = "# a newer release\n\n" + text.replace("name:     name | trim", "name: title | trim")
    (tmp_path / "base.yaml").write_text(newer, "utf-8")
    over = books(tmp_path, vienna, "vienna")
    data = {"title": "株式会社サンプル", "mobile": "2", "email": "a@b.example"}
    found = read(over, Kind.CUSTOMER, CUSTOMER, **data)
    assert (found.name, found.phone, found.email) == ("株式会社サンプル", "2", None)
    with pytest.raises(MappingError, match=r"^base\.yaml:15:11 name is empty, and it is required"):
        read(over, Kind.CUSTOMER, CUSTOMER)
    with pytest.raises(MappingError, match=r"^vienna\.yaml:2:26 trim needs text"):
        read(over, Kind.CUSTOMER, CUSTOMER, title="x", mobile=5)


# ------------------------------------------------------------------------- what is wrong, and where


@pytest.mark.parametrize("side", ["books", "crm"])
def test_all_mistakes_of_an_overlay_are_told_at_once(side: str) -> None:
    facts = BOOKS if side == "books" else crm_facts("EUR")
    load = load_books if side == "books" else load_crm
    found = told(load, HERE / f"mistakes_overlay_{side}.yaml", facts, lambda: {})
    expected = (HERE / f"mistakes_overlay_{side}.txt").read_text("utf-8").splitlines()
    assert [re.sub(r"(shipped/\w+\.yaml):\d+", r"\1:N", line) for line in found] == expected


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("extends: memory_boks", "books.yaml:1:10 there is no mapping memory_boks to extend in "),
        ("extends: ../books", "books.yaml:1:10 there is no mapping ../books to extend in "),
        ("extends: books", "books.yaml:1:10 there is no mapping books to extend in "),
        ("extends:", "books.yaml:1:9 extends is empty"),
        ("extends: other", "other.yaml:1:10 goes round in circles: books extends other extends "),
        ("extends: broken", "broken.yaml:2:1 not valid YAML: "),
        ("extends: latin", "latin.yaml:2:1 is not UTF-8 text"),
        ("extends: memory_books\ncustomer: {x: y}", "books.yaml:2:1 customer stands at shipped/"),
    ],
)  # fmt: skip
def test_what_cannot_be_extended_is_told(tmp_path: Path, lines: str, problem: str) -> None:
    (tmp_path / "other.yaml").write_text("extends: books\n", "utf-8")
    (tmp_path / "broken.yaml").write_text("a: b\n: : [\n", "utf-8")
    (tmp_path / "latin.yaml").write_bytes(b"a: b\nname: \xe9\n")
    [line] = told(books, tmp_path, lines, "books")
    assert line.startswith(problem)


def test_a_kind_that_others_hang_on_is_told_where_it_was_switched_off(tmp_path: Path) -> None:
    found = told(crm, tmp_path, "extends: memory_crm\ninvoice: none\n")
    places = {line.split(" ")[0] for line in found}
    assert places == {"memory_crm.yaml:2:1"}
    assert "invoice is switched off here, and shipped/memory_crm.yaml:" in found[0]


# ------------------------------------------------------------------------- like, first_of, tables

ALIKE = """\
system: memory_books
lookups: {state: {posted: effective, default: draft}}
order:
  read: orders
  fields:
    customer: customer | text
    number: number
    date: {first_of: [bank_date | date, {expr: day, as: date}, date | date]}
    total: total | money currency
    state: state | lookup state
    seller: seller
    open: open | money currency
    vat: vat | money currency
invoice: {like: order, read: invoices, fields: {open: none, seller: clerk}}
credit_note: {like: invoice, read: credit_notes, fields: {seller: none, total: total | money currency | negate}}
"""  # noqa: E501  # as it is written


def test_a_section_has_the_lines_of_another_except_its_own(tmp_path: Path) -> None:
    found = books(tmp_path, ALIKE, "alike")
    invoice = read(found, Kind.INVOICE, INVOICE, clerk="Анна", seller="x", vat="84.00", day=None)
    assert (invoice.seller, value_of(invoice, "vat")) == ("Анна", Money.of(84, "RUB"))
    note = read(found, Kind.CREDIT_NOTE, INVOICE, day=None)
    assert note.total == Money.of("-50500", "RUB")
    assert "seller" not in found.inbound[Kind.CREDIT_NOTE].rules
    assert found.inbound[Kind.CREDIT_NOTE].rules["number"].where == "alike.yaml:7:13"


def test_an_overlay_changes_what_is_inherited_by_like(tmp_path: Path) -> None:
    (tmp_path / "alike.yaml").write_text(ALIKE, "utf-8")
    found = books(tmp_path, "extends: alike\norder.number: no\ncredit_note.vat: none\n", "over")
    assert found.inbound[Kind.CREDIT_NOTE].rules["number"].where == "over.yaml:2:15"
    assert [kind for kind, one in found.inbound.items() if "vat" in one.rules] == [
        Kind.ORDER,
        Kind.INVOICE,
    ]


def test_the_first_that_gives_something_is_taken_and_the_rest_not_looked_at(tmp_path: Path) -> None:
    found = books(tmp_path, ALIKE, "alike").inbound[Kind.ORDER]
    broken = {**INVOICE, "date": "yesterday"}
    first = found(Record("1", {**broken, "bank_date": "2026-11-20", "day": 7}))
    second = found(Record("1", {**broken, "bank_date": "", "day": "2026-11-19"}))
    assert [value_of(one, "date").isoformat() for one in (first, second)] == [  # type: ignore[attr-defined]
        "2026-11-20",
        "2026-11-19",
    ]
    with pytest.raises(MappingError, match=r"^alike\.yaml:8:71 'yesterday' is not a date"):
        found(Record("1", {**broken, "day": None}))
    assert {"bank_date", "day", "date"} <= set(found.read.paths)


def test_what_a_table_lacks_is_its_default_where_it_has_one(tmp_path: Path) -> None:
    found = books(tmp_path, ALIKE, "alike").inbound[Kind.ORDER]
    order = found(Record("1", {**INVOICE, "state": "sent", "bank_date": "2026-11-20"}))
    assert value_of(order, "state") is State.DRAFT
    other = books(tmp_path, ALIKE.replace("default: draft", "default: void"), "other")
    quoted = books(tmp_path, ALIKE.replace("default:", '"default":'), "quoted")
    versions = {books(tmp_path, ALIKE, "alike").version, other.version, quoted.version}
    assert len(versions) == 3
    with pytest.raises(MappingError, match="'sent' is not in lookup state"):
        quoted.inbound[Kind.ORDER](
            Record("1", {**INVOICE, "state": "sent", "bank_date": "2026-11-20"})
        )


# ------------------------------------------------------------------------------------- added fields

READS = """\
extends: memory_books
customer.rating: rating | text
customer.score: points | number
customer.since: since | date
customer.limit: credit_limit | money currency
customer.vip: vip | flag
"""
WRITES = """\
extends: memory_crm
customer.rating: custom_fields.rating | max 3
customer.score: custom_fields.score
customer.since: custom_fields.since
customer.limit: custom_fields.limit | in EUR
customer.vip: custom_fields.vip
"""
ADDED: Mapping[str, Any] = {
    "rating": "Aあ+++",
    "points": Decimal("7.50"),
    "since": "2020-02-29",
    "credit_limit": "5000.50",
    "currency": "EUR",
    "vip": False,
}


def written(mapping: CrmMapping, record: Customer) -> Mapping[str, Any]:
    want: Want = mapping.outbound[Kind.CUSTOMER](record)[0]
    return {path[14:]: v for path, v in want.fields.items() if path.startswith("custom_fields.")}


def test_a_field_of_the_books_comes_to_the_card_in_its_type(tmp_path: Path) -> None:
    over, out = books(tmp_path, READS), crm(tmp_path, WRITES, READS)
    customer = read(over, Kind.CUSTOMER, CUSTOMER, **ADDED)
    assert written(out, customer) == {
        "rating": "Aあ+",
        "score": Decimal("7.5"),
        "since": "2020-02-29",
        "limit": Decimal("5000.50"),
        "vip": False,
    }
    assert written(out, read(over, Kind.CUSTOMER, CUSTOMER, vip=1))["vip"] is True
    dollars = read(over, Kind.CUSTOMER, CUSTOMER, **{**ADDED, "currency": "USD"})
    assert written(out, dollars)["limit"] is None
    nothing = read(over, Kind.CUSTOMER, CUSTOMER, rating=" ", vip="", points=None)
    assert set(written(out, nothing).values()) == {None, ""}
    types = {f.path[14:]: f.type for f in out.custom_fields if f.path.startswith("custom_fields.")}
    assert {name: types[name] for name in ("rating", "score", "since", "limit", "vip")} == {
        "rating": "text",
        "score": "number",
        "since": "date",
        "limit": "number",
        "vip": "flag",
    }
    assert FieldDef("account", "custom_fields.vip", "flag", "Vip") in out.custom_fields


def test_an_added_field_is_part_of_the_record_and_without_one_nothing_changes(
    tmp_path: Path,
) -> None:
    over = books(tmp_path, READS)
    one = read(over, Kind.CUSTOMER, CUSTOMER, **ADDED)
    equal = read(over, Kind.CUSTOMER, CUSTOMER, **{**ADDED, "points": "7.5"})
    other = read(over, Kind.CUSTOMER, CUSTOMER, **{**ADDED, "points": "7.51"})
    assert decode(Kind.CUSTOMER, encode(one)) == one
    assert fingerprint(encode(one)) == fingerprint(encode(equal)) != fingerprint(encode(other))
    none = read(over, Kind.CUSTOMER, CUSTOMER)
    assert none.extras == () and b"extras" not in encode(none)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("株 A", "text", "株 A"),
        (Decimal("-0.00"), "number", "0"),
        (Decimal("1200"), "number", "1200"),
        (True, "flag", "true"),
        (Money.of("-12.3456", "JPY"), "money", "-12.3456 JPY"),
    ],
)
def test_the_text_of_an_added_field_reads_back_exactly(value: Any, kind: str, text: str) -> None:
    extra = Extra.of("x", value)
    assert (extra.type, extra.text, extra.value) == (kind, text, value)


SECRET = "31.12.1985"


@pytest.mark.parametrize(
    "data", [{"points": 7.5}, {"points": SECRET}, {"vip": SECRET}, {"vip": 2}, {"since": SECRET},
             {"credit_limit": SECRET}, {"code": SECRET}],
)  # fmt: skip
def test_a_value_that_is_not_of_its_type_is_held_and_not_repeated(
    tmp_path: Path, data: Mapping[str, Any]
) -> None:
    reads = READS + "customer.code: code | lookup state\n"
    with pytest.raises(MappingError, match=r"^memory_books\.yaml:\d:\d+ ") as held:
        read(books(tmp_path, reads), Kind.CUSTOMER, {**CUSTOMER, "code": "draft"}, **data)
    assert SECRET not in str(held.value)


def test_the_type_of_an_added_field_is_part_of_the_meaning(tmp_path: Path) -> None:
    text = "extends: memory_books\ncustomer.score: points | text\n"
    number = text.replace("| text", "| number")
    assert books(tmp_path, text).version != books(tmp_path, number).version
    line = "extends: memory_crm\ncustomer.score: custom_fields.score\n"
    assert crm(tmp_path, line, text).version != crm(tmp_path, line, number).version


def test_an_added_field_is_written_only_where_the_other_side_reads_it(tmp_path: Path) -> None:
    line = "extends: memory_crm\ncustomer.raiting: custom_fields.rating\n"
    [problem] = told(crm, tmp_path, line, READS)
    assert problem.startswith("memory_crm.yaml:2:10 unknown word raiting; did you mean rating?")
    assert crm(tmp_path, line).version  # on its own a file cannot know the other one
    assert crm(tmp_path, line, READS + "customer.name: none\n").version  # told there already


def test_won_customers_carry_added_fields_the_other_way(tmp_path: Path) -> None:
    out = crm(tmp_path, "extends: memory_crm\nwon.segment: custom_fields.segment | text\n")
    won = out.inbound[Kind.WON](Record("9", {"name": "A", "custom_fields": {"segment": "опт"}}))
    assert isinstance(won, Won) and value_of(won, "segment") == "опт"
    file = tmp_path / "memory_crm.yaml"
    (tmp_path / "memory_books.yaml").write_text(
        "extends: memory_books\nwon.segment: phone\nwon.phone: none\n", "utf-8"
    )
    load = load_books(tmp_path / "memory_books.yaml", BOOKS, lambda: crm_adds(file, crm_facts()))
    assert load.outbound[Kind.WON](won)[0].fields["phone"] == "опт"


def test_a_sentence_may_say_an_added_field(tmp_path: Path) -> None:
    reads = (
        "extends: memory_books\ncredit_note.reason_why: why | text\ncredit_note.vat: vat | number\n"
    )
    out = crm(
        tmp_path,
        "extends: memory_crm\ncredit_note.line.say: ['Note {number}', '{reason_why}', '{vat}']\n",
        reads,
    )
    note = read(books(tmp_path, reads), Kind.CREDIT_NOTE, INVOICE, why="возврат", vat="1200.50")
    assert out.outbound[Kind.CREDIT_NOTE](note)[0].fields["text"] == ("Note РТ-1, возврат, 1,200.5")
