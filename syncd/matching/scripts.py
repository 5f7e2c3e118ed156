"""Names written in other letters: Cyrillic and kana in Latin ones, and what is spelt several ways
folded into one. Kanji stay as they are: their reading is not in the letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SAID = (
    "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya "
    "i yi ye g u k g n o u u h a"
)
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўқғңөұүһә",
        _SAID.split(),
        strict=True,
    )
) | {"ъ": "", "ь": ""}

_ROWS = {
    "アイウエオ": "a i u e o",
    "カキクケコ": "ka ki ku ke ko",
    "ガギグゲゴ": "ga gi gu ge go",
    "サシスセソ": "sa shi su se so",
    "ザジズゼゾ": "za ji zu ze zo",
    "タチツテト": "ta chi tsu te to",
    "ダヂヅデド": "da ji zu de do",
    "ナニヌネノ": "na ni nu ne no",
    "ハヒフヘホ": "ha hi fu he ho",
    "バビブベボ": "ba bi bu be bo",
    "パピプペポ": "pa pi pu pe po",
    "マミムメモ": "ma mi mu me mo",
    "ヤユヨワヲンヴ": "ya yu yo wa o n vu",
    "ラリルレロ": "ra ri ru re ro",
}
_KANA = {
    kana: latin
    for row, said in _ROWS.items()
    for kana, latin in zip(row, said.split(), strict=True)
}
_SMALL = {"ャ": "ya", "ュ": "yu", "ョ": "yo", "ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o"}
_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_OTHER = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"})
_HAN = re.compile(r"[㐀-鿿豈-﫿々]")
_KANA_LETTER = re.compile(r"[ぁ-ゖァ-ヺ]")
_LETTERS = re.compile(r"[^\W\d_]")

_SPELT = tuple(
    (re.compile(pattern), into)
    for pattern, into in (
        (r"shch|sch|sh|zh|ts|tz|dz|z", "s"),
        (r"ck|q", "k"),
        (r"[ck]h", "h"),
        (r"ph", "f"),
        (r"x", "ks"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"w", "v"),
        (r"[yj]", "i"),
        (r"(?<=[aou])e(?![aeiou])", ""),  # ü is written ue, too
        (r"(.)\1+(?<!\d)", r"\1"),
    )
)


def has_han(text: str) -> bool:
    return _HAN.search(text) is not None


def has_kana(text: str) -> bool:
    return _KANA_LETTER.search(unicodedata.normalize("NFKC", text)) is not None


def latin(text: str) -> str:
    """Lower case, without accents."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_TO_KATAKANA).translate(_OTHER)
    if text.isascii():
        return text
    text = "".join(_CYRILLIC.get(char, char) for char in _kana(text))
    split = unicodedata.normalize("NFD", text)
    return "".join(char for char in split if not unicodedata.combining(char))


def _kana(text: str) -> str:
    if not any("ァ" <= char <= "ー" for char in text):
        return text
    out: list[str] = []
    double = False
    for char in text:
        if char == "ッ":
            double = True
        elif char in _SMALL and out:
            stem = out.pop()[:-1]
            glide = _SMALL[char]
            out.append(stem + (glide[1:] if stem[-2:] in ("sh", "ch") or stem == "j" else glide))
        elif char in _KANA:
            said = _KANA[char]
            out.append(said[0] + said if double else said)
            double = False
        elif char != "ー":
            out.append(char)
    return "".join(out).replace("ou", "o").replace("uu", "u")


@lru_cache(maxsize=1 << 16)
def folded(word: str) -> str:
    """One word in the letters of `latin`, so that ways to spell the same sound are equal. Folding
    twice changes nothing more."""
    if not _LETTERS.search(word):
        return word
    before = ""
    while word != before:
        before = word
        for pattern, into in _SPELT:
            word = pattern.sub(into, word)
    return word
