"""What a cycle is asked to do, and what it says it did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec

from syncd.domain import Kind
from syncd.store.parts import Part
from syncd.store.runs import PageCount, Tally
from syncd.sync.doubts import Doubts


class Order(msgspec.Struct, frozen=True):
    """What a cycle is asked to do beside reading what changed. `write` False writes to neither
    system. `approved` limits what is sent; `keys` limits what is read; `full` reads everything."""

    command: str
    write: bool
    full: bool = False
    offline: bool = False
    """Works on the mirror alone and asks neither system."""
    keys: tuple[tuple[Kind, str], ...] | None = None
    approved: Callable[[Part], bool] = lambda _part: True
    consented: bool = False
    """A person saw what is sent: no guard stands in its way."""
    recheck: bool = False
    recreate: bool = False
    prove: bool = False
    """Compares ledger, documents and cards, of the customers among `keys` or of all."""
    won_since: dt.date | None = None
    """Takes deals won since this day, in place of the pair's own."""
    shadow: bool = False
    """Compares, once a day, what people typed on the cards with what would be written."""


class Report(msgspec.Struct):
    """What a cycle did. `notes` are sentences for the operator."""

    run: int
    mode: str
    pages: dict[Kind, PageCount] = msgspec.field(default_factory=dict)
    tallies: dict[Kind, Tally] = msgspec.field(default_factory=dict)
    notes: list[str] = msgspec.field(default_factory=list)
    doubts: Doubts | None = None
    """Documents that figures lack."""
    new_problems: int = 0
    open_problems: int = 0
    overdue_problems: int = 0
    in_doubt: int = 0
    unreachable: bool = False
    refused: bool = False
    """A system does not accept the credential."""
    failed: bool = False
    """A system could not do its part, and not because it was asked too often."""
    reads: int = 0
    writes: int = 0

    @property
    def worked(self) -> bool:
        """Both systems did their part, so that their answers can be built on."""
        return not (self.unreachable or self.refused)

    @property
    def exit_code(self) -> int:
        if self.unreachable:
            return 75
        return 1 if self.new_problems or self.overdue_problems else 0

    @property
    def open(self) -> int:
        return sum(tally.open for tally in self.tallies.values())
