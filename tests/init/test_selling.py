"""Who is compared with whom at set-up, and what a person may type."""

from __future__ import annotations

import pytest

from syncd.errors import UsageError
from syncd.port import User
from syncd.setup.selling import compare, said, user_of

USERS = (
    User("1", "Анна Смирнова", "anna@example.com"),
    User("2", "Пётр Бывший", "petr@example.com", active=False),
    User("3", "Иван Иванов", "ivan@example.com"),
    User("4", "Игорь Иванов", "igor@example.com"),
)


def test_who_is_found_by_email_alone_is_written_down_and_the_rest_is_told() -> None:
    sellers = [
        User("a", "Смирнова А.П."),
        User("b", "Колл-центр", "Anna@example.com"),
        User("c", "Иванов И.", "ivan@example.com"),
        User("d", "Иванов И. И."),
        User("e", "Бывший Петр"),
        User("f", "Продавец 3"),
    ]
    seen = compare(sellers, USERS)
    assert (seen.found, seen.all, seen.names) == (3, 6, ("Смирнова А.П.",))
    assert seen.mailed == {"Колл-центр": "1", "Иванов И.": "3"}
    assert seen.missed == {
        "Иванов И. И.": "several users fit",
        "Бывший Петр": "the user is inactive",
        "Продавец 3": "no user",
    }


def test_a_user_is_named_by_id_email_or_name() -> None:
    assert said("Продавец 3=ANNA@example.com; Отдел: опт = Иван Иванов;", USERS) == {
        "Продавец 3": "1",
        "Отдел: опт": "3",
    }
    assert user_of("4", USERS) == "4"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("Продавец 3", "Продавец 3: expected SELLER=USER, with ; between several"),
        ("A=ann@example.com", "no user ann@example.com; did you mean anna@example.com?"),
        ("A=petr@example.com", "petr@example.com: this user is inactive"),
    ],
)
def test_what_cannot_be_meant_is_said(typed: str, says: str) -> None:
    with pytest.raises(UsageError, match=says.replace("?", "[?]")):
        said(typed, USERS)
