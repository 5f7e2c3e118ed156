"""Companies as they are: a legal person with a name, a register number and ways to reach it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from stdnum.de import vat as de_vat
from stdnum.jp import cn
from stdnum.ru import inn

from bench.match.words import CITIES, CYRILLIC, FORMS, JAPANESE, STREETS, TRADES, WEST


@dataclass(frozen=True, slots=True)
class Company:
    """`other` is the name in Latin letters, where the company has one of its own."""

    entity: int
    country: str
    form: str
    name: str
    other: str
    tax_id: str
    kpp: str
    phone: str
    email: str
    city: int
    street: str
    postcode: str
    person: bool = False


def companies(count: int, random: Random) -> list[Company]:
    """With groups, namesakes and people who have two companies among them."""
    found: list[Company] = []
    while len(found) < count:
        one = company(len(found), random)
        found.append(one)
        lot = random.random()
        if lot < 0.03:
            found += _group(one, len(found), random)
        elif lot < 0.06:
            found.append(_namesake(one, len(found), random))
        elif lot < 0.08:
            found.append(_second(one, len(found), random))
    return found[:count]


def company(entity: int, random: Random) -> Company:
    country = random.choices(("RU", "DE", "JP", "GB"), (62, 14, 14, 10))[0]
    person = country == "RU" and random.random() < 0.15
    name, other = _person(random) if person else _name(country, random)
    city = random.randrange(len(CITIES[country]))
    return Company(
        entity=entity,
        country=country,
        form="ИП" if person else random.choice(FORMS[country]),
        name=name,
        other=other,
        tax_id=tax_id(country, person, random),
        kpp="" if person or country != "RU" else f"{random.randrange(10**8, 10**9)}",
        phone=phone(country, city, random),
        email=_email(entity, other or name, country, random),
        city=city,
        street=street(country, random),
        postcode=postcode(country, random),
        person=person,
    )


def _group(one: Company, entity: int, random: Random) -> list[Company]:
    """Sisters: other numbers and nearly the name; phone, mail and address often the same."""
    words = random.sample(
        ["Трейд", "Сервис", "Логистик", "Холдинг", "Юг", "2"], random.randint(1, 3)
    )
    return [
        replace(
            _apart(one, entity + at, random),
            name=f"{one.name} {word}" if random.random() < 0.85 else one.name,
            other=f"{one.other} {word}" if one.other else "",
            form=random.choice(FORMS[one.country]),
            phone=one.phone if random.random() < 0.7 else phone(one.country, one.city, random),
            email=one.email
            if random.random() < 0.6
            else f"office{at}@{one.email.partition('@')[2]}",
            city=one.city,
            street=one.street,
            postcode=one.postcode,
        )
        for at, word in enumerate(words)
    ]


def _namesake(one: Company, entity: int, random: Random) -> Company:
    """The same name in another town."""
    return replace(_apart(one, entity, random), name=one.name, other=one.other, form=one.form)


def _second(one: Company, entity: int, random: Random) -> Company:
    """The same person's other company: one phone, one mailbox."""
    twin = company(entity, random)
    while twin.country != one.country:
        twin = company(entity, random)
    return replace(twin, phone=one.phone, email=one.email, city=one.city)


def _apart(one: Company, entity: int, random: Random) -> Company:
    fresh = company(entity, random)
    city = random.randrange(len(CITIES[one.country]))
    return replace(
        fresh,
        country=one.country,
        person=one.person,
        tax_id=tax_id(one.country, one.person, random),
        kpp=one.kpp and f"{random.randrange(10**8, 10**9)}",
        phone=phone(one.country, city, random),
        city=city,
        street=street(one.country, random),
        postcode=postcode(one.country, random),
    )


def _name(country: str, random: Random) -> tuple[str, str]:
    pick = random.choice
    if country == "JP":
        (kanji, romaji), (trade, said) = pick(JAPANESE), pick(TRADES)
        (more, spoken) = pick(JAPANESE) if random.random() < 0.6 else ("", "")
        return f"{kanji}{more}{trade}", f"{romaji} {spoken} {said}".replace("  ", " ").title()
    if country == "RU":
        made = pick(CYRILLIC["first"]) + pick(CYRILLIC["last"])
        word, place = pick(CYRILLIC["word"]), pick(CYRILLIC["place"])
        number = str(random.randint(2, 99))
        shapes = (
            made,
            made,
            f"{made} {place}",
            f"{word} {number}",
            f"{place} {word}",
            f"{made} {word}",
            word,
        )
        return pick(shapes).title(), ""
    made = f"{pick(WEST['first'])}{pick(WEST['last'])}"
    family = pick(WEST["family"])
    western = (
        made,
        f"{family} {made}",
        f"{family} {pick(WEST['last'])}",
        f"{family} & {pick(WEST['family'])}",
    )
    return pick(western).title(), ""


def _person(random: Random) -> tuple[str, str]:
    words = (random.choice(CYRILLIC[one]) for one in ("family", "given", "father"))
    return " ".join(words).title(), ""


def tax_id(country: str, person: bool, random: Random) -> str:
    def digits(count: int) -> str:
        return str(random.randrange(10 ** (count - 1), 10**count))

    if country == "RU":
        start = f"{random.randint(1, 92):02}" + digits(8 if person else 7)
        return start + (
            inn.calc_personal_check_digits(start) if person else inn.calc_company_check_digit(start)
        )
    if country == "DE":
        while not de_vat.is_valid(number := digits(9)):
            pass
        return number
    if country == "JP":
        start = digits(12)
        return cn.calc_check_digit(start) + start
    return f"{digits(9)}"


def phone(country: str, city: int, random: Random) -> str:
    """E.164."""
    area = CITIES[country][city][2]
    code, length = {"RU": ("7", 10), "DE": ("49", 10), "JP": ("81", 9), "GB": ("44", 10)}[country]
    if random.random() < 0.3:
        area = {"RU": "9" + str(random.randint(10, 99)), "DE": "151", "JP": "90", "GB": "7700"}[
            country
        ]
        length += country == "JP"
    rest = length - len(area)
    return f"+{code}{area}{random.randrange(2 * 10 ** (rest - 1), 10**rest)}"


def street(country: str, random: Random) -> str:
    name, number = random.choice(STREETS[country]), random.randint(1, 180)
    return {
        "RU": f"ул. {name}, д. {number}",
        "DE": f"{name}straße {number}",
        "JP": f"{name}{number}",
    }.get(country, f"{number} {name} Street")


def postcode(country: str, random: Random) -> str:
    if country == "GB":
        return f"LS{random.randint(1, 29)} {random.randint(1, 9)}AB"
    length = {"RU": 6, "DE": 5, "JP": 7}[country]
    return str(random.randrange(10 ** (length - 1), 10**length))


def _email(entity: int, name: str, country: str, random: Random) -> str:
    if random.random() < 0.3:
        host = random.choice(["mail.ru", "gmail.com", "yandex.ru", "web.de", "yahoo.co.jp"])
        return f"firm{entity}{random.randint(1, 99)}@{host}"
    local = random.choice(["info", "office", "sales", "buh", "mail", "ivanov"])
    return f"{local}@firm{entity}.{country.lower()}"
