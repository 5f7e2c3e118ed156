"""The two systems of a run: are they there, are they the same company, can the CRM take our
fields; and what is noted when one of them cannot do its part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec

from syncd.errors import (
    AccessError,
    ConfigError,
    FileError,
    IdentityError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    SyncdError,
    TransientError,
)
from syncd.port import FieldDef
from syncd.store import outstanding, problems, streams
from syncd.store.disk import MEGABYTE, free_bytes, megabytes
from syncd.store.streams import ConnectionState
from syncd.sync.meter import Meter
from syncd.sync.pair import Side
from syncd.sync.session import Session


class Systems(msgspec.Struct):
    """`notes` are sentences for the operator. `unreachable`: one was not there at all; `refused`:
    one does not accept the credential; `failed`: one could not do its part, and not because it was
    asked too often."""

    session: Session
    notes: list[str] = msgspec.field(default_factory=list)
    unreachable: bool = False
    refused: bool = False
    failed: bool = False

    def reach(self, side: Side) -> bool:
        """One cheap call. IdentityError if another company answers."""
        return self.guarded(side, lambda: self._identify(side))

    def guarded(self, side: Side, work: Callable[[], None]) -> bool:
        """False if this system could not do its part; the reason is noted and the rest goes on."""
        try:
            work()
        except (TransientError, AccessError, ProtocolError) as error:
            self.note_outage(side, error)
            return False
        except RejectedError as error:  # a read is refused: no record of ours is to blame
            self.note_outage(side, ProtocolError(str(error)))
            return False
        return True

    def room(self) -> bool:
        """Whether the outcome of what is sent can be written down."""
        pair = self.session.pair
        free, needs = free_bytes(pair.store.path), int(pair.numbers.min_free * MEGABYTE)
        cause, now = f"disk {pair.store.path.name}", pair.clock.utc()
        if free >= needs:
            if self._open(cause):
                with self.session.commit() as scene:
                    problems.close(scene.tx, pair.name, cause, now)
            return True
        text = (
            f"{pair.store.path.parent} has {megabytes(free)} free, and at least {megabytes(needs)} "
            "are wanted (numbers.min_free). Nothing is sent, for what became of it could not be "
            "written down; reading goes on. Make room there: what waits goes by itself."
        )
        self.notes.append(text)
        with self.session.commit() as scene:
            problems.raise_problem(
                scene.tx,
                pair=pair.name,
                cause=cause,
                owner=problems.SYSADMIN,
                text=text,
                run=self.session.run,
                at=now,
            )
        return False

    def target_ready(self) -> bool:
        """Custom fields must exist before the first write under a mapping; unknown ones are
        dropped by some systems without a word."""
        with self.session.pair.store.reading() as tx:
            checked = streams.fields_checked(tx, self.session.pair.crm.name)
        if checked == self.session.pair.writing.version:
            return True
        missing: list[FieldDef] = []

        def look() -> None:
            setup = self.session.pair.crm.connector.setup(
                self.session.pair.writing.custom_fields, False
            )
            missing.extend(self.session.pair.crm.ask(setup))

        if not self.guarded(self.session.pair.crm, look):
            return False
        crm = self.session.pair.crm.name
        if missing:
            names = ", ".join(f"{one.target} {one.path}" for one in missing)
            raise ConfigError(
                f"{crm} lacks fields that its mapping writes: {names}; nothing was written. "
                f"Create them first: syncd connections setup {crm}"
            )
        with self.session.commit() as scene:
            name, version = self.session.pair.crm.name, self.session.pair.writing.version
            streams.set_fields_checked(scene.tx, name, version)
            # The set-up may have been what was wrong with them.
            outstanding.wake_failed(scene.tx, list(self.session.streams.values()), None)
        return True

    def _open(self, cause: str) -> bool:
        with self.session.pair.store.reading() as tx:
            return problems.since(tx, self.session.pair.name, cause) is not None

    def note_outage(self, side: Side, error: SyncdError) -> None:
        now = self.session.pair.clock.utc()
        told = error.retry_after if isinstance(error, TransientError) else None
        until = now + dt.timedelta(seconds=told) if told else None
        named = str(error).startswith(side.name)
        self.notes.append(str(error) if named else f"{side.name}: {error}")
        self.refused |= isinstance(error, AccessError)
        self.failed |= not isinstance(error, RateLimitedError)
        with self.session.commit() as scene:
            streams.pause_connection(scene.tx, side.name, until, str(error))
            if not isinstance(error, RateLimitedError):
                problems.raise_problem(
                    scene.tx,
                    pair=self.session.pair.name,
                    cause=f"connection {side.name}",
                    owner=problems.SYSADMIN,
                    text=_outage_text(side, error),
                    run=self.session.run,
                    at=now,
                )

    def _identify(self, side: Side) -> None:
        cause = f"connection {side.name}"
        with self.session.pair.store.reading() as tx:
            state = streams.connection_state(tx, side.name)
            meter = Meter.read(tx, side, self.session.pair.clock)
            had = problems.since(tx, self.session.pair.name, cause)
        if state and state.paused_until and state.paused_until > self.session.pair.clock.utc():
            wait = (state.paused_until - self.session.pair.clock.utc()).total_seconds()
            raise RateLimitedError(state.reason or "asked to be left alone", wait)
        self.session.meters[side.name] = meter
        try:
            identity = side.ask(side.connector.identity())
        except TransientError as error:
            self.unreachable = not isinstance(error, RateLimitedError)
            raise
        meter.limit = meter.limit or identity.allowance
        if state and state.identity and state.identity != identity.id:
            raise IdentityError(
                f"connection {side.name} now reaches {identity.label} ({identity.id}), and was "
                f"bound to {state.label} ({state.identity}); nothing was written. If that is "
                "meant, start with a new pair and state file; else mend the connection's url"
            )
        system = side.connector.facts.system
        bound = (side.name, system, identity.id, identity.label)
        if state == ConnectionState(*bound, None, None) and not had:
            return  # as it was left the last time
        with self.session.commit() as scene:
            streams.bind_connection(scene.tx, *bound)
            now = self.session.pair.clock.utc()
            problems.close(scene.tx, self.session.pair.name, cause, now)


def _outage_text(side: Side, error: SyncdError) -> str:
    if isinstance(error, AccessError):
        what, end = f"{side.name} refuses syncd: {error}", "Mend the credential or its rights"
    elif isinstance(error, FileError):
        what = f"{side.name} has a file that cannot be read: {error}"
        end = "Mend the file, or what the connection says of it"
    elif isinstance(error, ProtocolError):
        what = f"{side.name} does not answer as its documentation says: {error}"
        end = "Whoever runs it has to look"
    else:
        what = f"{side.name} cannot be used now: {error}"
        end = "Nothing to do if this was planned"
    return f"{what}. What waits for it is not lost. {end}; it goes on by itself."
