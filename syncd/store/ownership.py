"""One owner per pair: a file lock that the kernel drops with the process, and a lease.

Whoever gets the file lock takes the next epoch at once. Every commit checks that the epoch is still
its own; every send checks that the lease outlives the request. A request of a dead owner can have
left until the earlier of its deadline and the moment its lock was free; from there its doubt time
counts, on a clock that goes on through suspend and is told apart from other boots.
"""

from __future__ import annotations

import datetime as dt
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

import msgspec
import sqlalchemy as sa

from syncd.clock import Clock
from syncd.errors import LeaseLostError, NoRoomError, StateError
from syncd.store import direct, intents, parts, runs, witness
from syncd.store.engine import Store
from syncd.store.locks import lock_pair
from syncd.store.tables import intent, lease

UNWATCHED = dt.timedelta(minutes=15)
"""A pair that did nothing for so long may have been brought back from a copy of its whole machine,
witness included: both systems are looked at before anything is written."""


class Owner(msgspec.Struct):
    """The process that owns a pair now. `asked` numbers the pages asked for, over all runs.
    `returned`: this state is not the newest, as far as that can be told without asking anybody;
    `unwatched`: whether it is cannot be told so. `bound`: the newest change of a link when each
    linked customer was last found to be bound to its card, see `adopt`."""

    store: Store
    clock: Clock
    pair: str
    epoch: int
    lease_time: float
    deadline: float
    asked: int = 0
    returned: witness.Return | None = None
    unwatched: bool = False
    bound: int | None = None
    _lock: TextIO | None = None

    @contextmanager
    def commit(self) -> Iterator[sa.Connection]:
        """A transaction that only the owner of the newest epoch can finish; renews the lease."""
        with self.store.transaction() as tx:
            deadline = self.clock.boot() + self.lease_time
            if self._renew(tx, deadline) != 1:
                raise LeaseLostError(f"pair {self.pair}: another process took it over; stopping")
            yield tx
        self.deadline = deadline

    def before_send(self, request_timeout: float) -> None:
        """Renews the lease if it could end before an answer; raises LeaseLostError."""
        if self.clock.boot() + request_timeout > self.deadline:
            with self.commit():
                pass

    def keep(self) -> None:
        """Renews the lease of an owner that has nothing to commit. LeaseLostError."""
        self.before_send(self.lease_time / 2)

    def next_asked(self) -> int:
        self.asked += 1
        return self.asked

    def bear_witness(self) -> None:
        """Writes beside the state how far this pair has come. To be called before what was written
        down is sent."""
        with self.store.reading() as tx:
            found = witness.Witness(witness.state_id(tx), witness.mark(tx, self.pair))
        witness.write(self.store.path, self.pair, found)

    def release(self) -> None:
        """A disk that refuses keeps nobody from owning the pair next."""
        try:
            with suppress(NoRoomError, StateError):
                with self.store.transaction() as tx:
                    self._renew(tx, self.clock.boot())
                self.bear_witness()
        finally:
            if self._lock:
                self._lock.close()

    def _renew(self, tx: sa.Connection, deadline: float) -> int:
        """0 where the epoch is another one's by now."""
        values = {"deadline": _ms(deadline), "asked": self.asked}
        return direct.change(tx, _RENEW, of=self.pair, own=self.epoch, **values)


_RENEW = sa.update(lease).where(
    lease.c.pair == sa.bindparam("of"), lease.c.epoch == sa.bindparam("own")
)


def take(store: Store, clock: Clock, pair: str, lease_time: float, doubt_time: float) -> Owner:
    """Makes this process the owner. BusyError if another one is alive."""
    lock = lock_pair(store.path, pair)
    try:
        return _take(store, clock, pair, lease_time, doubt_time, lock)
    except BaseException:
        lock.close()
        raise


def _take(
    store: Store, clock: Clock, pair: str, lease_time: float, doubt_time: float, lock: TextIO
) -> Owner:
    now, boot_id = clock.boot(), clock.boot_id()
    with store.transaction() as tx:
        row = _lease(tx, pair)
        returned = witness.came_back(tx, store.path, pair)
        epoch = row.epoch + 1 if row else 1
        if returned:
            epoch = max(epoch, returned.epoch) + witness.JUMP
            witness.note_return(tx, pair, returned.sign, clock.utc())
        seen = witness.read(store.path, pair)
        unwatched = row is not None and (
            seen is None or row.boot_id != boot_id or _idle(tx, pair, clock.utc()) > UNWATCHED
        )
        values = {
            "epoch": epoch,
            "owner": f"{socket.gethostname()}:{os.getpid()}",
            "boot_id": boot_id,
            "deadline": _ms(now + lease_time),
        }
        if row:
            last_send = min(row.deadline, _ms(now)) if row.boot_id == boot_id else 0
            _date_open_intents(tx, pair, boot_id, last_send + _ms(doubt_time), _ms(doubt_time))
            direct.change(tx, _TAKE, of=pair, **values)
        else:
            tx.execute(sa.insert(lease).values(pair=pair, asked=0, **values))
    asked = row.asked if row else 0
    return Owner(
        store,
        clock,
        pair,
        epoch,
        lease_time,
        now + lease_time,
        asked,
        returned,
        unwatched,
        _lock=lock,
    )


class _Lease(msgspec.Struct, frozen=True):
    epoch: int
    boot_id: str
    deadline: int
    asked: int


def _lease(tx: sa.Connection, pair: str) -> _Lease | None:
    row = direct.row(tx, _LEASE, of=pair)
    return _Lease(*row) if row else None


_LEASE = sa.select(*(lease.c[name] for name in _Lease.__struct_fields__)).where(
    lease.c.pair == sa.bindparam("of")
)
_TAKE = sa.update(lease).where(lease.c.pair == sa.bindparam("of"))


def _idle(tx: sa.Connection, pair: str, now: dt.datetime) -> dt.timedelta:
    """How long nothing was done with a pair, as far as its state knows."""
    newest = runs.last(tx, pair)
    return now - (newest.ended or newest.began if newest else now)


def held(tx: sa.Connection, clock: Clock, pair: str) -> bool:
    """Whether somebody owns the pair by its lease, which an owner renews in every commit."""
    row = _lease(tx, pair)
    if row is None or row.boot_id != clock.boot_id():
        return False
    return bool(row.deadline > _ms(clock.boot()))


def _date_open_intents(
    tx: sa.Connection, pair: str, boot_id: str, not_before: int, after_boot: int
) -> None:
    """Intents of a dead owner become doubtful from its last possible send on, and their parts with
    them: nothing of them is sent before the look."""
    cut_off = [one for one in intents.unsettled(tx, pair) if one.state == intents.OPEN]
    parts.update(tx, [part for one in cut_off for part, _ in one.parts], state=parts.DOUBT)
    boot = {"of": pair, "boot_id": boot_id}
    direct.change(tx, _AFTER_BOOT, **boot, known=boot_id, not_before=after_boot)
    direct.change(tx, _CUT_OFF, **boot, state=intents.DOUBT_STATE, not_before=not_before)


_UNSETTLED = sa.update(intent).where(intent.c.pair == sa.bindparam("of"), intents.UNSETTLED)
_AFTER_BOOT = _UNSETTLED.where(
    intent.c.state == intents.DOUBT_STATE, intent.c.boot_id != sa.bindparam("known")
)
_CUT_OFF = _UNSETTLED.where(intent.c.state == intents.OPEN)


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
