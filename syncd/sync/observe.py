"""Turns pages of raw records into versions: a new one only where the canonical record differs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from syncd.domain import (
    Balance,
    Canonical,
    Customer,
    Deal,
    Document,
    Kind,
    State,
)
from syncd.errors import MappingError
from syncd.image import decode, decode_raw, encode, encode_raw, fingerprint, raw_hash
from syncd.mapping import Inbound
from syncd.port import Record
from syncd.store import links, merges, mirror, problems
from syncd.store.mirror import (
    CORRECTING,
    DELETED,
    FILTERED,
    LIVE,
    MISSING,
    UNMAPPABLE,
    VOID,
    Known,
    Seen,
)
from syncd.store.runs import PageCount
from syncd.sync.cards import is_kept, read_again
from syncd.sync.pair import Scene
from syncd.sync.quoting import of_mapping
from syncd.sync.spread import spread

ONCE_IN_SCOPE = frozenset({Kind.CUSTOMER, Kind.BALANCE, Kind.WON})
"""Kinds that stay of interest once they were, whatever `where` says later."""
OF_CUSTOMERS = frozenset({Kind.CUSTOMER, Kind.BALANCE})
"""Kinds whose key is the customer's; one that is linked to a card is of interest."""


class Noticing(msgspec.Struct):
    """What a pass shows of the habits of its source. `since` is how far reads had come before it,
    `first` the number of its first page; the rest counts records: those that came again with a
    newer time and nothing new in them, that it showed twice, that have another number."""

    since: dt.datetime | None
    first: int
    restamped: int = 0
    repeated: int = 0
    renumbered: int = 0

    def unchanged(self, row: Known, record: Record, at: dt.datetime) -> None:
        """Each time once: what this pass covers is behind the next one. Dates that people typed
        ahead are no times of change."""
        if self.since is None or record.stamp is None or row.asked >= self.first:
            return
        self.restamped += self.since < record.stamp <= at


class Reading(msgspec.Struct, frozen=True):
    """How a page was read: by which rules, when it was asked for, and what the source's clock
    said; `sweep` marks a full pass that notes whom it met."""

    kind: Kind
    inbound: Inbound
    asked: int
    at: dt.datetime
    cause: str
    stamped: bool
    sweep: bool = False
    linked: frozenset[str] = frozenset()
    """Customers of the page that have a card, or get that of one which was merged into them."""
    survivors: Mapping[str, str] = msgspec.field(default_factory=dict)
    """Customer that was merged -> whose its documents are now."""
    merged: dict[str, str | None] = msgspec.field(default_factory=dict)
    """Collects what the page says of its customers: who was merged into whom."""
    restored: list[str] | None = None
    """Collects keys whose stamp went back in time."""
    lost: bool = False
    """A document that does not count, and was never seen to, may be at the CRM all the same."""
    noticing: Noticing | None = None
    again: bool = False
    """Out of the mirror, and not from the books."""

    @property
    def rules(self) -> bytes:
        return self.inbound.paths_hash + self.inbound.version.encode()


def observe(scene: Scene, reading: Reading, records: Sequence[Record]) -> PageCount:
    """Stores what a page says and judges what it changes. Equal observations change nothing."""
    stream = scene.streams[reading.kind]
    unique = {record.key: record for record in records}
    known = mirror.known(scene.tx, stream, list(unique))
    every = merges.each(scene.tx, scene.pair.name)
    linked = _linked(scene, reading.kind, list(unique), every)
    survivors = merges.survivors(every)
    reading = msgspec.structs.replace(reading, linked=linked, survivors=survivors)
    now = scene.pair.clock.utc()
    seen: list[tuple[Seen, Record]] = []
    met: list[int] = []
    counts = dict.fromkeys(("new", "unchanged", "filtered", "unmappable"), 0)
    counts["unchanged"] += len(records) - len(unique)
    notes, rules = reading.noticing, reading.rules
    for key, record in unique.items():
        row = known.get(key)
        if row is None and record.outside:
            counts["filtered"] += 1
            continue
        raw = encode_raw(record.data)
        hashed = raw_hash(raw, rules)
        if row and notes:
            notes.repeated += row.asked >= notes.first
        if row and _nothing_new(reading, row, record, hashed, now):
            counts[_count_of(row)] += 1
            met.append(row.id)
            if notes and row.raw_hash == hashed:
                notes.unchanged(row, record, reading.at)
            continue
        seen.append((Seen(key, row, LIVE, raw, hashed, record.stamp, reading.asked), record))
    changed = [one for one, _ in seen]
    before = mirror.images(scene.tx, reading.kind, [one.before for one in changed if one.before])
    numbers = _drafts(scene, reading, changed) if notes else {}
    made = [_digest(scene, reading, one, record, before, now) for one, record in seen]
    for (one, record), canonical in zip(seen, made, strict=True):
        if notes and one.before and canonical:
            _compare(notes, reading, one, record, canonical, before, numbers)
    for one in changed:
        counts["new" if one.image else _count_of(one)] += 1
    mirror.save(
        scene.tx,
        reading.kind,
        stream,
        changed,
        run=scene.run,
        cause=reading.cause,
        at=reading.at,
    )
    if reading.sweep:
        mirror.touch(scene.tx, met, reading.asked)
    if reading.merged:
        merges.tell(scene.tx, scene.pair.name, reading.merged, now)
    spread(scene, reading.kind, reading.at, changed, made, before, survivors)
    return PageCount(read=len(records), **counts)


