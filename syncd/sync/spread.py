"""What follows from what records are now: cards that are worked out again, parts that are due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from syncd.domain import FROM_CRM, Allocation, Canonical, Kind
from syncd.image import decode
from syncd.mapping.words import DOCUMENTS
from syncd.store import deals, merges, mirror, settling, touched
from syncd.store.mirror import CORRECTING, UNMAPPABLE, Seen
from syncd.sync import shared
from syncd.sync.pair import Scene
from syncd.sync.want import Item, evaluate, follow


def spread(
    scene: Scene,
    kind: Kind,
    at: dt.datetime,
    changed: Sequence[Seen],
    made: Sequence[Canonical | None],
    before: Mapping[int, bytes],
    survivors: Mapping[str, str],
) -> None:
    """Of records of one kind, seen `at` a time: `made` is what they are now, where that is known,
    `before` their images of before, by record. `survivors` has the documents of who was merged."""
    _touch(scene, kind, list(zip(changed, made, strict=True)), before, survivors)
    _judge(scene, kind, at, changed, made)


def _touch(
    scene: Scene,
    kind: Kind,
    seen: Sequence[tuple[Seen, Canonical | None]],
    before: Mapping[int, bytes],
    survivors: Mapping[str, str],
) -> None:
    """Notes whose cards a page concerns: the customers of the old and of the new version, and
    those whose invoices it settles."""
    if kind in FROM_CRM:
        return
    whose: set[str | None] = set()
    allocations: dict[int, Sequence[Allocation]] = {}
    invoices: set[str] = set()
    if kind is Kind.ORDER:
        _touch_deals(scene, seen, before)
    for one, canonical in seen:
        turned = one.before is not None and one.before.state != one.state
        if not one.image and not turned and one.state != UNMAPPABLE:
            continue
        key = one.key if kind is Kind.CUSTOMER else None
        whose |= {one.customer, one.before.customer if one.before else None, key}
        mine: Sequence[Allocation] | None = getattr(canonical, "allocations", None)
        if mine is not None:
            was = before.get(one.before.id) if one.before else None
            old = getattr(decode(kind, was), "allocations", ()) if was else ()
            invoices |= {part.invoice for part in (*mine, *old)}
            if mine or old:
                allocations[one.id] = mine
    settling.save(scene.tx, allocations)
    if kind in DOCUMENTS:
        had = [(one, one.before.customer) for one, _ in seen if one.before and one.image]
        merges.note_moved(
            scene.tx, {one.id: old for one, old in had if old and old != one.customer}
        )
    if kind is Kind.INVOICE and scene.pair.reading.owed_in is not None:
        # What settles nothing any more is paid ahead, by whoever paid.
        whose |= settling.settlers(scene.tx, scene.ids, [one.key for one, _ in seen])
    owners = mirror.known(scene.tx, scene.streams[Kind.INVOICE], sorted(invoices))
    whose |= {row.customer for row in owners.values()}
    whose |= {survivors.get(one or "") for one in whose}
    touched.add(scene.tx, scene.streams[Kind.CARD], whose)


def _touch_deals(
    scene: Scene, seen: Sequence[tuple[Seen, Canonical | None]], before: Mapping[int, bytes]
) -> None:
    """Notes whose orders a page concerns: the deals of the old and of the new version."""
    named: dict[int, str | None] = {}
    concerned: set[str | None] = set()
    for one, canonical in seen:
        image = before.get(one.before.id) if one.before else None
        was = decode(Kind.ORDER, image) if image else None
        old, new = getattr(was, "deal", None), getattr(canonical, "deal", None)
        if canonical is not None and old != new:
            named[one.id] = new
        concerned |= {old, new}
    deals.save(scene.tx, named)
    if scene.pair.outbound(Kind.DEAL_ORDERS):
        touched.add(scene.tx, scene.streams[Kind.DEAL_ORDERS], concerned)


def _judge(
    scene: Scene,
    kind: Kind,
    at: dt.datetime,
    seen: Sequence[Seen],
    made: Sequence[Canonical | None],
) -> None:
    judged = []
    for one, record in zip(seen, made, strict=True):
        turned = one.before is not None and one.before.state != one.state
        if one.state not in (UNMAPPABLE, CORRECTING) and (one.image or turned):
            changed_at = at if one.image else one.before and one.before.changed_at
            judged.append((one, changed_at or None, turned, record if one.image else None))
    unchanged = [one.before for one, *_ in judged if one.image is None and one.before]
    images = mirror.images(scene.tx, kind, unchanged)
    evaluate(
        scene,
        kind,
        [
            Item(
                one.id,
                one.key,
                one.state,
                one.image or images.get(one.id),
                when,
                turned,
                one.before is None,
                record,
            )
            for one, when, turned, record in judged
        ],
    )
    if kind in (Kind.CUSTOMER, Kind.WON):
        follow(scene, kind, [one.key for one in seen])
    elif shared.waits_for(scene.pair, kind):
        whose = {one.customer for one, *_ in judged}
        whose |= {one.before.customer for one, *_ in judged if one.before}
        follow(scene, kind, sorted(key for key in whose if key))
