"""Two hundred distinct values that no log may show: who people are, and what opens doors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from urllib.parse import quote, quote_plus

LATIN = ("Anna Whitcombe", "Jürgen Größler", "Siân Prothero", "Łukasz Brzęk", "Zoë Vantongeren")
CYRILLIC = ("Иван Староверов", "Ольга Крутикова", "Пётр Щеглов", "Юлия Ёлкина", "Фёдор Объедков")
JAPANESE = ("佐藤 花子", "鈴木一郎", "高橋商店株式会社", "ヤマダ タロウ", "渡邊 さくら")
COMPANIES = (
    "ООО «Староверов и сыновья»",
    "Whitcombe Trading Ltd",
    "株式会社渡邊製作所",
    "ИП Крутикова О. П.",
    "Größler & Söhne GmbH",
)

NAMES = [
    *(f"{name} {number}" for name in (*LATIN, *CYRILLIC, *JAPANESE) for number in ("I", "II")),
    *(f"{name} {number}" for name in COMPANIES for number in ("№ 1", "№ 2")),
]
EMAILS = [
    *(f"whitcombe.{n}@mail.example.com" for n in range(10)),
    *(f"иван{n}@почта.рф" for n in range(10)),
    *(f"o.krutikova+{n}@sub.example.ru" for n in range(10)),
]
PHONES = [
    *(f"+7 (495) 123-45-{n:02}" for n in range(8)),
    *(f"8 (812) 765-43-{n:02}" for n in range(8)),
    *(f"03-1234-56{n:02}" for n in range(7)),
    *(f"+81-90-1234-56{n:02}" for n in range(7)),
]
TAX_IDS = [
    *(f"77000000{n:02}" for n in range(10)),
    *(f"7800000000{n:02}" for n in range(10)),
    *(f"DE1234567{n:02}" for n in range(5)),
    *(f"T12345678901{n:02}" for n in range(5)),
]
STREETS = [
    *(f"ул. Большая Ордынка, д. {n}, кв. 7" for n in range(1, 8)),
    *(f"{n} Rosewood Crescent, Flat 9" for n in range(11, 18)),
    *(f"東京都千代田区丸の内{n}丁目" for n in range(1, 7)),
]
ACCOUNTS = [
    *(f"407028109000000000{n:02}" for n in range(10)),
    *(f"DE8937040044053201{n:04}" for n in range(10)),
]
SECRETS = [
    *(f"Pa55-{n}-hunter-Ключ" for n in range(8)),
    *(f"tok_live_{n}_4eC39HqLyjWDarjtT1zdp7dc" for n in range(8)),
    *(f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI{n}MTIzNDU2Nzg5MCJ9.dozjgNryP4J3jVmN" for n in range(7)),
    *(f"sid{n}_9f86d081884c7d659a2feaa0c55ad015" for n in range(7)),
]

KINDS: Mapping[str, Sequence[str]] = {
    "names": NAMES,
    "e-mails": EMAILS,
    "phones": PHONES,
    "tax ids": TAX_IDS,
    "addresses": STREETS,
    "bank accounts": ACCOUNTS,
    "secrets": SECRETS,
}
ALL = [value for values in KINDS.values() for value in values]
assert len(ALL) == len(set(ALL)) == 200, len(ALL)

MARKS: Mapping[str, Sequence[str]] = {
    "names": (*LATIN, *CYRILLIC, *JAPANESE, *COMPANIES),
    "e-mails": [value.partition("@")[0] for value in EMAILS],
    "phones": [value[-9:] for value in PHONES],
    "tax ids": TAX_IDS,
    "addresses": ("Ордынка", "Rosewood", "丸の内"),
    "bank accounts": ACCOUNTS,
    "secrets": [value[:12] for value in SECRETS],
}
"""What gives a value away, even where only a part of it is shown."""


def found_in(text: str) -> dict[str, set[str]]:
    """The values that a text shows, by their kind: as they are, escaped as in JSON, or as in
    addresses."""
    leaks: dict[str, set[str]] = {}
    for kind, values in KINDS.items():
        for value in (*values, *MARKS[kind]):
            forms = (value, json.dumps(value)[1:-1], quote(value), quote_plus(value))
            if any(form in text for form in forms):
                leaks.setdefault(kind, set()).add(value)
    return leaks
