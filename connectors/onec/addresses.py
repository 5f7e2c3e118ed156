"""The address that goods go to, of a customer that the CRM won: a row of a table part, in УТ of the
partner, else of the counterparty.

It has no key, so it is known by its kind, of which syncd makes one: one of that kind that is there
is left as it is. 1C takes a table part whole, so its rows are read before and sent again with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.domain import Value
from syncd.errors import DuplicateError, RejectedError
from syncd.port import Flow, Found, Outcome

from .base import Base
from .contacts import CONTACTS, kinds_of, numbered
from .layouts import CONTACT_KINDS, CUSTOMERS, PARTNERS
from .made import by_key
from .values import Row, guid, is_key, key_of

_DELIVERY: Mapping[str, Sequence[str]] = {
    PARTNERS: ("АдресДоставкиПартнера", "ФактАдресПартнера"),
    CUSTOMERS: ("АдресДоставкиКонтрагента", "ФактАдресКонтрагента"),
}
"""1C's own names of the kind; a release that knows no delivery has the actual address."""
_ORDER = ("postcode", "country", "city", "street")
"""In 1C's order: the index first, then from the large to the small."""


def carry_out(base: Base, fields: Mapping[str, Value], customer: Row) -> Flow[Outcome]:
    """A row more in the table part of the customer; one of this kind that is there is left."""
    name, holder, kind = yield from _place(base, customer)
    rows: list[Row] = list(holder.get(CONTACTS) or [])
    if _has_kind(rows, kind):
        raise DuplicateError("the customer has an address of this kind already", "marker")
    fresh: Row = {"Тип": "Адрес", "Вид_Key": kind, "Представление": _line(fields)}
    body: Row = {CONTACTS: numbered(base, name, [*rows, fresh])}
    key = str(holder["Ref_Key"]).lower()
    yield from base.wire.write("PATCH", f"{name}({guid(key)})", body)
    return Outcome(_id(holder), {})


def _line(fields: Mapping[str, Value]) -> str:
    return ", ".join(str(fields[path]) for path in _ORDER if fields.get(path))


def find(base: Base, by: Mapping[str, str], parents: Mapping[str, str]) -> Flow[Sequence[Found]]:
    """By its id, or of this customer; without a kind of its own there is none."""
    holders: list[tuple[str, Row | None]] = []
    if "id" in by:
        key = by["id"].partition("/")[0].lower()
        for name in _DELIVERY if is_key(key) else ():
            if name in base.schema.sets:
                holders.append((name, (yield from by_key(base, name, key))))
    elif is_key(key := parents.get("customer", "")):
        customer = yield from by_key(base, CUSTOMERS, key)
        holders = [(yield from _place(base, customer))[:2]] if customer else []
    kinds = yield from kinds_of(base)
    for name, row in holders:
        kind = _kind(name, kinds)
        if row is not None and kind and _has_kind(row.get(CONTACTS) or [], kind):
            return [Found(_id(row), by.get("marker"), {})]
    return []


def _kind(name: str, kinds: Mapping[str, str]) -> str | None:
    """Of an address of delivery, in the contacts of this set."""
    return next((kinds[one] for one in _DELIVERY[name] if one in kinds), None)


def _place(base: Base, customer: Row) -> Flow[tuple[str, Row, str]]:
    """Which record has the address, and the key of its kind there: of the partner in УТ, where its
    contacts are published. RejectedError where the base knows no such kind, for then 1C would keep
    the address and show it nowhere."""
    partner = key_of(customer.get("Партнер_Key"))
    kinds = yield from kinds_of(base)
    for name, key in ((PARTNERS, partner), (CUSTOMERS, key_of(customer["Ref_Key"]))):
        kind = _kind(name, kinds)
        if key is None or kind is None or not base.schema.part(name, CONTACTS):
            continue
        row = customer if name == CUSTOMERS else (yield from by_key(base, name, key))
        if row is not None:
            return name, row, kind
    raise RejectedError(
        "1C publishes no kind of contact information for an address of delivery "
        f"({', '.join(one for names in _DELIVERY.values() for one in names)} of "
        f"{CONTACT_KINDS}): publish it, or switch the address off: "
        "`won.delivery: none`"
    )


def _has_kind(rows: Sequence[Row], kind: str) -> bool:
    return any(key_of(one.get("Вид_Key")) == kind.lower() for one in rows)


def _id(holder: Row) -> str:
    """An address has no key of its own: that of the record it is a row of, of which it is one."""
    key = str(holder["Ref_Key"]).lower()
    return f"{key}/delivery"
