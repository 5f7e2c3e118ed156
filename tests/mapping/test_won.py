"""A won deal makes its card a customer of the books: out of the CRM's file, into the books' one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from syncd.domain import Deal, Kind, Ref, Want, Won
from syncd.errors import MappingError
from syncd.mapping import load_books
from syncd.port import FieldDef, Record

from .systems import (
    BOOKS,
    CARD,
    SHIPPED,
    books,
    crm,
    crm_problems,
    customer_file,
    problems,
    shipped_crm,
)

# --------------------------------------------------------------------------------- out of the CRM


def test_a_won_deal_is_read_with_its_card() -> None:
    inbound = shipped_crm().inbound[Kind.DEAL]
    data = {"account": "acc-1", "name": "Big", "closed": "2026-11-18", "seller": "Anna"}
    won = Record("d-1", {**data, "stage": "won"})
    assert inbound(won) == Deal(key="d-1", account="acc-1", closed=dt.date(2026, 11, 18))
    assert inbound(Record("d-1", {**data, "stage": "lost"})) is None
    assert inbound.read.object == "deals"
    assert inbound.read.paths == ("account", "closed", "stage"), "its name may be a person's"


def test_a_won_card_says_who_the_customer_is() -> None:
    inbound = shipped_crm().inbound[Kind.WON]
    data = {"name": " 山田商事 ", "email": "A@B.example", "phone": None, "tax_id": " 010 "}
    assert inbound(Record("acc-1", data)) == Won(
        key="acc-1", name="山田商事", email="a@b.example", tax_id="010"
    )


def test_a_deal_without_a_card_is_held() -> None:
    with pytest.raises(MappingError, match=r"memory_crm\.yaml:\d+:14 account is empty"):
        shipped_crm().inbound[Kind.DEAL](Record("d-1", {"account": None, "stage": "won"}))


WON = """\
won:
  read: account
  require: {require}
  hint: {hint}
  fields: {{name: name, tax_id: custom_fields.tax_id}}
"""


def won_file(require: str = "[name]", hint: str = "custom_fields.hint") -> str:
    """`require` stands on line 5, `hint` on 6."""
    return CARD + WON.format(require=require, hint=hint)


@pytest.mark.parametrize(
    ("require", "words"),
    [("name", ("name",)), ("[name, tax_id]", ("name", "tax_id")), ("[]", ())],
)
def test_what_a_customer_needs_is_named(
    tmp_path: Path, require: str, words: tuple[str, ...]
) -> None:
    assert crm(tmp_path, won_file(require)).require == words


def test_the_hint_is_a_custom_field_to_be_set_up(tmp_path: Path) -> None:
    mapping = crm(tmp_path, won_file())
    assert mapping.hints
    assert (mapping.hints.target, mapping.hints.path) == ("account", "custom_fields.hint")
    assert mapping.custom_fields == (FieldDef("account", "custom_fields.hint", "text", "Hint"),)
    plain = crm(tmp_path, won_file(hint="phone"))
    assert plain.hints
    assert plain.hints.path == "phone"
    assert plain.custom_fields == ()


@pytest.mark.parametrize(
    ("language", "missing", "doubtful"),
    [
        (
            "en",
            "Not in the books yet: name, tax id missing",
            "Not in the books yet: accounting has to decide who this is",
        ),
        (
            "ru",
            "Ещё не в учёте: не заполнено поле название, ИНН",
            "Ещё не в учёте: бухгалтерия решает, кто это",
        ),
        (
            "ja",
            "会計に未登録：名称、法人番号が未入力です",
            "会計に未登録：経理が確認中です",
        ),
    ],
)
def test_the_hint_speaks_the_language_of_the_file(
    tmp_path: Path, language: str, missing: str, doubtful: str
) -> None:
    hints = crm(tmp_path, won_file() + f"language: {language}\n").hints
    assert hints
    assert hints.missing(["name", "tax_id"]) == missing
    assert hints.doubtful() == doubtful


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            {"require": "[nmae, email]"},
            [
                "5:13 unknown word nmae; did you mean name?",
                "5:19 email is required, and no line reads it",
            ],
        ),
        ({"require": "[{a: b}]"}, ["5:13 require is one line of text"]),
        ({"hint": "hnt"}, ["6:9 unknown field hnt; known: books_id, currency, custom_fields.*, "
                           "email, name, phone, tax_id"]),
        ({"hint": "name"}, ["6:9 name is written on line 2 already"]),
        ({"hint": "books_id"}, ["6:9 books_id is written on line 2 already"]),
        ({"hint": "custom_fields.hint | upper"}, ["6:30 a hint takes no transforms"]),
        ({"hint": "[phone]"}, ["6:9 hint is one line of text"]),
    ],
)  # fmt: skip
def test_a_mistake_in_what_is_won_is_told(
    tmp_path: Path, lines: dict[str, str], told: list[str]
) -> None:
    assert crm_problems(tmp_path, won_file(**lines)) == told


LEAD = """\
lead:
  read: {read}
  where: {where}
  fields: {{account: account, closed: converted_at | date}}
