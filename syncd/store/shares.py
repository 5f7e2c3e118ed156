"""Parts of customers that share a card: whose object it is changes, and who waits for that."""

from __future__ import annotations

import sqlalchemy as sa

from syncd.image import NOTHING, UNKNOWN
from syncd.store import parts
from syncd.store.tables import part


def hand_over(tx: sa.Connection, one: int, heir: int) -> None:
    """The object of a part is another's from now on, and has what is not known to be wanted of it.
    Its fields are stored apart from this."""
    kept = ("remote_id", "rewritten", "sent_at", "sent_run", "seen_at", "adopted")
    row = tx.execute(sa.select(*(part.c[name] for name in kept)).where(part.c.id == one)).one()
    base = NOTHING if row.remote_id is None else UNKNOWN
    parts.update(
        tx, heir, state=parts.DUE, base=base, confirmed=False, **dict(row._mapping), **parts.SETTLED
    )
    parts.update(tx, one, remote_id=None, base=NOTHING)


def waiting_for(tx: sa.Connection, stream: int, begins: str) -> list[int]:
    """Parts that wait for something that begins so."""
    query = sa.select(part.c.id).where(
        part.c.stream == stream, part.c.state == parts.OWED, part.c.waits_for.startswith(begins)
    )
    return list(tx.scalars(query))
