"""A second writer: another program or person that changes, again and again, what the books own.

A value that syncd saw stored and that reads otherwise later was changed by somebody. It is counted
by day, in the books' zone, and written again like anything that differs; many in a day, or the same
record on several days, are one problem of the connection. It is seen where a card is read back: in
the proof, in a resync, and in a cycle where the CRM says that somebody touched the card.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from syncd.domain import Kind, Value, Want
from syncd.errors import RejectedError
from syncd.image import as_sent, manner
from syncd.merging import Owner
from syncd.port import Found
from syncd.store import links, mirror, overwritten, parts, problems
from syncd.store.mirror import Known
from syncd.store.overwritten import Overwritten
from syncd.store.parts import CLEAN, Part
from syncd.sync import settle
from syncd.sync.pair import Pair, Scene
from syncd.sync.session import Session
from syncd.sync.want import items, wants_if_any

CAUSE = "overwritten"
"""First word of the cause; the name of the connection follows."""
SOON = dt.timedelta(minutes=10)
"""A change that comes so shortly after a write of syncd answers it."""
AGAIN = 2
"""So many times the same field of a customer was typed over: it came back."""
RETURNS = 3
"""On so many days of the last seven the same record was changed: it comes back."""
ASKED = 100
"""Cards of one proof of which it is asked who changed them, where a list does not say."""
LOOKED_AT = 25
"""Cards that one cycle reads back because somebody touched them; the proof sees the rest."""
SLACK = dt.timedelta(seconds=5)
"""Clocks tell whole seconds, and answers take their time: what is not later than this after a write
of syncd is that write."""
LONGEST = 300
"""Characters that are kept of a value that was written over."""
NAMED, SHOWN, WHO = 8, 5, 3
"""Fields, records and users that the problem names."""
_DAY = dt.timedelta(days=1)


# -- counting ------------------------------------------------------------------------------------


def note(scene: Scene, kind: Kind, record: Known, part: Part, want: Want, found: Found) -> None:
    """Counts it if this object shows what somebody else wrote over a value that was there."""
    paths = differing(scene.pair, kind, part, want, found)
    known = overwritten.written(scene.tx, [part.id])[part.id] if paths else None
    if known is None or not known.confirmed:
        return  # nobody saw that our own value was ever there
    values = {path: (want.fields[path], found.fields.get(path)) for path in paths}
    count(scene, kind, record, values, known.sent_at, found.at, found.by)


def count(
    scene: Scene,
    kind: Kind,
    record: Known,
    values: Mapping[str, tuple[Value, Value]],
    sent_at: dt.datetime | None,
    at: dt.datetime | None = None,
    by: str | None = None,
) -> None:
    """Once more. `values`: by path what stood there, and what somebody wrote over it, at a moment
    and by whom, where that is known."""
    after = (at or scene.pair.clock.utc()) - sent_at if sent_at else None
    subject = f"customer {record.key}" if kind is Kind.CARD else f"{kind} {record.key}"
    soon = after is not None and after <= SOON
    said = {path: (_said(ours), _said(theirs)) for path, (ours, theirs) in values.items()}
    overwritten.note(
        scene.tx, scene.pair.crm.name, _today(scene), by or "", subject, said, soon=soon
    )


def _said(value: Value) -> str | None:
    return None if value is None else str(value)[:LONGEST]


def differing(pair: Pair, kind: Kind, part: Part, want: Want, found: Found) -> list[str]:
    """Paths of what the books own that shows another value than was written, in whatever manner."""
    if part.state != CLEAN:
        return []
    both = _shared(pair, kind)
    return [
        path
        for path, value in want.fields.items()
        if path not in both and not (kind is Kind.CUSTOMER and value is None)
        for shown in [found.fields.get(path)]
        if not as_sent(path, value, shown, part.rewritten) and manner(value, shown) is None
    ]


def _shared(pair: Pair, kind: Kind) -> frozenset[str]:
    """Paths that the CRM may change too."""
    outbound = pair.outbound(kind)
    rules = pair.writing.owners.rules
    words = frozenset(word for word, rule in rules.items() if rule.owner is not Owner.BOOKS)
    if kind is not Kind.CUSTOMER or outbound is None or not words:
        return frozenset()
    return frozenset(outbound.paths(words))


# -- a cycle's own look --------------------------------------------------------------------------


def look(session: Session, touched: Mapping[str, dt.datetime]) -> None:
    """Reads back the figures of cards that somebody touched since syncd wrote or saw them last.
    `touched`: when, by card, on our clock. Transport errors go to the caller."""
    pair = session.pair
    outbound = pair.outbound(Kind.CUSTOMER)
    if not touched or outbound is None:
        return
    target = next(target for key, target in outbound.targets if key == "")
    with pair.store.reading() as tx:
        scene = Scene(tx, pair, session.streams, session.run, session.owner.epoch)
        some = _since_written(scene, touched)
    for card, customer in some[:LOOKED_AT]:
        try:
            found = pair.find(target, {"id": card}, {})
        except RejectedError:
            continue
        if found:
            with session.commit() as scene:
                _look_at(scene, customer, found[0])


def _since_written(scene: Scene, touched: Mapping[str, dt.datetime]) -> list[tuple[str, str]]:
    """Cards and their customers, the one that was touched first first."""
    pair = scene.pair
    customers = links.customers_of(scene.tx, pair.crm.name, pair.books.name, list(touched))
    written = _written(scene, list(customers.values()))
    clean = {row.key: part for row, part, _ in written}
    last = overwritten.written(scene.tx, [one.id for one in clean.values()])
    found = []
    for card in sorted(touched, key=lambda one: touched[one]):
        part = clean.get(customers.get(card, ""))
        if part is None:
            continue
        moments = [at for at in (last[part.id].sent_at, last[part.id].seen_at) if at]
        if all(touched[card] > at + SLACK for at in moments):
            found.append((card, customers[card]))
    return found


def _look_at(scene: Scene, customer: str, found: Found) -> None:
    if found.by:
        subject = f"customer {customer}"
        overwritten.name(scene.tx, scene.pair.crm.name, _today(scene), subject, found.by)
    for row, part, want in _written(scene, [customer]):
        note(scene, Kind.CARD, row, part, want, found)
        settle.seen_again(scene, Kind.CARD, row, part, want, found, {})


def _written(scene: Scene, customers: Sequence[str]) -> Iterator[tuple[Known, Part, Want]]:
    """Figures on cards of which nothing is on its way."""
    rows = mirror.known(scene.tx, scene.streams[Kind.CARD], customers)
    mine = parts.of_records(scene.tx, [row.id for row in rows.values()])
    clean = [row for row in rows.values() if _is_clean(mine.get(row.id, {}).get(""))]
    for row, item in zip(clean, items(scene, Kind.CARD, clean), strict=True):
        if want := wants_if_any(scene, Kind.CARD, item, False).get(""):
            yield row, mine[row.id][""], want


def _is_clean(part: Part | None) -> bool:
    return part is not None and part.state == CLEAN


def named(session: Session, target: str, shown: Mapping[str, Found], most: int) -> dict[str, Found]:
    """The same cards, by customer; those that a list shows otherwise than they were written are
    read one by one, `most` of them, where that tells who changed them."""
    pair, found = session.pair, dict(shown)
    if not pair.crm.connector.facts.tells_who:
        return found
    with pair.store.reading() as tx:
        scene = Scene(tx, pair, session.streams, session.run)
        others = [
            row.key
            for row, part, want in _written(scene, list(shown))
            if shown[row.key].by is None and differing(pair, Kind.CARD, part, want, shown[row.key])
        ]
    for customer in others[:most]:
        try:
            one = pair.find(target, {"id": shown[customer].remote_id}, {})
        except RejectedError:
            continue
        found |= {customer: one[0]} if one else {}
    return found


# -- the problem ---------------------------------------------------------------------------------


def tell(scene: Scene) -> None:
    """Raises the problem, says how it stands, or closes it after a whole day without."""
    pair, today = scene.pair, _today(scene)
    cause = f"{CAUSE} {pair.crm.name}"
    first = today - overwritten.KEPT * _DAY + _DAY
    overwritten.forget(scene.tx, pair.crm.name, first)
    rows = overwritten.since(scene.tx, pair.crm.name, first)
    open_since = problems.since(scene.tx, pair.name, cause)
    now = pair.clock.utc()
    lately = [one for one in rows if one.day >= today - _DAY]
    if not lately:
        if open_since:
            problems.close(scene.tx, pair.name, cause, now)
        return
    if open_since is None:
        week = now - overwritten.KEPT * _DAY
        told = overwritten.told_by_another(scene.tx, pair.name, cause)
        if told or not _is_one(pair, rows) or problems.waived(scene.tx, pair.name, cause, week):
            return
    problems.raise_problem(
        scene.tx,
        pair=pair.name,
        cause=cause,
        owner=problems.SYSADMIN,
        text=_text(pair, lately),
        run=scene.run,
        at=now,
    )


def _is_one(pair: Pair, rows: Sequence[Overwritten]) -> bool:
    """Often within a day, or the same record on several days; or what the books say of a customer,
    which nothing but a person or a program changes, for the second time."""
    by_day: Counter[dt.date] = Counter()
    days: dict[str, set[dt.date]] = {}
    for one in rows:
        by_day[one.day] += one.times
        if one.subject:
            days.setdefault(one.subject, set()).add(one.day)
    outbound = pair.outbound(Kind.CUSTOMER)
    owned = {path for part, path in outbound.rules if not part} if outbound else set()
    again: Counter[tuple[str, str]] = Counter()
    for one in rows:
        for path, (times, _, _) in one.values.items() if one.subject else ():
            again[one.subject, path] += times * (path in owned)
    if any(times >= AGAIN for times in again.values()):
        return True
    often = any(count >= pair.numbers.overwritten for count in by_day.values())
    return often or any(len(some) >= RETURNS for some in days.values())


def _text(pair: Pair, rows: Sequence[Overwritten]) -> str:
    day = max(one.day for one in rows)
    mine = [one for one in rows if one.day == day]
    by: Counter[str] = Counter()
    for one in mine:
        by[one.who] += one.times
    times, soon = sum(by.values()), sum(one.soon for one in mine)
    fields = sorted({path for one in mine for path in one.fields})
    subjects = [one.subject for one in sorted(mine, key=lambda one: -one.times) if one.subject]
    other = "" if len(mine) == len(subjects) else " and others"
    return (
        f"A second writer changes in {pair.crm.name} what the books own: {_count(times)} on "
        f"{day.day} {day:%b %Y}, {_soon(times, soon)}, by {_who(by)}; "
        f"{_some(fields, NAMED)} of {_some(list(dict.fromkeys(subjects)), SHOWN)}{other}. syncd "
        "writes the books' value again each time. Look there for a workflow, an import or another "
        "integration that fills these fields, and take them out of it; or leave their lines out of "
        f"the mapping {pair.writing.name}, and syncd no longer writes them. Closes itself after a "
        "day without."
    )


def _who(by: Counter[str]) -> str:
    said = [
        f"{who or 'somebody whom it does not name'}" + (f" ({count})" if len(by) > 1 else "")
        for who, count in by.most_common()
    ]
    return _some(said, WHO)


def _soon(times: int, soon: int) -> str:
    minutes = int(SOON.total_seconds() // 60)
    how = "each time" if soon == times else f"{soon} of them" if soon else "none of them"
    return f"{how} within {minutes} minutes of a write of syncd"


def _some(named: Sequence[str], most: int) -> str:
    more = len(named) - most
    return ", ".join(named[:most]) + (f" and {more} more" if more > 0 else "")


def _count(times: int) -> str:
    return "once" if times == 1 else f"{times} times"


def _today(scene: Scene) -> dt.date:
    return scene.pair.clock.utc().astimezone(scene.pair.reading.zone or dt.UTC).date()
