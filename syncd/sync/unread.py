"""Which paths a mapping reads that the mirror does not hold: only these make a read necessary, and
another part of the system to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from syncd.domain import FROM_CRM, Kind
from syncd.image import decode_raw
from syncd.mapping import Inbound
from syncd.store import mirror, streams
from syncd.store.streams import Cursor
from syncd.sync.pair import Scene

SAMPLE = 200
"""The newest records of a kind that are looked at: all were read by the same paths."""


class Changed(msgspec.Struct, frozen=True):
    """A kind whose mapping is not the one that the mirror knows. `mapped`: its records are mapped
    again; `wanted`: what is wanted of them is decided again. `unread` are the paths for which all
    of them are read again first; `scope`: another part of the system is read than before, and so
    it is for all paths."""

    kind: Kind
    mapped: bool
    wanted: bool
    unread: tuple[str, ...] = ()
    scope: bool = False


def changes(scene: Scene, cursors: Mapping[int, Cursor] | None = None) -> list[Changed]:
    """Nothing where a kind was never mapped; everything is new then."""
    pair, found = scene.pair, []
    cursors = cursors or streams.cursors(scene.tx, list(scene.streams.values()))
    for kind, stream in scene.streams.items():
        cursor, inbound = cursors[stream], pair.inbound(kind)
        mapped = cursor.mapped_by not in (None, pair.mapped_by(kind))
        wanted = cursor.wanted_by not in (None, pair.wanted_by(kind))
        scope = bool(mapped and inbound) and _scope(cursor.mapped_by) != pair.scope(kind)
        paths: tuple[str, ...] = ()
        if mapped and inbound:
            paths = inbound.read.paths if scope else unread(scene, kind, inbound)
        if mapped or wanted:
            found.append(Changed(kind, mapped, wanted, paths, scope))
    return found


def _scope(mapped_by: str | None) -> str:
    """It stands behind the version of the mapping, see `Pair.mapped_by`."""
    return (mapped_by or "").partition(" ")[2]


def unread(scene: Scene, kind: Kind, inbound: Inbound) -> tuple[str, ...]:
    """Of a kind that was read before under another mapping; all paths, if it never was. Cards and
    deals of the CRM are only read where there are any."""
    stream = scene.streams[kind]
    if kind not in FROM_CRM and streams.read_cursor(scene.tx, stream).complete_at is None:
        return inbound.read.paths
    raws = mirror.raws(scene.tx, kind, mirror.newest(scene.tx, stream, SAMPLE))
    return lacking(inbound.read.paths, [decode_raw(raw) for raw in raws.values()])


def lacking(paths: Iterable[str], records: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Paths that end in no record, and not because what they lead through is empty."""
    found = []
    for path in paths:
        steps = path.split(".")
        ends = {_holds(record, steps) for record in records}
        if False in ends and True not in ends:
            found.append(path)
    return tuple(found)


def _holds(value: Any, steps: Sequence[str]) -> bool | None:
    """None: there is nothing that could hold it."""
    if not steps:
        return True
    if isinstance(value, list):
        ends = {_holds(item, steps) for item in value}
        return True if True in ends else False if False in ends else None
    if value is None:
        return None
    if not isinstance(value, Mapping) or steps[0] not in value:
        return False
    return _holds(value[steps[0]], steps[1:])
