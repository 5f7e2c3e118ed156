"""Raw records become canonical ones, exactly, or are held with the place of the rule."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from syncd.domain import (
    Adjustment,
    Allocation,
    Balance,
    CreditNote,
    Customer,
    Figures,
    Invoice,
    Kind,
    Money,
    Order,
    Payment,
    Reason,
    State,
    Term,
)
from syncd.errors import ConfigError, MappingError
from syncd.mapping import failing, load_books
from syncd.port import Record

from .systems import BOOKS, SHIPPED, books, customer_file, mapped

INVOICE = {
    "id": 9,
    "number": "РТ-000842 ",
    "date": "2026-10-05",
    "due": None,
    "customer": 7,
    "currency": "JPY",
    "total": "48200",
    "state": "posted",
}
ROW = {"currency": "USD", "receivable": "80", "prepaid": "0"}


def shipped(kind: Kind, data: dict[str, Any]) -> Any:
    return load_books(SHIPPED / "memory_books.yaml", BOOKS).inbound[kind](Record("k", data))


def line_of(word: str) -> str:
    """Where the shipped file says what an invoice's word is."""
    rules = load_books(SHIPPED / "memory_books.yaml", BOOKS).inbound[Kind.INVOICE].rules
    return rules[word].where.split(":")[1]


def test_the_shipped_file_maps_a_customer() -> None:
    data = {"name": " ООО «Пример» ", "code": "", "email": "A@B.example", "in_scope": True}
    assert shipped(Kind.CUSTOMER, data) == Customer(
        key="k", name="ООО «Пример»", email="a@b.example"
    )


def test_a_record_outside_where_is_filtered_and_can_be_mapped_all_the_same() -> None:
    record = Record("k", {"name": "株式会社サンプル", "in_scope": False})
    inbound = load_books(SHIPPED / "memory_books.yaml", BOOKS).inbound[Kind.CUSTOMER]
    assert inbound(record) is None
    assert inbound.unconditional(record) == Customer(key="k", name="株式会社サンプル")


def test_the_shipped_file_maps_an_invoice_in_yen() -> None:
    assert shipped(Kind.INVOICE, INVOICE) == Invoice(
        key="k",
        customer="7",
        number="РТ-000842",
        date=dt.date(2026, 10, 5),
        total=Money.of(48200, "JPY"),
        state=State.EFFECTIVE,
    )


def test_rows_of_a_payment_take_the_currency_of_their_parent_and_one_order() -> None:
    rows = [{"invoice": 12, "amount": "5"}, {"invoice": 11, "amount": "2.50"}]
    data = {**INVOICE, "amount": "10", "allocations": rows}
    assert shipped(Kind.PAYMENT, data) == Payment(
        key="k",
        customer="7",
        number="РТ-000842",
        date=dt.date(2026, 10, 5),
        amount=Money.of(10, "JPY"),
        allocations=(
            Allocation("11", Money.of("2.50", "JPY")),
            Allocation("12", Money.of(5, "JPY")),
        ),
    )


def test_due_dates_come_earliest_first() -> None:
    terms = [{"due": "2026-12-05", "amount": "200"}, {"due": "2026-11-05", "amount": "48000"}]
    assert shipped(Kind.INVOICE, {**INVOICE, "terms": terms}).terms == (
        Term(dt.date(2026, 11, 5), Money.of(48000, "JPY")),
        Term(dt.date(2026, 12, 5), Money.of(200, "JPY")),
    )


def test_the_shipped_file_maps_an_order_with_what_is_open_of_it() -> None:
    order = Order(
        key="k",
        customer="7",
        number="РТ-000842",
        date=dt.date(2026, 10, 5),
        total=Money.of(48200, "JPY"),
        open=Money.of(200, "JPY"),
        seller="Анна",
        deal="43",
    )
    data = {**INVOICE, "open": "200", "seller": "Анна ", "deal": 43}
    assert shipped(Kind.ORDER, data) == order
    assert shipped(Kind.ORDER, {**data, "open": None, "deal": None}).open is None


def test_the_shipped_file_maps_a_credit_note_and_what_it_settles() -> None:
    data = {**INVOICE, "allocations": [{"invoice": 11, "amount": "200"}]}
    assert shipped(Kind.CREDIT_NOTE, data) == CreditNote(
        key="k",
        customer="7",
        number="РТ-000842",
        date=dt.date(2026, 10, 5),
        total=Money.of(48200, "JPY"),
        allocations=(Allocation("11", Money.of(200, "JPY")),),
    )


