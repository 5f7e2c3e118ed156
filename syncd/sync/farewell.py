"""A card that its only customer has left, after syncd had written it: what was written is taken
back, once.

The figures, the books' key and what else the books said of the customer are emptied, but for the
name, for a card is called something; documents are cancelled as those are that are void in the
books. Each object stays a part of the record it was made of, under another key, and is written like
any other; the record's own part is free at once for the next card, and nothing is made there for it
while the old object has its marker: it would be taken for the new one. See ADR 0047.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from syncd.domain import Kind, Ref, State, Value, Want
from syncd.errors import MappingError
from syncd.image import NOTHING, UNKNOWN, decode, decode_fields, want_hash
from syncd.mapping import Outbound
from syncd.mapping.words import DOCUMENTS
from syncd.store import agreed, left, mirror, outstanding, overwritten, parts
from syncd.store.mirror import Known
from syncd.store.parts import CLEAN, DUE, SETTLED, UNSETTLED, Part, is_left
from syncd.store.runs import add
from syncd.sync import members, shared
from syncd.sync.pair import Scene
from syncd.sync.want import Item, evaluate, items

WAITS = "left "
"""Begins what a part waits for whose former object still has its marker; the record follows."""

STAYS = ("name", "currency")
"""Words of a customer that are not taken back: an object is called something, and the currency says
nothing of anybody."""


class Hung(msgspec.Struct, frozen=True):
    """An object at the CRM, and the record it was made of."""

    kind: Kind
    record: Known
    part: Part


# -- leaving -------------------------------------------------------------------------------------


def hanging(scene: Scene, key: str) -> list[Hung]:
    """What syncd wrote onto the card of a customer: its own objects first, then what hangs on them,
    whoever's documents these are."""
    return list(_walk(scene, key, lost=False))


def leave(scene: Scene, key: str, card: str) -> None:
    """The customer has left this card, on which it was alone."""
    hung = hanging(scene, key)
    for one in hung:
        _part_with(scene, one, card)
    agreed.save(scene.tx, scene.pair.name, [agreed.Agreed(key, "", {})], scene.pair.clock.utc())
    _told_nothing(scene, card)
    _judge(scene, hung)
    if _name_stays(scene):
        _number(scene, key, numbered=True)


def take_back(scene: Scene, key: str, card: str) -> None:
    """It is the customer's card after all: what was not taken back yet is its own again."""
    if members.of_card(scene, card):
        return
    _number(scene, key, numbered=False)
    restored = [one for one in _walk(scene, key, lost=True) if _rejoin(scene, one)]
    _judge(scene, restored)
    names = (str(Ref(o.kind, o.record.key, left.former(o.part.key))) for o in restored)
    outstanding.wake(scene.tx, scene.ids, [*names, *(_cause(o.kind, o.record) for o in restored)])


def _walk(scene: Scene, key: str, *, lost: bool) -> Iterator[Hung]:
    """With `lost` what was left, else what is there."""
    streams = {stream: kind for kind, stream in scene.streams.items()}
    rows = mirror.known(scene.tx, scene.streams[Kind.CUSTOMER], [key])
    above = {str(Ref(Kind.CUSTOMER, key))}
    for row in rows.values():
        own = (one for one in _objects(scene, [row.id], lost=lost) if one.remote_id)
        yield from (Hung(Kind.CUSTOMER, row, one) for one in own)
    seen = set(above)
    while above:
        found = left.hanging(scene.tx, list(streams), sorted(above))
        kinds = {one: streams[stream] for stream, one in found}
        hung = {row.id: row for row in mirror.by_id(scene.tx, sorted(kinds))}
        mine = [one for one in _objects(scene, list(hung), lost=lost) if one.parent in above]
        mine = [one for one in mine if one.remote_id or kinds[one.record] is Kind.CARD]
        yield from (Hung(kinds[one.record], hung[one.record], one) for one in mine)
        above = {str(Ref(kinds[one.record], hung[one.record].key)) for one in mine} - seen
        seen |= above


def _objects(scene: Scene, ids: Sequence[int], *, lost: bool) -> list[Part]:
    """Figures are no object of their own: they stand on the card."""
    if lost:
        return [one for some in left.of_records(scene.tx, ids).values() for one in some]
    mine = (one for some in parts.of_records(scene.tx, ids).values() for one in some.values())
    return [one for one in mine if one.remote_id is not None or one.base != NOTHING]


