"""Open items become balances, and a document settles what a field of its own names."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.domain import Allocation, Balance, Kind, Money, Payment
from syncd.errors import ConfigError, MappingError
from syncd.port import Record

from .systems import books

OPEN = """\
    system: memory_books
    balance:
      read: balances
      fields:
        customer: customer
        currency: own
        rows: {rows}
    """


def owed(folder: Path, rows: str, *items: dict[str, str]) -> list[tuple[Money, ...]]:
    """Receivable, prepaid and, where there are any, credits of each row."""
    inbound = books(folder, OPEN.replace("{rows}", rows)).inbound[Kind.BALANCE]
    balance = inbound(Record("7", {"customer": "7", "own": "EUR", "rows": list(items)}))
    assert isinstance(balance, Balance)
    found = ((one.receivable, one.prepaid, one.credits) for one in balance.rows)
    return [tuple(money for money in row if money is not None) for row in found]


def item(left: str, currency: str = "EUR", sort: str = "invoice", paid: str = "") -> dict[str, str]:
    return {"left": left, "c": currency, "d": currency, "sort": sort, "paid": paid}


def test_open_items_are_added_up_by_currency_and_nothing_is_netted(tmp_path: Path) -> None:
    rows = "{each: rows, sum: true, receivable: left | money c}"
    items = [item("0.10"), item("0.20"), item("7", "JPY"), item("-0.05"), item("0", "CHF")]
    assert owed(tmp_path, rows, *items) == [
        (Money.of("0.30", "EUR"), Money.of("0.05", "EUR")),
        (Money.of(7, "JPY"), Money.of(0, "JPY")),
    ]
    assert owed(tmp_path, rows) == []


def test_open_items_in_two_columns_keep_their_sides(tmp_path: Path) -> None:
    rows = "{each: rows, sum: true, receivable: left | money c, prepaid: paid | money c}"
    items = [item("10"), item("", paid="3"), item("-1", paid="-2.5"), item("4", paid="1")]
    assert owed(tmp_path, rows, *items) == [(Money.of("16.5", "EUR"), Money.of("5", "EUR"))]


def test_open_credit_notes_are_told_from_what_is_paid_ahead(tmp_path: Path) -> None:
    rows = """
          - {each: rows, where: sort == "invoice", sum: true, receivable: left | money c}
          - {each: rows, where: sort == "note", sum: true, credits: left | money c | negate}
          - {each: rows, where: sort == "advance", sum: true, prepaid: left | money c | negate}"""
    items = [item("10"), item("-2", sort="note"), item("-3", sort="note"), item("1", "USD")]
    assert owed(tmp_path, rows, *items, item("-4", sort="advance")) == [
        (Money.of(10, "EUR"), Money.of(4, "EUR"), Money.of(5, "EUR")),
        (Money.of(1, "USD"), Money.of(0, "USD")),
    ]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([item("")], "none of receivable, prepaid and credits has an amount in this row"),
        ([item("9000000000000"), item("9000000000000")], "the open items in EUR add up to too"),
        ([item("1", paid="1") | {"d": "USD"}], "EUR and USD in one row"),
    ],
)
def test_open_items_that_cannot_be_added_up_are_held(
    tmp_path: Path, items: list[dict[str, str]], message: str
) -> None:
    rows = "{each: rows, sum: true, receivable: left | money c, prepaid: paid | money d}"
    with pytest.raises(MappingError, match=rf"^books\.yaml:7:11 {message}"):
        owed(tmp_path, rows, *items)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("{each: rows, sum: true}", "7:11 rows that are added up need one of receivable, prepaid"),
        (
            "{each: rows, sum: yes, receivable: left | money c}",
            "7:29 sum is true or false, not yes",
        ),
        ("{each: rows, sum: false, receivable: left | money c}", "7:11 prepaid is missing"),
        (
            "[{each: rows, sum: true, receivable: left | money c}, "
            "{each: rows, receivable: left | money c, prepaid: paid | money c}]",
            "7:65 `sum: true` stands in every part of rows, or in none",
        ),
    ],
)
def test_mistakes_in_what_is_added_up_are_told_at_their_line(
    tmp_path: Path, rows: str, message: str
) -> None:
    with pytest.raises(ConfigError) as told:
        books(tmp_path, OPEN.replace("{rows}", rows))
    assert message in str(told.value)


PAID = """\
    system: memory_books
    payment:
      read: payments
      fields:
        customer: customer
        date: date | date
        amount: amount | money c
        state: {expr: "'effective'"}
        allocations: {allocations}
    """
RECEIVED = {"customer": "7", "date": "2026-11-18", "amount": "12.50", "c": "EUR", "bill": "Н-1"}


def settles(folder: Path, allocations: str, **more: str) -> tuple[Allocation, ...]:
    inbound = books(folder, PAID.replace("{allocations}", allocations)).inbound[Kind.PAYMENT]
    found = inbound(Record("1", RECEIVED | more))
    assert isinstance(found, Payment)
    return found.allocations


def test_a_document_that_names_its_invoice_in_a_field_settles_it(tmp_path: Path) -> None:
    whole = Allocation("Н-1", Money.of("12.50", "EUR"))
    assert settles(tmp_path, "{invoice: bill}") == (whole,)
    assert settles(tmp_path, "{invoice: bill}", bill="") == ()
    part = "{invoice: bill, amount: left | money c}"
    assert settles(tmp_path, part, left="3") == (Allocation("Н-1", Money.of(3, "EUR")),)
    where = "{invoice: bill, where: sort == 'bill'}"
    assert settles(tmp_path, where, sort="bill") == (whole,)
    assert settles(tmp_path, where, sort="order") == ()
    text = PAID.replace("{allocations}", part)
    reads = books(tmp_path, text).inbound[Kind.PAYMENT].read.paths
    assert {"bill", "left"} <= set(reads)


def test_a_field_and_rows_settle_together(tmp_path: Path) -> None:
    rows = "[{invoice: bill}, {each: rows, invoice: bill, amount: a | money parent.c}]"
    inbound = books(tmp_path, PAID.replace("{allocations}", rows)).inbound[Kind.PAYMENT]
    found = inbound(Record("1", {**RECEIVED, "rows": [{"bill": "Н-0", "a": "1"}]}))
    assert [one.invoice for one in found.allocations] == ["Н-0", "Н-1"]


def test_what_a_field_settles_is_held_where_it_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"books\.yaml:9:18 invoice is a number, not text; end"):
        settles(tmp_path, "{invoice: bill}", bill=8)  # type: ignore[arg-type]  # as books have it


@pytest.mark.parametrize(
    ("kind", "allocations", "message"),
    [
        ("payment", "{amount: amount | money c}", "9:18 invoice is missing"),
        ("adjustment", "{invoice: bill}", "amount is missing, and it is required"),
    ],
)
def test_a_field_that_settles_has_its_mistakes_told(
    tmp_path: Path, kind: str, allocations: str, message: str
) -> None:
    text = PAID.replace("payment:", f"{kind}:").replace("payments", f"{kind}s")
    with pytest.raises(ConfigError) as told:
        books(tmp_path, text.replace("{allocations}", allocations))
    assert message in str(told.value)
