"""Companies a sandbox starts with: a small one in which everything awkward happens once, and one
of any size whose documents fall as chance has it, the same for the same seed."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from syncd.sandbox.onec.base import Base
from syncd.sandbox.onec.trade.desk import Desk, Lines, Person, Terms

WEIGHTS = (2, 4, 10, 3, 5, 9, 4, 6, 8)
CURRENCIES = {
    "643": ("RUB", "Российский рубль"),
    "978": ("EUR", "Евро"),
    "840": ("USD", "Доллар США"),
    "392": ("JPY", "Японская иена"),
}


@dataclass(frozen=True, slots=True)
class House:
    """What every document needs: keys."""

    organisations: Sequence[str]
    currencies: dict[str, str]
    sellers: Sequence[str]
    items: Sequence[str]


def tax_id(number: int) -> str:
    """A ten-digit ИНН with the right check digit. `number` has at most nine digits."""
    digits = f"{number:09}"
    check = sum(int(one) * weight for one, weight in zip(digits, WEIGHTS, strict=True)) % 11 % 10
    return f"{digits}{check}"


def own_kinds(base: Base) -> None:
    """The kinds that 1C's library of subsystems brings, as far as anybody here needs them."""
    ut = base.configuration.name == "ut"
    kinds = {
        "ТелефонКонтактногоЛица": "Телефон",
        "EmailКонтактногоЛица": "АдресЭлектроннойПочты",
        "АдресДоставкиПартнера" if ut else "ФактАдресКонтрагента": "Адрес",
    }
    for name, kind in kinds.items():
        values = {"Description": name, "Тип": kind, "Predefined": True, "PredefinedDataName": name}
        key = str(uuid.uuid5(uuid.NAMESPACE_OID, name))
        base.create("Catalog_ВидыКонтактнойИнформации", dict(values), key)


def house(base: Base) -> House:
    def make(name: str, **values: object) -> str:
        return str(base.create(name, dict(values))["Ref_Key"])

    currencies = {
        code: make("Catalog_Валюты", Code=number, Description=code, НаименованиеПолное=full)
        for number, (code, full) in CURRENCIES.items()
    }
    organisations = [
        make(
            "Catalog_Организации",
            Description=name,
            НаименованиеПолное=f"Общество с ограниченной ответственностью «{name[5:-1]}»",
            ИНН=tax_id(770100000 + number),
            КПП="770101001",
        )
        for number, name in enumerate(("ООО «Пример-Торг»", "ООО «Пример-Опт»"))
    ]
    make("Catalog_СтавкиНДС", Description="20%", Ставка=Decimal(20))
    for kind in ("Телефон", "АдресЭлектроннойПочты"):
        make("Catalog_ВидыКонтактнойИнформации", Description=kind, Тип=kind)
    if base.switches.contact_kinds:
        own_kinds(base)
    sellers = [make("Catalog_Пользователи", Description=f"Продавец {n}") for n in (1, 2, 3)]
    items = [
        make(
            "Catalog_Номенклатура",
            Description=name,
            НаименованиеПолное=name,
            Артикул=f"A-{number:04}",
        )
        for number, name in enumerate(("Кабель силовой", "Насос", "Лампа", "Доставка", "見本品"), 1)
    ]
    for code, rate in (("EUR", "101.5"), ("USD", "93.25"), ("JPY", "0.62")):
        values = {"Валюта_Key": currencies[code], "Курс": Decimal(rate), "Кратность": Decimal(1)}
        base.create("InformationRegister_КурсыВалют", {"Period": "2026-01-01T00:00:00", **values})
    return House(organisations, currencies, sellers, items)


class Days:
    """Moments before and after today, on the server's wall."""

    def __init__(self, base: Base) -> None:
        self.today = dt.date.fromisoformat(base.now()[:10])

    def at(self, days: int, time: str = "10:00:00") -> str:
        return f"{self.today + dt.timedelta(days=days)}T{time}"

    def due(self, days: int, *amounts: int | Decimal) -> list[tuple[str, Decimal]]:
        """One date each, ten days apart."""
        return [(self.at(days + 10 * n, "00:00:00"), Decimal(one)) for n, one in enumerate(amounts)]


