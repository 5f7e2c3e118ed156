"""The rows of the settlements with customers: out of the register where there is one (УТ, УНФ),
else out of the documents themselves (БП, whose ledger is a chart of accounts)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

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
    Register,
)
from .settle import Entry
from .values import ZERO, Row, amount, any_of, chunks, key_of

_SPACE = "StandardODATA."
_ROW_PAID = ("СуммаВзаиморасчетов", "СуммаПлатежа", "Сумма")


def entries_of(base: Base, customers: Collection[str]) -> Flow[list[Entry]]:
    """Everything that was ever booked with these customers."""
    if not customers:
        return []
    if base.layout.register is None:
        return (yield from _of_documents(base, customers))
    keys = yield from base.keys_of(customers)
    register = base.layout.register
    rows = yield from base.where_any(
        f"{register.set}_RecordType", register.party, sorted(keys), _query(base, register)
    )
    return (yield from _entries(base, register, rows))


def entries_by(base: Base, name: str, documents: Collection[str]) -> Flow[list[Entry]]:
    """What these documents of one set have booked."""
    register = base.layout.register
    if register is None or not documents:
        return []
    flat, found = f"{register.set}_RecordType", []
    several = base.schema.composite(flat, "Recorder")
    for some in chunks(sorted(documents), 20):
        clause = any_of("Recorder", some, name) if several else any_of("Recorder_Key", some)
        found += yield from base.wire.rows(flat, {**_query(base, register), "$filter": clause})
    return (yield from _entries(base, register, found))


def _query(base: Base, register: Register) -> dict[str, str]:
    flat = f"{register.set}_RecordType"
    account = [one for field in register.account for one in (field, f"{field}_Type")]
    fields = ["Period", "Recorder", "Recorder_Type", "Recorder_Key", "Active", "RecordType"]
    fields += [*register.amount, *CURRENCY, *ORGANISATION, register.party, *account, *CONTRACT]
    fields += [register.named] if register.named else []
    return {"$select": ",".join(base.schema.those(flat, fields))}


def _entries(base: Base, register: Register, rows: Iterable[Row]) -> Flow[list[Entry]]:
    flat = f"{register.set}_RecordType"
    figure = base.schema.first(flat, register.amount) or register.amount[-1]
    found: dict[tuple[Any, ...], Entry] = {}
    sole = base.layout.of(Kind.INVOICE)[:1] or ("",)
    for row in rows:
        customer = yield from base.party(row.get(register.party))
        value = amount(row.get(figure))
        if customer is None or not value or row.get("Active") is False:
            continue
        sign = -1 if row.get("RecordType") == "Expense" else 1
        currency = yield from _currency(base, row)
        named = key_of(row.get(register.named)) if register.named else None
        kind = str(row.get("Recorder_Type") or _SPACE + sole[0]).removeprefix(_SPACE)
        entry = Entry(
            document=str(row.get("Recorder") or row.get("Recorder_Key")).lower(),
            set=kind,
            customer=customer,
            account=(customer, *(str(row.get(field) or "") for field in _account(base, register))),
            currency=currency or base.own,
            when=str(row.get("Period")),
            amount=sign * value,
            organisation=(yield from base.organisation(row.get(ORGANISATION[0]))),
            names=named if kind not in base.layout.invoices else None,
        )
        same = (entry.document, entry.account, entry.currency, entry.names)
        before = found.get(same)
        total = entry.amount + (before.amount if before else ZERO)
        found[same] = replace(entry, amount=total)
    return [entry for entry in found.values() if entry.amount]


def _account(base: Base, register: Register) -> Iterator[str]:
    """What tells accounts apart beside the customer: a key of analytics has all of it but the
    object of settlements, of which a release has one of several names."""
    flat = f"{register.set}_RecordType"
    if register.keys is None:
        yield from base.schema.those(flat, register.account)
        return
    yield register.party
    if field := base.schema.first(flat, register.account):
        yield field


def _currency(base: Base, row: Row) -> Flow[str | None]:
    """Of a row that names none, that of its contract is not asked: the books' own stands."""
    for field in CURRENCY:
        if key := key_of(row.get(field)):
            return (yield from base.currency(key))
    return base.own


# ------------------------------------------------------------------- a ledger made of documents


def _of_documents(base: Base, customers: Collection[str]) -> Flow[list[Entry]]:
    layout, found = base.layout, []
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


def by_customer(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.customer].append(entry)
    return dict(found)
