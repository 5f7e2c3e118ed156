"""Moves one part to its new state once it is known what became of it.

Applied: the base is what was sent. Found: the base is what was seen. What was refused waits, which
`waiting` notes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from syncd.domain import Kind, Ref, Value, Want
from syncd.errors import RejectedError
from syncd.image import (
    NOTHING,
    UNKNOWN,
    as_sent,
    decode,
    decode_fields,
    encode_fields,
    manner,
    rewritten,
    same,
    want_hash,
)
from syncd.port import Found, Outcome
from syncd.store import links, mirror, outstanding, parts
from syncd.store.mirror import Known
from syncd.store.parts import CLEAN, DUE, SETTLED, Part, is_left
from syncd.store.runs import add
from syncd.sync import farewell, members, shared, waiting
from syncd.sync.pair import Scene
from syncd.sync.want import MADE, follow


class Done(msgspec.Struct, frozen=True):
    """A write that was carried out. `refused` are fields that stay as they were before, with what
    the system said: None where it said yes. `seen` None leaves the part unconfirmed."""

    kind: Kind
    record: Known
    part: Part
    want: Want
    remote_id: str
    parents: Mapping[str, str]
    created: bool
    seen: Mapping[str, Value] | None
    refused: Mapping[str, RejectedError | None]
    before: Mapping[str, Value]

    def sent(self) -> dict[str, Value]:
        """What stands otherwise elsewhere in the object, somebody typed."""
        wanted, before = self.want.fields, self.before
        return {p: v for p, v in wanted.items() if p not in before or before[p] != v}

    def fields(self) -> bytes:
        kept = self.want.fields
        if self.refused:
            kept = {p: self.before.get(p) if p in self.refused else v for p, v in kept.items()}
        return encode_fields(kept, self.parents)


def applied(scene: Scene, done: Sequence[Done]) -> None:
    """The target has what was wanted, all at once for many. Whoever waited for an object that was
    created is woken."""
    now = scene.pair.clock.utc()
    wanted = parts.wanted(scene.tx, [one.part.id for one in done])
    settled: dict[Kind, list[parts.Settled]] = {one.kind: [] for one in done}
    for one in done:
        settled[one.kind].append(_settled(scene, one, wanted[one.part.id], now))
    scene.written.update(settled)
    for kind, rows in settled.items():
        parts.settle(scene.tx, kind, rows, now)
        clean = sum(one.state == CLEAN for one in rows)
        add(scene.tx, scene.run, scene.streams[kind], applied=clean)
    members.renamed(
        scene,
        [one.record.key for one in done if one.kind is Kind.CUSTOMER and not one.part.key],
    )
    for one in done:
        farewell.said(scene, one.kind, one.record, one.part)
    created = [one for one in done if one.created]
    outstanding.wake(
        scene.tx, scene.ids, [str(Ref(one.kind, one.record.key, one.part.key)) for one in created]
    )
    _link_created(scene, created)
    _created(scene, created)
    for one in done:
        for path, error in one.refused.items():
            if error is None:
                waiting.not_kept(scene, one.part, path)
            else:
                waiting.refuse_field(scene, one.kind, one.record, one.part, path, error)


def _link_created(scene: Scene, created: Sequence[Done]) -> None:
    """The cards of customers all at once."""
    cards = [one for one in created if one.kind is Kind.CUSTOMER and not one.part.key]
    won = (one for one in created if one.kind is Kind.WON)
    linked = [
        key
        for one in won
        if (key := _link(scene, one.kind, one.record, one.part, one.remote_id, by=links.SYNCD))
    ]
    if cards:
        crm, books = scene.pair.crm.name, scene.pair.books.name
        there = links.linked(scene.tx, crm, books, [one.record.key for one in cards])
        for one in cards:
            if one.record.key in there:  # made again: its members follow
                _link(scene, one.kind, one.record, one.part, one.remote_id, by=links.SYNCD)
                linked.append(one.record.key)
        found = {
            one.record.key: (one.remote_id, one.part.numbered)
            for one in cards
            if one.record.key not in there
        }
        links.bind_many(scene.tx, crm, books, found, links.SYNCD, scene.pair.clock.utc())
        linked += found
    follow(scene, Kind.CUSTOMER, linked)


def _created(scene: Scene, created: Sequence[Done]) -> None:
    if not scene.pair.writing.owners.rules:
        return
    for kind in (Kind.CUSTOMER, Kind.WON):
        mine = [one for one in created if one.kind is kind and not one.part.key]
        images = mirror.images(scene.tx, kind, [one.record for one in mine])
        made = [
            (one.record.key, one.remote_id, decode(kind, images[one.record.id])) for one in mine
        ]
        shared.told(scene, made)


def both_say(scene: Scene, kind: Kind, key: str, remote_id: str, image: bytes) -> None:
    """A card or a customer that was made says what it was made of; nothing of other kinds."""
    shared.told(scene, [(key, remote_id, decode(kind, image))])


def _settled(scene: Scene, one: Done, wanted: bytes, now: dt.datetime) -> parts.Settled:
    base = UNKNOWN if one.refused else want_hash(one.want)
    seen = one.seen
    if seen and one.refused:
        seen = {path: value for path, value in seen.items() if path not in one.refused}
    return parts.Settled(
        CLEAN if wanted == base else DUE,
        base,
        one.fields(),
        rewritten(one.sent(), seen, one.part.rewritten) if seen else one.part.rewritten,
        one.part.remote_id if one.want.borrowed else one.remote_id,
        one.record.ver,
        now,
        scene.run,
        None if one.seen is None else now,
        one.seen is not None and not one.refused,
        one.part.id,
    )


def bind_found(
    scene: Scene,
    kind: Kind,
    record: Known,
    part: Part,
    want: Want | None,
    found: Found,
    parents: Mapping[str, str] | None = None,
    *,
    adopted: bool = False,
    elsewhere: bool = False,
) -> None:
    """An object with our marker is there: the base is what it shows, whoever wrote it; unless it is
    on a card that the customer left, and was not taken back yet. With `elsewhere` these `parents`
    are not those that are wanted."""
    own = want is None or not want.borrowed
    if own and not is_left(part.key) and farewell.is_former(scene, record, found.remote_id):
        return
    if want is None or not want.borrowed:
        parts.update(scene.tx, part.id, remote_id=found.remote_id, adopted=adopted)
        outstanding.wake(scene.tx, scene.ids, [str(Ref(kind, record.key, part.key))])
        by = "marker" if adopted else links.SYNCD
        if key := _link(scene, kind, record, part, found.remote_id, by=by):
            follow(scene, Kind.CUSTOMER, [key])
    if want is None:
        parts.update(scene.tx, part.id, base=UNKNOWN, state=DUE)
        return
    if kind is Kind.WON and not want.borrowed:
        as_wanted(scene, part, found.remote_id)
        return
    stored = parts.stored_fields(scene.tx, kind, [part.id]).get(part.id)
    before, _ = decode_fields(stored)
    seen = {
        path: value if as_sent(path, value, shown, part.rewritten) else shown
        for path, value in want.fields.items()
        for shown in [None if theirs(kind, path, value, before) else found.fields.get(path)]
    }
    equal = seen == dict(want.fields) and not elsewhere
    base = want_hash(want) if equal else UNKNOWN
    now = scene.pair.clock.utc()
    shown: dict[str, object] = {"sent_ver": record.ver} if equal else {}
    parts.update(scene.tx, part.id, base=base, confirmed=True, seen_at=now, **shown)
    fields = {part.id: encode_fields(seen, parents or {})}
    parts.store_fields(scene.tx, kind, fields, scene.pair.clock.utc())
    _finish(scene, kind, part, base, found=True)
    farewell.said(scene, kind, record, part)


def theirs(kind: Kind, path: str, wanted: Value, before: Mapping[str, Value]) -> bool:
    """Whether a field of a customer belongs to the people at the CRM: the books have nothing to
    say there and never had, so what somebody typed stays."""
    return kind is Kind.CUSTOMER and wanted is None and before.get(path) is None


def as_wanted(scene: Scene, part: Part, remote_id: str | None) -> None:
    """What the books have of a won customer is theirs from the first moment: it is never changed
    afterwards, whatever the card says."""
    mine = parts.by_id(scene.tx, [part.id])[part.id]
    values: dict[str, object] = {"base": mine.want, "remote_id": remote_id, "confirmed": True}
    parts.update(scene.tx, part.id, state=CLEAN, **values, **SETTLED)
    add(scene.tx, scene.run, scene.streams[Kind.WON], found_equal=1)


def seen_again(
    scene: Scene,
    kind: Kind,
    record: Known,
    part: Part,
    want: Want,
    found: Found,
    parents: Mapping[str, str],
) -> None:
    """A look at an object that was thought settled: what it shows is the base from now on."""
    was_clean = part.state == CLEAN
    bind_found(scene, kind, record, part, want, found, parents, adopted=part.adopted)
    is_clean = parts.by_id(scene.tx, [part.id])[part.id].state == CLEAN
    stream = scene.streams[kind]
    if was_clean and is_clean:
        add(scene.tx, scene.run, stream, found_equal=-1)
    elif was_clean:
        add(scene.tx, scene.run, stream, became_due=1)


def removed(scene: Scene, kind: Kind, record: Known, part: Part) -> None:
    """The object is gone from the target; its parent may have waited for that."""
    parts.update(scene.tx, part.id, remote_id=None, base=NOTHING, confirmed=True)
    parts.store_fields(scene.tx, kind, {part.id: None}, scene.pair.clock.utc())
    if part.parent and not parts.living_children(scene.tx, scene.ids, part.parent):
        outstanding.wake(scene.tx, scene.ids, [f"empty {part.parent}"])
    _finish(scene, kind, part, NOTHING, found=False)
    farewell.said(scene, kind, record, part)


def half_done(
    scene: Scene, kind: Kind, record: Known, part: Part, want: Want | None, outcome: Outcome
) -> None:
    """The object exists, but a later step was refused: bind it, and say what was refused."""
    found = Found(outcome.remote_id or "", None, outcome.seen or {})
    bind_found(scene, kind, record, part, want, found)
    if outcome.error:
        waiting.refuse(scene, kind, record, part, outcome.error)


def _link(
    scene: Scene, kind: Kind, record: Known, part: Part, remote_id: str, *, by: str
) -> str | None:
    """The main object of a customer is its card; that of a won card its customer. The customer."""
    if kind not in (Kind.CUSTOMER, Kind.WON) or part.key:
        return None
    won = kind is Kind.WON
    card, key = (record.key, remote_id) if won else (remote_id, record.key)
    before = members.with_primary(scene, key)
    first = links.bind(
        scene.tx,
        crm=scene.pair.crm.name,
        card_id=card,
        books=scene.pair.books.name,
        books_key=key,
        numbered=part.numbered,
        by=MADE if won else by,
        at=scene.pair.clock.utc(),
    )
    if before or not first:
        members.follow(scene, before, card)
    return key


def _finish(scene: Scene, kind: Kind, part: Part, base: bytes, *, found: bool) -> None:
    """Clean if that was all; else due again. The wanted state may have moved on meanwhile."""
    want = parts.by_id(scene.tx, [part.id])[part.id].want
    state = CLEAN if want == base else DUE
    parts.update(scene.tx, part.id, state=state, **SETTLED)
    if state == CLEAN:
        count = {"found_equal": 1} if found else {"applied": 1}
        add(scene.tx, scene.run, scene.streams[kind], **count)


def not_accepted(
    sent: Mapping[str, Value], before: Mapping[str, Value], seen: Mapping[str, Value] | None
) -> list[str]:
    """Fields that read back as what they were before they were sent. A third value is the
    system's own way of writing ours, and no refusal, unless it is a number; nor is what differs
    from ours in manner alone, for the former value may have been written so too."""
    if seen is None:
        return []
    return sorted(
        path
        for path, value in sent.items()
        if path in seen
        and not same(value, seen[path])
        and (same(before.get(path), seen[path]) or isinstance(value, Decimal))
        and manner(value, seen[path]) is None
    )


def make_again(scene: Scene, kind: Kind, part: Part) -> None:
    """A person wants an object back that is gone: as if it had never been there, nor what other
    records had written onto it."""
    if part.state == CLEAN:
        add(scene.tx, scene.run, scene.streams[kind], became_due=1)
    values = {"remote_id": None, "base": NOTHING, "problem": None, "error": None}
    parts.update(scene.tx, part.id, state=DUE, next_attempt=None, attempts=0, **values)
    parts.store_fields(scene.tx, kind, {part.id: None}, scene.pair.clock.utc())
    if kind is Kind.CUSTOMER and part.key == "":
        row, _ = mirror.with_stream(scene.tx, part.record)
        for one in parts.borrowing(scene.tx, scene.streams[Kind.CARD], str(Ref(kind, row.key))):
            make_again(scene, Kind.CARD, one)
