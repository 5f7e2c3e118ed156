"""One sentence for a person on the phone: amounts and times in the language of the CRM file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from syncd.domain import MICRO, Balance, Money

LONGEST = 160
"""Characters of a line: what a card shows without unfolding it."""

FIGURES = ("receivable", "prepaid")
WORDS = (*FIGURES, "changed")

_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DIGITS_OF = {code: digits for digits, codes in _DIGITS.items() for code in codes.split()}
"""Minor units by ISO 4217 where they are not 2. A library's table would rewrite every card on the
day it is updated."""


@dataclass(frozen=True, slots=True)
class Language:
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
    time: str


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
        time="{day} {month} {time}",
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
        time="{day:02}.{month} {time}",
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
        time="{month}/{day} {time}",
    ),
}


@dataclass(frozen=True, slots=True)
class Clause:
    """Text with its words cut out: texts[0] words[0] texts[1] ... ."""

    texts: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def figures(self) -> tuple[str, ...]:
        return tuple(word for word in self.words if word in FIGURES)


@dataclass(frozen=True, slots=True)
class Sentence:
    """The clauses of a `say`; `otherwise` stands where every figure is zero."""

    clauses: tuple[Clause, ...]
    otherwise: str
    language: str
    zone: ZoneInfo | None

    def meaning(self) -> object:
        clauses = [[clause.texts, clause.words] for clause in self.clauses]
        return [clauses, self.otherwise, self.language, self.zone.key if self.zone else "UTC"]

    def text(self, balance: Balance, changed: dt.datetime) -> str:
        """At most LONGEST characters: where many currencies do not fit, the last are counted."""
        language = LANGUAGES[self.language]
        when = moment(changed.astimezone(self.zone or dt.UTC), language)
        said = ""
        for most in range(max(len(balance.rows), 1), 0, -1):
            said = self._said(balance, when, language, most)
            if len(said) <= LONGEST:
                return said
        return said[: LONGEST - 1] + "…"

    def _said(self, balance: Balance, when: str, language: Language, most: int) -> str:
        words = {
            "receivable": amounts([row.receivable for row in balance.rows], language, most),
            "prepaid": amounts([row.prepaid for row in balance.rows], language, most),
            "changed": when,
        }
        said = [] if any(words[figure] for figure in FIGURES) else [self.otherwise]
        for clause in self.clauses:
            if not clause.figures or any(words[figure] for figure in clause.figures):
                said.append(_filled(clause, words))
        sentence = language.clauses.join(text for text in said if text)
        return sentence[:1].upper() + sentence[1:]


def _filled(clause: Clause, words: Mapping[str, str]) -> str:
    pairs = zip(clause.words, clause.texts[1:], strict=True)
    return clause.texts[0] + "".join(words[word] + text for word, text in pairs)


def amounts(figures: Sequence[Money], language: Language, most: int) -> str:
    """Every currency by itself, never added up; nothing for zeros."""
    shown = [amount(money, language) for money in figures if money]
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


def moment(when: dt.datetime, language: Language) -> str:
    """A day and a minute, no running clock: it stays true."""
    month = language.months[when.month - 1]
    return language.time.format(day=when.day, month=month, time=f"{when:%H:%M}")
