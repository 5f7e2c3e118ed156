"""The journal of writes: each request stands here before it is sent, until its outcome is known.

An intent names parts and versions, not bytes: what is sent is built from them when it is sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from syncd.image import encode
from syncd.port import Op
from syncd.store import direct
from syncd.store.bulk import many
from syncd.store.tables import intent, intent_item

OPEN, DOUBT_STATE, ASKED = "open", "doubt", "asked"
APPLIED, EQUAL, REJECTED, WITHDRAWN, ABSENT = (
    "applied",
    "equal",
    "rejected",
    "withdrawn",
    "absent",
)


UNSETTLED = sa.text("intent.state IN ('open', 'doubt')")
"""Said in the words of the index of such intents: without them SQLite reads all there ever were."""


class Intent(msgspec.Struct, frozen=True):
    """`parts` pairs each part with the record version it was decided for; `not_before` is in
    seconds on the boot clock, None while it was not yet in doubt; `outcome` says why it is."""

    id: int
    run: int
    op: Op
    target: str
    parts: list[tuple[int, int]]
    opened: dt.datetime
    not_before: float | None
    state: str
    outcome: str | None


def open_intent(
    tx: sa.Connection,
    *,
    pair: str,
    epoch: int,
    run: int,
    op: Op,
    target: str,
    mapping: str,
    parts: Sequence[tuple[int, int]],
    at: dt.datetime,
) -> int:
    values = {"pair": pair, "epoch": epoch, "run": run, "op": op, "target": target}
    values |= {"mapping": mapping, "parts": encode(parts), "opened": at, "state": OPEN}
    return direct.insert(tx, _OPEN, **values)


_OPEN = sa.insert(intent)


def settle(tx: sa.Connection, some: Sequence[int], state: str, outcome: str | None = None) -> None:
    many(tx, _SETTLE, [{"_id": one, "state": state, "outcome": outcome} for one in some])


_SETTLE = sa.update(intent).where(intent.c.id == sa.bindparam("_id"))


def doubt(tx: sa.Connection, one: int, not_before: float, boot_id: str, why: str) -> None:
    """No probe before `not_before`, in seconds on the boot clock."""
    tx.execute(
        sa.update(intent)
        .where(intent.c.id == one)
        .values(
            state=DOUBT_STATE, not_before=int(not_before * 1000) + 1, boot_id=boot_id, outcome=why
        )
    )


def item(tx: sa.Connection, one: int, part: int, outcome: str) -> None:
    """What became of one part of a request, where it is not what became of the request."""
    tx.execute(sa.insert(intent_item).values(intent=one, part=part, outcome=outcome))


def unsettled(tx: sa.Connection, pair: str) -> list[Intent]:
    """Oldest first; those that wait for a person's answer are not among them."""
    return [_intent(*row) for row in direct.rows(tx, _UNSETTLED, pair=pair)]


_INTENT = [intent.c[name] for name in Intent.__struct_fields__]
_UNSETTLED = (
    sa.select(*_INTENT)
    .where(intent.c.pair == sa.bindparam("pair"), UNSETTLED)
    .order_by(intent.c.id)
)


def asked_about(tx: sa.Connection, pair: str, part: int) -> Intent | None:
    """The intent about this part that a person was asked about."""
    query = sa.select(*_INTENT).where(intent.c.pair == pair, intent.c.state == ASKED)
    for row in tx.execute(query):
        one = _intent(*row)
        if part in {part_id for part_id, _ in one.parts}:
            return one
    return None


def applied_under(tx: sa.Connection, pair: str, mapping: str, target: str, limit: int) -> int:
    """How many requests to this target were carried out under a mapping, counted up to `limit`."""
    some = (
        sa.select(intent.c.id)
        .where(
            intent.c.pair == pair,
            intent.c.mapping == mapping,
            intent.c.target == target,
            intent.c.state == APPLIED,
        )
        .limit(limit)
    )
    return tx.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0


def _intent(
    id: int,
    run: int,
    op: str,
    target: str,
    parts: bytes,
    opened: dt.datetime,
    not_before: int | None,
    state: str,
    outcome: str | None,
) -> Intent:
    each = [(part, ver) for part, ver in msgspec.json.decode(parts)]
    when = None if not_before is None else not_before / 1000
    return Intent(id, run, Op(op), target, each, opened, when, state, outcome)