def _part_with(scene: Scene, one: Hung, card: str) -> None:
    remote_id = one.part.remote_id or card
    key = left.key_of(remote_id, one.part.key)
    part = msgspec.structs.replace(one.part, key=key, remote_id=remote_id)
    removed = one.kind in DOCUMENTS and part.want == NOTHING
    want = None if removed else _wanted(scene, one.kind, one.record, part)
    hashed = NOTHING if want is None else want_hash(want)
    if part.state == CLEAN:
        add(scene.tx, scene.run, scene.streams[one.kind], became_due=1)
    left.forget(scene.tx, part.record, key)
    values: dict[str, object] = {"key": key, "remote_id": remote_id, "want": hashed}
    values |= {"base": UNKNOWN, "turn": parts.turn_of(key, hashed), "state": DUE}
    values |= {"adopted": False, "confirmed": False, "unique_key": None, **SETTLED}
    parts.update(scene.tx, part.id, **values)


def _rejoin(scene: Scene, one: Hung) -> bool:
    """Unless the record has another object in its place."""
    key = left.former(one.part.key)
    fresh = parts.of_records(scene.tx, [one.record.id]).get(one.record.id, {}).get(key)
    if fresh is not None:
        if fresh.remote_id is not None or fresh.base != NOTHING or fresh.state in UNSETTLED:
            return False
        if fresh.state != CLEAN:
            add(scene.tx, scene.run, scene.streams[one.kind], collapsed=1)
        left.forget(scene.tx, one.record.id, key)
    remote_id = None if one.kind is Kind.CARD else one.part.remote_id
    values = {"key": key, "remote_id": remote_id, "base": UNKNOWN, "state": DUE, **SETTLED}
    parts.update(scene.tx, one.part.id, **values)
    return True


def _judge(scene: Scene, hung: Sequence[Hung]) -> None:
    for kind in dict.fromkeys(one.kind for one in hung):
        ids = sorted({one.record.id for one in hung if one.kind is kind})
        for start in range(0, len(ids), mirror.CHUNK):
            rows = mirror.by_id(scene.tx, ids[start : start + mirror.CHUNK])
            evaluate(scene, kind, items(scene, kind, rows))


def _name_stays(scene: Scene) -> bool:
    """Whether the card that was left has a name that no other one can have."""
    outbound = scene.pair.outbound(Kind.CUSTOMER)
    if outbound is None:
        return False
    unique = scene.pair.target(dict(outbound.targets)[""]).unique
    return any(word in STAYS and path == unique for word, path in outbound.forms().items())


def _number(scene: Scene, key: str, *, numbered: bool) -> None:
    """The second form of its name for the customer's next card, or the plain one again."""
    for row in mirror.known(scene.tx, scene.streams[Kind.CUSTOMER], [key]).values():
        main = parts.of_records(scene.tx, [row.id]).get(row.id, {}).get("")
        if main is not None and main.remote_id is None and main.numbered is not numbered:
            parts.update(scene.tx, main.id, numbered=numbered)
            evaluate(scene, Kind.CUSTOMER, items(scene, Kind.CUSTOMER, [row]))


def _told_nothing(scene: Scene, card: str) -> None:
    """Nobody in the books hears of what the card says."""
    stream = scene.streams[Kind.WON]
    rows = mirror.known(scene.tx, stream, [card])
    for mine in parts.of_records(scene.tx, [row.id for row in rows.values()]).values():
        told = mine.get(shared.PART)
        if told is not None and told.state not in UNSETTLED:
            if told.state != CLEAN:
                add(scene.tx, scene.run, stream, collapsed=1)
            values = {"want": NOTHING, "base": NOTHING, "remote_id": None, **SETTLED}
            parts.update(scene.tx, told.id, state=CLEAN, **values)


# -- what is wanted of what was left -------------------------------------------------------------


def _wanted(scene: Scene, kind: Kind, row: Known, part: Part) -> Want | None:
    image = mirror.images(scene.tx, kind, [row]).get(row.id)
    stored = parts.stored_fields(scene.tx, kind, [part.id]).get(part.id)
    return want_of(scene, kind, Item(row.id, row.key, row.state, image, None), part, stored)


def want_of(scene: Scene, kind: Kind, item: Item, part: Part, stored: bytes | None) -> Want | None:
    """None: the object is removed, as a void one would be. `stored` are the fields it has."""
    said, _ = decode_fields(stored)
    outbound = scene.pair.outbound(kind)
    if kind in DOCUMENTS:
        fields = _cancelled(scene, outbound, kind, item, part)
        if fields is None:
            return None
    else:
        fields = dict.fromkeys(_taken_back(scene, outbound, kind, item.key, part, said))
    return Want(part.key, part.target, item.key, {}, fields, at=part.remote_id)


