"""A whole pair: a base of the sandbox, and the memory CRM."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import msgspec

from connectors.memory import MemoryCrm, World
from syncd.mapping import CrmMapping, load_crm
from syncd.store.engine import open_store
from syncd.sync.pair import Pair, Side, Transport
from tests.engine.rig import MAPPINGS, NUMBERS, Wired, WorldTransport
from tests.onec.office import Office, mapping
from tests.onec.over_http import OverHttp


@functools.cache
def crm_mapping() -> CrmMapping:
    return load_crm(MAPPINGS / "memory_crm.yaml", MemoryCrm({}).facts)


class Company(Wired):
    def __init__(self, folder: Path, office: Office, over_http: bool = False) -> None:
        self.office, self.folder, self.over_http = office, folder, over_http
        self.clock = office.clock
        self.world = World(office.clock.utc)
        self.numbers = msgspec.structs.replace(NUMBERS, wait_for_doubt=0)
        self.pair = self.build()

    def build(self, checkpoint: Callable[[str], None] = lambda _name: None) -> Pair:
        """A new process."""
        self.office.restart()
        books: Transport = self.office.transport
        if self.over_http:
            assert isinstance(self.office, OverHttp)
            books = self.office.transport_
        crm = MemoryCrm({})
        self.pair = Pair(
            "main",
            Side("books", self.office.connector, books),
            Side("crm", crm, WorldTransport(self.world, crm)),
            mapping(self.office.name),
            crm_mapping(),
            open_store(self.folder / "state.sqlite"),
            self.office.clock,
            self.numbers,
            checkpoint=checkpoint,
        )
        return self.pair
