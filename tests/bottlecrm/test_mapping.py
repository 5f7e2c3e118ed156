"""The shipped card: what it wants of BottleCRM for the records of the books."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.bottlecrm import BottleCRM
from syncd.domain import (
    Allocation,
    Balance,
    Canonical,
    Customer,
    Figures,
    Invoice,
    Kind,
    Money,
    Payment,
    State,
    Value,
    Want,
)
from syncd.mapping import Card, load_crm

FILE = Path(__file__).parents[2] / "mappings" / "bottlecrm.yaml"
MAPPING = load_crm(FILE, BottleCRM.facts)
CHANGED = dt.datetime(2026, 11, 18, 16, 40, tzinfo=dt.UTC)
ROMASHKA = Customer(key="7", name="ООО «Ромашка»", code="K-7", currency="EUR", country="AT")


def wants(record: Canonical, *, numbered: bool = False) -> tuple[Want, ...]:
    kind = Kind(type(record).__name__.lower())
    return MAPPING.outbound[kind](record, Card(CHANGED, numbered))


def card(*rows: Figures) -> Mapping[str, Value]:
    (want,) = wants(Balance(key="7", customer="7", currency="EUR", rows=rows))
    return {path.removeprefix("custom_fields."): value for path, value in want.fields.items()}


def open_items(receivable: str, prepaid: str, currency: str) -> Figures:
    return Figures(Money.of(receivable, currency), Money.of(prepaid, currency))


def bill(total: str = "100", currency: str = "EUR", state: State = State.EFFECTIVE) -> Invoice:
    date, due = dt.date(2026, 10, 1), dt.date(2026, 10, 15)
    amount = Money.of(total, currency)
    return Invoice(
        key="1", customer="7", number="РТ-000342", date=date, due=due, total=amount, state=state
    )


def test_a_customer_is_an_account_and_a_person_of_its_name() -> None:
    account, contact = wants(ROMASHKA)
    assert (account.target, account.fields["name"]) == ("account", "ООО «Ромашка»")
    assert account.fields["custom_fields.books_id"] == "7"
    assert (contact.target, contact.fields["last_name"]) == ("contact", "ООО «Ромашка»")
    assert str(contact.parents["account"]) == "customer:7"
    assert "email" not in contact.fields


def test_the_second_customer_of_one_name_carries_its_code() -> None:
    assert wants(ROMASHKA, numbered=True)[0].fields["name"] == "ООО «Ромашка» (K-7)"


@pytest.mark.parametrize(("theirs", "ours"), [("JPY", "JPY"), ("RUB", None), (None, None)])
def test_a_currency_the_crm_does_not_know_is_left_empty(
    theirs: str | None, ours: str | None
) -> None:
    account, _ = wants(Customer(key="7", name="山田商事", currency=theirs))
    assert account.fields["currency"] == ours


def test_an_invoice_belongs_to_the_account_and_its_person() -> None:
    (want,) = wants(bill())
    assert {word: str(ref) for word, ref in want.parents.items()} == {
        "account": "customer:7",
        "contact": "customer:7/contact",
    }
    assert want.fields == {
        "title": "РТ-000342",
        "amount": Decimal("100.00"),
        "currency": "EUR",
        "issue_date": "2026-10-01",
        "due_date": "2026-10-15",
        "state": "open",
        "custom_fields.books_id": "1",
    }


def test_a_void_invoice_is_wanted_cancelled_and_one_in_roubles_not_at_all() -> None:
    assert wants(bill(state=State.VOID))[0].fields["state"] == "cancelled"
    assert wants(bill(currency="RUB")) == ()


def test_each_allocation_is_a_payment_marked_with_the_books_key() -> None:
    whole, part = Money.of("50", "EUR"), Money.of("40.10", "EUR")
    paid = Payment(
        key="P-1",
        customer="7",
        date=dt.date(2026, 10, 20),
        amount=whole,
        allocations=(Allocation("1", part),),
    )
    (want,) = wants(paid)
    assert want.fields == {
        "payment_date": "2026-10-20",
        "amount": Decimal("40.10"),
        "reference_number": "P-1",
    }
    assert str(want.parents["invoice"]) == "invoice:1"


def test_the_card_says_in_one_sentence_what_is_owed_and_paid_ahead() -> None:
    assert card(open_items("48200", "5000", "EUR")) == {
        "receivable": Decimal("48200.00"),
        "prepaid": Decimal("5000.00"),
        "line": "Owes EUR 48,200.00, paid ahead EUR 5,000.00, changed 18 Nov 16:40",
    }


def test_two_currencies_stand_in_the_sentence_and_only_one_in_the_numbers() -> None:
    shown = card(open_items("60", "0", "EUR"), open_items("5000", "0", "JPY"))
    assert shown["receivable"] == Decimal("60.00")
    assert shown["line"] == "Owes EUR 60.00 and JPY 5,000, changed 18 Nov 16:40"


def test_roubles_stand_in_the_sentence_alone() -> None:
    shown = card(open_items("12300", "0", "RUB"))
    assert (shown["receivable"], shown["prepaid"]) == (Decimal("0.00"), Decimal("0.00"))
    assert shown["line"] == "Owes RUB 12,300.00, changed 18 Nov 16:40"


def test_whoever_owes_nothing_is_said_to() -> None:
    assert card()["line"] == "Owes nothing, changed 18 Nov 16:40"


def test_every_custom_field_of_the_card_can_be_set_up() -> None:
    fields = {
        (field.target, field.path.partition(".")[2]): field for field in MAPPING.custom_fields
    }
    types = {place: field.type for place, field in fields.items()}
    assert types == {
        ("account", "books_id"): "text",
        ("account", "receivable"): "number",
        ("account", "prepaid"): "number",
        ("account", "line"): "long_text",
        ("contact", "books_id"): "text",
        ("invoice", "books_id"): "text",
    }
