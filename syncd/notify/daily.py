"""The mail of the day: at most ten lines for one owner, and none when there is nothing to do.

It is sent once a local day, at its time or later on that day. Silence never lasts longer than a
week: then one mail says that syncd is alive, and what is proven.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa

from syncd.domain import Invoice, Kind, Money
from syncd.image import decode
from syncd.notify import say
from syncd.notify.post import Message
from syncd.settings.alerts import Hearer
from syncd.status import status
from syncd.store import mirror, problems, streams
from syncd.store.glance import through
from syncd.store.outlets import Outlet
from syncd.store.problems import Problem
from syncd.sync.plan import customer_name

LINES = 10
NAMES = 2
"""Customers that one line names."""
WEEK = dt.timedelta(days=7)
DAY = dt.timedelta(days=1)


def due(hearer: Hearer, seen: Outlet, now: dt.datetime) -> str | None:
    """The local day whose mail is to be sent now."""
    local = now.astimezone(hearer.zone)
    today = local.date().isoformat()
    if hearer.mail_at is None or local.time() < hearer.mail_at or (seen.mark or "") >= today:
        return None
    return today


def message(
    tx: sa.Connection,
    hearer: Hearer,
    seen: Outlet,
    pairs: Sequence[str],
    owners: Sequence[str],
    now: dt.datetime,
) -> Message | None:
    """None when there is nothing to say today."""
    open_now = [
        (pair, one) for pair in pairs for one in problems.listed(tx, pair) if one.owner in owners
    ]
    if open_now:
        return _work(tx, hearer, seen, sorted(open_now, key=_oldest), now)
    today = now.astimezone(hearer.zone).date()
    last = seen.wrote.astimezone(hearer.zone).date() if seen.wrote else None
    return None if last and today - last < WEEK else _alive(tx, hearer, pairs, now)


def _oldest(one: tuple[str, Problem]) -> tuple[dt.datetime, int]:
    return one[1].opened, one[1].id


def _work(
    tx: sa.Connection,
    hearer: Hearer,
    seen: Outlet,
    found: Sequence[tuple[str, Problem]],
    now: dt.datetime,
) -> Message:
    language = hearer.language
    words = {
        "problems": say.problems(language, len(found)),
        "owner": say.owner(language, hearer.owner),
    }
    since = seen.wrote or now - DAY
    new = sum(one.opened > since for _, one in found)
    lines = [say.frame(language, "head", new=new, **words)]
    if money := say.money(language, _waiting(tx, found)):
        lines.append(say.frame(language, "money", money=money))
    several = len({pair for pair, _ in found}) > 1
    room = LINES - len(lines) - 1
    shown = found if len(found) <= room else found[: room - 1]
    lines += [_line(tx, hearer, pair if several else "", pair, one, since) for pair, one in shown]
    if len(shown) < len(found):
        lines.append(say.frame(language, "more", n=len(found) - len(shown)))
    command = "syncd problems" if several else f"syncd problems --pair {found[0][0]}"
    lines.append(say.frame(language, "next", command=command))
    return Message(say.frame(language, "subject", **words), "\n".join(lines))


def _line(
    tx: sa.Connection, hearer: Hearer, shown: str, pair: str, one: Problem, since: dt.datetime
) -> str:
    language = hearer.language
    day = say.day(language, one.opened.astimezone(hearer.zone).date())
    first, end = say.what(language, one.cause, one.text)
    if hearer.names and (names := _names(tx, pair, one)):
        first += f" ({names})"
    number = say.frame(language, "since_new" if one.opened > since else "since", id=one.id, day=day)
    told = say.sentence(language, first, end, *problems.waiting(tx, one.id))
    return number + (f"{shown}: " if shown else "") + told


def _names(tx: sa.Connection, pair: str, one: Problem) -> str:
    """Of the first customers that it concerns, for a person's eyes."""
    ids = streams.stream_ids(tx, pair)
    names: list[str] = []
    for kind, key in problems.subjects(tx, one.id, 10 * NAMES):
        known = mirror.known(tx, ids[Kind(kind)], [key])[key]
        customer = key if kind == Kind.CUSTOMER else known.customer
        if customer and (name := customer_name(tx, pair, customer)) not in names:
            names.append(name)
    return ", ".join(names[:NAMES]) + (", ..." if len(names) > NAMES else "")


def _waiting(tx: sa.Connection, found: Sequence[tuple[str, Problem]]) -> list[Money]:
    """What the invoices come to that are not on a card because of these problems, by currency."""
    sums: Counter[str] = Counter()
    for pair in {pair for pair, _ in found}:
        mine = [one.id for name, one in found if name == pair]
        rows = mirror.by_id(tx, problems.invoices(tx, pair, mine))
        for image in mirror.images(tx, Kind.INVOICE, rows).values():
            invoice = decode(Kind.INVOICE, image)
            if isinstance(invoice, Invoice):
                sums[invoice.total.currency] += invoice.total.micros
    return [Money(sums[code], code) for code in sorted(sums)]


def _alive(
    tx: sa.Connection, hearer: Hearer, pairs: Sequence[str], now: dt.datetime
) -> Message | None:
    """One line a pair; None before the first run."""
    language = hearer.language
    lines = [say.frame(language, "alive_head", owner=say.owner(language, hearer.owner))]
    for pair in pairs:
        if streams.pair_state(tx, pair) is None:
            continue
        found = status(through(tx), pair, now)
        if found.fresh is None:
            continue
        fresh = say.moment(language, found.fresh.astimezone(hearer.zone))
        line = say.frame(language, "fresh", pair=pair, moment=fresh)
        proof = found.proof
        if proof:
            day = say.day(language, proof.at.astimezone(hearer.zone).date())
            counts = {"agreed": proof.agreed, "cards": proof.cards}
            line += say.frame(language, "proven", day=day, **counts)
        else:
            line += say.frame(language, "unproven")
        lines.append(line)
    if len(lines) == 1:
        return None
    lines.append(say.frame(language, "next", command="syncd status"))
    kept = lines[: LINES - 1] + lines[-1:] if len(lines) > LINES else lines
    return Message(say.frame(language, "alive"), "\n".join(kept))
