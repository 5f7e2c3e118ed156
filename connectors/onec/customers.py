"""Customers: counterparties, with the partner and the contacts that the mapping reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from syncd.port import All, Flow, Keys, Page, Read, Record, Scope, Since, User

from ..rows import select
from .base import Base
from .changes import Changes, Look
from .contacts import CONTACTS, contact
from .layouts import CONTRACTS, CUSTOMERS, MANAGER
from .sellers import managers
from .values import Row, is_key, key_of, plain

_SELLER = frozenset({"seller", "seller_email"})
"""Take further requests, where the mapping reads one."""
VIRTUAL_CUSTOMER = frozenset({"in_scope", "own_currency", "email", "phone", "address", *_SELLER})

_PARTNER = "Партнер_Key"
_BUYER = "СПокупателем"


def customers(base: Base, changes: Changes, size: int, read: Read, scope: Scope) -> Flow[Page]:
    """By key, in the order of the keys themselves: 1C cannot compare references, so their list is
    read in one answer and the records by their keys."""
    match scope:
        case Keys(keys):
            mine, following = [one.lower() for one in keys if is_key(one.lower())], None
        case All(position):
            mine, following = _some((yield from listed(base)), size, position)
        case Since(moment, position):
            look = changes.look
            if position is None or look is None or read.kind not in look.passes:
                look = yield from changes.begin(base, read.kind, moment)
                found = yield from changed_customers(base, changes, look)
                look.passes[read.kind] = sorted((CUSTOMERS, key) for key in found)
            left = [key for _, key in look.passes[read.kind]]
            mine, following = _some(left, size, position)
    inside = (yield from buyers(base)) if mine else None
    rows = yield from base.by_keys(CUSTOMERS, mine, _query(base, read))
    who = (yield from managers(base, rows)) if _SELLER & set(read.paths) else {}
    if isinstance(scope, Since) and changes.look is not None:
        there = {str(row["Ref_Key"]).lower() for row in rows if in_scope(base, row, inside)}
        changes.look.told |= {key: key in there for key in mine}
    records = [
        Record(
            str(row["Ref_Key"]).lower(),
            select(plain(row) | _made(base, row, inside, who), read.paths),
            base.wire.now,
        )
        for row in rows
    ]
    return Page(records, following, base.wire.now)


def listed(base: Base) -> Flow[list[str]]:
    """Keys of all that are no folder."""
    fields = base.schema.those(CUSTOMERS, ("Ref_Key", "IsFolder"))
    rows = yield from base.wire.rows(CUSTOMERS, {"$select": ",".join(fields)})
    return sorted(str(row["Ref_Key"]).lower() for row in rows if row.get("IsFolder") is not True)


def _some(keys: Iterable[str], size: int, position: str | None) -> tuple[list[str], str | None]:
    left = sorted(key for key in keys if position is None or key > position)
    return left[:size], left[size - 1] if len(left) > size else None


def _query(base: Base, read: Read) -> dict[str, str]:
    tops = dict.fromkeys(path.partition(".")[0] for path in read.paths)
    links = [one for one in tops if one in base.schema.links.get(CUSTOMERS, {})]
    flag = base.layout.buyers[1] if base.layout.buyers else ""
    fields = ["Ref_Key", "DataVersion", "IsFolder", _PARTNER, flag, CONTACTS, *tops]
    fields += MANAGER if _SELLER & set(read.paths) else ()
    chosen = [*base.schema.those(CUSTOMERS, fields), *links]
    query = {"$select": ",".join(dict.fromkeys(chosen))}
    return query | ({"$expand": ",".join(links)} if links else {})


def buyers(base: Base) -> Flow[set[str] | None]:
    """Keys by which a customer is told from a supplier: partners that are clients (УТ), or
    counterparties with a contract of a buyer, with an organisation that is read (БП). None: its own
    flag says it, or nothing does."""
    if base.layout.buyers is not None:
        catalog, flag = base.layout.buyers
        if catalog == CUSTOMERS or not base.schema.has(catalog, flag):
            return None
        query = {"$select": "Ref_Key", "$filter": f"{flag} eq true"}
        rows = yield from base.wire.rows(catalog, query)
        return {str(row["Ref_Key"]).lower() for row in rows}
    if not base.schema.has(CONTRACTS, "ВидДоговора", "Owner_Key"):
        return None
    clauses = [f"ВидДоговора eq '{_BUYER}'", base.only(CONTRACTS)]
    query = {"$select": "Owner_Key", "$filter": " and ".join(filter(None, clauses))}
    rows = yield from base.wire.rows(CONTRACTS, query)
    return {key for row in rows if (key := key_of(row.get("Owner_Key")))}


def changed_customers(base: Base, changes: Changes, look: Look) -> Flow[set[str]]:
    """Keys of those whose own record has changed, who have become customers by another one, or whom
    a document names as the first to do so."""
    if look.customers is None:
        strangers = yield from changes.strangers(base, look)
        changed = yield from changes.changed(base, look, CUSTOMERS)
        look.customers = strangers | changed | (yield from _newcomers(base, changes, look))
    return look.customers


def _newcomers(base: Base, changes: Changes, look: Look) -> Flow[set[str]]:
    """Whom a contract, or the flag of a partner, has made a customer since the last look."""
    catalog = base.layout.buyers[0] if base.layout.buyers else CONTRACTS
    before = changes.seen.buyers
    told = look.whole if look.package is None else catalog in look.package.changed
    if before is not None and not told:
        return set()
    now = look.seen.buyers = yield from buyers(base)
    if now is None or before is None:
        return set()
    if catalog == CONTRACTS:
        return now ^ before
    query = {"$select": "Ref_Key"}
    rows = yield from base.where_any(CUSTOMERS, _PARTNER, now ^ before, query)
    return {str(row["Ref_Key"]).lower() for row in rows}


def in_scope(base: Base, row: Row, inside: set[str] | None) -> bool:
    """Not a folder, and a buyer as far as the base tells."""
    if row.get("IsFolder") is True:
        return False
    if inside is not None:
        own = _PARTNER if base.layout.buyers is not None else "Ref_Key"
        return key_of(row.get(own)) in inside
    flag = base.layout.buyers[1] if base.layout.buyers else ""
    return row.get(flag) is not False


def _made(base: Base, row: Row, inside: set[str] | None, who: Mapping[str, User]) -> Row:
    seller = who.get(str(row["Ref_Key"]).lower())
    return {
        "seller": seller.name if seller else None,
        "seller_email": seller.email if seller else None,
        "in_scope": in_scope(base, row, inside),
        "own_currency": base.own,
        **{path: contact(row, path) for path in ("email", "phone", "address")},
    }
