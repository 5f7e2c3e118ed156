"""`syncd report` as people type it: screens, JSON, workbooks, and what is refused."""

from __future__ import annotations

import datetime as dt
import errno
import os
import stat
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from syncd.report import REPORTS, WORDS
from tests.cli.conftest import desk, in_utc
from tests.cli.desk import Desk, Said

__all__ = ["desk", "in_utc"]

NAMES = ("ООО «Пример»", "Sample Trade LLC", "株式会社サンプル", "=cmd|'/C calc'!A0", "山田 太郎")
PAGE = Path(__file__).parents[2] / "docs" / "reports.md"


@pytest.fixture
def shop(desk: Desk) -> Desk:
    """Beside the three customers of the desk one whose name is a formula, with an order in yen and
    a bell in its number, paid ahead in part."""
    books = desk.world.books
    key = books.add_customer(NAMES[3])
    order = books.add_order(key, "90000", seller=NAMES[4], currency="JPY", date="2026-10-02")
    invoice = books.invoice_order(order, date="2026-10-03", due="2026-10-10", number="R\x07-1")
    paid = [(invoice, "60000")]
    books.pay(key, "60001", currency="JPY", date="2026-11-02", allocations=paid, number="=1+1\x07")
    desk.live()
    return desk


def sheet(file: Path, title: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in openpyxl.load_workbook(file)[title].iter_rows(values_only=True)]


