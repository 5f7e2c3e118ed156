"""What cells mean, and that nothing is taken for something that it may not be."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.table.forms import Broken, Cell, Form, UnfitError, fits, text_of
from syncd.table.guess import looks

NBSP, NARROW = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("example", "typed", "means"),
    [
        ("", "1234.56", "1234.56"),
        ("", "-0.5", "-0.5"),
        ("1 234,56", "12 345 678,90", "12345678.90"),
        ("1 234,56", f"1{NBSP}234,5", "1234.5"),
        ("1 234,56", f"1{NARROW}234", "1234"),
        ("1 234,56", "−7,00", "-7.00"),
        ("1 234,56", "(7,00)", "-7.00"),
        ("1.234,56", "1.234.567,89", "1234567.89"),
        ("1,234.56", "1,234.56", "1234.56"),
        ("1,234", "▲1,234,567", "-1234567"),
        ("1'234.56", "1’234.56", "1234.56"),
        ("1234,56", "1234,56", "1234.56"),
        ("1 234,56", "１２３", "123"),
    ],
)
def test_numbers_as_they_are_declared(example: str, typed: str, means: str) -> None:
    assert fits("number", example)
    found = Form("number", example).read(typed)
    assert (found, str(found)) == (Decimal(means), means)


@pytest.mark.parametrize(
    ("example", "typed"),
    [
        ("", "1,234"),
        ("", "1 234.00"),
        ("1 234,56", "12,3O"),
        ("1 234,56", "1.234,56"),
        ("1 234,56", "12 34,50"),
        ("1,234.56", "1,23"),
        ("1,234", "1,234.5"),
        ("1 234,56", "1 234,"),
        ("1 234,56", "--7"),
        ("1 234,56", "100 ₽"),
        ("1 234,56", "1e3"),
        ("", "NaN"),
    ],
)
def test_what_is_not_as_declared_is_no_number(example: str, typed: str) -> None:
    with pytest.raises(UnfitError):
        Form("number", example).read(typed)


@pytest.mark.parametrize(
    ("pattern", "typed"),
    [
        ("", "2026-11-18"),
        ("", "2026-11-18 10:15:00"),
        ("%d.%m.%Y", "18.11.2026"),
        ("%m/%d/%Y", "11/18/2026"),
        ("%Y年%m月%d日", "2026年11月18日"),
        ("%d.%m.%Y %H:%M:%S", "18.11.2026 0:00:00"),
        ("%d.%m.%Y", dt.date(2026, 11, 18)),
    ],
)
def test_days_as_they_are_declared(pattern: str, typed: Cell) -> None:
    assert fits("date", pattern)
    assert Form("date", pattern).read(typed) == dt.date(2026, 11, 18)


@pytest.mark.parametrize("typed", ["03/04/2026", "31.02.2026", "2026-11-18", 45979, True])
def test_what_is_no_such_day(typed: Cell) -> None:
    with pytest.raises(UnfitError, match="date as"):
        Form("date", "%d.%m.%Y").read(typed)


def test_flags_and_texts() -> None:
    assert [Form("flag", "да/нет").read(one) for one in ("Да", " нет")] == [True, False]
    assert Form("flag").read(1) is True
    with pytest.raises(UnfitError):
        Form("flag", "да/нет").read("yes")
    assert [Form("text").read(one) for one in ("007", 7, Decimal("7.50"))] == ["007", "7", "7.5"]
    assert Form("number").read("") is None
    with pytest.raises(UnfitError):
        Form("text").read(Broken("#N/A"))


@pytest.mark.parametrize(
    ("type", "sent"),
    [("number", "one"), ("number", "1,234,567"), ("date", "%d.%m"), ("flag", "да"), ("text", "7")],
)
def test_what_cannot_stand_behind_as(type: str, sent: str) -> None:
    assert not fits(type, sent)


@given(st.decimals(-(10**12), 10**12, allow_nan=False, places=2))
def test_a_number_comes_back_from_every_way_of_writing_it(exact: Decimal) -> None:
    whole = f"{exact:,.2f}"
    for example, comma, point in (
        ("1,234.56", ",", "."),
        ("1 234,56", NBSP, ","),
        ("1.234,56", ".", ","),
        ("1234.56", "", "."),
    ):
        typed = whole.replace(",", "_").replace(".", point).replace("_", comma)
        assert Form("number", example).read(typed) == exact


def test_what_a_column_looks_like_is_said_and_what_could_be_two_things_too() -> None:
    assert looks(["2026-11-18", "2026-01-02"]) == "looks like `date`"
    assert looks(["18.11.2026"]) == "looks like `date as %d.%m.%Y`"
    both = "could be `date as %d/%m/%Y` or `date as %m/%d/%Y`: it has to be declared"
    assert looks(["03/04/2026", "05/06/2026"]) == both
    assert looks(["03/04/2026", "25/06/2026"]) == "looks like `date as %d/%m/%Y`"
    assert looks(["1 234,50", "7,00"]) == "looks like `number as 1 234,56`"
    assert looks(["1,234"]) == (
        "could be `number as 1234,56` or `number as 1,234.56`: it has to be declared"
    )
    assert looks(["000017", "7"]) == looks(["Ромашка", "12"]) == looks([]) == ""


def test_a_text_of_a_number_has_no_noise() -> None:
    assert text_of(Decimal("1E+3")) == "1000"
    assert text_of(dt.date(2026, 11, 18)) == "2026-11-18"