def test_the_shipped_file_maps_an_adjustment_with_its_reason() -> None:
    data = {**INVOICE, "amount": "-5", "reason": "write_off"}
    found = shipped(Kind.ADJUSTMENT, data)
    assert isinstance(found, Adjustment)
    assert (found.amount, found.reason) == (Money.of(-5, "JPY"), Reason.WRITE_OFF)


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        (None, "reason is empty, and it is required"),
        (
            "bad debt",
            "reason is none of opening, netting, write_off, revaluation, rounding, manual; "
            "map it by a lookup",
        ),
    ],
)
def test_a_reason_outside_the_closed_list_is_held(reason: str | None, message: str) -> None:
    with pytest.raises(MappingError, match=rf"^memory_books\.yaml:\d+:18 {message}"):
        shipped(Kind.ADJUSTMENT, {**INVOICE, "amount": "-5", "reason": reason})


def test_two_currencies_in_one_row_of_figures_are_held(tmp_path: Path) -> None:
    text = """\
        system: memory_books
        balance:
          read: balances
          fields:
            customer: customer
            currency: own
            rows: {each: rows, receivable: r | money c, prepaid: p | money c, credits: n | money d}
        """
    inbound = books(tmp_path, text).inbound[Kind.BALANCE]
    row = {"r": "1", "p": "2", "n": "3", "c": "EUR", "d": "USD"}
    with pytest.raises(MappingError, match=r"^books\.yaml:7:11 EUR and USD in one row"):
        inbound(Record("7", {"customer": "7", "own": "EUR", "rows": [row]}))
    figures = inbound(Record("7", {"customer": "7", "own": "EUR", "rows": [row | {"d": "EUR"}]}))
    assert isinstance(figures, Balance)
    assert figures.rows[0].credits == Money.of(3, "EUR")


def test_figures_come_by_currency_and_zeros_are_no_row() -> None:
    zero = {"currency": "CHF", "receivable": "0", "prepaid": "0"}
    rows = [ROW, zero, {"currency": "EUR", "receivable": "1", "prepaid": "2"}]
    data = {"customer": 7, "company_currency": "EUR", "rows": rows}
    assert shipped(Kind.BALANCE, data) == Balance(
        key="k",
        customer="7",
        currency="EUR",
        rows=(
            Figures(Money.of(1, "EUR"), Money.of(2, "EUR")),
            Figures(Money.of(80, "USD"), Money.of(0, "USD")),
        ),
    )


def test_two_rows_in_one_currency_are_held() -> None:
    data = {"customer": 7, "company_currency": "EUR", "rows": [ROW, ROW]}
    with pytest.raises(MappingError, match=r"memory_books\.yaml:\d+:7 two rows in USD"):
        shipped(Kind.BALANCE, data)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"total": 1.5}, "total:23 an amount is decimal text or an exact number, not an inexact"),
        (
            {"total": True},
            "total:23 an amount is decimal text or an exact number, not true or false",
        ),
        ({"total": "1_000"}, "total:23 '1_000' is not an exact amount"),
        ({"total": "1e3"}, "total:23 '1e3' is not an exact amount"),
        ({"total": "NaN"}, "total:23 'NaN' is not an exact amount"),
        ({"total": Decimal("Infinity")}, "total:23 Infinity is not an exact amount"),
        ({"total": "0.0000001"}, "total:23 '0.0000001' is finer than a millionth or too large"),
        ({"total": "1." + "0" * 70 + "1"}, "total:23 '1.000000"),
        ({"total": Decimal("1E+999999999")}, "total:23 1E\\+999999999 is not an exact amount"),
        ({"total": 10**5000}, "total:23 the number is not an exact amount"),
        ({"total": 10**13}, "total:23 the number is finer than a millionth or too large"),
        ({"total": None}, "total:15 total is empty, and it is required"),
        ({"currency": None}, "total:23 the currency of the amount is nothing"),
        ({"number": "  "}, "number:15 number is empty, and it is required"),
        ({"number": 5}, "number:24 trim needs text, this is a number; put `text` before it"),
        ({"state": "unheard"}, "state:23 'unheard' is not in lookup state"),
        ({"date": "05.10.2026"}, "date:22 '05.10.2026' is not a date like 2026-11-18"),
        ({"customer": {"id": 7}}, "customer:26 is a record, not one plain value"),
    ],
)
def test_what_cannot_be_digested_is_held_with_its_rule(
    change: dict[str, Any], message: str
) -> None:
    word, _, rest = message.partition(":")
    with pytest.raises(MappingError, match=f"^memory_books.yaml:{line_of(word)}:{rest}"):
        shipped(Kind.INVOICE, {**INVOICE, **change})


