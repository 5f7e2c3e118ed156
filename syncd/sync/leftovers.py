"""What syncd made under a state that is gone, and the books have given up since: payments and notes
that no record of this state asks for, and that no list of the CRM shows by itself.

They are looked for under each object they can hang on, and become parts that are to be removed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from syncd.domain import Adjustment, Allocation, CreditNote, Kind, Money, Payment, Ref, State, Want
from syncd.errors import MappingError, RejectedError
from syncd.image import NOTHING, UNKNOWN, decode, encode_fields
from syncd.mapping.words import DOCUMENTS
from syncd.port import BOOKS_PREFIX, Found
from syncd.store import mirror, parts, runs
from syncd.store.mirror import Known
from syncd.store.tables import part, record
from syncd.sync.pair import Scene
from syncd.sync.session import Session


class Above(msgspec.Struct, frozen=True):
    """An object that others can hang on, and the record it is of."""

    ref: Ref
    remote_id: str


class Maker(msgspec.Struct, frozen=True):
    """The record that an object was made for, and what was wanted then."""

    kind: Kind
    record: Known
    want: Want


def take_up(session: Session) -> None:
    """Transport errors go to the caller."""
    for target, word, kinds in _hanging(session):
        for above in _objects(session, word):
            found = _listed(session, target, {word: above.remote_id})
            with session.pair.store.reading() as tx:
                known = _known(tx, target, found)
            unknown = {one.marker: one for one in found if one.remote_id not in known}
            if not any(unknown):
                continue
            with session.commit() as scene:
                for maker in _makers(scene, kinds, target, above):
                    if one := unknown.get(maker.want.marker):
                        _take_up(scene, maker, one, {word: above.remote_id})


def _hanging(session: Session) -> Iterator[tuple[str, str, list[Kind]]]:
    """A target, a word of what it hangs on, and the kinds it is made for; of targets that can only
    be listed by that."""
    pair = session.pair
    made: dict[str, list[Kind]] = {}
    for kind in DOCUMENTS:
        outbound = pair.outbound(kind)
        single = [target for _, target in outbound.targets] if outbound else []
        for target in {*single, *(outbound.each if outbound else ())}:
            facts = pair.target(target)
            hidden = facts.readable and not facts.listable
            if not target.startswith(BOOKS_PREFIX) and hidden:
                made.setdefault(target, []).append(kind)
    for target, kinds in made.items():
        facts = pair.target(target)
        for word in facts.parents[:1] or facts.either:
            yield target, word, kinds


def _objects(session: Session, target: str) -> list[Above]:
    kinds = {stream: kind for kind, stream in session.streams.items()}
    query = (
        sa.select(part.c.stream, record.c.key, part.c.remote_id)
        .join(record, record.c.id == part.c.record)
        .where(part.c.stream.in_(kinds), part.c.target == target, part.c.remote_id.is_not(None))
        .order_by(part.c.id)
    )
    with session.pair.store.reading() as tx:
        return [Above(Ref(kinds[stream], key), one) for stream, key, one in tx.execute(query)]


def _listed(session: Session, target: str, parents: Mapping[str, str]) -> list[Found]:
    try:
        return [one for one in session.pair.find(target, {}, parents) if one.marker]
    except RejectedError:
        return []


def _known(tx: sa.Connection, target: str, found: list[Found]) -> set[str]:
    ids = [one.remote_id for one in found]
    query = sa.select(part.c.remote_id).where(part.c.target == target, part.c.remote_id.in_(ids))
    return {one for one in tx.scalars(query) if one}


def _makers(scene: Scene, kinds: list[Kind], target: str, above: Above) -> Iterator[Maker]:
    """Every document, as if it counted and settled this invoice."""
    for kind in kinds:
        outbound = scene.pair.outbound(kind)
        last = 0
        while outbound and (batch := mirror.batch(scene.tx, scene.streams[kind], last)):
            last = batch[-1].id
            images = mirror.images(scene.tx, kind, batch)
            for row in batch:
                if row.id not in images:
                    continue
                one = decode(kind, images[row.id])
                changes: dict[str, Any] = {"state": State.EFFECTIVE}
                if isinstance(one, Payment | CreditNote | Adjustment):
                    of_invoice = above.ref.kind is Kind.INVOICE
                    settles = Allocation(above.ref.key, Money(1, _currency(one)))
                    changes["allocations"] = (settles,) if of_invoice else ()
                try:
                    wants = outbound(msgspec.structs.replace(one, **changes), False)
                except MappingError:
                    continue
                yield from (Maker(kind, row, want) for want in wants if want.target == target)


def _currency(one: Payment | CreditNote | Adjustment) -> str:
    return (one.total if isinstance(one, CreditNote) else one.amount).currency


def _take_up(scene: Scene, maker: Maker, found: Found, parents: Mapping[str, str]) -> None:
    mine = parts.of_records(scene.tx, [maker.record.id]).get(maker.record.id, {})
    stream = scene.streams[maker.kind]
    there = {"remote_id": found.remote_id, "base": UNKNOWN, "state": parts.DUE, "turn": 0}
    one = mine.get(maker.want.part)
    if one is not None and (one.remote_id is not None or one.want != NOTHING):
        return  # one of two with the same marker
    if one is None:
        identity = parts.next_id(scene.tx)
        row: dict[str, object] = {"id": identity, "record": maker.record.id, "stream": stream}
        row |= {"key": maker.want.part, "target": maker.want.target, "want": NOTHING}
        above = next(iter(maker.want.parents.values()))
        row |= {"parent": str(Ref(above.kind, above.key)), "numbered": False}
        parts.insert(scene.tx, [row | there])
    else:
        identity = one.id
        parts.update(scene.tx, one.id, **there)
    now = scene.pair.clock.utc()
    parts.store_fields(scene.tx, maker.kind, {identity: encode_fields({}, parents)}, now)
    runs.add(scene.tx, scene.run, stream, became_due=1)
