"""A workbook and what is to be written make the next one: what people made of it stays theirs."""

from __future__ import annotations

import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from connectors.workbook.about import About
from connectors.workbook.layout import Layout
from connectors.workbook.reading import shown
from connectors.workbook.removal import followed
from connectors.workbook.rewriting import Rewritten, with_columns, written
from syncd.domain import Value
from syncd.errors import ConfigError, NotFoundError, RejectedError, UnavailableError
from syncd.port import FieldDef, Op, Write

LAYOUT = Layout()
NAMES = ("ООО «Пример»", "田中商店", "Ärzte & Söhne", "Четвёртый")


def create(key: str, **fields: Value) -> Write:
    return Write(Op.CREATE, "Cards", key, None, {}, {"Key": key, **fields})


def update(key: str, **fields: Value) -> Write:
    return Write(Op.UPDATE, "Cards", key, key, {}, fields)


def remove(key: str) -> Write:
    return Write(Op.REMOVE, "Cards", key, key, {}, {})


def paper(target: str, key: str, card: str, **fields: Value) -> Write:
    return Write(Op.CREATE, target, key, None, {"Cards": card}, {"Key": key, **fields})


def rewrite(body: bytes | None, *writes: Write, layout: Layout = LAYOUT) -> Rewritten:
    return written(body, writes, layout, About(layout, written="today"))


def made(body: bytes | None, *writes: Write) -> bytes:
    """Nothing is refused, and something is other than it was."""
    found = rewrite(body, *writes)
    assert [one.error for one in found.outcomes] == [None] * len(writes)
    assert found.body is not None
    return found.body


def opened(body: bytes) -> Any:
    return load_workbook(io.BytesIO(body), rich_text=True)


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def four() -> bytes:
    writes = [create(str(n), Name=name, Receivable=Decimal(n)) for n, name in enumerate(NAMES)]
    return made(None, *writes)


def column(sheet: Any, heading: str) -> int:
    [found] = [cell.column for cell in sheet[1] if cell.value == heading]
    return int(found)


def by_name(sheet: Any) -> Mapping[str, int]:
    name = column(sheet, "Name")
    return {sheet.cell(row, name).value: row for row in range(2, sheet.max_row + 1)}


def noted() -> bytes:
    """Every row has a note, a comment, a formula and a fill of somebody's own."""
    book = opened(four())
    sheet = book["Cards"]
    own = sheet.max_column + 1
    sheet.cell(1, own).value = "Заметки"
    sheet.column_dimensions[sheet.cell(1, own).column_letter].width = 44
    owed = sheet.cell(1, column(sheet, "Receivable")).column_letter
    for name, row in by_name(sheet).items():
        sheet.cell(row, own).value = f"note on {name}"
        sheet.cell(row, own).comment = Comment(f"comment on {name}", "田中")
        sheet.cell(row, own).fill = PatternFill("solid", fgColor="FFFFFF00")
        sheet.cell(row, own + 1).value = f"={owed}{row}*2"
    sheet.row_dimensions[by_name(sheet)["Четвёртый"]].height = 50
    sheet.row_dimensions[by_name(sheet)["Ärzte & Söhne"]].hidden = True  # by a filter
    return saved(book)


def test_what_people_wrote_moves_with_its_row_however_rows_come_and_go() -> None:
    book = opened(noted())
    sheet = book["Cards"]
    own = column(sheet, "Заметки")
    for place in (own, own + 1):  # of the second row, so that it may go
        cell = sheet.cell(by_name(sheet)["田中商店"], place)
        cell.value = cell.comment = None
    after = opened(
        made(saved(book), remove("1"), create("9", Name="新しい"), update("2", Receivable=None))
    )
    sheet = after["Cards"]
    rows = by_name(sheet)
    assert list(rows) == ["ООО «Пример»", "Ärzte & Söhne", "Четвёртый", "新しい"]
    owed = sheet.cell(1, column(sheet, "Receivable")).column_letter
    for name in ("ООО «Пример»", "Ärzte & Söhne", "Четвёртый"):
        cell = sheet.cell(rows[name], own)
        assert (cell.value, cell.comment.text) == (f"note on {name}", f"comment on {name}")
        assert cell.fill.fgColor.rgb == "FFFFFF00"
        assert sheet.cell(rows[name], own + 1).value == f"={owed}{rows[name]}*2"
    assert sheet.cell(rows["新しい"], own).value is None
    assert sheet.row_dimensions[rows["Четвёртый"]].height == 50
    hidden = [name for name, row in rows.items() if sheet.row_dimensions[row].hidden]
    assert hidden == ["Ärzte & Söhne"]
    assert sheet.column_dimensions[sheet.cell(1, own).column_letter].width == 44
    assert sheet.auto_filter.ref.endswith("5")