def small(desk: Desk) -> None:
    here, days = house(desk.base), Days(desk.base)
    trade, wholesale = here.organisations
    rub = Terms(trade, here.currencies["RUB"], seller=here.sellers[0])

    def goods(amount: int | str, item: int = 0) -> Lines:
        return [(here.items[item], Decimal(1), Decimal(amount))]

    def sold(who: str, amount: int, on: int, due: int, terms: Terms = rub) -> str:
        """An order, shipped two days later."""
        key = desk.order(who, goods(amount), replace(terms, due=days.due(due, amount)), days.at(on))
        desk.ship(key, days.at(min(on + 2, 0), "09:00:00"))
        return key

    # Orders in all states, a return, and a payment of which a part names no order.
    example = desk.customer(
        Person(
            "ООО «Пример»",
            tax_id(770000000),
            "770001001",
            phone="8 (495) 000-00-00",
            email="buh@example.com",
        )
    )
    desk.pay(example, {sold(example, 120_000, -79, -49): Decimal(120_000)}, rub, days.at(-40))
    second = sold(example, 50_500, -50, -16)
    third = sold(example, 42_000, -23, 11)
    fourth = replace(rub, due=days.due(28, 27_000), comment="Сделка #D-43")
    desk.order(example, [(here.items[1], Decimal(2), Decimal(13_500))], fourth, days.at(-2))
    desk.pay(example, {second: Decimal(38_200), "": Decimal(5_000)}, rub, days.at(-21))
    desk.take_back(third, Decimal(6_100), days.at(-2))

    # One tax id, two branches; one commercial partner.
    head = desk.customer(
        Person("ООО «Образец»", tax_id(540000000), "540001001", email="a@example.org")
    )
    partner = desk.base.get(desk.customers, head).get("Партнер_Key")
    branch = desk.customer(
        Person("ООО «Образец», Томск", tax_id(540000000), "701743001", partner=partner)
    )
    sold(head, 10_000, -60, -30)
    desk.pay(branch, {sold(branch, 7_350, -12, 18): Decimal(350)}, rub, days.at(-1), by="cash")

    # One payment over three orders, by card too; a price in two stages.
    entrepreneur = desk.customer(
        Person("ИП Примеров П. П.", "500100732259", full_name="Примеров Пётр Петрович")
    )
    three = [
        sold(entrepreneur, amount, -30 + n, -n) for n, amount in enumerate((700, 1_500, 3_000))
    ]
    parts = {three[0]: Decimal(700), three[1]: Decimal(1_500), three[2]: Decimal(800)}
    desk.pay(entrepreneur, parts, rub, days.at(-5))
    staged = replace(rub, due=days.due(-5, 4_000, 6_000))
    desk.ship(desk.order(entrepreneur, goods(10_000, 2), staged, days.at(-20)), days.at(-19))
    desk.pay(entrepreneur, {three[2]: Decimal(200)}, rub, days.at(-3), by="card")

    # Paid before shipment, half of it shipped; paid without any order.
    ahead = desk.customer(Person("ООО «Аванс»", tax_id(780000001), "780001001"))
    order = desk.order(ahead, goods(80_000, 1), replace(rub, due=days.due(5, 80_000)), days.at(-9))
    desk.pay(ahead, {order: Decimal(80_000)}, rub, days.at(-8))
    desk.ship(order, days.at(-4), share=Decimal("0.5"))
    unknown = desk.customer(Person("АО «Без заказа»", tax_id(780000002), "780001002"))
    desk.pay(unknown, {"": Decimal("9400.50")}, replace(rub, comment="По счету 17"), days.at(-6))

    # Paid, returned, and the money given back; a correction downwards; a debt written off.
    refunded = desk.customer(Person("ООО «Возврат»", tax_id(660000001), "660001001"))
    back = sold(refunded, 15_000, -45, -15)
    desk.pay(refunded, {back: Decimal(15_000)}, rub, days.at(-40))
    desk.take_back(back, Decimal(5_000), days.at(-30))
    desk.refund(refunded, {back: Decimal(4_000)}, rub, days.at(-20))
    corrected = desk.customer(Person("ООО «Корректировка»", tax_id(660000002), "660001002"))
    desk.correct(sold(corrected, 20_000, -35, -5), Decimal("-1250.75"), days.at(-10))
    desk.write_off(sold(corrected, 333, -300, -270), Decimal(333), days.at(-100))

    # Abroad: euros, and yen of the second organisation.
    euro = replace(rub, currency=here.currencies["EUR"], seller=here.sellers[1])
    sample = desk.customer(Person("Sample Trade LLC", "", email="ap@example.net"))
    desk.pay(sample, {sold(sample, 11_600, -70, -40, euro): Decimal(5_000)}, euro, days.at(-20))
    yen = replace(euro, organisation=wholesale, currency=here.currencies["JPY"])
    japan = desk.customer(
        Person(
            "株式会社サンプル", "", full_name="株式会社サンプル 東京本社", phone="+81-3-0000-0000"
        )
    )
    sold(japan, 1_234_567, -31, 29, yen)
    sold(example, 64_000, -15, 15, replace(rub, organisation=wholesale))

    # What counts for nothing: unposted, marked, and a customer without documents.
    quiet = desk.customer(Person("ООО «Тишина»", tax_id(230000001), "230001001"))
    desk.pay(quiet, {"": Decimal(777)}, rub, days.at(-1), post=False)
    marked = desk.order(quiet, goods(5_500), rub, days.at(-11), post=False)
    desk.base.change(desk.orders, marked, {"DeletionMark": True})
    desk.order(quiet, goods(6_600), rub, days.at(-1), post=False)
    desk.customer(Person("ООО «Новичок»", tax_id(230000002), "230001002"))
    sold(quiet, 2_450, -200, -170)  # typed today, dated far back


