"""One cycle of one pair: settle what is in doubt, read, work out the cards, write, count.

Everything is read before anything is written, so that the guards see the whole of it. Every commit
carries the outcomes of what was sent before it and the intents of what is sent next. A process
killed anywhere leaves a state from which the next cycle goes on; docs/crash-points.md names the
places and tests end the process at each.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from syncd.domain import FROM_CRM, Kind
from syncd.errors import LeaseLostError, SyncdError
from syncd.mapping import Inbound
from syncd.mapping.words import IN_BOOKS
from syncd.port import Request
from syncd.store import intents, mirror, parts, problems, runs, streams
from syncd.store.ownership import Owner, take
from syncd.store.parts import Part
from syncd.store.runs import PageCount, Tally
from syncd.sync import adopt, guard, shadow, won
from syncd.sync.clashes import look_again
from syncd.sync.derive import derive
from syncd.sync.emptied import Presence
from syncd.sync.emptied import cause as emptied_cause
from syncd.sync.observe import remap
from syncd.sync.pair import Pair, Scene, Side, WonMode
from syncd.sync.prove import prove
from syncd.sync.pull import Pull, sweep_is_due
from syncd.sync.recheck import recheck
from syncd.sync.recover import Recovery
from syncd.sync.send import READ_BACK_EVERY, READ_BACK_FIRST, Job, Sender, Sending, prepare
from syncd.sync.session import Session
from syncd.sync.settle import UNKNOWN
from syncd.sync.survey import survey
from syncd.sync.systems import Systems
from syncd.sync.want import evaluate, items

REVIEWED = 500
"""Documents looked at again in one commit, because their time of correction is over."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a cycle is asked to do beside reading what changed. `write` False writes to neither
    system. `approved` limits what is sent; `keys` limits what is read; `full` reads everything."""

    command: str
    write: bool
    full: bool = False
    keys: tuple[tuple[Kind, str], ...] | None = None
    approved: Callable[[Part], bool] = lambda _part: True
    consented: bool = False
    """A person saw what is sent: no guard stands in its way."""
    recheck: bool = False
    recreate: bool = False
    prove: bool = False
    """Compares ledger, documents and cards, of the customers among `keys` or of all."""
    won_since: dt.date | None = None
    """Takes deals won since this day, in place of the pair's own."""
    shadow: bool = False
    """Compares, once a day, what people typed on the cards with what would be written."""


@dataclass
class Report:
    """What a cycle did. `notes` are sentences for the operator."""

    run: int
    mode: str
    pages: dict[Kind, PageCount] = field(default_factory=dict)
    tallies: dict[Kind, Tally] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    new_problems: int = 0
    open_problems: int = 0
    overdue_problems: int = 0
    in_doubt: int = 0
    unreachable: bool = False
    refused: bool = False
    """A system does not accept the credential."""
    failed: bool = False
    """A system could not do its part, and not because it was asked too often."""
    reads: int = 0
    writes: int = 0

    @property
    def exit_code(self) -> int:
        if self.unreachable:
            return 75
        return 1 if self.new_problems or self.overdue_problems else 0

    @property
    def open(self) -> int:
        return sum(tally.open for tally in self.tallies.values())


def run(pair: Pair, order: Order) -> Report:
    """Owns the pair for one cycle. BusyError if somebody else does; ConfigError and IdentityError
    before anything is written; everything else that happens is in the report and the problems."""
    owner = take(pair.store, pair.clock, pair.name, pair.numbers.lease, pair.doubt_time)
    try:
        return run_owned(pair, order, owner)
    finally:
        owner.release()


def run_owned(pair: Pair, order: Order, owner: Owner) -> Report:
    """The same, for who owns the pair already; it stays owned."""
    return _Cycle(pair, order, owner).run()


