"""A whole pair: an account of the sandbox, and the memory CRM."""

from __future__ import annotations

from pathlib import Path

import msgspec

from connectors.memory import MemoryCrm, World
from syncd.store.engine import open_store
from syncd.sync.pair import Pair, Side
from tests.engine.rig import NUMBERS, Wired, WorldTransport
from tests.netsuite.office import Office, mapping
from tests.onec.pair import crm_mapping


class Company(Wired):
    def __init__(self, folder: Path, office: Office) -> None:
        self.office, self.folder = office, folder
        self.clock = office.clock
        self.world = World(office.clock.utc)
        self.numbers = msgspec.structs.replace(NUMBERS, wait_for_doubt=0)
        self.pair = self.build()

    def build(self) -> Pair:
        """A new process."""
        self.office.restart()
        crm = MemoryCrm({})
        self.pair = Pair(
            "main",
            Side("books", self.office.connector, self.office.transport),
            Side("crm", crm, WorldTransport(self.world, crm)),
            mapping(),
            crm_mapping(),
            open_store(self.folder / "state.sqlite"),
            self.office.clock,
            self.numbers,
        )
        return self.pair