def large(desk: Desk, size: int, seed: int) -> None:
    """`size` customers with ten documents each."""
    here, days, chance = house(desk.base), Days(desk.base), random.Random(seed)
    for number in range(1, size + 1):
        who = desk.customer(
            Person(
                f"ООО «Покупатель {number:04}»",
                tax_id(500000000 + number),
                f"5001{number % 100000:05}",
            )
        )
        abroad = chance.random() < 0.1
        terms = Terms(
            here.organisations[chance.random() < 0.2],
            here.currencies["EUR" if abroad else "RUB"],
            seller=chance.choice(here.sellers),
        )
        _history(desk, who, terms, here, days, chance)


def _history(
    desk: Desk, who: str, terms: Terms, here: House, days: Days, chance: random.Random
) -> None:
    """Four orders, three of them shipped; a payment, one over two orders, and something else."""
    orders = []
    for _ in range(4):
        on = -chance.randint(3, 300)
        lines = [
            (
                chance.choice(here.items),
                Decimal(chance.randint(1, 9)),
                Decimal(chance.randint(500, 900_000)) / 100,
            )
            for _ in range(chance.randint(1, 4))
        ]
        whole = sum(
            ((quantity * price).quantize(Decimal("0.01")) for _, quantity, price in lines),
            Decimal(0),
        )
        due = days.due(on + chance.choice((14, 30, 60)), whole)
        orders.append(
            (on, whole, desk.order(who, lines, replace(terms, due=due), days.at(on, _time(chance))))
        )
    for on, _, key in orders[:3]:
        share = chance.choice((Decimal(1), Decimal(1), Decimal("0.5")))
        desk.ship(key, days.at(min(on + chance.randint(0, 5), 0), _time(chance)), share)
    (first_on, first, one), (_, second, two), (third_on, third, three), _ = orders
    ahead: dict[str, Decimal] = (
        {"": Decimal(chance.randint(100, 9_999))} if chance.random() < 0.2 else {}
    )
    part = (second * chance.choice((0, 25, 50, 100)) / 100).quantize(Decimal("0.01"))
    both = {one: first, two: part, **ahead} if part else {one: first, **ahead}
    paid = days.at(min(first_on + 20, 0), _time(chance))
    desk.pay(who, both, terms, paid, chance.choice(("bank", "bank", "cash")))
    half = (third / 2).quantize(Decimal("0.01"))
    desk.pay(
        who,
        {three: half},
        terms,
        days.at(min(third_on + 9, 0), _time(chance)),
        post=chance.random() < 0.9,
    )
    small_part = (third / 10).quantize(Decimal("0.01"))
    after = days.at(min(third_on + 15, 0), _time(chance))
    what = chance.randrange(3)
    if what == 0:
        desk.take_back(three, small_part, after)
    elif what == 1:
        desk.correct(three, -small_part, after)
    else:
        desk.refund(who, {one: small_part}, terms, after)


def _time(chance: random.Random) -> str:
    return f"{chance.randint(8, 18):02}:{chance.randint(0, 59):02}:{chance.randint(0, 59):02}"