class _Cycle:
    def __init__(self, pair: Pair, order: Order, owner: Owner) -> None:
        self.pair, self.order, self.owner = pair, order, owner
        self.began = pair.clock.utc()
        with owner.commit() as tx:
            self.streams = streams.ensure_pair(
                tx, pair.name, pair.books.name, pair.crm.name, self.began
            )
            state = streams.pair_state(tx, pair.name)
            assert state is not None
            self.id = runs.begin(
                tx,
                pair.name,
                owner.epoch,
                order.command,
                state.mode,
                list(self.streams.values()),
                self.began,
            )
            for stream in self.streams.values():
                parts.wake_failed(tx, stream, self.began)
        self.report = Report(self.id, state.mode)
        self.session = Session(pair, owner, self.streams, self.id)
        self.systems = Systems(self.session)
        self.counted = _counts(pair)
        for side in _sides(pair):
            side.transport.before_send = self._before_send
        self.presence = Presence(pair, self.streams)
        self.senders = {
            side.name: Sender(pair, self._read_back, self.presence) for side in _sides(pair)
        }
        self.confirmed: dict[str, int] = {}
        self.up: dict[str, bool] = {}
        self.stopped: frozenset[Kind] = frozenset()

    def run(self) -> Report:
        try:
            self._cycle()
        except (SyncdError, KeyboardInterrupt) as error:
            if not isinstance(error, LeaseLostError):
                self._end(failed=error)
            raise
        return self._end()

    def _cycle(self) -> None:
        crm, books, systems = self.pair.crm, self.pair.books, self.systems
        self.up = {side.name: systems.reach(side) for side in (books, crm)}
        self._remap()
        writing = self.order.write and self.up[crm.name] and systems.target_ready()
        if writing:
            for side in (crm, books):
                self._try(side, functools.partial(self._recover, side))
        self._read()
        surveyed = self._surveyed()
        if not surveyed and self._read_once():
            surveyed = self._try(crm, self._survey)
        if surveyed:
            self._try(crm, functools.partial(look_again, self.session))
        if self.order.recheck:
            self._try(crm, self._recheck)
        if self.order.shadow and surveyed:
            self._try(crm, functools.partial(shadow.compare, self.session))
        if writing and surveyed:
            self._write()
        if self.order.prove and surveyed:
            customers, presence = self._customers(), self.presence
            self._try(crm, functools.partial(prove, self.session, customers, presence))
            derive(self.session)
            if writing:
                self._drain_all()

    def _try(self, side: Side, work: Callable[[], None]) -> bool:
        """Does this as long as the system answers."""
        if self.up[side.name]:
            self.up[side.name] = self.systems.guarded(side, work)
        return self.up[side.name]

    # -- reading --------------------------------------------------------------------------------

    def _read(self) -> None:
        """Everything, from both sides; then what follows from it, without asking anybody."""
        books, crm = self.pair.books, self.pair.crm
        for kind in IN_BOOKS:
            if self.pair.inbound(kind):
                self._progress(f"reading {kind}s")
                self._try(books, functools.partial(self._pull, kind))
        self._review()
        if self.pair.won.mode is not WonMode.OFF and self.pair.inbound(Kind.WON):
            self._try(crm, self._read_won)
        self._bind()
        derive(self.session)

    def _bind(self) -> None:
        """Linked customers and their cards come together."""
        command = self.order.command
        self._try(self.pair.books, functools.partial(adopt.read_linked, self.session, command))
        self._try(self.pair.crm, functools.partial(adopt.adopt_linked, self.session))

    def _read_won(self) -> None:
        if self.order.keys is not None and self.order.won_since is None:
            return
        with self.pair.store.reading() as tx:
            deals = streams.read_cursor(tx, self.streams[Kind.DEAL])
            customers = streams.read_cursor(tx, self.streams[Kind.CUSTOMER])
        if customers.swept_at is None:
            return  # who is in the books already is not known before they were read completely
        sweep = self.order.full or self._sweep_is_due(deals)
        sweep = sweep or self.order.won_since is not None
        command = self.order.command
        self.systems.notes += won.read_deals(self.session, command, sweep=sweep)
        won.read_cards(self.session, command, self.order.won_since)
        won.decide(self.session)

    def _pull(self, kind: Kind) -> None:
        keys = [key for one, key in self.order.keys or () if one is kind]
        if self.order.keys is not None and not keys:
            return
        with self.pair.store.reading() as tx:
            cursor = streams.read_cursor(tx, self.streams[kind])
        sweep = not keys and (self.order.full or self._sweep_is_due(cursor))
        Pull(self.session, kind, self.order.command, keys, sweep).run()

    def _sweep_is_due(self, cursor: streams.Cursor) -> bool:
        return sweep_is_due(cursor, self.began, self.pair.numbers.sweep_every)

    def _review(self) -> None:
        """Documents that were unposted, and did not come back in time, are void now."""
        for kind in IN_BOOKS:
            inbound = self.pair.inbound(kind)
            while inbound:
                with self.session.commit() as scene:
                    now = self.pair.clock.utc()
                    stream = self.streams[kind]
                    rows = mirror.reviewable(scene.tx, stream, now, REVIEWED)
                    remap(scene, kind, inbound, "correction time over", rows)
                if len(rows) < REVIEWED:
                    break

    def _customers(self) -> list[str] | None:
        if self.order.keys is None:
            return None
        return [key for kind, key in self.order.keys if kind is Kind.CUSTOMER]

    def _remap(self) -> None:
        """A changed mapping is applied to the mirror, without asking either system."""
        for kind, stream in self.streams.items():
            if kind is Kind.CARD:
                continue  # worked out again, not mapped again
            reading, writing = self.pair.mapped_by(kind), self.pair.wanted_by(kind)
            with self.pair.store.reading() as tx:
                cursor = streams.read_cursor(tx, stream)
            inbound = self.pair.inbound(kind)
            if cursor.mapped_by not in (None, reading) and inbound:
                self._each_batch(kind, functools.partial(_remap_batch, kind, inbound))
            if cursor.wanted_by not in (None, writing):
                self._each_batch(kind, functools.partial(_judge_batch, kind))
            if (cursor.mapped_by, cursor.wanted_by) != (reading, writing):
                with self.session.commit() as scene:
                    streams.move_cursor(scene.tx, stream, mapped_by=reading, wanted_by=writing)
                    parts.wake_failed(scene.tx, stream, None)

    def _each_batch(
        self, kind: Kind, work: Callable[[Scene, Sequence[mirror.Known]], None]
    ) -> None:
        last = 0
        while True:
            with self.session.commit() as scene:
                batch = mirror.batch(scene.tx, self.streams[kind], last)
                if not batch:
                    return
                work(scene, batch)
                last = batch[-1].id

    # -- writing --------------------------------------------------------------------------------

    def _write(self) -> None:
        """Sends what is due, then what becomes due by it; then what was in doubt, if its time
        comes soon."""
        with self.session.commit() as scene:
            self.stopped = guard.stopped(scene, consented=self.order.consented)
        self._look_for_what_was_gone()
        self._progress("writing")
        for kind in Kind:
            self._drain(kind, removals=True)
        self._drain_all()
        self._follow_won()
        for side in _sides(self.pair):
            while not self.senders[side.name].outage and self._in_doubt(side):
                settled = self._try(side, functools.partial(self._recover, side))
                if not settled or self._in_doubt(side):
                    break
                self._drain_all()
        if self.order.consented:
            with self.session.commit() as scene:
                guard.close_settled(scene)

    def _look_for_what_was_gone(self) -> None:
        """Where a system was emptied, sending goes on when its objects are back."""
        for side in _sides(self.pair):
            with self.pair.store.reading() as tx:
                since = problems.since(tx, self.pair.name, emptied_cause(side))
            look = functools.partial(self.presence.look_again, side)
            if since and self._try(side, look) and not self.presence.stops(side):
                with self.session.commit() as scene:
                    now = self.pair.clock.utc()
                    problems.close(scene.tx, self.pair.name, emptied_cause(side), now)

    def _follow_won(self) -> None:
        """A customer that was just made in the books gets its books id onto its card."""
        if self.pair.outbound(Kind.WON) and self._newly_linked():
            self._bind()
            derive(self.session)
            self._drain_all()

    def _newly_linked(self) -> bool:
        with self.pair.store.reading() as tx:
            return bool(adopt.unbound(tx, self.session))

    def _drain_all(self) -> None:
        while any([self._drain(kind) for kind in Kind]):
            pass

    def _drain(self, kind: Kind, *, removals: bool = False) -> bool:
        """Sends a stream until nothing more of it can go. True if anything was sent."""
        anything = False
        while self.session.sent or self._sendable(kind):
            with self.session.commit() as scene:
                stop = not self._open(kind)
                sendings = (
                    [] if stop else prepare(scene, kind, self.order.approved, removals=removals)
                )
            if not sendings:
                break
            self._send(kind, sendings)
            anything = True
        return anything

    def _sendable(self, kind: Kind) -> bool:
        with self.pair.store.reading() as tx:
            now = self.pair.clock.utc()
            return bool(parts.due(tx, self.streams[kind], now, 1)) and self._open(kind)

    def _open(self, kind: Kind) -> bool:
        side = self._writer(kind)
        stops = self.senders[side.name].outage or self.presence.stops(side)
        return kind not in self.stopped and self.up[side.name] and not stops

    def _writer(self, kind: Kind) -> Side:
        return self.pair.books if kind is Kind.WON else self.pair.crm

    def _send(self, kind: Kind, sendings: Sequence[Sending]) -> None:
        self.pair.checkpoint("committed")
        self.session.sent = self.senders[self._writer(kind).name].send(sendings)
        self.pair.checkpoint("answered")

    def _before_send(self, _request: Request) -> None:
        self.owner.before_send(self.pair.numbers.request_timeout)

    def _read_back(self, job: Job) -> bool:
        """The first objects of a target under this mapping, then a sample; and what was found to
        be otherwise, to learn how the target writes what it is sent."""
        target = job.write.target
        if job.part.base == UNKNOWN:
            return True
        if target not in self.confirmed:
            with self.pair.store.reading() as tx:
                self.confirmed[target] = intents.applied_under(
                    tx, self.pair.name, self.pair.writing.version, target, READ_BACK_FIRST
                )
        self.confirmed[target] += 1
        return self.confirmed[target] <= READ_BACK_FIRST or job.part.id % READ_BACK_EVERY == 0

    def _in_doubt(self, side: Side) -> int:
        with self.pair.store.reading() as tx:
            found = intents.unsettled(tx, self.pair.name)
        return sum(self.pair.writer(one.target) is side for one in found)

    def _recover(self, side: Side) -> None:
        """Settles what is in doubt; waits for what can be settled soon."""
        recovery = Recovery(self.pair, side, self.owner, self.streams, self.id)
        with self.session.commit():
            pass
        waited = 0.0
        while recovery.settle_all():
            wait = recovery.wait_left() or 0.0
            waited += wait
            if waited > self.pair.numbers.wait_for_doubt:
                return
            self.pair.clock.sleep(wait)

    def _progress(self, what: str) -> None:
        with self.session.commit() as scene:
            runs.note_progress(scene.tx, self.id, what)

    def _read_once(self) -> bool:
        """The books are in the mirror: what the CRM has can be told from what it lacks."""
        with self.pair.store.reading() as tx:
            return all(
                streams.read_cursor(tx, self.streams[kind]).complete_at
                for kind in self.pair.reading.inbound
            )

    def _surveyed(self) -> bool:
        with self.pair.store.reading() as tx:
            return all(
                streams.read_cursor(tx, stream).surveyed_at
                for kind, stream in self.streams.items()
                if kind not in FROM_CRM
            )

    def _survey(self) -> None:
        survey(self.pair, self.owner, self.streams, self.id)

    def _recheck(self) -> None:
        for kind, key in self._asked_for():
            if self.presence.stops(self.pair.crm):
                return
            recheck(
                self.pair,
                self.owner,
                self.streams,
                self.id,
                kind,
                key,
                self.order.recreate,
                self.presence,
            )

    def _asked_for(self) -> Iterator[tuple[Kind, str]]:
        """The records that were named, or all of them."""
        if self.order.keys is not None:
            yield from self.order.keys
            return
        for kind, stream in self.streams.items():
            last = 0
            while True:
                with self.pair.store.reading() as tx:
                    batch = mirror.batch(tx, stream, last)
                if not batch:
                    break
                last = batch[-1].id
                yield from ((kind, row.key) for row in batch)

    # -- the end --------------------------------------------------------------------------------

    def _mapped(self, kind: Kind) -> bool:
        pair = self.pair
        return bool(kind is Kind.CARD or pair.inbound(kind) or pair.outbound(kind))

    def _end(self, failed: BaseException | None = None) -> Report:
        report, pair = self.report, self.pair
        for side in _sides(pair):
            if outage := self.senders[side.name].outage:
                self.systems.note_outage(side, outage)
        report.notes = self.systems.notes
        report.unreachable, report.refused = self.systems.unreachable, self.systems.refused
        report.failed = self.systems.failed
        now = pair.clock.utc()
        waits = not self.order.write or report.mode == streams.PILOT
        with self.session.commit() as scene:
            tx = scene.tx
            for kind, stream in self.streams.items():
                if not self._mapped(kind):
                    continue
                report.pages[kind] = runs.page_totals(tx, self.id, stream)
                report.tallies[kind] = runs.close_tally(tx, self.id, stream, waits)
            for side in _sides(pair):
                self.presence.tell(scene, side)
            problems.close_idle(tx, pair.name, now)
            listed = problems.listed(tx, pair.name)
            age = dt.timedelta(seconds=pair.numbers.problem_age)
            report.new_problems = sum(one.run == self.id for one in listed)
            report.overdue_problems = sum(
                one.opened + age <= now for one in listed if one.run != self.id
            )
            report.open_problems = len(listed)
            report.in_doubt = len(intents.unsettled(tx, pair.name))
            calls, writes = _counts(pair)
            report.writes = writes - self.counted[1]
            report.reads = calls - self.counted[0] - report.writes
            result = runs.PROBLEMS if report.new_problems else runs.OK
            if failed or report.failed:
                result = runs.FAILED_RUN
            note = str(failed) if isinstance(failed, SyncdError) else "; ".join(report.notes)
            runs.end(tx, self.id, result, note or None, report.reads, report.writes, now)
        return report


def _remap_batch(kind: Kind, inbound: Inbound, scene: Scene, batch: Sequence[mirror.Known]) -> None:
    remap(scene, kind, inbound, "mapping", batch)


def _judge_batch(kind: Kind, scene: Scene, batch: Sequence[mirror.Known]) -> None:
    evaluate(scene, kind, items(scene, kind, batch))


def _sides(pair: Pair) -> tuple[Side, Side]:
    return pair.books, pair.crm


def _counts(pair: Pair) -> tuple[int, int]:
    """Requests of both transports so far, and those of them that can change something."""
    both = [side.transport for side in _sides(pair)]
    return sum(one.calls for one in both), sum(one.writes for one in both)
