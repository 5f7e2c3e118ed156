"""Every mistake of a file at once, each with its place and a way out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.errors import ConfigError
from syncd.mapping import load_books, load_crm

from .systems import (
    BOOKS,
    CUSTOMER,
    SHIPPED,
    books,
    crm,
    crm_facts,
    crm_problems,
    customer_file,
    problems,
)

HERE = Path(__file__).parent


def expected(name: str) -> str:
    return (HERE / name).read_text("utf-8").rstrip("\n")


def test_all_mistakes_of_a_books_file_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as refused:
        load_books(HERE / "mistakes_books.yaml", BOOKS)
    assert str(refused.value) == expected("mistakes_books.txt")
    assert refused.value.exit_code == 78


def test_all_mistakes_of_a_crm_file_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as refused:
        load_crm(HERE / "mistakes_crm.yaml", crm_facts("EUR"))
    assert str(refused.value) == expected("mistakes_crm.txt")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1 a mapping file is a table of `word: value` lines"),
        ("- a", "1:1 a mapping file is a table of `word: value` lines"),
        ("a: [1\n", "2:1 not valid YAML: did not find expected ',' or ']'"),
        ("a:\n\t- b", "2:1 a tab begins the line; YAML takes only blanks there"),
        ("a: \x01", "1:1 not valid YAML: "),
        ("[" * 30 + "]" * 30, "1:22 nested deeper than 20 levels"),
    ],
)
def test_what_is_no_mapping_at_all(tmp_path: Path, text: str, problem: str) -> None:
    [told] = problems(tmp_path, text)
    assert told.startswith(problem)


def test_a_second_document_and_tags_are_refused(tmp_path: Path) -> None:
    text = customer_file(code="!!python/name:os.system code") + "---\nx: 1\n"
    assert problems(tmp_path, text) == [
        "7:11 tag tag:yaml.org,2002:python/name:os.system is not allowed; quote text instead",
        "8:1 a second document; one file is one mapping",
    ]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^none\.yaml:1:1 cannot be read: No such file"):
        load_books(tmp_path / "none.yaml", BOOKS)
    (tmp_path / "latin.yaml").write_bytes(b"system: x\nname: \xe9\n")
    with pytest.raises(ConfigError, match=r"^latin\.yaml:2:1 is not UTF-8 text"):
        load_books(tmp_path / "latin.yaml", BOOKS)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert problems(tmp_path, "\ufeff" + customer_file()) == []


def test_required_words_must_be_there(tmp_path: Path) -> None:
    text = CUSTOMER.format(where="1 == 1", name="name", code="code").replace("name: name", "")
    assert problems(tmp_path, text) == ["7:5 name is missing, and it is required"]


def test_an_object_with_a_marker_needs_it(tmp_path: Path) -> None:
    text = "system: memory_crm\ncustomer:\n  write: account\n  fields: {name: name}\n"
    told = crm_problems(tmp_path, text)
    assert told == ["2:1 `marker:` is missing: which path holds the key of the books?"]


def test_parents_must_be_written_by_the_file(tmp_path: Path) -> None:
    text = """\
        system: memory_crm
        payment:
          write: payment
          each: allocations
          marker: reference
          parents: {invoice: invoice}
          fields: {amount: amount}
        """
    assert crm_problems(tmp_path, text) == ["6:22 invoice is not written by this file"]


@pytest.mark.parametrize(
    ("of", "told"),
    [
        ("customer/contact", ["8:7 customer/contact is written as contact, not account"]),
        ("customer/person", ["8:7 unknown part of customer person; known: contact"]),
        ("invoice", ["8:7 unknown parent record invoice; known: customer"]),
    ],
)
def test_a_card_is_the_object_that_the_customer_made(
    tmp_path: Path, of: str, told: list[str]
) -> None:
    text = f"""\
        system: memory_crm
        customer: {{write: account, marker: books_id, fields: {{name: name}}, parts: {{
          contact: {{write: contact, marker: books_id, parents: {{account: customer}},
            fields: {{name: name}}}}}}}}
        card:
          update: account
          fields: {{receivable: custom_fields.r}}
          of: {of}
        """
    assert crm_problems(tmp_path, text) == told


def test_one_path_is_written_once(tmp_path: Path) -> None:
    text = """\
        system: memory_crm
        customer:
          write: account
          marker: books_id
          fields: {name: name, code: name, tax_id: books_id, city: custom_fields.x}
        card:
          update: account
          of: customer
          fields: {receivable: custom_fields.x, prepaid: custom_fields.y}
        deal: {read: deals, fields: {account: account}}
        won: {read: account, fields: {name: name}, hint: custom_fields.y}
        """
    assert crm_problems(tmp_path, text) == [
        "5:30 name is written on line 5 already",
        "5:44 books_id is written on line 4 already",
        "9:24 custom_fields.x is written on line 5 already",
        "11:50 custom_fields.y is written on line 9 already",
    ]


WORDS = ("пол", "each: ", "expr: ", "parent.", "{{")
pieces = st.sampled_from([*"\n\t :|-&*!'\"{}[]()#.,><=0", *WORDS])
cuts = st.tuples(st.integers(0, 2000), st.integers(0, 8), pieces)


@pytest.mark.parametrize("name", ["memory_books", "memory_crm"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(changes=st.lists(cuts, min_size=1, max_size=4))
def test_a_damaged_file_loads_or_is_refused_with_places(
    tmp_path: Path, name: str, changes: list[tuple[int, int, str]]
) -> None:
    text = (SHIPPED / f"{name}.yaml").read_text("utf-8")
    for start, length, piece in changes:
        text = text[:start] + piece + text[start + length :]
    load = books if name == "memory_books" else crm
    try:
        load(tmp_path, text)
    except ConfigError as refused:
        pattern = r"(books|crm)\.yaml:[1-9]\d*:[1-9]\d* \S.*"
        assert all(re.fullmatch(pattern, line) for line in refused.problems)
