"""Canonical records become objects wanted at the target; figures are never added up."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from syncd.domain import (
    Allocation,
    Balance,
    Customer,
    Figures,
    Invoice,
    Kind,
    Money,
    Payment,
    Ref,
    State,
    Value,
    Want,
)
from syncd.errors import MappingError
from syncd.mapping import Card
from syncd.mapping.say import LANGUAGES, amount
from syncd.port import FieldDef

from .systems import CHANGED, card, crm, crm_problems, shipped_crm

KNOWN = ("CHF", "EUR", "JPY", "USD")
DAY = dt.date(2026, 11, 18)
INVOICE = Invoice(
    key="9", customer="7", number="РТ-000842", date=DAY, total=Money.of("50500.00", "EUR")
)


def wants(record: Customer | Invoice | Payment | Balance, *, numbered: bool = False) -> list[Want]:
    kind = Kind(type(record).__name__.lower())
    return list(shipped_crm(*KNOWN).outbound[kind](record, card(numbered=numbered)))


def balance(*rows: tuple[str, str, str], own: str = "EUR") -> dict[str, Value]:
    figures = (Figures(Money.of(r, code), Money.of(p, code)) for code, r, p in rows)
    [want] = wants(Balance(key="7", customer="7", currency=own, rows=tuple(figures)))
    return {path.removeprefix("custom_fields."): value for path, value in want.fields.items()}


# -------------------------------------------------------------------------------------- documents


def test_a_customer_is_an_account_and_a_contact_below_it() -> None:
    account, contact = wants(Customer(key="7", name="ООО «Пример»", currency="USD"))
    assert (account.part, account.target, account.marker) == ("", "account", "7")
    assert account.fields == {
        "name": "ООО «Пример»", "email": None, "phone": None, "currency": "USD", "books_id": "7"
    }  # fmt: skip
    assert (contact.part, contact.target, contact.marker) == ("contact", "contact", "7")
    assert contact.parents == {"account": Ref(Kind.CUSTOMER, "7")}


@pytest.mark.parametrize(
    ("name", "code", "unique"),
    [
        ("Müller", "C-1", "Müller (C-1)"),
        ("Müller", None, "Müller (7)"),
        ("株" * 300, "C-1", "株" * 249 + " (C-1)"),
    ],
)
def test_the_unique_form_keeps_what_makes_it_unique(
    name: str, code: str | None, unique: str
) -> None:
    customer = Customer(key="7", name=name, code=code)
    assert wants(customer)[0].fields["name"] == name[:255]
    assert wants(customer, numbered=True)[0].fields["name"] == unique


def test_a_currency_the_target_does_not_know_is_left_empty_on_the_card() -> None:
    assert wants(Customer(key="7", name="Пример", currency="RUB"))[0].fields["currency"] is None


def test_an_invoice_hangs_below_account_and_contact() -> None:
    [want] = wants(INVOICE)
    assert want.parents == {
        "account": Ref(Kind.CUSTOMER, "7"),
        "contact": Ref(Kind.CUSTOMER, "7", "contact"),
    }
    assert want.fields == {
        "title": "РТ-000842",
        "currency": "EUR",
        "issue_date": "2026-11-18",
        "due_date": None,
        "amount": Decimal("50500.00"),
        "state": "open",
        "books_id": "9",
    }


def _in(state: State, currency: str = "EUR") -> Invoice:
    total = Money.of(1, currency)
    return Invoice(key="9", customer="7", number="1", date=DAY, total=total, state=state)


def test_a_void_invoice_is_wanted_cancelled_and_a_draft_not_at_all() -> None:
    [want] = wants(_in(State.VOID))
    assert want.fields["state"] == "cancelled"
    assert wants(_in(State.DRAFT)) == []


def test_a_void_invoice_is_not_wanted_where_its_state_is_not_written(tmp_path: Path) -> None:
    text = """\
        system: memory_crm
        customer: {write: account, marker: books_id, fields: {name: name}, parts: {
          contact: {write: contact, marker: books_id, parents: {account: customer}, fields: {}}}}
        invoice:
          write: invoice
          marker: books_id
          parents: {account: customer, contact: customer/contact}
          fields: {total: amount}
        """
    outbound = crm(tmp_path, text).outbound[Kind.INVOICE]
    assert outbound(_in(State.VOID), card()) == ()
    assert len(outbound(_in(State.EFFECTIVE), card())) == 1


def test_a_document_in_an_unknown_currency_is_not_wanted() -> None:
    assert wants(_in(State.EFFECTIVE, "RUB")) == []
    assert len(shipped_crm().outbound[Kind.INVOICE](_in(State.EFFECTIVE, "RUB"), card())) == 1


def _payment(*allocations: tuple[str, str, str], state: State = State.EFFECTIVE) -> Payment:
    parts = tuple(Allocation(invoice, Money.of(a, code)) for invoice, a, code in allocations)
    total = Money.of(100, "EUR")
    return Payment(key="3", customer="7", date=DAY, amount=total, allocations=parts, state=state)


def test_a_payment_is_one_object_per_invoice() -> None:
    lines = [("8", "5", "EUR"), ("9", "1", "EUR"), ("9", "2.50", "EUR"), ("6", "4", "RUB")]
    first, second = wants(_payment(*lines))
    assert (first.part, first.parents) == ("8", {"invoice": Ref(Kind.INVOICE, "8")})
    assert second == Want(
        part="9",
        target="payment",
        marker="3",
        parents={"invoice": Ref(Kind.INVOICE, "9")},
        fields={"payment_date": "2026-11-18", "amount": Decimal("3.50"), "reference": "3"},
        of=None,
    )


def test_what_settles_nothing_or_is_void_has_no_object() -> None:
    assert wants(_payment()) == []
    assert wants(_payment(("9", "1", "EUR"), ("9", "-1", "EUR"))) == []
    assert wants(_payment(("9", "1", "EUR"), state=State.VOID)) == []


def test_two_currencies_for_one_invoice_are_held() -> None:
    with pytest.raises(MappingError, match=r"^memory_crm\.yaml:38:1 EUR and USD for one invoice"):
        wants(_payment(("9", "1", "EUR"), ("9", "1", "USD")))


# ---------------------------------------------------------------------------------------- figures


def test_a_balance_updates_the_account_of_its_customer() -> None:
    [want] = wants(Balance(key="7", customer="7", currency="EUR"))
    assert (want.part, want.target, want.of) == ("", "account", Ref(Kind.CUSTOMER, "7"))


ZERO = Decimal("0.00")


@pytest.mark.parametrize(
    ("rows", "receivable", "prepaid", "line"),
    [
        ([], ZERO, ZERO, "Owes nothing, changed 18 Nov 16:40"),
        (
            [("EUR", "48200", "5000")],
            Decimal("48200.00"),
            Decimal("5000.00"),
            "Owes EUR 48,200.00, paid ahead EUR 5,000.00, changed 18 Nov 16:40",
        ),
        ([("USD", "80", "0")], Decimal("80.00"), ZERO, "Owes USD 80.00, changed 18 Nov 16:40"),
        (
            [("EUR", "100", "5"), ("USD", "80", "0")],
            Decimal("100.00"),
            Decimal("5.00"),
            "Owes EUR 100.00 and USD 80.00, paid ahead EUR 5.00, changed 18 Nov 16:40",
        ),
        (
            [("CHF", "1", "0"), ("USD", "0", "2")],
            ZERO,
            ZERO,
            "Owes CHF 1.00, paid ahead USD 2.00, changed 18 Nov 16:40",
        ),
        ([("RUB", "12300", "0")], ZERO, ZERO, "Owes RUB 12,300.00, changed 18 Nov 16:40"),
        (
            [("EUR", "1", "0"), ("RUB", "12300", "0")],
            Decimal("1.00"),
            ZERO,
            "Owes EUR 1.00 and RUB 12,300.00, changed 18 Nov 16:40",
        ),
        (
            [("JPY", "48200", "0")],
            Decimal("48200.00"),
            ZERO,
            "Owes JPY 48,200, changed 18 Nov 16:40",
        ),
    ],
    ids=["none", "own", "one other", "two", "two others", "unknown", "own and unknown", "yen"],
)
def test_figures_of_currencies_stand_apart(
    rows: list[tuple[str, str, str]], receivable: Decimal, prepaid: Decimal, line: str
) -> None:
    assert balance(*rows) == {"receivable": receivable, "prepaid": prepaid, "line": line}


def test_a_line_stays_short_and_counts_what_it_leaves_out() -> None:
    codes = ["CHF", "CZK", "DKK", "EUR", "GBP", "HUF", "NOK", "PLN", "RON", "SEK", "USD"]
    line = balance(*((code, "1234567.00", "1234567.00") for code in codes))["line"]
    assert isinstance(line, str)
    assert len(line) <= 160
    assert line.startswith("Owes CHF 1,234,567.00, CZK 1,234,567.00")
    assert " more, paid ahead CHF" in line
    assert line.endswith(" more, changed 18 Nov 16:40")


@pytest.mark.parametrize(
    ("language", "money", "shown"),
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
def test_an_amount_shows_every_digit_it_has(language: str, money: Money, shown: str) -> None:
    assert amount(money, LANGUAGES[language]) == shown


def test_the_zone_of_the_file_decides_the_day(tmp_path: Path) -> None:
    text = """\
        system: memory_crm
        language: ru
        zone: Asia/Tokyo
        customer: {write: account, marker: books_id, fields: {name: name}}
        balance:
          update: account
          of: customer
          fields:
            line: {path: custom_fields.line, say: ["изменилось {changed}"]}
        """
    outbound = crm(tmp_path, text).outbound[Kind.BALANCE]
    [want] = outbound(Balance(key="7", customer="7", currency="EUR"), Card(CHANGED))
    assert want.fields == {"custom_fields.line": "Изменилось 19.11 00:40"}


# ---------------------------------------------------------------------------------- what is needed


def test_custom_fields_are_named_with_their_types(tmp_path: Path) -> None:
    assert shipped_crm().custom_fields == (
        FieldDef("account", "custom_fields.line", "long_text", "Line"),
        FieldDef("account", "custom_fields.prepaid", "number", "Prepaid"),
        FieldDef("account", "custom_fields.receivable", "number", "Receivable"),
    )
    text = """\
        system: memory_crm
        customer: {write: account, marker: custom_fields.books_id, fields: {name: name}}
        """
    [marker] = crm(tmp_path, text).custom_fields
    assert marker == FieldDef("account", "custom_fields.books_id", "text", "Books id")


def test_a_transform_of_the_other_direction_is_refused(tmp_path: Path) -> None:
    text = """\
        system: memory_crm
        customer: {write: account, marker: books_id, fields: {name: name | trim}}
        """
    assert crm_problems(tmp_path, text) == ["2:68 trim works from a raw record only"]
