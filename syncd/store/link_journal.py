"""The journal of links: each change of one, by whom and why, and the pairs somebody rejected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from syncd.store import direct
from syncd.store.bulk import many
from syncd.store.mirror import CHUNK
from syncd.store.tables import link_change, link_rejected

SAID = "said to be merged"
"""Somebody said that the books made one customer of two."""

IN_BOOKS, IN_CRM = "merged in the books", "merged in the CRM"
"""Changes that follow a merge which people made in one of the systems: no decisions of a link."""

FOUND, ACCEPTED, REJECTED, SPLIT, MERGED, UNDONE, PRIMARY = (
    "found",
    "accepted",
    "rejected",
    "split",
    "merged",
    "undone",
    "primary",
)
"""What a change is. Found: syncd made the link itself, `who` says by what. The others are decisions
of people. Primary: of several customers of one card it is the first from then on."""


NO_DECISIONS = frozenset({FOUND, UNDONE, IN_BOOKS, IN_CRM, SAID})
"""Changes that cannot be taken back."""


class Change(msgspec.Struct, frozen=True):
    """`before` and `after` are the card of the customer, None for none; `rejected` is the card that
    is said not to be this customer. `undone` is the change that took this one back. `former` is the
    customer that was the primary one of several until then, where another is since. A change that
    is not written down yet has the number 0."""

    what: str
    crm: str
    books: str
    books_key: str
    before: str | None
    after: str | None
    rejected: str | None
    who: str
    why: str | None
    at: dt.datetime
    undone: int | None = None
    former: str | None = None
    id: int = 0


_CHANGE = [link_change.c[name] for name in Change.__struct_fields__]
_NOTE = sa.insert(link_change)


def note_many(tx: sa.Connection, changes: Sequence[Change]) -> None:
    many(tx, _NOTE, [_values(one) for one in changes])


def _values(change: Change) -> dict[str, object]:
    return {name: getattr(change, name) for name in Change.__struct_fields__ if name != "id"}


def note(tx: sa.Connection, change: Change) -> int:
    return direct.insert(tx, _NOTE, **_values(change))


def newest(tx: sa.Connection) -> int:
    """The number of the newest change of all; 0 where there was none."""
    return direct.value(tx, _NEWEST) or 0


_NEWEST = sa.select(sa.func.max(link_change.c.id))


def find(tx: sa.Connection, crm: str, books: str, one: int) -> Change | None:
    query = sa.select(*_CHANGE).where(
        link_change.c.id == one, link_change.c.crm == crm, link_change.c.books == books
    )
    row = tx.execute(query).one_or_none()
    return Change(*row) if row else None


def of_customer(tx: sa.Connection, crm: str, books: str, key: str) -> list[Change]:
    """Oldest first."""
    query = sa.select(*_CHANGE).where(
        link_change.c.crm == crm, link_change.c.books == books, link_change.c.books_key == key
    )
    return [Change(*row) for row in tx.execute(query.order_by(link_change.c.id))]


def left(tx: sa.Connection, crm: str, books: str, keys: Sequence[str]) -> dict[str, str | None]:
    """Customer -> the card of which it was the primary one until lately, of those that were."""
    found: dict[str, str | None] = {}
    for start in range(0, len(keys), CHUNK):
        query = sa.select(link_change.c.former, link_change.c.before).where(
            link_change.c.crm == crm,
            link_change.c.books == books,
            link_change.c.former.in_(keys[start : start + CHUNK]),
        )
        found.update((key, card) for key, card in tx.execute(query.order_by(link_change.c.id)))
    return found


def decisions(tx: sa.Connection, crm: str, books: str, limit: int) -> list[Change]:
    """What people decided, newest first."""
    query = sa.select(*_CHANGE).where(
        link_change.c.crm == crm, link_change.c.books == books, link_change.c.what != FOUND
    )
    return [
        Change(*row) for row in tx.execute(query.order_by(link_change.c.id.desc()).limit(limit))
    ]


def take_back(tx: sa.Connection, one: int, by: int) -> None:
    tx.execute(sa.update(link_change).where(link_change.c.id == one).values(undone=by))


# -- rejected pairs ------------------------------------------------------------------------------


def reject(
    tx: sa.Connection, crm: str, books: str, key: str, card: str, evidence: bytes, change: int
) -> None:
    """`evidence` is the fingerprint of what spoke for the pair: it is not suggested again as long
    as that is all there is."""
    allow(tx, crm, books, key, card)
    values = {"crm": crm, "books": books, "books_key": key, "card_id": card}
    tx.execute(sa.insert(link_rejected).values(**values, evidence=evidence, change=change))


def allow(tx: sa.Connection, crm: str, books: str, key: str, card: str) -> None:
    """The pair is no longer rejected."""
    tx.execute(
        sa.delete(link_rejected).where(
            link_rejected.c.crm == crm,
            link_rejected.c.books == books,
            link_rejected.c.books_key == key,
            link_rejected.c.card_id == card,
        )
    )


def rejected(tx: sa.Connection, crm: str, books: str) -> Mapping[tuple[str, str], bytes]:
    """(books key, card) -> the fingerprint of the evidence that was not enough."""
    query = sa.select(
        link_rejected.c.books_key, link_rejected.c.card_id, link_rejected.c.evidence
    ).where(link_rejected.c.crm == crm, link_rejected.c.books == books)
    return {(key, card): bytes(evidence) for key, card, evidence in tx.execute(query)}
