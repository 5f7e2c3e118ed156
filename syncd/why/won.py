"""Why a won customer is in the books, or is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from syncd.domain import TRIGGERS, Deal, Kind, Ref
from syncd.image import NOTHING
from syncd.store import links, mirror, streams
from syncd.store.links import Link
from syncd.store.mirror import Known
from syncd.store.parts import HELD
from syncd.store.tables import record
from syncd.sync.pair import WonMode
from syncd.sync.want import MADE
from syncd.sync.won import appeared_on, beside, won_since
from syncd.why.reasons import Code, Reason
from syncd.why.view import Row, View
from syncd.why.waits import of_part, of_parts

HELD_FOR = {
    "won lacks": Code.WON_LACKS,
    "won match": Code.WON_DOUBTFUL,
    "won proposed": Code.WON_PROPOSED,
    "won earlier": Code.WON_BEFORE_SINCE,
}
"""The first words of what a held won customer waits for."""


Deals = Sequence[tuple[Kind, Known]]
"""What named a card, by its kind."""


def of_record(view: View, kind: Kind, key: str) -> Reason:
    trigger = kind in TRIGGERS
    card = card_of(view, kind, key)
    deals = deals_of(view, kind, key)
    over = trigger and all(row.state == mirror.VOID for _, row in deals)
    card = None if over and card and link_of(view, card) is None else card
    found = _of_card(view, card, deals) if card else _of_deals(view, deals)
    return replace(found, about=f"{kind}:{key}")


def card_of(view: View, kind: Kind, key: str) -> str | None:
    """The card of a deal, as far as the deal was ever read as won; a won customer is a card."""
    if kind not in TRIGGERS:
        return key
    row = view.known(kind, key)
    return row.customer if row else None


def deals_of(view: View, kind: Kind, key: str) -> Deals:
    """The deal asked about, or all of a card."""
    if kind in TRIGGERS:
        row = view.known(kind, key)
        return [(kind, row)] if row else []
    found = []
    for one in _read(view):
        query = sa.select(record.c.key).where(
            record.c.stream == view.streams[one], record.c.customer == key
        )
        keys = list(view.tx.scalars(query))
        rows = mirror.known(view.tx, view.streams[one], keys).values()
        found += [(one, row) for row in rows]
    return found


def _read(view: View) -> list[Kind]:
    """What may make a card won here."""
    return [kind for kind in TRIGGERS if view.pair.inbound(kind) and kind in view.streams]


def link_of(view: View, card: str) -> Link | None:
    found = links.to_books(view.tx, view.pair.crm.name, card)
    return next((one for one in found if one.books == view.pair.books.name), None)


def _of_card(view: View, card: str, deals: Deals) -> Reason:
    link = link_of(view, card)
    if link and link.by == MADE:
        return _made(view, card, link)
    if link:
        detail = f"customer {link.books_key}, by {link.by} since {link.at:%Y-%m-%d %H:%M}"
        outbound = view.pair.outbound(Kind.WON)
        if outbound and len(outbound.plan.parts) > 1 and view.known(Kind.WON, card):
            detail += "; it was there before, so nothing beside it is made of the card"
        return Reason(Code.LINKED, detail)
    if view.pair.won.mode is WonMode.OFF or view.pair.inbound(Kind.WON) is None:
        return Reason(Code.WON_OFF)
    row = view.known(Kind.WON, card)
    mine = view.parts(row).get("") if row else None
    if row and mine and mine["want"] != NOTHING and mine["remote_id"] is None:
        return _waiting(view, row, mine)
    return _of_deals(view, deals)


def _made(view: View, card: str, link: Link) -> Reason:
    """Made in the books; its other objects may still be on their way."""
    detail = f"customer {link.books_key} of {link.books}, made {link.at:%Y-%m-%d %H:%M}"
    row = view.known(Kind.WON, card)
    wants = view.wants(Kind.WON, row) if row else {}
    mine = [(part, wants.get(key)) for key, part in view.parts(row).items()] if row else []
    there = (key for key, part in view.parts(row).items() if part["remote_id"]) if row else ()
    if said := beside(view.pair, there):
        detail += f", with {said}"
    waits = of_parts(view, Kind.WON, row, mine, _itself) if row else Reason(Code.THERE)
    if waits.code is Code.THERE:
        return Reason(Code.THERE, detail)
    return replace(waits, detail=f"{detail}; {waits.detail}".rstrip("; "))


def _waiting(view: View, row: Known, part: Row) -> Reason:
    if row.state == mirror.UNMAPPABLE:
        return Reason(Code.UNMAPPABLE, view.error(row), row.problem)
    error = part["error"] or ""
    code = next((code for words, code in HELD_FOR.items() if error.startswith(words)), None)
    if part["state"] != HELD or code is None:
        return of_part(view, Kind.WON, row, part, view.wants(Kind.WON, row).get(""), _itself)
    trouble = view.trouble(part["problem"])
    detail = error.removeprefix("won lacks ") if code is Code.WON_LACKS else ""
    text = detail or (trouble.text if trouble else error)
    return Reason(code, text, trouble.id if trouble else None)


def _itself(view: View, ref: Ref) -> Reason:
    """A contact waits for its own customer."""
    return Reason(Code.NEXT_RUN, about=str(ref))


def _of_deals(view: View, deals: Deals) -> Reason:
    """Of a card that was not read for the books yet."""
    won = [(kind, row) for kind, row in deals if row.state == mirror.LIVE]
    if not won:
        rows = [row for _, row in deals]
        if any(row.state == mirror.UNMAPPABLE for row in rows):
            row = next(row for row in rows if row.state == mirror.UNMAPPABLE)
            return Reason(Code.UNMAPPABLE, view.error(row), row.problem)
        if any(row.state == mirror.VOID for row in rows):
            return Reason(Code.NO_LONGER_WON)
        return _not_won(view)
    since = won_since(view.tx, view.pair)
    days = _days(view, won)
    if all(day is not None and day < since for day in days):
        listed = ", ".join(day.isoformat() for day in days if day)
        return Reason(Code.WON_BEFORE_SINCE, f"closed {listed}, taken since {since.isoformat()}")
    if view.cursor(Kind.CUSTOMER).swept_at is None:
        return Reason(Code.WON_UNREAD)
    return Reason(Code.NEXT_RUN)


def _days(view: View, won: Deals) -> list[dt.date | None]:
    """The day that counts of each deal: when it was closed, or first seen to be won if that was
    later."""
    found: list[dt.date | None] = []
    for kind, row in won:
        appeared = appeared_on(view.scene, kind, [row])
        deal = view.image(kind, row)
        closed = deal.closed if isinstance(deal, Deal) else None
        found.append(max((day for day in (appeared.get(row.id), closed) if day), default=None))
    return found


def _not_won(view: View) -> Reason:
    read = _read(view)
    if view.pair.won.mode is WonMode.OFF or not read:
        return Reason(Code.WON_OFF)
    customers = streams.read_cursor(view.tx, view.streams[Kind.CUSTOMER])
    if customers.swept_at is None:
        return Reason(Code.WON_UNREAD)
    tests = [inbound.where for kind in read if (inbound := view.pair.inbound(kind))]
    wheres = [test.where for test in tests if test]
    return Reason(Code.NOT_WON, where=", ".join(wheres) or None)
