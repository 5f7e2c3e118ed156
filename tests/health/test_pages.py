"""/healthz and /metrics over a real socket: what they say, and that they end."""

from __future__ import annotations

import datetime as dt
import json
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from syncd.errors import ConfigError
from syncd.health.look import watched
from syncd.health.pages import pages
from syncd.health.server import AT_ONCE, Page, Server
from syncd.store import streams
from syncd.sync.cycle import run
from syncd.sync.order import Order
from tests.health.shop import HALF, Shop

LOOP: list[str] = []
"""Why the loop of the daemon is not alive."""


@pytest.fixture
def young(tmp_path: Path) -> Iterator[Shop]:
    """Set up and written once."""
    shop = Shop(tmp_path)
    shop.open()
    yield shop
    shop.pair.store.close()


@pytest.fixture
def server(young: Shop) -> Iterator[Server]:
    LOOP.clear()
    one = watched(young.pair, young.calendar, HALF)
    found = pages(
        young.pair.store,
        young.clock,
        lambda: [one],
        alive=lambda: next(iter(LOOP), None),
        next_run=lambda _pair: young.clock.utc() + dt.timedelta(seconds=HALF),
        budgets={"crm": 100},
    )
    with Server("127.0.0.1", 0, found) as server:
        yield server


def get(server: Server, path: str, method: str = "GET") -> tuple[int, str]:
    client = HTTPConnection(server.host, server.port, timeout=10)
    client.request(method, path)
    answer = client.getresponse()
    body = answer.read().decode()
    client.close()
    return answer.status, body


def metrics(server: Server) -> dict[tuple[str, ...], float]:
    """(name, label values...) -> value, as Prometheus' own parser reads them."""
    status, body = get(server, "/metrics")
    assert status == 200
    families: list[Metric] = list(text_string_to_metric_families(body))
    assert all(family.documentation for family in families if family.name.startswith("syncd"))
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels, key=_pair_first))): (
            sample.value
        )
        for family in families
        for sample in family.samples
    }


def _pair_first(label: str) -> tuple[bool, str]:
    return label != "pair", label


def test_metrics_are_what_the_store_says_and_outlive_the_process(
    young: Shop, server: Server
) -> None:
    young.trade()
    young.step()
    found = metrics(server)
    asked, written = len(young.world.requests), young.world.writes()
    setup = found["syncd_calls_total", "crm", "write"] - written
    assert setup < 0, "making the fields was no run's"
    reads = [found["syncd_calls_total", side, "read"] for side in ("books", "crm")]
    assert 0 < sum(reads) <= asked
    assert found["syncd_budget_left_calls", "crm"] == 100 - sum(
        found["syncd_calls_total", "crm", kind] for kind in ("read", "write")
    )
    assert found["syncd_runs_total", "main", "ok"] == 3
    assert found["syncd_runs_total", "main", "failed"] == 0
    assert found["syncd_run_seconds_count", "main"] == 3
    assert found["syncd_complete_read_age_seconds", "main"] == 0
    assert found["syncd_next_run_timestamp_seconds", "main"] == young.clock.utc().timestamp() + HALF
    assert found["syncd_unproven_cards", "main"] == 3
    assert found["syncd_open_problems", "main", "sysadmin"] == 0
    young.world.books.edit_customer("1", name="")
    young.clock.advance(600)
    young.build()  # another process
    young.run()
    after = metrics(server)
    assert after["syncd_runs_total", "main", "ok"] == 3
    assert after["syncd_runs_total", "main", "new problems"] == 1
    assert sum(after["syncd_open_problems", "main", one] for one in ("accounting", "sysadmin")) == 1
    assert after["syncd_calls_total", "books", "read"] > reads[0]
    young.clock.advance(60)
    later = metrics(server)
    assert later["syncd_complete_read_age_seconds", "main"] == 60
    assert later["syncd_stream_complete_read_age_seconds", "main", "payment"] == 60
    young.pair.store.close()


def test_what_waits_is_told_by_what_it_waits_for(young: Shop, server: Server) -> None:
    young.world.crm.habits.currencies = ["USD"]
    young.trade()
    young.step()
    found = metrics(server)
    held = [value for key, value in found.items() if key[0] in ("syncd_failed", "syncd_held")]
    assert sum(held) > 0
    with young.pair.store.transaction() as tx:
        streams.set_mode(tx, "main", streams.PLAN, young.clock.utc())
    young.trade()
    run(young.pair, Order("run", write=False))
    found = metrics(server)
    assert found["syncd_held", "main", "card"] > 0, "in mode plan all of it waits for a person"
    assert found["syncd_deferred", "main", "card"] == 0


