"""What both sides of a customer changed, and not to the same: a person says whose value it is.

One problem for each field, whatever the number of customers; the values themselves stand in the
mirror alone.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from syncd.merging import Owner
from syncd.store import agreed, problems
from syncd.store.agreed import Agreed, Base, Bases
from syncd.sync.pair import Scene
from syncd.sync.shared import look, text

CONFLICT = "conflict"
"""First word of the cause; the field follows."""
NAMED = 5
"""Customers that the problem names."""


class Conflict(msgspec.Struct, frozen=True):
    """One customer, with what was last agreed on and what both sides say."""

    customer: str
    card: str
    agreed: str
    books: str
    crm: str


def tell(scene: Scene) -> None:
    """Raises the problems of what is asked, and closes those of what is settled."""
    pair, now = scene.pair, scene.pair.clock.utc()
    if not pair.writing.owners.rules:
        return
    asked = agreed.asked(scene.tx, pair.name)
    for word in pair.writing.owners.rules:
        customers = sorted(key for key, words in asked.items() if word in words)
        if not customers:
            problems.close(scene.tx, pair.name, f"{CONFLICT} {word}", now)
            continue
        problems.raise_problem(
            scene.tx,
            pair=pair.name,
            cause=f"{CONFLICT} {word}",
            owner=problems.SALES,
            text=_text(customers, word.replace("_", " ")),
            run=scene.run,
            at=now,
        )


def _text(customers: list[str], word: str) -> str:
    named = ", ".join(customers[:NAMED])
    more = f" and {len(customers) - NAMED} more" if len(customers) > NAMED else ""
    who = (
        f"Customer {named} and its card"
        if len(customers) == 1
        else (f"Customers {named}{more} and their cards")
    )
    return (
        f"{who} differ in {word}, and both sides said so since they agreed, or they never did. "
        "Neither is overwritten; everything else of them goes on. Look with syncd problems show, "
        "decide with syncd problems resolve, --take books or --take crm; made equal by hand, it "
        "closes itself."
    )


def conflicts(scene: Scene, word: str) -> list[Conflict]:
    """All that are asked about a field."""
    asked = agreed.asked(scene.tx, scene.pair.name)
    both = look(scene, sorted(key for key, words in asked.items() if word in words))
    return [
        Conflict(
            key,
            one.card.key,
            (one.bases[word].value if word in one.bases else None) or "",
            text(one.customer, word),
            text(one.card, word),
        )
        for key, one in both.items()
        if word in one.conflicts()
    ]


def take(scene: Scene, word: str, side: Owner, customers: Collection[str] = ()) -> list[str]:
    """A person says whose value it is, of these customers, or of all that are asked about: the
    other side hears of it, as if it alone had changed. The customers."""
    asked = agreed.asked(scene.tx, scene.pair.name)
    some = [key for key in sorted(asked) if not customers or key in customers]
    decided: list[Agreed] = []
    for key, both in look(scene, some).items():
        if word not in both.conflicts():
            continue
        loser = both.card if side is Owner.BOOKS else both.customer
        kept: Bases = {**both.bases, word: Base(text(loser, word), side is Owner.BOOKS)}
        left = both.conflicts() - {word}
        decided.append(Agreed(key, both.card.key, kept, left))
    agreed.save(scene.tx, scene.pair.name, decided, scene.pair.clock.utc())
    return [one.customer for one in decided]
