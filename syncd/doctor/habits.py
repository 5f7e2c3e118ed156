"""Habits of the two systems of a pair, by what its runs noticed: how often, since when, what
follows and what to write into a file. Asks nobody; what there is no sign of is not named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from syncd.doctor.findings import Finding, Notes
from syncd.image import BLANKS, CASE, CUT, FORMATTED, ROUNDED, manners
from syncd.settings import PairSettings
from syncd.store import intents, noticed
from syncd.store.tables import intent, part, problem, stream

LATELY = dt.timedelta(days=7)
"""What was not noticed for so long was mended, as it seems, and is told as what was."""
FEW = 3
"""Records saved without a change fewer times than this are people's doing, and no habit."""
MANNERS = {
    CASE: "in another letter case",
    BLANKS: "with other blanks or line ends",
    FORMATTED: "formatted",
    ROUNDED: "rounded to two decimals",
    CUT: "cut",
}
PROBLEMS = {
    "clash": "names that another object has already",
    "refused": "values that are refused",
    "fixed": "fields that cannot be changed once written",
    "gone": "objects that somebody deleted there",
    "doubled": "objects that are there twice",
    "overwritten": "a second writer of what the books own",
    "uncompared": "cards that cannot be compared with customers",
    "unmappable": "records that the mapping cannot read",
    "unwritable": "records that the mapping cannot write",
}
"""First words of causes of problems that tell how a system behaves."""
ANSWERS = "a rule under `answers` of the connector file, as in docs/connector-files.md"
READ = {
    noticed.RESTAMPED: "came {times} with a newer time and nothing new in it: it is read and "
    "compared, and nothing is written",
    noticed.REPEATED: "shown twice in one reading, {times}: records moved while they were paged, "
    "and others may be left out until the daily full read",
    noticed.RENUMBERED: "had another number than before, {times}, as drafts do when posted",
}
"""What is said of a kind that is read."""
WRITTEN = {
    noticed.ERRORS: "what is refused is answered with an error of the server, {times}: a rule of "
    "the connector tells it from an outage",
    noticed.YES: "what is refused is answered with yes, {times}: a rule of the connector finds it",
    noticed.UNCLEAR: "answered so that nobody knows, and never carried out, {times}: taken for "
    "refused after several tries",
    noticed.UNSEEN: "not found right after it was written, {times}",
}
"""Of a target that is written."""
LOOK = (noticed.REPEATED, noticed.UNCLEAR, noticed.UNSEEN)
DO = {
    noticed.REPEATED: "have the list in an order that does not shift, by id, or `paging` by cursor",
    noticed.RENUMBERED: "have the id for `key` and `marker`, never the number",
    noticed.UNCLEAR: ANSWERS,
    noticed.UNSEEN: "a `doubt_time` in the connector file that is longer than its search is behind",
}


def times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


@dataclass
class Count:
    """Of how many, since when."""

    some: int = 0
    open: int = 0
    since: dt.datetime | None = None

    def add(self, at: dt.datetime | None, *, open: bool = False) -> None:
        self.some += 1
        self.open += open
        if at is not None and (self.since is None or at < self.since):
            self.since = at

    @property
    def when(self) -> str:
        return f"since {self.since:%-d %b %Y}" if self.since else "since the pair began"


def habits(
    tx: sa.Connection, note: Notes, pair: PairSettings, now: dt.datetime
) -> Iterator[Finding]:
    yield from _rewrites(tx, note, pair)
    yield from _dropped(tx, note, pair)
    yield from _noticed(tx, note, pair, now)
    yield from _lost_answers(tx, note, pair)
    yield from _problems(tx, note, pair.name)


