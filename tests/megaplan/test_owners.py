"""Who is responsible for a card: the seller's employee, as syncd makes it, and never afterwards."""

from __future__ import annotations

from pathlib import Path

from connectors.megaplan import Megaplan
from syncd.port import User
from tests.clocks import ManualClock

from .office import SELLER, Office
from .shop import Shop

KENTA = "1000003"
INTEGRATION = "1000001"


def sold(shop: Shop, name: str, seller: str) -> str:
    """A new customer whose order this seller took; its key."""
    customer = shop.world.books.add_customer(name)
    shop.world.books.add_order(customer, "10.00", seller=seller)
    return customer


def responsible(shop: Shop, customer: str) -> list[str]:
    return [one["id"] for one in shop.card(customer).values["responsibles"]]


def test_all_employees_are_read_page_by_page_those_who_left_too() -> None:
    office, connector = Office(ManualClock()), Megaplan({})
    office.switches.max_limit = 3
    found = office.inside(connector).run(connector.users())
    assert sorted(found, key=lambda one: one.id) == [
        User(INTEGRATION, "syncd Интеграция", "integration@example.com"),
        User(SELLER, "Смирнова Анна", "anna@example.com"),
        User(KENTA, "佐藤 健太", "kenta@example.com"),
        User("1000004", "Бывший Пётр", "petr@example.com", active=False),
    ]


def test_a_new_card_is_the_sellers_and_one_that_is_there_keeps_its_people(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "customer.owner: responsibles\n")
    first = sold(shop, "ООО «Первый»", "Смирнова Анна")
    second = sold(shop, "鈴木商店", "佐藤 健太")
    third = shop.world.books.add_customer("Acme")
    shop.set_up()
    assert shop.run().exit_code == 0
    owners = [responsible(shop, one) for one in (first, second, third)]
    assert owners == [[SELLER], [KENTA], [INTEGRATION]]
    others = [{"contentType": "Employee", "id": KENTA}, {"contentType": "Employee", "id": SELLER}]
    shop.office.change(shop.card(first), responsibles=others)
    shop.world.books.add_order(first, "20.00", seller="Смирнова Анна")
    shop.later()
    assert responsible(shop, first) == [KENTA, SELLER]
    assert (shop.differences(), shop.states(), shop.problems()) == ([], {}, [])
