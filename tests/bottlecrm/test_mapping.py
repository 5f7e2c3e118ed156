"""The shipped card: what it wants of BottleCRM for the records of the books."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.bottlecrm import BottleCRM
from connectors.bottlecrm.facts import FIELD_TYPES, MODELS
from syncd.domain import (
    CANONICAL,
    Adjustment,
    Allocation,
    Canonical,
    Card,
    CreditNote,
    Customer,
    Deal,
    Invoice,
    Kind,
    Money,
    OpenOrder,
    Payment,
    Reason,
    State,
    Sums,
    Value,
    Want,
    Won,
)
from syncd.mapping import load_crm
from syncd.port import Record

FILE = Path(__file__).parents[2] / "mappings" / "bottlecrm.yaml"
MAPPING = load_crm(FILE, BottleCRM.facts)
CHANGED = dt.datetime(2026, 11, 18, 16, 40, tzinfo=dt.UTC)
ROMASHKA = Customer(key="7", name="ООО «Ромашка»", code="K-7", currency="EUR", country="AT")


KINDS = {record: kind for kind, record in CANONICAL.items()}


def wants(record: Canonical, *, numbered: bool = False) -> tuple[Want, ...]:
    return MAPPING.outbound[KINDS[type(record)]](record, numbered)


def card(*rows: Sums, complete: bool = True, **more: Any) -> Mapping[str, Value]:
    made = Card(
        key="7", customer="7", currency="EUR", changed=CHANGED, rows=rows, complete=complete, **more
    )
    (want,) = wants(made)
    assert str(want.of) == "customer:7"
    return {path.removeprefix("custom_fields."): value for path, value in want.fields.items()}


def open_items(receivable: str, prepaid: str, currency: str, overdue: str = "0") -> Sums:
    zero, late = Money(0, currency), Money.of(overdue, currency)
    return Sums(
        receivable=Money.of(receivable, currency),
        prepaid=Money.of(prepaid, currency),
        credits=zero,
        overdue=late,
        ageing=(late, zero, zero, zero),
        total_sales=Money.of("206400", currency),
        sales_12m=Money.of("206400", currency),
        average_order=Money.of("59875", currency),
        open_orders=Money.of("27000", currency),
    )


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


def test_a_credit_note_is_a_note_and_settles_invoices_as_payments_do() -> None:
    credit = CreditNote(
        key="5",
        customer="7",
        number="2026/0004",
        date=dt.date(2026, 11, 18),
        total=Money.of("96", "EUR"),
        allocations=(Allocation("1", Money.of("40", "EUR")),),
    )
    note, settles = wants(credit)
    assert (note.target, note.marker, str(note.parents["account"])) == (
        "note",
        "CN-2026/0004",
        "customer:7",
    )
    assert note.fields == {"text": "Credit note 2026/0004 of 18 Nov, EUR 96.00"}
    assert str(settles.parents["invoice"]) == "invoice:1"
    assert settles.fields == {
        "payment_date": "2026-11-18",
        "amount": Decimal("40.00"),
        "reference_number": "CN-2026/0004",
    }
    assert wants(replace(credit, state=State.VOID)) == ()


def test_a_credit_note_in_roubles_is_its_note_alone() -> None:
    roubles = Money.of("96", "RUB")
    credit = CreditNote(
        key="5",
        customer="7",
        number="4",
        date=dt.date(2026, 11, 18),
        total=roubles,
        allocations=(Allocation("1", roubles),),
    )
    assert [want.fields["text"] for want in wants(credit)] == ["Credit note 4 of 18 Nov, RUB 96.00"]


def test_a_write_off_settles_its_invoice() -> None:
    off = Adjustment(
        key="L-3",
        customer="7",
        date=dt.date(2026, 11, 18),
        amount=Money.of("-1.20", "EUR"),
        reason=Reason.WRITE_OFF,
        allocations=(Allocation("1", Money.of("1.20", "EUR")),),
    )
    (want,) = wants(off)
    assert (want.target, want.fields["reference_number"]) == ("payment", "ADJ-L-3")


STORY: dict[str, Any] = {
    "orders_count": 4,
    "open_orders_count": 1,
    "open_orders": (OpenOrder("ТДЦБ-000389", dt.date(2026, 11, 18), Money.of("27000", "EUR")),),
    "overdue_since": dt.date(2026, 11, 5),
    "first_order": dt.date(2026, 9, 2),
    "last_order": dt.date(2026, 11, 18),
    "last_payment": dt.date(2026, 10, 30),
    "proven": dt.date(2026, 11, 20),
    "stage": "repeat",
    "seller": "Анна Иванова",
}


def test_the_card_says_in_one_sentence_and_in_numbers_where_a_customer_stands() -> None:
    assert card(open_items("48200", "5000", "EUR", "12300"), **STORY) == {
        "receivable": Decimal("48200.00"),
        "overdue": Decimal("12300.00"),
        "overdue_since": "2026-11-05",
        "prepaid": Decimal("5000.00"),
        "credits": Decimal("0.00"),
        "ageing": "1-30: EUR 12,300.00",
        "total_purchases": Decimal("206400.00"),
        "average_order": Decimal("59875.00"),
        "orders_count": 4,
        "first_order": "2026-09-02",
        "last_order": "2026-11-18",
        "last_payment": "2026-10-30",
        "open_orders_count": 1,
        "open_orders_total": Decimal("27000.00"),
        "open_orders": "ТДЦБ-000389  2026-11-18  EUR 27,000.00",
        "stage": "Repeat",
        "seller": "Анна Иванова",
        "line": "Owes EUR 48,200.00, overdue EUR 12,300.00 since 5 Nov, paid ahead EUR 5,000.00, "
        "changed 18 Nov 16:40, proven 20 Nov",
    }


def test_until_all_documents_were_read_only_what_is_open_is_shown() -> None:
    shown = card(open_items("48200", "5000", "EUR", "12300"), complete=False, **STORY)
    assert shown == {
        "receivable": Decimal("48200.00"),
        "prepaid": Decimal("5000.00"),
        "credits": Decimal("0.00"),
        "line": "Owes EUR 48,200.00, paid ahead EUR 5,000.00, changed 18 Nov 16:40, proven 20 Nov",
    }


def test_two_currencies_stand_in_the_sentence_and_only_one_in_the_numbers() -> None:
    shown = card(open_items("60", "0", "EUR"), open_items("5000", "0", "JPY"))
    assert (shown["receivable"], shown["total_purchases"]) == (Decimal("60.00"), None)
    assert shown["line"] == "Owes EUR 60.00 and JPY 5,000, changed 18 Nov 16:40"


def test_roubles_stand_in_the_sentence_alone() -> None:
    shown = card(open_items("12300", "0", "RUB"))
    assert (shown["receivable"], shown["prepaid"]) == (Decimal("0.00"), Decimal("0.00"))
    assert shown["total_purchases"] is None
    assert shown["line"] == "Owes RUB 12,300.00, changed 18 Nov 16:40"


def test_whoever_owes_nothing_is_said_to() -> None:
    assert card()["line"] == "Owes nothing, changed 18 Nov 16:40"


def test_every_stage_has_a_label() -> None:
    for rule in MAPPING.stages.rules:
        assert card(stage=rule.stage)["stage"]


def deal(**more: object) -> Canonical | None:
    account = {"id": "a-1", "name": "山田商事"}
    data = {"account": account, "name": "Big", "stage_kind": "won", "closed_on": "2026-11-18"}
    return MAPPING.inbound[Kind.DEAL](Record("d-1", data | more))


def test_a_deal_is_won_in_a_stage_of_that_kind_and_of_an_account() -> None:
    won = Deal(key="d-1", account="a-1", closed=dt.date(2026, 11, 18))
    assert deal() == won
    assert deal(closed_on=None) == replace(won, closed=None)
    assert deal(stage_kind="open") is None
    assert deal(account=None) is None


def test_the_account_of_a_won_deal_says_who_the_customer_is() -> None:
    data = {
        "name": "山田商事",
        "email": "Info@Example.test",
        "phone": "",
        "address_line": "Хофгассе 1",
        "city": "Wien",
        "postcode": "1010",
        "country": "AT",
        "currency": "EUR",
        "custom_fields": {"tax_id": "ATU00000000"},
    }
    inbound = MAPPING.inbound[Kind.WON]
    assert inbound(Record("a-1", data)) == Won(
        key="a-1",
        name="山田商事",
        email="info@example.test",
        tax_id="ATU00000000",
        street="Хофгассе 1",
        city="Wien",
        postcode="1010",
        country="AT",
        currency="EUR",
    )
    assert inbound(Record("a-1", {"name": "山田商事", "custom_fields": {}})) == Won(
        key="a-1", name="山田商事"
    )
    assert MAPPING.require == ("name",)
    # Not the contact: the connector would have to ask for every account singly.
    assert "contact" not in {path.partition(".")[0] for path in inbound.read.paths}


def test_every_custom_field_of_the_card_can_be_set_up() -> None:
    fields = {
        (field.target, field.path.partition(".")[2]): field for field in MAPPING.custom_fields
    }
    types = {place: field.type for place, field in fields.items()}
    account = {
        "long_text": ("line", "ageing", "open_orders"),
        "number": ("receivable", "overdue", "prepaid", "credits", "total_purchases",
                   "average_order", "orders_count", "open_orders_count", "open_orders_total"),
        "date": ("overdue_since", "first_order", "last_order", "last_payment"),
        "text": ("books_id", "tax_id", "stage", "seller", "books_hint"),
    }  # fmt: skip
    expected = {("account", key): type_ for type_, keys in account.items() for key in keys}
    assert types == expected | {("contact", "books_id"): "text", ("invoice", "books_id"): "text"}
    assert set(types.values()) <= set(FIELD_TYPES)
    assert {target for target, _ in types} <= set(MODELS)
