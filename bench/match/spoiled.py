"""Companies as people type them: shortened, transliterated, mistyped, moved, left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from bench.match.companies import Company, companies, phone, postcode, street, tax_id
from bench.match.words import CITIES
from syncd.domain import Customer, Won

_LATIN = dict(zip("абвгдезийклмнопрстуфъыьэё", "abvgdeziyklmnoprstuf-y-ee", strict=True))
_SEVERAL = {
    "ж": ("zh", "j"), "х": ("kh", "h"), "ц": ("ts", "c"), "ч": ("ch",), "ш": ("sh",),
    "щ": ("shch", "sch"), "ю": ("yu", "iu", "ju"), "я": ("ya", "ia", "ja"),
}  # fmt: skip
_FULL = {
    "ООО": "Общество с ограниченной ответственностью",
    "АО": "Акционерное общество",
    "ИП": "Индивидуальный предприниматель",
}
_ABROAD = {"ООО": ("OOO", "LLC", "Ltd"), "АО": ("AO", "JSC"), "ЗАО": ("ZAO", "CJSC"),
           "ПАО": ("PAO", "PJSC"), "ИП": ("IP",), "株式会社": ("Co., Ltd.", "K.K."),
           "有限会社": ("Y.K.", "Ltd.")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Population:
    """`true` are the pairs (customer, card) that are one legal person."""

    customers: tuple[Customer, ...]
    cards: tuple[Won, ...]
    true: frozenset[tuple[str, str]]
    legal: dict[str, str]
    """The tax id that stands for the record's company, by `books:KEY` or `card:KEY`."""


def population(size: int, seed: int) -> Population:
    """About `size` records a side."""
    random = Random(seed)
    customers: list[tuple[int, Customer]] = []
    cards: list[tuple[int, Won]] = []
    legal: dict[str, str] = {}
    for one in companies(round(size * 1.13), random):
        side = random.random()
        for _ in range(_copies(random) if side < 0.87 else 0):
            key = f"b{len(customers)}"
            customers.append((one.entity, Customer(**_typed(one, key, random, care=0.8))))
            legal[f"books:{key}"] = one.tax_id
        later = _later(one, random)
        for _ in range(_copies(random) if side > 0.13 else 0):
            key = f"c{len(cards)}"
            cards.append((one.entity, Won(**_typed(later, key, random, care=0.35))))
            legal[f"card:{key}"] = later.tax_id
    by_entity: dict[int, list[str]] = {}
    for entity, card in cards:
        by_entity.setdefault(entity, []).append(card.key)
    true = {(c.key, key) for entity, c in customers for key in by_entity.get(entity, ())}
    random.shuffle(customers)
    random.shuffle(cards)
    return Population(
        tuple(one for _, one in customers), tuple(one for _, one in cards), frozenset(true), legal
    )


def _copies(random: Random) -> int:
    return 2 if random.random() < 0.02 else 1


def _later(one: Company, random: Random) -> Company:
    """What happened since the books were told, or the other way round."""
    if random.random() < 0.02:
        one = replace(one, tax_id=tax_id(one.country, one.person, random))
    if random.random() < 0.05:
        city = random.randrange(len(CITIES[one.country]))
        one = replace(one, city=city, street=street(one.country, random))
        one = replace(one, postcode=postcode(one.country, random))
        if random.random() < 0.5:
            one = replace(one, phone=phone(one.country, city, random))
    if random.random() < 0.08:
        one = replace(one, phone=phone(one.country, one.city, random))
    if random.random() < 0.15:
        local = random.choice(["ceo", "zakaz", "order", "anna", "m.weber"])
        host = one.email.partition("@")[2]
        one = replace(one, email=f"{local}{one.entity}@{host}")
    return one


