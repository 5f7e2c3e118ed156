"""Whose customer it is in 1C, and who sells there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from syncd.domain import Kind
from syncd.guide import Discovery
from syncd.port import All, Read, User
from tests.onec.office import Office

CONTACTS = [
    {"LineNumber": 1, "Тип": "Телефон", "Представление": "+7 495 000-00-07"},
    {"LineNumber": 2, "Тип": "АдресЭлектроннойПочты", "АдресЭП": "anna@example.com"},
]
READS = {"customer.seller": "seller | trim", "customer.seller_email": "seller_email | trim"}


def people(office: Office) -> list[str]:
    """Keys of the users, by name."""
    rows = office.sandbox.base.objects["Catalog_Пользователи"].items()
    return [key for key, row in sorted(rows, key=lambda one: str(one[1]["Description"]))]


def told(office: Office) -> Discovery:
    day = office.clock.utc().date()
    return office.run(office.connector.discover((), day - dt.timedelta(days=30)))


def customers(office: Office, *paths: str) -> dict[str, Any]:
    read = Read(Kind.CUSTOMER, "Catalog_Контрагенты", ("Description", *paths))
    page = office.run(office.connector.pull(read, All()))
    return {str(one.data["Description"]): one.data for one in page.records}


def test_a_customer_is_its_partners_managers() -> None:
    office = Office()
    base, (anna, other, _) = office.sandbox.base, people(office)
    base.change("Catalog_Пользователи", anna, {"КонтактнаяИнформация": CONTACTS})
    partners = list(base.objects["Catalog_Партнеры"])
    base.change("Catalog_Партнеры", partners[0], {"ОсновнойМенеджер_Key": anna})
    base.change("Catalog_Партнеры", partners[1], {"ОсновнойМенеджер_Key": other})
    customers(office)
    office.transport.lines.clear()
    customers(office)
    without = len(office.transport.lines)
    found = customers(office, "seller", "seller_email")
    sold = {(one["seller"], one["seller_email"]) for one in found.values() if one["seller"]}
    assert sold == {("Продавец 1", "anna@example.com"), ("Продавец 2", None)}
    assert len(office.transport.lines) - 2 * without == 2, "two requests, only if it is mapped"


@pytest.mark.parametrize(("configuration", "reads"), [("ut", READS), ("bp", {}), ("unf", {})])
def test_who_sells_of_late_is_told_at_set_up(configuration: str, reads: dict[str, str]) -> None:
    office = Office(configuration)
    first, second, _ = people(office)
    base = office.sandbox.base
    base.change("Catalog_Пользователи", first, {"КонтактнаяИнформация": CONTACTS})
    base.change("Catalog_Пользователи", second, {"Недействителен": True})
    found = told(office)
    assert found.sellers == (
        User(first, "Продавец 1", "anna@example.com"),
        User(second, "Продавец 2", None, active=False),
    )
    assert found.reads_sellers == reads


def test_users_that_are_not_published_are_nobody() -> None:
    office = Office()
    office.sandbox.switches.unpublished = "Catalog_Пользователи"
    assert told(office).sellers == ()
    assert {one["seller"] for one in customers(office, "seller").values()} == {None}
