"""Sentences for people: amounts, days and times in the language of the CRM file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from syncd.domain import Canonical, Card, Money, Reason, State, value_of
from syncd.mapping.languages import LANGUAGES, Language, amounts, day, moment, unread

LONGEST = 160
"""Characters of a line: what a card shows without unfolding it."""

OPEN = ("receivable", "prepaid", "credits")
FIGURES = (*OPEN, "overdue", "open_orders_total")
"""Words of a card's line that are amounts, one per currency."""
AT_ONCE = (*OPEN, "changed", "proven", "unproven", "correcting")
"""Words that are known before all documents are."""
WORDS = (
    *FIGURES,
    *("changed", "proven", "unproven", "overdue_since", "correcting"),
    *("orders_count", "open_orders_count", "first_order", "last_order", "last_payment"),
    *("stage", "seller"),
)
_FIGURE_OF = {"open_orders_total": "open_orders"}

Said = str | tuple[Money, ...]
"""What a word is, before it is known how much of it there is room for."""


class Clause(msgspec.Struct, frozen=True):
    """Text with its words cut out: texts[0] words[0] texts[1] ... ."""

    texts: tuple[str, ...]
    words: tuple[str, ...]


class Sentence(msgspec.Struct, frozen=True):
    """The clauses of a `say`; a clause whose word is empty is left out. `otherwise` stands where
    every figure is zero, `correcting` in place of all while a document is being corrected. That a
    card's figures lack documents is said behind the first clause, whatever the clauses are."""

    clauses: tuple[Clause, ...]
    otherwise: str
    language: str
    zone: ZoneInfo | None
    correcting: Clause | None = None

    def meaning(self) -> object:
        clauses = [[clause.texts, clause.words] for clause in self.clauses]
        correcting = [self.correcting.texts, self.correcting.words] if self.correcting else None
        zone = self.zone.key if self.zone else "UTC"
        return [clauses, self.otherwise, self.language, zone, correcting]

    def text(self, record: Canonical) -> str:
        """At most LONGEST characters: where many currencies do not fit, the last are counted."""
        language = LANGUAGES[self.language]
        words = self._words(record, language)
        clauses: Sequence[Clause] = self.clauses
        if isinstance(record, Card) and record.correcting and self.correcting:
            clauses = [self.correcting]
        doubt = unread(record.unreadable, language) if isinstance(record, Card) else ""
        most = max([len(word) for word in words.values() if isinstance(word, tuple)], default=1)
        said = ""
        for room in range(max(most, 1), 0, -1):
            said = self._said(clauses, words, language, room, doubt)
            if len(said) <= LONGEST:
                return said
        return said[: LONGEST - 1] + "…"

    def _said(
        self,
        clauses: Sequence[Clause],
        words: Mapping[str, Said],
        language: Language,
        room: int,
        doubt: str,
    ) -> str:
        texts = {
            word: amounts(said, language, room) if isinstance(said, tuple) else said
            for word, said in words.items()
        }
        zero = "receivable" in texts and not any(texts[figure] for figure in OPEN)
        said = [self.otherwise] if zero and clauses is self.clauses else []
        empty = {word for word, text in texts.items() if not text}
        said += [_filled(one, texts) for one in clauses if empty.isdisjoint(one.words)]
        said.insert(1, doubt)
        sentence = language.clauses.join(text for text in said if text)
        return sentence[:1].upper() + sentence[1:]

    def _words(self, record: Canonical, language: Language) -> dict[str, Said]:
        """The words that this sentence uses, and the figures, which decide about `otherwise`."""
        used = {word for clause in self.clauses for word in clause.words}
        used |= set(self.correcting.words) if self.correcting else set()
        if isinstance(record, Card):
            return {word: self._of(record, word, language) for word in used.union(FIGURES)}
        return {word: self._word(value_of(record, word), language) for word in used}

    def _of(self, card: Card, word: str, language: Language) -> Said:
        if not card.complete and word not in AT_ONCE:
            return ""
        if word in FIGURES:
            figure = _FIGURE_OF.get(word, word)
            return tuple([getattr(row, figure) for row in card.rows])
        return self._word(getattr(card, word), language)

    def _word(self, value: object, language: Language) -> Said:
        match value:
            case Money():
                return (value,)
            case dt.datetime():
                return moment(value.astimezone(self.zone or dt.UTC), language)
            case dt.date():
                return day(value, language)
            case State() | Reason():
                return value.value.replace("_", " ")
            case tuple():
                return language.listed.join(str(one) for one in value)
            case Decimal():
                return f"{value:,f}"
            case None | 0:
                return ""
        return str(value)


def _filled(clause: Clause, words: Mapping[str, str]) -> str:
    first, *rest = clause.texts
    return first + "".join(
        [words[word] + text for word, text in zip(clause.words, rest, strict=True)]
    )
