"""Drops what has had its time, in small batches, so that nobody waits for it.

Nothing here needs the pair to be free: each batch is a transaction of its own, and between two of
them others have their turn.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import sqlite3
from collections.abc import Callable, Iterator, Sequence

import msgspec
import sqlalchemy as sa

from syncd.clock import Clock
from syncd.store import direct
from syncd.store.disk import told
from syncd.store.engine import Store
from syncd.store.expiry import MOST, Keep, Key, Rule, rules
from syncd.store.locks import alone
from syncd.store.tables import state

BATCH = 500
"""Rows a transaction."""
PAGES = 256
"""Free pages given back in one go: 1 MB."""
REST = 0.02
"""Seconds between two batches, at least; and as long as the last one took."""
EVERY = dt.timedelta(hours=23)
MOST_FREE = 0.1
"""Of the file, that stays free for what comes."""

Tell = Callable[[str, int], None]


class Purged(msgspec.Struct):
    """Rows by what they are; `finished` False where its time was up before the end."""

    rows: dict[str, int] = msgspec.field(default_factory=dict)
    pages: int = 0
    finished: bool = True


def due(store: Store, now: dt.datetime) -> bool:
    """Once a day; whoever asks first does it."""
    with store.reading() as tx:
        last = direct.value(tx, _PURGED)
    if last is not None and last + EVERY > now:
        return False
    with store.transaction() as tx:
        mine = sa.or_(state.c.purged.is_(None), state.c.purged == last)
        return tx.execute(sa.update(state).where(mine).values(purged=now)).rowcount == 1


_PURGED = sa.select(state.c.purged)


def daily(store: Store, keep: Keep, clock: Clock, seconds: float = 60) -> Purged | None:
    """What the daemon, and each run, calls: it does something once a day, and not for longer than
    this at a time; the next call goes on."""
    if not due(store, clock.utc()):
        return None
    done = purge(store, keep, clock, seconds=seconds)
    if not done.finished:
        with store.transaction() as tx:
            tx.execute(sa.update(state).values(purged=None))
    return done


def count(store: Store, keep: Keep, now: dt.datetime) -> dict[str, int]:
    """How many rows would go, by what they are."""
    found = {}
    for rule in rules(keep, now):
        with store.reading() as tx:
            found[rule.name] = sum(1 for _ in rule.found(tx))
    return found


def purge(
    store: Store,
    keep: Keep,
    clock: Clock,
    *,
    seconds: float | None = None,
    tell: Tell = lambda _what, _rows: None,
) -> Purged:
    """Others are never kept waiting for longer than a batch takes. NoRoomError on a full disk: what
    went is gone, the rest goes the next time."""
    until = None if seconds is None else clock.boot() + seconds
    work = _Work(store, clock, until)
    done = Purged()
    for rule in rules(keep, clock.utc()):
        done.rows[rule.name] = 0
        for keys in work.batches(rule):
            done.rows[rule.name] += len(keys)
            tell(rule.name, done.rows[rule.name])
        if work.over:
            done.finished = False
            return done
    done.pages = work.give_back()
    done.finished = not work.over
    return done


def shrink(store: Store) -> None:
    """Writes the whole file anew, without what is unused in it; from then on room is given back by
    itself. BusyError while anybody owns a pair."""
    with alone(store.path), told(store.path):
        raw = sqlite3.connect(store.path, timeout=30, isolation_level=None)
        with contextlib.closing(raw):
            raw.execute("PRAGMA auto_vacuum=INCREMENTAL")
            raw.execute("VACUUM")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class _Work(msgspec.Struct):
    store: Store
    clock: Clock
    until: float | None
    over: bool = False

    def batches(self, rule: Rule) -> Iterator[Sequence[Key]]:
        """Each is gone when it is yielded."""
        while True:
            with self.store.reading() as tx:
                keys = _some(rule.found(tx), MOST)
            for start in range(0, len(keys), BATCH):
                some = keys[start : start + BATCH]
                self._take_turn(functools.partial(self._drop, rule, some))
                yield some
                if self.over:
                    return
            if len(keys) < MOST:
                return

    def _drop(self, rule: Rule, keys: Sequence[Key]) -> None:
        columns = list(rule.table.primary_key.columns)
        mine = sa.and_(*(one == sa.bindparam(f"k{i}") for i, one in enumerate(columns)))
        rows = [{f"k{i}": value for i, value in enumerate(key)} for key in keys]
        with self.store.transaction() as tx:
            if rule.blanks:
                tx.execute(sa.update(rule.table).where(mine).values({rule.blanks: None}), rows)
            else:
                tx.execute(sa.delete(rule.table).where(mine), rows)

    def give_back(self) -> int:
        """Free pages at the end of the file, where the file was made for it. How many."""
        given = 0
        with self.store.reading() as tx:
            pages, free = (_pragma(tx, name) for name in ("page_count", "freelist_count"))
            able = _pragma(tx, "auto_vacuum") == 2
        while able and free - given > pages * MOST_FREE and not self.over:
            self._take_turn(self._shrink)
            given += PAGES
        return given

    def _shrink(self) -> None:
        """It works page by page, and of its ways to run a statement this driver goes on to the end
        in this one alone."""
        with told(self.store.path):
            raw = sqlite3.connect(self.store.path, timeout=30, isolation_level=None)
            with contextlib.closing(raw):
                raw.executescript(f"PRAGMA incremental_vacuum({PAGES})")

    def _take_turn(self, work: Callable[[], None]) -> None:
        began = self.clock.boot()
        work()
        self.clock.sleep(max(REST, self.clock.boot() - began))
        self.over = self.until is not None and self.clock.boot() >= self.until


def _some(found: Iterator[Key] | Sequence[Key], most: int) -> list[Key]:
    keys = []
    for key in found:
        keys.append(key)
        if len(keys) == most:
            break
    return keys


def _pragma(tx: sa.Connection, name: str) -> int:
    return int(tx.exec_driver_sql(f"PRAGMA {name}").scalar() or 0)
