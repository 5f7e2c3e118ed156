"""Which encoding a text file is in, told only where no other one is possible.

A wrong guess does not fail: it makes other names of the same bytes. So bytes that could be two
encodings are none, and the connector file has to say.
"""

from __future__ import annotations

import codecs
import re

from syncd.errors import FileError

ASCII = "ascii"
"""So far: what comes may tell."""
KNOWN = {"cp1251": "CP1251", "cp932": "Shift-JIS"}
_CYRILLIC = "А-яЁёІіЇїЄєҐґЎў"
_MIXED = re.compile(rf"[{_CYRILLIC}][A-Za-z]|[A-Za-z][{_CYRILLIC}]")
_TURNED = re.compile(r"\b[а-яё][А-ЯЁ]+\b")
"""How KOI8-R looks when it is read as CP1251: small letters are capital ones."""
_CAPITAL = re.compile(r"\b[А-ЯЁ][а-яё]+\b")
_RUSSIAN = re.compile(rf"[\x00-\x7f\u00a0{_CYRILLIC}№«»„“”‘’–—…•·°±§©®€]*")
_JAPANESE = re.compile(
    "[\x00-\x7f\u3000-\u30ff\u4e00-\u9fff\uff01-\uffe5\u2010-\u2027\u2460-\u2473\u2190-\u21ff"
    "\u25a0-\u25ff\u00d7\u00f7\u00b1\u2116\u2121\u3200-\u33ff§¶°′″℃]*"
)


def encoding_of(head: bytes, where: str) -> str:
    """Of the beginning of a file, cut at the end of a line. Raises FileError where that cannot
    be told."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileError(f"{where} is UTF-16 text; save it as CSV UTF-8")
    if head.isascii():
        return ASCII
    if _decoded(head, "utf-8") is not None:
        return "utf-8"
    found = []
    if _is_russian(_decoded(head, "cp1251")):
        found.append("cp1251")
    japanese = _decoded(head, "cp932")
    if japanese is not None and _JAPANESE.fullmatch(japanese):
        found.append("cp932")
    if len(found) == 1:
        return found[0]
    says = "could be CP1251 or Shift-JIS" if found else "is none of UTF-8, CP1251 and Shift-JIS"
    raise FileError(
        f"{where}: its encoding {says}; the connector file has to say, as `encoding: cp1251`"
    )


def _is_russian(text: str | None) -> bool:
    if text is None or not _RUSSIAN.fullmatch(text) or _MIXED.search(text):
        return False
    turned = len(_TURNED.findall(text))
    return not turned or turned < len(_CAPITAL.findall(text))


def _decoded(head: bytes, encoding: str) -> str | None:
    try:
        return head.decode(encoding)
    except UnicodeDecodeError:
        return None


def text_of(raw: bytes, encoding: str) -> str:
    """What is not of this encoding comes as lone surrogates: only the rows that have some are
    wrong."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return raw.decode(encoding, "surrogateescape")
