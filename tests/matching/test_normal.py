"""Evidence as people type it, and what is compared of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain import Customer
from syncd.matching import party_of
from syncd.matching.alike import names
from syncd.matching.contacts import domains_of, emails_of, phones_of
from syncd.matching.legal import Same, compared, legal_ids
from syncd.matching.names import name_of
from syncd.matching.scripts import folded, latin


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ООО «Ромашка»", "Romashka, LLC"),
        ("Общество с ограниченной ответственностью «Ёлочка»", "ООО Елочка"),
        ("ЗАО Щукин и Ко", "Schukin & Co"),
        ("Торговый дом Вектор", "ТД «Вектор»"),
        ("株式会社トヨタ", "Toyota Co., Ltd."),
        ("ﾄﾖﾀ㈱", "とよた"),
        ("Müller GmbH & Co. KG", "Mueller G.m.b.H."),
        ("О.О.О. Чайка", "Chaika"),
        ("Строй-Техника", "СтройТехника"),
        ("ИП Иванов И.И.", "Ivanov I. I."),
        ("東洋工業株式会社", "（株）東洋工業"),
        ("ООО «Торг»", "LLC Torg"),
    ],
)
def test_one_name_in_two_spellings(one: str, other: str) -> None:
    mine = party_of(Customer(key="1", name=one))
    theirs = party_of(Customer(key="2", name=other))
    assert names(mine, theirs, lambda _: 1.0) == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ромашка", "Ромашка Плюс"),
        ("Аптека 12", "Аптека 21"),
        ("АБВ", "АБГ"),
        ("Иванов", "Иванова"),
        ("АО «Инвесттхно»", "ИнвесттехноАО"),
    ],
)
def test_two_names_that_are_not_one(one: str, other: str) -> None:
    mine = party_of(Customer(key="1", name=one))
    theirs = party_of(Customer(key="2", name=other))
    share = names(mine, theirs, lambda _: 1.0)
    assert share is not None and share < 1.0


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("7707083893/770701001", "RU", (("RU:7707083893",), "770701001")),
        ("ИНН 7707083893 КПП 770701001", None, (("RU:7707083893",), "770701001")),
        ("7707083893770701001", "RU", (("RU:7707083893",), "770701001")),
        ("274062111", "RU", (("RU:0274062111",), "")),
        ("1027700132195", "RU", (("RU.ogrn:1027700132195",), "")),
        ("DE 136 695 976", "AT", (("DE:136695976",), "")),
        ("136695976", "DE", (("DE:136695976",), "")),
        ("T7010401022924", "JP", (("JP:7010401022924",), "")),
        ("7707083839", "RU", (("RU?:7707083839",), "")),
        ("0000000000", "RU", ((), "")),
        ("7712377777", "RU", (("RU?:7712377777",), "")),
        ("n/a", "RU", ((), "")),
        ("", "RU", ((), "")),
    ],
)
def test_tax_ids(text: str, country: str | None, expected: object) -> None:
    assert legal_ids(text, country) == expected


def test_a_word_that_japanese_heard_speaks_neither_for_nor_against() -> None:
    mine = party_of(Customer(key="1", name="株式会社テクノサービス"))
    theirs = party_of(Customer(key="2", name="Techno Service Co., Ltd."))
    assert names(mine, theirs, lambda _: 1.0) is None


@pytest.mark.parametrize("home", [None, "RU"])
@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("T7010401022924", "JP"),  # the prefix says so, and the check digit
        ("T7905528239849", "JP"),  # only the prefix
        ("5213003895", "PL"),  # home has numbers of that form, but not this one
    ],
)
def test_a_number_without_its_country_is_the_same_number(
    number: str, country: str, home: str | None
) -> None:
    mine, _ = legal_ids(number, country)
    theirs, _ = legal_ids(number, None, home)
    assert compared(mine, theirs)[0] is Same.SAME


@pytest.mark.parametrize("home", [None, "RU"])
def test_a_phone_without_its_country_is_the_same_phone(home: str | None) -> None:
    assert phones_of(["09294666220"], None, home) == phones_of(["+819294666220"], "JP", home)


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ("RU:7707083893", "RU:7707083893", Same.SAME),
        ("RU:7707083893", ":7707083893", Same.SAME),
        ("RU:7707083893", "RU?:7707083839", Same.NEAR),
        ("RU:7707083893", "RU:7736050003", Same.OTHER),
        ("RU:7707083893", "DE:136695976", Same.OTHER),
        ("RU:7707083893", "RU.ogrn:1027700132195", Same.UNCLEAR),
    ],
)
def test_how_tax_ids_stand_to_each_other(mine: str, theirs: str, expected: Same) -> None:
    assert compared([mine], [theirs])[0] is compared([theirs], [mine])[0] is expected


def test_phones_mails_and_domains() -> None:
    typed = ["8 (495) 123-45-67 доб. 12", "+7 495 1234567, +7 (916) 000-11-22", "нет"]
    assert phones_of(typed, None, "RU") == ("951234567", "160001122")
    assert phones_of(["03-1234-5678"], "JP", "RU") == ("312345678",)
    mails = emails_of(["A.B+shop@GMail.com; buh@firma.example"])
    assert mails == ("ab@gmail.com", "buh@firma.example")
    assert domains_of(mails, ["www.firma.example", "https://other.example/x"]) == (
        "firma.example",
        "other.example",
    )


@given(st.text(max_size=20))
def test_folding_twice_changes_nothing(text: str) -> None:
    word = latin(text)
    assert folded(folded(word)) == folded(word)


@given(st.text(max_size=30), st.text(max_size=20), st.text(max_size=20))
def test_whatever_is_typed_is_a_party(name: str, number: str, phone: str) -> None:
    typed = Customer(key="1", name=name, tax_id=number, phone=phone, email=name, city=phone)
    assert party_of(typed, "RU") == party_of(typed, "ru")
    assert name_of(name) == name_of(f"  {name} ")
