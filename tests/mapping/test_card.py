"""A card's figures stand apart by currency, and what is not known yet stays as it is."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.domain import Card, Kind, Money, OpenOrder, Ref, Sums, Value
from syncd.errors import MappingError

from .systems import card, card_file, crm, crm_problems, shipped_crm, shown, sums

KNOWN = ("CHF", "EUR", "JPY", "USD")
ZERO = Decimal("0.00")


def test_a_card_updates_the_account_of_its_customer_and_makes_none() -> None:
    [want] = shipped_crm(*KNOWN).outbound[Kind.CARD](card())
    assert (want.part, want.target, want.of) == ("", "account", Ref(Kind.CUSTOMER, "7"))
    assert want.borrowed
    assert want.marker == "7"
    assert "books_id" not in want.fields
    assert shipped_crm().outbound[Kind.CARD].targets == ()


# ---------------------------------------------------------------------------------------- figures

OPENED = [
    ([], ZERO, ZERO),
    ([sums("EUR", "48200", "5000")], Decimal("48200.00"), Decimal("5000.00")),
    ([sums("USD", "80")], Decimal("80.00"), ZERO),
    ([sums("EUR", "100", "5"), sums("USD", "80")], Decimal("100.00"), Decimal("5.00")),
    ([sums("CHF", "1"), sums("USD", "0", "2")], ZERO, ZERO),
    ([sums("RUB", "12300", "7")], ZERO, ZERO),
    ([sums("EUR", "1"), sums("RUB", "12300", "7")], Decimal("1.00"), ZERO),
    ([sums("JPY", "48200")], Decimal("48200.00"), ZERO),
    ([sums("EUR", total_sales="9"), sums("USD", "80", "4")], Decimal("80.00"), Decimal("4.00")),
]
IDS = ["none", "own", "one other", "two", "two others", "unknown", "own and unknown", "yen"]


@pytest.mark.parametrize(("rows", "receivable", "prepaid"), OPENED, ids=[*IDS, "only one is open"])
def test_what_is_open_is_of_one_currency_and_never_added_up(
    rows: list[Sums], receivable: Decimal, prepaid: Decimal
) -> None:
    for complete in (True, False):
        got = shown(shipped_crm(*KNOWN), card(*rows, complete=complete))
        assert (got["receivable"], got["prepaid"]) == (receivable, prepaid)


COUNTED = [
    ([], ZERO),
    ([sums("EUR", total_sales="9")], Decimal("9.00")),
    ([sums("USD", total_sales="8")], Decimal("8.00")),
    ([sums("EUR", total_sales="9"), sums("USD", "80")], None),
    ([sums("RUB", total_sales="9")], None),
]


@pytest.mark.parametrize(("rows", "sales"), COUNTED)
def test_what_is_counted_is_of_the_only_currency_or_nothing(
    rows: list[Sums], sales: Decimal | None
) -> None:
    assert shown(shipped_crm(*KNOWN), card(*rows))["total_sales"] == sales


def test_what_is_overdue_follows_what_is_open() -> None:
    rows = [sums("EUR", "100", overdue="30"), sums("USD", "80", overdue="80")]
    assert shown(shipped_crm(*KNOWN), card(*rows))["overdue"] == Decimal("30.00")
    sold = sums("EUR", total_sales="9")
    assert shown(shipped_crm(*KNOWN), card(sold, rows[1]))["overdue"] == Decimal("80.00")


def test_each_figure_is_its_own(tmp_path: Path) -> None:
    names = [
        "receivable", "prepaid", "credits", "overdue", "total_sales", "sales_12m", "average_order",
        "open_orders_total",
    ]  # fmt: skip
    text = card_file(", ".join(f"{name}: custom_fields.{name}" for name in names))
    row = sums(
        "EUR", "1", "2", credits="3", overdue="4", total_sales="5", sales_12m="6",
        average_order="7", open_orders="8",
    )  # fmt: skip
    got = shown(crm(tmp_path, text), card(row))
    assert got == {name: Decimal(index) for index, name in enumerate(names, 1)}


IN_CHF = "receivable: custom_fields.r | in CHF, total_sales: custom_fields.s | in CHF"


@pytest.mark.parametrize(
    ("rows", "receivable", "sales"),
    [
        ([], "0.00", "0.00"),
        ([sums("EUR", "5", total_sales="5")], "0.00", "0.00"),
        ([sums("CHF", "7", total_sales="8"), sums("EUR", "5", total_sales="5")], "7.00", "8.00"),
    ],
)
def test_a_named_currency_has_its_figure_whatever_others_there_are(
    tmp_path: Path, rows: list[Sums], receivable: str, sales: str
) -> None:
    for mapping in (crm(tmp_path, card_file(IN_CHF)), crm(tmp_path, card_file(IN_CHF), "EUR")):
        assert shown(mapping, card(*rows)) == {"r": Decimal(receivable), "s": Decimal(sales)}


# ------------------------------------------------------------------------ counts, days and texts


STORY = card(
    sums("EUR", "48200", "5000", overdue="12300", open_orders="27000"),
    orders_count=4,
    open_orders_count=1,
    open_orders=(OpenOrder("ТДЦБ-000389", dt.date(2026, 11, 18), Money.of(27000, "EUR")),),
    overdue_since=dt.date(2026, 11, 5),
    first_order=dt.date(2026, 9, 2),
    last_order=dt.date(2026, 11, 18),
    last_payment=dt.date(2026, 10, 30),
    proven=dt.date(2026, 11, 20),
    stage="repeat",
    seller="Анна",
)
"""Four orders, one of them not shipped."""


def story(**more: Any) -> Card:
    return replace(STORY, **more)


COUNTS = """first_order: custom_fields.first, last_order: custom_fields.last, \
last_payment: custom_fields.paid, overdue_since: custom_fields.late, \
orders_count: custom_fields.n, open_orders_count: custom_fields.o, \
seller: custom_fields.seller | upper, stage: custom_fields.stage | lookup labels, \
proven: custom_fields.proven, unproven: custom_fields.unproven, \
receivable: custom_fields.receivable"""
STAGES = '[{stage: repeat, when: "orders_count >= 2"}]'
LABELS = "lookups: {labels: {repeat: Повторный, first: Первый}}\n"
OPEN: dict[str, Value] = {"receivable": Decimal(48200), "proven": "2026-11-20", "unproven": None}


def test_counts_days_and_a_stage_in_the_words_of_the_target(tmp_path: Path) -> None:
    mapping = crm(tmp_path, card_file(COUNTS, stages=STAGES, head=LABELS))
    assert shown(mapping, story()) == OPEN | {
        "first": "2026-09-02",
        "last": "2026-11-18",
        "paid": "2026-10-30",
        "late": "2026-11-05",
        "n": 4,
        "o": 1,
        "seller": "АННА",
        "stage": "Повторный",
    }


def test_what_is_not_known_yet_is_not_wanted_and_so_stays_as_it_is(tmp_path: Path) -> None:
    mapping = crm(tmp_path, card_file(COUNTS, stages=STAGES, head=LABELS))
    assert shown(mapping, story(complete=False)) == OPEN
    rest = shown(shipped_crm(*KNOWN), story(complete=False))
    assert set(rest) == {"receivable", "prepaid", "credits", "line"}


def test_a_customer_in_no_stage_has_none(tmp_path: Path) -> None:
    mapping = crm(tmp_path, card_file(COUNTS, stages=STAGES, head=LABELS))
    assert shown(mapping, story(stage=None))["stage"] is None


def test_a_stage_that_its_lookup_lacks_is_told_when_the_file_is_loaded(tmp_path: Path) -> None:
    text = card_file("stage: custom_fields.s | lookup labels", stages=STAGES, head=LABELS)
    assert crm_problems(tmp_path, text) == []
    assert crm_problems(tmp_path, text.replace("{stage: repeat", "{stage: top")) == [
        "6:37 stage top is not in lookup labels"
    ]


def test_a_stage_from_older_rules_that_its_lookup_lacks_is_held(tmp_path: Path) -> None:
    mapping = crm(tmp_path, card_file(COUNTS, stages=STAGES, head=LABELS))
    with pytest.raises(MappingError, match=r"^crm\.yaml:6:\d+ 'gone' is not in lookup labels"):
        shown(mapping, story(stage="gone"))


LISTED = "open_orders: custom_fields.orders, ageing: custom_fields.ageing"


def _aged(code: str, *amounts: str) -> Sums:
    ageing = tuple(Money.of(amount, code) for amount in amounts)
    return replace(sums(code), ageing=ageing)


@pytest.mark.parametrize(
    ("language", "orders", "ageing"),
    [
        (
            "en",
            "B-2  2026-11-18  EUR 27,000.00\nA-1  2026-11-02  JPY 500",
            "1-30: EUR 12,300.00, 90+: EUR 0.50\n31-60: USD 7.00, 61-90: USD 8.00",
        ),
        (
            "ru",
            "B-2  2026-11-18  27 000,00 EUR\nA-1  2026-11-02  500 JPY",
            "1-30: 12 300,00 EUR, 90+: 0,50 EUR\n31-60: 7,00 USD, 61-90: 8,00 USD",
        ),
        (
            "ja",
            "B-2  2026-11-18  27,000.00 EUR\nA-1  2026-11-02  500円",
            "1-30: 12,300.00 EUR, 90+: 0.50 EUR\n31-60: 7.00 USD, 61-90: 8.00 USD",
        ),
    ],
)
def test_open_orders_and_ageing_are_text_in_the_language_of_the_file(
    tmp_path: Path, language: str, orders: str, ageing: str
) -> None:
    mapping = crm(tmp_path, card_file(LISTED, head=f"language: {language}\n"))
    made = card(
        _aged("CHF", "0", "0", "0", "0"),
        _aged("EUR", "12300", "0", "0", "0.5"),
        _aged("USD", "0", "7", "8", "0"),
        open_orders=(
            OpenOrder("B-2", dt.date(2026, 11, 18), Money.of(27000, "EUR")),
            OpenOrder("A-1", dt.date(2026, 11, 2), Money.of(500, "JPY")),
        ),
    )
    assert shown(mapping, made) == {"orders": orders, "ageing": ageing}


def test_nothing_overdue_and_nothing_on_order_is_nothing(tmp_path: Path) -> None:
    mapping = crm(tmp_path, card_file(LISTED))
    assert shown(mapping, card(sums("EUR", "5"))) == {"orders": None, "ageing": None}
    assert shown(mapping, card(sums("EUR", "5"), complete=False)) == {}
