"""Looks at the card again, on demand: what it shows becomes the base, and what differs is due."""

from __future__ import annotations

from syncd.domain import Kind
from syncd.errors import RejectedError
from syncd.image import decode_fields
from syncd.store import mirror, parts
from syncd.store.ownership import Owner
from syncd.store.parts import UNSETTLED
from syncd.sync import settle
from syncd.sync.emptied import Presence
from syncd.sync.pair import Pair, Scene
from syncd.sync.want import items, wants_if_any


def recheck(
    pair: Pair,
    owner: Owner,
    streams: dict[Kind, int],
    run: int,
    kind: Kind,
    key: str,
    recreate: bool,
    presence: Presence,
) -> None:
    """Reads back every object this record has at the CRM; with `recreate`, one that is gone is due
    again. Transport errors go to the caller."""
    with pair.store.reading() as tx:
        scene = Scene(tx, pair, streams, run, owner.epoch)
        known = mirror.known(tx, streams[kind], [key]).get(key)
        if known is None:
            return
        item = items(scene, kind, [known])[0]
        mine = parts.of_records(tx, [known.id]).get(known.id, {})
        numbered = any(part.numbered for part in mine.values())
        wants = wants_if_any(scene, kind, item, numbered)
        stored = parts.stored_fields(tx, kind, [part.id for part in mine.values()])
    for part_key, part in mine.items():
        want = wants.get(part_key)
        remote_id = part.remote_id
        if want and want.of:
            with pair.store.reading() as tx:
                located = parts.located(tx, streams[want.of.kind], [want.of])
            above = located.get((want.of.key, want.of.part))
            remote_id = above.remote_id if above else None
        if want and want.at:
            remote_id = want.at
        if kind is Kind.WON or want is None or remote_id is None or part.state in UNSETTLED:
            continue
        _, parents = decode_fields(stored.get(part.id))
        try:
            found = pair.find(part.target, {"id": remote_id}, parents)
        except RejectedError:
            found = []
        if not found and not recreate and presence.emptied(part.target, [remote_id]):
            return
        with owner.commit() as tx:
            scene = Scene(tx, pair, streams, run, owner.epoch)
            if found:
                settle.seen_again(scene, kind, known, part, want, found[0], parents)
            elif recreate and not want.borrowed:
                settle.make_again(scene, kind, part)
            else:
                settle.gone(scene, kind, known, part)