def _cancelled(
    scene: Scene, outbound: Outbound | None, kind: Kind, item: Item, part: Part
) -> dict[str, Value] | None:
    """What a document says otherwise as it is void, without the marker by which it would be found;
    None where a void one is removed."""
    target = scene.pair.target(part.target)
    if outbound is None or item.image is None or (target.removable and not target.cancels):
        return None
    record: Any = decode(kind, item.image)
    key = left.former(part.key)
    try:
        now, void = (
            {one.part: one for one in outbound(replace(record, state=state), part.numbered)}.get(
                key
            )
            for state in (State.EFFECTIVE, State.VOID)
        )
    except MappingError:
        now = void = None
    if void is None:
        return None
    before = now.fields if now else {}
    fields = {path: value for path, value in void.fields.items() if before.get(path) != value}
    marker = marker_path(outbound, key)
    return fields | ({marker: None} if marker else {})


def marker_path(outbound: Outbound, key: str) -> str | None:
    """Where an object has its marker, unless that is a place of the target's own."""
    name = outbound.part_of(key)
    found = (one.marker for one in outbound.plan.parts if one.name == name)
    return next((one.path for one in found if one), None)


def _taken_back(
    scene: Scene,
    outbound: Outbound | None,
    kind: Kind,
    key: str,
    part: Part,
    said: Collection[str],
) -> list[str]:
    """Paths of a customer's object, or of the figures, that are emptied; none where the card is
    somebody else's by now, who writes there."""
    if outbound is None or (part.remote_id and members.of_card(scene, part.remote_id)):
        return []
    if kind is not Kind.CUSTOMER:
        return sorted(said)
    former = left.former(part.key)
    name, marker = outbound.part_of(former), marker_path(outbound, former)
    if overwritten.written(scene.tx, [part.id])[part.id].sent_at is None:
        return [marker] if marker in said and marker else []  # the rest was there before
    theirs = set[str]() if former else outbound.paths(shared.of_people(scene, [key])[key])
    fixed = scene.pair.target(part.target).fixed
    words = {path: rule.word for (one, path), rule in outbound.rules.items() if one == name}
    return sorted(
        path
        for path in said
        if path not in theirs and path not in fixed and words.get(path) not in STAYS
    )


# -- what became of it ---------------------------------------------------------------------------


def said(scene: Scene, kind: Kind, record: Known, part: Part) -> None:
    """Something was taken back: what waited for that looks again."""
    if is_left(part.key):
        left.end(scene.tx, [part.id])
        causes = [_cause(kind, record)]
        if part.parent and not parts.living_children(scene.tx, scene.ids, part.parent):
            causes.append(f"empty {part.parent}")
        outstanding.wake(scene.tx, scene.ids, causes)


def gone(scene: Scene, kind: Kind, record: Known, part: Part) -> None:
    """The object is no longer there: nothing is left to be taken back."""
    add(scene.tx, scene.run, scene.streams[kind], applied=1)
    parts.update(scene.tx, part.id, state=CLEAN, **SETTLED)
    said(scene, kind, record, part)


def _cause(kind: Kind, record: Known) -> str:
    return f"{WAITS}{Ref(kind, record.key)}"


def waiting(scene: Scene, kind: Kind, records: Sequence[Known]) -> dict[int, str]:
    """Record id -> what it waits for before an object is made of it: its former one would be found
    by its marker, or still stands where the new one belongs."""
    lost = left.of_records(scene.tx, [row.id for row in records])
    if not lost:
        return {}
    outbound = scene.pair.outbound(kind)
    ids = [one.id for some in lost.values() for one in some]
    stored = parts.stored_fields(scene.tx, kind, ids)
    by_id = {row.id: row for row in records}
    found: dict[int, str] = {}
    for one in (one for some in lost.values() for one in some):
        marker = marker_path(outbound, left.former(one.key)) if outbound else None
        fields, _ = decode_fields(stored.get(one.id))
        if one.want == NOTHING or marker is None or fields.get(marker) is not None:
            found[one.record] = _cause(kind, by_id[one.record])
    return found


def is_former(scene: Scene, record: Known, remote_id: str) -> bool:
    """Whether this is an object of the record that was left, and not taken back yet."""
    some = left.of_records(scene.tx, [record.id]).get(record.id, ())
    return any(one.remote_id == remote_id for one in some)


def cards_left(scene: Scene) -> dict[str, str]:
    """Card -> who was its customer, of those that still say what syncd wrote of it."""
    return left.on_cards(scene.tx, scene.streams[Kind.CUSTOMER])
