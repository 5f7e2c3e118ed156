"""Links: which card and which books customers are the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from syncd.store import direct
from syncd.store import link_journal as journal
from syncd.store.bulk import among, listed, many
from syncd.store.tables import link

SYNCD = "syncd"
"""Who made the link to a card that syncd made."""


class Link(msgspec.Struct, frozen=True):
    crm: str
    card_id: str
    books: str
    books_key: str
    is_primary: bool
    numbered: bool
    by: str
    at: dt.datetime


_LINK = [link.c[name] for name in Link.__struct_fields__]


def bind(
    tx: sa.Connection,
    *,
    crm: str,
    card_id: str,
    books: str,
    books_key: str,
    numbered: bool,
    by: str,
    at: dt.datetime,
    why: str | None = None,
    what: str = journal.FOUND,
) -> bool:
    """The first customer of these books is the primary one of its card: whether this one is. A
    customer has one card. A link that is there already keeps who made it, and when; a new one is
    journalled."""
    mine = sa.and_(link.c.crm == crm, link.c.books == books, link.c.books_key == books_key)
    had = tx.execute(sa.select(link.c.card_id, link.c.is_primary).where(mine)).one_or_none()
    before = had.card_id if had else None
    if had is not None and before == card_id:
        tx.execute(sa.update(link).where(mine).values(numbered=numbered))
        return bool(had.is_primary)
    ours = sa.and_(link.c.crm == crm, link.c.books == books)
    others = sa.select(sa.func.count()).where(ours, sa.not_(mine))
    first = not tx.scalar(others.where(link.c.card_id == card_id))
    values = {
        "card_id": card_id,
        "is_primary": first,
        "numbered": numbered,
        "by": by,
        "at": at,
    }
    former = None
    if had is None:
        tx.execute(sa.insert(link).values(crm=crm, books=books, books_key=books_key, **values))
    else:
        if had.is_primary and tx.scalar(others.where(link.c.card_id == before)):
            former = books_key
        tx.execute(sa.update(link).where(mine).values(**values))
        _promote(tx, crm, books, had.card_id)
    change = journal.Change(what, crm, books, books_key, before, card_id, None, by, why, at)
    journal.note(tx, msgspec.structs.replace(change, former=former))
    return first


def bind_many(
    tx: sa.Connection,
    crm: str,
    books: str,
    found: Mapping[str, tuple[str, bool]],
    by: str,
    at: dt.datetime,
) -> None:
    """Books key -> its card and whether it is numbered; the same as `bind` of each."""
    there = linked(tx, crm, books, list(found))
    taken = set(customers_of(tx, crm, books, [card for card, _ in found.values()]))
    mine: dict[str, object] = {"crm": crm, "books": books, "by": by, "at": at}
    rows: list[dict[str, object]] = []
    changes: list[journal.Change] = []
    for key, (card, numbered) in found.items():
        if key in there:
            one = {"crm": crm, "books": books, "books_key": key, "card_id": card}
            bind(tx, **one, numbered=numbered, by=by, at=at)
            continue
        first = card not in taken
        said = {"books_key": key, "card_id": card, "numbered": numbered, "is_primary": first}
        rows.append({**mine, **said})
        taken.add(card)
        of = (crm, books, key, None, card, None)
        changes.append(journal.Change(journal.FOUND, *of, by, None, at))
    many(tx, _INSERT, rows)
    journal.note_many(tx, changes)


_INSERT = sa.insert(link)


def confirm(
    tx: sa.Connection, crm: str, books: str, books_key: str, by: str, at: dt.datetime
) -> None:
    """The link that is there is somebody else's from now on."""
    mine = sa.and_(link.c.crm == crm, link.c.books == books, link.c.books_key == books_key)
    tx.execute(sa.update(link).where(mine).values(by=by, at=at))


def unbind(tx: sa.Connection, crm: str, books: str, books_key: str) -> str | None:
    """The card it was linked to. Who undoes a link journals it."""
    mine = sa.and_(link.c.crm == crm, link.c.books == books, link.c.books_key == books_key)
    card: str | None = tx.scalar(sa.select(link.c.card_id).where(mine))
    if card is not None:
        tx.execute(sa.delete(link).where(mine))
        _promote(tx, crm, books, card)
    return card


def _promote(tx: sa.Connection, crm: str, books: str, card: str) -> None:
    """A card that lost the primary customer of these books has its oldest one as such."""
    mine = sa.and_(link.c.crm == crm, link.c.books == books, link.c.card_id == card)
    if not tx.scalar(sa.select(sa.func.count()).where(mine, link.c.is_primary)):
        oldest = sa.select(sa.func.min(link.c.id)).where(mine).scalar_subquery()
        tx.execute(sa.update(link).where(link.c.id == oldest).values(is_primary=True))


def crown(tx: sa.Connection, crm: str, books: str, books_key: str) -> None:
    """The customer is the primary one of its card from now on."""
    mine = sa.and_(link.c.crm == crm, link.c.books == books, link.c.books_key == books_key)
    card = sa.select(link.c.card_id).where(mine).scalar_subquery()
    all_of = sa.and_(link.c.crm == crm, link.c.books == books, link.c.card_id == card)
    tx.execute(sa.update(link).where(all_of).values(is_primary=mine))


