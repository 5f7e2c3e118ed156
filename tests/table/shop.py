"""The files of the documentation's page, at a desk over the memory world."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml

from tests.cli.desk import Desk
from tests.docs.pages import ROOT, blocks
from tests.table.exports import csv_of, xlsx_of

PAGE = ROOT / "docs" / "connect-spreadsheets.md"
PAYMENTS = [
    ["Оплаты за ноябрь 2026"],
    [],
    ["Номер", "Дата", "Покупатель", "Сумма", "Накладная", "Зачтено", "Примечание"],
    ["000017", "18.11.2026", "0001", "1 500,00", "Н-1", "1 000,00", ""],
    ["000017", "18.11.2026", "0001", "1 500,00", "Н-2", "500,00", ""],
    ["000018", "18.11.2026", "0002", "99,90", "Н-3", "99,90", "аванс"],
    ["000019", "18.11.2026", "0002", "12,3O", "", "", ""],
    ["", "", "Итого", "1 599,90", "", "", ""],
]


def shown(mark: str) -> str:
    """What the page has under this mark."""
    return next(block.body for block in blocks(PAGE) if block.mark == mark)


def save(desk: Desk, name: str, content: bytes, ago: float = 60) -> Path:
    file = desk.folder / "exports" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    at = desk.clock.utc().timestamp() - ago
    os.utime(file, (at, at))
    return file


def lay(desk: Desk) -> None:
    """The books are a folder of exports from now on."""
    folder = desk.folder / "connectors"
    folder.mkdir(exist_ok=True)
    (folder / "exports.yaml").write_text(shown("yaml connector exports"), encoding="utf-8")
    desk.mapping("exports", shown("yaml mapping exports"))
    written = yaml.safe_load(desk.config.read_text(encoding="utf-8"))
    written["connections"]["books"] = {
        "system": "exports",
        "url": f"file://{desk.folder}/exports",
        "company": "ООО «Ромашка»",
    }
    desk.config.write_text(yaml.safe_dump(written), encoding="utf-8")
    save(desk, "payments.csv", csv_of(PAYMENTS))


def the_rest(desk: Desk) -> None:
    """The files beside the payments."""
    customers = [["Код", "Наименование", "ИНН"], ["0001", "ООО «Ёлка»", "7701"]]
    customers.append(["0002", "株式会社さくら", "7702"])
    save(desk, "customers.xlsx", xlsx_of({"A": customers}))
    invoices = [["Номер", "Дата", "Срок", "Покупатель", "Сумма, руб."]]
    for number, whose, total in (("1", "0001", "1 000,00"), ("2", "0001", "750,50")):
        invoices.append([f"Н-{number}", "01.11.2026", "30.11.2026", whose, total])
    invoices.append(["Н-3", "01.11.2026", "30.11.2026", "0002", "100,00"])
    save(desk, "invoices-11.csv", csv_of(invoices))
    owed: list[list[Any]] = [["Код", "Долг", "Аванс"], ["0001", 250.5, None], ["0002", 0.1, 0]]
    save(desk, "balances.xlsx", xlsx_of({"Расчёты": owed}))


def in_euro(desk: Desk) -> None:
    """The CRM of the tests knows no roubles."""
    file = desk.folder / "connectors" / "exports.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("RUB", "EUR"), encoding="utf-8")


def undeclared(desk: Desk) -> None:
    """No form of the day, and an export of another country."""
    file = desk.folder / "connectors" / "exports.yaml"
    text = shown("yaml connector exports").replace("      Дата: date as %d.%m.%Y\n", "")
    file.write_text(text, encoding="utf-8")
    rows = [[one.replace("18.11.2026", "03/04/2026") for one in row] for row in PAYMENTS]
    save(desk, "payments.csv", csv_of(rows))
