"""The shipped mappings on memory books and the sandbox: cards agree with the books to the cent
after every change, each change goes once, and in few requests."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from .shop import Shop, live


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_a_card_says_it_in_one_sentence_and_in_numbers(shop: Shop) -> None:
    customer = live(shop)
    assert shop.shows(customer, "Расчёты") == (
        "Долг 50,10 EUR, аванс 20,00 EUR, к зачёту 10,00 EUR, изменилось 18.11 12:00"
    )
    assert shop.shows(customer, "Долг") == (Decimal("50.10"), "EUR")
    assert (shop.shows(customer, "Стадия"), shop.shows(customer, "Заказов")) == ("Первый заказ", 1)
    assert shop.shows(customer, "Последний заказ") == shop.clock.utc().date()
    assert "199,90 EUR" in str(shop.shows(customer, "Заказы"))


def test_every_kind_of_change_arrives(shop: Shop) -> None:
    customer = live(shop)
    books = shop.world.books
    invoice = books.post_invoice(customer, "1000.55")
    assert shop.later() and shop.differences() == []
    payment = books.pay(customer, "400.00", allocations=[(invoice, "400.00")])
    books.rename(customer, "ООО «Пример-2»")
    assert shop.later() and shop.differences() == []
    books.void_payment(payment)
    books.edit_invoice(invoice, total="1200.00")
    assert shop.later() and shop.differences() == []
    books.cancel_invoice(invoice)
    books.unpost("credit_notes", next(iter(books.tables["credit_notes"])))
    shop.later()
    assert "Долг уточняется" in str(shop.shows(customer, "Расчёты"))
    assert shop.later(3600) and shop.differences() == []
    assert (shop.states(), shop.problems()) == ({}, [])


def test_megaplans_own_sums_and_invoices_are_never_sent(shop: Shop) -> None:
    customer = live(shop)
    shop.world.books.post_invoice(customer, "7.00")
    shop.later()
    sent = {name for one in shop.office.account.written for name in one.sent}
    own = {name for name in sent if not name.startswith("Category183CustomField")}
    assert own <= {"contentType", "id", "name", "contactInfo"}
    assert {one.type for one in shop.office.account.written} == {"ContractorCompany"}


def test_an_idle_cycle_is_three_requests(shop: Shop) -> None:
    live(shop)
    shop.office.deal(shop.office.company("Кто-то"), "Переговоры")
    shop.later(3600)
    shop.asked()
    report = shop.later()
    assert shop.asked() == ["GET accountInfo", "GET contractor", "GET deal"]
    assert report.writes == 0


def test_a_day_without_changes_writes_nothing_but_what_the_day_changes(shop: Shop) -> None:
    live(shop)
    for _ in range(3):
        shop.later(86_400, prove=True)
    shop.asked()
    shop.later(86_400, prove=True)
    assert [one for one in shop.asked() if one.startswith("POST contractor")] == []
    assert shop.problems() == []


def test_a_phone_is_changed_among_the_contacts_that_people_typed(shop: Shop) -> None:
    customer = live(shop)
    card = shop.card(customer)
    mine = {"contentType": "ContactInfo", "type": "telegram", "value": "@primer"}
    shop.office.change(card, contactInfo=[mine, *card.values["contactInfo"]])
    shop.world.books.edit_customer(customer, phone="+7 495 000-00-09")
    shop.later()
    assert [one["value"] for one in card.values["contactInfo"]] == ["@primer", "+7 495 000-00-09"]


def test_what_somebody_typed_over_is_put_right(shop: Shop) -> None:
    customer = live(shop)
    amount = {"contentType": "Money", "currency": "RUB", "value": Decimal("50.10")}
    shop.office.type_over(shop.card(customer), "Долг", amount)
    shop.later(600)
    shop.later(86_400, prove=True)
    shop.later(600)
    assert shop.differences() == [], "an amount of roubles is not that many euros"


def test_an_extra_field_may_get_another_label_afterwards(shop: Shop) -> None:
    customer = live(shop)
    field = shop.office.account.named("ContractorCompany", "Долг")
    renamed = type(field)(field.name, field.kind, label="Дебиторка", id=field.id)
    shop.office.account._extra["ContractorCompany"][field.name] = renamed
    shop.world.books.post_invoice(customer, "7.00")
    shop.later()
    assert shop.shows(customer, "Дебиторка") == (Decimal("57.10"), "EUR")


def test_two_customers_of_one_name_are_two_cards(shop: Shop) -> None:
    live(shop)
    books = shop.world.books
    books.add_customer("Ёлка", phone="+7 495 000-00-02")
    books.add_customer("Ёлка", phone="+7 495 000-00-03")
    shop.later()
    assert shop.differences() == []
