"""What a changed mapping makes necessary: which kinds are mapped again, and what has to be read."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from syncd.domain import Kind
from syncd.store import streams
from syncd.store.tables import page, record
from syncd.sync.pair import Pair, Scene
from syncd.sync.unread import changes

PAGE = 100
"""Records of a page, of a kind that was never read."""


class Due(msgspec.Struct, frozen=True):
    """`records` of a kind are mapped again; for the paths in `unread` they are read before, in
    about so many `pages`; `scope`: because another part of the system is read than before."""

    kind: Kind
    records: int
    unread: tuple[str, ...]
    pages: int
    scope: bool = False


def due(pair: Pair) -> list[Due]:
    """Nothing where the mirror was mapped with these mappings, or there is none."""
    with pair.store.reading() as tx:
        ids = streams.stream_ids(tx, pair.name)
        changed = changes(Scene(tx, pair, ids, 0))
        found = []
        for one in changed:
            count = tx.scalar(sa.select(sa.func.count()).where(record.c.stream == ids[one.kind]))
            largest = tx.scalar(
                sa.select(sa.func.max(page.c.read)).where(page.c.stream == ids[one.kind])
            )
            records, size = count or 0, largest or PAGE
            pages = max(-(-records // size), 1) if one.unread else 0
            if not records and not one.unread:
                continue
            found.append(Due(one.kind, records, one.unread, pages, one.scope))
        return found
