"""The line of a card is said aloud by a salesperson: short, true, and without what is zero."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain import Card, Money, Sums
from syncd.mapping.languages import LANGUAGES, amount
from syncd.mapping.say import LONGEST

from .systems import card, card_file, crm, shipped_crm, shown, sums

KNOWN = ("CHF", "EUR", "JPY", "USD")
CHANGED = "changed 18 Nov 16:40"


def line(*rows: Sums, **more: Any) -> str:
    said = shown(shipped_crm(*KNOWN), card(*rows, **more))["line"]
    assert isinstance(said, str)
    return said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "Owes nothing"),
        ([sums("EUR", "48200", "5000")], "Owes EUR 48,200.00, paid ahead EUR 5,000.00"),
        ([sums("USD", "80")], "Owes USD 80.00"),
        (
            [sums("EUR", "100", "5"), sums("USD", "80")],
            "Owes EUR 100.00 and USD 80.00, paid ahead EUR 5.00",
        ),
        ([sums("CHF", "1"), sums("USD", "0", "2")], "Owes CHF 1.00, paid ahead USD 2.00"),
        ([sums("RUB", "12300")], "Owes RUB 12,300.00"),
        ([sums("EUR", "1"), sums("RUB", "12300")], "Owes EUR 1.00 and RUB 12,300.00"),
        ([sums("JPY", "48200")], "Owes JPY 48,200"),
        ([sums("EUR", "0", "3")], "Paid ahead EUR 3.00"),
        ([sums("EUR", credits="96")], "Credits EUR 96.00"),
        ([sums("EUR", "10", credits="96")], "Owes EUR 10.00, credits EUR 96.00"),
        ([sums("EUR", total_sales="9", open_orders="4")], "Owes nothing"),
    ],
)
def test_every_currency_is_said_and_a_clause_without_a_figure_is_left_out(
    rows: list[Sums], said: str
) -> None:
    assert line(*rows) == f"{said}, {CHANGED}"


def test_what_is_overdue_is_said_with_its_day() -> None:
    row, since = sums("EUR", "48200", overdue="12300"), dt.date(2026, 11, 5)
    told = "Owes EUR 48,200.00, overdue EUR 12,300.00 since 5 Nov"
    assert line(row, overdue_since=since) == f"{told}, {CHANGED}"


def test_what_was_proven_is_said_with_its_day_and_what_was_not_with_its_first() -> None:
    row, day = sums("EUR", "10"), dt.date(2026, 11, 19)
    assert line(row, proven=day) == f"Owes EUR 10.00, {CHANGED}, proven 19 Nov"
    assert line(row, unproven=day) == f"Owes EUR 10.00, {CHANGED}, not proven since 19 Nov"


def test_while_a_document_is_corrected_nothing_else_is_said() -> None:
    row = sums("EUR", "10")
    told = line(row, correcting=("РТ-000907", "РТ-000908"), proven=dt.date(2026, 11, 19))
    assert told == "Being corrected in the books: РТ-000907, РТ-000908"
    assert line(correcting=("1",)) == "Being corrected in the books: 1"
    many = tuple(f"РТ-{number:06}" for number in range(50))
    assert len(line(row, correcting=many)) == LONGEST
    assert line(row, correcting=many).endswith("…")
    assert len(line(correcting=many, complete=False)) == LONGEST


def test_documents_that_cannot_be_read_are_said_behind_what_is_owed_whatever_the_file_says(
    tmp_path: Path,
) -> None:
    row = sums("EUR", "10", "5")
    told = "Owes EUR 10.00, not proven: P-2 cannot be read, paid ahead EUR 5.00"
    assert line(row, unreadable=("P-2",)) == f"{told}, {CHANGED}"
    assert line(unreadable=("P-2",)).startswith("Owes nothing, not proven: P-2 cannot be read")
    many = tuple(f"P-{number}" for number in range(9))
    assert "not proven: P-0, P-1, P-2 and 6 more cannot be read" in line(row, unreadable=many)
    told = line(row, correcting=("РТ-1",), unreadable=("P-2",))
    assert told == "Being corrected in the books: РТ-1, not proven: P-2 cannot be read"
    for language, said in (
        ("en", "Open: EUR 10.00, not proven: P-2 cannot be read"),
        ("ru", "Open: 10,00 EUR, не сверено: не читается P-2"),
        ("ja", "Open: 10.00 EUR、未照合：P-2を読み取れません"),
    ):
        text = 'line: {path: custom_fields.line, say: ["Open: {receivable}"]}'
        mapping = crm(tmp_path, f"language: {language}\n{card_file(text)}")
        assert shown(mapping, card(row, unreadable=("P-2",)))["line"] == said


def test_a_file_without_a_word_for_correcting_goes_on_saying_the_figures(tmp_path: Path) -> None:
    mapping = crm(
        tmp_path, card_file('line: {path: custom_fields.line, say: ["Owes {receivable}"]}')
    )
    assert shown(mapping, card(sums("EUR", "1"), correcting=("1",))) == {"line": "Owes EUR 1.00"}


def test_what_is_not_known_yet_is_not_said() -> None:
    row = sums("EUR", "48200", overdue="12300")
    since = dt.date(2026, 11, 5)
    assert line(row, overdue_since=since, complete=False) == f"Owes EUR 48,200.00, {CHANGED}"


COUNTS = """line: {path: custom_fields.line, say: ["{orders_count} orders", \
"{open_orders_count} open", "{open_orders_total}", "first {first_order}", "last {last_order}", \
"paid {last_payment}", "{stage}", "by {seller}"]}"""


def test_counts_and_days_can_be_said_and_a_count_of_zero_is_left_out(tmp_path: Path) -> None:
    mapping, day = crm(tmp_path, card_file(COUNTS)), dt.date(2026, 11, 8)
    made = card(
        sums("EUR", open_orders="27000"), orders_count=4, open_orders_count=1, first_order=day,
        last_order=day, last_payment=day, stage="repeat", seller="Anna",
    )  # fmt: skip
    told = "4 orders, 1 open, EUR 27,000.00, first 8 Nov, last 8 Nov, paid 8 Nov, repeat, by Anna"
    assert shown(mapping, made) == {"line": told}
    assert shown(mapping, card()) == {"line": None}
    assert shown(mapping, card(orders_count=4, complete=False)) == {"line": None}


LANGUAGE = {
    "ru": (
        'say: ["Долг {receivable}", "просрочено {overdue} с {overdue_since}", "аванс {prepaid}", '
        '"изменилось {changed}", "сверено {proven}"], else: Долга нет',
        "Долг 48 200,00 ₽, просрочено 12 300,00 ₽ с 05.11, аванс 5 000,00 ₽, "
        "изменилось 18.11 15:40, сверено 20.11",
        "Долга нет, изменилось 18.11 15:40",
    ),
    "en": (
        'say: ["Owes {receivable}", "overdue {overdue} since {overdue_since}", '
        '"paid ahead {prepaid}", "changed {changed}", "proven {proven}"], else: Owes nothing',
        "Owes RUB 48,200.00, overdue RUB 12,300.00 since 5 Nov, paid ahead RUB 5,000.00, "
        "changed 18 Nov 15:40, proven 20 Nov",
        "Owes nothing, changed 18 Nov 15:40",
    ),
    "ja": (
        'say: ["売掛金 {receivable}", "うち期限超過 {overdue}（{overdue_since}から）", '
        '"前受金 {prepaid}", "更新 {changed}", "照合済 {proven}"], else: 残高なし',
        "売掛金 48,200.00 RUB、うち期限超過 12,300.00 RUB（11/5から）、前受金 5,000.00 RUB、"
        "更新 11/18 15:40、照合済 11/20",
        "残高なし、更新 11/18 15:40",
    ),
}


@pytest.mark.parametrize("language", LANGUAGE)
def test_the_story_is_told_in_three_languages(tmp_path: Path, language: str) -> None:
    said, told, nothing = LANGUAGE[language]
    head = f"language: {language}\n"
    mapping = crm(tmp_path, card_file(f"line: {{path: custom_fields.line, {said}}}", head=head))
    row = sums("RUB", "48200", "5000", overdue="12300")
    since, proven = dt.date(2026, 11, 5), dt.date(2026, 11, 20)
    assert shown(mapping, card(row, overdue_since=since, proven=proven)) == {"line": told}
    assert shown(mapping, card()) == {"line": nothing}


def test_a_line_stays_short_and_counts_what_it_leaves_out() -> None:
    codes = ["CHF", "CZK", "DKK", "EUR", "GBP", "HUF", "NOK", "PLN", "RON", "SEK", "USD"]
    said = line(*(sums(code, "1234567.00", "1234567.00") for code in codes))
    assert len(said) <= LONGEST
    assert said.startswith("Owes CHF 1,234,567.00, CZK 1,234,567.00")
    assert " more, paid ahead CHF" in said
    assert said.endswith(f" more, {CHANGED}")


amounts = st.integers(0, 10**12).map(str)
rows = st.lists(
    st.builds(sums, st.sampled_from(KNOWN), amounts, amounts, credits=amounts, overdue=amounts),
    max_size=4,
    unique_by=lambda row: row.receivable.currency,
)
days = st.none() | st.dates()
documents = st.lists(st.text("РТ-0", min_size=1, max_size=40), max_size=9).map(tuple)
more = st.fixed_dictionaries(
    {
        "overdue_since": days,
        "proven": days,
        "unproven": days,
        "correcting": documents,
        "complete": st.booleans(),
    }
)
cards = st.builds(lambda rows, more: card(*rows, **more), rows, more)
SHIPPED = shipped_crm(*KNOWN)


@given(cards)
def test_no_line_is_longer_than_a_card_shows(made: Card) -> None:
    said = shown(SHIPPED, made)["line"]
    assert isinstance(said, str)
    assert 0 < len(said) <= LONGEST


def test_a_shorter_line_may_be_asked_for(tmp_path: Path) -> None:
    text = card_file('line: {path: custom_fields.line | max 9, say: ["Owes {receivable}"]}')
    for complete in (True, False):
        made = card(sums("EUR", "48200"), complete=complete)
        assert shown(crm(tmp_path, text), made) == {"line": "Owes EUR"}


@pytest.mark.parametrize(
    ("language", "money", "told"),
    [
        ("en", Money.of("0.015", "EUR"), "EUR 0.015"),
        ("en", Money.of("-1234.5", "EUR"), "EUR -1,234.50"),
        ("en", Money.of("1", "KWD"), "KWD 1.000"),
        ("en", Money.of("0.5", "JPY"), "JPY 0.5"),
        ("ru", Money.of("48200", "RUB"), "48 200,00 ₽"),
        ("ru", Money.of("48200", "USD"), "48 200,00 USD"),
        ("ja", Money.of("48200", "JPY"), "48,200円"),
        ("ja", Money.of("48200", "USD"), "48,200.00 USD"),
    ],
)
def test_an_amount_shows_every_digit_it_has(language: str, money: Money, told: str) -> None:
    assert amount(money, LANGUAGES[language]) == told


def test_the_zone_of_the_file_decides_the_day(tmp_path: Path) -> None:
    text = card_file(
        'line: {path: custom_fields.line, say: ["изменилось {changed}"]}',
        head="language: ru\nzone: Asia/Tokyo\n",
    )
    assert shown(crm(tmp_path, text), card()) == {"line": "Изменилось 19.11 00:40"}
