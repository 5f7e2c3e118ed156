"""Credit notes and adjustments settle invoices as payments do; each is known by its own marker."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from syncd.domain import (
    Adjustment,
    Allocation,
    CreditNote,
    Document,
    Kind,
    Money,
    Order,
    Payment,
    Reason,
    Ref,
    State,
    Want,
)
from syncd.mapping import CrmMapping

from .systems import crm, crm_problems, shipped_crm

KNOWN = ("EUR", "USD")
DAY = dt.date(2026, 11, 18)


def settling(*parts: tuple[str, str, str]) -> tuple[Allocation, ...]:
    return tuple(Allocation(invoice, Money.of(amount, code)) for invoice, amount, code in parts)


NOTE = CreditNote(
    key="5",
    customer="7",
    number="2026/0004",
    date=DAY,
    total=Money.of("96", "EUR"),
    allocations=settling(("8", "50", "EUR"), ("9", "40", "EUR"), ("9", "6", "EUR")),
)
OFF = Adjustment(
    key="3",
    customer="7",
    date=DAY,
    amount=Money.of("-1.20", "EUR"),
    reason=Reason.WRITE_OFF,
    number="W-3",
    allocations=settling(("9", "1.20", "EUR")),
)


def wants(kind: Kind, record: Document, mapping: CrmMapping | None = None) -> list[Want]:
    return list((mapping or shipped_crm(*KNOWN)).outbound[kind](record))


# ----------------------------------------------------------------------------------- credit notes


def test_a_credit_note_is_a_note_and_a_payment_of_each_invoice_it_settles() -> None:
    note, first, second = wants(Kind.CREDIT_NOTE, NOTE)
    assert note == Want(
        part="",
        target="note",
        marker="CN-2026/0004",
        parents={"account": Ref(Kind.CUSTOMER, "7")},
        fields={
            "text": "Credit note 2026/0004 of 18 Nov, EUR 96.00",
            "reference": "CN-2026/0004",
        },
    )
    assert first.part == "settles/8"
    assert second == Want(
        part="settles/9",
        target="payment",
        marker="CN-2026/0004",
        parents={"invoice": Ref(Kind.INVOICE, "9")},
        fields={
            "payment_date": "2026-11-18",
            "amount": Decimal("46.00"),
            "reference": "CN-2026/0004",
        },
    )


def test_a_credit_note_that_settles_nothing_is_its_note_alone() -> None:
    assert [want.target for want in wants(Kind.CREDIT_NOTE, replace(NOTE, allocations=()))] == [
        "note"
    ]


@pytest.mark.parametrize("state", [State.VOID, State.DRAFT])
def test_of_a_void_credit_note_nothing_is_wanted(state: State) -> None:
    assert wants(Kind.CREDIT_NOTE, replace(NOTE, state=state)) == []


def test_a_note_says_what_no_payment_can_hold() -> None:
    roubles = replace(NOTE, total=Money.of(96, "RUB"), allocations=settling(("9", "96", "RUB")))
    [note] = wants(Kind.CREDIT_NOTE, roubles)
    assert note.fields["text"] == "Credit note 2026/0004 of 18 Nov, RUB 96.00"
    assert len(wants(Kind.CREDIT_NOTE, roubles, shipped_crm())) == 2


BASE = """\
system: memory_crm
customer: {write: account, marker: books_id, fields: {name: name}, parts: {
  contact: {write: contact, marker: books_id, parents: {account: customer}, fields: {}}}}
invoice: {write: invoice, marker: books_id, fields: {number: title},
  parents: {account: customer, contact: customer/contact}}
"""
VOIDED = """\
credit_note:
  write: note
  marker: reference
  parents: {account: customer}
  fields: {state: text}
  parts:
    settles: {write: payment, each: allocations, marker: reference, parents: {invoice: invoice},
      fields: {amount: amount}}
"""


def test_a_void_note_that_is_shown_as_void_settles_nothing_all_the_same(tmp_path: Path) -> None:
    mapping = crm(tmp_path, BASE + VOIDED)
    [want] = wants(Kind.CREDIT_NOTE, replace(NOTE, state=State.VOID), mapping)
    assert (want.target, want.fields["text"]) == ("note", "void")
    assert len(wants(Kind.CREDIT_NOTE, NOTE, mapping)) == 3


TWICE = """\
payment:
  write: payment
  each: allocations
  marker: {path: reference, form: "P-{key}"}
  parents: {invoice: invoice}
  fields: {amount: amount}
  parts:
    told: {write: note, each: allocations, marker: reference, parents: {account: customer},
      fields: {invoice: text}}
    again: {write: note, each: allocations, marker: {path: reference, form: "{number}"},
      parents: {account: customer}, fields: {line: {path: text, say: ["{amount}"]}}}