def _typed(one: Company, key: str, random: Random, *, care: float) -> dict[str, Any]:
    """`care`: how much of it is filled in, and properly."""

    def there(share: float) -> bool:
        return random.random() < share

    abroad = one.country in ("RU", "JP") and there(0.15 - 0.1 * care)
    home, latin, _ = CITIES[one.country][one.city]
    return {
        "key": key,
        "name": _name(one, abroad, random, care),
        "tax_id": _tax_id(one, random, care) if there(0.5 + 0.5 * care) else None,
        "phone": _phone(one, random) if there(0.6 + 0.35 * care) else None,
        "email": _mail(one.email, random) if there(0.6 + 0.25 * care) else None,
        "street": one.street if there(0.3 + 0.6 * care) else None,
        "city": (latin if abroad else home) if there(0.5 + 0.45 * care) else None,
        "postcode": one.postcode if there(0.3 + 0.5 * care) else None,
        "country": one.country if one.country != "RU" or there(0.6) else None,
    }


def _name(one: Company, abroad: bool, random: Random, care: float) -> str:
    name, form = one.name, one.form
    if abroad:
        name = one.other or transliterated(one.name, random)
        form = random.choice(_ABROAD.get(form, (form,)))
    elif random.random() < 0.1:
        form = _FULL.get(form, form)
    if one.person and random.random() < 0.3:
        first, *rest = name.split()
        name = " ".join([first, *(f"{word[0]}." for word in rest)])
    if random.random() < 0.12 * (1 - care):
        name = mistyped(name, random)
    if random.random() < 0.3:
        name = name.replace("ё", "е")
    if random.random() < 0.15:
        name = name.upper()
    if random.random() < 0.5 * (1 - care) and not one.person:
        return name
    if one.country == "JP" and not abroad:
        return random.choice((f"{form}{name}", f"{form} {name}", f"{name}{form}"))
    if one.country != "RU" or abroad:
        return f"{name}, {form}" if random.random() < 0.3 else f"{name} {form}"
    quoted = random.choice(("«{}»", '"{}"', "{}", "„{}“")).format(name)
    if one.person:
        quoted = name
    return f"{form} {quoted}" if random.random() < 0.85 else f"{quoted}, {form}"


def transliterated(text: str, random: Random) -> str:
    out = []
    for char in text.lower():
        said = random.choice(_SEVERAL[char]) if char in _SEVERAL else _LATIN.get(char, char)
        out.append("" if char in "ъь" else said)
    return "".join(out).title()


def mistyped(text: str, random: Random) -> str:
    at = random.randrange(1, max(len(text) - 1, 2))
    lot = random.random()
    if lot < 0.35:
        return text[:at] + text[at + 1 :]
    if lot < 0.65:
        return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]
    return text[:at] + text[at - 1] + text[at:]


def _tax_id(one: Company, random: Random, care: float) -> str:
    number = one.tax_id
    lot = random.random()
    if lot < 0.03 * (1.2 - care):
        at = random.randrange(len(number) - 1)
        return number[:at] + number[at : at + 2][::-1] + number[at + 2 :]
    if lot < 0.06:
        number = number.lstrip("0")
    if one.kpp and lot > 0.8:
        return f"{number}/{one.kpp}" if lot > 0.9 else f"{number} / {one.kpp}"
    if one.country == "DE" and lot > 0.4:
        return f"DE{number}" if lot > 0.7 else f"DE {number[:3]} {number[3:6]} {number[6:]}"
    if one.country == "JP" and lot > 0.6:
        return f"T{number}"
    return number


def _phone(one: Company, random: Random) -> str:
    code = {"RU": 2, "DE": 3, "JP": 3, "GB": 3}[one.country]
    rest = one.phone[code:]
    lot = random.random()
    if lot < 0.35:
        return one.phone
    if lot < 0.45:
        return f"{one.phone[:code]} {rest[:3]} {rest[3:6]}-{rest[6:]}"
    if one.country == "RU":
        said = f"8 ({rest[:3]}) {rest[3:6]}-{rest[6:8]}-{rest[8:]}"
        return f"{said} доб. {random.randint(100, 999)}" if lot > 0.9 else said
    return f"0{rest[:3]} {rest[3:]}"


def _mail(text: str, random: Random) -> str:
    return text.title() if random.random() < 0.1 else text
