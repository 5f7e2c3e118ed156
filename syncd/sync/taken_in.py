"""Won cards that may have taken in the card of a customer, because their deals were there before.

What hung on a card that people merged into another hangs on that one. It was in the books already,
and a second customer could not be unmade, so the former card is asked for before one is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from syncd.domain import TRIGGERS, Deal, Kind
from syncd.errors import RejectedError
from syncd.image import decode
from syncd.store import link_journal, mirror, parts
from syncd.store.mirror import LIVE
from syncd.store.parts import HELD, WAIVED
from syncd.sync import lost, members, waiting
from syncd.sync.obstacles import customer_row, on_its_way
from syncd.sync.pair import Pair, Scene
from syncd.sync.session import Session
from syncd.sync.waiting import GONE


class Taken(msgspec.Struct, frozen=True):
    """A card that is gone, whose deals are on the card `into` now. `told`: the CRM itself says that
    it became that card."""

    card: str
    into: str
    told: bool


def look(session: Session, cards: Sequence[str]) -> dict[str, Taken]:
    """By card, what each of these took in. Transport errors of the CRM go to the caller."""
    pair = session.pair
    with pair.store.reading() as tx:
        scene = Scene(tx, pair, session.streams, session.run)
        came = list(_came(scene, cards))
    found: dict[str, Taken] = {}
    for before, into in came:
        shown = _asked_for(pair, before)
        if shown in (None, into):
            found.setdefault(into, Taken(before, into, shown == into))
    return found


def _came(scene: Scene, cards: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The cards of customers on which deals of these cards were before."""
    for kind in TRIGGERS:
        if scene.pair.inbound(kind) is None:
            continue
        rows = mirror.of_customers(scene.tx, scene.streams[kind], cards, (LIVE,))
        earlier = mirror.earlier(scene.tx, rows)
        for row in rows:
            deals = (decode(kind, image) for image in earlier.get(row.id, ()))
            former = {one.account for one in deals if isinstance(one, Deal)} - {row.customer}
            for card in sorted(former):
                if row.customer and members.of_card(scene, card):
                    yield card, row.customer


def _asked_for(pair: Pair, card: str) -> str | None:
    """The card itself, or what the CRM says that it became."""
    outbound = pair.outbound(Kind.CUSTOMER)
    if outbound is None:
        return card
    try:
        found = pair.followed(dict(outbound.targets)[""], {"id": card}, {})
    except RejectedError:
        return None
    return found[0].remote_id if found else None


class Question(msgspec.Struct, frozen=True):
    """One for both cards: what became of the one, and who the other is."""

    cause: str
    text: str


def follow(scene: Scene, one: Taken) -> Question | None:
    """Its customers follow where the CRM says so. Else, or while something of them is on its way,
    a person is asked; None: nothing."""
    first, *others = members.of_card(scene, one.card)
    row, main = customer_row(scene, first), members.main_part(scene, first)
    if row is None or main is None:
        return None
    busy = any(on_its_way(scene, key) for key in (first, *others))
    if one.told and not busy:
        lost.follow(scene, one.card, one.into)
        return None
    known = main.state == WAIVED or parts.error_of(scene.tx, main.id) == GONE
    rejected = link_journal.rejected(scene.tx, *members.connections(scene))
    if (first, one.into) in rejected:
        if known and main.state == HELD:
            waiting.gone(scene, Kind.CUSTOMER, row, main)  # asked about alone again
        return None
    if not known and not busy:
        waiting.gone(scene, Kind.CUSTOMER, row, main)
    return Question(
        waiting.gone_cause(main.target, first),
        f"card {one.into} was won, and its deal was on card {one.card} of customer {first} before, "
        f"which is no longer in {scene.pair.crm.name}: the two were merged, by all appearances. "
        f"Nothing was written. If so: syncd links merge {one.card} {one.into} --why R; "
        f"if not: syncd links reject {first} {one.into} --why R",
    )