def _compare(
    notes: Noticing,
    reading: Reading,
    one: Seen,
    record: Record,
    canonical: Canonical,
    before: Mapping[int, bytes],
    drafts: Mapping[int, str | None],
) -> None:
    """With what the record was before."""
    row = one.before
    assert row is not None
    if one.image is None and one.state == row.state:
        notes.unchanged(row, record, reading.at)
    number = getattr(canonical, "number", None)
    if one.image is None or number is None:
        return
    was = drafts.get(row.id)
    if row.id in before:
        was = getattr(decode(reading.kind, before[row.id]), "number", None)
    notes.renumbered += was is not None and was != number


def _drafts(scene: Scene, reading: Reading, changed: Sequence[Seen]) -> dict[int, str | None]:
    """The numbers of documents that did not count so far."""
    rows = [one.before for one in changed if one.before and one.before.state == FILTERED]
    found: dict[int, str | None] = {}
    for one, raw in mirror.raws(scene.tx, reading.kind, rows).items() if rows else ():
        try:
            canonical = reading.inbound(Record("", decode_raw(raw)))
        except MappingError:
            continue
        found[one] = getattr(canonical, "number", None)
    return found


def remap(scene: Scene, kind: Kind, inbound: Inbound, cause: str, batch: Sequence[Known]) -> None:
    """Maps records of the mirror again, without asking the books. Cards that nobody won are only
    kept; what the books no longer have does not come back by that."""
    raws = mirror.raws(scene.tx, kind, batch)
    kept = [row for row in batch if kind is Kind.WON and is_kept(row)]
    read_again(scene, inbound, kept)
    for row in batch:
        if row.id in raws and row not in kept:
            at = row.changed_at or scene.pair.clock.utc()
            reading = Reading(kind, inbound, row.asked, at, cause, False, again=True)
            record = Record(row.key, decode_raw(raws[row.id]), row.stamp)
            observe(scene, reading, [record])


def _linked(
    scene: Scene, kind: Kind, keys: Sequence[str], every: Sequence[merges.Merge]
) -> frozenset[str]:
    if kind not in OF_CUSTOMERS:
        return frozenset()
    of = (scene.pair.crm.name, scene.pair.books.name)
    into = {one.into: one.loser for one in every}
    heirs = {key: into[key] for key in keys if key in into}
    has_card = links.linked(scene.tx, *of, [*keys, *heirs.values()])
    return frozenset({*has_card, *(key for key, loser in heirs.items() if loser in has_card)})


def _nothing_new(
    reading: Reading, row: Known, record: Record, hashed: bytes, now: dt.datetime
) -> bool:
    if row.asked > reading.asked:
        return True  # a later question has its answer already
    if row.state == CORRECTING and row.next_review and row.next_review <= now:
        return False
    if row.state == FILTERED and (reading.lost or row.key in reading.linked):
        return False
    if row.state not in MISSING and row.raw_hash == hashed:
        return True
    older = row.stamp and record.stamp and record.stamp < row.stamp
    if reading.stamped and older and reading.restored is not None:
        reading.restored.append(row.key)
    return bool(reading.stamped and older and row.state not in MISSING)


def _count_of(row: Known | Seen) -> str:
    return row.state if row.state in (FILTERED, UNMAPPABLE) else "unchanged"