def _rewrites(tx: sa.Connection, note: Notes, pair: PairSettings) -> Iterator[Finding]:
    """Of the objects of one kind and target that were looked at."""
    mine = sa.and_(stream.c.pair == pair.name, part.c.seen_at.is_not(None))
    of = sa.select(part.c.target, stream.c.kind).join(stream, stream.c.id == part.c.stream)
    counts = of.add_columns(sa.func.count()).where(mine).group_by(part.c.target, stream.c.kind)
    looked_at = {(target, kind): count for target, kind, count in tx.execute(counts)}
    found: dict[tuple[str, str], dict[tuple[str, str], Count]] = {}
    query = of.add_columns(part.c.rewritten, part.c.seen_at)
    for target, kind, forms, seen_at in tx.execute(
        query.where(mine, part.c.rewritten.is_not(None))
    ):
        for path, how in manners(forms).items():
            found.setdefault((target, kind), {}).setdefault((path, how or ""), Count()).add(seen_at)
    for (target, kind), paths in sorted(found.items()):
        for (path, how), count in sorted(paths.items()):
            share = f"on {count.some} of {looked_at[target, kind]} {count.when}"
            if how:
                way = f"comes back {MANNERS[how]} {share}; it is compared without that"
                yield note.ok("habit", f"{target}.{path} {way}")
            else:
                says = f"{target}.{path} shows another text than was sent {share}"
                yield note.ok("habit", says, "leave it out of the mapping if the CRM makes it up")


def _dropped(tx: sa.Connection, note: Notes, pair: PairSettings) -> Iterator[Finding]:
    """Fields that were answered with yes, and are not there."""
    waits = sa.select(sa.func.count()).where(part.c.problem == problem.c.id).scalar_subquery()
    query = sa.select(problem.c.cause, problem.c.opened, problem.c.closed, waits).where(
        problem.c.pair == pair.name, problem.c.cause.startswith("not accepted ")
    )
    found: dict[str, Count] = {}
    for cause, opened, closed, waiting in tx.execute(query):
        count = found.setdefault(cause.removeprefix("not accepted ").replace(" ", "."), Count())
        count.add(opened)
        count.open += waiting if closed is None else 0
    for path, count in sorted(found.items()):
        says = f"{path} is answered with yes and not kept, {count.when}; waiting: {count.open}"
        do = f"make the field there (syncd connections setup {pair.crm.name}), or leave it out of "
        yield note.look("habit", says, f"{do}the mapping") if count.open else note.ok("habit", says)


def _noticed(
    tx: sa.Connection, note: Notes, pair: PairSettings, now: dt.datetime
) -> Iterator[Finding]:
    for one in noticed.listed(tx, pair.name):
        says = READ.get(one.habit) or WRITTEN.get(one.habit)
        if says is None or (one.habit == noticed.RESTAMPED and one.count < FEW):
            continue
        said = says.format(times=f"{times(one.count)} since {one.since:%-d %b %Y}")
        looks = one.habit in LOOK and one.last + LATELY > now
        finding = note.look if looks else note.ok
        yield finding("habit", f"{one.subject}: {said}", DO.get(one.habit))


def _lost_answers(tx: sa.Connection, note: Notes, pair: PairSettings) -> Iterator[Finding]:
    """What became of writes whose answer was lost, where that could be looked up."""
    settled = (intents.APPLIED, intents.ABSENT)
    query = (
        sa.select(intent.c.state, sa.func.count(), sa.func.min(intent.c.opened))
        .where(
            intent.c.pair == pair.name,
            intent.c.not_before.is_not(None),
            intent.c.state.in_(settled),
        )
        .group_by(intent.c.state)
    )
    found = {state: (count, since) for state, count, since in tx.execute(query)}
    if not found:
        return
    since = min(since for _, since in found.values())
    done, absent = (found.get(state, (0, None))[0] for state in settled)
    yield note.ok(
        "habit",
        f"{done + absent} writes had no clear answer since {since:%-d %b %Y}: {done} were found "
        f"carried out, {absent} were not",
    )


def _problems(tx: sa.Connection, note: Notes, pair: str) -> Iterator[Finding]:
    columns = (problem.c.cause, problem.c.opened, problem.c.closed)
    found: dict[str, Count] = {}
    for cause, opened, closed in tx.execute(sa.select(*columns).where(problem.c.pair == pair)):
        word = next((word for word in PROBLEMS if cause.startswith(f"{word} ")), None)
        if word:
            found.setdefault(word, Count()).add(opened, open=closed is None)
    for word, count in found.items():
        says = f"{PROBLEMS[word]}: {times(count.some)} {count.when}, {count.open} of them open"
        yield note.look("habit", says, "syncd problems") if count.open else note.ok("habit", says)
