"""What is in the CRM at first: a small company, a larger one by number and seed, or a file."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from syncd.errors import UsageError
from syncd.sandbox.zoho_crm.crm import Crm, Row, User
from syncd.sandbox.zoho_crm.standard import STAGES
from syncd.sandbox.zoho_crm.wire import Bad, Json
from syncd.sandbox.zoho_crm.writing import Writing

START = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
USERS = (
    ("5725767000000411001", "Интеграция", "syncd", "integration@example.com"),
    ("5725767000000411002", "Анна", "Смирнова", "anna@example.com"),
    ("5725767000000411003", "健太", "佐藤", "kenta@example.com"),
    ("5725767000000411004", "Пётр", "Бывший", "petr@example.com"),
)
ACCOUNTS = (
    ("ООО «Пример»", "7700000009", "+7 495 000-00-01", "Москва", "Client"),
    ("ООО «Образец»", "7700000016", "+7 495 000-00-02", "Москва", "Client"),
    ("ИП Кузнецова Е. А.", "770000000031", "+7 812 000-00-03", "Санкт-Петербург", "Client"),
    ("Sample Trade LLC", "", "+1 202 555 0100", "Boston", "Client"),
    ("株式会社サンプル", "", "+81 3 0000 0000", "東京", "Client"),
    ("ООО «Новый клиент»", "7700000023", "+7 495 000-00-04", "Тверь", "Prospect"),
)
CONTACTS = (
    (0, "Елена", "Кузнецова", "Client"),
    (0, "Игорь", "Ёлкин", "Client"),
    (1, "Мария", "Орлова", "Client"),
    (2, "Екатерина", "Кузнецова", "Client"),
    (3, "John", "O'Brien", "Client"),
    (4, "花子", "山田", "Client"),
    (5, "Олег", "Петров", "Prospect"),
)
DEALS = (
    (0, 0, "Поставка на осень", "Closed Won", 239500.0),
    (1, 2, "Оборудование склада", "Negotiation/Review", 1204000.0),
    (2, 3, "Пробная партия", "Qualification", 18900.5),
    (3, 4, "Spare parts", "Proposal/Price Quote", 41200.0),
    (4, 5, "年間契約", "Closed Won", 980000.0),
    (5, 6, "Первая поставка", "Negotiation/Review", 310000.0),
    (5, 6, "Сервис", "Closed Lost", 25000.0),
)
LEADS = (
    ("Виктор", "Сомов", "ООО «Северный ветер»", "Contacted"),
    ("美咲", "鈴木", "鈴木商店", "Not Contacted"),
    ("Ann", "Lee", "Lee & Sons", "Pre-Qualified"),
)
FORMS = ("ООО «{}»", "АО «{}»", "ИП {}", "{} LLC", "株式会社{}")
ROOTS = ("Вектор", "Сфера", "Ёлка", "Гранит", "Orion", "Маяк", "Delta", "さくら", "Луч", "Кедр")


def fill(crm: Crm, data: Path | None, seed: int, size: int | None) -> None:
    for id, first, last, email in USERS:
        crm.users[id] = User(id, first, last, email, active=last != "Бывший")
    if data is not None:
        _file(crm, data)
    elif size is None:
        _small(crm)
    else:
        _large(crm, random.Random(seed), size)
    crm.written.clear()


class Filling:
    """Records written one after another, some minutes apart; several in the same second."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.count = 0

    def add(self, module: str, values: Json, owner: int = 1) -> str:
        user = USERS[owner][0]
        call = Writing(self.crm, self.crm.module(module), user, trigger=[])
        id: str = call.insert(values, "$")["details"]["id"]
        row = self.crm.get(id, module)
        assert row
        self._date(row)
        return id

    def _date(self, row: Row) -> None:
        at = START + timedelta(minutes=7 * (self.count // 3))
        row.created = row.modified = at
        self.count += 1


def _small(crm: Crm) -> None:
    to = Filling(crm)
    accounts = [
        to.add(
            "Accounts",
            {
                "Account_Name": name,
                "Tax_ID": tax,
                "Phone": phone,
                "Billing_City": city,
                "Customer_Status": status,
                "Account_Type": "Customer" if status == "Client" else "Prospect",
            },
            1 + number % 2,
        )
        for number, (name, tax, phone, city, status) in enumerate(ACCOUNTS)
    ]
    contacts = [
        to.add(
            "Contacts",
            {
                "First_Name": first,
                "Last_Name": last,
                "Email": f"contact{number}@example.com",
                "Account_Name": accounts[of],
                "Customer_Status": status,
            },
        )
        for number, (of, first, last, status) in enumerate(CONTACTS)
    ]
    for of, contact, name, stage, amount in DEALS:
        to.add("Deals", _deal(name, accounts[of], contacts[contact], stage, amount))
    for number, (first, last, company, status) in enumerate(LEADS):
        to.add(
            "Leads",
            {
                "First_Name": first,
                "Last_Name": last,
                "Company": company,
                "Email": f"lead{number}@example.com",
                "Lead_Status": status,
            },
        )
    to.add("Products", {"Product_Name": "Стол офисный", "Product_Code": "A-1", "Unit_Price": 5000})


def _deal(name: str, account: str, contact: str, stage: str, amount: float) -> Json:
    return {
        "Deal_Name": name,
        "Account_Name": account,
        "Contact_Name": contact,
        "Stage": stage,
        "Amount": amount,
        "Closing_Date": "2026-12-15",
    }


def _large(crm: Crm, chance: random.Random, size: int) -> None:
    to = Filling(crm)
    for number in range(1, size + 1):
        root = f"{chance.choice(ROOTS)}-{number}"
        city = chance.choice(("Москва", "Казань", "Boston", "大阪"))
        account = to.add(
            "Accounts",
            {
                "Account_Name": chance.choice(FORMS).format(root),
                "Tax_ID": inn(chance),
                "Phone": f"+7 495 {number:07d}",
                "Billing_City": city,
                "Customer_Status": chance.choice(("Client", "Client", "Prospect")),
            },
            chance.choice((1, 2)),
        )
        contact = to.add(
            "Contacts",
            {
                "First_Name": chance.choice(("Анна", "Игорь", "花子", "John")),
                "Last_Name": root,
                "Email": f"contact{number}@example.com",
                "Account_Name": account,
            },
        )
        if chance.random() < 0.5:
            amount = chance.randrange(100_00, 900_000_00) / 100
            to.add(
                "Deals", _deal(f"Сделка {root}", account, contact, chance.choice(STAGES), amount)
            )


def inn(chance: random.Random) -> str:
    """Tax number of a Russian company that does not exist, with a right check digit."""
    digits = [7, 7, *(chance.randrange(10) for _ in range(7))]
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    check = sum(a * b for a, b in zip(weights, digits, strict=True)) % 11 % 10
    return "".join(map(str, [*digits, check]))


def _file(crm: Crm, path: Path) -> None:
    """{"Accounts": [{"Account_Name": ...}], "Contacts": [...]}: API names; a lookup names a
    record by the `id` that an earlier one has in the file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--data {path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"--data {path}: is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise UsageError(f'--data {path}: expected {{"Accounts": [...], ...}}')
    to, ids = Filling(crm), dict[str, str]()
    for module, rows in found.items():
        if module not in crm.modules:
            known = ", ".join(sorted(crm.modules))
            raise UsageError(f"--data {path}: there is no module {module}; there are: {known}")
        for number, values in enumerate(rows):
            _row(to, module, values, ids, f"--data {path}: {module}[{number}]")


def _row(to: Filling, module: str, values: Any, ids: dict[str, str], place: str) -> None:
    if not isinstance(values, dict):
        raise UsageError(f"{place}: expected an object")
    own = values.pop("id", None)
    linked = {
        name: ids.get(value, value) if isinstance(value, str) else value
        for name, value in values.items()
    }
    try:
        made = to.add(module, linked)
    except Bad as bad:
        details = bad.element["details"]
        raise UsageError(f"{place}: {bad.element['message']}: {details}") from None
    if own is not None:
        ids[str(own)] = made
