"""The fault lane and the frame of every sandbox, in front of one that only echoes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer

import pytest
import requests

from syncd.__main__ import execute
from syncd.clock import SystemClock
from syncd.sandbox.faults import Fault
from syncd.sandbox.port import Answer, Asked
from syncd.sandbox.serve import Served, listen, switch, url
from tests.polling import polled


@dataclass
class Habits:
    zone: str = "Europe/Moscow"
    limit: int = 5
    skew: float = 0.0


@dataclass
class Echo:
    switches: Habits = field(default_factory=Habits)
    done: list[str] = field(default_factory=list)

    def hello(self, url: str) -> Mapping[str, str]:
        return {"url": url}

    def answer(self, asked: Asked) -> Answer:
        self.done.append(asked.line)
        return Answer(200, {"content-type": "text/plain"}, asked.body * 2)

    def refuse(self, fault: str, asked: Asked) -> Answer | None:
        return Answer(429, {}, b"slowly") if fault == Fault.RATE_LIMITED else None

    def page(self, path: str) -> str | None:
        return "<p>Счета 請求書</p>" if path == "счета" else None


@pytest.fixture
def served() -> Served:
    return Served(Echo())


@pytest.fixture
def server(served: Served) -> Iterator[ThreadingHTTPServer]:
    with listen(served) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def root(server: ThreadingHTTPServer) -> str:
    return url(server)


def fault(root: str, kind: str, match: str = "*") -> None:
    plan = {"match": match, "kind": kind}
    assert requests.put(f"{root}/_sandbox/faults", json={"plans": [plan]}, timeout=5).ok


def test_it_listens_on_this_machine_alone(server: ThreadingHTTPServer) -> None:
    assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "truncated"])
def test_a_broken_connection_is_one_to_the_client(root: str, served: Served, kind: str) -> None:
    fault(root, kind, "POST /Счета")
    with pytest.raises(requests.RequestException):
        requests.post(f"{root}/Счета", data=b"x" * 2000, timeout=5)
    assert len(served.sandbox.done) == (kind != "cut_before")  # type: ignore[attr-defined]
    assert requests.post(f"{root}/Счета", data=b"y", timeout=5).content == b"yy"


def test_what_a_vendor_refuses_is_not_carried_out(root: str, served: Served) -> None:
    fault(root, "rate_limited")
    assert requests.get(root, timeout=5).status_code == 429
    fault(root, "html")
    assert "Вход" in requests.get(root, timeout=5).text
    assert served.sandbox.done == []  # type: ignore[attr-defined]
    log = requests.get(f"{root}/_sandbox/log", timeout=5).json()
    assert [(one["status"], one["fault"]) for one in log] == [(429, "rate_limited"), (200, "html")]


def test_chance_is_the_same_for_one_seed(root: str) -> None:
    def played(seed: int) -> list[int]:
        faults = {"rate": 0.5, "kinds": ["rate_limited", "html"], "seed": seed}
        requests.put(f"{root}/_sandbox/faults", json=faults, timeout=5)
        return [len(requests.get(root, timeout=5).content) for _ in range(20)]

    assert played(7) == played(7) != played(8)


def test_switches_are_known_and_of_their_type(root: str, served: Served) -> None:
    def put(**values: object) -> requests.Response:
        return requests.put(f"{root}/_sandbox/switches", json=values, timeout=5)

    assert put(skew=90, zone="Asia/Tokyo").status_code == 204
    assert (served.sandbox.switches.skew, served.sandbox.switches.zone) == (90, "Asia/Tokyo")
    assert "there are: limit, skew, zone" in put(zoen="UTC").json()["error"]
    assert "takes int" in put(limit="5").json()["error"]
    with pytest.raises(ValueError, match="unknown switch"):
        switch(served.sandbox, {"zoen": 1})


def test_pages_for_people(root: str) -> None:
    assert "請求書" in requests.get(f"{root}/_sandbox/счета", timeout=5).text
    assert requests.get(f"{root}/_sandbox/nothing", timeout=5).status_code == 404
    assert requests.put(f"{root}/_sandbox/faults", json={"rates": 1}, timeout=5).status_code == 400


class Office(Echo):
    """One with operations, that says how many requests were there when it answered."""

    def answer(self, asked: Asked) -> Answer:
        return Answer(200, {}, str(asked.open).encode())

    def operate(self, name: str, values: Mapping[str, object]) -> Mapping[str, object]:
        if name != "pay":
            raise ValueError(f"unknown operation {name}")
        return {name: values["amount"]}


def test_requests_that_wait_are_counted() -> None:
    """A sandbox answers one at a time, and knows how many there are."""
    served, told = Served(Office()), []

    def ask() -> None:
        done = served.exchange(Asked("GET", "/"))
        told.append(done and int(done[0].body))

    clients = [threading.Thread(target=ask) for _ in range(4)]
    with served._lock:
        for one in clients:
            one.start()
        polled(lambda: served._open == 4, "four requests wait")
    for one in clients:
        one.join()
    assert (sorted(map(int, filter(None, told))), served._open) == ([1, 2, 3, 4], 0)


def test_operations_belong_to_sandboxes_that_have_some(served: Served) -> None:
    assert served.own("POST", "do/pay", b'{"amount": 5}').status == 404
    office = Served(Office())
    assert office.own("POST", "do/pay", b'{"amount": 5}').body == b'{"pay": 5}'
    refused = office.own("POST", "do/nothing", b"{}")
    assert (refused.status, b"unknown operation nothing" in refused.body) == (400, True)


def test_memory_is_looked_after_as_long_as_it_serves() -> None:
    """A port that is taken ends it just before."""
    told: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code = execute(
            ["sandbox", "zoho_crm", "--port", port], SystemClock(), lambda: told.append("imported")
        )
    assert (code, told) == (2, ["imported"])
