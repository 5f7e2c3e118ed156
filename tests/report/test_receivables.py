"""The accountant's own list of receivables beside the plan: what is read of it, and who differs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from syncd.errors import UsageError
from syncd.report.accountant import Compared, compare
from syncd.report.receivables import Cell, Line, amount, find
from tests.cli.conftest import desk, in_utc
from tests.cli.desk import Desk
from tests.onec.office import Office
from tests.onec.pair import Company

__all__ = ["desk", "in_utc"]

Rows = list[list[Cell]]


def d(text: str) -> Decimal:
    return Decimal(text)


def test_a_statement_of_1c_is_read_with_its_title_its_documents_and_its_sum() -> None:
    """«Ведомость по расчетам с клиентами»: figures of four kinds, of which one is asked for."""
    sums = ["Начальный остаток", "Увеличение долга", "Конечный остаток"]
    heads: list[Cell] = ["Контрагент", "ИНН/КПП", "Валюта", *sums]
    found = find(
        [
            ["Ведомость по расчетам с клиентами"],
            [],
            ["Период: 01.01.2026 - 23.10.2026", None, "Отбор: Организация Равно \"ООО\""],
            heads,
            ["ООО «Пример»", "7700000009/770001001", "руб.", d("1"), d("2"), d("48200.00")],
            ["Реализация ТДЦБ-000311 от 02.09.2026", None, "руб.", None, None, d("120000")],
            [dt.date(2026, 9, 2), None, "руб.", None, None, d("120000")],
            [None, None, None, None, None, None],
            heads,
            ["株式会社サンプル", None, "JPY", None, None, "1 234 567"],
            ["Итого", None, None, d("1"), d("2"), d("1282767")],
        ]
    )  # fmt: skip
    assert (found.header, found.day, found.net) == (4, dt.date(2026, 10, 23), True)
    assert list(found.columns) == ["контрагент", "инн/кпп", "конечный остаток", "валюта"]
    assert found.lines == [
        Line(5, "ООО «Пример»", "7700000009", None, d("48200.00"), "RUB"),
        Line(10, "株式会社サンプル", None, None, d("1234567"), "JPY"),
    ]


def test_of_a_header_of_two_rows_the_debit_at_the_end_is_taken() -> None:
    found = find(
        [
            ["Оборотно-сальдовая ведомость по счету 62"],
            ["Счет", "Сальдо на начало периода", None, "Обороты", None, "Сальдо на конец периода"],
            ["Контрагенты", "Дебет", "Кредит", "Дебет", "Кредит", "Дебет", "Кредит"],
            ["ООО Пример", None, None, d("9"), d("1"), "48 200,00", None],
            ["ООО Аванс", None, None, None, d("5"), None, "5 000,00"],
        ]
    )
    assert found.columns[-1] == "сальдо на конец периода дебет"
    assert [(line.name, line.amount) for line in found.lines] == [("ООО Пример", d("48200.00"))]


def test_the_debt_is_no_overdue_debt_no_advance_and_no_day() -> None:
    heads = ["Код", "Customer name", "Overdue receivable", "Due date", "Prepaid", "Receivable, EUR"]
    found = find([heads, ["C-1", "Sample Trade LLC", d("1"), dt.date(2026, 1, 1), d("2"), d("3")]])
    assert found.lines == [Line(2, "Sample Trade LLC", None, "C-1", d("3"), "EUR")]
    with pytest.raises(UsageError, match="none of its first 30 rows is a header"):
        find([["Контрагент", "Просрочено"], ["ООО «Пример»", d("1")]])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        *(("1 234,56", "1234.56"), ("1,234.56", "1234.56"), ("1.234,56", "1234.56")),
        *(("1\u00a0234", "1234"), ("1,234", "1234"), ("0,123", "0.123"), ("(12.30)", "-12.30")),
        *(("12,5 руб.", "12.5"), ("1,234,567", "1234567"), ("\u221212", "-12"), ("5-", "-5")),
        *(("", None), ("-", None), ("по договору", None)),
    ],
)
def test_amounts_as_people_write_them(typed: str, said: str | None) -> None:
    assert amount(typed) == (None if said is None else d(said))


# -- beside the cards ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Read once, with a customer whose tax id two branches share."""
    made = Company(tmp_path_factory.mktemp("report"), Office())
    made.run(write=False)
    return made


HEADS: list[Cell] = ["Контрагент", "ИНН", "Валюта", "Долг клиента"]
RIGHT: Rows = [
    ["ООО Пример", "7700000009", "RUB", d("100000")],
    ["ООО «Пример» ", "7700000009", "RUB", d("12200")],
    ["ООО «Образец»", "5400000004", "RUB", d("10000")],
    ["ООО «Образец», Томск", "5400000004", "RUB", d("7000")],
    ["ИП ПРИМЕРОВ П. П.", None, "RUB", d("12000")],
    ["ООО «Корректировка»", None, "RUB", d("18749.25")],
    ["ООО «Тишина»", None, "RUB", d("2450")],
    ["Sample Trade LLC", None, "EUR", d("6600")],
    ["株式会社サンプル", None, "JPY", d("1234567")],
]