def test_no_page_names_a_customer(young: Shop, server: Server) -> None:
    young.world.crm.habits.currencies = ["USD"]
    young.trade()
    young.step()
    for path in ("/metrics", "/healthz"):
        _, body = get(server, path)
        assert "Пример" not in body and "Sample" not in body and "サンプル" not in body


def test_health_is_one_line_and_says_what_is_wrong(young: Shop, server: Server) -> None:
    young.step()
    status, body = get(server, "/healthz")
    read = young.clock.utc().isoformat()
    assert status == 200 and body.count("\n") == 1
    assert json.loads(body) == {
        "status": "ok",
        "reasons": [],
        "pairs": [{"pair": "main", "complete_read": read}],
    }
    young.clock.advance(3 * HALF + 1)
    status, body = get(server, "/healthz")
    assert status == 503
    assert json.loads(body)["reasons"] == [
        "main: last complete read 90 minutes ago, 90 minutes are allowed"
    ]
    with young.pair.store.transaction() as tx:
        until = young.clock.utc() + dt.timedelta(hours=1)
        streams.pause_pair(tx, "main", until, "stocktaking")
    assert get(server, "/healthz")[0] == 200, "a pause is somebody's will"
    LOOP.append("the loop has not turned for 90 s")
    status, body = get(server, "/healthz")
    assert status == 503 and json.loads(body)["reasons"] == LOOP


def test_a_pair_that_was_never_read_is_not_well(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    one = watched(shop.pair, shop.calendar, HALF)
    found = pages(
        shop.pair.store, shop.clock, lambda: [one], alive=lambda: None,
        next_run=lambda _pair: None, budgets={},
    )  # fmt: skip
    with Server("127.0.0.1", 0, found) as server:
        status, body = get(server, "/healthz")
        assert status == 503 and "main: was never read completely" in body
        assert not [key for key in metrics(server) if key[0].startswith("syncd_held")]
    shop.pair.store.close()


def test_other_paths_and_methods_are_refused(server: Server) -> None:
    assert get(server, "/")[0] == 404
    assert get(server, "/healthz", "POST")[0] == 501
    assert get(server, "/healthz?verbose", "HEAD") == (200, "")


def test_it_ends_at_once_whoever_hangs_on_it_and_leaves_nothing_behind() -> None:
    entered, release = threading.Event(), threading.Event()

    def slow() -> Page:
        entered.set()
        release.wait(30)
        return Page(200, "text/plain", b"x")

    before = threading.active_count()
    server = Server("127.0.0.1", 0, {"/slow": slow})
    silent = [socket.create_connection((server.host, server.port)) for _ in range(AT_ONCE - 1)]
    asking = socket.create_connection((server.host, server.port))
    asking.sendall(b"GET /slow HTTP/1.0\r\n\r\n")
    assert entered.wait(30)
    full = socket.create_connection((server.host, server.port))
    assert full.recv(1) == b"", "one more is turned away, not kept"
    release.set()
    server.close()
    for one in (*silent, asking, full):
        one.close()
    assert threading.active_count() == before
    with pytest.raises(OSError):
        socket.create_connection((server.host, server.port), timeout=1)


def test_a_port_that_is_taken_is_a_mistake_of_the_configuration() -> None:
    with (
        Server("127.0.0.1", 0, {}) as first,
        pytest.raises(ConfigError, match=rf"listen 127.0.0.1:{first.port}: Address already in use"),
    ):
        Server("127.0.0.1", first.port, {})


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_a_state_that_cannot_be_read_is_said(young: Shop, server: Server, path: str) -> None:
    with young.pair.store.transaction() as tx:
        tx.exec_driver_sql("ALTER TABLE stream RENAME TO streams")
        tx.exec_driver_sql("ALTER TABLE pair RENAME TO pairs")
    status, body = get(server, path)
    assert status == 503 and "the state file cannot be read: no such table" in body


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_a_damaged_state_is_said(young: Shop, server: Server, path: str) -> None:
    young.pair.store.close()
    file = young.pair.store.path
    file.write_bytes(b"\0" * file.stat().st_size)
    status, body = get(server, path)
    assert status == 503 and f"{file}: not a syncd state file" in body
