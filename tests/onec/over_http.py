"""A base of the sandbox behind HTTP, and the real transport."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from syncd.http import HttpTransport
from syncd.port import Flow, T
from syncd.sandbox.faults import Lane
from syncd.sandbox.onec.world import PASSWORD, PUBLICATION
from syncd.sandbox.serve import Served, listen, url
from tests.onec.office import Office


class OverHttp(Office):
    transport_: HttpTransport
    address: str

    def restart(self) -> None:
        super().restart()
        if hasattr(self, "address"):
            self.connect()

    def connect(self) -> None:
        secrets = {"password": PASSWORD}
        self.transport_ = HttpTransport(self.address, self.connector, secrets, self.clock)

    def run(self, flow: Flow[T]) -> T:
        return self.transport_.run(flow)


@contextmanager
def served(lane: Lane | None = None, **options: Any) -> Iterator[tuple[OverHttp, Served]]:
    office = OverHttp(**options)
    behind = Served(office.sandbox, lane)
    server = listen(behind)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    office.address = url(server) + PUBLICATION
    office.connect()
    try:
        yield office, behind
    finally:
        office.transport_.close()
        server.shutdown()
        thread.join()
        server.server_close()