def beside(company: Company, rows: Rows, heads: list[Cell] = HEADS) -> Compared:
    return compare(company.pair, find([heads, *rows]), "долги.xlsx")


def differing(found: Compared) -> list[tuple[str, str, str]]:
    [table] = found.result.tables
    names: Any = found.result.names
    return [(names[row[0]], str(row[2]), str(row[3])) for row in table.rows]


def test_a_list_that_is_right_agrees_with_every_card(company: Company) -> None:
    found = beside(company, RIGHT)
    assert (found.agree, found.differ, found.strangers) == (8, 0, [])


def test_who_differs_is_told_the_worst_first_and_so_is_who_is_not_in_the_list(
    company: Company,
) -> None:
    rows: Rows = [
        *RIGHT[1:-1],
        ["ООО «Аванс»", None, "RUB", d("40")],
        ["ООО «Чужой»", None, "RUB", d("9")],
    ]
    found = beside(company, rows)
    assert (found.agree, found.differ) == (6, 3)
    assert [name for name, _, _ in differing(found)] == [
        *("株式会社サンプル", "ООО «Пример»", "ООО «Аванс»"),
    ]
    assert differing(found)[1][1:] == ("12,200.00 RUB", "112,200.00 RUB")
    assert found.strangers == ["10 ООО «Чужой»"]


def test_another_tax_id_is_another_company_and_a_shared_one_needs_the_name(
    company: Company,
) -> None:
    other: Rows = [
        ["ООО «Пример»", "7800000010", "RUB", d("1")],
        [None, "5400000004", "RUB", d("2")],
    ]
    found = beside(company, other)
    assert found.strangers == ["3 5400000004: may be several customers"]
    assert ("ООО «Аванс»", "1.00 RUB", "0.00 RUB") in differing(found), "the tax id goes first"


def test_a_closing_balance_may_have_what_is_paid_ahead_taken_off(company: Company) -> None:
    heads: list[Cell] = ["Клиент", "Сальдо"]
    found = beside(company, [["ООО «Пример»", d("107200")], ["ООО «Аванс»", d("-40000")]], heads)
    names = [name for name, _, _ in differing(found)]
    assert found.agree == 2 and "ООО «Пример»" not in names
    assert "Sample Trade LLC" not in names, "a list without currencies says nothing of euros"


# -- as people type it -----------------------------------------------------------------------------


def test_plan_says_who_agrees_and_the_workbook_has_who_does_not(desk: Desk, tmp_path: Path) -> None:
    listed, out = tmp_path / "receivables.csv", tmp_path / "plan.xlsx"
    text = "Долги на 31.10.2026;\r\nКлиент;Задолженность\r\nООО «Пример»;1,00\r\nИтого;1,00\r\n"
    listed.write_bytes(text.encode("cp1251"))
    with desk.nothing_written():
        said = desk.syncd("plan", "--report", str(listed), "--xlsx", str(out))
    assert said.code == 0, said.text
    assert "\nAccountant's report receivables.csv (31 Oct 2026): " in said.out
    assert f" differ -> {out}, sheet “differ”\nread by row 2: клиент, задолженность\n" in said.out
    assert said.out.index("Accountant's report") < said.out.index("\nnext: syncd apply")
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["differ", "About", "rows", "held"]
    rows = list(book["differ"].iter_rows(values_only=True))
    assert "ООО «Пример»" in [row[0] for row in rows]
    assert desk.syncd("plan", "--from-mirror", "--report", str(listed), "--json").json()["report"]

    again = desk.syncd("plan", "--report", str(listed), "--xlsx", str(out))
    assert again.code == 2 and "is there already; --force writes over it" in again.err
    said = desk.syncd("plan", "--xlsx", str(out), "--force")
    assert said.code == 0, "without a list it holds the rows and what is held"
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["rows", "held"]
    head, *rows = book["rows"].iter_rows(values_only=True)
    assert head == ("record", "customer", "does", "object", "field", "now", "then")
    assert any(row[1] == "ООО «Пример»" and isinstance(row[6], int | float) for row in rows), rows
    for name, body, expected in (
        ("old.xls", b"", "save it as .xlsx or .csv"),
        ("bad.xlsx", b"PK nothing", "is no workbook or text that can be read"),
        ("other.csv", "Товар;Цена\n".encode(), "none of its first 30 rows is a header"),
        ("gone.csv", None, "No such file"),
    ):
        if body is not None:
            (tmp_path / name).write_bytes(body)
        said = desk.syncd("plan", "--report", str(tmp_path / name))
        assert said.code == 2 and expected in said.err, said.text
