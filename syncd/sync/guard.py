"""Guards: what looks like a disaster is not written, but becomes a plan that waits for a person.

Money and shares are watched, not numbers of rows: a bank file of 800 payments and a month end of
9,000 documents posted again are ordinary days. What is usual is learned from the runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from syncd.domain import DERIVED_KINDS, Card, Kind, Value, Want
from syncd.image import NOTHING, decode, decode_fields, encode
from syncd.mapping.words import DOCUMENTS
from syncd.store import mirror, outstanding, parts, plans, problems, runs, streams
from syncd.store.mirror import FILTERED, is_void
from syncd.store.parts import Part, is_left
from syncd.sync import farewell
from syncd.sync.pair import Limits, Scene
from syncd.sync.remapping import CHANGED
from syncd.sync.want import Item, Looked, items, look, wants_if_any

TEACHERS = 10
"""So many runs that wrote something teach what is usual."""
MEMORY = 500
"""Runs that are looked at."""
FACTOR = 3
"""A guard trips above so many times the most that was usual."""


class Measures(msgspec.Struct):
    """What a run is about to change, and of how much. Money in millionths by currency."""

    cards: int = 0
    of_cards: int = 0
    documents: int = 0
    of_documents: int = 0
    blanks: int = 0
    of_blanks: int = 0
    moved_cards: int = 0
    moved: dict[str, int] = msgspec.field(default_factory=dict)
    of_money: dict[str, int] = msgspec.field(default_factory=dict)
    shrunk_cards: int = 0
    shrunk: dict[str, int] = msgspec.field(default_factory=dict)
    of_sales: dict[str, int] = msgspec.field(default_factory=dict)
    won: int = 0


class Trip(msgspec.Struct, frozen=True):
    """A guard that stops these kinds, with the sentence that says why."""

    name: str
    kinds: frozenset[Kind]
    owner: str
    text: str


class Change(msgspec.Struct, frozen=True):
    """What would become of one object that is at the CRM; `want` None: it is removed, or nobody
    can tell."""

    void: bool
    want: Want | None
    before: Mapping[str, Value]


CARDS = frozenset({Kind.CUSTOMER})
PAPERS = frozenset({*DOCUMENTS, *DERIVED_KINDS})
"""Figures are worked out from the documents: those that cannot be trusted leave cards alone."""
FIGURES = frozenset({Kind.CARD})
EVERYTHING = frozenset(Kind)
STOPS = {
    "cards": CARDS,
    "documents": PAPERS,
    "blanks": CARDS | PAPERS,
    "money": FIGURES,
    "won": frozenset({Kind.WON}),
}
"""Guard -> what it stops."""


def stopped(scene: Scene, *, consented: bool) -> frozenset[Kind]:
    """Kinds of which nothing may be sent now. Each guard that trips is a problem with a plan; one
    that no longer does closes its problem. With `consented` a person saw what would be sent."""
    if problems.opened(scene.tx, scene.pair.name, "restored"):
        return EVERYTHING
    state = streams.pair_state(scene.tx, scene.pair.name)
    if state and state.restored_sign and not (consented and state.looked_back):
        return EVERYTHING
    if consented:
        return frozenset()
    usual = _usual(scene)
    measures = measure(scene, usual)
    trips = merged(judge(measures, scene.pair.limits, usual))
    runs.note_measures(
        scene.tx, scene.run, encode(msgspec.structs.asdict(measures)), tripped=bool(trips)
    )
    _close(scene, trips)
    for trip in trips:
        _raise(scene, trip)
    return frozenset().union(*(trip.kinds for trip in trips))


def close_settled(scene: Scene) -> None:
    """Closes what a person settled by applying a plan; what another guard stops stays open."""
    usual = _usual(scene)
    _close(scene, merged(judge(measure(scene, usual), scene.pair.limits, usual)))


def _close(scene: Scene, trips: Sequence[Trip]) -> None:
    for name in STOPS:
        if name not in {trip.name for trip in trips}:
            problems.close(scene.tx, scene.pair.name, f"guard {name}", scene.pair.clock.utc())


def judge(measures: Measures, limits: Limits, usual: Measures | None) -> list[Trip]:
    """Pure. `usual` is the most of each that earlier runs changed, None as long as too few are
    known."""
    found = []

    def beyond(count: int, of: int, share: float, learned: int) -> bool:
        if count <= _ordinary(limits, learned):
            return False
        return count > (share * of if usual is None else share * of / 4)

    known = usual or Measures()
    if beyond(measures.cards, measures.of_cards, limits.cards, known.cards):
        what = f"{measures.cards} of {measures.of_cards} cards would get another name or address"
        found.append(_trip("cards", problems.SYSADMIN, what))
    if beyond(measures.documents, measures.of_documents, limits.documents, known.documents):
        what = f"{measures.documents} of {measures.of_documents} documents on cards would change"
        found.append(_trip("documents", problems.ACCOUNTING, what))
    if beyond(measures.blanks, measures.of_blanks, limits.blanks, known.blanks):
        what = f"{measures.blanks} of {measures.of_blanks} cards and documents would lose a value"
        found.append(_trip("blanks", problems.SYSADMIN, what))
    found += _money(measures, limits)
    most = limits.won if usual is None else max(limits.won, FACTOR * usual.won)
    if measures.won > most:
        what = f"{measures.won} won customers at once would be made in the books"
        found.append(_trip("won", problems.SALES, what))
    return found


def _ordinary(limits: Limits, learned: int) -> int:
    """So many are never too many, whatever there is."""
    return max(limits.few, FACTOR * learned)


def _trip(name: str, owner: str, text: str) -> Trip:
    return Trip(name, STOPS[name], owner, text)


def merged(trips: Sequence[Trip]) -> list[Trip]:
    """One plan is enough for what two guards stop: one whose kinds another stops anyway is said by
    that one."""
    found = []
    for one in trips:
        wider = [other for other in trips if one.kinds < other.kinds]
        inner = [other.text for other in trips if other.kinds < one.kinds]
        if not wider:
            found.append(msgspec.structs.replace(one, text="; and ".join([one.text, *inner])))
    return found


def _money(measures: Measures, limits: Limits) -> list[Trip]:
    """What documents explain may move as it likes; but sales only grow, but for a few returns."""
    code, share = _most(measures.moved, measures.of_money)
    if measures.moved_cards > limits.few and share > limits.money:
        much = f"{share:.0%} of all that is open" if share < NOTHING_OPEN else "more than was open"
        what = (
            f"what {measures.moved_cards} customers owe in {code} would move by {much}, and no "
            "document explains it"
        )
        return [_trip("money", problems.ACCOUNTING, what)]
    code, share = _most(measures.shrunk, measures.of_sales)
    if measures.shrunk_cards > limits.few and share > limits.money:
        what = (
            f"{share:.0%} of all that was ever sold in {code} would go from "
            f"{measures.shrunk_cards} cards"
        )
        return [_trip("money", problems.ACCOUNTING, what)]
    return []


NOTHING_OPEN = 100.0
"""A share beyond which it says nothing to a reader."""


def _most(parts_of: Mapping[str, int], wholes: Mapping[str, int]) -> tuple[str, float]:
    """The currency of which the largest share is concerned."""
    shares = {code: some / max(wholes.get(code, 0), 1) for code, some in parts_of.items()}
    return max(shares.items(), key=lambda pair: pair[1], default=("", 0.0))


def _raise(scene: Scene, trip: Trip) -> None:
    pair, now = scene.pair, scene.pair.clock.utc()
    mapping = f"{pair.reading.version} {pair.writing.version}"
    since = problems.since(scene.tx, pair.name, f"guard {trip.name}") or now
    one = plans.waiting(scene.tx, pair.name, trip.name, mapping, since)
    if one is None:
        stopped = [scene.streams[kind] for kind in trip.kinds]
        approval = plans.Approval(pair.name, mapping, now, stopped, because=trip.name)
        mine = ~plans.listed(plans.newest(scene.tx, pair.name, CHANGED))
        _, one = plans.store(scene.tx, approval, {"because": trip.text}, mine)
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


def measure(scene: Scene, usual: Measures | None) -> Measures:
    """Over everything that is due and stands at the CRM already; new objects harm nobody. All that
    stands there is counted where so much is due that it matters."""
    found = Measures()
    for kind in (Kind.CUSTOMER, *DOCUMENTS):
        for changes in _due(scene, kind):
            _count(found, kind, changes)
    known, limits = usual or Measures(), scene.pair.limits
    if (
        found.cards > _ordinary(limits, known.cards)
        or found.documents > _ordinary(limits, known.documents)
        or found.blanks > _ordinary(limits, known.blanks)
    ):
        _count_there(scene, found)
    _count_money(scene, found)
    new = outstanding.records_due_new(scene.tx, scene.streams[Kind.WON])
    found.won = sum(scene.pair.within(one) for one in new)
    return found


def _count_there(scene: Scene, found: Measures) -> None:
    there = parts.count_there(scene.tx)
    found.of_cards = there.get(scene.streams[Kind.CUSTOMER], 0)
    found.of_documents = sum(there.get(scene.streams[kind], 0) for kind in DOCUMENTS)
    found.of_blanks = found.of_cards + found.of_documents


def _count(found: Measures, kind: Kind, changes: Sequence[Change]) -> None:
    """Of one record, however many objects it is."""
    if kind is Kind.CUSTOMER:
        found.cards += any(one.want and _differs(one.before, one.want) for one in changes)
    else:
        found.documents += any(_taken_back(one) or _changes(one) for one in changes)
    found.blanks += any(_blanks(one) for one in changes)


def _taken_back(one: Change) -> bool:
    return one.want is None or one.void


def _changes(one: Change) -> bool:
    fields = one.want.fields if one.want else {}
    return any(one.before.get(path) != value for path, value in fields.items())


def _blanks(one: Change) -> bool:
    fields = one.want.fields if one.want else {}
    return any(
        one.before.get(path) not in (None, "") and value in (None, "")
        for path, value in fields.items()
    )


def _differs(before: Mapping[str, Value], want: Want) -> bool:
    """Another value in place of one, which a first filling is not."""
    return any(before.get(path) not in (None, "", value) for path, value in want.fields.items())


def _due(scene: Scene, kind: Kind) -> Iterator[list[Change]]:
    """The changes of each record that has any."""
    stream, after = scene.streams[kind], outstanding.FIRST
    while some := outstanding.next_due_there(scene.tx, stream, after):
        before, after = after, some[-1][0]
        due = outstanding.due_there(scene.tx, sorted({record for _, record in some}))
        # One whose first part came on an earlier page was yielded there, with all its parts.
        records = [one for one, mine in due.items() if min(map(outstanding.place, mine)) > before]
        rows = mirror.by_id(scene.tx, [one for one in records if scene.pair.within(one)])
        judged = {item.id: item for item in items(scene, kind, rows)}
        looked = look(scene, kind, [row.key for row in rows])
        stored = parts.stored_fields(
            scene.tx, kind, [one.id for mine in due.values() for one in mine]
        )
        for row in rows:
            yield [
                Change(
                    is_void(kind, row.state),
                    _want(scene, kind, judged[row.id], one, looked, stored.get(one.id)),
                    decode_fields(stored.get(one.id))[0],
                )
                for one in due[row.id]
            ]


def _want(
    scene: Scene, kind: Kind, item: Item, one: Part, looked: Looked, stored: bytes | None
) -> Want | None:
    if one.want == NOTHING:
        return None
    if is_left(one.key):
        return farewell.want_of(scene, kind, item, one, stored)
    return wants_if_any(scene, kind, item, one.numbered, looked).get(one.key)


def _count_money(scene: Scene, found: Measures) -> None:
    """How much more than before the ledger and the documents of cards differ, and how much less
    is sold; and what all that comes to, where it matters."""
    moved: Counter[str] = Counter()
    shrunk: Counter[str] = Counter()
    due = outstanding.records_due(scene.tx, scene.streams[Kind.CARD])
    due = {one: ver for one, ver in due.items() if scene.pair.within(one)}
    for before, card in _cards(scene, due):
        if before.complete and card.complete:
            differs, less = _moved(before, card), _shrunk(before, card)
            found.moved_cards += bool(differs)
            found.shrunk_cards += bool(less)
            moved.update(differs)
            shrunk.update(less)
    found.moved, found.shrunk = dict(moved), dict(shrunk)
    if max(found.moved_cards, found.shrunk_cards) > scene.pair.limits.few:
        _count_all(scene, found, due)


def _count_all(scene: Scene, found: Measures, due: Mapping[int, int]) -> None:
    """What all cards show now."""
    money: Counter[str] = Counter()
    sales: Counter[str] = Counter()
    last = 0
    while batch := mirror.batch(scene.tx, scene.streams[Kind.CARD], last):
        last = batch[-1].id
        shown = {row.id: due.get(row.id, row.ver) for row in batch if row.state != FILTERED}
        for before, _ in _cards(scene, shown):
            for sums in before.rows:
                money[sums.receivable.currency] += sums.receivable.micros + sums.prepaid.micros
                sales[sums.total_sales.currency] += sums.total_sales.micros
    found.of_money, found.of_sales = dict(money), dict(sales)


def _cards(scene: Scene, versions: Mapping[int, int]) -> Iterator[tuple[Card, Card]]:
    """The cards of these records, in this version and in the newest."""
    ids = list(versions)
    for start in range(0, len(ids), mirror.CHUNK):
        rows = mirror.by_id(scene.tx, ids[start : start + mirror.CHUNK])
        newest = mirror.images(scene.tx, Kind.CARD, rows)
        others = {row.id: versions[row.id] for row in rows if versions[row.id] != row.ver}
        known = {one: image for one, image in newest.items() if one not in others}
        known |= mirror.images_of(scene.tx, Kind.CARD, others)
        for one, image in newest.items():
            if one in known:
                before, card = decode(Kind.CARD, known[one]), decode(Kind.CARD, image)
                assert isinstance(before, Card) and isinstance(card, Card)
                yield before, card


def _moved(before: Card, card: Card) -> dict[str, int]:
    old = {money.currency: money.micros for money in before.unexplained}
    new = {money.currency: money.micros for money in card.unexplained}
    found = {code: abs(new.get(code, 0) - old.get(code, 0)) for code in {*old, *new}}
    return {code: micros for code, micros in found.items() if micros}


def _shrunk(before: Card, card: Card) -> dict[str, int]:
    new = {sums.total_sales.currency: sums.total_sales.micros for sums in card.rows}
    old = {sums.total_sales.currency: sums.total_sales.micros for sums in before.rows}
    found = {code: micros - new.get(code, 0) for code, micros in old.items()}
    return {code: micros for code, micros in found.items() if micros > 0}
