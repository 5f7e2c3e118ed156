"""Lists what the CRM already has: before anything is written to it for the first time, and
whenever the state may be older than what was written.

Objects with our marker are bound to their records: a state that was lost or restored makes no
second card. Objects without it that have a unique value we want are clashes for a person.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain import FROM_CRM, Kind, Ref
from syncd.image import NOTHING, unique_hash
from syncd.port import Found
from syncd.store import left, links, mirror, parts, streams
from syncd.store.ownership import Owner
from syncd.store.parts import CLEAN, UNSETTLED, Part
from syncd.sync import members, settle, waiting
from syncd.sync.pair import Pair, Scene
from syncd.sync.want import items, wants_if_any


def survey(pair: Pair, owner: Owner, ids: dict[Kind, int], run: int) -> list[str]:
    """Binds and notes; reads only. Transport errors go to the caller: nothing is written without
    a finished survey. Returns what syncd wrote, by all appearances, and this state knows nothing
    of, as `invoice 42`."""
    unknown: list[str] = []
    for kind, targets in _targets(pair).items():
        for part_key, target in targets:
            position: str | None = None
            while True:
                page = pair.survey(target, position)
                with owner.commit() as tx:
                    scene = Scene(tx, pair, ids, run, owner.epoch)
                    unknown += _bind_page(scene, kind, part_key, target, page.found)
                position = page.next
                if position is None:
                    break
    with owner.commit() as tx:
        for kind, stream in ids.items():
            if kind not in FROM_CRM:
                streams.move_cursor(tx, stream, surveyed_at=pair.clock.utc())
    return unknown


def _targets(pair: Pair) -> dict[Kind, list[tuple[str, str]]]:
    """Kind -> (part key, target) of the objects that can be listed, parents first."""
    found: dict[Kind, list[tuple[str, str]]] = {}
    for kind in Kind:
        outbound = pair.writing.outbound.get(kind)
        for part_key, target in outbound.targets if outbound else ():
            if pair.target(target).listable:
                found.setdefault(kind, []).append((part_key, target))
    return found


def _bind_page(
    scene: Scene, kind: Kind, part_key: str, target: str, found: Sequence[Found]
) -> list[str]:
    ours = {one.marker: one for one in found if one.marker}
    refs = [Ref(kind, marker, part_key) for marker in ours]
    located = parts.located(scene.tx, scene.streams[kind], refs)
    lost = left.of_records(scene.tx, sorted({one.record for one in located.values()}))
    goodbye = {one.remote_id for some in lost.values() for one in some}
    if (kind, part_key) == (Kind.CUSTOMER, ""):
        goodbye |= {one.card for one in members.former_cards(scene, list(ours)).values()}
    unknown = []
    for marker, one in ours.items():
        part = located.get((marker, part_key))
        if one.remote_id in goodbye:
            continue  # it has our marker until it is taken back, or another has written its own
        if part and (part.remote_id is not None or part.state in UNSETTLED):
            continue
        if _ours(scene, kind, part_key, target, one):
            unknown.append(f"{kind} {marker}")
        if part and part.state != CLEAN:
            _bind(scene, kind, part, one)
        elif part is None and (kind, part_key) == (Kind.CUSTOMER, ""):
            _link(scene, marker, one)
    if scene.pair.target(target).unique:
        _note_clashes(scene, kind, target, found)
    return unknown


def _ours(scene: Scene, kind: Kind, part_key: str, target: str, found: Found) -> bool:
    """People write the books key onto a card; figures, and everything else, only syncd does."""
    if (kind, part_key) != (Kind.CUSTOMER, ""):
        return True
    fields = scene.pair.writing.custom_fields
    figures = (one.path for one in fields if one.target == target and one.type == "number")
    return any(found.fields.get(path) not in (None, "") for path in figures)


def _link(scene: Scene, marker: str, found: Found) -> None:
    """The card of a customer that is of no interest as far as this state knows; it was once."""
    if mirror.known(scene.tx, scene.streams[Kind.CUSTOMER], [marker]):
        links.bind(
            scene.tx,
            crm=scene.pair.crm.name,
            card_id=found.remote_id,
            books=scene.pair.books.name,
            books_key=marker,
            numbered=False,
            by="marker",
            at=scene.pair.clock.utc(),
        )


def _bind(scene: Scene, kind: Kind, part: Part, found: Found) -> None:
    record = mirror.by_id(scene.tx, [part.record])[0]
    item = items(scene, kind, [record])[0]
    want = wants_if_any(scene, kind, item, part.numbered).get(part.key)
    if want and part.want != NOTHING:
        settle.bind_found(scene, kind, record, part, want, found, adopted=True)


def _note_clashes(scene: Scene, kind: Kind, target: str, found: Sequence[Found]) -> None:
    unique = scene.pair.target(target).unique or ""
    taken = {
        unique_hash(str(one.fields[unique])): one
        for one in found
        if not one.marker and one.fields.get(unique)
    }
    for part in parts.with_unique(scene.tx, scene.ids, target, list(taken)):
        if part.unique_key and part.remote_id is None and part.state == parts.DUE:
            record = mirror.by_id(scene.tx, [part.record])[0]
            waiting.unlinked_clash(scene, kind, record, part, taken[part.unique_key])
