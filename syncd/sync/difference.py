"""Row by row: what would be written, and what stands there now as far as syncd knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from syncd.domain import Kind, Ref, Value
from syncd.image import NOTHING, decode_fields, same
from syncd.store import mirror, parts, streams
from syncd.store.mirror import Known
from syncd.store.parts import CLEAN, DOUBT, WAIVED, Part
from syncd.sync.pair import Pair, Scene
from syncd.sync.want import items, wants_if_any


class Difference(msgspec.Struct, frozen=True):
    """`op` is create, update or remove; `shown` is None where the object or value is not there."""

    ref: str
    target: str
    op: str
    field: str
    shown: Value
    wanted: Value


def differences(pair: Pair) -> Iterator[Difference]:
    """Every field that is not as wanted, by kind and record."""
    with pair.store.reading() as tx:
        ids = streams.stream_ids(tx, pair.name)
        scene = Scene(tx, pair, ids, 0)
        for kind, stream in ids.items():
            last = 0
            while batch := mirror.batch(tx, stream, last):
                last = batch[-1].id
                yield from _of_batch(scene, kind, batch)


def _of_batch(scene: Scene, kind: Kind, batch: Sequence[Known]) -> Iterator[Difference]:
    mine = parts.of_records(scene.tx, [row.id for row in batch])
    open_ones = [
        one
        for some in mine.values()
        for one in some.values()
        if one.state not in (CLEAN, DOUBT, WAIVED)
    ]
    if not open_ones:
        return
    stored = parts.stored_fields(scene.tx, kind, [one.id for one in open_ones])
    by_record: dict[int, list[Part]] = {}
    for one in open_ones:
        by_record.setdefault(one.record, []).append(one)
    rows = [row for row in batch if row.id in by_record]
    for row, item in zip(rows, items(scene, kind, rows), strict=True):
        for one in by_record[row.id]:
            before, _ = decode_fields(stored.get(one.id))
            want = wants_if_any(scene, kind, item, one.numbered).get(one.key)
            ref = str(Ref(kind, row.key, one.key))
            if one.want == NOTHING or want is None:
                yield Difference(ref, one.target, "remove", "", one.remote_id, None)
                continue
            there = one.remote_id is not None or want.of is not None
            for path, value in want.fields.items():
                if not there or not same(value, before.get(path)):
                    op = "update" if there else "create"
                    yield Difference(ref, one.target, op, path, before.get(path), value)
