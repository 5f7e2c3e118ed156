"""Whose card it is that syncd makes: the user of the CRM who is the customer's seller.

A card that is there already is never given another owner, and none fails for the lack of one:
sellers without a user are one problem, for whoever keeps the CRM's users.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b

import msgspec
import sqlalchemy as sa

from syncd.domain import Card, Customer, Kind, Value
from syncd.errors import SyncdError
from syncd.image import decode
from syncd.people import SAYS, Seller, Verdict
from syncd.store import mirror, problems, sellers
from syncd.store.mirror import Known
from syncd.store.parts import Part
from syncd.store.rows import EPOCH
from syncd.store.sellers import Row
from syncd.sync.pair import Pair, Scene

UNREAD = "unread"
"""The verdict while the users cannot be read."""
NAMED = 10
"""Sellers that a problem names."""
CAUSE = "sellers"


def path(pair: Pair, part: str) -> str | None:
    """Where the owner of this part of a customer is written; None: nowhere."""
    outbound = pair.writing.outbound.get(Kind.CUSTOMER)
    mine = (one for one in outbound.plan.parts if one.name == part) if outbound else ()
    return next((one.owner.path for one in mine if one.owner), None)


def owned(pair: Pair) -> bool:
    outbound = pair.writing.outbound.get(Kind.CUSTOMER)
    return bool(outbound and any(part.owner for part in outbound.plan.parts))


def of_parts(scene: Scene, made: Sequence[tuple[Part, Known]]) -> dict[int, str]:
    """Part -> the user to whom its new object belongs, as far as one is known."""
    if not made or not owned(scene.pair):
        return {}
    rows = sellers.every(scene.tx, scene.pair.name)
    named = sellers_of(scene.tx, scene.streams, [record for _, record in made])
    users = {
        part.id: rows[one.name].user
        for part, record in made
        if (one := named.get(record.key)) and one.name in rows
    }
    return {part: user for part, user in users.items() if user is not None}


def refused(scene: Scene, user: Value) -> None:
    """The CRM does not take this user, who was deactivated since the users were read: its cards are
    made without, and the users are read again before the next."""
    known = list(sellers.every(scene.tx, scene.pair.name).values())
    if any(row.user == user for row in known):
        rows = [_without(row) if row.user == user else row for row in known]
        sellers.replace(scene.tx, scene.pair.name, rows)
        tell(scene, rows)


def _without(row: Row) -> Row:
    """Out of date at once, so that the users are read anew."""
    verdict = Verdict.INACTIVE if row.verdict == Verdict.FOUND else row.verdict
    return msgspec.structs.replace(row, verdict=verdict, user=None, mapping="")


def sellers_of(
    tx: sa.Connection, streams: Mapping[Kind, int], customers: Sequence[Known]
) -> dict[str, Seller]:
    """Customer -> its own seller, else that of its newest order."""
    images = mirror.images(tx, Kind.CUSTOMER, customers)
    cards = mirror.known(tx, streams[Kind.CARD], [row.key for row in customers])
    shown = mirror.images(tx, Kind.CARD, list(cards.values()))
    found = {}
    for row in customers:
        customer = decode(Kind.CUSTOMER, images[row.id]) if row.id in images else None
        card = cards.get(row.key)
        newest = decode(Kind.CARD, shown[card.id]) if card and card.id in shown else None
        if isinstance(customer, Customer) and (name := customer.seller or customer.seller_email):
            found[row.key] = Seller(name, customer.seller_email)
        elif isinstance(newest, Card) and newest.seller:
            found[row.key] = Seller(newest.seller)
    return found


def tell(scene: Scene, rows: Sequence[Row], error: SyncdError | None = None) -> None:
    """One problem for all who are without; it ends when nobody is."""
    pair, now = scene.pair, scene.pair.clock.utc()
    missed = sorted((row for row in rows if row.verdict != Verdict.FOUND), key=lambda row: row.name)
    cause = f"{CAUSE} {_digest([row.name for row in missed])}" if missed else ""
    for one in problems.causes(scene.tx, pair.name, CAUSE):
        if one != cause:
            problems.close(scene.tx, pair.name, one, now)
    if not missed or problems.waived(scene.tx, pair.name, cause, EPOCH):
        return
    problems.raise_problem(
        scene.tx,
        pair=pair.name,
        cause=cause,
        owner=problems.SYSADMIN if error else problems.SALES,
        text=_text(pair, missed, error),
        run=scene.run,
        at=now,
    )


def _text(pair: Pair, missed: Sequence[Row], error: SyncdError | None) -> str:
    crm, mapping = pair.crm.name, pair.writing.name
    lost = [row for row in missed if row.user is None]
    whose = "whoever makes them there" if lost else "the fallback"
    if any(row.mapping for row in lost) and pair.writing.people.fallback:
        whose += ", for the fallback is no active user"
    if error:
        return f"The users of {crm} cannot be read: {error}. New cards belong to {whose}."
    return (
        f"{crm} has no user for {listed(missed)}. New cards of theirs belong to {whose}; those "
        "that are there stay as they are. Mend the user's name or e-mail there, or write who it is "
        f"into the mapping {mapping}: people.is. It closes itself within a day."
    )


def listed(missed: Sequence[Row]) -> str:
    """`Продавец 3 (no user), Бывший П. (the user is inactive)`"""
    said: Mapping[str, str] = {verdict.value: text for verdict, text in SAYS.items()}
    names = [
        f"{row.name} ({said[row.verdict]})" if row.verdict in said else row.name for row in missed
    ]
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _digest(names: Sequence[str]) -> str:
    """The same problem as long as the same sellers have it."""
    return blake2b("\n".join(sorted(names)).encode(), digest_size=4).hexdigest()