@pytest.mark.parametrize(
    "total", [48200, Decimal("48200.00"), " 48200.0 ", "+48200", Decimal("4.82E+4")]
)
def test_one_amount_however_it_is_written_is_one_amount(total: object) -> None:
    assert shipped(Kind.INVOICE, {**INVOICE, "total": total}).total == Money.of(48200, "JPY")


@pytest.mark.parametrize(
    "date",
    ["2026-10-05T23:59:59", dt.date(2026, 10, 5), dt.datetime(2026, 10, 5, 23, tzinfo=dt.UTC)],
)
def test_a_day_may_come_with_a_time_or_as_a_date(date: object) -> None:
    assert shipped(Kind.INVOICE, {**INVOICE, "date": date}).date == dt.date(2026, 10, 5)


CONTACTS = {
    "Контакты": [
        {"Тип": "Адрес", "Значение": "Вена"},
        {"Тип": "Телефон", "Значение": ""},
        {"Тип": "Телефон", "Значение": "8 (495) 000-00-00"},
    ]
}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Контакты(Тип=Телефон).Значение | first", "8 (495) 000-00-00"),
        ("Контакты(Тип=Телефон).Значение | first | digits", "84950000000"),
        ("Контакты(Тип=Факс).Значение | first", None),
        ("Контакты(Тип=Факс).Значение | first | default none", "none"),
        ("нет.такого.пути", None),
        ('нет | default "без кода"', "без кода"),
        ("число | text", "12"),
        ("Партнер.Имя | upper", "ИВАН"),
        ("Партнер.Адрес.Город", None),
    ],
)
def test_paths_and_transforms(tmp_path: Path, line: str, value: str | None) -> None:
    data = {"name": "n", "число": 12, "Партнер": {"Имя": "Иван", "Адрес": None}, **CONTACTS}
    assert mapped(tmp_path, data, code=line) == Customer(key="7", name="n", code=value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("name.first", "7:11 the path goes to first through text"),
        ("Контакты.Значение", "7:11 the path goes to Значение through a list"),
        ("name(a=b).c | first", "7:11 name is text, not a table part"),
        ("name | first", "7:18 first needs a list, this is text"),
        ("number", "7:11 code is a number, not text; end with `| text`"),
        ("share | text", "7:19 is an inexact number, not one plain value"),
    ],
)
def test_a_path_that_does_not_fit_the_record_is_held(
    tmp_path: Path, line: str, message: str
) -> None:
    with pytest.raises(MappingError, match=f"^books.yaml:{message}"):
        mapped(tmp_path, {"name": "n", "number": 5, "share": 0.5, **CONTACTS}, code=line)


def test_text_of_a_file_is_never_code(tmp_path: Path) -> None:
    text = "'); __import__('os').abort()#"
    found = mapped(tmp_path, {"name": "n"}, code=f'code | default "{text}"')
    assert found == Customer(key="7", name="n", code=text)


def test_the_paths_read_are_named_with_those_of_conditions_and_rows(tmp_path: Path) -> None:
    text = customer_file(
        where="Тип == 'клиент' and party.id in [1, 2]", code="c(t=phone).v | first"
    )
    read = books(tmp_path, text).inbound[Kind.CUSTOMER].read
    assert read.paths == ("c.t", "c.v", "name", "party.id", "Тип")
    payment = load_books(SHIPPED / "memory_books.yaml", BOOKS).inbound[Kind.PAYMENT].read
    assert {"allocations.invoice", "allocations.amount", "currency"} <= set(payment.paths)


