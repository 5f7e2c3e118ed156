"""A card that syncd makes belongs to the customer's seller; no card is ever given another owner,
and none fails for the lack of a user."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from syncd.store import problems, sellers
from tests.engine.rig import Rig

BOOKS = """\
extends: memory_books
customer.seller: seller | trim
customer.seller_email: seller_email | trim
"""
OWNED = "customer.owner: owner\n"
PROBLEM = "crm has no user for "


def rig_of(folder: Path, people: str = "", owned: str = OWNED) -> Rig:
    (folder / "memory_books.yaml").write_text(BOOKS, encoding="utf-8")
    say(folder, people, owned)
    rig = Rig(folder, mappings=folder)
    crm = rig.world.crm
    crm.add_user("syncd")
    crm.add_user("Анна Смирнова", "anna@example.com")
    crm.add_user("Пётр Бывший", "petr@example.com", active=False)
    crm.add_user("健太 佐藤", "kenta@example.com")
    return rig


def say(folder: Path, people: str, owned: str = OWNED) -> None:
    (folder / "memory_crm.yaml").write_text(
        f"extends: memory_crm\n{owned}{people}", encoding="utf-8"
    )


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return rig_of(tmp_path)


def owners(rig: Rig) -> dict[str, str | None]:
    """Name of the card -> its owner."""
    cards = rig.world.crm.objects["account"].values()
    return {str(one.fields["name"]): one.fields.get("owner") for one in cards}


def missed(rig: Rig) -> list[str]:
    found = [one for one in rig.problems() if PROBLEM in one]
    return [one.removeprefix(PROBLEM).split(". ")[0] for one in found]


def users_read(rig: Rig) -> int:
    return rig.world.requests.count(("GET", "/crm/users"))


def test_a_new_card_is_its_sellers_by_email_by_name_or_by_the_newest_order(rig: Rig) -> None:
    books = rig.world.books
    books.add_customer("A", seller="Колл-центр", seller_email="ANNA@example.com")
    books.add_customer("B", seller="佐藤健太")
    books.add_order(books.add_customer("C"), "10", seller="Смирнова А.П.")
    books.add_order(books.add_customer("D", seller="佐藤 健太"), "10", seller="Смирнова А.П.")
    books.add_customer("E")
    rig.set_up()
    rig.run()
    assert owners(rig) == {"A": "user-2", "B": "user-4", "C": "user-2", "D": "user-4", "E": None}
    assert (rig.problems(), rig.later().writes, rig.states()) == ([], 0, {})


def test_no_card_that_is_there_gets_another_owner(rig: Rig) -> None:
    books, crm = rig.world.books, rig.world.crm
    theirs = crm.add_account("Kunde", books_id="1")
    books.add_customer("Kunde", seller="Анна Смирнова")
    books.add_customer("Acme", seller="Анна Смирнова")
    rig.set_up()
    rig.run()
    assert owners(rig) == {"Kunde": None, "Acme": "user-2"}
    [made] = [one.id for one in crm.objects["account"].values() if one.id != theirs]
    crm.update("account", made, {"owner": "user-4"})
    for key in ("1", "2"):
        books.edit_customer(key, seller="佐藤 健太", phone="+7 495 000-00-01")
    rig.later()
    rig.later(full=True)
    assert owners(rig) == {"Kunde": None, "Acme": "user-4"}
    assert crm.objects["account"][made].fields["phone"] == "+7 495 000-00-01"


def test_who_has_no_user_is_named_once_and_the_card_is_made(rig: Rig) -> None:
    books = rig.world.books
    for number, seller in enumerate(("Продавец 3", "Бывший Пётр", "Продавец 3", "Смирнова Анна")):
        books.add_customer(f"K{number}", seller=seller)
    rig.set_up()
    rig.run()
    assert owners(rig) == {"K0": None, "K1": None, "K2": None, "K3": "user-2"}
    assert missed(rig) == ["Бывший Пётр (the user is inactive), Продавец 3 (no user)"]
    with rig.pair.store.reading() as tx:
        assert [one.owner for one in problems.listed(tx, "main")] == [problems.SALES]
    rig.world.crm.add_user("Продавец 3")
    rig.world.crm.users["user-3"]["active"] = True
    rig.later()
    assert len(missed(rig)) == 1, "it is looked for once a day"
    rig.later(24 * 3600)
    assert (rig.problems(), owners(rig)["K0"]) == ([], None)


def test_the_fallback_has_the_cards_of_who_has_no_user(tmp_path: Path) -> None:
    people = "people: {fallback: kenta@example.com, is: {Отдел продаж: user-2, Склад: user-3}}\n"
    rig = rig_of(tmp_path, people)
    for name in ("Отдел продаж", "Склад", "Продавец 3"):
        rig.world.books.add_customer(name, seller=name)
    rig.set_up()
    rig.run()
    assert owners(rig) == {"Отдел продаж": "user-2", "Склад": "user-4", "Продавец 3": "user-4"}
    assert missed(rig) == ["Продавец 3 (no user), Склад (the user is inactive)"]
    assert "belong to the fallback;" in rig.problems()[0]
    say(tmp_path, people.replace("Склад: user-3", "Склад: user-2, Продавец 3: user-4"))
    rig.build()
    rig.later()
    assert rig.problems() == [], "what the mapping says is looked at at once"


def test_a_fallback_that_may_not_own_is_said_too(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "people.fallback: petr@example.com\n")
    rig.world.books.add_customer("K", seller="Продавец 3")
    rig.set_up()
    rig.run()
    assert owners(rig) == {"K": None}
    assert "for the fallback is no active user" in rig.problems()[0]


def test_users_are_read_only_for_a_card_to_be_made_and_once_a_day_for_the_same_seller(
    rig: Rig,
) -> None:
    books = rig.world.books
    books.add_customer("A", seller="Анна Смирнова")
    rig.set_up()
    assert users_read(rig) == 0, "a plan makes no card"
    rig.run()
    assert users_read(rig) == 1
    books.add_customer("B", seller="Анна Смирнова")
    books.add_customer("C")
    rig.later()
    assert users_read(rig) == 1, "the seller is known"
    books.add_customer("D", seller="佐藤 健太")
    rig.later()
    assert users_read(rig) == 2, "the seller is not known"
    rig.later(25 * 3600)
    rig.later()
    assert users_read(rig) == 2, "no card is made"
    books.add_customer("E", seller="佐藤 健太")
    rig.later()
    assert (users_read(rig), owners(rig)["E"]) == (3, "user-4")


def test_a_card_that_waits_for_a_person_is_none_to_be_made(rig: Rig) -> None:
    rig.world.crm.add_account("Kunde")
    rig.world.books.add_customer("Kunde", seller="Продавец 3")
    rig.set_up()
    rig.run()
    assert (users_read(rig), missed(rig), len(rig.problems())) == (0, [], 1)


def test_without_an_owner_in_the_mapping_nobody_is_asked_for(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, owned="")
    rig.world.books.add_customer("A", seller="Анна Смирнова")
    rig.set_up()
    rig.run()
    assert (owners(rig), users_read(rig)) == ({"A": None}, 0)


def test_an_owner_who_was_deactivated_meanwhile_fails_no_card(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "people.fallback: kenta@example.com\n")
    books, crm = rig.world.books, rig.world.crm
    books.add_customer("A", seller="Анна Смирнова")
    rig.set_up()
    rig.run()
    crm.users["user-2"]["active"] = False
    books.add_customer("B", seller="Анна Смирнова")
    rig.later()
    assert owners(rig) == {"A": "user-2", "B": None}
    assert (rig.states(), missed(rig)) == ({}, ["Анна Смирнова (the user is inactive)"])
    books.add_customer("C", seller="Анна Смирнова")
    rig.later()
    assert (owners(rig)["C"], rig.states(), len(missed(rig))) == ("user-4", {}, 1)


def test_users_that_may_not_be_read_fail_no_card(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "people: {fallback: user-4, is: {Отдел: user-2}}\n")
    rig.world.sides.crm.hidden = ("users",)
    rig.world.books.add_customer("A", seller="Анна Смирнова")
    rig.world.books.add_customer("B", seller="Отдел")
    rig.set_up()
    rig.run()
    assert owners(rig) == {"A": "user-4", "B": "user-2"}
    [said] = rig.problems()
    assert said.startswith("The users of crm cannot be read: ")
    assert said.endswith(" New cards belong to the fallback.")
    rig.world.sides.crm.hidden = ()
    rig.world.books.add_customer("C", seller="Анна Смирнова")
    rig.later()
    assert (owners(rig)["C"], rig.problems()) == ("user-2", [])


def test_a_waived_problem_stays_away_until_another_seller_has_it(rig: Rig) -> None:
    rig.world.books.add_customer("A", seller="Продавец 3")
    rig.set_up()
    rig.run()
    with rig.pair.store.transaction() as tx:
        [one] = problems.listed(tx, "main")
        problems.waive(tx, one.id, "anna", "he has left", rig.clock.utc())
    rig.world.books.add_customer("B", seller="Продавец 3")
    rig.later(25 * 3600)
    assert rig.problems() == []
    rig.world.books.add_customer("C", seller="Продавец 4")
    rig.later()
    assert missed(rig) == ["Продавец 3 (no user), Продавец 4 (no user)"]


def test_of_the_users_nothing_is_kept_and_nobody_is_logged(rig: Rig) -> None:
    rig.world.books.add_customer("A", seller="Смирнова А.П.")
    rig.world.books.add_customer("B", seller="Продавец 3", seller_email="p3@example.com")
    rig.set_up()
    with capture_logs() as lines:
        rig.run()
    said = str(lines)
    assert lines and not any(word in said for word in ("Смирнова", "Продавец", "@", "Анна"))
    with rig.pair.store.reading() as tx:
        row = sellers.every(tx, "main")["Смирнова А.П."]
    assert (row.name, row.email, row.user) == ("Смирнова А.П.", None, "user-2")
    state = b"".join(one.read_bytes() for one in rig.folder.glob("state.sqlite*"))
    assert b"anna@example.com" not in state
    assert "Анна Смирнова".encode() not in state
