"""The writing half of a cycle: what is due and no guard stops, until nothing more can go."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from syncd.domain import Kind
from syncd.image import UNKNOWN
from syncd.port import Request
from syncd.store import intents, outstanding, problems
from syncd.store.mirror import CHUNK
from syncd.store.parts import Part
from syncd.sync import adopt, guard, matched, misplaced, refresh, remapping, sellers, shared, won
from syncd.sync.course import Phase
from syncd.sync.derive import derive
from syncd.sync.emptied import cause as emptied_cause
from syncd.sync.line import Line, line
from syncd.sync.pair import Scene, Side
from syncd.sync.prepare import prepare
from syncd.sync.pull import Pull
from syncd.sync.reading import Reading
from syncd.sync.recover import Recovery
from syncd.sync.send import READ_BACK_EVERY, READ_BACK_FIRST, Sender
from syncd.sync.sending import Job, Sending
from syncd.sync.want import follow

HEARD_AT_MOST = 3
"""So often in a run what was told is read back; then the next run goes on."""


@dataclass
class Writing(Phase):
    """`stopped` are the kinds that a guard stops; `waits` tells of a part whether it waits because
    the mapping changed; `confirmed` counts requests by target."""

    reading: Reading
    senders: dict[str, Sender] = field(default_factory=dict)
    stopped: frozenset[Kind] = frozenset()
    confirmed: dict[str, int] = field(default_factory=dict)
    waits: Callable[[Part], bool] = lambda _part: False
    compared: bool = True
    """Cards may be made: those that are there are known."""

    def __post_init__(self) -> None:
        for side in self.course.sides:
            side.transport.before_send = functools.partial(self._before_send, side)
            presence = self.course.presence
            self.senders[side.name] = Sender(self.pair, self._read_back, presence)

    def write(self) -> None:
        """Sends what is due, then what becomes due by it; then what was in doubt, if its time
        comes soon."""
        if self._quiet():
            self._hear_both()
            self._follow_won()
            return
        with self.session.commit() as scene:
            if not self.order.consented:
                remapping.review(scene)
            pair = replace(self.pair, within=remapping.others(scene))
            self.compared = matched.compared(scene.tx, pair, self.session.streams)
            self.stopped = guard.stopped(
                msgspec.structs.replace(scene, pair=pair), consented=self.order.consented
            )
        if not self.order.consented:
            self.waits = remapping.waits(self.pair)
        self._look_for_what_was_gone()
        look = functools.partial(misplaced.look, self.session, self._may_go)
        self.course.attempt(self.pair.crm, look)
        self._look_at_both()
        look = functools.partial(sellers.look, self.session, self._may_go)
        self.course.attempt(self.pair.crm, look)
        self.course.progress("writing")
        for kind in self._with_due():
            self._drain(kind, removals=True)
        self.drain_all()
        for side in self.course.sides:
            while not self.senders[side.name].outage and self.course.in_doubt(side):
                settled = self.course.attempt(side, functools.partial(self.recover, side))
                if not settled or self.course.in_doubt(side):
                    break
                self.drain_all()
        self._hear_both()
        self._follow_won()
        if self.order.consented:
            with self.session.commit() as scene:
                guard.close_settled(scene)
                remapping.review(scene)

    def _quiet(self) -> bool:
        """Nothing waits, nobody is asked, and nothing of this run comes later: no guard has
        anything to look at, and no question ends."""
        if self.session.sent or self.order.prove or self.order.consented:
            return False
        with self.pair.store.reading() as tx:
            return not (
                outstanding.any_open(tx, list(self.session.streams.values()))
                or intents.unsettled(tx, self.pair.name)
                or problems.any_open(tx, self.pair.name)
            )

    def _look_for_what_was_gone(self) -> None:
        """Where a system was emptied, sending goes on when its objects are back."""
        for side in self.course.sides:
            with self.pair.store.reading() as tx:
                since = problems.since(tx, self.pair.name, emptied_cause(side))
            look = functools.partial(self.course.presence.look_again, side)
            if since and self.course.attempt(side, look) and not self.course.presence.stops(side):
                with self.session.commit() as scene:
                    now = self.pair.clock.utc()
                    problems.close(scene.tx, self.pair.name, emptied_cause(side), now)

    def _look_at_both(self) -> None:
        """What both sides may change is read once more before it is written."""
        for kind, side in ((Kind.WON, self.pair.crm), (Kind.CUSTOMER, self.pair.books)):
            self._read_again(kind, side, refresh.concerned(self.session, kind, self._may_go))

    def _read_again(self, kind: Kind, side: Side, keys: Sequence[str]) -> bool:
        """Whether the system answered."""
        for start in range(0, len(keys), CHUNK):
            some, command = keys[start : start + CHUNK], self.order.command
            pull = Pull(self.session, kind, command, some, cards=kind is Kind.WON)
            self.course.attempt(side, pull.run)
        return self.course.up[side.name]

    def _hear_both(self) -> None:
        """What was told to one side is read back from it, so that what both agree on is known
        before anybody changes it again. So is what is told because of that; where two systems
        each write it in a way of their own, that would not end."""
        for _ in range(HEARD_AT_MOST):
            told = refresh.told(self.session)
            if not told:
                return
            heard = self._read_again(Kind.WON, self.pair.crm, [one.card for one in told.values()])
            heard &= self._read_again(Kind.CUSTOMER, self.pair.books, list(told))
            if not heard:
                return  # the next run reads them
            with self.session.commit() as scene:
                shared.hear(scene, {key: one.words for key, one in told.items()})
                follow(scene, Kind.CUSTOMER, list(told))
            self.drain_all()

    def _follow_won(self) -> None:
        """A customer that was just made in the books gets its books id onto its card."""
        if self.pair.outbound(Kind.WON) and self._newly_linked():
            self.reading.bind()
            derive(self.session)
            self.drain_all()

    def _newly_linked(self) -> bool:
        with self.pair.store.reading() as tx:
            return bool(adopt.unbound(tx, self.session))

    def drain_all(self) -> None:
        while any([self._drain(kind) for kind in self._with_due()]):
            pass

    def _with_due(self) -> list[Kind]:
        """Parents before children."""
        with self.pair.store.reading() as tx:
            found = outstanding.streams_with_due(tx, self.pair.name, self.pair.clock.utc())
        return [kind for kind in Kind if self.session.streams.get(kind) in found]

    def _drain(self, kind: Kind, *, removals: bool = False) -> bool:
        """Sends a stream until nothing more of it can go. True if anything was sent."""
        anything = False
        side = self._writer(kind)
        with line(self.senders[side.name], side.connector.facts.in_flight) as under_way:
            try:
                while self.session.sent or under_way.last or self._sendable(kind):
                    with self.session.commit() as scene:
                        sendings = self._next(scene, kind, under_way.last, removals)
                    if not sendings and not under_way.last:
                        break
                    self._send(under_way, sendings)
                    anything = True
            except KeyboardInterrupt:
                self.session.sent += under_way.stop()
                raise
        return anything

    def _next(
        self, scene: Scene, kind: Kind, last: Part | None, removals: bool
    ) -> Sequence[Sending]:
        """What goes behind the part that is under way as the last one."""
        if not self._open(kind):
            return []
        return prepare(scene, kind, self._may_go, last, removals=removals)

    def _may_go(self, part: Part) -> bool:
        unknown = not self.compared and matched.makes_card(self.pair, part)
        unknown |= not self.reading.decided and won.makes_customer(part)
        return self.order.approved(part) and not self.waits(part) and not unknown

    def _sendable(self, kind: Kind) -> bool:
        with self.pair.store.reading() as tx:
            now = self.pair.clock.utc()
            return bool(outstanding.due(tx, self.session.streams[kind], now, 1)) and self._open(
                kind
            )

    def _open(self, kind: Kind) -> bool:
        side = self._writer(kind)
        stops = self.senders[side.name].outage or self.course.presence.stops(side)
        return kind not in self.stopped and self.course.up[side.name] and not stops

    def _writer(self, kind: Kind) -> Side:
        return self.pair.books if kind is Kind.WON else self.pair.crm

    def _send(self, under_way: Line, sendings: Sequence[Sending]) -> None:
        if sendings:
            self.pair.checkpoint("committed")
            self.session.owner.bear_witness()
        self.session.sent = under_way.send(sendings)
        if self.session.sent:
            self.pair.checkpoint("answered")

    def _before_send(self, side: Side, request: Request) -> None:
        if meter := self.session.meters.get(side.name):
            meter.before_send(request)
        self.session.owner.before_send(self.pair.numbers.request_timeout)

    def _read_back(self, job: Job) -> bool:
        """The first objects of a target under this mapping, then a sample; and what was found to
        be otherwise, to learn how the target writes what it is sent."""
        target = job.write.target
        if not self.pair.target(target).readable:
            return False
        if job.part.base == UNKNOWN:
            return True
        if target not in self.confirmed:
            with self.pair.store.reading() as tx:
                self.confirmed[target] = intents.applied_under(
                    tx,
                    self.pair.name,
                    self.pair.writing.version,
                    target,
                    READ_BACK_FIRST,
                )
        self.confirmed[target] += 1
        return self.confirmed[target] <= READ_BACK_FIRST or job.part.id % READ_BACK_EVERY == 0

    def recover(self, side: Side) -> None:
        """Settles what is in doubt; waits for what can be settled soon."""
        recovery = Recovery(
            self.pair,
            side,
            self.session.owner,
            self.session.streams,
            self.session.run,
        )
        self.session.flush()
        waited = 0.0
        while recovery.settle_all():
            wait = recovery.wait_left() or 0.0
            waited += wait
            if waited > self.pair.numbers.wait_for_doubt:
                return
            self.pair.clock.sleep(wait)
