"""The rows of the settlements with customers, out of the register that the configuration keeps them
in: РасчетыСКлиентами (УТ), РасчетыСПокупателями (УНФ), or the accounts 62 of Хозрасчетный (БП)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from syncd.port import Flow

from .base import Base
from .layouts import CURRENCY, CUSTOMERS, ORGANISATION, Register
from .papers import entries_of_documents
from .settle import Entry
from .values import Row, amount, key_of

_SPACE = "StandardODATA."
_SIDES = {"Dr": 1, "Cr": -1}


def entries_of(base: Base, customers: Collection[str]) -> Flow[list[Entry]]:
    """Everything that was ever booked with these customers."""
    register = base.layout.register
    if not customers:
        return []
    if not told_by_register(base):
        return (yield from entries_of_documents(base, customers))
    made: list[Entry] = []
    if register.codes:
        for side in _SIDES:
            field, query = register.party.replace("1", f"{side}1"), _query(base, register)
            rows = yield from base.where_any(_flat(register), field, customers, query, CUSTOMERS)
            made += yield from _booked(base, register, rows, (side,))
    else:
        keys = yield from base.keys_of(customers)
        query = _query(base, register)
        rows = yield from base.where_any(_flat(register), register.party, sorted(keys), query)
        made = yield from _entries(base, register, rows)
    return _together(made)


def entries_by(base: Base, name: str, documents: Collection[str]) -> Flow[list[Entry]]:
    """What these documents of one set have booked."""
    register = base.layout.register
    if not documents or not told_by_register(base):
        return []
    several = base.schema.composite(_flat(register), "Recorder")
    field, of = ("Recorder", name) if several else ("Recorder_Key", "")
    query = _query(base, register)
    found = yield from base.where_any(_flat(register), field, documents, query, of)
    if register.codes:
        return _together((yield from _booked(base, register, found, tuple(_SIDES))))
    return _together((yield from _entries(base, register, found)))


def told_by_register(base: Base) -> bool:
    """Whether the rows say whose they are: analytics of accounts are not published everywhere."""
    register = base.layout.register
    field = register.party.replace("1", "Dr1") if register.codes else register.party
    return base.schema.has(_flat(register), field)


def _flat(register: Register) -> str:
    return f"{register.set}_RecordType"


def _query(base: Base, register: Register) -> dict[str, str]:
    """Every field that an entry is made of, by whatever name this release has it."""
    fields = ["Period", "Recorder", "Recorder_Type", "Recorder_Key", "Active", "RecordType"]
    fields += [*register.amount, *CURRENCY, *ORGANISATION, register.party, *register.account]
    for side in _SIDES if register.codes else ():
        fields += [f"Account{side}_Key", f"Валюта{side}_Key", f"ВалютнаяСумма{side}"]
        for number in "123":
            fields += [f"ExtDimension{side}{number}", f"ExtDimension{side}{number}_Type"]
    return {"$select": ",".join(base.schema.those(_flat(register), fields))}


def _entries(base: Base, register: Register, rows: Iterable[Row]) -> Flow[list[Entry]]:
    """Of a register of balances: a receipt raises what is owed, an expense lowers it."""
    flat, found = _flat(register), list[Entry]()
    figure = base.schema.first(flat, register.amount) or register.amount[-1]
    fields = base.schema.those(flat, register.account)
    for row in rows:
        customer = yield from base.party(row.get(register.party))
        ours = yield from base.settles(row)
        if customer is None or row.get("Active") is False or not ours:
            continue
        key = next((key for one in CURRENCY if (key := key_of(row.get(one)))), None)
        currency = yield from base.currency(key)
        if figure == "СуммаВал" and key is None:
            currency = yield from base.contract_currency(row.get("Договор_Key"))
        sign = -1 if row.get("RecordType") == "Expense" else 1
        account = (str(row.get(register.party)), *(str(row.get(one) or "") for one in fields))
        value = sign * amount(row.get(figure))
        found.append((yield from _entry(base, row, customer, account, currency, value)))
    return found


def _booked(
    base: Base, register: Register, rows: Iterable[Row], sides: Sequence[str]
) -> Flow[list[Entry]]:
    """Of a chart of accounts: each side of a row that is on an account of settlements."""
    accounts, found = (yield from base.accounts()), list[Entry]()
    for row in rows:
        ours = yield from base.settles(row)
        for side in sides if ours else ():
            customer = key_of(row.get(f"ExtDimension{side}1"))
            kind = row.get(f"ExtDimension{side}1_Type", _SPACE + CUSTOMERS)
            mine = key_of(row.get(f"Account{side}_Key")) in accounts
            if customer is None or not mine or kind != _SPACE + CUSTOMERS:
                continue
            key = key_of(row.get(f"Валюта{side}_Key"))
            currency = yield from base.currency(key)
            foreign = currency != base.own and row.get(f"ВалютнаяСумма{side}")
            value = amount(row.get(f"ВалютнаяСумма{side}" if foreign else register.amount[0]))
            names = (one.replace("Dimension", f"Dimension{side}") for one in register.account)
            account = (customer, *(str(row.get(one) or "") for one in names))
            sign = _SIDES[side]
            made = yield from _entry(base, row, customer, account, currency, sign * value)
            found.append(made)
    return found


def _entry(
    base: Base,
    row: Row,
    customer: str,
    account: tuple[str, ...],
    currency: str | None,
    value: Decimal,
) -> Flow[Entry]:
    return Entry(
        document=str(row.get("Recorder") or row.get("Recorder_Key")).lower(),
        set=str(row.get("Recorder_Type") or "").removeprefix(_SPACE),
        customer=customer,
        account=account,
        currency=currency or base.own,
        when=str(row.get("Period")),
        amount=value,
        organisation=(yield from base.organisation(row.get(ORGANISATION[0]))),
    )


def _together(entries: Iterable[Entry]) -> list[Entry]:
    """One entry for what a document does to an account, whatever rows it is made of."""
    found: dict[tuple[str, tuple[str, ...], str], Entry] = {}
    for entry in entries:
        same = (entry.document, entry.account, entry.currency)
        before = found.get(same)
        found[same] = replace(entry, amount=entry.amount + before.amount) if before else entry
    return [entry for entry in found.values() if entry.amount]


def by_customer(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.customer].append(entry)
    return dict(found)
