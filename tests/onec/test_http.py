"""The same over real HTTP: addresses with Cyrillic names and blanks, and a line that breaks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from syncd.domain import Kind
from syncd.http import HttpTransport
from syncd.port import Flow, T
from syncd.sandbox.faults import Lane
from syncd.sandbox.onec.world import PASSWORD, PUBLICATION
from syncd.sandbox.serve import Served, listen, url
from tests.onec.office import Office


class OverHttp(Office):
    transport_: HttpTransport
    address: str

    def run(self, flow: Flow[T]) -> T:
        return self.transport_.run(flow)


@contextmanager
def served(lane: Lane | None = None, **options: str) -> Iterator[tuple[OverHttp, Served]]:
    office = OverHttp(**options)  # type: ignore[arg-type]
    behind = Served(office.sandbox, lane)
    server = listen(behind)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    secrets = {"password": PASSWORD}
    office.address = address = url(server) + PUBLICATION
    office.transport_ = HttpTransport(address, office.connector, secrets, office.clock)
    try:
        yield office, behind
    finally:
        office.transport_.close()
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_comes_over_http_is_what_the_base_has() -> None:
    with served() as (office, behind):
        over = office.everything()
        plain = Office(sandbox=office.sandbox).everything()
        assert over == plain
        assert over[Kind.INVOICE]
        assert not [line for line in behind.log if line["status"] != 200]
        [first] = {str(line["query"]).count("+") for line in behind.log}
        assert first == 0


def test_a_line_that_breaks_costs_repeats_and_nothing_else() -> None:
    lane = Lane(rate=0.1, seed=3)
    with served(lane) as (office, behind):
        plain = Office(sandbox=office.sandbox).everything()
        assert office.everything() == plain
        assert [line for line in behind.log if line["fault"]]


def test_a_wrong_password_is_said() -> None:
    import pytest

    from syncd.errors import AccessError

    with served() as (office, _):
        wrong = {"password": "другой"}
        base = office.transport_._base
        transport = HttpTransport(base, office.connector, wrong, office.clock)
        with pytest.raises(AccessError, match="refuses the login"):
            transport.run(office.connector.identity())
        transport.close()
