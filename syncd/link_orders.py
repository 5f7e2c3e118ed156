"""What people order about links, each inside one commit of the pair's owner; and the same as a dry
run, which needs no owner and leaves nothing behind.

Fingerprints of evidence are worked out by who asks, out of the mirror, and come with the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from syncd.answers import Answer
from syncd.errors import UsageError
from syncd.orders import Asking
from syncd.store import link_journal
from syncd.sync import linking
from syncd.sync.linking import By
from syncd.sync.obstacles import card_of, customer_of
from syncd.sync.pair import Scene

YES, NO = "yes", "no"


class Row(msgspec.Struct, frozen=True):
    """One decision about one pair; `evidence` is hexadecimal."""

    customer: str
    card: str
    decision: str
    evidence: str


def accept(scene: Scene, asking: Asking) -> Answer:
    args, by = asking.args, _by(asking)
    primary = bool(args.get("primary"))
    return Answer([linking.accept(scene, args["customer"], args["card"], by, primary=primary)])


def reject(scene: Scene, asking: Asking) -> Answer:
    args, evidence = asking.args, bytes.fromhex(asking.args["evidence"])
    return Answer([linking.reject(scene, args["customer"], args["card"], evidence, _by(asking))])


def split(scene: Scene, asking: Asking) -> Answer:
    evidence = bytes.fromhex(asking.args["evidence"])
    return Answer([linking.split(scene, asking.args["customer"], evidence, _by(asking))])


def merge(scene: Scene, asking: Asking) -> Answer:
    return Answer([linking.merge(scene, asking.args["card"], asking.args["into"], _by(asking))])


def merge_customers(scene: Scene, asking: Asking) -> Answer:
    args = asking.args
    return Answer([linking.merge_customers(scene, args["customer"], args["into"], _by(asking))])


def undo(scene: Scene, asking: Asking) -> Answer:
    return Answer([linking.undo(scene, int(asking.args["change"]), _by(asking))])


def take(scene: Scene, asking: Asking) -> Answer:
    """Many decisions at once: those that cannot be carried out are told, and the others are."""
    return Answer(taken(scene, rows_of(asking.args["rows"]), _by(asking)))


def taken(scene: Scene, rows: Sequence[Row], by: By) -> list[str]:
    """A line for each, and what became of all."""
    done = dict.fromkeys((_LINKED, _REJECTED, _SPLIT, _SKIPPED), 0)
    rejected = link_journal.rejected(scene.tx, scene.pair.crm.name, scene.pair.books.name)
    said = []
    for one in rows:
        became, why = _SKIPPED, ""
        try:
            seal = bytes.fromhex(one.evidence)
            if one.decision == YES and rejected.get((one.customer, one.card)) == seal:
                raise UsageError(_DECIDED)
            became, why = _carry_out(scene, one, seal, by)
        except UsageError as error:
            why = f": {error}"
        done[became] += 1
        said.append(f"customer {one.customer}, card {one.card}: {became}{why}")
    return [*said, ", ".join(f"{count} {word}" for word, count in done.items())]


_DECIDED = (
    "somebody rejected this pair; if they are the same after all: syncd links accept CUSTOMER CARD"
)
_LINKED, _REJECTED, _SPLIT, _SKIPPED = "linked", "rejected", "split", "skipped"


def _carry_out(scene: Scene, one: Row, seal: bytes, by: By) -> tuple[str, str]:
    """What became of it, and more about that."""
    if one.decision == YES:
        linking.accept(scene, one.customer, one.card, by)
        first = customer_of(scene, one.card)
        return _LINKED, f", a member beside customer {first}" if first != one.customer else ""
    if card_of(scene, one.customer) == one.card:
        linking.split(scene, one.customer, seal, by)
        return _SPLIT, ""
    linking.reject(scene, one.customer, one.card, seal, by)
    return _REJECTED, ""


def rows_of(args: Any) -> list[Row]:
    return [Row(*row) for row in args]


def _by(asking: Asking) -> By:
    return By(asking.who, asking.why)


LINKS = {
    "links accept": accept,
    "links reject": reject,
    "links split": split,
    "links merge": merge,
    "links merge books": merge_customers,
    "links undo": undo,
    "links import": take,
}
