"""One run of one owned pair: what its steps share, and the commits they make."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from syncd.domain import Kind
from syncd.store.ownership import Owner
from syncd.sync.pair import Pair, Scene
from syncd.sync.send import Answer, Sending, conclude


@dataclass
class Session:
    """`sent` is what was sent and not yet written down; the next commit carries it. `lost`: the
    state may lack what was written, and is being compared with both systems."""

    pair: Pair
    owner: Owner
    streams: dict[Kind, int]
    run: int
    sent: list[tuple[Sending, list[Answer]]] = field(default_factory=list)
    lost: bool = False

    @contextmanager
    def commit(self) -> Iterator[Scene]:
        """A transaction that also carries the outcomes of what was sent since the last one."""
        with self.owner.commit() as tx:
            scene = Scene(tx, self.pair, self.streams, self.run, self.owner.epoch)
            conclude(scene, self.sent)
            self.pair.between(scene)
            yield scene
        self.sent = []