"""


def test_a_record_may_have_several_objects_per_invoice(tmp_path: Path) -> None:
    mapping = crm(tmp_path, BASE + TWICE)
    paid = Payment(
        key="3",
        customer="7",
        date=DAY,
        amount=Money.of(100, "EUR"),
        allocations=settling(("8", "5", "EUR"), ("9", "1", "EUR")),
    )
    found = wants(Kind.PAYMENT, paid, mapping)
    assert [(want.part, want.target, want.marker) for want in found] == [
        ("8", "payment", "P-3"),
        ("9", "payment", "P-3"),
        ("told/8", "note", "3"),
        ("told/9", "note", "3"),
        ("again/8", "note", "3"),
        ("again/9", "note", "3"),
    ]
    assert found[3].fields == {"text": "9", "reference": "3"}
    assert found[5].fields == {"text": "EUR 100.00", "reference": "3"}
    assert mapping.outbound[Kind.PAYMENT].targets == ()
    assert wants(Kind.PAYMENT, replace(paid, number="BANK-1"), mapping)[5].marker == "BANK-1"


# ------------------------------------------------------------------------------------- adjustments


def test_an_adjustment_settles_what_nobody_will_pay() -> None:
    [want] = wants(Kind.ADJUSTMENT, OFF)
    assert (want.part, want.marker) == ("9", "ADJ-3")
    assert want.parents == {"invoice": Ref(Kind.INVOICE, "9")}
    assert want.fields == {
        "payment_date": "2026-11-18",
        "amount": Decimal("1.20"),
        "reference": "ADJ-3",
    }


def test_an_adjustment_that_settles_nothing_or_is_void_has_no_object() -> None:
    assert wants(Kind.ADJUSTMENT, replace(OFF, allocations=())) == []
    assert wants(Kind.ADJUSTMENT, replace(OFF, state=State.VOID)) == []


def test_one_that_raises_what_is_owed_settles_nothing() -> None:
    taken_back = replace(OFF, amount=Money.of(5, "EUR"), allocations=settling(("9", "-5", "EUR")))
    assert wants(Kind.ADJUSTMENT, taken_back) == []


REASON = """\
lookups: {reasons: {write_off: Written off, opening: Opening}}
adjustment:
  write: note
  marker: reference
  parents: {account: customer}
  fields:
    reason: text%s
"""
SAID = """\
adjustment:
  write: note
  marker: reference
  parents: {account: customer}
  fields: {line: {path: text, say: ["{reason}", "{amount}", "{number}", "{date}"]}}
"""


def test_its_reason_is_a_word_of_a_closed_list(tmp_path: Path) -> None:
    [plain] = wants(Kind.ADJUSTMENT, OFF, crm(tmp_path, BASE + REASON % ""))
    assert plain.fields["text"] == "write_off"
    [told] = wants(Kind.ADJUSTMENT, OFF, crm(tmp_path, BASE + REASON % " | lookup reasons"))
    assert told.fields["text"] == "Written off"
    [said] = wants(Kind.ADJUSTMENT, OFF, crm(tmp_path, BASE + SAID))
    assert said.fields["text"] == "Write off, EUR -1.20, W-3, 18 Nov"


def test_an_order_is_written_with_what_is_open_of_it(tmp_path: Path) -> None:
    text = BASE + (
        "order: {write: note, marker: reference, parents: {account: customer},\n"
        "  fields: {line: {path: text, say: ['{number}', '{total}', 'open {open}', '{seller}']}}}\n"
    )
    order = Order(
        key="1", customer="7", number="A-1", date=DAY, total=Money.of(9, "EUR"), seller="Anna"
    )
    mapping = crm(tmp_path, text)
    assert wants(Kind.ORDER, order, mapping)[0].fields["text"] == "A-1, EUR 9.00, Anna"
    part = replace(order, open=Money.of(4, "EUR"))
    assert "open EUR 4.00" in str(wants(Kind.ORDER, part, mapping)[0].fields["text"])
    assert wants(Kind.ORDER, replace(order, state=State.VOID), mapping) == []


# ----------------------------------------------------------------------------------------- markers

FORM = """\
adjustment:
  write: note
  marker: %s
  parents: {account: customer}
  fields: {key: text}
"""


@pytest.mark.parametrize(
    ("marker", "made"),
    [
        ("reference", "3"),
        ("{path: reference}", "3"),
        ('{path: reference, form: "ADJ-{key}"}', "ADJ-3"),
        ('{path: reference, form: "{number}/{key}"}', "W-3/3"),
    ],
)
def test_a_marker_is_the_key_or_made_out_of_key_and_number(
    tmp_path: Path, marker: str, made: str
) -> None:
    [want] = wants(Kind.ADJUSTMENT, OFF, crm(tmp_path, BASE + FORM % marker))
    assert (want.marker, want.fields["reference"]) == (made, made)


def test_where_the_target_has_its_own_place_for_it_a_marker_needs_no_path(tmp_path: Path) -> None:
    mapping = crm(tmp_path, BASE + FORM % '{form: "ADJ-{key}"}')
    [want] = wants(Kind.ADJUSTMENT, OFF, mapping)
    assert (want.marker, want.fields) == ("ADJ-3", {"text": "3"})


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ('{path: reference, form: "CN"}', "8:35 the form names {key} or {number}"),
        ('{path: reference, form: "{name}"}', "8:36 unknown word {name}; known: key, number"),
        ("{path: refrence}", "8:18 unknown field refrence; did you mean reference?"),
        ("{}", "8:11 `path:` is missing in marker"),
        ("{path: reference | upper}", "8:30 a marker takes no transforms"),
        ("{path: reference, from: x}", "8:29 unknown key from; did you mean form?"),
    ],
)
def test_a_mistake_in_a_marker_is_told(tmp_path: Path, marker: str, told: str) -> None:
    assert crm_problems(tmp_path, BASE + FORM % marker) == [told]


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        (
            '{path: books_id, form: "C-{key}"}',
            ["2:59 what is listed is recognised by the plain key; delete the form"],
        ),
        (
            '{path: books_id, form: "C-{number}"}',
            [
                "2:59 what is listed is recognised by the plain key; delete the form",
                "2:62 unknown word {number}; known: key",
            ],
        ),
        ("{form: books_id}", [
            "2:36 `path:` is missing in marker",
            "2:43 the form names {key}",
            "2:43 what is listed is recognised by the plain key; delete the form",
        ]),
    ],
)  # fmt: skip
def test_what_is_listed_is_known_by_its_plain_key(
    tmp_path: Path, marker: str, told: list[str]
) -> None:
    text = "system: memory_crm\ncustomer: {write: account, marker: %s, fields: {name: name}}\n"
    assert crm_problems(tmp_path, text % marker) == told