def test_rows_are_known_by_their_key_after_somebody_sorted_them() -> None:
    book = opened(noted())
    sheet = book["Cards"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for number, row in enumerate(reversed(rows), 2):
        for place, value in enumerate(row, 1):
            sheet.cell(number, place).value = value
    after = opened(made(saved(book), *(update(str(n), Prepaid=Decimal(n)) for n in range(4))))
    sheet = after["Cards"]
    own, prepaid = column(sheet, "Заметки"), column(sheet, "Prepaid")
    found = {
        name: (sheet.cell(row, own).value, sheet.cell(row, prepaid).value)
        for name, row in by_name(sheet).items()
    }
    assert list(found) == list(reversed(NAMES))
    assert found == {name: (f"note on {name}", n) for n, name in enumerate(NAMES)}


def test_a_row_in_which_somebody_wrote_stays_and_is_theirs() -> None:
    body = made(noted(), remove("1"))
    sheet = opened(body)["Cards"]
    row = by_name(sheet)["田中商店"]
    assert sheet.cell(row, column(sheet, "Заметки")).value == "note on 田中商店"
    assert sheet.cell(row, column(sheet, "Key")).value is None
    assert sheet.cell(row, column(sheet, "Name")).font.strike
    assert shown(body, LAYOUT).found("Cards", "1") is None
    again = made(body, create("1", Name="田中商店"))
    assert len(list(opened(again)["Cards"].iter_rows(min_row=2))) == 5


def test_formulas_of_other_sheets_follow() -> None:
    assert followed("=SUM(Cards!F2:F9)+F3", "Cards", [3, 9], here=False) == "=SUM(Cards!F2:F7)+F3"
    assert followed("='Мои карты'!$A$5&\"A5\"", "Мои карты", [2], here=False) == (
        "='Мои карты'!$A$4&\"A5\""
    )
    assert followed("=F3+F4+F:F+Rates", "Cards", [3], here=True) == "=#REF!+F3+F:F+Rates"


@pytest.mark.parametrize("text", ["=1+1", "+7 495", "-5", "@SUM(A1)", "#N/A", "000123", "=ООО"])
def test_text_is_never_a_formula(text: str) -> None:
    body = made(None, create("1", Name=text, Line=text))
    body = saved(opened(body))  # nor once somebody saved it
    sheet = opened(body)["Cards"]
    for heading in ("Name", "Line"):
        cell = sheet.cell(2, column(sheet, heading))
        assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")
    found = shown(body, LAYOUT).found("Cards", "1")
    assert found and found.fields["Name"] == text
    assert rewrite(body, update("1", Name=text)).body is None


def test_numbers_and_days_are_real_ones() -> None:
    amounts: dict[str, Value] = {"Receivable": Decimal("1234567890.10"), "Orders_count": 3}
    body = made(None, create("1", Tax_id="0700000009", Overdue_since="2026-11-05", **amounts))
    sheet = opened(body)["Cards"]
    cells = {name: sheet.cell(2, column(sheet, name)) for name in ("Receivable", "Overdue since")}
    assert cells["Receivable"].data_type == "n"
    assert cells["Receivable"].number_format == "#,##0.00"
    assert cells["Overdue since"].is_date
    found = shown(body, LAYOUT).found("Cards", "1")
    assert found and found.fields["Receivable"] == amounts["Receivable"]
    assert found.fields["Overdue_since"] == "2026-11-05"
    assert found.fields["Tax_id"] == "0700000009"


def test_what_somebody_formatted_stays_so() -> None:
    book = opened(four())
    sheet = book["Cards"]
    cell = sheet.cell(2, column(sheet, "Receivable"))
    cell.number_format = "0.0 ₽"
    cell.fill = PatternFill("solid", fgColor="FFFF0000")
    sheet = opened(made(saved(book), update("0", Receivable=Decimal("7.50"))))["Cards"]
    cell = sheet.cell(2, column(sheet, "Receivable"))
    assert (cell.value, cell.number_format) == (7.5, "0.0 ₽")
    assert cell.fill.fgColor.rgb == "FFFF0000"


def test_what_no_cell_keeps_is_refused_alone() -> None:
    found = rewrite(
        None,
        create("1", Name="а" * 32_768),
        create("2", Receivable=Decimal("1234567890123456")),
        create("3", Overdue_since="gestern"),
        create("4", Name="gut"),
        update("5", Name="niemand"),
        create("6", **{"custom_fields.Rating": "A"}),
    )
    errors = [one.error for one in found.outcomes]
    assert [error and error.field for error in errors] == [
        "Name",
        "Receivable",
        "Overdue_since",
        None,
        None,
        "custom_fields.Rating",
    ]
    assert isinstance(errors[4], NotFoundError) and "connections setup" in str(errors[5])
    assert found.body and list(shown(found.body, LAYOUT).ids("Cards")) == ["4"]


def test_documents_of_every_kind_share_a_sheet_and_say_whose_they_are() -> None:
    body = made(
        four(),
        paper("Orders", "7", "1", Number="0001", Amount=Decimal("10.00")),
        paper("Invoices", "7", "0", Number="РТ-7", Amount=Decimal("20.00"), Due="2026-11-05"),
        update("1", Name="田中商店 (新)"),
    )
    rows = list(opened(body)["Documents"].iter_rows(min_row=2, min_col=3, max_col=5))
    assert [[cell.value for cell in row] for row in rows] == [
        ["田中商店 (新)", "Order", "0001"],
        ["ООО «Пример»", "Invoice", "РТ-7"],
    ]
    read = shown(body, LAYOUT)
    assert list(read.ids("Orders")) == list(read.ids("Invoices")) == ["7"]
    order, invoice = read.found("Orders", "7"), read.found("Invoices", "7")
    assert order and invoice
    assert (order.fields["Amount"], invoice.fields["Amount"]) == (10, 20)


def test_headings_are_found_wherever_they_stand_and_a_renamed_one_is_theirs() -> None:
    book = opened(four())
    sheet = book["Cards"]
    sheet.insert_cols(3)
    sheet.cell(1, 3).value = "Mine"
    sheet.insert_rows(1)
    sheet.cell(1, 2).value = "Our customers"
    sheet.cell(2, [cell.value for cell in sheet[2]].index("Prepaid") + 1).value = "Vorkasse"
    body = made(saved(book), update("0", Receivable=Decimal("5.00"), Prepaid=Decimal("6.00")))
    sheet = opened(body)["Cards"]
    headings = [cell.value for cell in sheet[2]]
    assert headings[2] == "Mine" and "Vorkasse" in headings and headings[-1] == "Prepaid"
    found = shown(body, LAYOUT).found("Cards", "0")
    assert found and (found.fields["Receivable"], found.fields["Prepaid"]) == (5, 6)


def test_a_column_of_somebodys_own_is_never_taken() -> None:
    book = opened(four())
    sheet = book["Cards"]
    own = sheet.max_column + 1
    for row, text in enumerate(("City", "meine", "meine"), 1):
        sheet.cell(row, own).value = text
    body = made(saved(book), update("0", City="Wien"))
    sheet = opened(body)["Cards"]
    assert sheet.cell(2, own).value == "meine"
    assert sheet.cell(2, column(sheet, "City (books)")).value == "Wien"
    wanted = [FieldDef("Cards", "custom_fields.City", "text", "City")]
    with pytest.raises(RejectedError, match="somebody's own"):
        with_columns(body, wanted, LAYOUT, About(LAYOUT))


def test_headings_and_sheets_have_the_words_of_the_company() -> None:
    layout = Layout.read("Cards = Карточки, Receivable = Долг, Orders = Заказ, Tax id = ИНН")
    body = rewrite(None, create("1", Receivable=Decimal("1.50")), layout=layout).body
    assert body
    book = opened(body)
    assert book.sheetnames == ["Карточки", "Documents", "_syncd", "About"]
    sheet = book["Карточки"]
    assert sheet.cell(2, column(sheet, "Долг")).value == 1.5
    assert sheet.cell(1, column(sheet, "ИНН")).value == "ИНН"
    found = shown(body, layout).found("Cards", "1")
    assert found and found.fields["Receivable"] == Decimal("1.50")


@pytest.mark.parametrize("text", ["Nam = X", "Name", "Cards = a/b", "Name = Line", "Cards=About"])
def test_mistakes_in_headings_are_told(text: str) -> None:
    with pytest.raises(ConfigError, match="headings: "):
        Layout.read(text)


def test_a_workbook_of_others_is_left_alone() -> None:
    book = Workbook()
    book.create_sheet("Cards").append(["Customer", "Phone"])
    for body, said in (
        (saved(book), "has a sheet Cards already"),
        (four()[:-500], "no whole workbook"),
        (b"<html>", "no whole workbook"),
    ):
        with pytest.raises(UnavailableError, match=said):
            rewrite(body, create("1"))
        with pytest.raises(UnavailableError, match=said):
            shown(body, LAYOUT)


def test_sheets_and_keys_that_are_gone_are_asked_for() -> None:
    renamed, keyless = opened(four()), opened(four())
    renamed["Cards"].title = "Kunden"
    keyless["Cards"].delete_cols(1)
    for book, said in ((renamed, "no sheet Cards any more"), (keyless, "no heading Key")):
        with pytest.raises(UnavailableError, match=said):
            rewrite(saved(book), create("9"))
        with pytest.raises(UnavailableError, match=said):
            shown(saved(book), LAYOUT)


def test_sheets_of_the_company_stay_beside_those_of_syncd() -> None:
    book = Workbook()
    book.create_sheet("Plan")["B2"] = "=1+1"
    after = opened(made(saved(book), create("1", Name="x")))
    assert after["Plan"]["B2"].value == "=1+1"
    assert {"Plan", "Cards", "Documents", "About"} < set(after.sheetnames)
    assert after["_syncd"].sheet_state == "veryHidden"
