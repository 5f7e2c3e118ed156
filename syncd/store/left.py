"""Objects on a card that its customer has left: parts that say goodbye, once, and are nothing then.

The key of such a part begins with a word of its own and names the object and the key it had before,
so that the record can have another part in its place.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from syncd.image import NOTHING
from syncd.store import direct
from syncd.store.bulk import among, listed
from syncd.store.mirror import CHUNK
from syncd.store.parts import CLEAN, LEFT, OPEN, PART, Part, is_left
from syncd.store.tables import part, person_fields, record

_LEFT = sa.and_(part.c.key >= LEFT, part.c.key < LEFT[:-1] + "!")


def key_of(remote_id: str, former: str) -> str:
    return f"{LEFT}{remote_id} {former}"


def former(key: str) -> str:
    """The key a part had before it was left; of any other part its own."""
    return key.removeprefix(LEFT).partition(" ")[2] if is_left(key) else key


def of_records(tx: sa.Connection, ids: Sequence[int]) -> dict[int, list[Part]]:
    """Record id -> what of it was left and is not taken back yet."""
    found: dict[int, list[Part]] = {}
    for row in direct.rows(tx, _OF_RECORDS, some=listed(ids)) if ids else ():
        one = Part(*row)
        found.setdefault(one.record, []).append(one)
    return found


_OF_RECORDS = sa.select(*PART).where(
    among(part.c.record, "some"), _LEFT, part.c.remote_id.is_not(None)
)


def hanging(
    tx: sa.Connection, streams: Sequence[int], parents: Sequence[str]
) -> list[tuple[int, int]]:
    """(stream, record) of what hangs on these records, left or not."""
    found: list[tuple[int, int]] = []
    for start in range(0, len(parents), CHUNK):
        some = part.c.parent.in_(parents[start : start + CHUNK])
        query = sa.select(part.c.stream, part.c.record).distinct()
        found += [
            (stream, one)
            for stream, one in tx.execute(query.where(some, part.c.stream.in_(streams)))
        ]
    return found


def on_cards(tx: sa.Connection, stream: int) -> dict[str, str]:
    """Card -> the customer that left it, of those that still say what was written of it."""
    query = sa.select(part.c.remote_id, record.c.key, part.c.key).join(
        record, record.c.id == part.c.record
    )
    rows = tx.execute(query.where(OPEN, part.c.stream == stream, _LEFT))
    return {card: key for card, key, mine in rows if not former(mine)}


def forget(tx: sa.Connection, one: int, key: str) -> None:
    """The part of this record with this key, which is no object."""
    mine = sa.and_(part.c.record == one, part.c.key == key)
    ids = sa.select(part.c.id).where(mine)
    tx.execute(sa.delete(person_fields).where(person_fields.c.part.in_(ids)))
    tx.execute(sa.delete(part).where(mine))


def end(tx: sa.Connection, ids: Sequence[int]) -> list[int]:
    """Those of these that have said goodbye are nothing from now on."""
    mine = sa.and_(part.c.id.in_(ids), part.c.state == CLEAN)
    ended = list(tx.scalars(sa.select(part.c.id).where(mine)))
    nothing = {"remote_id": None, "parent": None, "want": NOTHING, "base": NOTHING, "fields": None}
    tx.execute(sa.update(part).where(part.c.id.in_(ended)).values(**nothing))
    tx.execute(sa.delete(person_fields).where(person_fields.c.part.in_(ended)))
    return ended
