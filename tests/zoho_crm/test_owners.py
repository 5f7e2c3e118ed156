"""Owners of accounts, over the wire of the sandbox: users as Zoho lists them, and its refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.zoho_crm import ZohoCrm
from syncd.port import Op, User, Write
from syncd.sandbox.zoho_crm.crm import User as Person
from tests.clocks import ManualClock

from .office import Office
from .shop import Shop

ANNA, KENTA = "5725767000000411002", "5725767000000411003"
INTEGRATION = "5725767000000411001"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return shop_of(tmp_path)


def shop_of(folder: Path, people: str = "") -> Shop:
    mapping = folder / "zoho_crm.yaml"
    mapping.write_text(f"extends: zoho_crm\ncustomer.owner: Owner\n{people}", encoding="utf-8")
    return Shop(folder, mapping=mapping, prepared=True)


def sold(shop: Shop, name: str, seller: str) -> str:
    """A new customer whose order this seller took; its key."""
    customer = shop.world.books.add_customer(name)
    shop.world.books.add_order(customer, "10.00", seller=seller)
    return customer


def test_all_users_are_read_page_by_page_those_who_left_too() -> None:
    office, connector = Office(ManualClock()), ZohoCrm({})
    for number in range(200):
        id = f"57257670000005{number:05}"
        office.crm.users[id] = Person(id, "Имя", f"Номер{number}", f"{number}@example.com")
    with office.behind_http() as connect:
        found = connect(connector, office.clock).run(connector.users())
    assert found[1:4] == [
        User(ANNA, "Анна Смирнова", "anna@example.com"),
        User(KENTA, "健太 佐藤", "kenta@example.com"),
        User("5725767000000411004", "Пётр Бывший", "petr@example.com", active=False),
    ]
    pages = [one["request"] for one in office.served.log if "users" in str(one["request"])]
    assert (len(found), pages) == (204, ["GET /crm/v8/users"] * 2)


def test_a_new_account_is_the_sellers_and_a_later_one_asks_for_nobody(shop: Shop) -> None:
    first = sold(shop, "ООО «Первый»", "Смирнова А.П.")
    second = sold(shop, "鈴木商店", "佐藤健太")
    third = shop.world.books.add_customer("Acme")
    shop.set_up()
    shop.asked()
    assert shop.run().exit_code == 0
    owners = [shop.card(one)["Owner"] for one in (first, second, third)]
    assert owners == [ANNA, KENTA, INTEGRATION]
    assert shop.asked().count("GET users") == 1
    fourth = sold(shop, "ООО «Четвёртый»", "Смирнова А.П.")
    shop.later()
    assert (shop.card(fourth)["Owner"], shop.asked().count("GET users")) == (ANNA, 0)
    assert (shop.problems(), shop.states(), shop.differences()) == ([], {}, [])
    shop.later(3600)
    shop.asked()
    shop.later()
    cards = ["GET Accounts", "POST coql", "GET Accounts/deleted"]
    assert shop.asked() == ["GET org", *cards, "POST coql"], (
        "an idle cycle, where no deal was ever won"
    )


def test_an_account_that_is_there_keeps_its_owner_whatever_happens(shop: Shop) -> None:
    """Also one that somebody gave the key of a new customer, which an upsert would take over."""
    sold(shop, "ООО «Первый»", "Смирнова Анна")
    shop.set_up()
    shop.run()
    shop.office.change("Accounts", shop.office.having("Accounts")[0].id, Owner={"id": KENTA})
    shop.world.books.edit_customer("1", phone="+7 495 000-00-01")
    shop.world.books.add_order("1", "20.00", seller="Смирнова Анна")
    shop.later(full=True)
    assert (shop.card("1")["Owner"], shop.card("1")["Phone"]) == (KENTA, "+7 495 000-00-01")
    shop.office.add("Accounts", Account_Name="鈴木商店", ERP_ID="2", Owner={"id": KENTA})
    sold(shop, "鈴木商店", "Смирнова Анна")
    shop.later()
    assert (shop.card("2")["Owner"], len(shop.office.rows("Accounts"))) == (KENTA, 2)
    assert (shop.problems(), shop.differences()) == ([], [])


def test_zoho_refuses_an_inactive_owner_and_the_account_is_made_all_the_same(
    tmp_path: Path,
) -> None:
    shop = shop_of(tmp_path, "people.fallback: kenta@example.com\n")
    sold(shop, "ООО «Первый»", "Смирнова Анна")
    shop.set_up()
    shop.run()
    shop.office.crm.users[ANNA].active = False
    later = [sold(shop, f"ООО «{n}»", "Смирнова Анна") for n in (2, 3)]
    other = sold(shop, "ООО «4»", "佐藤 健太")
    assert shop.later().exit_code == 1
    owners = [shop.card(one)["Owner"] for one in (*later, other)]
    assert owners == [INTEGRATION, INTEGRATION, KENTA]
    [said] = shop.problems()
    assert said.startswith(
        "crm has no user for Смирнова Анна (the user is inactive). New cards of theirs belong to "
        "whoever makes them there; those that are there stay as they are."
    )
    last = sold(shop, "ООО «5»", "Смирнова Анна")
    shop.later()
    assert (shop.card(last)["Owner"], shop.states(), shop.differences()) == (KENTA, {}, [])
    assert "belong to the fallback;" in shop.problems()[0]


def test_without_the_scope_accounts_are_made_and_somebody_hears_of_it(shop: Shop) -> None:
    shop.office.zoho.switches.scopes = (
        "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL,ZohoCRM.coql.READ,ZohoCRM.org.READ"
    )
    customer = sold(shop, "ООО «Первый»", "Смирнова Анна")
    shop.set_up()
    shop.run()
    assert shop.card(customer)["Owner"] == INTEGRATION
    [said] = shop.problems()
    assert "cannot be read: the refresh token lacks the scope ZohoCRM.users.READ" in said


def test_an_owner_goes_as_an_id_and_comes_back_as_one() -> None:
    office, connector = Office(ManualClock()), ZohoCrm({})
    shop = office.inside(connector)
    fields = {"Account_Name": "Acme", "custom_fields.ERP_ID": "7", "Owner": ANNA}
    [made] = shop.run(connector.push([Write(Op.CREATE, "Accounts", "7", None, {}, fields)]))
    assert made.remote_id and office.rows("Accounts")[-1].values["Owner"] == ANNA
