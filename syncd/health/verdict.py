"""What /healthz says: whether whoever depends on fresh cards can rely on this process now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import msgspec
import sqlalchemy as sa

from syncd.clock import Clock
from syncd.health.freshness import limit
from syncd.health.look import Watched
from syncd.health.sentences import length
from syncd.health.server import Page, json_page
from syncd.store import ownership, runs, streams
from syncd.store.disk import UNREADABLE, said
from syncd.store.engine import Store


class Verdict(msgspec.Struct, frozen=True):
    """Reasons name pairs and moments alone; there are none where all is well."""

    reasons: Sequence[str] = ()

    @property
    def well(self) -> bool:
        return not self.reasons


def healthz(
    store: Store,
    clock: Clock,
    watched: Callable[[], Sequence[Watched]],
    alive: Callable[[], str | None],
) -> Page:
    """503 as soon as there is a reason. `alive` says why the loop is not, None where it is."""
    reason = alive()
    reasons = [reason] if reason else []
    pairs = []
    try:
        with store.reading() as tx:
            for one in watched():
                late, read = _late(tx, clock, one)
                reasons += [late] if late else []
                pairs.append({"pair": one.name, "complete_read": read and read.isoformat()})
    except UNREADABLE as error:
        reasons.append(f"the state file cannot be read: {said(error)}")
    verdict = Verdict(reasons)
    body = {"status": "ok" if verdict.well else "unwell", "reasons": reasons, "pairs": pairs}
    return json_page(200 if verdict.well else 503, body)


def complete_read(
    tx: sa.Connection, watched: Watched
) -> tuple[dt.datetime | None, dict[str, dt.datetime]]:
    """When all of the books was last read completely, and each kind; None while one never was."""
    ids = streams.stream_ids(tx, watched.name)
    found = {
        kind.value: at
        for kind in watched.kinds
        if kind in ids and (at := streams.read_cursor(tx, ids[kind]).complete_at)
    }
    books = [found.get(kind.value) for kind in watched.of_books]
    known = [at for at in books if at]
    return (min(known) if known and len(known) == len(books) else None), found


def _late(
    tx: sa.Connection, clock: Clock, watched: Watched
) -> tuple[str | None, dt.datetime | None]:
    """Why a pair is not as fresh as it should be. A pause is somebody's will, books that want to be
    left alone are, and a first or a long reading is work."""
    now = clock.utc()
    read, _ = complete_read(tx, watched)
    state = streams.pair_state(tx, watched.name)
    paused = state and state.paused_until and state.paused_until > now
    last = runs.last(tx, watched.name)
    at_work = last and last.ended is None and ownership.held(tx, clock, watched.name)
    books = streams.connection_state(tx, state.books) if state else None
    left_alone = books and books.paused_until and books.paused_until > now
    if paused or at_work or left_alone:
        return None, read
    allowed = limit(watched.interval)
    if read is None:
        return f"{watched.name}: was never read completely", None
    if now - read > allowed:
        told = f"{watched.name}: last complete read {length(now - read)} ago"
        return f"{told}, {length(allowed)} are allowed", read
    return None, read
