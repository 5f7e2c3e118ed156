"""What is in the account at first: a small company, a larger one by number and seed, or a file."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from syncd.errors import UsageError
from syncd.sandbox.megaplan.account import PROGRAM_ID, Account, Entity
from syncd.sandbox.megaplan.schema import (
    COMPANY,
    DEAL,
    EMPLOYEE,
    HUMAN,
    PAYER,
    PROGRAM,
    STATE,
    STATUS,
    TYPE,
)
from syncd.sandbox.megaplan.wire import Json, Refused, bare
from syncd.sandbox.megaplan.writes import checked

START = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
OWN = "ООО «Пример-Торг»"
EMPLOYEES = (
    ("Интеграция", "syncd", "integration@example.com", "Интеграция"),
    ("Анна", "Смирнова", "anna@example.com", "Менеджер"),
    ("健太", "佐藤", "kenta@example.com", "Менеджер"),
    ("Пётр", "Бывший", "petr@example.com", "Уволен"),
)
TYPES = ("Клиент", "Контакт", "Партнёр", "Поставщик", "Конкурент")
STATUSES = ("Новый", "В работе", "Постоянный")
STATES = (
    ("Обращение", "active"),
    ("Переговоры", "active"),
    ("Успех", "positive"),
    ("Отказ", "negative"),
)
CARD: Mapping[str, str] = {
    "Код в учёте": "text",
    "ИНН": "text",
    "Валюта расчётов": "text",
    "Расчёты": "text",
    "Долг": "money",
    "Просрочено": "money",
    "Просрочено с": "date",
    "Аванс": "money",
    "К зачёту": "money",
    "Давность": "text",
    "Продажи": "money",
    "Средний заказ": "money",
    "Заказов": "integer",
    "Первый заказ": "date",
    "Последний заказ": "date",
    "Последняя оплата": "date",
    "Заказы": "text",
    "Открытых заказов": "integer",
    "К отгрузке": "money",
    "Стадия": "text",
    "Продавец": "text",
    "Нет в учёте": "text",
}
"""What an administrator has made for syncd, by its label."""
COMPANIES = (
    ("ООО «Пример»", "7700000009", "+7 495 000-00-01", "Клиент"),
    ("ООО «Образец»", "7700000016", "+7 495 000-00-02", "Клиент"),
    ("ИП Кузнецова Е. А.", "770000000031", "+7 812 000-00-03", "Клиент"),
    ("Sample Trade LLC", "", "+1 202 555 0100", "Клиент"),
    ("株式会社サンプル", "", "+81 3 0000 0000", "Клиент"),
    ("ООО «Новый клиент»", "7700000023", "+7 495 000-00-04", "Контакт"),
)
HUMANS = (
    (0, "Елена", "Игоревна", "Кузнецова", "Бухгалтер"),
    (0, "Игорь", "", "Ёлкин", "Закупки"),
    (1, "Мария", "", "Орлова", "Директор"),
    (3, "John", "", "O'Brien", "Buyer"),
    (4, "花子", "", "山田", "経理"),
)
DEALS = (
    (0, "Поставка на осень", 2, "239500"),
    (1, "Оборудование склада", 1, "1204000"),
    (2, "Пробная партия", 0, "18900.5"),
    (3, "Spare parts", 1, "41200"),
    (4, "年間契約", 2, "980000"),
    (5, "Первая поставка", 1, "310000"),
    (5, "Сервис", 3, "25000"),
)
FORMS = ("ООО «{}»", "АО «{}»", "ИП {}", "{} LLC", "株式会社{}")
ROOTS = ("Вектор", "Сфера", "Ёлка", "Гранит", "Orion", "Маяк", "Delta", "さくら", "Луч", "Кедр")


def fill(account: Account, data: Path | None, seed: int, size: int | None) -> None:
    account.own = OWN
    to = Filling(account)
    to.directories()
    to.prepare()
    if data is not None:
        _file(to, data)
    elif size is None:
        _small(to)
    else:
        _large(to, random.Random(seed), size)


class Filling:
    """Entities made one after another, some minutes apart; several in the same second."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.count = 0
        self.types: dict[str, Json] = {}
        self.states: list[Json] = []
        self.program: Json = {}

    def add(self, type: str, values: Mapping[str, Any], by: int = 1) -> Entity:
        made = self.account.add(type, values, str(1_000_001 + by))
        made.created = made.updated = START + timedelta(minutes=7 * (self.count // 3))
        if type == DEAL:
            made.values["stateTimeUpdated"] = made.created
        self.count += 1
        return made

    def directories(self) -> None:
        for first, last, email, position in EMPLOYEES:
            gone = {"contentType": "DateOnly", "year": 2026, "month": 5, "day": 30}
            self.add(
                EMPLOYEE,
                {
                    "name": f"{last} {first}",
                    "firstName": first,
                    "lastName": last,
                    "position": position,
                    "contactInfo": [info("email", email)],
                    "fireDay": gone if position == "Уволен" else None,
                },
            )
        self.types = {name: self.add(TYPE, {"name": name}).link for name in TYPES}
        for name in STATUSES:
            self.add(STATUS, {"name": name})
        self.account._last[PROGRAM] = PROGRAM_ID - 1
        self.program = self.add(PROGRAM, {"name": "Продажи"}).link
        for name, type in STATES:
            values = {"name": name, "type": type, "program": self.program}
            self.states.append(self.add(STATE, values).link)

    def prepare(self) -> None:
        for label, kind in CARD.items():
            for type in (COMPANY, HUMAN):
                self.account.make_field(type, label, kind, given=True)

    def company(self, name: str, phone: str, type: str, by: int, tax: str = "") -> Entity:
        values: Json = {
            "name": name,
            "type": self.types[type],
            "contactInfo": [info("phone", phone)],
            "responsibles": [bare(EMPLOYEE, str(1_000_001 + by))],
        }
        made = self.add(COMPANY, values, by)
        if tax:
            payer: Json = {
                "name": name,
                "type": "Legal",
                "country": bare("Country", "RU"),
                "inn": tax,
                "contractor": made.link,
            }
            self.add(PAYER, payer, by)
        return made

    def human(self, of: Entity | None, first: str, middle: str, last: str, position: str) -> Entity:
        values: Json = {
            "firstName": first,
            "middleName": middle or None,
            "lastName": last,
            "company": of.link if of else None,
            "position": position,
            "type": self.types["Контакт"],
            "contactInfo": [info("email", f"person{self.count}@example.com")],
        }
        return self.add(HUMAN, values)

    def deal(self, of: Entity, name: str, state: int, price: Decimal) -> Entity:
        values = {
            "name": name,
            "program": self.program,
            "state": self.states[state],
            "contractor": of.link,
            "manager": bare(EMPLOYEE, "1000002"),
            "price": {"contentType": "Money", "currency": "RUB", "value": price},
        }
        return self.add(DEAL, values)


def info(type: str, value: str) -> Json:
    return {"contentType": "ContactInfo", "type": type, "value": value, "isMain": True}


def _small(to: Filling) -> None:
    made = [
        to.company(name, phone, type, 1 + number % 2, tax)
        for number, (name, tax, phone, type) in enumerate(COMPANIES)
    ]
    for of, *person in HUMANS:
        to.human(made[of], *person)
    for of, name, state, price in DEALS:
        to.deal(made[of], name, state, Decimal(price))


def _large(to: Filling, chance: random.Random, size: int) -> None:
    for number in range(1, size + 1):
        root = f"{chance.choice(ROOTS)}-{number}"
        name = chance.choice(FORMS).format(root)
        type = chance.choice(("Клиент", "Клиент", "Контакт"))
        company = to.company(name, f"+7 495 {number:07d}", type, chance.choice((1, 2)), inn(chance))
        to.human(company, chance.choice(("Анна", "Игорь", "花子", "John")), "", root, "Закупки")
        if chance.random() < 0.5:
            price = Decimal(chance.randrange(100_00, 900_000_00)) / 100
            to.deal(company, f"Сделка {root}", chance.randrange(len(STATES)), price)


def inn(chance: random.Random) -> str:
    """Tax number of a Russian company that does not exist, with a right check digit."""
    digits = [7, 7, *(chance.randrange(10) for _ in range(7))]
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    check = sum(a * b for a, b in zip(weights, digits, strict=True)) % 11 % 10
    return "".join(map(str, [*digits, check]))


def _file(to: Filling, path: Path) -> None:
    """{"ContractorCompany": [{"name": ..., "Долг": {...}}], "Deal": [...]}: names of the API, extra
    fields by their label; a link names by `id` what an earlier one has in the file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise UsageError(f"--data {path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"--data {path}: is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise UsageError(f'--data {path}: expected {{"ContractorCompany": [...], ...}}')
    ids: dict[tuple[str, str], str] = {}
    for type, rows in found.items():
        if type not in (COMPANY, HUMAN, DEAL):
            raise UsageError(
                f"--data {path}: there is no {type}; there are: {COMPANY}, {HUMAN}, {DEAL}"
            )
        for number, values in enumerate(rows if isinstance(rows, list) else [rows]):
            _row(to, type, values, ids, f"--data {path}: {type}[{number}]")


def _row(to: Filling, type: str, values: Any, ids: dict[tuple[str, str], str], place: str) -> None:
    if not isinstance(values, dict):
        raise UsageError(f"{place}: expected an object")
    own = values.pop("id", None)
    labels = {one.label: one.name for one in to.account.extra(type).values()}
    sent = {str(labels.get(name, name)): _linked(value, ids) for name, value in values.items()}
    try:
        taken = checked(to.account, type, sent, None)
    except Refused as refused:
        raise UsageError(f"{place}: {refused.field}: {refused.message}") from None
    if type == DEAL:
        taken = {"program": to.program, "state": to.states[0], **taken}
        if isinstance(values.get("state"), dict):
            taken["state"] = values["state"]
    made = to.add(type, taken)
    if own is not None:
        ids[type, str(own)] = made.id


def _linked(value: Any, ids: Mapping[tuple[str, str], str]) -> Any:
    if isinstance(value, list):
        return [_linked(one, ids) for one in value]
    if isinstance(value, dict) and (value.get("contentType"), str(value.get("id"))) in ids:
        return {**value, "id": ids[value["contentType"], str(value["id"])]}
    return value