def test_a_workbook_has_real_numbers_and_days_and_text_that_is_no_formula(
    shop: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "ahead.xlsx"
    said = shop.syncd("report", "money-without-order", "--xlsx", str(file))
    assert (said.code, said.last) == (0, f"written: {file}")
    book = openpyxl.load_workbook(file)
    page = book["money"]
    assert page.freeze_panes == "A2" and page.auto_filter.ref == f"A1:J{page.max_row}"
    head, first = list(page.iter_rows())[:2]
    row = {name.value: cell for name, cell in zip(head, first, strict=True)}
    assert row["date"].value.date() == dt.date(2026, 11, 2)
    assert row["date"].number_format == "yyyy-mm-dd"
    assert (row["customer"].value, row["customer"].data_type) == (NAMES[3], "s")
    assert (row["number"].value, row["number"].data_type) == ("=1+1\N{REPLACEMENT CHARACTER}", "s")
    assert row["customer"].number_format == "@", "it stays text when somebody edits the cell"
    assert (row["currency"].value, row["amount"].value) == ("JPY", 60001)
    assert row["amount"].number_format == "#,##0", "yen have no decimals"
    euro = {name.value: cell for name, cell in zip(head, page[3], strict=True)}
    assert (euro["currency"].value, euro["without an order"].value) == ("EUR", 5)
    assert euro["amount"].number_format == "#,##0.00"
    about = sheet(file, "About")
    told = {str(word): str(text) for word, text in about}
    assert told["pair"] == "main, mode live" and told["today"].endswith("time zone UTC")
    assert told["fresh as of"] == "2026-11-18 12:00 UTC"
    assert told["without an order"] == WORDS["without an order"]
    assert f"check: {told['check']}\n" in said.out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600, "it holds names"


PLAIN = {
    "customer",
    "key",
    "seller",
    "month",
    "currency",
    "date",
    "kind",
    "number",
    "amount",
    "sum",
}
PLAIN |= {"refund", "sold by", "won", "deal", "card", "from", "to", "customers", "customer name"}
PLAIN |= {"invoices", "deals", "no order", "sum"}
"""Columns that need no explanation."""


def test_screen_json_and_workbook_say_the_same_and_without_names_none(
    shop: Desk, tmp_path: Path
) -> None:
    used: set[str] = set()
    with shop.nothing_written():
        arrived = len(shop.world.requests)
        for name, one in REPORTS.items():
            by = "customer" if "customer" in one.by else next(iter(one.by), None)
            words = ["report", name, *(["--by", by] if by else [])]
            said = shop.syncd(*words, "--json")
            assert said.code == 0 and shop.syncd(*words).code == 0, said.text
            data, file = said.json(), tmp_path / f"{name}.xlsx"
            assert data["report"] == name and data["mode"] == "live"
            shop.syncd(*words, "--no-names", "--xlsx", str(file))
            titles = openpyxl.load_workbook(file).sheetnames
            for table, title in zip(data["tables"], titles[:-1], strict=True):
                assert _amounts(table["rows"]) == _amounts_of(file, title)
                used |= {word.replace("_", " ") for row in table["rows"] for word in row}
            texts = [shop.syncd(*words, "--no-names", *more).text for more in ((), ("--json",))]
            texts += [str(sheet(file, title)) for title in titles]
            assert not [name for name in NAMES for text in texts if name in text]
        assert len(shop.world.requests) == arrived, "no system was asked"
    assert used - PLAIN <= set(WORDS), "every other column has a meaning"


def _amounts(rows: list[dict[str, Any]]) -> list[float]:
    found = [one for row in rows for one in row.values() if isinstance(one, dict)]
    return sorted(float(one["amount"]) for one in found)


def _amounts_of(file: Path, title: str) -> list[float]:
    cells = [cell for row in openpyxl.load_workbook(file)[title].iter_rows() for cell in row]
    return sorted(cell.value for cell in cells if str(cell.number_format).startswith("#,##0"))


def test_a_workbook_is_written_whole_or_not_at_all_and_never_over_another(
    shop: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "долги.xlsx"
    file.write_text("a person's own")

    def refused(*more: str) -> Said:
        said = shop.syncd("report", "ageing", "--xlsx", *more)
        assert said.code == 2 and not said.out, said.text
        return said

    assert "is there already; --force writes over it" in refused(str(file)).err
    assert file.read_text() == "a person's own"
    assert "ends in .xlsx" in refused(str(tmp_path / "ageing.csv")).err
    assert "there is no folder" in refused(str(tmp_path / "none" / "a.xlsx")).err
    assert shop.syncd("report", "ageing", "--xlsx", str(file), "--force").code == 0
    assert sheet(file, "ageing")[0][:3] == ("customer", "key", "currency")

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", no_room)
    assert "No space left on device" in refused(str(tmp_path / "new.xlsx")).err
    assert [one.name for one in tmp_path.glob("*.xlsx")] == [file.name], "nothing half-made"
    assert not list(tmp_path.glob(".syncd-*"))


REFUSED = {
    "settlments": "did you mean settlements?",
    "settlements --by region": "have no region yet; settlements goes by customer, seller,",
    "settlements --by organization": "goes by customer, seller, organisation, stage, month",
    "stages --by organisation": "stages goes by stage, seller",
    "ageing --by month": "ageing goes by customer, seller, organisation, stage",
    "money-without-order --by seller": "has no --by",
    "ageing --month 2026-10": "as of today",
    "stages --month 2026-1": "expected a month like 2026-11",
    "stages --month 2026-10 --since 2026-10-01": "leave --since and --until out",
    "stages --until 2026-10-01": "needs --since DAY",
    "stages --since 2026-10-02 --until 2026-10-01": "is before --since",
    "stages --since 2026-02-30": "expected a day like 2026-11-18",
    "stages --month 2027-01": "has not begun: today is 2026-11-18 in the books",
    "stages --month ٢٠٢٦-11": "expected a month",
}


def test_what_cannot_be_answered_says_what_can(desk: Desk) -> None:
    said = desk.syncd("report", "settlements")
    assert (said.code, said.err) == (2, "syncd: pair main has never run; next: syncd run\n")
    desk.syncd("run")
    for typed, expected in REFUSED.items():
        said = desk.syncd("report", *typed.split())
        assert (said.code, said.out) == (2, "") and expected in said.err, said.text
    assert [line.split()[0] for line in desk.syncd("report").out.splitlines()[:-1]] == [*REPORTS]


def test_a_check_that_does_not_hold_is_said_and_exits_with_1(shop: Desk) -> None:
    shop.world.books.habits.ledger_off["2"] = Decimal("0.01")
    shop.world.books.touch("customers", "2")
    shop.later()
    said = shop.syncd("report", "settlements")
    assert said.code == 1
    assert "check: NOT for 1 of 4 customers (2): the documents add up to the balance" in said.out
    assert "Next: syncd why customer 2 receivable" in said.out


def test_the_page_lists_every_word_as_it_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    listed = text.partition("<!-- words -->\n")[2].partition("<!-- /words -->")[0]
    rows = [f"| {word} | {meaning} |" for word, meaning in WORDS.items()]
    assert listed.strip().splitlines() == ["| column | means |", "| --- | --- |", *rows]
