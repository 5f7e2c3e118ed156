"""Parts of customers that share a card: whose object it is changes, and who waits for that."""

from __future__ import annotations

import sqlalchemy as sa

from syncd.store import direct, parts
from syncd.store.tables import part


def hand_over(tx: sa.Connection, one: int, heir: int, **values: object) -> None:
    """What is known of the object of a part is known of it as another's, which becomes these
    `values`. Its fields are stored apart from this."""
    kept = ("remote_id", "rewritten", "sent_at", "sent_run", "seen_at", "adopted")
    row = tx.execute(sa.select(*(part.c[name] for name in kept)).where(part.c.id == one)).one()
    parts.update(tx, heir, confirmed=False, **{**parts.SETTLED, **row._mapping, **values})


def waiting_for(tx: sa.Connection, stream: int, begins: str) -> list[int]:
    """Parts that wait for something that begins so: a range of the index of what is waited for."""
    wanted = {"stream": stream, "begins": begins, "ends": f"{begins}\U0010ffff"}
    return direct.column(tx, _WAITING_FOR, **wanted)


_WAITING_FOR = sa.select(part.c.id).where(
    part.c.waits_for.between(sa.bindparam("begins"), sa.bindparam("ends")),
    part.c.stream == sa.bindparam("stream"),
    part.c.state == parts.OWED,
)
