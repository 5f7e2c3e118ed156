"""How the sheets and columns of one workbook are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from syncd.errors import ConfigError

from .facts import ABOUT, COLUMNS, CUSTOM, KINDS, NAMES

LONGEST_TITLE = 31
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\']")
_SHEETS = (*COLUMNS, ABOUT)


@dataclass(frozen=True, slots=True)
class Column:
    """`type` is text, long_text, number, date or flag."""

    path: str
    heading: str
    type: str


class Layout(msgspec.Struct, frozen=True):
    """`words` are headings, titles of sheets and words of documents in place of syncd's own."""

    words: Mapping[str, str] = msgspec.field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Layout:
        """`Name = Клиент, Cards = Карточки`. ConfigError with every mistake."""
        words, problems = dict[str, str](), list[str]()
        known = [*_SHEETS, *KINDS, *(path for columns in COLUMNS.values() for path in columns)]
        for line in filter(None, (part.strip() for part in text.split(","))):
            name, sign, word = (part.strip() for part in line.partition("="))
            name = name.replace(" ", "_")
            if not sign or not word:
                problems.append(f"headings: {line}: expected `Name = Клиент`, divided by commas")
            elif name not in known:
                problems.append(f"headings: {name} is no sheet and no column: {', '.join(known)}")
            elif name in _SHEETS and not _may_be_title(word):
                problems.append(f"headings: a sheet cannot be called {word}")
            words[name] = word
        found = cls(words)
        for named in [[found.title(one) for one in _SHEETS], *map(found._headings, COLUMNS)]:
            double = sorted({one for one in named if named.count(one) > 1})
            problems += [f"headings: {one} stands for two of them" for one in double]
        if problems:
            raise ConfigError(*problems)
        return found

    def title(self, sheet: str) -> str:
        return self.words.get(sheet, sheet)

    def column(self, sheet: str, path: str, type: str) -> Column:
        name = path.removeprefix(CUSTOM)
        plain = name.replace("_", " ").strip()
        return Column(path, self.words.get(path, plain[:1].upper() + plain[1:]), type)

    def document(self, target: str) -> str:
        """What one of them is called in the column `Document`."""
        return self.words.get(target, KINDS[target])

    def _headings(self, sheet: str) -> list[str]:
        return [self.column(sheet, path, "").heading for path in COLUMNS[sheet]]


def _may_be_title(word: str) -> bool:
    return len(word) <= LONGEST_TITLE and not _NOT_IN_TITLES.search(word) and word != NAMES
