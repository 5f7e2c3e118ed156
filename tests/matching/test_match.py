"""Which customer of the books and which card are one company: what is a link, what a question."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.match.given import given as out_of_files
from bench.match.measured import Measured, measure
from bench.match.spoiled import Population, population
from syncd.domain import Customer, Extra, Won
from syncd.matching import Index, Match, Party, Rules, Verdict, evidence, party_of, suggest

INN, OTHER_INN = "7707083893", "7736050003"
ROMASHKA = Customer(
    key="b1",
    name="ООО «Ромашка»",
    tax_id=f"{INN}/770701001",
    phone="8 (495) 123-45-67",
    email="info@romashka.example",
    city="Москва",
    country="RU",
)


def customer(**said: Any) -> Party:
    return party_of(Customer(**{"key": "b1", "name": "", **said}), "RU")


def card(**said: Any) -> Party:
    return party_of(Won(**{"key": "c1", "name": "", **said}), "RU")


BOOKS = party_of(ROMASHKA, "RU")


def only(*cards: Party, books: Party = BOOKS, rules: Rules | None = None) -> Match:
    [found] = suggest([books], cards, rules or Rules())
    return found


# -- what is a link ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        {"name": "Romashka LLC", "tax_id": INN},
        {"name": "РОМАШКА", "tax_id": f"ИНН {INN}", "city": "Казань"},
        {"name": "Ромашка", "phone": "+7 495 123 45 67", "email": "Info@Romashka.example"},
    ],
)
def test_two_kinds_of_evidence_and_nothing_against_are_a_link(said: dict[str, Any]) -> None:
    found = only(card(**said))
    assert (found.verdict, found.why) == (Verdict.LINK, "")
    assert found.score == round(sum(one.weight for one in found.findings), 1)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"name": "Ромашка", "tax_id": INN[:-1] + "4"}, "the tax ids differ"),
        (
            {
                "name": "Ромашка",
                "tax_id": OTHER_INN,
                "phone": "+74951234567",
                "email": "info@romashka.example",
            },
            "the tax ids differ",
        ),
        (
            {"name": "Ромашка", "tax_id": f"{INN}/540101001"},
            "two offices of one company (КПП)",
        ),
        ({"name": "Ромашка, филиал", "tax_id": INN}, "one of them is a branch office"),
        (
            {"name": "Ромашка", "tax_id": "1027700132195", "email": "info@romashka.example"},
            "the tax ids are of different registers",
        ),
        ({"name": "ООО Вектор", "tax_id": INN}, "the tax id is the same, and the names differ"),
        (
            {
                "name": "Ромашка Плюс",
                "phone": "+74951234567",
                "email": "info@romashka.example",
            },
            "no tax id in common, and the name is not the same",
        ),
        (
            {"name": "ИП Ромашка", "phone": "+74951234567", "email": "info@romashka.example"},
            "the legal forms differ",
        ),
        (
            {
                "name": "Ромашка",
                "phone": "+74951234567",
                "email": "info@romashka.example",
                "city": "Казань",
            },
            "the cities differ",
        ),
        (
            {
                "name": "Ромашка",
                "phone": "+7 999 000-00-01",
                "email": "info@romashka.example",
            },
            "the phones differ",
        ),
        (
            {"name": "Ромашка", "phone": "84951234567", "email": "firm7@mail.ru"},
            "the e-mails differ",
        ),
        ({"name": "Ромашка"}, "neither a tax id nor a contact of its own in common"),
    ],
)
def test_what_a_person_is_asked_about_and_why(said: dict[str, Any], why: str) -> None:
    found = only(card(**said))
    assert (found.verdict, found.why) == (Verdict.ASK, why)


def test_two_cards_or_two_customers_that_fit_are_questions() -> None:
    cards = [card(key=key, name="Ромашка", tax_id=INN) for key in ("c1", "c2")]
    found = suggest([BOOKS], cards)
    assert [(one.card, one.verdict, one.why) for one in found] == [
        ("c1", Verdict.ASK, "2 cards fit"),
        ("c2", Verdict.ASK, "2 cards fit"),
    ]
    twins = [customer(key=key, name="Ромашка", tax_id=INN) for key in ("b1", "b2")]
    assert {one.why for one in suggest(twins, cards[:1])} == {"2 customers fit"}


def test_sisters_that_share_phone_and_mail_keep_their_own_cards() -> None:
    shared = {"phone": "84951234567", "email": "office@group.example"}
    books = [
        customer(key="b1", name="Альфа Трейд", tax_id=INN, **shared),
        customer(key="b2", name="Альфа Сервис", tax_id=OTHER_INN, **shared),
    ]
    cards = [
        card(key="c1", name="Альфа-Трейд ООО", tax_id=INN, **shared),
        card(key="c2", name="Alfa Servis", tax_id=OTHER_INN, **shared),
    ]
    links = {(o.customer, o.card) for o in suggest(books, cards) if o.verdict is Verdict.LINK}
    assert links == {("b1", "c1"), ("b2", "c2")}


def test_nothing_in_common_is_no_match() -> None:
    stranger = card(name="Вектор", tax_id=OTHER_INN, email="x@mail.ru")
    assert not suggest([BOOKS], [stranger])
    assert not suggest([customer(name="", email="y@mail.ru")], [stranger])


def test_one_is_found_among_all_in_both_directions() -> None:
    fits = card(key="c7", name="Romashka", tax_id=INN)
    others = [card(key=f"c{at}", name=f"Вектор {at}") for at in range(6)]
    [found] = Index([*others, fits]).matches(BOOKS)
    [back] = Index([BOOKS], cards=False).matches(fits)
    assert found == back
    assert (found.customer, found.card, found.verdict) == ("b1", "c7", Verdict.LINK)


# -- what an admin says --------------------------------------------------------------------------


def test_weights_and_thresholds_decide() -> None:
    fits = card(name="Ромашка", tax_id=INN)
    assert only(fits, rules=Rules(upper=200)).why == "not enough speaks for it"
    assert not suggest([BOOKS], [fits], Rules(lower=200, upper=200))


def test_what_is_left_out_is_no_evidence() -> None:
    both = {"phone": "+7 495 123-45-67", "email": "info@romashka.example"}
    left = Rules(
        ignore=("8 495 1234567", "INFO@romashka.example", "romashka.example", INN, "ромашка")
    )
    assert not suggest([BOOKS], [card(name="Ромашка", tax_id=INN, **both)], left)


def test_fields_of_the_mapping_bring_more_evidence() -> None:
    extras = (
        Extra("phone_2", "text", "8 495 123-45-67"),
        Extra("account", "text", "4070 2810 0000 0000 0001"),
        Extra("website", "text", "https://www.romashka.example/about"),
    )
    found = card(name="Ромашка", extras=extras)
    assert found.phones == ("951234567",)
    assert found.accounts == ("40702810000000000001",)
    assert found.domains == ("romashka.example",)


# -- what is new evidence ------------------------------------------------------------------------


def test_a_rejected_pair_is_asked_about_again_only_with_new_evidence() -> None:
    before = card(name="Ромашка", phone="+7 999 000-00-01")
    unrelated = card(name="ООО Ромашка", phone="+7 999 000-00-02", key="c9")
    shared = card(name="Ромашка", phone="+7 495 123-45-67")
    numbered = card(name="Ромашка", tax_id=OTHER_INN)
    first = evidence(BOOKS, before)
    assert len(first) == 16
    assert evidence(BOOKS, unrelated) == first
    assert len({first, evidence(BOOKS, shared), evidence(BOOKS, numbered)}) == 3


# -- two populations -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made() -> Population:
    return population(400, 11)


@pytest.fixture(scope="module")
def measured(made: Population) -> Measured:
    return measure(made)


def test_links_are_right_and_hardly_a_pair_is_missed(measured: Measured) -> None:
    assert not measured.wrong
    assert not measured.apart
    assert measured.recall >= 0.95
    assert measured.automatic >= 0.5


def test_no_customer_and_no_card_is_linked_twice(measured: Measured) -> None:
    assert len({one.customer for one in measured.links}) == len(measured.links)
    assert len({one.card for one in measured.links}) == len(measured.links)
    assert all(one.why for one in measured.asked)


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 99))
def test_the_order_of_the_records_changes_nothing(made: Population, seed: int) -> None:
    customers = [party_of(one, "RU") for one in made.customers[:120]]
    cards = [party_of(one, "RU") for one in made.cards[:120]]
    expected = suggest(customers, cards)
    Random(seed).shuffle(customers)
    Random(seed + 1).shuffle(cards)
    assert suggest(customers, cards) == expected


def test_records_of_somebody_else_are_measured_by_files(tmp_path: Path) -> None:
    books, cards, truth = (tmp_path / name for name in ("books.csv", "cards.csv", "truth.csv"))
    books.write_text(
        "\ufeffkey,name,tax_id,phone_2\n1,ООО «Ромашка»,7707083893,\n"
        "2,株式会社サンプル,,+81312345678\n",
        "utf-8",
    )
    cards.write_text(
        "key,name,tax_id,phone,email\nA,Romashka,7707083893,,\nB,ｻﾝﾌﾟﾙ㈱,,03-1234-5678,a@b.jp\n",
        "utf-8",
    )
    truth.write_text("books,card\n1,A\n2,B\n3,gone\n", "utf-8")
    found = measure(out_of_files(books, cards, truth))
    assert (found.true, len(found.links), found.wrong, found.missed) == (2, 1, (), frozenset())
