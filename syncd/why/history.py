"""What a value was before, until when, and which documents changed then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from syncd.domain import PERSONAL, Canonical, Card, Kind, Money, State, Value, value_of
from syncd.image import decode
from syncd.mapping.words import AMOUNT, DOCUMENTS
from syncd.store.mirror import DELETED, Known
from syncd.store.tables import change, person_change, record, run
from syncd.why.answer import Before, Happened, Version
from syncd.why.view import View

LOOKED_AT = 400
"""Versions of a card that are looked at."""
NAMED = 5
"""Documents that are named."""
REMOVED = "older versions were removed: their time was over"
"""Instead of what happened before the oldest version that retention left."""


def versions(view: View, kind: Kind, row: Known, limit: int = LOOKED_AT) -> list[Version]:
    """Newest first."""
    return [
        Version(one.ver, one.at, one.run, one.cause, said(decode(kind, one.image)))
        for one in _rows(view, kind, row.id, limit)
    ]


def _rows(view: View, kind: Kind, one: int, limit: int) -> Sequence[sa.Row[tuple[object, ...]]]:
    table = person_change if kind in PERSONAL else change
    columns = (table.c.ver, table.c.run, table.c.cause, table.c.at, table.c.image)
    query = sa.select(*columns).where(table.c.record == one)
    return list(view.tx.execute(query.order_by(table.c.ver.desc()).limit(limit)))


def before(
    view: View, row: Known, customers: Sequence[str], value_of: Callable[[Card], Value]
) -> Before | None:
    """The newest version of the card with another value; None where there never was one. Without a
    value where it may have been in a version that is no longer kept."""
    newest: Value = None
    later = None
    for version in _rows(view, Kind.CARD, row.id, LOOKED_AT):
        card = decode(Kind.CARD, bytes(version.image))
        assert isinstance(card, Card)
        value = value_of(card)
        if later is None:
            newest = value
        elif value != newest:
            changes = _at(view, customers, later.run, later.at)
            return Before(value, later.at, later.run, _cause(changes), changes)
        later = version
    if later is not None and later.ver > 1:
        return Before(None, later.at, later.run, REMOVED)
    return None


def _cause(changes: Sequence[Happened]) -> str:
    return "" if changes else "no document changed then: the day, the mapping, or a proof"


def _at(
    view: View, customers: Sequence[str], run_id: int, until: dt.datetime
) -> tuple[Happened, ...]:
    """Versions of these customers' documents that came with that run, or else just before it."""
    found = _changes(view, customers, change.c.run == run_id)
    if not found:
        began = view.tx.scalar(sa.select(run.c.began).where(run.c.id == run_id))
        earlier = sa.and_(change.c.run == run_id - 1, change.c.at <= (began or until))
        found = _changes(view, customers, earlier)
    return tuple(found[:NAMED])


def _changes(view: View, customers: Sequence[str], when: sa.ColumnElement[bool]) -> list[Happened]:
    streams = {view.streams[kind]: kind for kind in DOCUMENTS}
    query = (
        sa.select(record.c.stream, record.c.key, record.c.customer, change)
        .join(record, record.c.id == change.c.record)
        .where(when, record.c.stream.in_(streams))
        .order_by(change.c.at.desc(), record.c.id)
    )
    found = []
    for row in view.tx.execute(query):
        kind = streams[row.stream]
        old = _version(view, kind, row.record, row.ver - 1)
        whose = {row.customer, getattr(old, "customer", None)}
        if not whose.isdisjoint(customers):
            text = _happened(kind, old, decode(kind, row.image), row.ver, row.cause)
            found.append(Happened(f"{kind}:{row.key}", row.at, row.run, row.ver, text))
    return found


def _version(view: View, kind: Kind, one: int, ver: int) -> Canonical | None:
    query = sa.select(change.c.image).where(change.c.record == one, change.c.ver == ver)
    found = view.tx.scalar(query)
    return decode(kind, found) if found else None


def _happened(kind: Kind, old: Canonical | None, new: Canonical, ver: int, cause: str) -> str:
    """`invoice INV-1 of 120.00 EUR came`; of a change, what differs, where that is still kept."""
    number = getattr(new, "number", None) or getattr(new, "key", "")
    name = f"{kind.value.replace('_', ' ')} {number}"
    amount: Money = getattr(new, AMOUNT[kind])
    if old is None:
        return f"{name} of {amount} " + ("came" if ver == 1 else "changed")
    states = getattr(old, "state", None), getattr(new, "state", None)
    if states[0] is not states[1]:
        void = "was deleted" if cause == DELETED else "was cancelled"
        what = void if states[1] is State.VOID else "counts again"
        return f"{name} of {amount} {what}"
    was: Money = getattr(old, AMOUNT[kind])
    if was != amount:
        return f"{name}: {was} became {amount}"
    added = {one.word for image in (old, new) for one in getattr(image, "extras", ())}
    for word in ("customer", "open", "due", "allocations", "date", "number", *sorted(added)):
        if value_of(old, word) != value_of(new, word):
            return f"{name}: {word} changed"
    return f"{name} changed"


def said(image: Canonical) -> str:
    """What a version says that has an amount or a name, without what concerns a person."""
    amount = getattr(image, "total", None) or getattr(image, "amount", None)
    state = getattr(image, "state", None)
    words = [str(amount) if amount else "", state.value if state else ""]
    settles = [f"{one.amount} on {one.invoice}" for one in getattr(image, "allocations", ())]
    words += [f"settles {', '.join(settles)}"] if settles else []
    return ", ".join(word for word in words if word)