def _digest(
    scene: Scene,
    reading: Reading,
    one: Seen,
    record: Record,
    before: Mapping[int, bytes],
    now: dt.datetime,
) -> Canonical | None:
    """Fills in what the record is now: its state, and its image where it is a new version."""
    row = one.before
    last = before.get(row.id) if row else None
    one.customer = row.customer if row else None
    try:
        canonical = _map(reading, record, last)
    except MappingError as error:
        if row and reading.again and row.state in MISSING:
            _still_missing(scene, one, row)
            one.fp = row.fp
            return None
        one.state, one.error = UNMAPPABLE, str(error)
        one.fp = row.fp if row else None
        one.customer = reading.inbound.alone(record, "customer") or one.customer
        one.problem = _unmappable(scene, reading.kind, error)
        return None
    if canonical is None:
        one.state = FILTERED
        return None
    if row and last is not None and _may_come_back(row, canonical, now):
        delay = dt.timedelta(seconds=scene.pair.numbers.correction_delay)
        one.state, one.fp = CORRECTING, row.fp
        one.next_review = row.next_review if row.state == CORRECTING else now + delay
        return None
    if getattr(canonical, "state", State.EFFECTIVE) is not State.EFFECTIVE:
        canonical = voided(canonical)
    one.state = VOID if getattr(canonical, "state", None) is State.VOID else LIVE
    if row and reading.again and row.state in MISSING:
        _still_missing(scene, one, row)
        canonical = without(canonical) if row.state == DELETED else canonical
    one.customer = canonical.account if isinstance(canonical, Deal) else None
    one.customer = getattr(canonical, "customer", one.customer)
    image = encode(canonical)
    hashed = fingerprint(image)
    if row is None or row.fp != hashed:
        one.image, one.fp = image, hashed
    return canonical


def _still_missing(scene: Scene, one: Seen, row: Known) -> None:
    """Another rule for what was read of it once says nothing of whether it is there."""
    one.state, one.problem = row.state, row.problem
    one.error = mirror.error_of(scene.tx, row.id)


def _may_come_back(row: Known, canonical: Canonical, now: dt.datetime) -> bool:
    """A document that counted was unposted: perhaps somebody only corrects a line of it."""
    unposted = getattr(canonical, "state", None) is State.DRAFT
    over = row.state == CORRECTING and row.next_review is not None and row.next_review <= now
    return unposted and row.state in (LIVE, CORRECTING, UNMAPPABLE) and not over


def _map(reading: Reading, record: Record, last: bytes | None) -> Canonical | None:
    """The canonical record; None while it is of no interest and never was, and of a customer that
    the books no longer use and that has no card."""
    canonical = reading.inbound(record)
    if canonical is None and reading.kind in ONCE_IN_SCOPE:
        if last is not None or record.key in reading.linked:
            canonical = reading.inbound.unconditional(record)
        if not isinstance(canonical, Customer):
            return canonical
    if isinstance(canonical, Customer):
        return _unless_merged(reading, canonical)
    elif canonical is None and last is not None:
        return voided(decode(reading.kind, last))
    state = getattr(canonical, "state", State.EFFECTIVE)
    kept = state is State.EFFECTIVE or last is not None or reading.lost
    if isinstance(canonical, Document) and canonical.customer in reading.survivors:
        canonical = msgspec.structs.replace(
            canonical, customer=reading.survivors[canonical.customer]
        )
    return canonical if kept else None


def _unless_merged(reading: Reading, customer: Customer) -> Customer | None:
    """Who is out of use gets no card; one that has a card keeps it until somebody decides."""
    into = customer.merged_into if customer.merged_into != customer.key else None
    reading.merged[customer.key] = into
    return customer if into is None or customer.key in reading.linked else None


def voided(document: Canonical) -> Canonical:
    assert isinstance(document, Document | Deal)
    return msgspec.structs.replace(document, state=State.VOID)


def without(record: Canonical) -> Canonical:
    """What is left of a record that was deleted: of a document that it is void, of a balance
    nothing, and of a customer what was known of it."""
    if isinstance(record, Balance):
        return msgspec.structs.replace(record, rows=())
    return voided(record) if isinstance(record, Document) else record


def _unmappable(scene: Scene, kind: Kind, error: MappingError) -> int:
    """One problem per rule that fails, however many records it fails for."""
    return problems.raise_problem(
        scene.tx,
        pair=scene.pair.name,
        cause=f"unmappable {kind} {error.where}",
        owner=problems.ACCOUNTING if error.field else problems.SYSADMIN,
        text=f"{kind}s cannot be read: {of_mapping(kind, error)}. Only they wait; mend the record "
        "or the rule, then they go by themselves.",
        run=scene.run,
        at=scene.pair.clock.utc(),
    )
