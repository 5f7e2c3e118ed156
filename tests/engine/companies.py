"""Companies that people type into both systems, and a pair that compares them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import msgspec

from connectors.memory import MemoryBooks, MemoryCrm
from syncd.domain import Kind
from syncd.matching import RULES
from syncd.merging import Owners
from syncd.sync.pair import Pair, Side
from tests.engine.rig import Rig, WorldTransport

NAMES = ("Holzbau Huber GmbH", "株式会社サンプル", "ООО «Ромашка»", "Pâtisserie Dupont")
TAX_IDS = ("ATU13581622", "ATU13582621", "ATU13583620", "ATU13584629")


class Owned(Rig):
    """A pair whose mapping compares customers and says whose fields are whose."""

    owners: Owners

    def build(self, checkpoint: Callable[[str], None] = lambda _name: None) -> Pair:
        pair = super().build(checkpoint)
        books = {Kind.CUSTOMER, Kind.INVOICE, Kind.BALANCE}
        inbound = {kind: one for kind, one in pair.reading.inbound.items() if kind in books}
        reading = msgspec.structs.replace(pair.reading, inbound=inbound)
        writing = msgspec.structs.replace(pair.writing, match=RULES, owners=self.owners)
        self.pair = dataclasses.replace(pair, reading=reading, writing=writing)
        return self.pair

    def again(self, checkpoint: Callable[[str], None] = lambda _name: None) -> None:
        """A new process over the state that is open already, which costs less."""
        books, crm = MemoryBooks(self.books_options), MemoryCrm(self.crm_options)
        self.pair = dataclasses.replace(
            self.pair,
            books=Side("books", books, WorldTransport(self.world, books)),
            crm=Side("crm", crm, WorldTransport(self.world, crm)),
            checkpoint=checkpoint,
        )


def value(company: int, word: str, version: int) -> str | None:
    """What people type for a company. 0 and 1 are one value, written in two manners; 4 and 5 are
    none, but of what must not be empty. The tax id is one."""
    if word == "name":
        base = NAMES[company]
        return (base, base.upper(), f"{base} Neu", f"{base} Alt")[version % 4]
    if version > 3:
        return None
    if word == "tax_id":
        tax_id = TAX_IDS[company]
        return tax_id if version % 2 else f"{tax_id[:3]} {tax_id[3:7]} {tax_id[7:]}"
    if word == "email":
        at = f"firma{company}.example"
        return (f"office@{at}", f"Office@{at}", f"neu@{at}", f"alt@{at}")[version]
    return (
        f"+43 1 50{company}1234",
        f"0043 (1) 50{company} 12-34",
        f"+43 732 60{company}4321",
        f"+43 316 70{company}8877",
    )[version]
