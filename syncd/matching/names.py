"""Names of companies and persons: their words, and apart from them the legal form."""

from __future__ import annotations

import re
import unicodedata

from syncd.matching.scripts import folded, latin

LLC, JSC, SOLE, BRANCH = "llc", "jsc", "sole", "branch"

_PHRASES = {
    "общество с ограниченной ответственностью": "ооо",
    "публичное акционерное общество": "ао",
    "закрытое акционерное общество": "ао",
    "открытое акционерное общество": "ао",
    "непубличное акционерное общество": "ао",
    "акционерное общество": "ао",
    "индивидуальный предприниматель": "ип",
    "частный предприниматель": "ип",
    "обособленное подразделение": "филиал",
    "торговый дом": "тд",
    "группа компаний": "гк",
    "строительная компания": "ск",
    "производственная компания": "пк",
    "транспортная компания": "тк",
    "управляющая компания": "ук",
    "научно производственное объединение": "нпо",
    "limited liability company": "llc",
    "joint stock company": "jsc",
    "public limited company": "plc",
    "gesellschaft mit beschränkter haftung": "gmbh",
    "gmbh & co. kg": "gmbh",
    "gmbh & co kg": "gmbh",
    "sp. z o.o.": "spzoo",
    "sp z o o": "spzoo",
    "s. r. o.": "sro",
    "co., ltd": "ltd",
    "co. ltd": "ltd",
    "co ltd": "ltd",
    "trading house": "тд",
    "torgovyy dom": "тд",
    "torgovyi dom": "тд",
    "gruppa kompaniy": "гк",
    "株式会社": " kk ",
    "(株)": " kk ",
    "有限会社": " yk ",
    "(有)": " yk ",
    "合同会社": " gk ",
    "(同)": " gk ",
    "合資会社": " gk ",
    "一般社団法人": " ",
    "支店": " филиал ",
    "営業所": " филиал ",
}
_KNOWN: dict[tuple[str, ...], str] = {
    (LLC,): "ооо ooo тоо too тов tov llc gmbh ug sarl sro spzoo srl bv yk bvba",
    (JSC,): "ао пао зао оао нао ao pao zao oao jsc pjsc cjsc ojsc ag plc nv ат",
    (LLC, JSC): "ltd limited inc corp corporation incorporated company co kk gk oy ab as aps sa "
    "spa se kg ohg lp llp sas oyj asa pty pte pvt",
    (SOLE,): "ип чп ip chp фоп fop ek",
    (BRANCH,): "филиал filial filiale branch zweigniederlassung филия оп",
}
_FORMS = {word: forms for forms, words in _KNOWN.items() for word in words.split()}
_SHORT = {
    "торг": "тд", "torg": "тд", "td": "тд", "gk": "гк",
    "intl": "international", "int": "international", "mfg": "manufacturing",
    "svcs": "services", "bros": "brothers", "grp": "group",
    "ind": "industries", "tech": "technologies", "assoc": "associates",
}  # fmt: skip
_SAID = {
    "тд": "td", "гк": "gruppa", "ск": "sk", "пк": "pk", "тк": "tk", "ук": "uk", "нпо": "npo",
}  # fmt: skip
_DROPPED = {"and", "und", "и", "et", "y", "the", "фирма", "ко"}
_EDGE = {"ag", "as", "ab", "sa", "se", "co", "ip", "оп", "ug", "ek", "ао", "nv", "gk", "spa"}
"""Forms that are words or initials too: only at either end."""

_SPACED = re.compile("|".join(re.escape(one) for one in sorted(_PHRASES, key=len, reverse=True)))
_DOTTED = re.compile(r"\b((?:[^\W\d_]\.){2,}[^\W\d_]?)(?=\W|$)")
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile(r"(?<=\w)['’`ʼ](?=\w)")


def name_of(text: str) -> tuple[str, tuple[str, ...]]:
    """The folded words, by blanks, and the legal forms that it may have: none is unknown."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    plain = " ".join(plain.split())
    plain = _SPACED.sub(lambda found: f" {_PHRASES[found[0]]} ", plain)
    plain = _APOSTROPHE.sub("", plain)
    plain = _DOTTED.sub(_initials, plain)
    words = _WORD.findall(plain)
    forms: set[str] = set()
    kept = []
    for index, word in enumerate(words):
        edge = index in (0, 1, len(words) - 1, len(words) - 2)
        if word in _FORMS and (edge or word not in _EDGE):
            forms.update(_FORMS[word])
        else:
            kept.append(word)
    if not kept:
        kept = words
    said = [one for at, one in enumerate(kept) if not _dropped(kept, at)] or kept
    return " ".join(_folded(one) for one in said), tuple(sorted(forms))


def _dropped(words: list[str], at: int) -> bool:
    """Whether the word only joins two others. «Иванов И И» has initials."""
    beside = [*words[max(at - 1, 0) : at], *words[at + 1 : at + 2]]
    initial = len(words[at]) == 1 and any(len(one) == 1 for one in beside)
    return words[at] in _DROPPED and not initial


def _initials(found: re.Match[str]) -> str:
    """О.О.О. is a form, И.И. are two initials."""
    joined = found[1].replace(".", "")
    return f" {joined} " if joined in _FORMS else f" {' '.join(joined)} "


def _folded(word: str) -> str:
    word = _SHORT.get(word, word)
    return folded(latin(_SAID.get(word, word)))
