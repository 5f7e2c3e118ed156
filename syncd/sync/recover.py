"""Settles intents whose outcome is unknown: looks at the target, and never sends again blindly.

No look before the doubt time is over: the request may still be carried out. What is found becomes
the base, what is absent is due again, and what cannot be looked for is asked, once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from syncd.domain import Kind, Ref, Want
from syncd.errors import RejectedError, UsageError
from syncd.image import NOTHING, decode_fields
from syncd.port import Found, Op, Tier
from syncd.store import intents, mirror, noticed, parts, streams
from syncd.store.intents import Intent
from syncd.store.mirror import LIVE, Known
from syncd.store.ownership import Owner
from syncd.store.parts import Part, is_left
from syncd.sync import farewell, settle, waiting
from syncd.sync.pair import Pair, Scene, Side
from syncd.sync.want import Item, evaluate, hung_on, items, wants_if_any

TRIES = 3
"""So many answers that say nothing clear, to a write that was not carried out, are a refusal."""
AGAIN = dt.timedelta(seconds=60)
"""After such an answer, so that a short outage is no refusal."""


class Suspect(msgspec.Struct, frozen=True):
    """One part of a doubtful intent, with what is needed to look for it."""

    kind: Kind
    record: Known
    part: Part
    want: Want | None
    parents: Mapping[str, str]
    image: bytes | None
    """The record as it was sent."""


@dataclass(frozen=True)
class Recovery:
    """Of the requests to one of the two systems."""

    pair: Pair
    side: Side
    owner: Owner
    streams: dict[Kind, int]
    run: int

    def settle_all(self) -> int:
        """Settles what can be settled now. Returns how many intents are still in doubt; transport
        errors leave the rest as it is and go on to the caller."""
        unsettled = self._unsettled()
        left = 0
        for intent in unsettled:
            if intent.not_before is not None and self.pair.clock.boot() < intent.not_before:
                left += 1
                continue
            self.pair.checkpoint("recovering")
            self._settle(intent)
        return left

    def wait_left(self) -> float | None:
        """Seconds until the next intent may be looked at; None where none is in doubt."""
        dated = [one.not_before or 0 for one in self._unsettled()]
        return max(0.0, min(dated) - self.pair.clock.boot()) if dated else None

    def _unsettled(self) -> list[Intent]:
        with self.pair.store.reading() as tx:
            found = intents.unsettled(tx, self.pair.name)
        return [one for one in found if self.pair.writer(one.target) is self.side]

    def _settle(self, intent: Intent) -> None:
        with self.pair.store.reading() as tx:
            suspects = self._suspects(self._scene(tx), intent)
        tier = self.pair.target(intent.target).tier
        blind = intent.op is Op.CREATE and tier is Tier.T4
        look = not blind and self.pair.target(intent.target).readable
        found = [self._look(intent, suspect) if look else None for suspect in suspects]
        self.pair.checkpoint("recovered")
        with self.owner.commit() as tx:
            scene = self._scene(tx)
            for suspect, seen in zip(suspects, found, strict=True):
                if blind:
                    waiting.ask(
                        scene, suspect.record, suspect.kind, suspect.part, "no answer in time"
                    )
                else:
                    _conclude(scene, intent, suspect, seen)
            state = intents.ASKED if blind else _verdict(intent, found)
            intents.settle(tx, [intent.id], state)

    def _scene(self, tx: sa.Connection) -> Scene:
        return Scene(tx, self.pair, self.streams, self.run, self.owner.epoch)

    def _suspects(self, scene: Scene, intent: Intent) -> list[Suspect]:
        by_id = parts.by_id(scene.tx, [part for part, _ in intent.parts])
        kinds = {stream: kind for kind, stream in self.streams.items()}
        suspects = []
        for part_id, ver in intent.parts:
            part = by_id[part_id]
            record, stream = mirror.with_stream(scene.tx, part.record)
            kind = kinds[stream]
            image = mirror.image_of(scene.tx, kind, record.id, ver)
            item = Item(record.id, record.key, LIVE, image, record.changed_at)
            if is_left(part.key):
                want = _of_left(scene, kind, item, part)
            else:
                want = wants_if_any(scene, kind, item, part.numbered).get(part.key)
            parents = _parents(scene, kind, part, want)
            suspects.append(Suspect(kind, record, part, want, parents, image))
        return suspects

    def _look(self, intent: Intent, suspect: Suspect) -> Sequence[Found]:
        by = {"marker": suspect.want.marker if suspect.want else suspect.record.key}
        if intent.op is not Op.CREATE:
            remote_id = self._remote_id(suspect)
            if remote_id is None:
                return []
            by = {"id": remote_id}
        try:
            return self.pair.find(intent.target, by, suspect.parents)
        except RejectedError:
            return []  # its parent is gone, and it with it

    def _remote_id(self, suspect: Suspect) -> str | None:
        if suspect.want and suspect.want.at:
            return suspect.want.at
        if suspect.want is None or suspect.want.of is None:
            return suspect.part.remote_id
        of = suspect.want.of
        with self.pair.store.reading() as tx:
            located = parts.located(tx, self.streams[of.kind], [of])
        return located[of.key, of.part].remote_id if (of.key, of.part) in located else None


def answer_asked(pair: Pair, owner: Owner, problem: int, remote_id: str | None) -> None:
    """What a person found where syncd cannot search. UsageError where nothing was asked."""
    with owner.commit() as tx:
        for part in parts.with_problem(tx, problem):
            asked = intents.asked_about(tx, pair.name, part.id)
            if asked is None:
                continue
            parts.update(tx, part.id, state=parts.DUE, problem=None, error=None)
            if remote_id:
                _bind_answered(tx, pair, part, asked.run, remote_id)
            else:
                parts.update(tx, part.id, adopted=True)  # it is made without being asked again
            state = intents.APPLIED if remote_id else intents.ABSENT
            intents.settle(tx, [asked.id], state, "by a person")
            return
    raise UsageError(f"problem {problem} asks nothing; see: syncd problems")


def _bind_answered(tx: sa.Connection, pair: Pair, part: Part, run: int, remote_id: str) -> None:
    ids = streams.stream_ids(tx, pair.name)
    record, stream = mirror.with_stream(tx, part.record)
    kind = next(kind for kind, one in ids.items() if one == stream)
    scene = Scene(tx, pair, ids, run)
    want = wants_if_any(scene, kind, items(scene, kind, [record])[0], part.numbered).get(part.key)
    settle.bind_found(scene, kind, record, part, want, Found(remote_id, None, {}))


def _of_left(scene: Scene, kind: Kind, item: Item, part: Part) -> Want | None:
    if part.want == NOTHING:
        return None
    stored = parts.stored_fields(scene.tx, kind, [part.id]).get(part.id)
    return farewell.want_of(scene, kind, item, part, stored)


def _parents(scene: Scene, kind: Kind, part: Part, want: Want | None) -> dict[str, str]:
    """Remote ids of the parents: those it was written under, else those it is wanted under."""
    stored = parts.stored_fields(scene.tx, kind, [part.id]).get(part.id)
    _, found = decode_fields(stored)
    return found or _wanted(scene, want)


def _wanted(scene: Scene, want: Want | None) -> dict[str, str]:
    """Remote ids of the parents that it is wanted under, as far as they are there."""
    if want is None:
        return {}
    above = hung_on(scene, [want])
    ids = {word: above[ref].remote_id for word, ref in want.parents.items() if ref in above}
    return {word: one for word, one in ids.items() if one}


def _is_elsewhere(scene: Scene, want: Want | None, hangs: Mapping[str, str]) -> bool:
    """Whether it was not moved to where it is wanted, as far as anybody can tell."""
    return any(hangs.get(word, one) != one for word, one in _wanted(scene, want).items())


def _conclude(
    scene: Scene, intent: Intent, suspect: Suspect, found: Sequence[Found] | None
) -> None:
    """`found` None: nobody can look, and it does no harm to send it again."""
    kind, record, part = suspect.kind, suspect.record, suspect.part
    if intent.op is Op.REMOVE and found is not None and not found:
        settle.removed(scene, kind, record, part)
    elif found:
        if intent.op is Op.CREATE and not part.key and suspect.image:
            settle.both_say(scene, kind, record.key, found[0].remote_id, suspect.image)
        hangs = {**suspect.parents, **found[0].parents}
        settle.bind_found(
            scene,
            kind,
            record,
            part,
            suspect.want,
            found[0],
            {word: hangs[word] for word in suspect.parents},
            elsewhere=not is_left(part.key) and _is_elsewhere(scene, suspect.want, hangs),
        )
        if len(found) > 1:
            waiting.doubled(scene, Ref(kind, record.key, part.key), part, found)
    else:
        base = {"base": NOTHING, "remote_id": None} if intent.op is Op.CREATE else {}
        parts.update(scene.tx, part.id, state=parts.DUE, next_attempt=None, **base)
    evaluate(scene, kind, items(scene, kind, [record]))
    _count_try(scene, intent, suspect)


def _count_try(scene: Scene, intent: Intent, suspect: Suspect) -> None:
    """Some systems say with an error of the server what they do not want: without this it would be
    sent, looked for and sent again for ever."""
    part = suspect.part
    after = parts.by_id(scene.tx, [part.id])[part.id]
    if not part.attempts or after.state != parts.DUE or after.want != part.want:
        return
    if part.attempts < TRIES:
        # Perhaps the system was only unwell: what is not there goes a second time at once.
        first = part.attempts == 1 and intent.op is Op.CREATE
        again = None if first else intent.opened + AGAIN
        parts.update(scene.tx, part.id, attempts=part.attempts, next_attempt=again)
    else:
        now = scene.pair.clock.utc()
        noticed.note(scene.tx, scene.pair.name, noticed.UNCLEAR, part.target, now)
        said = RejectedError(intent.outcome or "no clear answer")
        # Each refusal is two attempts: the write, and that it was refused.
        times = (part.attempts - TRIES) // 2
        waiting.refuse_unclear(scene, suspect.kind, suspect.record, part, said, times)


def _verdict(intent: Intent, found: Sequence[Sequence[Found] | None]) -> str:
    there = any(found)
    if intent.op is Op.REMOVE:
        there = not there
    return intents.APPLIED if there else intents.ABSENT
