"""Orders of people: carried out at once by whoever owns the pair, else asked of its owner.

Every verb is one function, whoever asked and however. QUICK ones change the store alone and are
done inside one commit, of a running cycle too. SLOW ones talk to the systems, each as a run of its
own, after the owner's. What was asked and what became of it stays in the table `request`.
"""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import msgspec

from syncd import answers
from syncd.answers import Answer
from syncd.errors import BusyError, LeaseLostError, SyncdError, TransientError, UsageError
from syncd.image import encode
from syncd.store import requests, streams
from syncd.store.ownership import Owner, take
from syncd.store.parts import Part
from syncd.store.requests import Asked
from syncd.store.streams import LIVE_MODE, PILOT, SHADOW, PairState
from syncd.sync import scope
from syncd.sync.cycle import run_owned
from syncd.sync.order import Order, Report
from syncd.sync.pair import Pair, Scene

WRITES = (LIVE_MODE, PILOT)
"""Modes in which a run writes."""

LOOK_EVERY = 0.2
"""Seconds between two looks at whether a request was answered."""

Args = Mapping[str, Any]


class Asking(msgspec.Struct, frozen=True):
    """A verb with its arguments, by whom and why."""

    verb: str
    args: Args
    who: str
    why: str | None = None


Quick = Callable[[Scene, Asking], Answer]


class Desk(msgspec.Struct):
    """The owner of a pair at work. `halted`: somebody paused the pair, or changed its mode, and
    nothing more of this run is sent."""

    pair: Pair
    owner: Owner
    quick: Mapping[str, Quick]
    slow: Mapping[str, Callable[[Desk, Asking], Answer]]
    halted: bool = False

    def __post_init__(self) -> None:
        self.pair = replace(self.pair, between=self.notice)

    # -- requests -------------------------------------------------------------------------------

    def notice(self, scene: Scene) -> None:
        """In a commit of a run: what is quick is done, the rest is told that it was seen."""
        for one in requests.waiting(scene.tx, scene.pair.name):
            if one.verb in self.quick:
                self._answer_quick(scene, one)
            elif one.taken is None:
                requests.take(scene.tx, one.id, scene.run, scene.pair.clock.utc())

    def serve(self) -> None:
        """Carries out what waits, until nothing does."""
        while True:
            with self.pair.store.reading() as tx:
                waiting = requests.waiting(tx, self.pair.name)
            if not waiting:
                return
            self._carry_out(waiting[0])

    def do(self, asking: Asking) -> Answer:
        """At once, and written down: the pair is ours."""
        if asking.verb in self.quick:
            with self.scene() as scene:
                answer = self._quickly(scene, asking)
                self._write_down(scene, asking, answer)
            return answer
        answer = self.slow[asking.verb](self, asking)
        with self.scene() as scene:
            self._write_down(scene, asking, answer)
        return answer

    def _carry_out(self, one: Asked) -> None:
        now = self.pair.clock.utc
        if one.verb in self.quick:
            with self.scene() as scene:
                self._answer_quick(scene, one)
            return
        with self.owner.commit() as tx:
            requests.take(tx, one.id, None, now())
        try:
            work = self.slow.get(one.verb, _unknown)
            answer = work(self, _asking(one))
        except LeaseLostError:
            raise  # the next owner carries it out
        except SyncdError as error:
            answer = answers.failed(error)
        except Exception as error:
            # A defect ends this process; it may not end every owner after it too.
            self._finish(one, answers.failed(_defect(one, error)))
            raise
        self._finish(one, answer)

    def _finish(self, one: Asked, answer: Answer) -> None:
        run = answer.report.run if answer.report else None
        stored = answers.dump(answer)
        with self.owner.commit() as tx:
            now = self.pair.clock.utc()
            requests.finish(tx, one.id, run, answer.exit_code, stored, now)

    def _answer_quick(self, scene: Scene, one: Asked) -> None:
        """Whatever goes wrong with it, the run it came into goes on."""
        try:
            with scene.tx.begin_nested():
                answer = self._quickly(scene, _asking(one))
        except SyncdError as error:
            answer = answers.failed(error)
        except Exception as error:
            answer = answers.failed(_defect(one, error))
        now, stored = scene.pair.clock.utc(), answers.dump(answer)
        requests.finish(scene.tx, one.id, scene.run or None, answer.exit_code, stored, now)

    def _quickly(self, scene: Scene, asking: Asking) -> Answer:
        before = streams.pair_state(scene.tx, scene.pair.name)
        answer = self.quick[asking.verb](scene, asking)
        after = streams.pair_state(scene.tx, scene.pair.name)
        moved = before is not None and after is not None and before.mode != after.mode
        self.halted |= moved or asking.verb == "pause"
        return answer

    def _write_down(self, scene: Scene, asking: Asking, answer: Answer) -> None:
        run = answer.report.run if answer.report else None
        one = append(scene.tx, scene.pair, asking)
        now, stored = scene.pair.clock.utc(), answers.dump(answer)
        requests.finish(scene.tx, one, run, answer.exit_code, stored, now)

    @contextmanager
    def scene(self) -> Iterator[Scene]:
        """A commit of the owner outside a run."""
        with self.owner.commit() as tx:
            ids = streams.stream_ids(tx, self.pair.name)
            yield Scene(tx, self.pair, ids, 0, self.owner.epoch)

    # -- cycles ---------------------------------------------------------------------------------

    def state(self) -> PairState | None:
        with self.pair.store.reading() as tx:
            return streams.pair_state(tx, self.pair.name)

    def mode(self) -> str:
        state = self.state()
        return state.mode if state else streams.PLAN

    def paused(self) -> str | None:
        """The sentence that says so."""
        state = self.state()
        if not state or not state.paused_until or state.paused_until <= self.pair.clock.utc():
            return None
        return said_paused(state)

    def refuse_paused(self) -> None:
        if sentence := self.paused():
            raise TransientError(sentence)

    def writes(self) -> bool:
        return self.mode() in WRITES

    def order(self, command: str, *, write: bool = True, scoped: bool = True, **rest: Any) -> Order:
        """As the mode has it: plan and shadow write nothing, a pilot what is in its scope, but for
        what goes beyond it on purpose."""
        state = self.state()
        pilot = scoped and state is not None and state.mode == PILOT
        within = scope.InScope(self.pair, scope.load(state.scope)) if state and pilot else None
        order = Order(
            command,
            write=write and state is not None and state.mode in WRITES,
            shadow=state is not None and state.mode == SHADOW,
            **rest,
        )
        self.pair = replace(self.pair, within=within.record if within else _every)
        return msgspec.structs.replace(order, approved=within) if within else order

    def unless_halted(self, approved: Callable[[Part], bool]) -> Callable[[Part], bool]:
        return lambda part: not self.halted and approved(part)

    def cycle(self, order: Order) -> Report:
        self.halted = False
        order = msgspec.structs.replace(order, approved=self.unless_halted(order.approved))
        report = run_owned(self.pair, order, self.owner)
        if self.halted:
            report.notes.append("somebody paused the pair or changed its mode: sending was ended")
        return report


