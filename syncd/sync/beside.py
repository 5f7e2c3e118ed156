"""What is wanted of a member: a customer under a card of which another is the primary one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.domain import Canonical, Kind, Want
from syncd.mapping import Outbound
from syncd.store import links
from syncd.sync.pair import Pair, Scene

Places = Mapping[str, str]
"""Customer -> card, of those that are members of one: another customer is the primary one there."""


def places_of(scene: Scene, kind: Kind, keys: Sequence[str]) -> Places:
    if kind is not Kind.CUSTOMER:
        return {}
    return links.places(scene.tx, scene.pair.crm.name, scene.pair.books.name, keys)


def wants(pair: Pair, outbound: Outbound, record: Canonical, card: str) -> dict[str, Want]:
    """Of a member: its place on the card, and of its own objects those that documents hang on."""
    every = {want.part: want for want in outbound(record)}
    main, hung = every[""], _hung_on(pair)
    place = Want("", main.target, main.marker, {}, {}, at=card)
    return {"": place} | {key: want for key, want in every.items() if key in hung}


def _hung_on(pair: Pair) -> set[str]:
    """Parts of a customer, beside the main one, that objects of other kinds hang on."""
    outbound = pair.writing.outbound
    above = {
        kind: {
            part.name: {one.part for one in part.parents.values() if one.kind is Kind.CUSTOMER}
            for part in one.plan.parts
        }
        for kind, one in outbound.items()
    }
    own = above.pop(Kind.CUSTOMER, {})
    found: set[str] = set()
    more = {key for parts in above.values() for some in parts.values() for key in some}
    while more := more - found - {""}:
        found |= more
        more = {key for part in more for key in own.get(part, ())}
    return found