"""


def lead_file(read: str = "leads", where: str = "account is not None") -> str:
    return CARD + LEAD.format(read=read, where=where)


def test_a_file_may_have_no_deal_and_something_else_that_makes_cards_won(tmp_path: Path) -> None:
    inbound = crm(tmp_path, lead_file()).inbound
    assert {*inbound} == {Kind.LEAD}
    record = Record("l-1", {"account": "acc-1", "converted_at": "2026-11-18"})
    assert inbound[Kind.LEAD](record) == Deal(
        key="l-1", account="acc-1", closed=dt.date(2026, 11, 18)
    )
    assert inbound[Kind.LEAD](Record("l-2", {"account": None, "converted_at": None})) is None


def test_a_mistake_in_a_section_that_makes_cards_won_has_its_place(tmp_path: Path) -> None:
    [read] = crm_problems(tmp_path, lead_file(read="lead"))
    assert read.endswith("unknown object lead; did you mean leads?")
    [where] = crm_problems(tmp_path, lead_file(where="account is"))
    assert "expression: " in where
    text = lead_file().replace("account: account, ", "")
    [missing] = crm_problems(tmp_path, text)
    assert missing.endswith("account is missing, and it is required")
    [unknown] = crm_problems(tmp_path, CARD + "label: {read: account, fields: {account: id}}")
    assert unknown.endswith("memory_crm has no label to read")


def test_a_line_may_say_what_stands_in_the_place_of_what_is_missing(tmp_path: Path) -> None:
    text = won_file(require="[name, country]").replace(
        "{name: name,",
        "{name: name, country: country | default AT, "
        "email: {first_of: [custom_fields.invoices | trim, email | trim]},",
    )
    inbound = crm(tmp_path, text).inbound[Kind.WON]
    data = {
        "name": "A",
        "country": None,
        "email": "a@b.at",
        "custom_fields": {"invoices": None, "tax_id": None},
    }
    assert inbound(Record("a", data)) == Won(key="a", name="A", country="AT", email="a@b.at")


# ----------------------------------------------------------------------------------- into the books


def shipped_won(won: Won) -> tuple[Want, ...]:
    return load_books(SHIPPED / "memory_books.yaml", BOOKS).outbound[Kind.WON](won)


def test_a_won_customer_and_its_contact_are_wanted_in_the_books() -> None:
    customer, contact = shipped_won(Won(key="acc-1", name="Ä" * 300, email="a@b.example"))
    assert customer == Want(
        part="",
        target="books.customers",
        marker="CRM-acc-1",
        parents={},
        fields={
            "name": "Ä" * 255,
            "email": "a@b.example",
            "phone": None,
            "tax_id": None,
            "code": "CRM-acc-1",
        },
    )
    assert (contact.part, contact.target, contact.marker) == (
        "contact",
        "books.contacts",
        "CRM-acc-1",
    )
    assert contact.parents == {"customers": Ref(Kind.WON, "acc-1")}


def test_targets_of_the_books_are_told_from_those_of_the_crm() -> None:
    outbound = load_books(SHIPPED / "memory_books.yaml", BOOKS).outbound[Kind.WON]
    assert outbound.targets == (("", "books.customers"), ("contact", "books.contacts"))
    assert outbound.rules["", "tax_id"].text == "tax_id"


IN_BOOKS = """\
won:
  write: customers
  marker: {marker}
  fields: {{{fields}}}
"""


def into(marker: str = "code", fields: str = "name: name") -> str:
    """`marker` stands on line 10, `fields` on 11."""
    return customer_file() + IN_BOOKS.format(marker=marker, fields=fields)


@pytest.mark.parametrize(
    ("marker", "made"), [("code", "a-1"), ('{path: code, form: "CRM-{key}"}', "CRM-a-1")]
)
def test_what_was_made_in_the_books_is_known_by_the_id_of_its_card(
    tmp_path: Path, marker: str, made: str
) -> None:
    [want] = books(tmp_path, into(marker)).outbound[Kind.WON](Won(key="a-1", name="N"))
    assert (want.marker, want.fields) == (made, {"name": "N", "code": made})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (into('{path: code, form: "{number}"}'), ["10:31 unknown word {number}; known: key"]),
        (into('{form: "CRM-{key}"}'), ["10:11 `path:` is missing in marker"]),
        (into(fields="nmae: name"), ["11:12 unknown word nmae; did you mean name?"]),
        (into(fields="name: nam"), ["11:18 unknown field nam; did you mean name?"]),
        (
            into().replace("write: customers", "write: contacts"),
            ["8:1 parent customers is missing, and it is required"],
        ),
        (
            into() + "  parents: {customers: customer}\n  require: [name]\n",
            [
                "12:13 unknown parent customers",
                "12:24 unknown parent record customer; known: won",
                "13:3 unknown key require; known: examples, fields, marker, parents, parts, write",
            ],
        ),
        (into() + "deal: {}\n", [
            "12:1 unknown key or kind deal; known: adjustment, balance, credit_note, customer, "
            "extends, invoice, lookups, order, payment, system, version, won, zone",
        ]),
    ],
)  # fmt: skip
def test_a_mistake_in_what_is_written_to_the_books_is_told(
    tmp_path: Path, text: str, told: list[str]
) -> None:
    assert problems(tmp_path, text) == told
