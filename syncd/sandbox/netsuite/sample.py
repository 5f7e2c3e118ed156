"""What is in a company at first."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from decimal import Decimal

from syncd.sandbox.netsuite.company import (
    EUR,
    GERMANY,
    JAPAN,
    JPY,
    PARENT,
    RUB,
    USD,
    Days,
    single,
)
from syncd.sandbox.netsuite.ledger import Ledger
from syncd.sandbox.netsuite.papers import Lines, Terms, total
from syncd.sandbox.netsuite.people import People

WON = 13
CENT = Decimal("0.01")


def company(
    people: People,
    name: str,
    currency: int = USD,
    subsidiary: int = PARENT,
    at: dt.datetime | None = None,
    **more: object,
) -> int:
    values = {
        "companyname": name,
        "currency": currency,
        "subsidiary_": subsidiary,
        "entitystatus": WON,
        **more,
    }
    return people.customer(values, at)


def small(people: People, ledger: Ledger) -> None:
    """Everything awkward, once."""
    days = Days(ledger)
    old = days.at(-200)

    # Orders in all states; a payment over two invoices at another rate, a part of it unapplied.
    example = company(
        people,
        "ООО «Пример»",
        RUB,
        at=old,
        email="buh@example.com",
        phone="+7 495 000-00-00",
        terms=2,
        creditlimit=Decimal(100_000),
        salesrep=4,
        vatregnumber="7700000009",
    )
    people.address(
        example,
        {
            "addr1": "ул. Примерная, 1",
            "city": "Москва",
            "zip": "101000",
            "country": "RU",
            "addressee": "ООО «Пример»",
        },
    )
    people.contact(
        {
            "firstname": "Мария",
            "lastname": "Кузнецова",
            "email": "m@example.com",
            "company": example,
        },
        old,
    )
    order = ledger.order(example, single(50_500, 2), days.on(-52, Terms(employee=4)))
    first = ledger.invoice(example, single(50_500, 2), days.on(-50, due=-16), order)
    second = ledger.invoice(example, single("42000.00"), days.on(-23, due=11))
    stronger = Terms(memo="по счетам", rate=Decimal("0.0115"))
    paid = ledger.payment(example, Decimal(55_200), days.on(-21, stronger))
    ledger.apply(paid, first, Decimal(38_200), days.at(-21))
    ledger.apply(paid, second, Decimal(12_000), days.at(-20))
    ledger.order(example, single(13_500, 2, 2), days.on(-2, Terms(otherrefnum="D-43", employee=4)))

    # One order, two invoices; a credit memo applied; the first payment was voided.
    germany = company(
        people,
        "Beispiel & Söhne GmbH",
        EUR,
        GERMANY,
        old,
        email="ap@example.de",
        vatregnumber="DE000000000",
        terms=1,
    )
    order = ledger.order(germany, single("99.95", 1, 10), days.on(-40))
    half = ledger.invoice(germany, single("99.95", 1, 6), days.on(-38, due=-8), order)
    ledger.invoice(germany, single("99.95", 1, 3), days.on(-10, due=20), order)
    credit = ledger.credit(germany, single("49.95"), days.on(-30), half)
    ledger.apply(credit, half, Decimal("49.95"), days.at(-30))
    wrong = ledger.payment(germany, Decimal("549.75"), days.on(-9))
    ledger.apply(wrong, half, Decimal("549.75"), days.at(-9))
    ledger.void(wrong, days.at(-8))

    # Yen; an order with a deposit, which is applied in part.
    japan = company(
        people, "株式会社サンプル", JPY, JAPAN, old, phone="+81-3-0000-0000", salesrep=5
    )
    yen = ledger.invoice(japan, single(1_234_567, 3), days.on(-31, due=29))
    pay = ledger.payment(japan, Decimal(234_567), days.on(-5))
    ledger.apply(pay, yen, Decimal(234_567), days.at(-5))
    order = ledger.order(japan, single(80_000, 3), days.on(-9))
    deposit = ledger.deposit(japan, Decimal(80_000), days.on(-8), order)
    bill = ledger.invoice(japan, single(30_000, 3), days.on(-4, due=26))
    ledger.apply(deposit, bill, Decimal(30_000), days.at(-4))

    # A person; a write-off by a journal; money given back; an invoice that was deleted.
    person = people.customer(
        {
            "isperson": True,
            "firstname": "Пётр",
            "lastname": "Примеров",
            "subsidiary_": PARENT,
            "currency": RUB,
            "entitystatus": WON,
            "email": "petr@example.org",
        },
        old,
    )
    bad = ledger.invoice(person, single(333), days.on(-300, due=-270))
    ledger.apply(
        ledger.write_off(person, Decimal(333), days.on(-100, Terms(currency=RUB))),
        bad,
        Decimal(333),
        days.at(-100),
    )
    back = ledger.payment(person, Decimal(15_000), days.on(-40))
    ledger.refund(back, Decimal(4_000), days.on(-20))
    ledger.delete(ledger.invoice(person, single(777), days.on(-3)), days.at(-2))
    quiet = company(people, "Quiet Trade LLC", at=old)
    ledger.close(ledger.order(quiet, single(5_500), days.on(-11)), "C", days.at(-10))
    ledger.void(ledger.invoice(quiet, single(2_450), days.on(-90, due=-60)), days.at(-80))

    # Not yet customers.
    lead = {"subsidiary_": PARENT, "email": "lead@example.net"}
    people.customer({"companyname": "ООО «Новичок»", "entitystatus": 6, **lead}, days.at(-3))
    people.customer({"companyname": "候補商事", "entitystatus": 10, **lead}, days.at(-2))


NAMES = ("ООО «Покупатель {:05}»", "株式会社サンプル{:05}", "Sample Trading {:05} Inc.")


def large(people: People, ledger: Ledger, size: int, seed: int) -> None:
    """`size` customers with about seven documents each."""
    days, chance = Days(ledger), random.Random(seed)
    places = ((RUB, PARENT), (JPY, JAPAN), (USD, PARENT))
    for number in range(1, size + 1):
        currency, subsidiary = places[number % 3]
        who = company(
            people,
            NAMES[number % 3].format(number),
            currency,
            subsidiary,
            days.at(-chance.randint(301, 600)),
            email=f"ap{number}@example.com",
            terms=chance.randint(1, 3),
            salesrep=chance.choice((4, 5)),
        )
        _history(ledger, who, currency, days, chance)


def _history(ledger: Ledger, who: int, currency: int, days: Days, chance: random.Random) -> None:
    """Three invoices, most by an order; a payment over two of them, and something else."""
    unit = Decimal(1) if currency == JPY else CENT
    sold: list[tuple[int, int, Decimal]] = []
    for at in sorted(-chance.randint(3, 300) for _ in range(3)):
        lines = _lines(chance, unit)
        terms = days.on(at, Terms(employee=chance.choice((4, 5))), at + chance.choice((15, 30, 60)))
        order = None
        if chance.random() < 0.7:
            order = ledger.order(who, lines, replace(terms, due=None))
        sold.append((at, ledger.invoice(who, lines, terms, order), total(lines)))
    (_, one, first), (at, two, second), (last, three, third) = sold
    half, tenth = ((whole / by).quantize(unit) for whole, by in ((second, 2), (third, 10)))
    ahead = Decimal(chance.randint(0, 1) * chance.randint(100, 9_999))
    paid = ledger.payment(who, first + half + ahead, days.on(at))
    ledger.apply(paid, one, first, days.at(at))
    ledger.apply(paid, two, half, days.at(at))
    match chance.randrange(4):
        case 0:
            credit = ledger.credit(who, [(1, Decimal(1), tenth)], days.on(last), three)
            ledger.apply(credit, three, tenth, days.at(last))
        case 1:
            ledger.deposit(who, tenth, days.on(last))
        case 2:
            lost = ledger.write_off(who, tenth, days.on(last, Terms(currency=currency)))
            ledger.apply(lost, three, tenth, days.at(last))
        case _ if ahead:
            ledger.refund(paid, ahead, days.on(last))


def _lines(chance: random.Random, unit: Decimal) -> Lines:
    return [
        (item, Decimal(chance.randint(1, 9)), chance.randint(500, 90_000) * unit)
        for item in chance.sample(range(1, 6), chance.randint(1, 3))
    ]
