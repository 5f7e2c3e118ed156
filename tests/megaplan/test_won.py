"""What makes a customer in Megaplan is in the books once, before its first order."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from .office import phone
from .shop import Shop, live

LABEL = """deal: none
label:
  read: ContractorCompany
  where: type.name == "Клиент"
  fields: {account: id}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def customers(shop: Shop) -> list[str]:
    rows = shop.world.books.tables["customers"].values()
    return sorted(str(one.data["name"]) for one in rows)


def test_a_deal_that_is_won_makes_its_company_a_customer_once(shop: Shop) -> None:
    live(shop)
    company = shop.office.company("ООО «Новый»", contactInfo=[phone("phone", "+7 495 000-00-04")])
    shop.office.payer(company, "7700000023")
    shop.office.person(company, "Елена", "Кузнецова", position="Бухгалтер")
    deal = shop.office.deal(company, "Переговоры")
    shop.later()
    assert customers(shop) == ["ООО «Пример»"]
    shop.office.move(deal, "Успех")
    for _ in range(3):
        shop.later()
    assert customers(shop) == ["ООО «Новый»", "ООО «Пример»"]
    assert len(shop.office.named("ООО «Новый»")) == 1
    [(key, row)] = [
        (key, row)
        for key, row in shop.world.books.tables["customers"].items()
        if row.data["name"] == "ООО «Новый»"
    ]
    assert (row.data["tax_id"], row.data["phone"]) == ("7700000023", "+7 495 000-00-04")
    persons = [one.data["name"] for one in shop.world.books.tables["contacts"].values()]
    assert "Кузнецова Елена" in persons
    shop.world.books.post_invoice(key, "250.00")
    shop.later()
    assert shop.shows(key, "Долг") == (Decimal("250.00"), "EUR")
    assert (shop.differences(), shop.problems()) == ([], [])


def test_a_deal_with_a_person_or_with_nobody_makes_no_customer(shop: Shop) -> None:
    live(shop)
    company = shop.office.company("ООО «Никто»")
    shop.office.deal(shop.office.person(company, "Елена", "Кузнецова"))
    shop.office.deal(None)
    shop.later()
    shop.later()
    assert (customers(shop), shop.problems()) == (["ООО «Пример»"], [])


def test_the_type_of_a_card_may_make_the_customer_instead(tmp_path: Path) -> None:
    shop = Shop(tmp_path, LABEL)
    live(shop)
    company = shop.office.company("ООО «Новый»")
    shop.office.deal(shop.office.company("ООО «Выигран»"))
    shop.later()
    shop.office.becomes(company, "Клиент")
    shop.office.company("鈴木商店", "Клиент")
    shop.later()
    shop.later()
    assert customers(shop) == ["ООО «Новый»", "ООО «Пример»", "鈴木商店"], "each is whole once"


def test_what_keeps_a_won_customer_from_the_books_stands_on_its_card(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "won.require: [name, tax_id]\n")
    live(shop)
    company = shop.office.company("ООО «Без ИНН»")
    shop.office.deal(company)
    shop.later()
    shop.later()
    assert customers(shop) == ["ООО «Пример»"]
    said = shop.office.extra(company, "Нет в учёте")
    assert said == "Ещё не в учёте: не заполнено поле ИНН"
    shop.office.payer(company, "7700000023")
    shop.office.account.touch(company, "1000002")
    shop.later(86_400)
    shop.later()
    assert customers(shop) == ["ООО «Без ИНН»", "ООО «Пример»"]
    assert shop.office.extra(company, "Нет в учёте") is None


def test_a_company_that_the_books_have_already_gets_no_double(shop: Shop) -> None:
    company = shop.office.company("OOO Primer")
    shop.office.payer(company, "7700000009")
    shop.world.books.add_customer("ООО «Пример»", tax_id="7700000009")
    shop.set_up()
    shop.run()
    shop.later()
    assert len(shop.office.rows()) == 1
    assert shop.differences() == []
