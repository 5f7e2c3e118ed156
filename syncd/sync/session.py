"""One run of one owned pair: what its steps share, and the commits they make."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import sqlalchemy as sa

from syncd.domain import Kind
from syncd.errors import RejectedError
from syncd.store import calls, runs
from syncd.store.ownership import Owner
from syncd.sync.conclude import conclude
from syncd.sync.meter import Meter
from syncd.sync.pair import Pair, Scene
from syncd.sync.sending import Answer, Sending

LOOKS_FOR_CIRCLES = 50
"""Commits after which memory that nothing reaches is given back. A statement is a circle of few
objects that holds the keys of a page: Python counts objects, and would let them pile up."""


class Session(msgspec.Struct):
    """`sent` is what was sent and `doing` what others are told of this run, each as far as it is
    not yet written down; the next commit carries both, and the number of calls since the last one.
    `counted` are all calls of each side by then, those that write, and what they cost; `meters`
    stop at what a side may spend. `lost`: the state may lack what was written, and is being
    compared with both systems. `left_out` are fields that were refused, by part,
    and `written` kinds of which something was carried out; `new_cards` tells that the mirror of
    cards is another than before. `touched`: when each card that was read as changed was changed
    last, on our clock."""

    pair: Pair
    owner: Owner
    streams: dict[Kind, int]
    run: int
    sent: list[tuple[Sending, list[Answer]]] = msgspec.field(default_factory=list)
    lost: bool = False
    doing: str | None = None
    counted: dict[str, tuple[int, int, int]] = msgspec.field(default_factory=dict)
    meters: dict[str, Meter] = msgspec.field(default_factory=dict)
    left_out: dict[int, dict[str, RejectedError]] = msgspec.field(default_factory=dict)
    written: set[Kind] = msgspec.field(default_factory=set)
    new_cards: bool = False
    touched: dict[str, dt.datetime] = msgspec.field(default_factory=dict)
    commits: int = 0

    def __post_init__(self) -> None:
        self.counted = self._calls()

    @contextmanager
    def commit(self) -> Iterator[Scene]:
        """A transaction that also carries the outcomes of what was sent since the last one."""
        with self.owner.commit() as tx:
            kept = self.left_out, self.written
            scene = Scene(tx, self.pair, self.streams, self.run, self.owner.epoch, *kept)
            conclude(scene, self.sent)
            if self.doing:
                runs.note_progress(tx, self.run, self.doing)
            called = self._note_calls(tx)
            self.pair.between(scene)
            yield scene
        self.sent, self.doing, self.counted = [], None, called
        self.commits += 1
        if self.commits % LOOKS_FOR_CIRCLES == 0:
            gc.collect()

    def flush(self) -> None:
        """What was sent is written down, if anything was."""
        if self.sent:
            with self.commit():
                pass

    def _calls(self) -> dict[str, tuple[int, int, int]]:
        ways = {side.name: side.transport for side in (self.pair.books, self.pair.crm)}
        return {name: (way.calls, way.writes, way.credits) for name, way in ways.items()}

    def _note_calls(self, tx: sa.Connection) -> dict[str, tuple[int, int, int]]:
        called = self._calls()
        for name, (every, writes, credits) in called.items():
            before, written, spent = self.counted[name]
            if every > before:
                writing = writes - written
                reads = every - before - writing
                calls.note(tx, name, self.pair.clock.utc(), reads, writing, credits - spent)
        return called
