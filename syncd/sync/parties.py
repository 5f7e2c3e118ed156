"""Customers of the books and cards as they stand in the mirror, for matching."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from syncd.domain import Customer, Kind, Won
from syncd.errors import MappingError
from syncd.image import decode_raw
from syncd.matching import Party, party_of
from syncd.port import Record
from syncd.store import mirror
from syncd.store.mirror import VANISHED
from syncd.sync.pair import Scene


def customers(scene: Scene) -> Iterator[Party]:
    """Those that never bought included."""
    return (party_of(one, None) for one, _ in records(scene, Kind.CUSTOMER))


def cards(scene: Scene) -> Iterator[Party]:
    return (party_of(one, None) for one, _ in records(scene, Kind.WON))


def records(scene: Scene, kind: Kind) -> Iterator[tuple[Customer | Won, Any]]:
    """Each with its raw record; those that cannot be mapped have a problem that says so."""
    inbound = scene.pair.inbound(kind)
    last = 0
    while inbound and (batch := mirror.batch(scene.tx, scene.streams[kind], last)):
        last = batch[-1].id
        raws = mirror.raws(scene.tx, kind, batch)
        for row in batch:
            if row.id not in raws or row.state == VANISHED:
                continue
            raw = decode_raw(raws[row.id])
            try:
                one = inbound.unconditional(Record(row.key, raw))
            except MappingError:
                continue
            assert isinstance(one, Customer | Won)
            yield one, raw