def _every(_record: int) -> bool:
    return True


def _defect(one: Asked, error: Exception) -> SyncdError:
    return SyncdError(f"{one.verb} met a defect of syncd: {type(error).__name__}: {error}")


def _unknown(_desk: Desk, asking: Asking) -> Answer:
    raise UsageError(f"this version of syncd does not know {asking.verb}")


def _asking(one: Asked) -> Asking:
    return Asking(one.verb, msgspec.json.decode(one.args), one.who, one.why)


def said_paused(state: PairState) -> str:
    until = state.paused_until
    when = until.astimezone().strftime("%a %d %b %H:%M") if until and until.year < 9999 else None
    reason = f" ({state.reason})" if state.reason else ""
    end = f"until {when}" if when else "until somebody resumes it"
    return f"pair {state.name} is paused {end}{reason}; to go on now: syncd resume {state.name}"


# -- who asks ------------------------------------------------------------------------------------


def person() -> str:
    """The user of this machine who types."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    return f"{name}@{socket.gethostname()}"


def append(tx: Any, pair: Pair, asking: Asking) -> int:
    return requests.append(
        tx,
        pair=pair.name,
        verb=asking.verb,
        args=encode(dict(asking.args)),
        who=asking.who,
        why=asking.why,
        at=pair.clock.utc(),
    )


def own(pair: Pair) -> Owner:
    return take(pair.store, pair.clock, pair.name, pair.numbers.lease, pair.doubt_time)


def await_answer(
    pair: Pair, wanted: int, tell: Callable[[str], None], serve: Callable[[Owner], None]
) -> Answer:
    """Waits until the request is done. If its owner ends, or dies, without an answer, this process
    becomes the next one and serves what waits."""
    told = ""
    while True:
        with pair.store.reading() as tx:
            one = requests.one(tx, wanted)
            going = requests.going(tx, pair.name)
        if one.done and one.answer is not None:
            from syncd import stored_answers

            return stored_answers.load(one.answer)
        try:
            owner = own(pair)
        except BusyError:
            pass
        else:
            try:
                serve(owner)
            finally:
                owner.release()
            continue
        now = progress(one, going)
        if now != told:
            tell(now)
        told = now
        pair.clock.sleep(LOOK_EVERY)


def progress(one: Asked, going: requests.Going | None) -> str:
    """`request 7: queued behind run 12 (run: reading invoices)`."""
    doing = f" ({going.command}: {going.progress})" if going and going.progress else ""
    if one.taken is None:
        behind = f" behind run {going.run}{doing}" if going else ""
        return f"request {one.id}: queued{behind}"
    if going is None:
        return f"request {one.id}: taken"
    if one.run == going.run:
        return f"request {one.id}: taken, comes after run {going.run}{doing}"
    return f"request {one.id}: run {going.run}{doing}"
