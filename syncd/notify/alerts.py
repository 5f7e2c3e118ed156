"""What is told at once: a new problem, one that got old, one that is over.

A problem that comes back is not told again as long as its end was not told; and its end is told the
later, the oftener it came up in the last day. So one that flaps is a handful of messages a day, and
one that is over by itself is told at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from syncd.notify import say
from syncd.notify.post import Message
from syncd.settings.alerts import Hearer
from syncd.store import outlets, problems
from syncd.store.outlets import NEW, OLD, SOLVED, Row, Told

CALM = dt.timedelta(minutes=15)
LONGEST_CALM = dt.timedelta(hours=6)
"""How long one that came back must stay away before its end is told: CALM the first time, twice as
long each further time, never longer than this."""
DAY = dt.timedelta(days=1)
SHOWN = 8
"""Problems in one message; the rest is counted."""


class News(msgspec.Struct, frozen=True):
    """`rows` are what the message tells, `late` what it tells besides: one that is heard of late is
    not told again as old. `quiet` is true without being told: a problem that came back goes on
    where it was."""

    now: dt.datetime
    rows: Sequence[tuple[Row, Told]] = ()
    late: Sequence[Told] = ()
    quiet: Sequence[Told] = ()

    @property
    def facts(self) -> list[Told]:
        return [*(fact for _, fact in self.rows), *self.late]


class _Sorting(msgspec.Struct):
    now: dt.datetime
    age: dt.timedelta
    told: Mapping[tuple[int, str], Told]
    rows: list[tuple[Row, Told]] = msgspec.field(default_factory=list)
    late: list[Told] = msgspec.field(default_factory=list)
    quiet: list[Told] = msgspec.field(default_factory=list)


def news(
    tx: sa.Connection,
    outlet: str,
    pairs: Sequence[str],
    owners: Sequence[str],
    now: dt.datetime,
    age: dt.timedelta,
) -> News:
    """What this outlet has to hear now of problems of these owners. Its own being out of reach is
    not among it."""
    told = outlets.facts(tx, outlet)
    rows = [
        one
        for one in outlets.problems(tx, pairs, {key for key, _ in told}, now - DAY)
        if one.owner in owners and one.cause != f"alerts {outlet}"
    ]
    found = _Sorting(now, age, told)
    for one in rows:
        if one.closed is None:
            _open(found, one, rows)
    back = {told.problem for told in found.quiet if told.stage == SOLVED}
    for one in rows:
        if one.closed is not None and one.id not in back:
            _closed(found, one)
    return News(now, found.rows, found.late, found.quiet)


def _open(found: _Sorting, one: Row, rows: Sequence[Row]) -> None:
    new = found.told.get((one.id, NEW))
    if new is None:
        same = (r for r in rows if r.closed and (r.pair, r.cause) == (one.pair, one.cause))
        before = next((r for r in same if (r.id, NEW) in found.told), None)
        if before is None:
            found.rows.append((one, Told(one.id, NEW, one.opened)))
            if one.opened + found.age <= found.now:
                found.late.append(Told(one.id, OLD, one.opened))
            return
        new = Told(one.id, NEW, found.told[before.id, NEW].since)
        found.quiet += [new, Told(before.id, SOLVED, new.since)]
        if (before.id, OLD) in found.told:
            found.quiet.append(Told(one.id, OLD, new.since))
            return
    if (one.id, OLD) not in found.told and new.since + found.age <= found.now:
        found.rows.append((one, Told(one.id, OLD, new.since)))


def _closed(found: _Sorting, one: Row) -> None:
    new = found.told.get((one.id, NEW))
    if new and one.closed and one.closed + calm(one.came) <= found.now:
        found.rows.append((one, Told(one.id, SOLVED, new.since)))


def calm(came: int) -> dt.timedelta:
    return min(CALM * 2 ** min(came - 2, 9), LONGEST_CALM) if came > 1 else dt.timedelta(0)


def message(tx: sa.Connection, hearer: Hearer, found: News, pairs: int) -> Message:
    """One message for all of it, the new first."""
    language = hearer.language
    order = (NEW, OLD, SOLVED)
    rows = sorted(found.rows, key=lambda row: order.index(row[1].stage))
    lines = [_line(tx, language, row, fact, found.now, pairs) for row, fact in rows[:SHOWN]]
    if len(rows) > SHOWN:
        lines.append(say.frame(language, "more", n=len(rows) - SHOWN))
    lines.append(say.frame(language, "next", command="syncd problems"))
    first = rows[0][1].stage
    count = sum(fact.stage == first for _, fact in rows)
    subject = say.frame(language, f"subject_{first}", problems=say.problems(language, count))
    return Message(subject, "\n".join(lines))


def _line(
    tx: sa.Connection, language: str, row: Row, fact: Told, now: dt.datetime, pairs: int
) -> str:
    what, end = say.what(language, row.cause, row.text)
    number = f"#{row.id} {row.pair}: " if pairs > 1 else f"#{row.id} "
    if fact.stage == SOLVED and row.closed:
        time = say.time(language, row.closed - fact.since)
        word = "waived" if row.waived else "solved"
        return number + say.frame(language, word, what=what, time=time)
    time = say.time(language, now - fact.since)
    still = say.frame(language, "still", time=time) if fact.stage == OLD else ""
    count, keys = problems.waiting(tx, row.id)
    return number + still + say.sentence(language, what, end, count, keys)
