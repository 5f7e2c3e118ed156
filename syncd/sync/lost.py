"""Cards that are gone from the CRM: deleted, or merged by people into another card.

One that was merged and whose survivor the CRM names is followed. Where it does not say so, what
hung on the card shows where it went, and a person confirms. Nothing is ever made again by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from syncd.domain import Kind, Ref
from syncd.errors import RejectedError
from syncd.image import decode_fields
from syncd.mapping.words import DOCUMENTS
from syncd.port import Found
from syncd.store import link_journal, merges, mirror, outstanding, parts, problems
from syncd.store.mirror import Known
from syncd.store.parts import HELD, Part
from syncd.sync import linking, members, merged, settle
from syncd.sync.linking import By
from syncd.sync.obstacles import customer_of, customer_row, on_its_way
from syncd.sync.pair import Scene
from syncd.sync.session import Session
from syncd.sync.waiting import GONE, LOOK_AGAIN, gone_cause
from syncd.sync.want import items, wants_if_any

ASKED_ABOUT = 3
"""Documents of a card that is gone that are asked where they hang now."""


class Lost(msgspec.Struct, frozen=True):
    """A customer whose card is gone, and what hung on it."""

    row: Known
    main: Part
    hung: Sequence[tuple[Part, dict[str, str]]]


class Seen(msgspec.Struct, frozen=True):
    """`back` is the card itself, restored; `into` the card that took its place, as the CRM itself
    `told`, or as the documents show that hung on it."""

    back: Found | None = None
    into: str | None = None
    told: bool = False


def look(session: Session) -> None:
    """Transport errors of the CRM go to the caller; nothing is written to it."""
    with session.pair.store.reading() as tx:
        scene = Scene(tx, session.pair, session.streams, session.run)
        some = list(_lost(scene))
    for one in some:
        seen = _seen(session, one)
        with session.commit() as scene:
            _decide(scene, one, seen)


def _lost(scene: Scene) -> Iterator[Lost]:
    now, stream = scene.pair.clock.utc(), scene.streams[Kind.CUSTOMER]
    for main in outstanding.held_with(scene.tx, stream, [GONE], now):
        if main.key == "" and main.remote_id is not None:
            [row] = mirror.by_id(scene.tx, [main.record])
            if customer_of(scene, main.remote_id) in (row.key, None):  # members go with it
                yield Lost(row, main, _hung(scene, row, main.remote_id))


def _hung(scene: Scene, row: Known, card: str) -> list[tuple[Part, dict[str, str]]]:
    """Some of the documents that were written under the card."""
    found: list[tuple[Part, dict[str, str]]] = []
    parent = str(Ref(Kind.CUSTOMER, row.key))
    for name, ids in parts.dependents(scene.tx, scene.ids, [parent]).items():
        if Kind(name) not in DOCUMENTS:
            continue
        mine = [one for some in parts.of_records(scene.tx, ids).values() for one in some.values()]
        mine = [one for one in mine if one.parent == parent and one.remote_id is not None]
        stored = parts.stored_fields(scene.tx, Kind(name), [one.id for one in mine[:ASKED_ABOUT]])
        for one in mine[:ASKED_ABOUT]:
            _, parents = decode_fields(stored.get(one.id))
            if card in parents.values():
                found.append((one, parents))
    return found[:ASKED_ABOUT]


def _seen(session: Session, one: Lost) -> Seen:
    card = one.main.remote_id or ""
    for found in _find(session, one.main, {}):
        if found.remote_id == card:
            return Seen(back=found)
        return Seen(into=found.remote_id, told=True)
    went = set()
    for part, parents in one.hung:
        word = next(word for word, above in parents.items() if above == card)
        went |= {found.parents.get(word) for found in _find(session, part, parents)}
    went -= {None, card}
    return Seen(into=next(iter(went))) if len(went) == 1 else Seen()


def _find(session: Session, part: Part, parents: dict[str, str]) -> Sequence[Found]:
    try:
        return session.pair.followed(part.target, {"id": part.remote_id or ""}, parents)[:1]
    except RejectedError:
        return ()


def _decide(scene: Scene, one: Lost, seen: Seen) -> None:
    card, key = one.main.remote_id or "", one.row.key
    parts.update(scene.tx, one.main.id, next_attempt=scene.pair.clock.utc() + LOOK_AGAIN)
    if seen.back:
        want = wants_if_any(
            scene, Kind.CUSTOMER, items(scene, Kind.CUSTOMER, [one.row])[0], one.main.numbered
        ).get("")
        if want:
            settle.seen_again(scene, Kind.CUSTOMER, one.row, one.main, want, seen.back, {})
        return
    every = members.of_card(scene, card) or [key]
    if seen.into is None or any(on_its_way(scene, one) for one in every):
        return
    if problems.open_id(scene.tx, scene.pair.name, merged.cause_of(key)):
        return  # what became of the customer is asked already, and its card goes where that goes
    other = customer_of(scene, seen.into)
    if other is None and seen.told:
        follow(scene, card, seen.into)
    elif other is None:
        _tell(scene, one, _may_be(scene, one, seen.into))
    elif other != key and not merged.is_known(scene, key, other):
        _tell(scene, one, _two_customers(scene, one, seen.into, other))


def follow(scene: Scene, card: str, into: str) -> None:
    """The CRM says that people merged a card into another, which has no customer."""
    by = By(scene.pair.crm.name, f"card {card} was merged into card {into}")
    for customer in members.of_card(scene, card):
        linking.move(scene, customer, into, by, link_journal.IN_CRM)


def _may_be(scene: Scene, one: Lost, into: str) -> str:
    card, key, crm = one.main.remote_id, one.row.key, scene.pair.crm.name
    return (
        f"Card {card} of customer {key} is no longer in {crm}, and its documents hang on card "
        f"{into} now: the two were merged, by all appearances. If so: "
        f"syncd links merge {card} {into} --why R. Else see: syncd why customer {key}."
    )


def _two_customers(scene: Scene, one: Lost, into: str, other: str) -> str:
    card, key, books = one.main.remote_id, one.row.key, scene.pair.books.name
    unused = next((each for each in (other, key) if _is_unused(scene, each)), None)
    if unused is None:
        same = f"Merge the customers {key} and {other} in {books}, and syncd follows by itself"
    else:
        became = key if unused == other else other
        same = (
            f"Customer {unused} is out of use in {books}: if it became customer {became}, "
            f"syncd links merge --books {unused} {became} --why R"
        )
    return (
        f"Card {card} of customer {key} was merged in {scene.pair.crm.name} into card {into}, "
        f"which is customer {other}. {same}; or say that both share that card: syncd links merge "
        f"{card} {into} --why R; or let customer {key} have a card of its own again: syncd resync "
        f"--key customer:{key} --recreate. Until then nothing of customer {key} is written."
    )


def _is_unused(scene: Scene, key: str) -> bool:
    """The books cannot merge it any more, and did not say what became of it."""
    row = customer_row(scene, key)
    gone = row is not None and row.state in mirror.MISSING
    return gone or key in merges.of(scene.tx, scene.pair.name, [key])


def _tell(scene: Scene, one: Lost, text: str) -> None:
    problem = problems.raise_problem(
        scene.tx,
        pair=scene.pair.name,
        cause=gone_cause(one.main.target, one.row.key),
        owner=problems.SALES,
        text=text,
        run=scene.run,
        at=scene.pair.clock.utc(),
    )
    parts.update(scene.tx, one.main.id, state=HELD, problem=problem, error=GONE)
