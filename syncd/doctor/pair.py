"""One pair: its mappings, what leaves to where, its pace, what its runs noticed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from syncd.assembly import Assembly
from syncd.doctor.chosen import calendar
from syncd.doctor.connection import Looked, skewed
from syncd.doctor.findings import Finding, Notes
from syncd.doctor.habits import habits
from syncd.doctor.sellers import sellers
from syncd.domain import PERSONAL, Kind
from syncd.errors import SyncdError
from syncd.mapping import BooksMapping, CrmMapping, Outbound
from syncd.port import FieldDef
from syncd.settings import PairSettings
from syncd.setup.fields import FieldState, unseen
from syncd.setup.reach import SKEW
from syncd.store import problems, runs, streams
from syncd.sync.doubts import doubts

DAY = dt.timedelta(days=1)
RUNS = 3000
"""So many are looked at, at most: a day of one each half minute."""


def of_pair(assembly: Assembly, one: PairSettings, books: Looked, crm: Looked) -> Iterator[Finding]:
    note = Notes(f"pair {one.name}")
    try:
        reading, writing = assembly.mappings(one.name)
    except SyncdError as error:
        yield note.failed("mapping", error, "syncd check")
        return
    yield note.ok(
        "mapping",
        f"{reading.name} version {reading.version}, {writing.name} version {writing.version}",
    )
    if said := balances(note, reading, writing):
        yield said
    if crm.identity is not None:
        yield from fields(assembly, note, one, writing)
        yield from sellers(assembly, note, one, writing)
    yield from currencies(assembly, note, one, books)
    if two := clocks(note, one, books, crm):
        yield two
    yield from leaving(note, one, reading, writing)
    yield calendar(note, one.calendar)
    if assembly.settings.state.exists():
        yield from of_store(assembly, note, one, reading)


def fields(
    assembly: Assembly, note: Notes, one: PairSettings, writing: CrmMapping
) -> Iterator[Finding]:
    """Custom fields that the mapping writes."""
    crm = one.crm.name
    with assembly.connected(crm) as side:
        try:
            missing = side.ask(side.connector.setup(writing.custom_fields, False))
        except SyncdError as error:
            yield note.failed("fields", error)
            return
        targets = side.connector.facts.targets
    hidden = list(unseen(writing, targets))
    if hidden:
        yield note.look(
            "fields",
            f"{crm} cannot tell which of {len(hidden)} are there: {named(hidden)}",
            f"make by hand what is missing: syncd connections setup {crm} lists them",
        )
    if missing:
        yield note.look(
            "fields",
            f"{crm} lacks {len(missing)}: {named(missing)}",
            f"syncd connections setup {crm}",
        )
    seen = [one for one in writing.custom_fields if targets[one.target].lists_fields]
    if not missing and (seen or not hidden):
        yield note.ok("fields", f"{crm} has all {len(seen)} custom fields")


def balances(note: Notes, reading: BooksMapping, writing: CrmMapping) -> Finding | None:
    """Where what is owed comes from, if not from the books' own balances."""
    if reading.owed_in is not None:
        return note.ok(
            "balances",
            "what is owed is added up out of documents; the books tell no balance to prove it by",
        )
    if Kind.BALANCE in reading.inbound or Kind.CARD not in writing.outbound:
        return None
    return note.look(
        "balances",
        f"{reading.name} reads no balance, so that cards have no figures",
        "read it, or write `balance: {from: documents, currency: EUR}` into the mapping of the "
        "books: what is owed is then added up out of documents",
    )


def named(missing: Sequence[FieldDef | FieldState]) -> str:
    """`account ageing, credits; contact books_id`"""
    targets = dict.fromkeys(one.target for one in missing)
    return "; ".join(
        f"{word} {', '.join(_short(one.path) for one in missing if one.target == word)}"
        for word in targets
    )


def _short(path: str) -> str:
    return path.removeprefix("custom_fields.")


