"""Words that names, towns and streets of the made-up companies are put together from."""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


CYRILLIC = {
    "first": _words(
        "строй техно пром агро мед авто энерго транс метал лес евро сиб юг волга урал спец "
        "гео гидро нефте хим био эко инвест тепло свет вент мебель текстиль торг снаб проект"
    ),
    "last": _words(
        "сервис торг маш комплект снаб монтаж инвест групп трейд плюс ресурс альянс центр "
        "мастер лидер система продукт контракт логистик экспорт импорт дизайн софт дом"
    ),
    "word": _words(
        "ромашка вектор горизонт меридиан рассвет каскад олимп спектр фаворит щит юность "
        "эдельвейс ёлочка жемчуг цитрон чайка хризантема якорь берёзка парус гранит алмаз "
        "восход сокол титан орион факел заря кристалл маяк родник лотос феникс атлант "
        "империал престиж форум"
    ),
    "place": _words("северный южный волжский московский уральский невский сибирский балтийский"),
    "family": _words(
        "иванов петров смирнов кузнецов щукин фёдоров цветков жуков хохлов юдин яковлев "
        "чернышёв шаповалов борисов егоров зайцев никитин орлов поляков рябов соловьёв"
    ),
    "given": _words("иван пётр алексей сергей юрий михаил николай фёдор андрей дмитрий"),
    "father": _words("иванович петрович сергеевич юрьевич алексеевич николаевич"),
}
WEST = {
    "first": _words(
        "north south euro inter trans omni alpha nova delta terra blue silver stone river "
        "wood iron data med agro bio solar metal hydro aero rhein donau alpen nord"
    ),
    "last": _words(
        "tech works systems logistics trading foods tools design build power lines pack "
        "chemie bau holz stahl textil werk druck services pharma motors glass paper"
    ),
    "family": _words(
        "müller schmidt weber fischer wagner becker schäfer koch richter klein schröder smith "
        "jones taylor brown wilson evans walker wright hughes green baker"
    ),
}
JAPANESE = [
    ("山田", "yamada"), ("田中", "tanaka"), ("佐藤", "sato"), ("鈴木", "suzuki"),
    ("高橋", "takahashi"), ("渡辺", "watanabe"), ("中村", "nakamura"), ("小林", "kobayashi"),
    ("東洋", "toyo"), ("日新", "nisshin"), ("三和", "sanwa"), ("富士", "fuji"),
    ("大和", "yamato"), ("光陽", "koyo"), ("サクラ", "sakura"), ("ミナト", "minato"),
    ("アサヒ", "asahi"), ("ヒカリ", "hikari"), ("北星", "hokusei"), ("西川", "nishikawa"),
]  # fmt: skip
TRADES = [
    ("商事", "shoji"), ("工業", "kogyo"), ("製作所", "seisakusho"), ("電機", "denki"),
    ("産業", "sangyo"), ("建設", "kensetsu"), ("食品", "shokuhin"), ("化学", "kagaku"),
    ("運輸", "unyu"), ("印刷", "insatsu"),
]  # fmt: skip
CITIES = {
    "RU": [
        ("Москва", "Moscow", "495"),
        ("Санкт-Петербург", "St. Petersburg", "812"),
        ("Казань", "Kazan", "843"),
        ("Екатеринбург", "Yekaterinburg", "343"),
        ("Новосибирск", "Novosibirsk", "383"),
        ("Самара", "Samara", "846"),
    ],
    "DE": [
        ("Köln", "Cologne", "221"),
        ("München", "Munich", "89"),
        ("Berlin", "Berlin", "30"),
        ("Hamburg", "Hamburg", "40"),
    ],
    "JP": [("東京", "Tokyo", "3"), ("大阪", "Osaka", "6"), ("名古屋", "Nagoya", "52")],
    "GB": [("London", "London", "20"), ("Leeds", "Leeds", "113"), ("Bristol", "Bristol", "117")],
}
STREETS = {
    "RU": _words("Ленина Мира Садовая Лесная Гагарина Пушкина Щорса Южная Цветочная Заводская"),
    "DE": _words("Haupt Bahnhof Garten Schiller Goethe Linden Ring Berg"),
    "JP": _words("本町 中央 栄町 大手町 緑町 桜台"),
    "GB": _words("High Church Station Victoria Mill Park London Queen"),
}
FORMS = {
    "RU": ["ООО", "ООО", "ООО", "АО", "ЗАО", "ПАО"],
    "DE": ["GmbH", "GmbH", "AG", "GmbH & Co. KG"],
    "JP": ["株式会社", "株式会社", "有限会社"],
    "GB": ["Ltd", "Ltd", "PLC", "LLP"],
}
