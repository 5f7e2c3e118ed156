"""Books and a workbook of cards: what the figures say, and what happens while people have it
open."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.workbook import killed
from tests.workbook.desk import Desk, Row, place

ROOT = Path(__file__).parents[2]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.set_up()
    return made


def trade(desk: Desk) -> tuple[str, str]:
    books = desk.world.books
    one = books.add_customer("ООО «Пример»", email="buh@example.ru", tax_id="0700000009")
    two = books.add_customer("田中商店", currency="JPY")
    books.add_order(one, "300.00", seller="田中")
    first, second = books.post_invoice(one, "120.10"), books.post_invoice(one, "80.15")
    books.post_invoice(two, "5000", currency="JPY")
    books.pay(one, "70.00", allocations=[(first, "50.00")])
    books.post_credit_note(one, "20.05", allocations=[(second, "20.05")])
    return one, two


def amount(row: Row, heading: str) -> Decimal:
    """Of a cell that holds a number."""
    value = row[heading]
    assert isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(str(value))


def test_every_figure_is_on_the_card_to_the_cent(desk: Desk) -> None:
    trade(desk)
    desk.run()
    assert (desk.problems(), desk.states()) == ([], {})
    card = desk.row("Cards", Name="ООО «Пример»")
    wanted = {"Receivable": "130.20", "Prepaid": "20.00", "Total sales": "180.20"}
    assert {one: amount(card, one) for one in wanted} == {
        one: Decimal(text) for one, text in wanted.items()
    }
    assert card["Tax id"] == "0700000009"
    assert isinstance(card["Last order"], dt.datetime)
    assert card["Last order"].date() == dt.date(2026, 11, 18)
    assert (card["Stage"], card["Seller"]) == ("First order", "田中")
    assert amount(desk.row("Cards", Name="田中商店"), "Receivable") == 5000
    papers = desk.rows("Documents")
    assert sorted((row["Customer"], row["Document"], row["Amount"]) for row in papers) == [
        ("ООО «Пример»", "Credit note", 20.05),
        ("ООО «Пример»", "Invoice", 80.15),
        ("ООО «Пример»", "Invoice", 120.1),
        ("ООО «Пример»", "Order", 300),
        ("ООО «Пример»", "Payment", 70),
        ("田中商店", "Invoice", 5000),
    ]
    about = dict(row[:2] for row in desk.cells("About"))
    assert (about["Cards"], about["Documents"]) == (2, 6)
    at = about["Last written (UTC)"]
    assert isinstance(at, dt.datetime)
    assert at.replace(tzinfo=dt.UTC) == desk.clock.utc().replace(microsecond=0)
    before = desk.file.stat()
    assert desk.later(full=True).writes == 0
    assert desk.file.stat() == before  # a quiet cycle does not touch the file


def test_notes_stay_with_their_row_while_books_go_on(desk: Desk) -> None:
    books = desk.world.books
    one, two = trade(desk)
    desk.run()
    with desk.opened() as book:
        sheet = book["Cards"]
        sheet.cell(1, sheet.max_column + 1).value = "Notes"
        place(sheet, "Notes", "ООО «Пример»").value = "ring on Monday"
        place(sheet, "Notes", "田中商店").value = "月曜日"
        sheet.move_range(f"A2:Z{sheet.max_row}", rows=1)  # somebody makes room and fills it
        sheet["B2"] = "Lead from the fair"
    books.add_customer("Новый")
    books.rename(two, "田中株式会社")
    books.post_invoice(one, "1.05")
    desk.later()
    notes = {row["Name"]: row["Notes"] for row in desk.rows("Cards")}
    assert notes == {
        "Lead from the fair": None,
        "ООО «Пример»": "ring on Monday",
        "田中株式会社": "月曜日",
        "Новый": None,
    }
    assert amount(desk.row("Cards", Name="ООО «Пример»"), "Receivable") == Decimal("131.25")


def test_while_somebody_has_it_open_the_writes_wait(desk: Desk) -> None:
    one, _ = trade(desk)
    desk.run()
    before = desk.file.read_bytes()
    desk.world.books.post_invoice(one, "9.80")
    for name in ("~$cards.xlsx", ".~lock.cards.xlsx#"):
        lock = desk.folder / name
        lock.touch()
        report = desk.later()
        assert desk.file.read_bytes() == before
        assert not report.failed and report.in_doubt == report.writes == 0
        assert any("is open in Excel or LibreOffice" in note for note in report.notes)
        assert desk.problems() == []
        lock.unlink()
    report = desk.later()
    assert (report.notes, desk.states()) == ([], {})
    assert amount(desk.row("Cards", Name="ООО «Пример»"), "Receivable") == Decimal("140.00")


def being_replaced(desk: Desk) -> bool:
    """The old file was read, and the new one is not in its place."""
    return any(desk.folder.glob(".cards.xlsx.*"))


def test_a_lock_that_comes_while_it_is_made_is_seen_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade(desk)
    lock = desk.folder / "~$cards.xlsx"
    monkeypatch.setattr(os, "fsync", lambda _: lock.touch() if being_replaced(desk) else None)
    report = desk.run()
    assert any("is open in" in note for note in report.notes)
    assert [one.name for one in desk.folder.iterdir()] == ["~$cards.xlsx"]


def test_what_somebody_saves_meanwhile_is_read_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = trade(desk)
    desk.run()
    saved: list[Any] = []

    def save(_: int) -> None:
        if not saved and being_replaced(desk):
            saved.append(None)
            with desk.opened() as book:
                book["Cards"].cell(1, 30).value = "Saved meanwhile"

    monkeypatch.setattr(os, "fsync", save)
    desk.world.books.post_invoice(one, "9.80")
    report = desk.later()
    assert saved and report.notes == [] and desk.states() == {}
    card = desk.row("Cards", Name="ООО «Пример»")
    assert "Saved meanwhile" in card and amount(card, "Receivable") == Decimal("140.00")


def test_a_figure_that_somebody_typed_over_comes_back_with_the_proof(desk: Desk) -> None:
    trade(desk)
    desk.run()
    with desk.opened() as book:
        sheet = book["Cards"]
        sheet.cell(1, 30).value = "Notes"
        place(sheet, "Notes", "ООО «Пример»").value = "mine"
        place(sheet, "Receivable", "ООО «Пример»").value = "=1+1"
        place(sheet, "Overdue", "田中商店").value = 7
    desk.later(prove=True)
    card = desk.row("Cards", Name="ООО «Пример»")
    assert (amount(card, "Receivable"), card["Notes"]) == (Decimal("130.20"), "mine")
    assert amount(desk.row("Cards", Name="田中商店"), "Overdue") == 0


def test_a_file_that_is_gone_is_not_made_again_by_itself(desk: Desk) -> None:
    one, _ = trade(desk)
    for name in ("Ärzte & Söhne", "Новый"):
        desk.world.books.add_customer(name)
    desk.run()
    desk.file.rename(desk.place / "kept.xlsx")
    desk.world.books.post_invoice(one, "9.80")
    desk.later()
    desk.later()
    assert not desk.file.exists()
    [problem] = desk.problems()
    assert "no longer has" in problem
    (desk.place / "kept.xlsx").rename(desk.file)
    desk.later()
    assert (desk.problems(), desk.states()) == ([], {})
    assert amount(desk.row("Cards", Name="ООО «Пример»"), "Receivable") == Decimal("140.00")


def test_killed_before_the_new_file_is_in_its_place_the_old_one_is_whole(desk: Desk) -> None:
    killed.sold(desk)
    desk.run()
    before = desk.file.read_bytes()
    desk.pair.store.close()
    process = [sys.executable, "-m", "tests.workbook.killed", str(desk.place)]
    done = subprocess.run(process, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]
    assert desk.file.read_bytes() == before
    assert len(list(desk.folder.iterdir())) == 2  # the new one lies beside it

    desk.build()
    desk.clock.advance(300)
    killed.more(desk)
    desk.run()
    desk.later()
    assert (desk.problems(), desk.states()) == ([], {})
    names = [row["Name"] for row in desk.rows("Cards")]
    assert names == ["ООО «Пример»", "田中商店"]
    assert sorted(row["Amount"] for row in desk.rows("Documents")) == [80.1, 120]


def test_columns_of_an_own_mapping_are_made_by_the_set_up(tmp_path: Path) -> None:
    own = tmp_path / "mine" / "workbook.yaml"
    own.parent.mkdir()
    lines = ("extends: workbook", "version: 1", "card.sales_12m: custom_fields.Продажи_за_год", "")
    own.write_text("\n".join(lines), encoding="utf-8")
    desk = Desk(tmp_path, {"file": "карточки.xlsx", "headings": "Cards = Карточки"}, own)
    trade(desk)
    desk.set_up()
    desk.run()
    assert amount(desk.row("Карточки", Name="ООО «Пример»"), "Продажи за год") == Decimal("180.2")
    assert load_workbook(desk.file).sheetnames[:2] == ["Карточки", "Documents"]
