"""Numbers of legal persons by country, and whether two parties' numbers are of the same person.

A number is kept as `SCHEME:NUMBER`; the scheme is a country (of the numbers that python-stdnum
knows as its VAT numbers), a country and another register (`RU.ogrn`), or ends in `?` where no check
digit vouches for the number. It is empty where nobody says whose number it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA
from stdnum import get_cc_module
from stdnum.ru import ogrn

if TYPE_CHECKING:
    from stdnum.util import NumberValidationModule

_PARTS = re.compile(r"[A-Z0-9]+")
_RU = re.compile(r"(?<!\d)(\d{10}|\d{12})\D{1,8}(\d{4}[\dA-Z]{2}\d{3})(?!\d)")
_RU_JOINED = re.compile(r"^(\d{10})(\d{4}[\dA-Z]{2}\d{3})$")
_LOST = {
    "RU": (10, 12),
    "US": (9,),
    "UA": (8, 10),
    "BY": (9,),
    "KZ": (12,),
    "PL": (10,),
    "IT": (11,),
}
"""Lengths up to which zeros are put back that a spreadsheet took away."""
_JP = re.compile(r"T\d{13}")
_AS = {"EL": "GR", "XI": "GB", "UK": "GB"}
_SHORTEST = 5


class Same(StrEnum):
    SAME = "same"
    NEAR = "near"
    """Others, and one slip of the pen apart."""
    OTHER = "other"
    UNKNOWN = "unknown"
    """One side has none."""
    UNCLEAR = "unclear"
    """Numbers of other registers, which do not compare."""


def legal_ids(
    text: str, country: str | None, home: str | None = None
) -> tuple[tuple[str, ...], str]:
    """The numbers of one field, and the branch's own beside them (КПП). `home` is tried where no
    `country` is told: its check digit has to agree then."""
    text = unicodedata.normalize("NFKC", text).upper().replace("Т", "T")
    country, home = _AS.get(country or "", country or ""), _AS.get(home or "", home or "")
    branch = ""
    found = _RU.search(text) or _RU_JOINED.match("".join(_PARTS.findall(text)))
    if found and (country or home) in ("", "RU"):
        country, text, branch = "RU", found[1], found[2]
    number = "".join(_PARTS.findall(text))
    digits = [char for char in number if char.isdigit()]
    if len(digits) < _SHORTEST or len({*digits}) == 1:
        return (), branch
    if number in ("123456789", "1234567890", "123456789012"):
        return (), branch
    scheme = _scheme(number, country or home)
    if not country and _unvouched(scheme):
        scheme = f"JP:{number[1:]}" if _JP.fullmatch(number) else f":{number}"
    return (scheme,), branch


def _scheme(number: str, country: str) -> str:
    prefix = _AS.get(number[:2], number[:2])
    if prefix.isalpha() and len(prefix) == 2:
        if (valid := _valid(prefix, number[2:])) or (valid := _valid(prefix, number)):
            return f"{prefix}:{valid}"
        if prefix == country:
            number = number[2:]
    if not country:
        return f":{number}"
    if country == "JP":
        number = number.removeprefix("T")
    if country == "FR" and number.isdigit() and len(number) in (9, 14):
        return f"FR:{number[:9]}"
    if country == "RU" and ogrn.is_valid(number):
        return f"RU.ogrn:{number}"
    if valid := _valid(country, number):
        return f"{country}:{valid}"
    if number.isdigit():
        for length in _LOST.get(country, ()):
            if length - 3 < len(number) < length and (
                valid := _valid(country, number.zfill(length))
            ):
                return f"{country}:{valid}"
    return f"{country}?:{number}"


@cache
def _module(country: str) -> NumberValidationModule | None:
    module = get_cc_module(country.lower(), "vat")
    if module is None and country == "US":
        module = get_cc_module("us", "ein")
    return module


def _valid(country: str, number: str) -> str:
    """Without the prefix; empty if it is none."""
    module = _module(country)
    if module is None or not module.is_valid(number):
        return ""
    compact: str = module.compact(number)
    compact = compact.removeprefix(country)
    return compact[2:] if country == "FR" else compact


def compared(mine: Sequence[str], theirs: Sequence[str]) -> tuple[Same, str]:
    """How the numbers stand to each other, and the number that is the same."""
    if not mine or not theirs:
        return Same.UNKNOWN, ""
    pairs = [(one.split(":"), other.split(":")) for one in mine for other in theirs]
    equal = [a for a, b in pairs if a[1] == b[1] and _alike(a[0], b[0])]
    clash = [(a, b) for a, b in pairs if a[1] != b[1] and _comparable(a, b)]
    if equal and (len(mine) == 1 or len(theirs) == 1 or not _apart(mine, theirs)):
        return Same.SAME, equal[0][1]
    if any(
        OSA.distance(a[1], b[1]) == 1 and (_unvouched(a[0]) or _unvouched(b[0])) for a, b in clash
    ):
        return Same.NEAR, ""
    if clash or not any(_near(a[0][:2], b[0][:2]) for a, b in pairs):
        return Same.OTHER, ""
    return Same.UNCLEAR, ""


def _apart(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether in one register both have numbers and none in common."""
    for register in {_register(one.partition(":")[0]) for one in mine}:
        a = {one for one in mine if _register(one.partition(":")[0]) == register}
        b = {one for one in theirs if _register(one.partition(":")[0]) == register}
        if a and b and not a & b:
            return True
    return False


def _unvouched(scheme: str) -> bool:
    """Whether no check digit says that it is such a number."""
    register = scheme.partition(":")[0]
    return not register or register.endswith("?")


def _register(scheme: str) -> str:
    return scheme.removesuffix("?")


def _near(one: str, other: str) -> bool:
    """Whether it can be the same; nothing said can be anything."""
    return not one or not other or one == other


def _alike(one: str, other: str) -> bool:
    return _near(_register(one), _register(other))


def _comparable(one: Sequence[str], other: Sequence[str]) -> bool:
    """Of one register; where it is not said of one, numbers of one length are taken for such."""
    if one[0] and other[0]:
        return _register(one[0]) == _register(other[0])
    return abs(len(one[1]) - len(other[1])) <= 1
