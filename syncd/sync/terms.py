"""What a plan says of the two systems, whatever it writes: how changes are found, what a write
starts there and costs. Declared facts alone: neither system is asked."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from syncd.domain import Kind
from syncd.port import Facts
from syncd.sync.pair import Pair


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
