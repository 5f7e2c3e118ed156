"""Whether a system still has what syncd wrote to it, asked once something is found gone.

One object that is gone is somebody's decision. Where several others of its sort are gone too, the
system was emptied or another one answers in its place: nothing more is sent to it, nothing is made
again, and it is one problem instead of one for each object.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from syncd.domain import Kind
from syncd.errors import RejectedError
from syncd.image import decode_fields
from syncd.store import parts, problems
from syncd.store.parts import Part
from syncd.sync.pair import Pair, Scene, Side

LOOKED_FOR = 3
"""Other objects of the same target, the oldest and the newest among them."""
LEAST = 3
"""So many must be gone, the one that was missed included, before a system counts as emptied."""


def cause(side: Side) -> str:
    return f"emptied {side.name}"


class Presence(msgspec.Struct):
    """Of what one run found out. Transport errors of the look go to the caller."""

    pair: Pair
    streams: dict[Kind, int]
    verdicts: dict[str, bool] = msgspec.field(default_factory=dict)
    """Target -> whether all that was looked for is gone."""

    def emptied(self, target: str, missing: Collection[str] = ()) -> bool:
        """Whether the objects of this target are gone, not only those that were missed. Looks once
        a run; what is emptied stays so until the next."""
        if not self.pair.target(target).readable:
            return False
        if target not in self.verdicts:
            others = [one for one in self._others(target) if one[1].remote_id not in missing]
            few = len(missing) + len(others) < LEAST
            self.verdicts[target] = not few and not self._any_there(others)
        return self.verdicts[target]

    def stops(self, side: Side) -> bool:
        """Whether nothing more may be sent there."""
        return any(
            gone and self.pair.writer(target) is side for target, gone in self.verdicts.items()
        )

    def look_again(self, side: Side) -> None:
        """Asks anew, after an earlier run found that a system was emptied."""
        with self.pair.store.reading() as tx:
            targets = parts.targets(tx, list(self.streams.values()))
        for target in targets:
            readable = self.pair.target(target).readable
            if readable and self.pair.writer(target) is side and not self.stops(side):
                others = self._others(target)
                self.verdicts[target] = bool(others) and not self._any_there(others)
        if not self.stops(side):
            self.verdicts.clear()  # what is found gone from now on is looked for once more

    def tell(self, scene: Scene, side: Side) -> None:
        """One problem for a system that was emptied."""
        gone = (target for target, all_gone in self.verdicts.items() if all_gone)
        target = next((one for one in gone if self.pair.writer(one) is side), None)
        if target is None:
            return
        problems.raise_problem(
            scene.tx,
            pair=self.pair.name,
            cause=cause(side),
            owner=problems.SYSADMIN,
            text=f"{side.name} no longer has the {target}s that syncd wrote: none that was looked "
            "for is there. Somebody emptied it, or another system answers. Nothing is written to "
            "it and nothing is made again. When they are back this closes itself; if they are "
            "gone for good: syncd resync --all --recreate.",
            run=scene.run,
            at=self.pair.clock.utc(),
        )

    def _others(self, target: str) -> list[tuple[Kind, Part]]:
        with self.pair.store.reading() as tx:
            found = [
                (kind, one)
                for kind, stream in self.streams.items()
                for one in parts.spread(tx, stream, target, LOOKED_FOR + 1)
            ]
        found.sort(key=lambda pair: pair[1].id)
        last = len(found) - 1
        places = {place * last // LOOKED_FOR for place in range(LOOKED_FOR + 1)} if found else ()
        return [found[place] for place in sorted(places)]

    def _any_there(self, others: Collection[tuple[Kind, Part]]) -> bool:
        return any(self._there(kind, one) for kind, one in others)

    def _there(self, kind: Kind, one: Part) -> bool:
        with self.pair.store.reading() as tx:
            stored = parts.stored_fields(tx, kind, [one.id]).get(one.id)
        _, parents = decode_fields(stored)
        return self.there(one.target, one.remote_id or "", parents)

    def there(self, target: str, remote_id: str, parents: Mapping[str, str]) -> bool:
        try:
            return bool(self.pair.find(target, {"id": remote_id}, parents))
        except RejectedError:
            return False  # what it hangs on is gone, and it with it