def currencies(
    assembly: Assembly, note: Notes, one: PairSettings, books: Looked
) -> Iterator[Finding]:
    """Those of the books that the CRM does not know."""
    known = assembly.facts(one.crm.name).currencies
    if books.discovery is None or known is None:
        return
    refused = [code for code in books.discovery.currencies if code not in known]
    if refused:
        yield note.look(
            "currencies",
            f"{one.crm.name} refuses {', '.join(refused)}: such documents are not written there, "
            "what is owed stands in the card's line",
        )
    else:
        listed = ", ".join(books.discovery.currencies)
        yield note.ok("currencies", f"{one.crm.name} takes those of the books: {listed}")


def clocks(note: Notes, one: PairSettings, books: Looked, crm: Looked) -> Finding | None:
    """The two systems' own clocks, against each other; they were asked within seconds."""
    ours, theirs = (side.discovery.at if side.discovery else None for side in (books, crm))
    if ours is None or theirs is None:
        return None
    ahead = (ours - theirs).total_seconds()
    if abs(ahead) <= SKEW:
        return note.ok("clocks", "both systems have the same time")
    says = f"that of {one.books.name} is {skewed(ahead)} that of {one.crm.name}"
    return note.look("clocks", says, "set both by NTP")


def leaving(
    note: Notes, one: PairSettings, reading: BooksMapping, writing: CrmMapping
) -> Iterator[Finding]:
    """Which personal fields leave to which host."""
    for mapping, side in ((writing, one.crm), (reading, one.books)):
        host = urlsplit(side.url).hostname or side.url
        found = [f for kind in sorted(PERSONAL) for f in personal(mapping.outbound.get(kind))]
        if found:
            yield note.ok("personal", f"to {host} ({side.name}): {', '.join(found)}")


def personal(outbound: Outbound | None) -> list[str]:
    """`email to account.email`"""
    if outbound is None:
        return []
    target = {part.name: part.target for part in outbound.plan.parts}
    found = (
        f"{rule.word} to {target[name]}.{path}"
        for (name, path), rule in outbound.rules.items()
        if rule.word
    )
    return list(dict.fromkeys(found))


def of_store(
    assembly: Assembly, note: Notes, one: PairSettings, reading: BooksMapping
) -> Iterator[Finding]:
    store = assembly.store()
    try:
        with store.reading() as tx:
            if streams.pair_state(tx, one.name) is None:
                yield note.look("runs", "none yet", "syncd run, then syncd plan")
                return
            recent = runs.recent(tx, one.name, RUNS)
            now = assembly.clock.utc()
            yield pace(note, [run for run in recent if run.began >= now - DAY], one.every)
            yield from habits(tx, note, one, now)
            lacking = doubts(tx, streams.stream_ids(tx, one.name)) if reading.owed_in else None
            if lacking:
                yield note.look("figures", str(lacking), "syncd problems")
            waiting = problems.listed(tx, one.name)
            if waiting:
                owners = Counter(each.owner for each in waiting)
                whose = ", ".join(f"{count} {owner}" for owner, count in sorted(owners.items()))
                yield note.look("problems", f"{len(waiting)} open: {whose}", "syncd problems")
    finally:
        store.close()


def pace(note: Notes, recent: Sequence[runs.Run], every: float) -> Finding:
    """Whether the runs of the last day keep the pace that is set; `every` in seconds."""
    lasted = sorted(one.ended - one.began for one in recent if one.ended)
    if not lasted:
        return note.look(
            "pace", "no run ended in the last 24 hours", "systemctl status syncd, or syncd run"
        )
    says = (
        f"one run every {spoken(every)}; {len(lasted)} ended in 24 h, the longest took "
        f"{spoken(lasted[-1].total_seconds())}"
    )
    half = lasted[(len(lasted) - 1) // 2].total_seconds()
    if half > every:
        return note.look("pace", f"{says}; half of them took longer than that", "a larger `every`")
    return note.ok("pace", says)


def spoken(seconds: float) -> str:
    """`5 min`, `90 s`"""
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"
