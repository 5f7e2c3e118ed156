"""The bytes and hashes that stores already hold: what a record was read as, and was written as.

Another byte would be another version of every record there is, and a write of every object.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from syncd.domain import (
    Adjustment,
    Allocation,
    Balance,
    Canonical,
    Card,
    Contact,
    CreditNote,
    Customer,
    Deal,
    DealOrders,
    Extra,
    Figures,
    Invoice,
    Kind,
    Money,
    OpenOrder,
    Order,
    Payment,
    Reason,
    Ref,
    State,
    Sums,
    Term,
    Want,
    Won,
)
from syncd.image import (
    decode,
    decode_fields,
    encode,
    encode_fields,
    fingerprint,
    want_hash,
)

DAY = dt.date(2026, 11, 18)
EUR, YEN = Money.of("61.51", "EUR"), Money.of(48200, "JPY")
EXTRAS = (
    Extra.of("comment", "株 «А»"),
    Extra.of("deleted", False),
    Extra.of("limit", Money.of("-12.3456", "JPY")),
    Extra.of("rate", Decimal("1.2E+3")),
    Extra.of("since", DAY),
    Extra.of("tax", Decimal("10.250")),
    Extra.of("zero", Decimal("-0.00")),
)
ZERO = Money(0, "EUR")
SUMS = Sums(
    receivable=EUR,
    prepaid=ZERO,
    credits=ZERO,
    overdue=EUR,
    ageing=(EUR, ZERO, ZERO, ZERO),
    total_sales=EUR,
    sales_12m=EUR,
    average_order=EUR,
    open_orders=ZERO,
)

RECORDS: list[tuple[Kind, Canonical, str]] = [
    (
        Kind.CUSTOMER,
        Customer(key="7", name="ООО «Прибой»", tax_id="AT1"),
        "e22f4bd1b673a6b37f256d8b5c7a7459",
    ),
    (
        Kind.CUSTOMER,
        Customer(key="7", name="株式会社", extras=EXTRAS[:1], seller="Eva", merged_into="9"),
        "798d53b50dde8c081b515ad923c34304",
    ),
    (
        Kind.ORDER,
        Order(key="o", customer="7", number="1", date=DAY, total=EUR, open=ZERO, extras=EXTRAS),
        "9dee006d63ebdc7ece8ddebdaec9e7e7",
    ),
    (
        Kind.INVOICE,
        Invoice(
            key="i",
            customer="7",
            number="РТ-1",
            date=DAY,
            total=YEN,
            terms=(Term(DAY, YEN),),
            state=State.VOID,
            organisation="Haus",
        ),
        "089e5b4731870730a9bcbc787cf3da9a",
    ),
    (
        Kind.PAYMENT,
        Payment(key="p", customer="7", date=DAY, amount=EUR, allocations=(Allocation("i", EUR),)),
        "f4d4bc2a345ab615d4fe54b2fc1c2810",
    ),
    (
        Kind.CREDIT_NOTE,
        CreditNote(key="c", customer="7", number="2", date=DAY, total=EUR),
        "ae2158cb992106f18ad67aabd59cd3e9",
    ),
    (
        Kind.ADJUSTMENT,
        Adjustment(key="a", customer="7", date=DAY, amount=-EUR, reason=Reason.WRITE_OFF),
        "5c2791c4eb84955d5ae2c260bf8d2ac3",
    ),
    (
        Kind.BALANCE,
        Balance(key="7", customer="7", currency="EUR", rows=(Figures(EUR, ZERO),)),
        "57147aabc3946fa87e217eb06e3b7bcd",
    ),
    (
        Kind.CARD,
        Card(
            key="7",
            customer="7",
            currency="EUR",
            changed=dt.datetime(2026, 11, 18, 15, 40, tzinfo=dt.UTC),
            rows=(SUMS,),
            open_orders=(OpenOrder("1", DAY, EUR),),
        ),
        "aa9135ebcdd0dd5732351e1c522f0dcb",
    ),
    (
        Kind.DEAL_ORDERS,
        DealOrders(key="d", orders_count=2, orders_total=EUR),
        "5f701f1b0d6fa40c5b2450732c972019",
    ),
    (
        Kind.DEAL,
        Deal(key="d", account="a", closed=DAY),
        "55901b135fa251a95acd29d22ce2481b",
    ),
    (
        Kind.WON,
        Won(key="a", name="Grün", city="Graz"),
        "e8f5438daaec05efccb77a92c0f677c5",
    ),
    (
        Kind.WON,
        Won(key="a", name="Grün", contacts=(Contact("1", "Eva"),)),
        "592a99cdc5c2354273a1e52531d03164",
    ),
]


@pytest.mark.parametrize(("kind", "record", "hashed"), RECORDS)
def test_a_record_has_the_bytes_it_always_had(kind: Kind, record: Canonical, hashed: str) -> None:
    assert fingerprint(encode(record)).hex() == hashed
    assert decode(kind, encode(record)) == record


WANT = Want(
    part="",
    target="deal",
    marker="o",
    parents={"contact": Ref(Kind.CUSTOMER, "7"), "account": Ref(Kind.CUSTOMER, "7", "card")},
    fields={
        "TITLE": "Заказ 1",
        "SUM": Decimal("61.50"),
        "RATE": Decimal("1E+3"),
        "COUNT": 3,
        "DELETED": False,
        "COMMENT": None,
    },
)


def test_what_is_wanted_has_the_hash_it_always_had() -> None:
    assert want_hash(WANT).hex() == "c7ab041354fadecd1588001a6a17a1b8"


def test_what_was_written_is_kept_in_the_bytes_it_always_was() -> None:
    stored = encode_fields(WANT.fields, {"contact": "4711"})
    texts = '"COMMENT":null,"COUNT":3,"DELETED":false,"RATE":{"d":"1E+3"},"SUM":{"d":"61.50"}'
    assert stored.decode() == f'[{{{texts},"TITLE":"Заказ 1"}},{{"contact":"4711"}}]'
    fields, parents = decode_fields(stored)
    assert (fields, parents) == (WANT.fields, {"contact": "4711"})
    assert {path: type(value) for path, value in fields.items()} == {
        path: type(value) for path, value in WANT.fields.items()
    }
