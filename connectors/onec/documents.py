"""Orders, invoices, payments, credit notes and adjustments: which are read, and page by page.

Everything is read as it is now. A full pass goes by date through one set after the other; a pass
over what changed reads the changed ones by their keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from syncd.domain import Kind
from syncd.port import All, Flow, Keys, Page, Read, Scope, Since

from .base import Base
from .changes import Changes, Look, settlement_sets
from .layouts import CUSTOMER
from .ledger import by_customer, entries_of
from .lists import by_date
from .records import Maker, query_of
from .values import Row, amount, is_key, key_of

CREDITS = frozenset({Kind.PAYMENT, Kind.CREDIT_NOTE, Kind.ADJUSTMENT})
"""Kinds that settle invoices."""

Document = tuple[str, Row]


def documents(base: Base, changes: Changes, size: int, read: Read, scope: Scope) -> Flow[Page]:
    maker = Maker(base, read)
    opens = read.kind is Kind.ORDER and "open" in maker.wanted
    if opens and not isinstance(scope, Since):
        maker.undelivered = yield from undelivered(base)
    match scope:
        case Keys(keys):
            found = yield from _by_keys(base, read, keys)
            records = yield from maker.records(found)
            asked = set(keys)
            records = [one for one in records if one.key in asked]
            records += yield from maker.fallen(found, asked - {one.key for one in records})
            return Page(records, None, base.wire.now)
        case All(position):
            found, following = yield from _page(base, size, read, position)
        case Since(moment, position):
            look = changes.look
            if position is None or look is None or read.kind not in look.passes:
                look = yield from changes.begin(base, read.kind, moment)
                yield from _list(base, changes, look, read.kind, opens)
            found, following = yield from _changed(base, size, read, look, position)
            maker.known, maker.undelivered = look.entries, look.seen.undelivered
    records = yield from maker.records(found)
    return Page(records, following, base.wire.now)


# ------------------------------------------------------------------------------- which are read


def _by_keys(base: Base, read: Read, keys: Sequence[str]) -> Flow[list[Document]]:
    """The key does not say which document it is of, so each set is asked for what is not found
    yet. The key of an adjustment begins with that of its document."""
    wanted = {one.partition(".")[0].lower() for one in keys}
    wanted = {one for one in wanted if is_key(one)}
    found: list[Document] = []
    for name in base.layout.of(read.kind):
        if not wanted:
            break
        for row in (yield from base.by_keys(name, sorted(wanted), query_of(base, name, read))):
            wanted.discard(str(row["Ref_Key"]).lower())
            found.append((name, row))
    return found


def _page(
    base: Base, size: int, read: Read, position: str | None
) -> Flow[tuple[list[Document], str | None]]:
    sets = base.layout.of(read.kind)
    if not sets:
        return [], None
    number, date, key = (position or "0||").split("|")
    name = sets[int(number)]
    after = (date, key) if date else None
    rows, following = yield from by_date(base, name, query_of(base, name, read), after, size)
    found = [(name, row) for row in rows]
    if following is not None:
        return found, f"{number}|{following[0]}|{following[1]}"
    last = int(number) + 1 == len(sets)
    return found, None if last else f"{int(number) + 1}||"


def _changed(
    base: Base, size: int, read: Read, look: Look, position: str | None
) -> Flow[tuple[list[Document], str | None]]:
    left = [one for one in look.passes[read.kind] if position is None or "|".join(one) > position]
    mine, found = left[:size], []
    for name in dict.fromkeys(name for name, _ in mine):
        keys = [key for one, key in mine if one == name]
        for row in (yield from base.by_keys(name, keys, query_of(base, name, read))):
            found.append((name, row))
    return found, "|".join(mine[-1]) if len(left) > size else None


def _list(base: Base, changes: Changes, look: Look, kind: Kind, opens: bool) -> Flow[None]:
    """What of a kind is to be read in this look, in the order it is read. `opens`: orders too of
    which another part is shipped."""
    found: set[tuple[str, str]] = set()
    sets = base.layout.of(kind)
    for name in sets:
        keys = yield from changes.changed(base, look, name)
        found |= {(name, key) for key in keys}
    if opens and (yield from changes.stirred(base, look, _shipping(base))):
        now = look.seen.undelivered = yield from undelivered(base)
        before = changes.seen.undelivered
        differing = changes.differing(now, before) if now is not None and before is not None else ()
        found |= {(name, key) for name in sets[:1] for key in differing}
    if kind in CREDITS:
        settling = yield from _settling(base, changes, look)
        found |= {(name, key) for name in sets for key in settling.get(name, ())}
    look.passes[kind] = sorted(found)


def _settling(base: Base, changes: Changes, look: Look) -> Flow[Mapping[str, set[str]]]:
    """Documents whose allocations may differ: those that stand in an account together with a
    changed one, or anywhere with its customer where it has no row any more."""
    if look.settling is not None:
        return look.settling
    changed: dict[str, str | None] = {}
    for name in settlement_sets(base):
        keys = yield from changes.changed(base, look, name)
        field = base.schema.first(name, CUSTOMER)
        if look.package is None:
            changed |= {key: changes.customer(look, name, key) for key in keys}
        elif field is None:
            changed |= dict.fromkeys(keys)
        else:
            rows = yield from base.by_keys(name, keys, {"$select": f"Ref_Key,{field}"})
            changed |= {str(row["Ref_Key"]).lower(): key_of(row.get(field)) for row in rows}
    customers = {one for one in changed.values() if one}
    entries = yield from entries_of(base, customers)
    look.entries = {one: [] for one in customers} | by_customer(entries)
    booked = {entry.document for entry in entries}
    unbooked = {customer for key, customer in changed.items() if key not in booked}
    accounts = {entry.account for entry in entries if entry.document in changed}
    settling: dict[str, set[str]] = {}
    for entry in entries:
        if entry.account in accounts or entry.customer in unbooked:
            settling.setdefault(entry.set, set()).add(entry.document)
    look.settling = settling
    return settling


def _shipping(base: Base) -> list[str]:
    """Documents that move what is left of an order."""
    kinds = (Kind.ORDER, Kind.INVOICE, Kind.CREDIT_NOTE)
    return [name for kind in kinds for name in base.layout.of(kind)]


def undelivered(base: Base) -> Flow[Mapping[str, Decimal] | None]:
    """Order -> the part of it that is not shipped yet; None where the base does not tell."""
    if base.layout.undelivered is None:
        return None
    register, order, figure = base.layout.undelivered
    if register not in base.schema.sets:
        return None
    found: dict[str, Decimal] = {}
    for row in (yield from base.wire.rows(f"{register}/Balance()")):
        key = key_of(row.get(order)) or key_of(row.get(f"{order}_Key"))
        if key is not None:
            found[key] = found.get(key, Decimal(0)) + amount(row.get(figure))
    return found