def test_an_expression_in_a_row_sees_the_row_and_its_parent(tmp_path: Path) -> None:
    text = """\
        system: memory_books
        payment:
          read: payments
          fields:
            customer: customer
            date: date | date
            amount: {expr: sum(row.amount for row in lines if not row.off), as: money currency}
            allocations:
              each: lines
              invoice: invoice
              amount: {expr: amount * parent.sign, as: money parent.currency | negate}
        """
    lines = [{"invoice": "9", "amount": 5, "off": False}]
    data = {"customer": "7", "date": "2026-10-05", "sign": -1, "currency": "EUR", "lines": lines}
    inbound = books(tmp_path, text).inbound[Kind.PAYMENT]
    payment = inbound(Record("k", data))
    assert isinstance(payment, Payment)
    assert payment.amount == Money.of(5, "EUR")
    assert payment.allocations == (Allocation("9", Money.of(5, "EUR")),)
    assert inbound.read.paths == (
        "currency", "customer", "date", "lines.amount", "lines.invoice", "lines.off", "sign"
    )  # fmt: skip


SEVERAL = """\
    system: memory_books
    payment:
      read: payments
      fields:
        customer: customer
        date: date | date
        amount: paid | money currency
        allocations:
          - each: lines
            where: amount > 0 and kind == parent.kind
            invoice: invoice
            amount: amount | money parent.currency
          - {each: links, invoice: id, amount: {expr: parent.paid, as: money parent.currency}}
      examples:
        - says: the rows of both
          given: {paid: 7.00, currency: EUR, kind: a, lines: [{amount: 5.00, kind: a, invoice: x}]}
          expect: {allocations: [{invoice: x, amount: 5.00 EUR}]}
    """


def test_rows_may_be_left_out_and_come_from_several_lists(tmp_path: Path) -> None:
    lines = [
        {"invoice": "9", "amount": 5, "kind": "a"},
        {"invoice": None, "amount": -2, "kind": "a"},
        {"invoice": None, "amount": 2, "kind": "b"},
    ]
    data = {"customer": "7", "date": "2026-10-05", "currency": "EUR", "paid": 7, "kind": "a"}
    mapping = books(tmp_path, SEVERAL)
    inbound = mapping.inbound[Kind.PAYMENT]
    payment = inbound(Record("k", {**data, "lines": lines, "links": [{"id": "4"}]}))
    assert isinstance(payment, Payment)
    assert payment.allocations == (
        Allocation("4", Money.of(7, "EUR")),
        Allocation("9", Money.of(5, "EUR")),
    )
    assert {"lines.kind", "kind", "links.id"} <= set(inbound.read.paths)
    for old, new in (("amount > 0", "amount > 1"), ("- {each: links", "- {each: others")):
        assert books(tmp_path, SEVERAL.replace(old, new)).version != mapping.version
    one = SEVERAL.replace("lines: [{amount: 5.00", "lines: [{amount: -5.00")
    assert failing(mapping.examples) == []
    [told] = failing(books(tmp_path, one).examples)
    assert "allocations has 0 rows, expected 1" in told
    with pytest.raises(MappingError, match=r"^books\.yaml:10:16 there is no amount"):
        inbound(Record("k", {**data, "lines": [{"invoice": "9", "kind": "a"}], "links": []}))


def test_books_that_tell_no_balance_say_where_what_is_owed_comes_from(tmp_path: Path) -> None:
    head = "system: memory_books\ncustomer: {read: customers, fields: {name: name}}\n"
    text = f"{head}balance: {{from: documents, currency: EUR}}\n"
    found = books(tmp_path, text)
    assert (found.owed_in, Kind.BALANCE in found.inbound) == ("EUR", False)
    assert found.version != books(tmp_path, text.replace("EUR", "USD")).version
    assert found.version != books(tmp_path, head).version
    for wrong, told in (
        ("{from: papers, currency: EUR}", "3:17 unknown source of balances papers"),
        ("{from: documents}", "3:1 the company's own currency is missing: currency: EUR"),
        ("{from: documents, currency: euro}", "3:38 currency is a code of three letters as EUR"),
        (
            "{from: documents, currency: EUR, read: x}",
            "3:43 unknown key of a balance from documents",
        ),
    ):
        with pytest.raises(ConfigError, match=rf"books\.yaml:{told}"):
            books(tmp_path, f"{head}balance: {wrong}\n")
