"""Files in, records out: every row or a word about it, and nothing read that did not change."""

from __future__ import annotations

import csv
import datetime as dt
import io
import string
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.domain import Kind
from syncd.errors import ProtocolError
from syncd.port import All
from syncd.table.delimited import rows_of, whole_lines
from tests.table.conftest import Make
from tests.table.exports import (
    COLUMNS,
    PAYMENTS,
    READ,
    ROWS,
    Exports,
    csv_of,
    plain,
    wrong,
    xlsx_of,
)

# ------------------------------------------------------------------------------ how it is written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
def test_encoding_delimiter_and_header_are_found(
    exports: Exports, encoding: str, delimiter: str
) -> None:
    out = io.StringIO(newline="")
    written = csv.writer(out, delimiter=delimiter)
    written.writerows([["Выгрузка за ноябрь"], [], COLUMNS, *ROWS, ["", "", "Итого", "1 227,50"]])
    exports.put("payments.csv", out.getvalue().encode(encoding))
    assert plain(exports) == READ


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_japanese(make: Make, encoding: str) -> None:
    exports = make("  customer: {file: 顧客.csv, key: 顧客コード}\n")
    rows = [("顧客コード", "顧客名", "カナ"), ("001", "株式会社さくら", "ｻｸﾗ")]
    exports.put("顧客.csv", csv_of(rows, ",", encoding))
    assert exports.data(Kind.CUSTOMER) == [
        {"顧客コード": "001", "顧客名": "株式会社さくら", "カナ": "ｻｸﾗ"}
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("Name;Ort\nJürgen Müller;Köln".encode("cp1252"), "none of UTF-8, CP1251 and Shift-JIS"),
        ("Name;Ort\nВася;7".encode("koi8-r"), "its encoding"),
        ("Name;Ort\nВася;7".encode("utf-16"), "is UTF-16 text; save it as CSV UTF-8"),
        (b"PK\x03\x04", "is a workbook, and is not called .xlsx"),
        (b"<html><body>Sign in", "is a web page or XML"),
        (b"", "the file is empty"),
        (b"Nummer;Ort\n1;2\n", "row 1 has no Name; did you mean Nummer?"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(make: Make, content: bytes, says: str) -> None:
    exports = make("  customer: {file: c.csv, key: Name}\n")
    exports.put("c.csv", content)
    with pytest.raises(ProtocolError, match=r"c\.csv") as error:
        exports.records(Kind.CUSTOMER)
    assert says in str(error.value)


def test_an_encoding_that_is_declared_is_taken(make: Make) -> None:
    exports = make("  customer: {file: c.csv, key: Name, encoding: windows-1252}\n")
    exports.put("c.csv", "Name;Ort\nMüller;Köln\n".encode("cp1252"))
    assert exports.data(Kind.CUSTOMER) == [{"Name": "Müller", "Ort": "Köln"}]


def test_an_encoding_that_shows_late_is_found_then(make: Make) -> None:
    exports = make("  customer: {file: c.csv, key: id}\n", part=64)
    rows = [("id", "name"), *((str(n), "plain") for n in range(30)), ("99", "Щукин")]
    exports.put("c.csv", csv_of(rows))
    assert len(exports.pages(Kind.CUSTOMER, All())) > 3
    assert exports.data(Kind.CUSTOMER)[-1] == {"id": "99", "name": "Щукин"}


def test_a_header_that_is_given_is_not_looked_for(make: Make) -> None:
    exports = make("  customer: {file: c.csv, key: id, header: 3}\n")
    exports.put("c.csv", b"id;a\nid;b\nid;name\n7;x\n")
    assert exports.data(Kind.CUSTOMER) == [{"id": "7", "name": "x"}]


def test_a_column_that_the_mapping_reads_and_the_file_lacks(exports: Exports) -> None:
    exports.put("payments.csv", csv_of([COLUMNS, *ROWS]))
    with pytest.raises(ProtocolError, match="there is no column Покупатели; did you mean Покупат"):
        exports.records(paths=("Номер", "Покупатели"))
    assert exports.records(paths=("Сумма",))[0].data == {"Сумма": Decimal("1234.50")}


def test_two_columns_of_one_name(make: Make) -> None:
    exports = make("  customer: {file: c.csv, key: id}\n")
    exports.put("c.csv", b"id;name;name\n7;x;y\n")
    with pytest.raises(ProtocolError, match="2 columns are called name"):
        exports.records(Kind.CUSTOMER, paths=("name",))
    assert exports.records(Kind.CUSTOMER)[0].data == {"id": "7"}


# ------------------------------------------------------------------------------------ workbooks


def test_a_workbook_has_its_own_types(make: Make) -> None:
    exports = make(
        "  customer:\n    file: c.xlsx\n    sheet: Лист 2\n    key: Код\n"
        "    columns: {ИНН: text, Лимит: number as 1 234, С: date as %d.%m.%Y}\n"
    )
    rows = [
        ("Список",),
        ("Код", "ИНН", "Лимит", "С", "Доля", "Да", "Имя\nполное"),
        (7, 7701234567, 36.900000000000006, dt.date(2026, 11, 18), 0.1, True, "東京"),
        (8.0, "0077", "1 500", "03.12.2026", None, False, "Ёж"),
        (None, "Итого", 2),
        (None,),
    ]
    exports.put("c.xlsx", xlsx_of({"Лист 1": [("Код",), (1,)], "Лист 2": rows}))
    first, second = exports.data(Kind.CUSTOMER)
    assert first == {
        **{"Код": 7, "ИНН": "7701234567", "Лимит": Decimal("36.9"), "С": "2026-11-18"},
        **{"Доля": Decimal("0.1"), "Да": True, "Имя_полное": "東京"},
    }
    assert second == {
        **{"Код": 8, "ИНН": "0077", "Лимит": Decimal(1500), "С": "2026-12-03"},
        **{"Доля": None, "Да": False, "Имя_полное": "Ёж"},
    }


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (xlsx_of({"A": [("Код",), (1,)]})[:700], "no workbook, or only a part of one"),
        (b"\xd0\xcf\x11\xe0old", "has a password, or is in the old format .xls"),
        (b"a;b", "no workbook, or only a part of one"),
        (xlsx_of({"Лист": [("Код",)]}), "has no sheet A; it has: Лист"),
        (xlsx_of({"A": [("Kод",)]}), "none of the first 50 rows has the columns Код"),
    ],
)
def test_what_is_no_such_workbook(make: Make, content: bytes, says: str) -> None:
    exports = make("  customer: {file: c.xlsx, sheet: A, key: Код}\n")
    exports.put("c.xlsx", content)
    with pytest.raises(ProtocolError) as error:
        exports.records(Kind.CUSTOMER)
    assert says in str(error.value)


