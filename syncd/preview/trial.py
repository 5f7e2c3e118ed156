"""A mapping tried on a copy of the state: exactly what the next run would make of the mirror."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from syncd.domain import Kind
from syncd.store import mirror, streams
from syncd.store.engine import Store, copy
from syncd.store.tables import record
from syncd.sync.cycle import run
from syncd.sync.difference import differences
from syncd.sync.order import Order
from syncd.sync.pair import Pair


@dataclass
class Effect:
    """Of one kind: how many `records` there are, how many of them `changed`, in which fields; and
    how many `more` cannot be read than before, with the first reason."""

    records: int = 0
    changed: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    more: int = 0
    because: str = ""


@contextmanager
def trial(pair: Pair) -> Iterator[Pair]:
    """The pair on a copy that its mappings were applied to; gone at the end. It holds personal
    data, so it stands beside the state file, for its owner's eyes alone."""
    with TemporaryDirectory(prefix=".preview-", dir=pair.store.path.parent) as folder:
        path = Path(folder) / "state.sqlite"
        copy(pair.store, path)
        store = Store(path)
        try:
            other = replace(pair, store=store)
            run(other, Order("preview", write=False, offline=True))
            yield other
        finally:
            store.close()


def effects(before: Pair, after: Pair) -> dict[Kind, Effect]:
    """What the whole mirror would be written otherwise, kind by kind."""
    found = {kind: Effect(count) for kind, count in _count(before, None).items() if count}
    due: dict[tuple[str, str, str], object] = {
        (one.ref, one.target, one.field): one.wanted for one in differences(before)
    }
    seen: set[str] = set()
    for one in differences(after):
        at = (one.ref, one.target, one.field)
        if at in due and due[at] == one.wanted:
            continue
        kind, _, rest = one.ref.partition(":")
        effect = found.setdefault(Kind(kind), Effect())
        named = f"{one.target} {one.field}".strip() if one.op != "remove" else f"{one.target} gone"
        effect.fields[named] += 1
        ref = f"{kind}:{rest.partition('/')[0]}"
        effect.changed += ref not in seen
        seen.add(ref)
    _unmappable(before, after, found)
    return found


def _unmappable(before: Pair, after: Pair, found: Mapping[Kind, Effect]) -> None:
    then, now = _count(before, mirror.UNMAPPABLE), _count(after, mirror.UNMAPPABLE)
    for kind, count in now.items():
        if kind in found and count > then.get(kind, 0):
            found[kind].more = count - then.get(kind, 0)
            found[kind].because = _first_error(after, kind)


def _count(pair: Pair, state: str | None) -> dict[Kind, int]:
    with pair.store.reading() as tx:
        ids = streams.stream_ids(tx, pair.name)
        query = sa.select(record.c.stream, sa.func.count()).group_by(record.c.stream)
        if state:
            query = query.where(record.c.state == state)
        counts = {stream: count for stream, count in tx.execute(query)}
        return {kind: counts.get(stream, 0) for kind, stream in ids.items()}


def _first_error(pair: Pair, kind: Kind) -> str:
    with pair.store.reading() as tx:
        stream = streams.stream_ids(tx, pair.name)[kind]
        query = (
            sa.select(record.c.error)
            .where(record.c.stream == stream, record.c.state == mirror.UNMAPPABLE)
            .order_by(record.c.id.desc())
        )
        return tx.scalar(query.limit(1)) or ""
