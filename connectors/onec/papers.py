"""A ledger made of documents, for a base whose register does not tell whose a row is: what a posted
document says it does to its customer, account by account. An account is a contract here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from syncd.domain import Kind
from syncd.port import Flow

from .base import Base
from .layouts import (
    CONTRACT,
    CURRENCY,
    CUSTOMER,
    CUSTOMERS,
    OPERATION,
    ORGANISATION,
    PAID,
    SETTLED,
    SETTLED_IN,
    TOTAL,
)
from .settle import Entry
from .values import ZERO, Row, amount, key_of

_ROW_PAID = ("СуммаВзаиморасчетов", "СуммаПлатежа", "Сумма")


def entries_of_documents(base: Base, customers: Collection[str]) -> Flow[list[Entry]]:
    """Everything that was ever booked with these customers, but for adjustments."""
    layout, found = base.layout, list[Entry]()
    signs = [*((one, 1) for one in layout.of(Kind.INVOICE))]
    signs += [(one, -1 if one in layout.receipts else 1) for one in layout.of(Kind.PAYMENT)]
    signs += [(one, -1) for one in layout.of(Kind.CREDIT_NOTE)]
    for name, sign in signs:
        field = base.schema.first(name, CUSTOMER)
        if field is None:
            continue
        fields = ["Ref_Key", "Date", "Posted", *CUSTOMER, *CONTRACT, *TOTAL, *CURRENCY, PAID]
        fields += [*SETTLED, *SETTLED_IN, *ORGANISATION, *OPERATION]
        query = {"$select": ",".join(base.schema.those(name, fields))}
        of = CUSTOMERS if base.schema.composite(name, field) else ""
        for row in (yield from base.where_any(name, field, customers, query, of)):
            if base.outside(name, row):
                continue
            if row.get("Posted") is True and with_customer(base, name, row):
                found += yield from _booked(base, name, sign, field, row)
    return found


def _booked(base: Base, name: str, sign: int, field: str, row: Row) -> Flow[list[Entry]]:
    customer = key_of(row.get(field)) or ""
    header = next((key for one in CONTRACT if (key := key_of(row.get(one)))), "")
    currency, total = yield from debt(base, name, row)
    organisation = yield from base.organisation(row.get(ORGANISATION[0]))
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for part in row.get(PAID) or ():
        contract = next((key for one in CONTRACT if (key := key_of(part.get(one)))), header)
        paid = next((one for one in _ROW_PAID if one in part), None)
        sums[contract] += amount(part.get(paid)) if paid else ZERO
    if not sums:
        sums[header] = total
    return [
        Entry(
            document=str(row["Ref_Key"]).lower(),
            set=name,
            customer=customer,
            account=(customer, str(row.get(ORGANISATION[0]) or ""), contract),
            currency=currency,
            when=str(row.get("Date")),
            amount=sign * value,
            organisation=organisation,
        )
        for contract, value in sums.items()
        if value
    ]


def with_customer(base: Base, name: str, row: Row) -> bool:
    """A payment says by its operation whether it is one with a customer; what says nothing is."""
    if name not in (*base.layout.receipts, *base.layout.refunds):
        return True
    said = next((row[one] for one in OPERATION if row.get(one)), None)
    return said is None or said in base.layout.operations


def debt(base: Base, name: str, row: Row) -> Flow[tuple[str, Decimal]]:
    """Currency and amount that a document has in the ledger: those of the settlements where they
    are told, else those of the document."""
    settled = next((key for one in SETTLED_IN if (key := key_of(row.get(one)))), None)
    own = next((key for one in CURRENCY if (key := key_of(row.get(one)))), None)
    value = next((amount(row[one]) for one in SETTLED if row.get(one)), ZERO)
    if settled is not None and settled != own and value:
        return (yield from base.currency(settled)) or "", value
    total = next((amount(row[one]) for one in TOTAL if one in row), ZERO)
    return (yield from base.currency(own)) or "", total
