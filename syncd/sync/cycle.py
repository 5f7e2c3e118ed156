"""One cycle of one pair: settle what is in doubt, read, work out the cards, write, count.

Everything is read before anything is written, so that the guards see the whole of it. Every commit
carries the outcomes of what was sent before it and the intents of what is sent next. A process
killed anywhere leaves a state from which the next cycle goes on; docs/crash-points.md names the
places and tests end the process at each.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator

import msgspec
import sqlalchemy as sa

from syncd.domain import FROM_CRM, Kind
from syncd.errors import LeaseLostError, SyncdError
from syncd.store import intents, mirror, outstanding, parts, problems, runs, streams
from syncd.store.ownership import Owner, take
from syncd.store.streams import PairState
from syncd.sync import consent, marked, names, returned, second_writer, shadow
from syncd.sync.clashes import look_again
from syncd.sync.course import Course
from syncd.sync.derive import derive
from syncd.sync.doubts import doubts
from syncd.sync.emptied import Presence
from syncd.sync.matched import match_cards
from syncd.sync.order import Order, Report
from syncd.sync.pair import Pair, Scene, Side
from syncd.sync.prove import prove
from syncd.sync.reading import Reading, reads_first
from syncd.sync.recheck import Recheck
from syncd.sync.session import Session
from syncd.sync.survey import survey
from syncd.sync.systems import Systems
from syncd.sync.writing import Writing
from syncd.telemetry import Log

_log = Log(__name__)


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
            self.id = runs.begin(
                tx,
                pair.name,
                owner.epoch,
                order.command,
                _state(tx, pair).mode,
                list(self.streams.values()),
                self.began,
                reads_first(pair),
            )
            outstanding.wake_failed(tx, list(self.streams.values()), self.began)
            if owner.returned and owner.returned.sign is None:
                streams.set_restored(tx, pair.name, None, self.began)
            if owner.unwatched:
                self._look_anew(tx)
            state = _state(tx, pair)
            returned.tell(Scene(tx, pair, self.streams, self.id, owner.epoch), state)
            owner.returned, owner.unwatched = None, False
            self._first = not parts.sent_any(tx, list(self.streams.values()))
        owner.bear_witness()
        lost = state.restored is not None and state.looked_back is None and order.keys is None
        if lost:
            self.order = order = msgspec.structs.replace(order, full=True)
        self.report = Report(self.id, state.mode)
        self.session = Session(pair, owner, self.streams, self.id, lost=lost)
        self.systems = Systems(self.session)
        self.counted = _counts(pair)
        self.presence = Presence(pair, self.streams)
        self.course = Course(
            self.session, order, self.systems, self.presence, self.began, told=pair.clock.boot()
        )
        self.reading = Reading(self.course)
        self.writing = Writing(self.course, self.reading)

    def run(self) -> Report:
        _log.info("run begins", **self._named)
        try:
            self._cycle()
        except (SyncdError, KeyboardInterrupt) as error:
            if not isinstance(error, LeaseLostError):
                self._end(failed=error)
            raise
        return self._end()

    @property
    def _named(self) -> dict[str, object]:
        """What every event of this run says."""
        command, mode = self.order.command, self.report.mode
        return {"pair": self.pair.name, "run": self.id, "command": command, "mode": mode}

    def _cycle(self) -> None:
        crm, books, systems = self.pair.crm, self.pair.books, self.systems
        course, attempt = self.course, self.course.attempt
        if self.order.offline:
            self._offline()
            return
        course.up = {side.name: systems.reach(side) for side in (books, crm)}
        for side in (books, crm):
            attempt(side, functools.partial(self._names_known, side))
        self.reading.remap()
        room = systems.room()
        writing = self.order.write and room and course.up[crm.name] and systems.target_ready()
        if writing or self.session.lost:
            for side in (crm, books):
                attempt(side, functools.partial(self.writing.recover, side))
        self.reading.read()
        if not self.session.lost:
            touched = functools.partial(second_writer.look, self.session, self.session.touched)
            attempt(crm, touched)
        before = surveyed = self._surveyed() and not self.session.lost
        if not surveyed and self._read_once():
            surveyed = attempt(crm, self._survey)
        if surveyed:
            attempt(crm, functools.partial(look_again, self.session))
        if surveyed and not self.session.lost and match_cards(self.session, again=self._anew()):
            self.pair.checkpoint("linked")
            self.reading.bind()
            derive(self.session)
        if surveyed and not self.session.lost:
            attempt(crm, functools.partial(marked.look, self.session, listed=not before))
        if self.session.lost and surveyed and all(course.up.values()):
            self.reading.bind()
            derive(self.session)
            look_back = functools.partial(returned.look_back, self.session, self._check(lost=True))
            attempt(crm, look_back)
        if self.order.recheck:
            attempt(crm, self._recheck)
        if self.order.shadow and surveyed:
            attempt(crm, functools.partial(shadow.compare, self.session))
        if writing and surveyed:
            self.writing.write()
        if self.order.prove and surveyed:
            customers, presence = self._customers(), self.presence
            attempt(crm, functools.partial(prove, self.session, customers, presence))
            derive(self.session)
            if writing:
                self.writing.drain_all()

    def _names_known(self, side: Side) -> None:
        """Under a new mapping, what it reads is compared with what the system says it has."""
        with self.pair.store.reading() as tx:
            scene = Scene(tx, self.pair, self.streams, self.id)
            new = names.is_new(scene, side)
            if side is self.pair.crm:
                names.refuse_other_cards(scene)
        if new:
            names.refuse_unknown(self.pair, side, self.pair.clock.utc)

    def _offline(self) -> None:
        """What follows from a changed mapping, without asking either system."""
        self.course.up = {side.name: False for side in self.course.sides}
        self.reading.remap()
        derive(self.session)
        for kind in sorted(self.reading.unread):
            self.systems.notes.append(
                f"{kind}s read a path that the mirror does not hold: they are as before here, and "
                "are mapped again when they are read, by the next run or by syncd plan"
            )

    def _customers(self) -> list[str] | None:
        if self.order.keys is None:
            return None
        return [key for kind, key in self.order.keys if kind is Kind.CUSTOMER]

    def _read_once(self) -> bool:
        """The books are in the mirror: what the CRM has can be told from what it lacks."""
        with self.pair.store.reading() as tx:
            wanted = [self.streams[kind] for kind in self.pair.reading.inbound]
            return all(one.complete_at for one in streams.cursors(tx, wanted).values())

    def _surveyed(self) -> bool:
        with self.pair.store.reading() as tx:
            wanted = [one for kind, one in self.streams.items() if kind not in FROM_CRM]
            return all(one.surveyed_at for one in streams.cursors(tx, wanted).values())

    def _look_anew(self, tx: sa.Connection) -> None:
        """Nothing is written before the CRM's side is listed again."""
        for kind, stream in self.streams.items():
            if kind not in FROM_CRM:
                streams.move_cursor(tx, stream, surveyed_at=None)

    def _anew(self) -> bool:
        """Whether this run read all cards."""
        with self.pair.store.reading() as tx:
            cursor = streams.read_cursor(tx, self.streams[Kind.WON])
        return cursor.swept_at is not None and cursor.swept_at >= self.began

    def _survey(self) -> None:
        unknown = survey(self.pair, self.owner, self.streams, self.id)
        if not self.session.lost and returned.note(self.session, unknown, first=self._first):
            self.report.mode = streams.PLAN

    def _check(self, *, lost: bool = False) -> Recheck:
        return Recheck(self.session, self.presence, self.order.recreate, lost)

    def _recheck(self) -> None:
        check = self._check()
        for kind, key in self._asked_for():
            if self.presence.stops(self.pair.crm):
                return
            check.look(kind, key)

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
        for side in self.course.sides:
            if outage := self.writing.senders[side.name].outage:
                self.systems.note_outage(side, outage)
        report.notes = self.systems.notes
        report.unreachable, report.refused = self.systems.unreachable, self.systems.refused
        report.failed = self.systems.failed
        now = pair.clock.utc()
        waits = not self.order.write or report.mode == streams.PILOT
        with self.session.commit() as scene:
            tx = scene.tx
            mapped = {kind: one for kind, one in self.streams.items() if self._mapped(kind)}
            pages = runs.pages_by_stream(tx, self.id)
            stopped = consent.waiting(tx, pair.name, self.streams)
            tallies = runs.close_tallies(tx, self.id, list(mapped.values()), waits, stopped)
            for kind, stream in mapped.items():
                report.pages[kind] = pages.get(stream, runs.PageCount())
                report.tallies[kind] = tallies[stream]
            for side in self.course.sides:
                self.presence.tell(scene, side)
            report.in_doubt = len(intents.unsettled(tx, pair.name))
            second_writer.tell(scene)
            returned.end(
                scene,
                wrote=self.order.write and not failed,
                open_parts=report.open + report.in_doubt,
            )
            problems.close_idle(tx, pair.name, now)
            if pair.reading.owed_in is not None:
                report.doubts = doubts(tx, self.streams)
            listed = problems.listed(tx, pair.name)
            age = dt.timedelta(seconds=pair.numbers.problem_age)
            report.new_problems = sum(one.run == self.id for one in listed)
            report.overdue_problems = sum(
                one.opened + age <= now for one in listed if one.run != self.id
            )
            report.open_problems = len(listed)
            calls, writes = _counts(pair)
            report.writes = writes - self.counted[1]
            report.reads = calls - self.counted[0] - report.writes
            result = runs.PROBLEMS if report.new_problems else runs.OK
            if failed or report.failed:
                result = runs.FAILED_RUN
            if isinstance(failed, KeyboardInterrupt):
                result = runs.STOPPED
            note = str(failed) if isinstance(failed, SyncdError) else "; ".join(report.notes)
            runs.end(tx, self.id, result, note or None, report.reads, report.writes, now)
        _log.info(
            "run ends",
            **self._named,
            result=result,
            error=type(failed).__name__ if failed else None,
            read=sum(page.read for page in report.pages.values()),
            applied=sum(tally.applied for tally in report.tallies.values()),
            waiting=sum(tally.open for tally in report.tallies.values()),
            new_problems=report.new_problems,
            open_problems=report.open_problems,
            in_doubt=report.in_doubt,
            reads=report.reads,
            writes=report.writes,
            ms=round((now - self.began).total_seconds() * 1000),
        )
        return report


def _state(tx: sa.Connection, pair: Pair) -> PairState:
    state = streams.pair_state(tx, pair.name)
    assert state is not None
    return state


def _counts(pair: Pair) -> tuple[int, int]:
    """Requests of both transports so far, and those of them that can change something."""
    both = [side.transport for side in (pair.books, pair.crm)]
    return sum(one.calls for one in both), sum(one.writes for one in both)
