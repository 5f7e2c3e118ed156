"""Whether a state is sound: what SQLite says of the file, and what must hold whatever happened."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import msgspec
import sqlalchemy as sa

from syncd.domain import DERIVED_KINDS, PERSONAL, Kind
from syncd.image import decode, decode_fields
from syncd.store import intents, mirror, parts, runs, streams, witness
from syncd.store.engine import Store
from syncd.store.tables import intent, link, part, person_fields, record, run, tally
from syncd.sync.pair import Pair, Scene
from syncd.sync.want import items, misjudged

NAMED = 20
"""Findings of one sort that are told one by one."""
BACKUP = "put it aside and bring back the newest backup, as docs/state.md says"


class Finding(msgspec.Struct, frozen=True):
    """Something that should not be: `do` says what ends it."""

    what: str
    where: str
    do: str


Tell = Callable[[str], None]


def file_findings(store: Store, tell: Tell) -> list[Finding]:
    """Of the file alone; the rest is worth asking only of one that is whole."""
    tell("reading the file")
    found = []
    with store.reading() as tx:
        for [line] in tx.exec_driver_sql(f"PRAGMA integrity_check({NAMED})"):
            if line != "ok":
                found.append(Finding(f"the file is damaged: {line}", str(store.path), BACKUP))
        for table, rowid, parent, _ in tx.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(
            NAMED
        ):
            where = f"{table} {rowid if rowid is not None else ''}".strip()
            found.append(Finding(f"a row names a {parent} that is not there", where, BACKUP))
    return found


def findings(pair: Pair, tell: Tell) -> list[Finding]:
    """Of one pair. Each part is one look at the state as it is then."""
    with pair.store.reading() as tx:
        ids = streams.stream_ids(tx, pair.name)
        found = [*_witness(tx, pair), *_intents(tx, pair), *_links(tx, pair, ids), *_sums(tx, pair)]
    for kind, stream in ids.items():
        tell(f"looking at {kind}s of {pair.name}")
        found += _few(_records(pair, ids, kind, stream))
    return found


def _few(some: Iterator[Finding]) -> list[Finding]:
    found = list(some)
    if len(found) <= NAMED:
        return found
    more = Finding(f"and {len(found) - NAMED} more like it", found[0].where, found[0].do)
    return [*found[:NAMED], more]


def _witness(tx: sa.Connection, pair: Pair) -> Iterator[Finding]:
    returned = witness.came_back(tx, pair.store.path, pair.name)
    if returned and returned.sign:
        yield Finding(
            f"this state is not the newest: {returned.sign}",
            f"pair {pair.name}",
            "if the right file is still there, put that back; else: syncd plan",
        )


def _intents(tx: sa.Connection, pair: Pair) -> Iterator[Finding]:
    states = (intents.OPEN, intents.DOUBT_STATE, intents.ASKED)
    query = sa.select(intent.c.id, intent.c.parts).where(
        intent.c.pair == pair.name, intent.c.state.in_(states)
    )
    for one, encoded in tx.execute(query):
        wanted = {part_id for part_id, _ in msgspec.json.decode(encoded)}
        if not wanted or len(parts.by_id(tx, list(wanted))) < len(wanted):
            yield Finding(
                "a write under way names parts that are not there", f"write {one}", BACKUP
            )


def _links(tx: sa.Connection, pair: Pair, ids: dict[Kind, int]) -> Iterator[Finding]:
    """The customer of a link that was just made is read by the next run."""
    last = tx.scalar(
        sa.select(sa.func.max(run.c.ended)).where(run.c.pair == pair.name, run.c.result == runs.OK)
    )
    mine = sa.and_(record.c.stream == ids.get(Kind.CUSTOMER), record.c.key == link.c.books_key)
    query = (
        sa.select(link.c.books_key, link.c.card_id, link.c.at)
        .outerjoin(record, mine)
        .where(link.c.crm == pair.crm.name, link.c.books == pair.books.name, record.c.id.is_(None))
    )
    for key, card, at in tx.execute(query):
        if last is not None and at < last:
            yield Finding(
                f"card {card} is linked to customer {key}, which was never read",
                f"link of customer {key}",
                f"syncd resync --key customer:{key}; if the books do not have it, unlink the card",
            )


def _sums(tx: sa.Connection, pair: Pair) -> Iterator[Finding]:
    query = (
        sa.select(tally.c.run, tally.c.stream)
        .join(run, run.c.id == tally.c.run)
        .where(run.c.pair == pair.name, run.c.ended.is_not(None))
    )
    for one, stream in tx.execute(query).all():
        page = runs.page_totals(tx, one, stream)
        read = page.new + page.unchanged + page.filtered + page.unmappable
        if page.read != read or not runs.read_tally(tx, one, stream).closes:
            yield Finding(
                f"the sums of run {one} do not close",
                f"run {one}, stream {stream}",
                "a defect of syncd: report it with syncd log --json; no card is wrong by it",
            )


def _records(pair: Pair, ids: dict[Kind, int], kind: Kind, stream: int) -> Iterator[Finding]:
    judges = _judged(pair, ids, kind, stream)
    last = 0
    while True:
        with pair.store.reading() as tx:
            batch = mirror.batch(tx, stream, last)
            if not batch:
                return
            last = batch[-1].id
            scene = Scene(tx, pair, ids, 0)
            images = mirror.images(tx, kind, batch)
            whole = []
            for row in batch:
                where, again = f"{kind}:{row.key}", f"syncd resync --key {kind}:{row.key}"
                if row.ver and row.id not in images:
                    yield Finding("its newest version is missing", where, again)
                elif row.id in images and not _readable(
                    functools.partial(decode, kind, images[row.id])
                ):
                    yield Finding("its newest version cannot be read", where, BACKUP)
                else:
                    whole.append(row)
            yield from _bases(tx, kind, {row.id: row.key for row in batch})
            for item, key in misjudged(scene, kind, items(scene, kind, whole)) if judges else ():
                where = f"{kind}:{item.key}" + (f" ({key})" if key else "")
                yield Finding(
                    "what is due is not what the mapping wants",
                    where,
                    f"syncd resync --key {kind}:{item.key}, and report it: a defect of syncd",
                )


def _judged(pair: Pair, ids: dict[Kind, int], kind: Kind, stream: int) -> bool:
    """Whether all of a stream was judged under the mappings as they are now."""
    with pair.store.reading() as tx:
        last = next(iter(runs.recent(tx, pair.name, 1)), None)
        cursor = streams.read_cursor(tx, stream)
    if last is None or last.ended is None or kind is Kind.WON:
        return False
    return kind in DERIVED_KINDS or cursor.wanted_by == pair.wanted_by(kind)


def _bases(tx: sa.Connection, kind: Kind, keys: dict[int, str]) -> Iterator[Finding]:
    table, column = (person_fields, person_fields.c.part) if kind in PERSONAL else (part, part.c.id)
    query = sa.select(part.c.record, part.c.key, table.c.fields).where(
        part.c.record.in_(keys), table.c.fields.is_not(None), column == part.c.id
    )
    for one, key, stored in tx.execute(query):
        if not _readable(functools.partial(decode_fields, stored)):
            where = f"{kind}:{keys[one]}" + (f" ({key})" if key else "")
            yield Finding(
                "what it was last agreed to be cannot be read",
                where,
                f"syncd resync --key {kind}:{keys[one]}",
            )


def _readable(read: Callable[[], object]) -> bool:
    try:
        read()
    except (msgspec.MsgspecError, ArithmeticError, ValueError, TypeError, KeyError):
        return False
    return True
