"""One problem in the language of who hears of it: never in the words of a system or of a record."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal

from syncd.domain import Money
from syncd.mapping import languages
from syncd.notify.tongues import TONGUES, UNITS, Tongue
from syncd.redaction import unquoted

TWO_WORDS = ("not", "won")
LONGEST = 200
"""Characters of a sentence that has no translation."""
_PLAN = re.compile(r"syncd apply (\w+)")
_DIFFERS = re.compile(r"customer (\S+) by ((?:-?[\d.]+ [A-Z]{3}(?:, )?)+)")
_AMOUNT = re.compile(r"(-?[\d.]+) ([A-Z]{3})")
_FIELD = re.compile(r"[\w.]+")


def what(language: str, cause: str, text: str) -> tuple[str, str]:
    """What the problem is, and what ends it; a cause that is not known here, as its own sentence,
    in English, without what it quotes."""
    tongue = TONGUES[language]
    words = cause.split(" ")
    size = 2 if words[0] in TWO_WORDS else 1
    head, rest = " ".join(words[:size]), words[size:]
    if head == "connection":
        found = tongue.systems[_outage(text, rest[0])]
    elif head in tongue.causes and (rest or head.startswith("won")):
        found = tongue.causes[head]
    else:
        return _untranslated(text)
    values = {
        "kinds": _kinds(tongue, rest[0]) if rest else "",
        "one": rest[0].replace("_", " ") if rest else "",
        "guard": tongue.guards.get(rest[0], rest[0]) if rest else "",
        "plan": plan[1] if (plan := _PLAN.search(text)) else "PLAN",
        "field": _field(tongue, rest[1:]),
        "rest": _fields(language, rest),
        "who": _differing(language, text),
    }
    second = " ".join(rest[1:]) or (rest[0] if rest else "")
    first, end = (one.format(rest[0] if rest else "", second, **values) for one in found)
    return first[:1].upper() + first[1:], end


def sentence(language: str, first: str, end: str, waiting: int, keys: Sequence[str]) -> str:
    """`Invoices cannot be read (3 records wait: invoice:4, ...). Mend the rule.` `keys` name the
    first of those that wait."""
    tongue = TONGUES[language]
    stop, counted = tongue.frame["stop"], ""
    if waiting:
        named = ", ".join(keys) + (", ..." if waiting > len(keys) else "")
        said = tongue.counted(tongue.waiting, waiting)
        counted = tongue.frame["waits"].format(waiting=said, keys=named)
    return (first + counted + stop + (end + stop if end else "")).strip()


def problems(language: str, count: int) -> str:
    return TONGUES[language].counted(TONGUES[language].problems, count)


def frame(language: str, name: str, **values: object) -> str:
    return TONGUES[language].frame[name].format(**values)


def owner(language: str, name: str) -> str:
    return TONGUES[language].owners.get(name, name)


def time(language: str, span: dt.timedelta) -> str:
    """`40 min`, `2 h`, `3 d`: the largest unit that fills two, cut down."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    units = UNITS[language]
    if minutes < 120:
        return units[0].format(n=minutes)
    if minutes < 48 * 60:
        return units[1].format(n=minutes // 60)
    return units[2].format(n=minutes // (24 * 60))


def day(language: str, when: dt.date) -> str:
    return languages.day(when, languages.LANGUAGES[language])


def moment(language: str, when: dt.datetime) -> str:
    return languages.moment(when, languages.LANGUAGES[language])


def money(language: str, figures: Sequence[Money]) -> str:
    return languages.amounts(figures, languages.LANGUAGES[language], 3)


def _outage(text: str, name: str) -> str:
    if text.startswith(f"{name} refuses"):
        return "refused"
    if text.startswith(f"{name} has a file"):
        return "file"
    return "odd" if text.startswith(f"{name} does not answer as") else "down"


def _kinds(tongue: Tongue, word: str) -> str:
    """Of a kind, of a target, or of one in the books: `books.customers`."""
    plain = word.rpartition(".")[2].partition("/")[0]
    found = tongue.kinds.get(plain)
    return found or (plain if tongue is not TONGUES["en"] or plain.endswith("s") else f"{plain}s")


def _field(tongue: Tongue, rest: Sequence[str]) -> str:
    """Of a refusal, where the system named one field."""
    named = rest[0] if len(rest) == 1 and _FIELD.fullmatch(rest[0]) else ""
    return tongue.frame["field"].format(named) if named else ""


def _fields(language: str, rest: Sequence[str]) -> str:
    names = languages.LANGUAGES[language].words
    words = [one.strip(",") for one in rest]
    listed = languages.LANGUAGES[language].listed
    return listed.join(names.get(word, word.replace("_", " ")) for word in words)


def _differing(language: str, text: str) -> str:
    """`customer:1 EUR 0.02`: whose ledger differs, and by how much."""
    return "; ".join(
        f"customer:{key} " + money(language, [_money(*one) for one in _AMOUNT.findall(amounts)])
        for key, amounts in _DIFFERS.findall(text)
    )


def _money(amount: str, currency: str) -> Money:
    return Money(int(Decimal(amount).scaleb(6)), currency)


def _untranslated(text: str) -> tuple[str, str]:
    first, _, rest = unquoted(text).rstrip(".").partition(". ")
    end = rest if len(first) + len(rest) <= LONGEST else ""
    return first[:LONGEST], end
