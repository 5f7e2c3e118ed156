"""How the memory books keep their rows: versions that become visible by commits.

A late commit delays a row past its own stamp; what a caller writes next always builds on the newest
version, visible or not.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .habits import BooksHabits

Data = dict[str, Any]
OBJECTS = (
    "customers",
    "contacts",
    "orders",
    "invoices",
    "payments",
    "credit_notes",
    "adjustments",
)
KEPT = ("company_currency", "tables", "ledger", "queue", "last", "awaited", "made")
"""What a backup holds."""


@dataclass
class Row:
    data: Data
    stamp: dt.datetime | None


@dataclass
class Commit:
    """`row` None takes the row away; `ledger` are the customers whose open items it moves."""

    at: dt.datetime
    object: str
    id: str
    row: Row | None
    ledger: tuple[str, ...]
    stamp: dt.datetime | None


class Rows:
    def __init__(self, now: Callable[[], dt.datetime], habits: BooksHabits) -> None:
        self.habits = habits
        self.company_currency = "EUR"
        self.tables: dict[str, dict[str, Row]] = {name: {} for name in OBJECTS}
        self.ledger: dict[str, dt.datetime | None] = {}
        """Customer -> when its open items last moved."""
        self.queue: list[Commit] = []
        self.last: dict[str, int] = dict.fromkeys(OBJECTS, 0)
        self.awaited: set[str] = set()
        """Customers that a client made and that have no document yet."""
        self.made: dict[tuple[str, str], dt.datetime] = {}
        """(object, id) -> when a client made it."""
        self._now = now
        self._backups: dict[str, Data] = {}

    def clock(self) -> dt.datetime:
        return self._now() + dt.timedelta(seconds=self.habits.skew)

    def settle(self) -> None:
        """Makes visible what is due by now."""
        now = self._now()
        due = [commit for commit in self.queue if commit.at <= now]
        self.queue = [commit for commit in self.queue if commit.at > now]
        for commit in due:
            if commit.row is None:
                self.tables[commit.object].pop(commit.id, None)
            else:
                self.tables[commit.object][commit.id] = commit.row
            for customer in commit.ledger:
                if commit.row is None and commit.object == "customers":
                    self.ledger.pop(customer, None)
                else:
                    self.ledger[customer] = _newest(self.ledger.get(customer), commit.stamp)

    def touch(self, object: str, key: str) -> None:
        """A new stamp, and nothing else."""
        self._edit(object, key, {})

    def type_stamp(self, object: str, key: str, moment: str) -> None:
        """Gives a row a stamp by hand, like `2999-01-01T00:00:00+00:00`."""
        self.tables[object][key].stamp = dt.datetime.fromisoformat(moment)

    def commit_late(self, seconds: float) -> None:
        """What is written from now on becomes visible `seconds` after its stamp."""
        self.habits.commit_lag = seconds

    def snapshot(self) -> str:
        """Makes a backup; its name."""
        name = f"backup-{len(self._backups) + 1}"
        self._backups[name] = self.savepoint()
        return name

    def restore(self, snapshot: str) -> None:
        """Rows, stamps and the next numbers are as they were, as after a restored backup."""
        if snapshot not in self._backups:
            raise ValueError(f"there is no {snapshot}")
        self.rollback(self._backups[snapshot])

    def savepoint(self) -> Data:
        return {name: copy.deepcopy(getattr(self, name)) for name in KEPT}

    def rollback(self, savepoint: Data) -> None:
        for name in KEPT:
            setattr(self, name, copy.deepcopy(savepoint[name]))

    def newest(self, object: str) -> Iterator[tuple[str, Row]]:
        """The newest version of every row, visible or not."""
        waiting = (commit.id for commit in self.queue if commit.object == object)
        for key in dict.fromkeys([*self.tables[object], *waiting]):
            row = self._latest(object, key)
            if row is not None:
                yield key, row

    def _next(self, object: str) -> str:
        self.last[object] += 1
        return str(self.last[object])

    def _latest(self, object: str, key: str) -> Row | None:
        for commit in reversed(self.queue):
            if (commit.object, commit.id) == (object, key):
                return commit.row
        return self.tables[object].get(key)

    def _existing(self, object: str, key: str) -> Data:
        row = self._latest(object, key)
        if row is None:
            raise ValueError(f"there is no {key} among the {object}")
        return row.data

    def _edit(
        self,
        object: str,
        key: str,
        changes: Data,
        *,
        ledger: tuple[str, ...] = (),
        moves: bool = True,
    ) -> None:
        self._write(object, key, {**self._existing(object, key), **changes}, ledger, moves)

    def _write(
        self,
        object: str,
        key: str,
        data: Data | None,
        ledger: tuple[str, ...] = (),
        moves: bool = True,
    ) -> None:
        """`moves` False leaves every stamp alone."""
        old = self._latest(object, key)
        stamp = self._stamp() if moves or old is None else old.stamp
        at = self._now() + dt.timedelta(seconds=self.habits.commit_lag)
        # A later write of the same row waits for the earlier one, as a row lock would make it.
        at = max([at, *(c.at for c in self.queue if (c.object, c.id) == (object, key))])
        row = None if data is None else Row(data, stamp)
        self.queue.append(Commit(at, object, key, row, ledger if moves else (), stamp))
        self.settle()
        if data is not None and data.get("state") == "posted":
            self._into_scope(data["customer"])

    def _into_scope(self, customer: str) -> None:
        if customer in self.awaited:
            self.awaited.discard(customer)
            self._edit("customers", customer, {"in_scope": True}, ledger=(customer,))

    def _stamp(self) -> dt.datetime | None:
        if self.habits.granularity == "none":
            return None
        exact = self.clock()
        return exact.replace(microsecond=0) if self.habits.granularity == "second" else exact


def _newest(one: dt.datetime | None, other: dt.datetime | None) -> dt.datetime | None:
    return max((stamp for stamp in (one, other) if stamp is not None), default=None)
