"""Three-way merge: no edit is lost, nothing is told twice, and a difference of manner is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.merging import Empty, Owner, Rule, Says, alike, loops, merge

VALUES = st.sampled_from(["", "Ringstraße 1", "Am Graben 7", "ул. Ленина, 5", "東京都千代田区1"])
BASES = st.one_of(st.none(), VALUES)
RULES = st.builds(
    Rule, st.sampled_from([Owner.SHARED, Owner.CRM]), empty=st.sampled_from(list(Empty))
)


def merged(rule: Rule, base: str | None, books: str, crm: str) -> Says:
    return merge("street", rule, rule.owner, base, books, crm)


@pytest.mark.parametrize(
    ("base", "books", "crm", "says"),
    [
        ("a", "b", "a", Says.TO_CRM),
        ("a", "a", "b", Says.TO_BOOKS),
        ("a", "b", "b", Says.AGREED),
        ("a", "b", "c", Says.CONFLICT),
        (None, "a", "", Says.TO_CRM),
        (None, "", "a", Says.TO_BOOKS),
        (None, "a", "b", Says.CONFLICT),
        (None, "", "", Says.AGREED),
    ],
)
def test_who_changed_it_since_both_agreed_decides(
    base: str | None, books: str, crm: str, says: Says
) -> None:
    assert merged(Rule(Owner.SHARED), base, books, crm) is says


@pytest.mark.parametrize(
    ("empty", "says"),
    [
        (Empty.SKIP, Says.NOTHING),
        (Empty.VALUE, Says.TO_CRM),
        (Empty.HOLD, Says.CONFLICT),
    ],
)
def test_what_it_means_that_a_value_is_gone_is_said_by_the_mapping(
    empty: Empty, says: Says
) -> None:
    assert merged(Rule(Owner.SHARED, empty=empty), "a", "", "a") is says


@given(RULES, BASES, VALUES, VALUES)
def test_what_is_told_settles_it(rule: Rule, base: str | None, books: str, crm: str) -> None:
    """Carried out, both sides agree, so nothing is told twice."""
    says = merged(rule, base, books, crm)
    if says is Says.TO_CRM:
        crm = books
    elif says is Says.TO_BOOKS:
        books = crm
    else:
        return
    assert merged(rule, base, books, crm) is Says.AGREED
    assert merged(rule, books, books, crm) is Says.AGREED


@given(st.sampled_from(list(Empty)), BASES, VALUES, VALUES)
def test_an_edit_is_never_overwritten(empty: Empty, base: str | None, books: str, crm: str) -> None:
    """A side that was changed since both agreed is told nothing, unless the mapping says that an
    empty value is none."""
    says = merged(Rule(Owner.SHARED, empty=empty), base, books, crm)
    edited = {
        Says.TO_CRM: bool(crm) and not (base is not None and alike("street", base, crm)),
        Says.TO_BOOKS: bool(books) and not (base is not None and alike("street", base, books)),
    }
    assert not edited.get(says, False)


@given(RULES, BASES, VALUES)
def test_the_owner_of_a_field_is_never_told_what_it_is_once_it_said_something(
    rule: Rule, base: str | None, books: str
) -> None:
    assert merge("street", rule, Owner.CRM, base, books, "Hafenweg 3") is not Says.TO_CRM
    assert merge("street", rule, Owner.BOOKS, base, "Hafenweg 3", books) is not Says.TO_BOOKS


@pytest.mark.parametrize(
    ("word", "one", "other"),
    [
        ("phone", "+7 495 123-45-67", "8 (495) 123 45 67"),
        ("phone", "+7 495 123-45-67", "+74951234567"),
        ("email", "Office@Example.org", " office@example.org"),
        ("name", "ООО «Пример»", 'ООО "Пример"'),
        ("name", "株式会社　サンプル", "株式会社 サンプル"),
        ("city", "WIEN", "Wien"),
        ("street", "", "  "),
    ],
)
def test_another_manner_of_writing_is_nobodys_edit(word: str, one: str, other: str) -> None:
    assert alike(word, one, other)
    assert alike(word, other, one)
    shared = Rule(Owner.SHARED)
    assert merge(word, shared, Owner.SHARED, one, one, other) is Says.AGREED


@pytest.mark.parametrize(
    ("word", "one", "other"),
    [
        ("phone", "+7 495 123-45-67", "+7 495 123-45-68"),
        ("email", "office@example.org", "office@example.com"),
        ("name", "Sample Trade", "Sample Trade II"),
        ("city", "Wien", ""),
    ],
)
def test_another_value_is_an_edit(word: str, one: str, other: str) -> None:
    assert not alike(word, one, other)


def test_a_field_that_comes_back_twice_is_a_loop() -> None:
    assert not loops([])
    assert not loops(["a", "b", "a"])
    assert not loops(["a", "b", "c", "a", "b"])
    assert loops(["a", "b", "a", "b"])
    assert loops(["c", "a", "b", "a", "c", "a"])


def test_a_rule_ends_with_the_event_that_it_names() -> None:
    rule = Rule(Owner.CRM, until="first_invoice")
    assert rule.now(frozenset()) is Owner.CRM
    assert rule.now(frozenset({"first_order"})) is Owner.CRM
    assert rule.now(frozenset({"first_order", "first_invoice"})) is Owner.BOOKS
