"""What the command line, and later the daemon, does with a configuration and its pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from syncd import notify, orders
from syncd.answers import Answer
from syncd.assembly import named
from syncd.clock import Clock
from syncd.cycles import QUICK, SLOW, Cycles
from syncd.errors import (
    AccessError,
    BusyError,
    ConfigError,
)
from syncd.orders import Asking
from syncd.port import FieldDef, Identity
from syncd.questions import Questions
from syncd.settings import Settings
from syncd.setup.fields import FieldState, lacking, unseen
from syncd.store import requests, streams
from syncd.store.ownership import Owner
from syncd.sync import scope
from syncd.sync.customers import resolve
from syncd.sync.pair import Pair, Scene
from syncd.sync.plan import Plan


@dataclass
class App(Questions, Cycles):
    """Everything one command needs. Systems are reached when first asked."""

    # -- systems --------------------------------------------------------------------------------

    def test(self, name: str) -> Identity:
        """One login and one call. AccessError, UnavailableError and the like say what is wrong."""
        with self._side(self.connection_settings(name)) as side, named(name):
            try:
                return side.ask(side.connector.identity())
            except AccessError as error:
                raise AccessError(f"{error}. {self.set_where(name)}") from None

    def set_up_fields(self, name: str, *, write: bool) -> list[FieldState]:
        """Custom fields that mappings write and this connection lacks, with `write` made first; and
        those of which nothing can be told."""
        wanted, by_hand = dict[FieldDef, None](), dict[FieldState, None]()
        targets = self.facts(name).targets
        for pair in self.settings.pairs.values():
            if pair.crm.name == name:
                writing = self._writing(pair)
                wanted |= dict.fromkeys(writing.custom_fields)
                by_hand |= dict.fromkeys(unseen(writing, targets))
        with self._side(self.connection_settings(name)) as side, named(name):
            fields = list(side.ask(side.connector.setup(list(wanted), write)))
        if (fields or by_hand) and write and self.settings.state.exists():
            self._check_fields_again(name)
        return [*(lacking(one, targets[one.target], write=write) for one in fields), *by_hand]

    def _check_fields_again(self, name: str) -> None:
        """The next run looks anew, and tries again what was refused for want of a field."""
        store = self.store()
        try:
            with store.transaction() as tx:
                streams.set_fields_checked(tx, name, None)
        finally:
            store.close()

    # -- orders ---------------------------------------------------------------------------------

    def plan(self, name: str | None) -> Plan:
        """What would be written, kept for approval; drawn by who owns the pair."""
        drawn = self.order(name, "plan", {}).drawn
        assert drawn is not None
        return drawn

    def order(
        self,
        name: str | None,
        verb: str,
        args: Mapping[str, Any],
        *,
        why: str | None = None,
        wait: bool = True,
        tell: Callable[[str], None] = lambda _progress: None,
    ) -> Answer:
        """Carries this out, or asks who owns the pair to. `tell` hears what it waits for; without
        `wait` the answer only says that it was asked. KeyboardInterrupt leaves it asked."""
        with self._pair(name) as pair:
            asking = Asking(verb, _by_key(pair, args), orders.person(), why)
            try:
                owner = orders.own(pair)
            except BusyError:
                return self._ask(pair, asking, wait, tell)
            with self._at_work(pair, owner) as desk:
                if verb in SLOW and not args.get("offline"):
                    self._require_secrets(name)
                return desk.do(asking)

    def rehearse(
        self, name: str | None, verb: str, args: Mapping[str, Any], *, why: str | None = None
    ) -> Answer:
        """What a quick verb would say; nothing of it stays, and nobody has to own the pair."""
        with self._pair(name) as pair, pair.store.transaction() as tx:
            ids = streams.stream_ids(tx, pair.name)
            asking = Asking(verb, _by_key(pair, args), orders.person(), why)
            nothing = tx.begin_nested()
            try:
                return QUICK[verb](Scene(tx, pair, ids, 0), asking)
            finally:
                nothing.rollback()

    def _ask(self, pair: Pair, asking: Asking, wait: bool, tell: Callable[[str], None]) -> Answer:
        with pair.store.transaction() as tx:
            one = orders.append(tx, pair, asking)
            going = requests.going(tx, pair.name)
            told = orders.progress(requests.one(tx, one), going)
        if not wait:
            return Answer([f"{told}; what became of it: syncd log --requests"])

        def serve(owner: Owner) -> None:
            with self._at_work(pair, owner, release=False):
                pass

        return orders.await_answer(pair, one, tell, serve)

    # -- messages -------------------------------------------------------------------------------

    def test_alerts(self, owner: str | None, *, dry_run: bool) -> list[notify.Tested]:
        """ConfigError where nobody is to be told, or a secret is missing or wrong."""
        self._hearing(owner)
        return notify.test(self.settings, owner, send=None if dry_run else notify.send)

    def preview_alerts(self, owner: str | None) -> list[notify.Previewed]:
        self._hearing(owner)
        with self._reading_store() as tx:
            return notify.preview(tx, self.settings, owner, self.clock.utc())

    def _hearing(self, owner: str | None) -> None:
        hearers = self.settings.alerts.hearers
        if not hearers or (owner and owner not in hearers):
            who = f"alerts.{owner}" if owner else "alerts"
            file = self.settings.file
            raise ConfigError(f"{file} has no {who}, so nobody is told; see docs/alerts.md")
        notify.ready(self.settings)


def build(settings: Settings, clock: Clock) -> App:
    return App(settings, clock)


def _by_key(pair: Pair, args: Mapping[str, Any]) -> dict[str, Any]:
    """What is ordered is kept: customers are in it by key, not as they were typed."""
    found = dict(args)
    if args.get("customer") is not None:
        with pair.store.reading() as tx:
            found["customer"] = resolve(tx, pair.name, pair.crm.name, args["customer"])
    if args.get("scope"):
        found["scope"] = msgspec.structs.asdict(scope.parse(pair, args["scope"]))
    return found
