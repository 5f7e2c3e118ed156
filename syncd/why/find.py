"""What a person means by KIND and KEY: a books key, a number, an id of the CRM, an address."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from syncd.domain import FROM_CRM, Customer, Kind
from syncd.errors import UsageError
from syncd.image import decode
from syncd.mapping.words import DOCUMENTS
from syncd.store import mirror
from syncd.store.mirror import FILTERED, Known
from syncd.store.tables import record
from syncd.sync.customers import resolve
from syncd.why.records import unconditional
from syncd.why.view import View

NAMED = 10
OF_CUSTOMERS = (Kind.CUSTOMER, Kind.CARD, Kind.BALANCE)
"""Kinds whose key is the customer's."""


def find(view: View, kind: Kind, typed: str) -> str:
    """The key; what was typed, where nobody knows it. UsageError where it is several."""
    wanted = typed.strip()
    if kind in OF_CUSTOMERS:
        return _customer(view, wanted)
    last = wanted.rstrip("/").rsplit("/", 1)[-1]
    for key in (wanted, last):
        if view.known(kind, key):
            return key
    if kind in FROM_CRM:
        return last
    return _numbered(view, kind, wanted)


def _customer(view: View, wanted: str) -> str:
    try:
        return resolve(view.tx, view.pair.name, view.pair.crm.name, wanted)
    except UsageError as error:
        if "several" in str(error):
            raise
    return _out_of_scope(view, wanted) or wanted


def _out_of_scope(view: View, wanted: str) -> str | None:
    """Customers that never were of interest have a raw record alone."""
    inbound, last, found = view.pair.inbound(Kind.CUSTOMER), 0, []
    while batch := mirror.batch(view.tx, view.streams[Kind.CUSTOMER], last):
        last = batch[-1].id
        for row in batch:
            one = (
                unconditional(view, Kind.CUSTOMER, row, inbound) if row.state == FILTERED else None
            )
            if isinstance(one, Customer):
                words = (one.code, one.tax_id, one.email, one.name)
                if any(word and word.casefold() == wanted.casefold() for word in words):
                    found.append(row.key)
    if len(found) > 1:
        raise _several(wanted, "customers", found)
    return found[0] if found else None


def _numbered(view: View, kind: Kind, wanted: str) -> str:
    """A document by its number, drafts included."""
    if kind not in DOCUMENTS:
        return wanted
    found = _by_number(view, kind, wanted)
    if len(found) > 1:
        raise _several(wanted, f"{kind}s", found)
    return found[0] if found else wanted


def _by_number(view: View, kind: Kind, wanted: str) -> list[str]:
    """Those whose raw record has the text first: a number mostly stands there as it is."""
    query = sa.select(record.c.id).where(
        record.c.stream == view.streams[kind],
        sa.func.instr(record.c.raw, wanted.encode()) > 0,
    )
    found = _so_numbered(view, kind, mirror.by_id(view.tx, list(view.tx.scalars(query))), wanted)
    last = 0
    while not found and (batch := mirror.batch(view.tx, view.streams[kind], last)):
        last = batch[-1].id
        found = _so_numbered(view, kind, [row for row in batch if row.ver], wanted)
    return found


def _so_numbered(view: View, kind: Kind, rows: Sequence[Known], wanted: str) -> list[str]:
    inbound, images = view.pair.inbound(kind), mirror.images(view.tx, kind, rows)
    found = []
    for row in rows:
        seen = images.get(row.id)
        one = decode(kind, seen) if seen else unconditional(view, kind, row, inbound)
        number = getattr(one, "number", None)
        if number and str(number).casefold() == wanted.casefold():
            found.append(row.key)
    return found


def _several(wanted: str, what: str, keys: list[str]) -> UsageError:
    named = ", ".join(keys[:NAMED]) + (", ..." if len(keys) > NAMED else "")
    return UsageError(f"{wanted!r} is several {what}: {named}; name one by key")
