"""What the last look at a pair's health saw, and what was learned of its cadence."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from syncd.store import direct
from syncd.store.tables import look


def load(tx: sa.Connection, pair: str) -> tuple[bytes | None, str | None, bytes | None]:
    """The memory of the last look; the day of the last learning, and what was learned."""
    memory, learned_on, learned = direct.row(tx, _LOAD, of=pair) or (None, None, None)
    return memory, learned_on, learned


_LOAD = sa.select(look.c.memory, look.c.learned_on, look.c.learned).where(
    look.c.pair == sa.bindparam("of")
)


def save(
    tx: sa.Connection, pair: str, memory: bytes, learned_on: str | None, learned: bytes | None
) -> None:
    values = {"memory": memory, "learned_on": learned_on, "learned": learned}
    direct.change(tx, _SAVE, pair=pair, **values)


_INSERT = sqlite.insert(look)
_SAVE = _INSERT.on_conflict_do_update(
    index_elements=["pair"],
    set_={name: _INSERT.excluded[name] for name in ("memory", "learned_on", "learned")},
)
