"""Once a minute, and at the end of a run: whoever has to hear something hears it.

Each way out is tried by itself, within a bounded time, and later again if it fails: a mail server
that is down costs a cycle seconds at most, and nobody hears anything twice because of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

import msgspec
import sqlalchemy as sa

from syncd.clock import Clock
from syncd.notify import alerts, daily, ping, post, say
from syncd.notify.post import Message, Send, Target, targets
from syncd.settings import Settings
from syncd.settings.alerts import OWNERS, PING, Hearer
from syncd.settings.sections import ALERTS
from syncd.store import outlets, problems
from syncd.store.engine import Store
from syncd.store.outlets import Outlet, Told
from syncd.store.problems import SYSADMIN
from syncd.telemetry import Log

PATIENCE = 10.0
"""Seconds one message may take."""
BUDGET = 20.0
"""Seconds one tick may take; what is left over goes with the next."""
FIRST_WAIT = dt.timedelta(minutes=1)
LONGEST_WAIT = dt.timedelta(hours=1)
"""Before an outlet is tried again: twice as long each time."""

_log = Log(__name__)


class Outgoing(msgspec.Struct, frozen=True):
    """One attempt: how to send it within so many seconds, and what is true when it got through."""

    outlet: Outlet
    channel: str
    send: Callable[[float], str | None]
    facts: Sequence[Told] = ()
    mark: str | None = None
    target: str | None = None


class Previewed(msgspec.Struct, frozen=True):
    """What an owner would be told now; None: nothing."""

    owner: str
    channels: Sequence[str]
    at_once: Message | None
    daily: Message | None


class Tested(msgspec.Struct, frozen=True):
    target: str
    channel: str
    message: Message
    error: str | None


def tick(store: Store, settings: Settings, clock: Clock, *, send: Send = post.send) -> None:
    """Tells what is due. What goes wrong at a target is a problem and a log line, no error."""
    round_ = _Round(store, settings, clock, send)
    ends = clock.boot() + BUDGET
    for one in round_.due():
        left = ends - clock.boot()
        if left > 0:
            round_.attempt(one, min(left, PATIENCE))


def test(settings: Settings, owner: str | None, *, send: Send | None) -> list[Tested]:
    """One test message to each target of an owner, or of all; without `send` none leaves."""
    return [
        one
        for hearer in _hearers(settings, owner)
        for one in test_targets(hearer, targets(settings, hearer), send=send)
    ]


def test_targets(
    hearer: Hearer, found: Sequence[Target], *, send: Send | None = post.send
) -> list[Tested]:
    """One test message to each of these."""
    message = _test_message(hearer)
    return [
        Tested(one.name, one.channel, message, send(one, message, PATIENCE) if send else None)
        for one in found
    ]


def preview(
    tx: sa.Connection, settings: Settings, owner: str | None, now: dt.datetime
) -> list[Previewed]:
    """What would be told now, whatever was told already today."""
    pairs, age = list(settings.pairs), dt.timedelta(seconds=settings.numbers.problem_age)
    found = []
    for hearer in _hearers(settings, owner):
        theirs, nowhere = _owners(settings, hearer), Outlet("preview")
        news = alerts.news(tx, nowhere.name, pairs, theirs, now, age)
        at_once = alerts.message(tx, hearer, news, len(pairs)) if news.rows else None
        mail = daily.message(tx, hearer, nowhere, pairs, theirs, now)
        channels = [target.channel for target in targets(settings, hearer)]
        found.append(
            Previewed(
                hearer.owner,
                channels,
                at_once if hearer.at_once else None,
                mail if hearer.mail_at else None,
            )
        )
    return found


def _hearers(settings: Settings, owner: str | None) -> list[Hearer]:
    return [h for h in settings.alerts.hearers.values() if owner in (None, h.owner)]


def _owners(settings: Settings, hearer: Hearer) -> list[str]:
    """Whose problems somebody hears of: the administrator also of those that nobody else does."""
    nobody = [owner for owner in OWNERS if owner not in settings.alerts.hearers]
    return [hearer.owner, *(nobody if hearer.owner == SYSADMIN else ())]


def _test_message(hearer: Hearer) -> Message:
    name = say.owner(hearer.language, hearer.owner)
    body = say.frame(hearer.language, "test_body", owner=name)
    return Message(say.frame(hearer.language, "test"), body)


class _Round:
    def __init__(self, store: Store, settings: Settings, clock: Clock, send: Send) -> None:
        self.store, self.settings, self.clock, self.send = store, settings, clock, send
        self.pairs = list(settings.pairs)
        self.age = dt.timedelta(seconds=settings.numbers.problem_age)

    # -- what is due ----------------------------------------------------------------------------

    def due(self) -> Iterator[Outgoing]:
        """Each is worked out when the ones before it were tried."""
        for hearer in self.settings.alerts.hearers.values():
            for target in targets(self.settings, hearer):
                work = [self._alert] if hearer.at_once else []
                for found in (*work, self._mail):
                    if one := found(hearer, target):
                        yield one
        if beat := self._beat():
            yield beat

    def _alert(self, hearer: Hearer, target: Target) -> Outgoing | None:
        owners, now = _owners(self.settings, hearer), self.clock.utc()
        with self.store.reading() as tx:
            seen = outlets.read(tx, target.name)
            if outlets.waits(seen, now, LONGEST_WAIT):
                return None
            news = alerts.news(tx, target.name, self.pairs, owners, now, self.age)
            message = alerts.message(tx, hearer, news, len(self.pairs)) if news.rows else None
        if news.quiet:
            with self.store.transaction() as tx:
                outlets.note(tx, target.name, news.quiet)
        return self._outgoing(seen, target, message, news.facts) if message else None

    def _mail(self, hearer: Hearer, target: Target) -> Outgoing | None:
        owners, now = _owners(self.settings, hearer), self.clock.utc()
        with self.store.reading() as tx:
            seen = outlets.read(tx, f"{target.name} daily")
            today = daily.due(hearer, seen, now)
            if today is None or outlets.waits(seen, now, LONGEST_WAIT):
                return None
            message = daily.message(tx, hearer, seen, self.pairs, owners, now)
        if message is None:
            with self.store.transaction() as tx:
                outlets.done(tx, seen.name, today)
            return None
        return self._outgoing(seen, target, message, mark=today)

    def _outgoing(
        self,
        seen: Outlet,
        target: Target,
        message: Message,
        facts: Sequence[Told] = (),
        mark: str | None = None,
    ) -> Outgoing:
        def send(seconds: float) -> str | None:
            return self.send(target, message, seconds)

        return Outgoing(seen, target.channel, send, facts, mark, target.name)

    def _beat(self) -> Outgoing | None:
        wanted, url = self.settings.alerts.ping, self.settings.secret(ALERTS, PING)
        if wanted is None or not url:
            return None
        with self.store.reading() as tx:
            seen, now = outlets.read(tx, PING), self.clock.utc()
            beat = ping.due(tx, wanted, seen, self.pairs, now)
        if beat is None or outlets.waits(seen, now, LONGEST_WAIT):
            return None
        return Outgoing(seen, PING, lambda seconds: ping.send(url, beat, seconds), (), beat.runs)

    # -- one attempt ----------------------------------------------------------------------------

    def attempt(self, one: Outgoing, seconds: float) -> None:
        """Written down before it is made, so that a second process, or the next one after a crash,
        does not make it at once again."""
        now = self.clock.utc()
        wait = min(FIRST_WAIT * 2 ** min(one.outlet.tries, 10), LONGEST_WAIT)
        with self.store.transaction() as tx:
            if not outlets.begin(tx, one.outlet, now, now + wait, LONGEST_WAIT):
                return
        error = one.send(seconds)
        named = {"target": one.outlet.name, "channel": one.channel}
        if error is None:
            _log.info("told", **named)
        else:
            _log.warning("not told", **named, error=error, until=(now + wait).isoformat())
        with self.store.transaction() as tx:
            if error is None:
                outlets.succeed(tx, one.outlet.name, now, one.mark, one.facts)
            if one.target:
                self._note(tx, one.target, error)

    def _note(self, tx: sa.Connection, target: str, error: str | None) -> None:
        """A target that cannot be reached is a problem like others."""
        cause, now = f"alerts {target}", self.clock.utc()
        if error is None:
            for pair in self.pairs:
                problems.close(tx, pair, cause, now)
            return
        problems.raise_problem(
            tx,
            pair=self.pairs[0],
            cause=cause,
            owner=SYSADMIN,
            text=f"Messages to {target} do not get through: {error}. They are tried again by "
            "themselves, at the latest every hour; test with syncd alerts test.",
            run=0,
            at=now,
        )
