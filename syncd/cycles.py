"""A cycle of a pair, what has to be done around it, and who owns the pair meanwhile: what `run`
and the daemon need, and no more, so that a run does not wait for what answers questions."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from syncd import notify, orders
from syncd.answers import Answer
from syncd.assembly import Assembly, WhenNeeded
from syncd.errors import NoRoomError
from syncd.health.look import Looked, Watched, look, watched
from syncd.orders import Asking, Desk, Quick
from syncd.store import retention, streams
from syncd.store.engine import Store
from syncd.store.ownership import Owner
from syncd.sync.pair import Pair


def _quick() -> Mapping[str, Quick]:
    from syncd.decisions import QUICK

    return QUICK


def _slow() -> Mapping[str, Callable[[Desk, Asking], Answer]]:
    from syncd.verbs import SLOW

    return SLOW


QUICK, SLOW = WhenNeeded(_quick), WhenNeeded(_slow)
"""The verbs, imported when somebody ordered one."""


@dataclass
class Cycles(Assembly):
    """Who owns a pair, and one cycle of it."""

    def run(self, name: str | None, *, go_live: bool = False, full: bool = False) -> Answer:
        """One cycle, as the mode of the pair has it; `go_live` makes it live first. A paused pair
        does nothing. Then a look at its health: what is wrong is a problem of this run. Whatever
        becomes of it, who has to hear of something then does."""
        try:
            return self._run(name, go_live, full)
        finally:
            self.tell()

    def _run(self, name: str | None, go_live: bool, full: bool) -> Answer:
        with self.owned(name) as desk:
            if sentence := desk.paused():
                self.look(desk.pair)
                return Answer([sentence])
            state = desk.state()
            if go_live and state and state.restored_sign:
                desk.do(Asking("mode", {"mode": streams.LIVE_MODE}, orders.person()))  # refuses
            order = desk.order("run", full=full, scoped=not go_live)
            if go_live:
                order = msgspec.structs.replace(order, write=True, shadow=False)
            report = desk.cycle(order)
            if go_live and desk.mode() != streams.LIVE_MODE and report.worked:
                desk.do(Asking("mode", {"mode": streams.LIVE_MODE}, orders.person()))
                report.mode = streams.LIVE_MODE
            looked = self.look(desk.pair)
            report.new_problems += len(looked.opened)
            report.open_problems += len(looked.opened) - len(looked.closed)
            self.tidy(desk.pair.store)
            return Answer(report=report)

    def tidy(self, store: Store) -> None:
        """Once a day what is old goes, a little at a time."""
        with contextlib.suppress(NoRoomError):  # tomorrow is a day too
            retention.daily(store, self.settings.retention, self.clock)

    def look(self, pair: Pair) -> Looked:
        """One look at the health of a pair, from the store alone."""
        return look(pair.store, self.clock, self.watched(pair))

    def watched(self, pair: Pair) -> Watched:
        one = self.pair_settings(pair.name)
        return watched(pair, one.calendar, one.every)

    def tell(self) -> None:
        """What is due to be told; see `notify`."""
        wanted = self.settings.alerts.ping or self.settings.alerts.hearers
        if wanted and self.settings.state.exists():
            store = self.store()
            try:
                notify.tick(store, self.settings, self.clock)
            finally:
                store.close()

    # -- who owns a pair ------------------------------------------------------------------------

    def _require_secrets(self, name: str | None) -> None:
        pair = self.pair_settings(name)
        self.require_secrets(pair.books, pair.crm)

    @contextmanager
    def owned(self, name: str | None) -> Iterator[Desk]:
        """Whoever comes to own the pair first carries out what was asked meanwhile. BusyError."""
        self._require_secrets(name)
        with self._pair(name) as pair, self._at_work(pair, orders.own(pair)) as desk:
            yield desk

    @contextmanager
    def _at_work(self, pair: Pair, owner: Owner, *, release: bool = True) -> Iterator[Desk]:
        desk = Desk(pair, owner, QUICK, SLOW)
        try:
            desk.serve()
            yield desk
            desk.serve()
        finally:
            if release:
                owner.release()
