"""Companies as they are: a legal person with a name, a register number and ways to reach it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from stdnum.de import vat as de_vat
from stdnum.jp import cn
from stdnum.ru import inn

_CYRILLIC = {
    "first": "строй техно пром агро мед авто энерго транс метал лес евро сиб юг волга урал спец "
    "гео гидро нефте хим био эко инвест тепло свет вент мебель текстиль торг снаб проект".split(),
    "last": "сервис торг маш комплект снаб монтаж инвест групп трейд плюс ресурс альянс центр "
    "мастер лидер система продукт контракт логистик экспорт импорт дизайн софт дом".split(),
    "word": "ромашка вектор горизонт меридиан рассвет каскад олимп спектр фаворит щит юность эдельвейс "
    "ёлочка жемчуг цитрон чайка хризантема якорь берёзка парус гранит алмаз восход сокол титан "
    "орион факел заря кристалл маяк родник лотос феникс атлант империал престиж форум".split(),
    "place": "северный южный волжский московский уральский невский сибирский балтийский".split(),
    "family": "иванов петров смирнов кузнецов щукин фёдоров цветков жуков хохлов юдин яковлев "
    "чернышёв шаповалов борисов егоров зайцев никитин орлов поляков рябов соловьёв".split(),
    "given": "иван пётр алексей сергей юрий михаил николай фёдор андрей дмитрий".split(),
    "father": "иванович петрович сергеевич юрьевич алексеевич николаевич".split(),
}
_WEST = {
    "first": "north south euro inter trans omni alpha nova delta terra blue silver stone river "
    "wood iron data med agro bio solar metal hydro aero rhein donau alpen nord".split(),
    "last": "tech works systems logistics trading foods tools design build power lines pack "
    "chemie bau holz stahl textil werk druck services pharma motors glass paper".split(),
    "family": "müller schmidt weber fischer wagner becker schäfer koch richter klein schröder "
    "smith jones taylor brown wilson evans walker wright hughes green baker".split(),
}
_JAPANESE = [
    ("山田", "yamada"), ("田中", "tanaka"), ("佐藤", "sato"), ("鈴木", "suzuki"), ("高橋", "takahashi"),
    ("渡辺", "watanabe"), ("中村", "nakamura"), ("小林", "kobayashi"), ("東洋", "toyo"), ("日新", "nisshin"),
    ("三和", "sanwa"), ("富士", "fuji"), ("大和", "yamato"), ("光陽", "koyo"), ("サクラ", "sakura"),
    ("ミナト", "minato"), ("アサヒ", "asahi"), ("ヒカリ", "hikari"), ("北星", "hokusei"), ("西川", "nishikawa"),
]  # fmt: skip
_TRADES = [
    ("商事", "shoji"), ("工業", "kogyo"), ("製作所", "seisakusho"), ("電機", "denki"), ("産業", "sangyo"),
    ("建設", "kensetsu"), ("食品", "shokuhin"), ("化学", "kagaku"), ("運輸", "unyu"), ("印刷", "insatsu"),
]  # fmt: skip
CITIES = {
    "RU": [("Москва", "Moscow", "495"), ("Санкт-Петербург", "St. Petersburg", "812"),
           ("Казань", "Kazan", "843"), ("Екатеринбург", "Yekaterinburg", "343"),
           ("Новосибирск", "Novosibirsk", "383"), ("Самара", "Samara", "846")],
    "DE": [("Köln", "Cologne", "221"), ("München", "Munich", "89"), ("Berlin", "Berlin", "30"),
           ("Hamburg", "Hamburg", "40")],
    "JP": [("東京", "Tokyo", "3"), ("大阪", "Osaka", "6"), ("名古屋", "Nagoya", "52")],
    "GB": [("London", "London", "20"), ("Leeds", "Leeds", "113"), ("Bristol", "Bristol", "117")],
}  # fmt: skip
STREETS = {
    "RU": "Ленина Мира Садовая Лесная Гагарина Пушкина Щорса Южная Цветочная Заводская".split(),
    "DE": "Haupt Bahnhof Garten Schiller Goethe Linden Ring Berg".split(),
    "JP": "本町 中央 栄町 大手町 緑町 桜台".split(),
    "GB": "High Church Station Victoria Mill Park London Queen".split(),
}
FORMS = {
    "RU": ["ООО", "ООО", "ООО", "АО", "ЗАО", "ПАО"],
    "DE": ["GmbH", "GmbH", "AG", "GmbH & Co. KG"],
    "JP": ["株式会社", "株式会社", "有限会社"],
    "GB": ["Ltd", "Ltd", "PLC", "LLP"],
}


@dataclass(frozen=True, slots=True)
class Company:
    """`other` is the name in Latin letters where people have one; `group` shares ways to reach it."""

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
        (kanji, romaji), (trade, said) = pick(_JAPANESE), pick(_TRADES)
        (more, spoken) = pick(_JAPANESE) if random.random() < 0.6 else ("", "")
        return f"{kanji}{more}{trade}", f"{romaji} {spoken} {said}".replace("  ", " ").title()
    if country == "RU":
        made = pick(_CYRILLIC["first"]) + pick(_CYRILLIC["last"])
        word, place = pick(_CYRILLIC["word"]), pick(_CYRILLIC["place"])
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
    made = f"{pick(_WEST['first'])}{pick(_WEST['last'])}"
    family = pick(_WEST["family"])
    shapes = (
        made,
        f"{family} {made}",
        f"{family} {pick(_WEST['last'])}",
        f"{family} & {pick(_WEST['family'])}",
    )
    return pick(shapes).title(), ""


def _person(random: Random) -> tuple[str, str]:
    words = (random.choice(_CYRILLIC[one]) for one in ("family", "given", "father"))
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
