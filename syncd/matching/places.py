"""Addresses as they compare."""

from __future__ import annotations

import re
import unicodedata

from syncd.matching.scripts import folded, latin

_WORD = re.compile(r"[^\W_]+")
_COMMON = (
    "ул улица пр просп проспект пер переулок ш шоссе д дом стр строение корп корпус оф офис кв "
    "пл площадь наб набережная бул бульвар г город "
    "street st road rd avenue ave str strasse straße building bldg office suite floor "
    "ul ulitsa ulica pr prospekt per dom d kv of korp"
)
_STREET = frozenset(_COMMON.split())
_CITIES = {
    alias: city
    for city, aliases in {
        "moskva": "москва мск moscow moskau",
        "spb": "санктпетербург петербург питер saintpetersburg stpetersburg sanktpetersburg",
        "wien": "vienna вена",
        "munchen": "münchen munich muenchen мюнхен",
        "koln": "köln cologne koeln кельн",
        "praha": "prague прага prag",
        "warsawa": "warszawa warsaw варшава warschau",
        "zurich": "zürich zuerich цюрих",
        "roma": "rome рим rom",
        "geneve": "genève geneva genf женева",
        "kyiv": "киев київ kiev",
        "tokyo": "東京 東京都 токио",
        "osaka": "大阪 大阪市 大阪府 осака",
        "kyoto": "京都 京都市 京都府",
        "yokohama": "横浜 横浜市",
        "nagoya": "名古屋 名古屋市",
        "sapporo": "札幌 札幌市",
        "fukuoka": "福岡 福岡市",
        "kobe": "神戸 神戸市",
        "sendai": "仙台 仙台市",
        "hiroshima": "広島 広島市",
    }.items()
    for alias in (city, *aliases.split())
}


def city_of(text: str | None) -> str:
    words = _WORD.findall(unicodedata.normalize("NFKC", text or "").casefold().replace("ё", "е"))
    joined = "".join(one for one in words if one not in ("г", "гор", "город", "city"))
    return folded(latin(_CITIES.get(joined, joined)))


def street_of(text: str | None) -> str:
    """The words that are not `street` and the like, in the order of the alphabet."""
    plain = unicodedata.normalize("NFKC", text or "").casefold()
    plain = re.sub(r"(?<=\w)str(?:asse|aße|\.)", " ", plain)
    words = (folded(latin(one)) for one in _WORD.findall(plain) if one not in _STREET)
    return " ".join(sorted(words))


def postcode_of(text: str | None) -> str:
    plain = unicodedata.normalize("NFKC", text or "").upper()
    return "".join(char for char in plain if char.isalnum())
