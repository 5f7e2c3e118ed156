"""Which customers of the books became which other, and which documents changed their customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import sqlalchemy as sa

from syncd.domain import SOMEBODY
from syncd.store import direct
from syncd.store.bulk import among, listed
from syncd.store.mirror import CHUNK, VANISHED
from syncd.store.tables import link, merge, moved, record

BOOKS = "books"
"""Who says that two customers are one: the books themselves; else it is a person."""


class Merge(msgspec.Struct, frozen=True):
    """`read`: what the books say of both was read since; `applied`: the documents of the `loser`
    are those of `into` from then on. `into` is SOMEBODY where nobody named the survivor."""

    loser: str
    into: str
    by: str
    at: dt.datetime
    read: bool
    applied: bool


_MERGE = [merge.c[name] for name in Merge.__struct_fields__]


def tell(tx: sa.Connection, pair: str, told: Mapping[str, str | None], at: dt.datetime) -> None:
    """What the books say of each of these customers; None: it is merged into nobody. What a person
    said stands, as long as the books name nobody else."""
    known = of(tx, pair, list(told))
    for loser, into in told.items():
        old = known.get(loser)
        if old and (old.into == into or (old.by != BOOKS and into in (None, SOMEBODY))):
            continue
        if old:
            tx.execute(sa.delete(merge).where(merge.c.pair == pair, merge.c.loser == loser))
            _read_anew(tx, loser)
        if into is not None:
            note(tx, pair, Merge(loser, into, BOOKS, at, False, False))


def _read_anew(tx: sa.Connection, loser: str) -> None:
    """Its documents are judged again by the next full pass: they may be its own once more."""
    mine = sa.select(moved.c.record).where(moved.c.before == loser)
    tx.execute(sa.update(record).where(record.c.id.in_(mine)).values(raw_hash=None))


def note(tx: sa.Connection, pair: str, one: Merge) -> None:
    """In the place of what was known of the loser."""
    tx.execute(sa.delete(merge).where(merge.c.pair == pair, merge.c.loser == one.loser))
    values = {name: getattr(one, name) for name in Merge.__struct_fields__}
    tx.execute(sa.insert(merge).values(pair=pair, **values))


def update(tx: sa.Connection, pair: str, loser: str, **values: bool) -> None:
    where = sa.and_(merge.c.pair == pair, merge.c.loser == loser)
    tx.execute(sa.update(merge).where(where).values(**values))


def of(tx: sa.Connection, pair: str, losers: Sequence[str]) -> dict[str, Merge]:
    found = direct.rows(tx, _OF, of=pair, losers=listed(losers)) if losers else ()
    return {one.loser: one for one in (Merge(*row) for row in found)}


def each(tx: sa.Connection, pair: str) -> list[Merge]:
    return [Merge(*row) for row in direct.rows(tx, _EACH, of=pair)]


_EACH = (
    sa.select(*_MERGE).where(merge.c.pair == sa.bindparam("of")).order_by(merge.c.at, merge.c.loser)
)
_OF = _EACH.where(among(merge.c.loser, "losers"))


def survivors(every: Iterable[Merge]) -> dict[str, str]:
    """Loser -> who is left in the end, of those whose documents moved. A circle leads nowhere."""
    into = {one.loser: one.into for one in every if one.applied}
    found: dict[str, str] = {}
    for loser, last in into.items():
        met = {loser}
        while last in into and last not in met:
            met.add(last)
            last = into[last]
        if last not in met:
            found[loser] = last
    return found


def losers_of(every: Iterable[Merge], customers: Sequence[str]) -> dict[str, list[str]]:
    """Survivor -> whose documents it has, of those of these customers that are one."""
    wanted, found = set(customers), dict[str, list[str]]()
    for loser, last in survivors(every).items():
        if last in wanted:
            found.setdefault(last, []).append(loser)
    return found


def open_losers(tx: sa.Connection, pair: str, crm: str, books: str) -> list[Merge]:
    """Those of whom something is still to be done: they have a card, or their documents."""
    rows = direct.rows(tx, _OPEN_LOSERS, of=pair, crm=crm, books=books)
    return [Merge(*row) for row in rows]


_OPEN_LOSERS = _EACH.where(
    sa.or_(
        sa.exists().where(
            link.c.crm == sa.bindparam("crm"),
            link.c.books == sa.bindparam("books"),
            link.c.books_key == merge.c.loser,
        ),
        sa.and_(merge.c.applied.is_(False), merge.c.into != SOMEBODY),
    )
)


# -- documents that changed their customer -------------------------------------------------------


def note_moved(tx: sa.Connection, before: Mapping[int, str]) -> None:
    """Record id -> the customer it was of until now."""
    ids = list(before)
    for start in range(0, len(ids), CHUNK):
        tx.execute(sa.delete(moved).where(moved.c.record.in_(ids[start : start + CHUNK])))
    if before:
        rows = [{"record": one, "before": customer} for one, customer in before.items()]
        tx.execute(sa.insert(moved), rows)


def vanished(tx: sa.Connection, customers: int, pair: str, crm: str, books: str) -> list[str]:
    """Customers with a card that a complete pass lacks, whose documents are another's; `customers`
    is their stream."""
    of = {"of": pair, "crm": crm, "books": books}
    return direct.column(tx, _VANISHED, customers=customers, **of)


_VANISHED = (  # `exists`, as a join would begin with all links
    sa.select(moved.c.before)
    .distinct()
    .where(
        sa.exists().where(
            record.c.stream == sa.bindparam("customers"),
            record.c.key == moved.c.before,
            record.c.state == VANISHED,
        ),
        sa.exists().where(
            link.c.books == sa.bindparam("books"),
            link.c.books_key == moved.c.before,
            link.c.crm == sa.bindparam("crm"),
        ),
        ~sa.exists().where(merge.c.pair == sa.bindparam("of"), merge.c.loser == moved.c.before),
    )
)


def moved_from(tx: sa.Connection, streams: Sequence[int], customer: str) -> dict[str, int]:
    """Whose the documents are that were of this customer before, and how many."""
    query = (
        sa.select(record.c.customer, sa.func.count())
        .join(moved, moved.c.record == record.c.id)
        .where(moved.c.before == customer, record.c.stream.in_(streams))
        .group_by(record.c.customer)
        .order_by(sa.func.count().desc(), record.c.customer)
    )
    return {other: count for other, count in tx.execute(query) if other and other != customer}
