"""Canonical records become objects wanted at the target, each once, or none."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from syncd.domain import Allocation, Customer, Invoice, Kind, Money, Payment, Ref, State, Want
from syncd.errors import MappingError
from syncd.port import FieldDef

from .systems import crm, crm_problems, shipped_crm

KNOWN = ("CHF", "EUR", "JPY", "USD")
DAY = dt.date(2026, 11, 18)
INVOICE = Invoice(
    key="9", customer="7", number="РТ-000842", date=DAY, total=Money.of("50500.00", "EUR")
)


def wants(record: Customer | Invoice | Payment, *, numbered: bool = False) -> list[Want]:
    kind = Kind(type(record).__name__.lower())
    return list(shipped_crm(*KNOWN).outbound[kind](record, numbered))


# -------------------------------------------------------------------------------------- documents


def test_a_customer_is_an_account_and_a_contact_below_it() -> None:
    account, contact = wants(Customer(key="7", name="ООО «Пример»", currency="USD"))
    assert (account.part, account.target, account.marker) == ("", "account", "7")
    assert account.fields == {
        "name": "ООО «Пример»", "email": None, "phone": None, "tax_id": None, "currency": "USD",
        "books_id": "7",
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


def test_a_unique_form_of_none_leaves_the_second_one_empty(tmp_path: Path) -> None:
    text = (
        "system: memory_crm\ncustomer: {write: account, marker: books_id, fields: {name: FORM}}\n"
    )
    mapping = crm(tmp_path, text.replace("FORM", "{path: name | max 9, unique: none}"))
    customer, wanted = Customer(key="7", name="Müller"), mapping.outbound[Kind.CUSTOMER]
    names = [wanted(customer, numbered)[0].fields["name"] for numbered in (False, True)]
    assert names == ["Müller", None]
    assert wanted.plan.spares("", "name")
    told = crm_problems(tmp_path, text.replace("FORM", "{path: name, unique: x}"))
    assert told == ["2:82 the form names {name} once, or is none: the second one is left empty"]


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
    assert outbound(_in(State.VOID)) == ()
    assert len(outbound(_in(State.EFFECTIVE))) == 1


def test_a_document_in_an_unknown_currency_is_not_wanted() -> None:
    assert wants(_in(State.EFFECTIVE, "RUB")) == []
    assert len(shipped_crm().outbound[Kind.INVOICE](_in(State.EFFECTIVE, "RUB"))) == 1


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


def test_a_refund_has_no_object_and_takes_nothing_from_its_invoice() -> None:
    assert wants(_payment(("9", "-5", "EUR"))) == []
    [want] = wants(_payment(("8", "-5", "EUR"), ("9", "3", "EUR"), ("9", "-1", "EUR")))
    assert (want.part, want.fields["amount"]) == ("9", Decimal("2.00"))


def test_two_currencies_for_one_invoice_are_held() -> None:
    with pytest.raises(MappingError, match=r"^memory_crm\.yaml:\d+:1 EUR and USD for one invoice"):
        wants(_payment(("9", "1", "EUR"), ("9", "1", "USD")))


# ---------------------------------------------------------------------------------- what is needed


def test_custom_fields_are_named_with_their_types(tmp_path: Path) -> None:
    text = """\
        system: memory_crm
        customer: {write: account, marker: books_id, fields: {name: name, tax_id: custom_fields.t}}
        card:
          update: account
          of: customer
          stages: [{stage: new, when: orders_count == 0}]
          fields:
            receivable:   custom_fields.receivable
            orders_count: custom_fields.orders_count
            last_order:   custom_fields.last_order
            stage:        custom_fields.stage
            ageing:       custom_fields.ageing
            open_orders:  custom_fields.open_orders
            line:         {path: custom_fields.line, say: [Owes], else: Owes nothing}
        won: {read: account, fields: {name: name}, hint: custom_fields.books_hint}
        """
    types = {field.path: field.type for field in crm(tmp_path, text).custom_fields}
    assert types == {
        "custom_fields.ageing": "long_text",
        "custom_fields.books_hint": "text",
        "custom_fields.last_order": "date",
        "custom_fields.line": "long_text",
        "custom_fields.open_orders": "long_text",
        "custom_fields.orders_count": "number",
        "custom_fields.receivable": "number",
        "custom_fields.stage": "text",
        "custom_fields.t": "text",
    }
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
