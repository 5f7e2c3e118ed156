"""Who of the CRM's users is a seller of the books: by the mapping, by e-mail, by name."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd import registry
from syncd.errors import ConfigError
from syncd.mapping import load_crm
from syncd.mapping.crm import CrmMapping
from syncd.people import Match, People, Seller, Verdict, fallback, match, same, unread
from syncd.port import User

ANNA = User("1", "Анна Смирнова", "anna@example.com")
IVAN = User("2", "Иван Иванов", "ivan@example.com")
GONE = User("3", "Пётр Бывший", "petr@example.com", active=False)
KENTA = User("4", "健太 佐藤", "kenta@example.com")
USERS = (ANNA, IVAN, GONE, KENTA)
UNKNOWN, INACTIVE, AMBIGUOUS = (
    Match(one) for one in (Verdict.UNKNOWN, Verdict.INACTIVE, Verdict.AMBIGUOUS)
)


def found(user: User) -> Match:
    return Match(Verdict.FOUND, user.id)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Смирнова Анна", found(ANNA)),
        ("СМИРНОВА  АННА", found(ANNA)),
        ("Смирнова Анна Петровна", found(ANNA)),
        ("Смирнова А.П.", found(ANNA)),
        ("А. Смирнова", found(ANNA)),
        ("Бывший Петр", INACTIVE),
        ("佐藤　健太", found(KENTA)),
        ("佐藤健太", found(KENTA)),
        ("佐 健太", UNKNOWN),  # one character is a name there, and no initial
        ("Смирнова", UNKNOWN),  # a family name alone is anybody's
        ("А. П.", UNKNOWN),
        ("Смирнова Мария", UNKNOWN),
        ("anna@EXAMPLE.com", found(ANNA)),
        ("", UNKNOWN),
        ("...", UNKNOWN),
    ],
)
def test_names_are_compared_as_people_write_them(name: str, expected: Match) -> None:
    assert match(Seller(name), USERS, People()) == expected


def test_an_email_goes_before_a_name_and_who_is_inactive_is_not_looked_for_further() -> None:
    assert match(Seller("Иванов Иван", "Anna@Example.com"), USERS, People()) == found(ANNA)
    assert match(Seller("Иванов Иван", "petr@example.com"), USERS, People()) == INACTIVE
    assert match(Seller("Иванов Иван", "new@example.com"), USERS, People()) == found(IVAN)
    assert match(Seller("Иванов Иван", "anna@example.com"), USERS, People(("name",))) == found(IVAN)


def test_two_who_may_be_meant_are_nobody_and_an_equal_name_is_meant() -> None:
    other = User("5", "Игорь Иванов")
    assert match(Seller("Иванов И."), [IVAN, other], People()) == AMBIGUOUS
    longer = User("6", "Иван Петрович Иванов")
    assert match(Seller("Иванов Иван"), [IVAN, longer], People()) == found(IVAN)
    twice = User("7", "Иванов Иван", active=False)
    assert match(Seller("Иванов Иван"), [IVAN, twice], People()) == found(IVAN)


def test_the_mapping_goes_before_both_and_names_a_fallback() -> None:
    people = People(
        fallback="kenta@example.com", named={"Иванов И. И.": "1", "Отдел": "petr@example.com"}
    )
    assert match(Seller("иванов и.и.", "ivan@example.com"), USERS, people) == found(ANNA)
    assert match(Seller("Отдел"), USERS, people) == INACTIVE
    assert fallback(USERS, people) == found(KENTA)
    assert fallback(USERS, People()) == UNKNOWN
    assert fallback(USERS, People(fallback="3")) == INACTIVE
    assert unread(Seller("Иванов ИИ"), people) is None  # an e-mail says nothing without the users
    assert unread(Seller("Иванов И.И."), people) == "1"


WORD = st.text("абвгде", min_size=2, max_size=6)


@given(st.lists(WORD, min_size=2, max_size=4, unique=True), st.randoms(use_true_random=False))
def test_order_case_and_initials_of_all_but_one_word_make_no_difference(
    words: list[str], mixed: Random
) -> None:
    whole = " ".join(words)
    short = [words[0].upper(), *(f"{word[0]}." for word in words[1:])]
    mixed.shuffle(short)
    assert same(whole, " ".join(short)) and same(" ".join(short), whole)


@given(st.text(max_size=20), st.text(max_size=20))
def test_it_makes_no_difference_who_is_asked_first(one: str, other: str) -> None:
    assert same(one, other) == same(other, one)


# -- what a mapping says -------------------------------------------------------------------------


def loaded(folder: Path, text: str) -> CrmMapping:
    file = folder / "zoho_crm.yaml"
    file.write_text("extends: zoho_crm\n" + text, encoding="utf-8")
    return load_crm(file, registry.facts("zoho_crm"))


def test_a_mapping_says_it_in_lines_and_in_an_overlay(tmp_path: Path) -> None:
    whole = loaded(
        tmp_path,
        "customer.owner: Owner\n"
        "people:\n  by: email\n  fallback: office@example.com\n"
        "  is: {Иванов И.И.: 4876876000000999001, Sales Vienna: anna@example.com}\n",
    )
    assert whole.people == People(
        ("email",),
        "office@example.com",
        {"Иванов И.И.": "4876876000000999001", "Sales Vienna": "anna@example.com"},
    )
    dotted = loaded(
        tmp_path,
        "customer.owner: Owner\npeople.by: email\npeople.fallback: office@example.com\n"
        "people.is.Иванов И.И.: 4876876000000999001\npeople.is.Sales Vienna: anna@example.com\n",
    )
    assert (dotted.people, dotted.version) == (whole.people, whole.version)
    plain = loaded(tmp_path, "")
    assert plain.version not in (whole.version, loaded(tmp_path, "customer.owner: Owner\n").version)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "customer.owner: Owner | max 3\n",
            "2:25 an owner takes no transforms: it is a user",
        ),
        (
            "customer.owner: Phone\n",
            "2:17 the owner is written to Owner, not to Phone",
        ),
        ("customer.name: Owner\n", "2:16 unknown field Owner"),
        (
            "people: {fallback: 1}\n",
            "2:1 no line says where an owner is written; add `customer.owner: FIELD`",
        ),
        (
            "customer.owner: Owner\npeople: {by: [mail], els: 1}\n",
            "3:15 unknown way mail; did you mean email?",
        ),
        (
            "customer.owner: Owner\npeople: {fallback: Anna S}\n",
            "3:20 Anna S is no user: write the",
        ),
        (
            "customer.owner: Owner\npeople: {is: {Анна С.: 1, анна с: 2}}\n",
            "3:27 анна с is the same seller as Анна С.",
        ),
        (
            "customer.owner: Owner\npeople.is.Анна: none\n",
            "3:11 unknown name of people.is to switch off Анна",
        ),
    ],
)
def test_what_is_wrong_with_it_is_said_where_it_stands(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigError) as error:
        loaded(tmp_path, text)
    assert any(said in one for one in error.value.problems), error.value.problems
