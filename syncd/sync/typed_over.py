"""What people typed over the books' values, seen where their cards are read anyway.

A page of cards shows, beside what is compared with customers, fields that the books own. One that
reads otherwise than it was last agreed on was typed over: what it shows is the base from then on,
so that it is written again in the same cycle, and both values are kept. No request is made for it.
What is ours shows our own value, so an echo is no edit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from syncd.domain import Kind, Value
from syncd.image import UNKNOWN, as_sent, decode_fields, encode_fields, manner
from syncd.mapping import Inbound, Outbound
from syncd.merging import alike
from syncd.port import Record
from syncd.store import links, mirror, overwritten, parts
from syncd.store.mirror import LIVE
from syncd.store.parts import CLEAN, DUE, HELD, UNSETTLED, WAIVED, Part
from syncd.store.runs import add
from syncd.sync import second_writer, shared
from syncd.sync.farewell import marker_path
from syncd.sync.pair import Scene


def look(scene: Scene, inbound: Inbound, records: Sequence[Record]) -> None:
    """Makes due what a page of cards shows otherwise than it was written."""
    pair, kind = scene.pair, Kind.CUSTOMER
    outbound = pair.outbound(kind)
    if outbound is None or dict(outbound.targets).get("") != inbound.read.object:
        return  # what is read is another object than what is written
    shown = {one.key: one for one in records if one.data and not one.outside}
    cards = links.customers_of(scene.tx, pair.crm.name, pair.books.name, list(shown))
    if not cards:
        return
    known = mirror.known(scene.tx, scene.streams[kind], list(cards.values()))
    rows = {key: row for key, row in known.items() if row.state == LIVE}
    every = parts.of_records(scene.tx, [row.id for row in rows.values()])
    mains = {key: main for key, row in rows.items() if (main := every.get(row.id, {}).get(""))}
    mains = {cards[card]: mains[cards[card]] for card in cards if _is_its(mains, cards[card], card)}
    ids = [main.id for main in mains.values()]
    stored = parts.stored_fields(scene.tx, kind, ids)
    theirs = shared.of_people(scene, list(mains))
    differing = {}
    for card, key in cards.items():
        if key in mains:
            said, _ = decode_fields(stored.get(mains[key].id))
            found = _typed(outbound, mains[key], said, shown[card].data, theirs[key])
            if found:
                differing[key] = (shown[card], found)
    written = overwritten.written(scene.tx, [mains[key].id for key in differing])
    now, kept = pair.clock.utc(), {}
    for key, (record, found) in differing.items():
        main, last = mains[key], written[mains[key].id]
        if last.sent_at and now < last.sent_at + dt.timedelta(seconds=pair.doubt_time):
            continue  # it may not show yet what was just written
        said, parents = decode_fields(stored.get(main.id))
        kept[main.id] = encode_fields(
            said | {path: new for path, (_, new) in found.items()}, parents
        )
        if last.confirmed:  # else the system may write it in a way of its own
            second_writer.count(scene, kind, rows[key], found, last.sent_at, record.stamp)
        if main.state == CLEAN:
            add(scene.tx, scene.run, scene.streams[kind], became_due=1)
            parts.update(scene.tx, main.id, state=DUE)
    parts.store_fields(scene.tx, kind, kept, now)
    parts.update(scene.tx, list(kept), base=UNKNOWN)


def _is_its(mains: Mapping[str, Part], key: str, card: str) -> bool:
    """Whether the customer's object is this card, for certain, and nobody was asked about it."""
    main = mains.get(key)
    open_ = (*UNSETTLED, HELD, WAIVED)
    return main is not None and main.remote_id == card and main.state not in open_


def _typed(
    outbound: Outbound,
    main: Part,
    said: Mapping[str, Value],
    data: Mapping[str, Any],
    theirs: Collection[str],
) -> dict[str, tuple[Value, Value]]:
    """Path -> what was agreed on and what the card shows instead, of what the books own; of fields
    that the page has."""
    marker = marker_path(outbound, "")
    found: dict[str, tuple[Value, Value]] = {}
    for path, ours in said.items():
        word = outbound.word_at("", path) or ""
        known, shown = _at(data, path)
        if not known or ours is None or path == marker or word in theirs:
            continue  # where the books say nothing, what people type stays
        if as_sent(path, ours, shown, main.rewritten) or manner(ours, shown) is not None:
            continue
        if word and alike(word, str(ours), "" if shown is None else str(shown)):
            continue
        found[path] = (ours, shown)
    return found


def _at(data: Mapping[str, Any], path: str) -> tuple[bool, Value]:
    """Whether a record has a field, and its value; a dot leads into another table. What is no
    single value is not ours."""
    here: Any = data
    for name in path.split("."):
        if not isinstance(here, Mapping) or name not in here:
            return False, None
        here = here[name]
    return not isinstance(here, Mapping | list), here