def test_an_error_in_a_cell_holds_its_row_alone(make: Make) -> None:
    exports = make("  customer: {file: c.xlsx, key: Код}\n")
    exports.put("c.xlsx", xlsx_of({"A": [("Код", "Имя"), (1, "#N/A"), (2, "b")]}))
    assert wrong(exports, Kind.CUSTOMER) == [
        "c.xlsx, column Имя: row 2: the value is no value; mend it in the file"
    ]
    assert exports.data(Kind.CUSTOMER)[1] == {"Код": 2, "Имя": "b"}


def test_a_workbook_goes_on_page_by_page_also_in_another_process(make: Make) -> None:
    exports = make("  customer: {file: c.xlsx, key: Код}\n", page=2)
    exports.put("c.xlsx", xlsx_of({"A": [("Код",), *((n,) for n in range(1, 8))]}))
    before = exports.transport.calls
    pages = exports.pages(Kind.CUSTOMER, All())
    assert [[one.key for one in page.records] for page in pages] == [
        ["1", "2"],
        ["3", "4"],
        ["5", "6"],
        ["7"],
    ]
    assert exports.transport.calls - before == 2  # a look, and the file once
    other = make("  customer: {file: c.xlsx, key: Код}\n", page=2)
    rest = other.records(Kind.CUSTOMER, All(pages[1].next))
    assert [one.key for one in rest] == ["5", "6", "7"]


# ------------------------------------------------------------------------------- rows and keys


def test_a_bad_cell_is_told_by_file_row_and_column_and_the_others_go_on(exports: Exports) -> None:
    rows = [
        *ROWS,
        ("19", "31.02.2026", "x", "5"),
        ("20", "1.12.2026", "y", "12,3O"),
        ("21", "", "z", "6"),
    ]
    exports.put("payments.csv", csv_of([COLUMNS, *rows]))
    assert wrong(exports) == [
        "payments.csv, column Дата: row 4: «31.02.2026» is no date as %d.%m.%Y; mend it in the "
        "file",
        "payments.csv, column Сумма: row 5: «12,3O» is no number as 1 234,56; mend it in the file",
    ]
    assert [one.key for one in exports.records()] == ["000017", "000018", "19", "20", "21"]
    assert exports.data()[-1]["Дата"] is None