def to_books(tx: sa.Connection, crm: str, card_id: str) -> list[Link]:
    """The primary customer first, then the others in the order they came."""
    query = sa.select(*_LINK).where(link.c.crm == crm, link.c.card_id == card_id)
    query = query.order_by(link.c.is_primary.desc(), link.c.id)
    return [Link(*row) for row in tx.execute(query)]


def each(tx: sa.Connection, crm: str, books: str) -> list[Link]:
    query = sa.select(*_LINK).where(link.c.crm == crm, link.c.books == books).order_by(link.c.id)
    return [Link(*row) for row in tx.execute(query)]


def cards_by(tx: sa.Connection, crm: str, books: str, by: str) -> list[str]:
    """Cards with a link that somebody made."""
    query = sa.select(link.c.card_id).where(
        link.c.crm == crm, link.c.books == books, link.c.by == by
    )
    return list(tx.scalars(query.order_by(link.c.id)))


def linked(tx: sa.Connection, crm: str, books: str, keys: Sequence[str]) -> dict[str, str]:
    """Books key -> card, of those of these customers that have one."""
    wanted = {"crm": crm, "books": books, "keys": listed(keys)}
    return {key: card for key, card in direct.rows(tx, _LINKED, **wanted)}


_LINKED = sa.select(link.c.books_key, link.c.card_id).where(
    link.c.crm == sa.bindparam("crm"),
    link.c.books == sa.bindparam("books"),
    among(link.c.books_key, "keys"),
)


def primary(tx: sa.Connection, crm: str, books: str, keys: Sequence[str]) -> dict[str, str]:
    """Books key -> card, of those of these customers that are the primary one of theirs."""
    wanted = {"crm": crm, "books": books, "keys": listed(keys)}
    return {key: card for key, card in direct.rows(tx, _PRIMARY, **wanted)}


_PRIMARY = _LINKED.where(link.c.is_primary)


def places(tx: sa.Connection, crm: str, books: str, keys: Sequence[str]) -> dict[str, str]:
    """Books key -> card, of those of these customers that are members: another customer of these
    books is the primary one there."""
    if not keys:
        return {}
    wanted = {"crm": crm, "books": books, "keys": listed(keys)}
    return {key: card for key, card in direct.rows(tx, _PLACES, **wanted)}


_FIRST = link.alias()
_PLACES = _LINKED.where(
    link.c.is_primary.is_(False),
    sa.exists().where(
        _FIRST.c.crm == link.c.crm,
        _FIRST.c.card_id == link.c.card_id,
        _FIRST.c.books == link.c.books,
        _FIRST.c.is_primary,
    ),
)


def together(
    tx: sa.Connection, crm: str, books: str, keys: Sequence[str]
) -> dict[str, Sequence[str]]:
    """Each of these customers -> all customers of its card in these books, the primary one first;
    without a card itself alone."""
    cards = linked(tx, crm, books, keys)
    wanted = {"crm": crm, "books": books, "cards": listed(set(cards.values()))}
    of_card: dict[str, list[str]] = {}
    for card, key in direct.rows(tx, _TOGETHER, **wanted) if cards else ():
        of_card.setdefault(card, []).append(key)
    return {key: of_card[cards[key]] if key in cards else [key] for key in keys}


_TOGETHER = (
    sa.select(link.c.card_id, link.c.books_key)
    .where(
        link.c.crm == sa.bindparam("crm"),
        link.c.books == sa.bindparam("books"),
        among(link.c.card_id, "cards"),
    )
    .order_by(link.c.is_primary.desc(), link.c.id)
)


def customers_of(tx: sa.Connection, crm: str, books: str, cards: Sequence[str]) -> dict[str, str]:
    """Card -> its primary customer in these books."""
    wanted = {"crm": crm, "books": books, "cards": listed(cards)}
    return {card: key for card, key in direct.rows(tx, _CUSTOMERS_OF, **wanted)}


_CUSTOMERS_OF = sa.select(link.c.card_id, link.c.books_key).where(
    link.c.crm == sa.bindparam("crm"),
    link.c.books == sa.bindparam("books"),
    link.c.is_primary,
    among(link.c.card_id, "cards"),
)


def made(tx: sa.Connection, crm: str, books: str) -> set[str]:
    """The cards that syncd made for customers of these books."""
    return set(direct.column(tx, _MADE, crm=crm, books=books))


_MADE = sa.select(link.c.card_id).where(
    link.c.crm == sa.bindparam("crm"), link.c.books == sa.bindparam("books"), link.c.by == SYNCD
)


def linked_cards(tx: sa.Connection, crm: str, cards: Sequence[str]) -> set[str]:
    """Those of these cards that belong to a customer."""
    return set(direct.column(tx, _LINKED_CARDS, crm=crm, cards=listed(cards)))


_LINKED_CARDS = sa.select(link.c.card_id).where(
    link.c.crm == sa.bindparam("crm"), among(link.c.card_id, "cards")
)
