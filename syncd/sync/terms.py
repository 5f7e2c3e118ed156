"""What a plan says beside its rows: how changes are found in the two systems, what a write starts
there and costs, and what it does not know. Neither system is asked."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import sqlalchemy as sa

from syncd.domain import Kind
from syncd.image import NOTHING
from syncd.port import BOOKS_PREFIX, Facts
from syncd.store import links, parts
from syncd.store.tables import part
from syncd.sync import matched, won
from syncd.sync.doubts import doubts
from syncd.sync.pair import Pair, Scene


def terms(pair: Pair) -> list[str]:
    """Sentences with the connection before them."""
    books, crm = pair.books, pair.crm
    said = [_changes(books.name, books.connector.facts)]
    if pair.inbound(Kind.WON) and pair.outbound(Kind.WON):
        tiers = {one.tier for one in books.connector.facts.targets.values() if one.made}
        said += [f"{books.name}: won customers are made at tier {max(tiers)}"] if tiers else []
    said.append(_changes(crm.name, crm.connector.facts))
    if crm.connector.facts.starts:
        said.append(f"{crm.name}: {crm.connector.facts.starts}")
    return [one for one in said if one]


def credits_of(facts: Facts, written: Mapping[str, int]) -> int | None:
    """Of so many records by their target; None where calls are counted."""
    if not facts.records_a_credit:
        return None
    return sum(ceil(count / facts.records_a_credit) for count in written.values())


def _changes(name: str, facts: Facts) -> str:
    return f"{name}: {facts.changes}" if facts.changes else ""


def remarks(scene: Scene) -> list[str]:
    return [*_lacking(scene), *_matched(scene), *_with_won(scene)]


def _lacking(scene: Scene) -> list[str]:
    """Where what is owed is added up out of documents: that some of them are not in it."""
    if scene.pair.reading.owed_in is None:
        return []
    found = doubts(scene.tx, scene.streams)
    said = "what is owed is added up out of documents, and so are the sums of the books above: "
    return [f"{said}{found}"] if found else []


def _matched(scene: Scene) -> list[str]:
    """Where customers are compared with the cards that are there: what came of it."""
    pair = scene.pair
    if pair.writing.match is None:
        return []
    linked = sum(
        one.by == matched.BY for one in links.each(scene.tx, pair.crm.name, pair.books.name)
    )
    held, create = matched.counts(scene)
    if not (linked or held or create):
        return []
    said = (
        f"{linked} {'was' if linked == 1 else 'were'} linked to a card that was there (by match), "
        f"{held} {'waits' if held == 1 else 'wait'} for a person, for {create} a card is made"
    )
    if not matched.compared(scene.tx, pair, scene.streams):
        said = "not all cards were read yet, and none is made before that"
    return [f"of the customers without a card, {said}"]


def _with_won(scene: Scene) -> list[str]:
    """What is made in the books beside the won customers themselves."""
    query = sa.select(part.c.key).where(
        part.c.stream == scene.streams.get(Kind.WON),
        part.c.state.in_((parts.DUE, parts.OWED)),
        part.c.remote_id.is_(None),
        part.c.want != NOTHING,
        part.c.target.startswith(BOOKS_PREFIX),
    )
    said = won.beside(scene.pair, scene.tx.scalars(query.order_by(part.c.id)))
    return [f"with won customers are made in {scene.pair.books.name}: {said}"] if said else []
