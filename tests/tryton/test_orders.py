"""What is asked of Tryton about sales, and what becomes of the answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from syncd.domain import Kind
from syncd.port import All, Read, Since
from tests.tryton.wire import (
    FIRST_CALLS,
    OLD,
    called,
    connector,
    day,
    drive,
    moment,
    money,
    pull,
)

NOW = dt.datetime(2026, 11, 18, 16, 40, tzinfo=dt.UTC)


def a_sale(key: int, total: str, *invoices: object, **changed: object) -> dict[str, Any]:
    return {
        "id": key,
        "number": "7",
        "state": "processing",
        "sale_date": day("2026-11-18"),
        "create_date": moment("2026-11-17 10:00"),
        "create_uid.": {"id": 1, "rec_name": "admin"},
        "quoted_by.": None,
        "confirmed_by.": None,
        "total_amount": money(total),
        "currency.": {"id": 1, "code": "EUR", "digits": 2},
        "invoices.": list(invoices),
        "lines.": [],
        "last_modified_at": OLD,
        **changed,
    }


def a_billing(key: int, total: str, state: str, untaxed: str = "0") -> dict[str, Any]:
    amounts = {"total_amount": money(total), "untaxed_amount": money(untaxed)}
    return {"id": key, "state": state, "last_modified_at": OLD, **amounts}


@pytest.mark.parametrize(
    ("invoices", "state", "left"),
    [
        ([], "processing", "96.00"),
        ([("40.00", "posted"), ("6.00", "paid")], "processing", "50.00"),
        ([("40.00", "draft"), ("40.00", "cancelled")], "processing", "96.00"),
        ([("97.00", "posted")], "processing", "0"),
        ([("96.00", "posted"), ("-96.00", "posted")], "processing", "0.00"),
        ([("40.00", "paid")], "done", "0"),
    ],
)
def test_open_is_what_is_not_invoiced_yet(invoices: Any, state: str, left: str) -> None:
    bills = [a_billing(n, total, bill) for n, (total, bill) in enumerate(invoices)]
    _, page = pull(Kind.ORDER, ("open",), All(), [a_sale(1, "96.00", *bills, state=state)])
    assert page.records[0].data == {"open": Decimal(left)}


def test_an_invoice_for_several_sales_counts_by_this_ones_part() -> None:
    bill = a_billing(5, "120.00", "posted", untaxed="100.00")
    part = {"id": 9, "invoice": 5, "amount": money("33.33")}
    lines = {"lines.": [{"id": 1, "last_modified_at": OLD, "invoice_lines.": [part]}]}
    _, page = pull(Kind.ORDER, ("open",), All(), [a_sale(1, "96.00", bill, **lines)])
    assert page.records[0].data == {"open": Decimal("56.00")}


@pytest.mark.parametrize(
    ("confirmed", "quoted", "seller"),
    [("Eva", "Udo", "Eva"), (None, "Udo", "Udo"), (None, None, "admin")],
)
def test_the_seller_is_an_employee_else_the_user(
    confirmed: str | None, quoted: str | None, seller: str
) -> None:
    by = {"confirmed_by.": confirmed, "quoted_by.": quoted}
    row = a_sale(1, "1.00", **{k: v and {"id": 1, "rec_name": v} for k, v in by.items()})
    _, page = pull(Kind.ORDER, ("seller",), All(), [row])
    assert page.records[0].data == {"seller": seller}


def test_a_sale_without_a_date_is_dated_when_it_was_made() -> None:
    _, page = pull(Kind.ORDER, ("dated",), All(), [a_sale(1, "1.00", sale_date=None)])
    assert page.records[0].data == {"dated": dt.date(2026, 11, 17)}


def test_the_stamp_of_an_order_is_that_of_its_lines_and_invoices_too() -> None:
    bill = {**a_billing(5, "1.00", "draft"), "last_modified_at": moment("2026-11-18 16:40")}
    requests, page = pull(Kind.ORDER, ("number",), Since(NOW), [a_sale(1, "1.00", bill)])
    either = called(requests[0])[1][0][-1]
    assert [clause[0] for clause in either[1:]] == [
        "last_modified_at",
        "lines.last_modified_at",
        "invoices.last_modified_at",
    ]
    assert page.records[0].stamp == NOW


def test_without_the_sale_module_there_are_no_orders() -> None:
    flow = connector().pull(Read(Kind.ORDER, "sale.sale", ("number",)), All())
    asked, page = drive(flow, *FIRST_CALLS[:2], 0)
    assert len(asked) == 3 and page.records == [] and page.next is None
