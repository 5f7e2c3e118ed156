"""Two legal entities in one base: what each report says of them, and that nothing is lost between
them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from syncd.domain import Extra, Kind, Money, Payment
from syncd.image import decode, encode
from syncd.report import Result
from tests.engine.rig import Rig
from tests.report.asking import ask, rows
from tests.why.asking import mapped

HOUSE, TRADE = "ООО «Торговый дом»", "株式会社サンプル商事"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """One customer of both, one of the second alone, one of whom nobody says whose it is."""
    rig = Rig(tmp_path)
    books = rig.world.books
    both, second, nobody = (books.add_customer(name) for name in ("Обе", "二", "None"))
    for customer, total, whose in ((both, "300.00", HOUSE), (both, "50.00", TRADE)):
        order = books.add_order(customer, total, organisation=whose, seller="Анна")
        part = (books.invoice_order(order, due="2026-11-01"), "40.00")
        books.pay(customer, "45.00", allocations=[part], organisation=whose)
    books.refund(both, "2.00", organisation=HOUSE)
    books.post_credit_note(both, "7.00", organisation=TRADE)
    books.adjust(second, "9.00", "opening", organisation=TRADE)
    yen = books.add_order(second, "90000", currency="JPY", organisation=TRADE)
    books.invoice_order(yen)
    books.post_invoice(nobody, "5.00")
    rig.set_up()
    return rig


def told(found: Result, *words: str, table: int = 0) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """(organisation, currency) -> these figures."""
    assert found.holds, found.checks
    shown = rows(found.tables[table])
    return {
        (one["organisation"], one["currency"]): tuple(one[word] for word in words) for one in shown
    }


def test_settlements_are_by_the_document_and_say_what_the_ledger_does_not(rig: Rig) -> None:
    found = ask(rig, "settlements", "organisation")
    assert told(found, "invoiced", "credited", "paid", "adjusted", "closing") == {
        (HOUSE, "EUR"): (300, 0, 43, 0, 257),
        (TRADE, "EUR"): (50, 7, 45, 9, 7),
        (TRADE, "JPY"): (90000, 0, 0, 0, 90000),
        (None, "EUR"): (5, 0, 0, 0, 5),
    }
    assert "prepaid" not in [column.word for column in found.tables[0].columns]
    assert any("of customers, not of organisations" in note for note in found.notes)


def test_ageing_is_by_the_invoice_and_what_has_none_by_the_only_one_it_can_be_of(rig: Rig) -> None:
    assert told(ask(rig, "ageing", "organisation"), "1-30", "not due", "other", "receivable") == {
        (HOUSE, "EUR"): (260, 0, 0, 260),
        (TRADE, "EUR"): (10, 0, 9, 19),
        (TRADE, "JPY"): (0, 90000, 0, 90000),
        (None, "EUR"): (0, 5, 0, 5),
    }
    rig.world.books.adjust("1", "3.00", "opening", organisation=HOUSE)
    rig.later(600)
    assert told(ask(rig, "ageing", "organisation"), "other")[None, "EUR"] == (3,), "of one of two"


def test_orders_money_received_and_times_are_by_organisation_too(rig: Rig) -> None:
    assert told(ask(rig, "average-order", "organisation"), "orders", "average") == {
        (HOUSE, "EUR"): (1, 300),
        (TRADE, "EUR"): (1, 50),
        (TRADE, "JPY"): (1, 90000),
    }
    paid = ask(rig, "commissions", "organisation")
    assert told(paid, "base") == {(HOUSE, "EUR"): (40,), (TRADE, "EUR"): (40,)}
    apart = told(paid, "received", "refunded", "sum", table=1)
    assert apart == {(HOUSE, "EUR"): (5, -2, 3), (TRADE, "EUR"): (5, 0, 5)}
    times = rows(ask(rig, "pipeline-times", "organisation").tables[0])
    assert {one["organisation"]: one["open"] for one in times} == {HOUSE: 1, TRADE: 2, None: 1}


@pytest.mark.parametrize("name", ["settlements", "ageing", "average-order", "commissions"])
def test_the_sums_of_the_organisations_are_those_of_the_customers(name: str, rig: Rig) -> None:
    parts, whole = (_totals(ask(rig, name, by)) for by in ("organisation", "customer"))
    assert parts and parts.items() <= whole.items()
    table = ask(rig, name, "organisation").tables[0]
    summed: Counter[tuple[str, str]] = Counter()
    for row in rows(table):
        for word, cell in row.items():
            if isinstance(cell, Decimal) and word != "average":
                summed[row["currency"], word] += cell  # type: ignore[assignment]
    assert {key: value for key, value in parts.items() if key[1] != "average"} == summed


def _totals(found: Result) -> dict[tuple[str, str], Decimal]:
    table, totals = found.tables[0], {}
    words = [column.word for column in table.columns]
    for row in table.totals:
        cells = dict(zip(words, row, strict=True))
        for word, cell in cells.items():
            if isinstance(cell, Money):
                totals[str(cells["currency"]), word] = cell.amount
    return totals


def test_a_mapping_that_does_not_say_whose_documents_are_is_told(tmp_path: Path) -> None:
    without = mapped(tmp_path, "memory_books", {"    organisation: organisation | trim\n": ""})
    rig = Rig(tmp_path, mappings=without)
    rig.world.books.post_invoice(rig.world.books.add_customer("一"), "5.00", organisation=HOUSE)
    rig.set_up()
    found = ask(rig, "settlements", "organisation")
    assert told(found, "invoiced") == {(None, "EUR"): (5,)}
    assert (
        "books's mapping says no organisation of orders, invoices, payments, credit_notes, "
        "adjustments" in found.notes
    )


def test_a_record_without_one_is_the_bytes_it_was_before_there_were_any() -> None:
    """So that nothing counts as changed after an upgrade."""
    amount = Money.of("5.00", "EUR")
    paid = Payment(key="1", customer="7", date=dt.date(2026, 11, 18), amount=amount)
    assert encode(paid).endswith(b'"allocations":[],"state":"effective"}')
    added = msgspec.structs.replace(paid, extras=(Extra.of("lot", "株"),))
    assert encode(added).endswith(b'"text":"\xe6\xa0\xaa"}]}')
    for one in (paid, added, msgspec.structs.replace(paid, organisation=HOUSE)):
        assert decode(Kind.PAYMENT, encode(one)) == one
