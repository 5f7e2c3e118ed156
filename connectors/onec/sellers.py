"""Who sells: the manager of a customer, and the users whom documents of late name.

A user has an e-mail only where somebody typed one into its contacts (library of standard
subsystems); most are known by their name alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from syncd.domain import Kind
from syncd.port import Flow, User

from .base import Base
from .layouts import CUSTOMERS, MANAGER, PARTNERS, SELLER, USERS
from .values import Row, day_start, key_of, plain

_CONTACTS = "КонтактнаяИнформация"
_PARTNER = "Партнер_Key"
_MOST = 1000
"""Documents that are looked at for their sellers, the newest first."""


def users(base: Base, keys: Collection[str]) -> Flow[dict[str, User]]:
    """By key, as far as 1C publishes them."""
    if not keys or USERS not in base.schema.sets:
        return {}
    fields = ("Ref_Key", "Description", "DeletionMark", "Недействителен", _CONTACTS)
    query = {"$select": ",".join(base.schema.those(USERS, fields))}
    found = [_user(row) for row in (yield from base.by_keys(USERS, keys, query))]
    return {one.id: one for one in found}


def managed(base: Base) -> Sequence[str]:
    """The set, and the field of it, that names a customer's manager; nothing where none does."""
    for name in (PARTNERS, CUSTOMERS):
        for field in MANAGER:
            if base.schema.has(name, field) and (name == CUSTOMERS or _linked(base)):
                return name, field
    return ()


def managers(base: Base, rows: Sequence[Row]) -> Flow[dict[str, User]]:
    """Customer -> its manager; `rows` have the fields of `managed`."""
    of = managed(base)
    if not of:
        return {}
    name, field = of
    named = {str(row["Ref_Key"]).lower(): key_of(row.get(field)) for row in rows}
    if name == PARTNERS:
        keys = {str(row["Ref_Key"]).lower(): key_of(row.get(_PARTNER)) for row in rows}
        partners = yield from _partners(base, {one for one in keys.values() if one}, field)
        named = {customer: partners.get(one) if one else None for customer, one in keys.items()}
    known = yield from users(base, {one for one in named.values() if one})
    return {customer: known[one] for customer, one in named.items() if one in known}


def lately(base: Base, since: dt.date) -> Flow[tuple[User, ...]]:
    """Those whom an order names that was made since, by name."""
    keys: set[str] = set()
    for name in base.layout.of(Kind.ORDER):
        for field in [one for one in SELLER if base.schema.has(name, one)][:1]:
            late = {"$filter": f"Date ge {day_start(since)}", "$orderby": "Date desc"}
            query = {**late, "$select": field, "$top": str(_MOST)}
            rows = yield from base.wire.rows(name, query)
            keys |= {key for row in rows if (key := key_of(row.get(field)))}
    found = yield from users(base, keys)
    return tuple(sorted(found.values(), key=lambda one: one.name))


def _partners(base: Base, keys: Collection[str], field: str) -> Flow[Mapping[str, str | None]]:
    query = {"$select": f"Ref_Key,{field}"}
    rows = yield from base.by_keys(PARTNERS, keys, query)
    return {str(row["Ref_Key"]).lower(): key_of(row.get(field)) for row in rows}


def _linked(base: Base) -> bool:
    return bool(base.schema.has(CUSTOMERS, _PARTNER))


def _user(row: Row) -> User:
    ways = row.get(_CONTACTS) or []
    mails = (plain(way.get("АдресЭП")) for way in ways)
    email = next((str(one) for one in mails if one), None)
    gone = row.get("Недействителен") is True or row.get("DeletionMark") is True
    return User(str(row["Ref_Key"]).lower(), str(row.get("Description") or ""), email, not gone)
