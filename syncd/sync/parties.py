"""Customers of the books and cards of the CRM as what is compared of them, out of the mirror."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from syncd import matching
from syncd.domain import Customer, Kind, Won
from syncd.errors import MappingError
from syncd.image import decode_raw
from syncd.port import Record
from syncd.store import mirror
from syncd.store.mirror import Known
from syncd.sync.pair import Pair, Scene

if TYPE_CHECKING:
    from syncd.matching import Party


def customers(scene: Scene) -> Iterator[Party]:
    """All that were ever read, those that never bought included; a batch at a time. One that the
    mapping cannot digest is left out: its problem says so."""
    return _each(scene, Kind.CUSTOMER)


def cards(scene: Scene) -> Iterator[Party]:
    """All cards that the CRM has, won or not. Nothing before they were mirrored."""
    return _each(scene, Kind.WON)


def of_keys(scene: Scene, kind: Kind, keys: Sequence[str]) -> dict[str, Party]:
    """Customers or cards, by key; those that are not known, or cannot be read, are left out."""
    rows = list(mirror.known(scene.tx, scene.streams[kind], keys).values())
    found: dict[str, Party] = {}
    for start in range(0, len(rows), mirror.CHUNK):
        some = _mapped(scene, kind, rows[start : start + mirror.CHUNK])
        found.update((one.key, party(scene.pair, one)) for one, _ in some)
    return found


def records(scene: Scene, kind: Kind) -> Iterator[tuple[Customer | Won, Any]]:
    """Each with its raw record, but for those that were deleted."""
    last = 0
    while batch := mirror.batch(scene.tx, scene.streams[kind], last):
        last = batch[-1].id
        yield from _mapped(scene, kind, [row for row in batch if row.state != mirror.DELETED])


def _each(scene: Scene, kind: Kind) -> Iterator[Party]:
    return (party(scene.pair, one) for one, _ in records(scene, kind))


def party(pair: Pair, one: Customer | Won) -> Party:
    return matching.party_of(one, home(pair))


def home(pair: Pair) -> str | None:
    """The country of a phone or tax id that names none: the mapping's own, else the books'."""
    rules = pair.writing.match
    return (rules and rules.home) or pair.books.connector.facts.country or None


def _mapped(
    scene: Scene, kind: Kind, rows: Sequence[Known]
) -> Iterator[tuple[Customer | Won, Any]]:
    """Whatever `where` says: it is about what is wanted, not about what is there."""
    inbound = scene.pair.inbound(kind)
    raws = mirror.raws(scene.tx, kind, rows) if inbound else {}
    for row in rows:
        if inbound is None or row.id not in raws:
            continue
        raw = decode_raw(raws[row.id])
        try:
            one = inbound.unconditional(Record(row.key, raw))
        except MappingError:
            continue
        assert isinstance(one, Customer | Won)
        yield one, raw