def test_what_is_wrong_with_a_customer_does_not_repeat_its_value(make: Make) -> None:
    exports = make("  customer:\n    file: c.csv\n    key: id\n    columns: {limit: number}\n")
    exports.put("c.csv", "id;limit\n7;Иванов\n".encode())
    assert wrong(exports, Kind.CUSTOMER) == [
        "c.csv, column limit: row 2: the value is no number as 1234.56; mend it in the file"
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("19;1.12.2026;x", "column Сумма: row 4: the row ends after 3 of 4 columns"),
        ("19;1.12.2026;x;5;6", "column Сумма: row 4: there are cells behind it"),
        ("000017;1.12.2026;x;5", "column Номер: row 4: 000017 stands in a row before too"),
    ],
)
def test_rows_that_do_not_fit(exports: Exports, row: str, says: str) -> None:
    exports.put("payments.csv", csv_of([COLUMNS, *ROWS]) + f"{row}\r\n".encode("cp1251"))
    assert len(exports.records()) == 3
    assert [one.startswith(f"payments.csv, {says}") for one in wrong(exports)] == [True]


def test_bytes_of_another_encoding_hold_their_row_alone(make: Make) -> None:
    exports = make(PAYMENTS + "    encoding: utf-8\n")
    good = csv_of([COLUMNS, *ROWS], encoding="utf-8")
    exports.put("payments.csv", good + b"19;1.12.2026;\xcc\xfe;5\r\n2\xcc;1.12.2026;y;6\r\n")
    assert [one.key for one in exports.records()] == ["000017", "000018", "19", "2\ufffd"]
    assert wrong(exports) == [
        "payments.csv, column Покупатель: row 4: «\ufffd\ufffd» is no text in the encoding of the "
        "file; mend it in the file",
        "payments.csv, column Номер: row 5: it is no text in the encoding of the file",
    ]


def test_blank_rows_are_nothing_and_quoted_ends_of_lines_are_no_rows(exports: Exports) -> None:
    rows = csv_of([COLUMNS, ROWS[0]])
    more = 'x;\r\n\r\n;;;\r\n19;1.12.2026;"a ""b""\r\nc;d";5\r\n20;1.12.2026;19" x;6\r\n'
    exports.put("payments.csv", rows + more.removeprefix("x;\r\n").encode())
    assert [one["Покупатель"] for one in exports.data()[1:]] == ['a "b"\r\nc;d', '19" x']
    assert wrong(exports) == []


def test_rows_of_one_document_are_its_lines(make: Make) -> None:
    exports = make(
        "  payment:\n    file: p.csv\n    key: №\n    lines: [Накладная, Сумма]\n"
        "    columns: {Сумма: number as 1 234}\n",
        part=90,
    )
    rows = [("№", "Покупатель", "Накладная", "Сумма")]
    rows += [(str(n // 3), f"К{n // 3}", f"Н{n}", str(n)) for n in range(12)]
    exports.put("p.csv", csv_of(rows))
    assert len(exports.pages(Kind.PAYMENT, All())) > 2
    found = exports.data()
    assert [one["Покупатель"] for one in found] == ["К0", "К1", "К2", "К3"]
    assert found[1]["lines"] == [{"Накладная": f"Н{n}", "Сумма": Decimal(n)} for n in (3, 4, 5)]
    some = exports.records(paths=("Покупатель", "lines.Сумма"))
    assert some[0].data["lines"] == [{"Сумма": Decimal(n)} for n in range(3)]
    assert exports.records(paths=("lines",))[1].data == {"lines": found[1]["lines"]}


def test_rows_of_one_document_that_contradict_or_stand_apart(make: Make) -> None:
    exports = make("  payment: {file: p.csv, key: id, lines: inv}\n")
    exports.put("p.csv", b"id;who;inv\n1;a;7\n1;b;8\n2;c;9\n3;d;9\n2;c;9\n")
    assert wrong(exports) == [
        "p.csv, column who: row 3: differs from row 2, which has the same key",
        "p.csv, column id: row 6: rows of 2 do not stand together; sort the export by id",
    ]


# -------------------------------------------------------------------------------- the round trip

CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\ufeff\r"),
    max_size=12,
) | st.text(string.digits + ' ;,"\n№Ж株', max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=8), st.integers(1, 40)
)
def test_rows_come_back_however_a_file_is_cut_into_parts(rows: list[list[str]], size: int) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(rows)
    body = out.getvalue().encode()
    found: list[list[str]] = []
    start, number, length = 0, 1, size
    while True:
        part = body[start : start + length]
        final = start + length >= len(body)
        got = list(rows_of(part if final else whole_lines(part), "utf-8", ";", "f", number))
        if final:
            break
        if got and got[-1].start:
            found += [list(row.cells) for row in got[:-1]]
            start, number, length = start + got[-1].start, got[-1].number, size
        else:
            length += size
    assert found + [list(row.cells) for row in got] == rows
