"""A handful of records through the mapping, and through an edited one beside it.

Works on the mirror, or on raw records that were saved or just read; writes nothing anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from syncd.domain import FROM_CRM, Kind
from syncd.errors import UsageError
from syncd.image import encode
from syncd.mapping.words import IN_BOOKS
from syncd.port import Keys, Record
from syncd.preview.trace import Subject, Traced, judge, trace
from syncd.preview.trial import Effect, effects, trial
from syncd.store import mirror, streams
from syncd.store.mirror import FILTERED, LIVE, UNMAPPABLE
from syncd.sync.pair import Pair, Scene
from syncd.sync.unread import changes
from syncd.sync.want import Item, wants_if_any
from syncd.why.find import find
from syncd.why.view import View

LIVE_KINDS = (*IN_BOOKS, *FROM_CRM)
"""Kinds that a system has; cards are worked out."""


@dataclass(frozen=True)
class Preview:
    """Each record as it is mapped now, and as it would be; `effects` are those on the whole mirror,
    None where nothing would be mapped otherwise. `unread` are paths the mirror does not hold."""

    records: Sequence[tuple[Traced | None, Traced]]
    effects: Mapping[Kind, Effect] | None = None
    unread: Mapping[Kind, Sequence[str]] = field(default_factory=dict)


def of_mirror(
    pair: Pair, edited: Pair | None, kind: Kind, typed: Sequence[str], last: int
) -> Preview:
    """The records of these keys, else the newest. Where the mapping is another than the mirror was
    mapped with, or an edited one is given, before and after."""
    keys = keys_of(pair, kind, typed, last)
    before = _traces(pair, kind, keys)
    new = edited or pair
    with pair.store.reading() as tx:
        changed = changes(Scene(tx, new, streams.stream_ids(tx, pair.name), 0))
    if not changed:
        return Preview([(None, one) for one in before])
    with trial(new) as other:
        after = _traces(other, kind, keys)
        found = effects(pair, other)
    unread = {one.kind: one.unread for one in changed if one.unread}
    return Preview(list(zip(before, after, strict=True)), found, unread)


def keys_of(pair: Pair, kind: Kind, typed: Sequence[str], last: int) -> list[str]:
    with pair.store.reading() as tx:
        ids = streams.stream_ids(tx, pair.name)
        if not ids:
            raise UsageError(f"pair {pair.name} has never run; next: syncd plan, or --saved FILE")
        if not typed:
            newest = mirror.newest(tx, ids[kind], last)
            if not newest:
                raise UsageError(f"there is no {kind} in the mirror yet")
            return [row.key for row in newest]
        view = View(tx, pair, ids, pair.clock.utc())
        keys = [find(view, kind, one) for one in typed]
        unknown = [one for one, key in zip(typed, keys, strict=True) if not view.known(kind, key)]
    if unknown:
        raise UsageError(f"no {kind} has {', '.join(unknown)} as key or number")
    return keys


def read_live(pair: Pair, edited: Pair | None, kind: Kind, keys: Sequence[str]) -> list[Record]:
    """These records as the system has them now, by one read with the newest mapping."""
    if kind not in LIVE_KINDS:
        raise UsageError(f"a {kind} is worked out, not read; without --live it is shown")
    inbound = (edited or pair).inbound(kind)
    if inbound is None:
        raise UsageError(f"the mapping reads no {kind}")
    side = pair.reader(kind)
    return list(side.ask(side.connector.pull(inbound.read, Keys(keys))).records)


def of_records(pair: Pair, edited: Pair | None, kind: Kind, records: Sequence[Record]) -> Preview:
    """Raw records that are not taken from the mirror."""
    if kind not in LIVE_KINDS:
        raise UsageError(f"a {kind} has no raw record")
    after = [_given(edited or pair, kind, record) for record in records]
    before = [_given(pair, kind, record) if edited else None for record in records]
    return Preview(list(zip(before, after, strict=True)))


def _given(pair: Pair, kind: Kind, record: Record) -> Traced:
    inbound = pair.inbound(kind)
    if inbound is None:
        raise UsageError(f"the mapping reads no {kind}")
    image, outcome = judge(inbound, record)
    wants = {}
    if image is not None and not outcome.startswith("left out"):
        with pair.store.reading() as tx:
            scene = Scene(tx, pair, streams.stream_ids(tx, pair.name), 0)
            item = Item(0, record.key, LIVE, encode(image), pair.clock.utc())
            wants = wants_if_any(scene, kind, item, numbered=False)
    return trace(Subject(kind, record.key, record, image, wants), inbound, pair.outbound(kind))


def _traces(pair: Pair, kind: Kind, keys: Sequence[str]) -> list[Traced]:
    with pair.store.reading() as tx:
        view = View(tx, pair, streams.stream_ids(tx, pair.name), pair.clock.utc())
        return [_kept(view, kind, key) for key in keys]


def _kept(view: View, kind: Kind, key: str) -> Traced:
    """A record of the mirror. The last good version of one that cannot be read stands."""
    row = view.known(kind, key)
    inbound, outbound = view.pair.inbound(kind), view.pair.outbound(kind)
    if row is None:
        return trace(Subject(kind, key, None), inbound, outbound)
    raw = view.raw(kind, row) if inbound else None
    shown = {name: view.fields(kind, part["id"]) for name, part in view.parts(row).items()}
    return trace(
        Subject(
            kind,
            key,
            Record(key, raw) if raw is not None else None,
            None if row.state in (FILTERED, UNMAPPABLE) else view.image(kind, row),
            view.wants(kind, row) if row.state != FILTERED else {},
            shown,
        ),
        inbound,
        outbound,
    )
