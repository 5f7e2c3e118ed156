"""Guards: what looks like a disaster is not written, but becomes a plan that waits for a person.

Money and shares are watched, not numbers of rows: a bank file of 800 payments and a month end of
9,000 documents posted again are ordinary days. What is usual is learned from the runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import msgspec

from syncd.domain import Card, Kind, Value, Want
from syncd.image import NOTHING, decode, decode_fields, encode
from syncd.mapping.words import DOCUMENTS
from syncd.store import mirror, parts, plans, problems, runs
from syncd.store.mirror import VOID, Known
from syncd.store.parts import Part
from syncd.sync.pair import Limits, Scene
from syncd.sync.want import items, wants_if_any

TEACHERS = 10
"""So many runs that wrote something teach what is usual."""
MEMORY = 500
"""Runs that are looked at."""
FACTOR = 3
"""A guard trips above so many times the most that was usual."""


@dataclass(slots=True)
class Measures:
    """What a run is about to change, and of how much. Money in millionths by currency."""

    cards: int = 0
    of_cards: int = 0
    documents: int = 0
    of_documents: int = 0
    blanks: int = 0
    of_blanks: int = 0
    moved_cards: int = 0
    moved: dict[str, int] = field(default_factory=dict)
    of_money: dict[str, int] = field(default_factory=dict)
    won: int = 0


@dataclass(frozen=True, slots=True)
class Trip:
    """A guard that stops these kinds, with the sentence that says why."""

    name: str
    kinds: frozenset[Kind]
    owner: str
    text: str


CARDS = frozenset({Kind.CUSTOMER})
PAPERS = frozenset(DOCUMENTS)
EVERYTHING = frozenset(Kind)


def stopped(scene: Scene, *, consented: bool) -> frozenset[Kind]:
    """Kinds of which nothing may be sent now. Each guard that trips is a problem with a plan; one
    that no longer does closes its problem. With `consented` a person saw what would be sent."""
    if problems.opened(scene.tx, scene.pair.name, "restored"):
        return EVERYTHING
    measures = measure(scene)
    trips = [] if consented else judge(measures, scene.pair.limits, _usual(scene))
    runs.note_measures(scene.tx, scene.run, encode(asdict(measures)), tripped=bool(trips))
    for name in ("cards", "documents", "blanks", "money", "won"):
        if name not in {trip.name for trip in trips}:
            problems.close(scene.tx, scene.pair.name, f"guard {name}", scene.pair.clock.utc())
    for trip in trips:
        _raise(scene, trip)
    return frozenset().union(*(trip.kinds for trip in trips))


def judge(measures: Measures, limits: Limits, usual: Measures | None) -> list[Trip]:
    """Pure. `usual` is the most of each that earlier runs changed, None as long as too few are
    known."""
    found = []

    def beyond(count: int, of: int, share: float, learned: int) -> bool:
        if count <= limits.few:
            return False
        return count > (share * of if usual is None else max(FACTOR * learned, share * of / 4))

    known = usual or Measures()
    if beyond(measures.cards, measures.of_cards, limits.cards, known.cards):
        what = f"{measures.cards} of {measures.of_cards} cards would get another name or address"
        found.append(Trip("cards", CARDS, problems.SYSADMIN, what))
    if beyond(measures.documents, measures.of_documents, limits.documents, known.documents):
        what = f"{measures.documents} of {measures.of_documents} documents on cards would change"
        found.append(Trip("documents", PAPERS, problems.ACCOUNTING, what))
    if beyond(measures.blanks, measures.of_blanks, limits.blanks, known.blanks):
        what = f"{measures.blanks} of {measures.of_blanks} cards and documents would lose a value"
        kinds = CARDS | PAPERS
        found.append(Trip("blanks", kinds, problems.SYSADMIN, what))
    found += _money(measures, limits)
    most = limits.won if usual is None else max(limits.won, FACTOR * usual.won)
    if measures.won > most:
        what = f"{measures.won} won customers at once would be made in the books"
        found.append(Trip("won", frozenset({Kind.WON}), problems.SALES, what))
    return found


def _money(measures: Measures, limits: Limits) -> list[Trip]:
    """Money that documents explain may move as it likes."""
    if measures.moved_cards <= limits.few:
        return []
    shares = {
        code: moved / max(measures.of_money.get(code, 0), 1)
        for code, moved in measures.moved.items()
    }
    code, share = max(shares.items(), key=lambda pair: pair[1], default=("", 0.0))
    if share <= limits.money:
        return []
    what = (
        f"what {measures.moved_cards} customers owe in {code} would move by {share:.0%} of all "
        "that is open, and no document explains it"
    )
    return [Trip("money", frozenset({Kind.CARD}), problems.ACCOUNTING, what)]


def _raise(scene: Scene, trip: Trip) -> None:
    pair, now = scene.pair, scene.pair.clock.utc()
    mapping = f"{pair.reading.version} {pair.writing.version}"
    one = plans.waiting(scene.tx, pair.name, trip.name, mapping)
    if one is None:
        streams = [scene.streams[kind] for kind in trip.kinds]
        approval = plans.Approval(pair.name, mapping, now, streams, because=trip.name)
        _, one = plans.store(scene.tx, approval, {"because": trip.text})
    problems.raise_problem(
        scene.tx,
        pair=pair.name,
        cause=f"guard {trip.name}",
        owner=trip.owner,
        text=f"{trip.text[:1].upper()}{trip.text[1:]}. That is more than usual, so nothing of it "
        f"was written. If it is right: syncd apply {one}. If not, mend the cause; this closes "
        "itself.",
        run=scene.run,
        at=now,
    )


def _usual(scene: Scene) -> Measures | None:
    rows = runs.measures(scene.tx, scene.pair.name, MEMORY)
    if len(rows) < TEACHERS:
        return None
    some = [Measures(**msgspec.json.decode(row)) for row in rows]
    return Measures(
        cards=max(one.cards for one in some),
        documents=max(one.documents for one in some),
        blanks=max(one.blanks for one in some),
        won=max(one.won for one in some),
    )


# -- what is about to change ---------------------------------------------------------------------


def measure(scene: Scene) -> Measures:
    """Over everything that is due and stands at the CRM already; new objects harm nobody."""
    found = Measures()
    found.of_cards = parts.count_there(scene.tx, scene.streams[Kind.CUSTOMER])
    for kind in DOCUMENTS:
        found.of_documents += parts.count_there(scene.tx, scene.streams[kind])
    found.of_blanks = found.of_cards + found.of_documents
    for kind in (Kind.CUSTOMER, *DOCUMENTS):
        for row, one, want, before in _due(scene, kind):
            _count(found, kind, row, one, want, before)
    _count_money(scene, found)
    found.won = parts.count_due_new(scene.tx, scene.streams[Kind.WON])
    return found


def _count(
    found: Measures,
    kind: Kind,
    row: Known,
    one: Part,
    want: Want | None,
    before: dict[str, Value],
) -> None:
    if kind in DOCUMENTS:
        taken_back = want is None or row.state == VOID
        changed = want and any(before.get(path) != v for path, v in want.fields.items())
        found.documents += bool(taken_back or changed)
    elif kind is Kind.CUSTOMER:
        found.cards += bool(want and _differs(before, want))
    if want:
        emptied = (
            before.get(path) not in (None, "") and value in (None, "")
            for path, value in want.fields.items()
        )
        found.blanks += any(emptied)


def _differs(before: dict[str, Value], want: Want) -> bool:
    """Another value in place of one, which a first filling is not."""
    return any(before.get(path) not in (None, "", value) for path, value in want.fields.items())


def _due(scene: Scene, kind: Kind) -> Iterator[tuple[Known, Part, Want | None, dict[str, Value]]]:
    stream, after = scene.streams[kind], 0
    while batch := parts.due_there(scene.tx, stream, mirror.CHUNK, after):
        after = batch[-1].id
        stored = parts.stored_fields(scene.tx, kind, [one.id for one in batch])
        rows = {row.id: row for row in mirror.by_id(scene.tx, sorted({p.record for p in batch}))}
        judged = {i.id: i for i in items(scene, kind, list(rows.values()))}
        for one in batch:
            want = None
            if one.want != NOTHING:
                want = wants_if_any(scene, kind, judged[one.record], one.numbered).get(one.key)
            before, _ = decode_fields(stored.get(one.id))
            yield rows[one.record], one, want, before


def _count_money(scene: Scene, found: Measures) -> None:
    """How much more than before the ledger and the documents of cards differ, and what all that
    is open comes to."""
    moved: Counter[str] = Counter()
    total: Counter[str] = Counter()
    last = 0
    due = parts.records_due(scene.tx, scene.streams[Kind.CARD])
    if not due:
        return
    while batch := mirror.batch(scene.tx, scene.streams[Kind.CARD], last):
        last = batch[-1].id
        images = mirror.images(scene.tx, Kind.CARD, batch)
        for row in batch:
            card = decode(Kind.CARD, images[row.id]) if row.id in images else None
            if not isinstance(card, Card):
                continue
            sent = due.get(row.id)
            old = mirror.image_of(scene.tx, Kind.CARD, row.id, sent) if sent else None
            before = decode(Kind.CARD, old) if old else card
            assert isinstance(before, Card)
            for sums in before.rows:
                code = sums.receivable.currency
                total[code] += sums.receivable.micros + sums.prepaid.micros
            differs = _moved(before, card)
            found.moved_cards += bool(differs)
            moved.update(differs)
    found.moved, found.of_money = dict(moved), dict(total)


def _moved(before: Card, card: Card) -> dict[str, int]:
    if not before.complete or not card.complete:
        return {}
    old = {money.currency: money.micros for money in before.unexplained}
    new = {money.currency: money.micros for money in card.unexplained}
    codes = {*old, *new}
    found = {code: abs(new.get(code, 0) - old.get(code, 0)) for code in codes}
    return {code: micros for code, micros in found.items() if micros}
