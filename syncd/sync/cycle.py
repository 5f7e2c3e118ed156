"""One cycle of one pair: settle what is in doubt, read the books, write the cards, count.

Every commit carries the outcomes of what was sent before it, what a page showed, the cursor and the
intents of what is sent next. A process killed anywhere leaves a state from which the next cycle
goes on; docs/crash-points.md names the places and tests end the process at each.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

from syncd.domain import Kind
from syncd.errors import (
    AccessError,
    ConfigError,
    IdentityError,
    LeaseLostError,
    ProtocolError,
    RateLimitedError,
    SyncdError,
    TransientError,
)
from syncd.mapping import Inbound
from syncd.port import All, FieldDef, Keys, Page, Request, Scope, Since
from syncd.store import intents, mirror, parts, problems, runs, streams
from syncd.store.ownership import Owner, take
from syncd.store.parts import Part
from syncd.store.runs import PageCount, Tally
from syncd.sync.observe import Reading, observe, remap
from syncd.sync.pair import Pair, Scene, Side
from syncd.sync.recheck import recheck
from syncd.sync.recover import Recovery
from syncd.sync.send import (
    READ_BACK_EVERY,
    READ_BACK_FIRST,
    Answer,
    Job,
    Sender,
    Sending,
    conclude,
    prepare,
)
from syncd.sync.survey import survey
from syncd.sync.want import evaluate, items

Sent = list[tuple[Sending, list[Answer]]]


@dataclass(frozen=True, slots=True)
class Order:
    """What a cycle is asked to do beside reading what changed. `write` False writes to neither
    system. `approved` limits what is sent; `keys` limits what is read; `full` reads everything."""

    command: str
    write: bool
    full: bool = False
    keys: tuple[tuple[Kind, str], ...] | None = None
    approved: Callable[[Part], bool] = lambda _part: True
    recheck: bool = False
    recreate: bool = False


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
        return _Cycle(pair, order, owner).run()
    finally:
        owner.release()


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
        self.counted = _counts(pair)
        for side in _sides(pair):
            side.transport.before_send = self._before_send
        self.sender = Sender(pair, self._read_back)
        self.sent: Sent = []
        self.confirmed: dict[str, int] = {}
        self.page_no = 0

    # -- the cycle ------------------------------------------------------------------------------

    def run(self) -> Report:
        try:
            self._cycle()
        except (SyncdError, KeyboardInterrupt) as error:
            if not isinstance(error, LeaseLostError):
                self._end(failed=error)
            raise
        return self._end()

    def _cycle(self) -> None:
        crm, books = self.pair.crm, self.pair.books
        books_up = self._guarded(books, lambda: self._identify(books))
        crm_up = self._guarded(crm, lambda: self._identify(crm))
        self._remap()
        writing = self.order.write and crm_up and self._target_ready()
        writing = writing and self._guarded(crm, self._recover)
        surveyed = self._surveyed()
        for kind in Kind:
            if books_up and kind in self.pair.reading.inbound:
                pull = functools.partial(self._pull, kind, writing and surveyed)
                books_up = self._guarded(books, pull)
            if writing and surveyed:
                self._drain(kind)
        if crm_up and not surveyed:
            surveyed = self._guarded(crm, self._survey)
        if crm_up and self.order.recheck:
            self._guarded(crm, self._recheck)
        if writing and surveyed:
            self._finish_sending()

    def _finish_sending(self) -> None:
        """What was owed and has its parent now; then what was in doubt, if its time comes soon."""
        self._drain_all()
        while not self.sender.outage and self._in_doubt():
            if not self._guarded(self.pair.crm, self._recover) or self._in_doubt():
                break
            self._drain_all()

    def _drain_all(self) -> None:
        while any([self._drain(kind) for kind in Kind]):
            pass

    @contextmanager
    def _commit(self) -> Iterator[Scene]:
        """The next commit also carries the outcomes of what was sent since the last one."""
        with self.owner.commit() as tx:
            scene = Scene(tx, self.pair, self.streams, self.id, self.owner.epoch)
            conclude(scene, self.sent)
            yield scene
        self.sent = []

    # -- reading --------------------------------------------------------------------------------

    def _pull(self, kind: Kind, writing: bool) -> None:
        inbound = self.pair.reading.inbound[kind]
        source = self.pair.books.connector.facts.sources[kind]
        stream = self.streams[kind]
        with self.pair.store.reading() as tx:
            cursor = streams.read_cursor(tx, stream)
        sweep = self._sweep_is_due(cursor)
        keys = [key for one, key in self.order.keys or () if one is kind]
        if self.order.keys is not None and not keys:
            return
        first_asked = self.owner.asked + 1
        position: str | None = None
        lower = self._lower_bound(cursor)
        started: dt.datetime | None = None
        high: dt.datetime | None = None
        positions: set[str] = set()
        while True:
            asked = self.owner.next_asked()
            scope: Scope = Since(lower, position)
            if keys:
                scope = Keys(keys)
            elif sweep:
                scope = All(position)
            page = self.pair.books.ask(self.pair.books.connector.pull(inbound.read, scope))
            started = started or page.source_time or self.pair.clock.utc()
            high = _highest(page, started, high)
            if page.next is not None and page.next in positions:
                raise ProtocolError(
                    f"the same page of {kind}s came again and again, and the reading was given up; "
                    "nothing was concluded from it"
                )
            last = page.next is None
            reading = Reading(
                kind, inbound, asked, started, self.order.command, source.stamped, sweep
            )
            self.pair.checkpoint("before commit")
            with self._commit() as scene:
                count = observe(scene, reading, page.records)
                self.page_no += 1
                runs.add_page(scene.tx, self.id, stream, self.page_no, count)
                if not keys:
                    self._move_cursor(scene.tx, stream, page, started, high, last, sweep)
                    if last and sweep:
                        self._quarantine(scene, kind, first_asked)
                sendings = prepare(scene, kind, self.order.approved) if writing else []
            self._send(sendings)
            if last:
                return
            positions.add(page.next or "")
            position = page.next

    def _sweep_is_due(self, cursor: streams.Cursor) -> bool:
        if self.order.keys is not None:
            return False
        every = dt.timedelta(seconds=self.pair.numbers.sweep_every)
        return self.order.full or cursor.swept_at is None or cursor.swept_at + every <= self.began

    def _lower_bound(self, cursor: streams.Cursor) -> dt.datetime | None:
        overlap = dt.timedelta(seconds=self.pair.numbers.overlap)
        return cursor.value - overlap if cursor.value else None

    def _move_cursor(
        self,
        tx: sa.Connection,
        stream: int,
        page: Page,
        started: dt.datetime,
        high: dt.datetime | None,
        last: bool,
        sweep: bool,
    ) -> None:
        """The cursor follows each page where they come in order, else only the whole pass."""
        values: dict[str, object] = {}
        current = streams.read_cursor(tx, stream).value
        if high and (last or page.ordered) and (current is None or high > current):
            values["value"] = high
        if last:
            now = self.pair.clock.utc()
            values |= {"complete_at": now, "source_time": started}
            if sweep:
                values["swept_at"] = now
        if values:
            streams.move_cursor(tx, stream, **values)

    def _quarantine(self, scene: Scene, kind: Kind, first_asked: int) -> None:
        """Absence is not deletion: what a complete pass lacks waits for a person's word."""
        gone = mirror.missing_since(scene.tx, self.streams[kind], first_asked)
        if not gone:
            return
        keys = ", ".join(row.key for row in gone[:5]) + (", ..." if len(gone) > 5 else "")
        problem = problems.raise_problem(
            scene.tx,
            pair=self.pair.name,
            cause=f"vanished {kind}",
            owner=problems.ACCOUNTING,
            text=f"A complete read of {self.pair.books.name} no longer has {kind} {keys}. Cards "
            "stay as they are; if they come back this closes itself.",
            run=self.id,
            at=self.pair.clock.utc(),
        )
        mirror.vanish(scene.tx, [row.id for row in gone], problem)

    def _remap(self) -> None:
        """A changed mapping is applied to the mirror, without asking either system."""
        reading, writing = self.pair.reading.version, self.pair.writing.version
        for kind, stream in self.streams.items():
            with self.pair.store.reading() as tx:
                cursor = streams.read_cursor(tx, stream)
            inbound = self.pair.reading.inbound.get(kind)
            if cursor.mapped_by not in (None, reading) and inbound:
                self._each_batch(kind, functools.partial(_remap_batch, kind, inbound))
            if cursor.wanted_by not in (None, writing):
                self._each_batch(kind, functools.partial(_judge_batch, kind))
            if (cursor.mapped_by, cursor.wanted_by) != (reading, writing):
                with self._commit() as scene:
                    streams.move_cursor(scene.tx, stream, mapped_by=reading, wanted_by=writing)
                    parts.wake_failed(scene.tx, stream, None)

    def _each_batch(
        self, kind: Kind, work: Callable[[Scene, Sequence[mirror.Known]], None]
    ) -> None:
        last = 0
        while True:
            with self._commit() as scene:
                batch = mirror.batch(scene.tx, self.streams[kind], last)
                if not batch:
                    return
                work(scene, batch)
                last = batch[-1].id

    # -- writing --------------------------------------------------------------------------------

    def _drain(self, kind: Kind) -> bool:
        """Sends a stream until nothing more of it can go. True if anything was sent."""
        anything = False
        while self.sent or self._sendable(kind):
            with self._commit() as scene:
                stop = self.sender.outage is not None
                sendings = [] if stop else prepare(scene, kind, self.order.approved)
            if not sendings:
                break
            self._send(sendings)
            anything = True
        return anything

    def _sendable(self, kind: Kind) -> bool:
        with self.pair.store.reading() as tx:
            now = self.pair.clock.utc()
            return bool(parts.due(tx, self.streams[kind], now, 1)) and not self.sender.outage

    def _send(self, sendings: Sequence[Sending]) -> None:
        if sendings:
            self.pair.checkpoint("committed")
            self.sent = self.sender.send(sendings)
            self.pair.checkpoint("answered")

    def _before_send(self, _request: Request) -> None:
        self.owner.before_send(self.pair.numbers.request_timeout)

    def _read_back(self, job: Job) -> bool:
        """The first objects of a target under this mapping, then a sample."""
        target = job.write.target
        if target not in self.confirmed:
            with self.pair.store.reading() as tx:
                self.confirmed[target] = intents.applied_under(
                    tx, self.pair.name, self.pair.writing.version, target, READ_BACK_FIRST
                )
        self.confirmed[target] += 1
        return self.confirmed[target] <= READ_BACK_FIRST or job.part.id % READ_BACK_EVERY == 0

    def _in_doubt(self) -> int:
        with self.pair.store.reading() as tx:
            return len(intents.unsettled(tx, self.pair.name))

    def _recover(self) -> None:
        """Settles what is in doubt; waits for what can be settled soon."""
        recovery = Recovery(self.pair, self.owner, self.streams, self.id)
        with self._commit():
            pass
        waited = 0.0
        while recovery.settle_all():
            wait = recovery.wait_left() or 0.0
            waited += wait
            if waited > self.pair.numbers.wait_for_doubt:
                return
            self.pair.clock.sleep(wait)

    def _surveyed(self) -> bool:
        with self.pair.store.reading() as tx:
            return all(
                streams.read_cursor(tx, stream).surveyed_at for stream in self.streams.values()
            )

    def _survey(self) -> None:
        survey(self.pair, self.owner, self.streams, self.id)

    def _recheck(self) -> None:
        for kind, key in self.order.keys or ():
            recheck(self.pair, self.owner, self.streams, self.id, kind, key, self.order.recreate)

    # -- the two systems ------------------------------------------------------------------------

    def _identify(self, side: Side) -> None:
        with self.pair.store.reading() as tx:
            state = streams.connection_state(tx, side.name)
        if state and state.paused_until and state.paused_until > self.pair.clock.utc():
            wait = (state.paused_until - self.pair.clock.utc()).total_seconds()
            raise RateLimitedError(state.reason or "asked to be left alone", wait)
        try:
            identity = side.ask(side.connector.identity())
        except TransientError as error:
            self.report.unreachable = not isinstance(error, RateLimitedError)
            raise
        if state and state.identity and state.identity != identity.id:
            raise IdentityError(
                f"connection {side.name} now reaches {identity.label} ({identity.id}), and was "
                f"bound to {state.label} ({state.identity}); nothing was written. If that is "
                "meant, start with a new pair and state file; else mend the connection's url"
            )
        with self._commit() as scene:
            system = side.connector.facts.system
            streams.bind_connection(scene.tx, side.name, system, identity.id, identity.label)
            now = self.pair.clock.utc()
            problems.close(scene.tx, self.pair.name, f"connection {side.name}", now)

    def _guarded(self, side: Side, work: Callable[[], None]) -> bool:
        """False if this system could not do its part; the reason is noted and the rest goes on."""
        try:
            work()
        except (TransientError, AccessError, ProtocolError) as error:
            self._note_outage(side, error)
            return False
        return True

    def _note_outage(self, side: Side, error: SyncdError) -> None:
        now = self.pair.clock.utc()
        told = error.retry_after if isinstance(error, TransientError) else None
        until = now + dt.timedelta(seconds=told) if told else None
        named = str(error).startswith(side.name)
        self.report.notes.append(str(error) if named else f"{side.name}: {error}")
        self.report.refused |= isinstance(error, AccessError)
        self.report.failed |= not isinstance(error, RateLimitedError)
        with self._commit() as scene:
            streams.pause_connection(scene.tx, side.name, until, str(error))
            if not isinstance(error, RateLimitedError):
                problems.raise_problem(
                    scene.tx,
                    pair=self.pair.name,
                    cause=f"connection {side.name}",
                    owner=problems.SYSADMIN,
                    text=_outage_text(side, error),
                    run=self.id,
                    at=now,
                )

    def _target_ready(self) -> bool:
        """Custom fields must exist before the first write under a mapping; unknown ones are
        dropped by some systems without a word."""
        with self.pair.store.reading() as tx:
            checked = streams.fields_checked(tx, self.pair.crm.name)
        if checked == self.pair.writing.version:
            return True
        missing: list[FieldDef] = []

        def look() -> None:
            setup = self.pair.crm.connector.setup(self.pair.writing.custom_fields, False)
            missing.extend(self.pair.crm.ask(setup))

        if not self._guarded(self.pair.crm, look):
            return False
        if missing:
            names = ", ".join(f"{one.target} {one.path}" for one in missing)
            raise ConfigError(
                f"{self.pair.crm.name} lacks fields that its mapping writes: {names}; nothing was "
                f"written. Create them first: syncd connections setup {self.pair.crm.name}"
            )
        with self._commit() as scene:
            streams.set_fields_checked(scene.tx, self.pair.crm.name, self.pair.writing.version)
        return True

    # -- the end --------------------------------------------------------------------------------

    def _end(self, failed: BaseException | None = None) -> Report:
        report, pair = self.report, self.pair
        if self.sender.outage:
            self._note_outage(pair.crm, self.sender.outage)
        now = pair.clock.utc()
        with self._commit() as scene:
            tx = scene.tx
            for kind, stream in self.streams.items():
                report.pages[kind] = runs.page_totals(tx, self.id, stream)
                report.tallies[kind] = runs.close_tally(tx, self.id, stream, not self.order.write)
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


def _outage_text(side: Side, error: SyncdError) -> str:
    if isinstance(error, AccessError):
        what, end = f"{side.name} refuses syncd: {error}", "Mend the credential or its rights"
    elif isinstance(error, ProtocolError):
        what = f"{side.name} does not answer as its documentation says: {error}"
        end = "Whoever runs it has to look"
    else:
        what = f"{side.name} cannot be used now: {error}"
        end = "Nothing to do if this was planned"
    return f"{what}. What waits for it is not lost. {end}; it goes on by itself."


def _highest(page: Page, started: dt.datetime, high: dt.datetime | None) -> dt.datetime | None:
    """Stamps beyond the source's own clock are typed dates; they are stored and move nothing."""
    stamps = [one.stamp for one in page.records if one.stamp and one.stamp <= started]
    return max([*stamps, *([high] if high else [])], default=None)
