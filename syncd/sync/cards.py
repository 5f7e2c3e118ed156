"""The mirror of cards: every card of the CRM as it was last read, whether it was won or not.

One that was not won is a record of the stream of won customers that is filtered and not mapped:
its raw is kept, nothing is wanted of it, and no version of it is. What is won is read by its key,
see `won`, and this leaves it alone: what the books got is theirs, whatever the card says later.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain import Kind
from syncd.errors import MappingError
from syncd.image import decode_raw, encode_raw, raw_hash
from syncd.mapping import Inbound
from syncd.port import Record
from syncd.store import links, mirror, problems, streams
from syncd.store.mirror import FILTERED, LIVE, THERE, UNMAPPABLE, Known, Seen
from syncd.store.runs import PageCount
from syncd.sync.forgotten import forget
from syncd.sync.pair import Scene
from syncd.sync.quoting import of_mapping
from syncd.sync.session import Session
from syncd.sync.want import follow

KEPT = b"card "
"""Begins the hash of what is kept and not mapped, so that a read by key is never taken for one
that brings nothing new."""

UNCOMPARED = "uncompared"
"""First word of the cause of cards that cannot be read; the rule that fails follows."""

CAUSE = f"implausible {Kind.WON}"


def is_kept(row: Known) -> bool:
    return (row.raw_hash or b"").startswith(KEPT)


def keep(
    scene: Scene, inbound: Inbound, asked: int, records: Sequence[Record], *, sweep: bool
) -> tuple[PageCount, bool]:
    """Stores what a page of cards says; and whether it says anything new."""
    stream = scene.streams[Kind.WON]
    unique = {record.key: record for record in records}
    known = mirror.known(scene.tx, stream, list(unique))
    counts = {"unchanged": len(records) - len(unique), "filtered": 0, "unmappable": 0}
    seen: list[Seen] = []
    met: list[int] = []
    gone: list[Known] = []
    linked = _followed(scene, list(unique))
    for key, record in unique.items():
        row = known.get(key)
        if row and row.state != FILTERED and (row.state != LIVE or key not in linked):
            counts["unmappable" if row.state == UNMAPPABLE else "unchanged"] += 1
            met.append(row.id)
            continue
        kept = row is None or row.state == FILTERED
        counts["filtered" if kept else "unchanged"] += 1
        if record.outside or not record.data:  # it is gone: nothing is told of it but its key
            gone += [row] if row and kept else []
            continue
        raw = encode_raw(record.data)
        hashed = KEPT + raw_hash(raw, inbound.paths_hash)
        if row and (row.raw_hash == hashed or row.asked > asked):
            met.append(row.id)
            continue
        state = row.state if row else FILTERED
        one = Seen(key, row, state, raw, hashed, record.stamp, asked)
        one.customer = row.customer if row else None
        if kept:
            one.error, one.problem = _comparable(scene, inbound, record)
        seen.append(one)
    now = scene.pair.clock.utc()
    mirror.save(scene.tx, Kind.WON, stream, seen, run=scene.run, cause="card", at=now)
    forget(scene, Kind.WON, gone)
    if sweep:
        mirror.touch(scene.tx, [one for one in met], asked)
    turned = [*(one.key for one in seen), *(row.key for row in gone)]
    follow(scene, Kind.WON, [key for key in turned if key in linked])
    return PageCount(read=len(records), **counts), bool(seen or gone)


def _comparable(scene: Scene, inbound: Inbound, record: Record) -> tuple[str | None, int | None]:
    """What is wrong with a card that cannot be compared with customers, and its problem: one for a
    rule, however many cards it fails for."""
    pair = scene.pair
    if pair.writing.match is None:
        return None, None
    try:
        inbound.unconditional(record)
    except MappingError as error:
        problem = problems.raise_problem(
            scene.tx,
            pair=pair.name,
            cause=f"{UNCOMPARED} {error.where}",
            owner=problems.SALES if error.field else problems.SYSADMIN,
            text=f"Cards of {pair.crm.name} cannot be compared with the customers of the books: "
            f"{of_mapping(Kind.WON, error)}. A customer whose card one of them is may get a second "
            "one; mend the card or the rule, then it is compared.",
            run=scene.run,
            at=pair.clock.utc(),
        )
        return str(error), problem
    return None, None


def read_again(scene: Scene, inbound: Inbound, rows: Sequence[Known]) -> None:
    """Whether kept cards can be compared, by a mapping that is another than before."""
    raws = mirror.raws(scene.tx, Kind.WON, rows)
    for row in rows:
        if row.id not in raws:
            continue
        error, problem = _comparable(scene, inbound, Record(row.key, decode_raw(raws[row.id])))
        if error is not None and problem is not None:
            mirror.note_problem(scene.tx, row.id, error, problem)
        elif row.problem is not None:
            mirror.end_problems(scene.tx, [row.id])


def _followed(scene: Scene, keys: Sequence[str]) -> set[str]:
    """Those of these cards whose fields a customer of the books has to hear of."""
    pair = scene.pair
    if not pair.writing.owners.rules:
        return set()
    return set(links.customers_of(scene.tx, pair.crm.name, pair.books.name, keys))


def lacking(scene: Scene, first_asked: int) -> list[Known]:
    """Kept cards that no page from this number on has shown."""
    return mirror.missing_since(scene.tx, scene.streams[Kind.WON], first_asked, (FILTERED,))


def conclude(scene: Scene, first_asked: int, few: int, most: float) -> bool:
    """At the end of a full pass, what it lacks is forgotten: nothing was ever written because of
    it. A pass that lacks more than a `few` and more than the share `most` proves nothing, and a
    card that is there and not in the mirror would be made a second time. Whether it is believed."""
    gone = lacking(scene, first_asked)
    tx, pair, now = scene.tx, scene.pair, scene.pair.clock.utc()
    states = (*THERE, FILTERED)
    known = mirror.count_in(tx, scene.streams[Kind.WON], states)
    if gone and (len(gone) == known or len(gone) > max(few, most * known)):
        problems.raise_problem(
            tx,
            pair=pair.name,
            cause=CAUSE,
            owner=problems.SYSADMIN,
            text=f"A complete read of {pair.crm.name} shows only {known - len(gone)} of {known} "
            "cards. That is not believed: customers of the books are compared with the cards "
            "that were there before, too. Somebody lost rights, or another base is connected.",
            run=scene.run,
            at=now,
        )
        return False
    problems.close(tx, pair.name, CAUSE, now)
    forget(scene, Kind.WON, gone)
    follow(scene, Kind.WON, [row.key for row in gone])
    return True


def forget_all(session: Session) -> None:
    """Of a mapping that no longer compares cards: nothing is kept of those that were not won."""
    last, stream = 0, session.streams[Kind.WON]
    with session.pair.store.reading() as tx:
        if streams.read_cursor(tx, stream).swept_at is None:
            return
    while True:
        with session.commit() as scene:
            batch = mirror.batch(scene.tx, stream, last)
            kept = [row for row in batch if row.state == FILTERED and is_kept(row)]
            forget(scene, Kind.WON, kept)
            if not batch:
                streams.move_cursor(scene.tx, stream, swept_at=None, value=None)
                return
            last = batch[-1].id
