"""Looks at what is really at the target: what it shows becomes the base, what differs is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from syncd.domain import Kind, Want
from syncd.errors import RejectedError
from syncd.image import NOTHING, decode_fields
from syncd.port import Found
from syncd.store import mirror, parts
from syncd.store.mirror import Known
from syncd.store.parts import UNSETTLED, Part
from syncd.sync import second_writer, settle, waiting
from syncd.sync.emptied import Presence
from syncd.sync.pair import Pair, Scene
from syncd.sync.session import Session
from syncd.sync.want import evaluate, items, wants_if_any


class Recheck(msgspec.Struct, frozen=True):
    """With `recreate`, what is gone is due again. `lost`: the state may lack what was written, so
    that what it does not know, or does not find, is looked for by its marker too."""

    session: Session
    presence: Presence
    recreate: bool = False
    lost: bool = False

    @property
    def pair(self) -> Pair:
        return self.session.pair

    def look(self, kind: Kind, key: str) -> None:
        """Reads back every object this record has, or should have, at the CRM. Transport errors go
        to the caller."""
        with self.pair.store.reading() as tx:
            scene = self._scene(tx)
            known = mirror.known(tx, scene.streams[kind], [key]).get(key)
            if known is None or kind is Kind.WON:
                return
            item = items(scene, kind, [known])[0]
            mine = parts.of_records(tx, [known.id]).get(known.id, {})
            numbered = any(part.numbered for part in mine.values())
            wants = wants_if_any(scene, kind, item, numbered)
            stored = parts.stored_fields(tx, kind, [part.id for part in mine.values()])
        for part_key, part in mine.items():
            want = wants.get(part_key)
            placed = kind is Kind.CUSTOMER and want is not None and want.at is not None
            if want is not None and part.state not in UNSETTLED and not placed:
                _, parents = decode_fields(stored.get(part.id))
                self._look_at(kind, known, part, want, parents)

    def _look_at(
        self, kind: Kind, known: Known, part: Part, want: Want, parents: Mapping[str, str]
    ) -> None:
        remote_id = self._remote_id(part, want)
        if not self.pair.target(part.target).readable:
            if remote_id and (self.recreate or self.lost) and not want.borrowed:
                with self.session.commit() as scene:
                    settle.make_again(scene, kind, part)
            return
        found: Sequence[Found] = ()
        if remote_id is not None:
            found = self._find(part.target, {"id": remote_id}, parents)
        if not found and self.lost and not want.borrowed:
            found, parents = self._by_marker(part, want)
        if found:
            with self.session.commit() as scene:
                if not self.lost:
                    second_writer.note(scene, kind, known, part, want, found[0])
                settle.seen_again(scene, kind, known, part, want, found[0], parents)
                if self.lost:  # of what is there something else may be wanted than of what is not
                    evaluate(scene, kind, items(scene, kind, [known]))
            return
        if remote_id is None:
            return
        if not self.recreate and self.presence.emptied(part.target, [remote_id]):
            return
        with self.session.commit() as scene:
            if self.lost and not want.borrowed and part.want == NOTHING:
                settle.removed(scene, kind, known, part)
            elif (self.recreate or self.lost) and not want.borrowed:
                settle.make_again(scene, kind, part)
            elif not self.lost:
                waiting.gone(scene, kind, known, part)

    def _remote_id(self, part: Part, want: Want) -> str | None:
        if want.at:
            return want.at
        if want.of is None:
            return part.remote_id
        with self.pair.store.reading() as tx:
            located = parts.located(tx, self.session.streams[want.of.kind], [want.of])
        above = located.get((want.of.key, want.of.part))
        return above.remote_id if above else None

    def _by_marker(self, part: Part, want: Want) -> tuple[Sequence[Found], dict[str, str]]:
        """Nothing where what it hangs on is not there either."""
        with self.pair.store.reading() as tx:
            parents = {}
            for word, ref in want.parents.items():
                located = parts.located(tx, self.session.streams[ref.kind], [ref])
                above = located.get((ref.key, ref.part))
                if above is None or above.remote_id is None:
                    return (), {}
                parents[word] = above.remote_id
        return self._find(part.target, {"marker": want.marker}, parents), parents

    def _find(
        self, target: str, by: Mapping[str, str], parents: Mapping[str, str]
    ) -> Sequence[Found]:
        try:
            return self.pair.find(target, by, parents)
        except RejectedError:
            return ()

    def _scene(self, tx: sa.Connection) -> Scene:
        session = self.session
        return Scene(tx, self.pair, session.streams, session.run, session.owner.epoch)
