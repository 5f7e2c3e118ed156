"""How languages write amounts, days, times, and lists of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from syncd.domain import MICRO, Money

_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DIGITS_OF = {code: digits for digits, codes in _DIGITS.items() for code in codes.split()}
"""Minor units by ISO 4217 where they are not 2. A library's table would rewrite every card on the
day it is updated."""


NAMED = 3
"""Documents that a sentence names; the rest is counted."""


def minor_units(currency: str) -> int:
    """Digits behind the point."""
    return _DIGITS_OF.get(currency, 2)


class Language(msgspec.Struct, frozen=True):
    """`amount` takes {number} and {code}; `signs` are put in place of currency codes."""

    thousands: str
    point: str
    amount: str
    signs: Mapping[str, str]
    amounts: tuple[str, str]
    """Between two amounts, and before the last one."""
    more: str
    clauses: str
    months: Sequence[str]
    day: str
    time: str
    listed: str
    missing: str
    """What a won customer lacks for the books; takes {words}."""
    doubtful: str
    """What is said where a person has to decide about it."""
    unread: str
    """What is said of figures that lack {documents}, because these cannot be read."""
    words: Mapping[str, str]
    """Names of fields as a salesperson knows them."""


LANGUAGES: Mapping[str, Language] = {
    "en": Language(
        thousands=",",
        point=".",
        amount="{code} {number}",
        signs={},
        amounts=(", ", " and "),
        more=" and {count} more",
        clauses=", ",
        months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
        day="{day} {month}",
        time="{day} {month} {time}",
        listed=", ",
        missing="Not in the books yet: {words} missing",
        doubtful="Not in the books yet: accounting has to decide who this is",
        unread="not proven: {documents} cannot be read",
        words={},
    ),
    "ru": Language(
        thousands=" ",
        point=",",
        amount="{number} {code}",
        signs={"RUB": "₽"},
        amounts=(", ", " и "),
        more=" и ещё {count}",
        clauses=", ",
        months=[f"{month:02}" for month in range(1, 13)],
        day="{day:02}.{month}",
        time="{day:02}.{month} {time}",
        listed=", ",
        missing="Ещё не в учёте: не заполнено поле {words}",
        doubtful="Ещё не в учёте: бухгалтерия решает, кто это",
        unread="не сверено: не читается {documents}",
        words={
            "name": "название",
            "tax_id": "ИНН",
            "email": "e-mail",
            "phone": "телефон",
            "street": "адрес",
            "city": "город",
            "postcode": "индекс",
            "country": "страна",
            "currency": "валюта",
        },
    ),
    "ja": Language(
        thousands=",",
        point=".",
        amount="{number}{code}",
        signs={"JPY": "円"},
        amounts=("、", "と"),
        more="ほか{count}件",
        clauses="、",
        months=[str(month) for month in range(1, 13)],
        day="{month}/{day}",
        time="{month}/{day} {time}",
        listed="、",
        missing="会計に未登録：{words}が未入力です",
        doubtful="会計に未登録：経理が確認中です",
        unread="未照合：{documents}を読み取れません",
        words={
            "name": "名称",
            "tax_id": "法人番号",
            "email": "メール",
            "phone": "電話",
            "street": "住所",
            "city": "市区町村",
            "postcode": "郵便番号",
            "country": "国",
            "currency": "通貨",
        },
    ),
}


def amounts(figures: Sequence[Money], language: Language, most: int) -> str:
    """Every currency by itself, never added up; nothing for zeros."""
    shown = [amount(money, language) for money in figures if money.micros]
    comma, last = language.amounts
    if len(shown) > most:
        return comma.join(shown[:most]) + language.more.format(count=len(shown) - most)
    return last.join([comma.join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def amount(money: Money, language: Language) -> str:
    """With the currency's own digits, or more where the amount has more: nothing is hidden."""
    whole, micros = divmod(abs(money.micros), MICRO)
    places = f"{micros:06}".rstrip("0").ljust(_DIGITS_OF.get(money.currency, 2), "0")
    sign = "-" if money.micros < 0 else ""
    number = sign + f"{whole:,}".replace(",", language.thousands)
    number += language.point + places if places else ""
    code = language.signs.get(money.currency, money.currency)
    gap = " " if language.amount == "{number}{code}" and code == money.currency else ""
    return language.amount.format(number=number + gap, code=code)


def unread(documents: Sequence[str], language: Language) -> str:
    """Nothing where there are none; the first few by name."""
    named = language.listed.join(documents[:NAMED])
    if len(documents) > NAMED:
        named += language.more.format(count=len(documents) - NAMED)
    return language.unread.format(documents=named) if documents else ""


def moment(when: dt.datetime, language: Language) -> str:
    """A day and a minute, no running clock: it stays true."""
    month = language.months[when.month - 1]
    return language.time.format(day=when.day, month=month, time=f"{when.hour:02}:{when.minute:02}")


def day(when: dt.date, language: Language) -> str:
    return language.day.format(day=when.day, month=language.months[when.month - 1])
