"""The proxy itself: what tests conclude from it must be right."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests

from tests import proxy as faults
from tests.proxy import Proxy
from tests.server import Answer, Call, LocalServer, json_answer


class System:
    """Remembers what reached it."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> Answer:
        self.calls.append(call)
        return json_answer({"n": len(self.calls)}, X_Total="1")


@pytest.fixture
def system() -> System:
    return System()


@pytest.fixture
def proxy(system: System) -> Iterator[Proxy]:
    def is_write(call: Call) -> bool:
        return bool((call.json() or {}).get("method") == "create")

    with LocalServer(system) as server, Proxy(server.url, is_write) as proxy:
        yield proxy


def anything(call: Call) -> bool:
    return True


def send(proxy: Proxy, method: str = "search", timeout: float = 5.0) -> requests.Response:
    return requests.post(f"{proxy.url}/rpc?db=erp", json={"method": method}, timeout=timeout)


def test_it_passes_on_and_answers(proxy: Proxy, system: System) -> None:
    answer = requests.put(f"{proxy.url}/a%20b?q=1", data=b"x", headers={"X-A": "b"}, timeout=5)
    assert (answer.status_code, answer.json(), answer.headers["X-Total"]) == (200, {"n": 1}, "1")
    (call,) = system.calls
    assert (call.method, call.path, call.query, call.body) == ("PUT", "/a%20b", "q=1", b"x")
    assert call.headers["x-a"] == "b"


def test_reads_and_writes_are_told_apart_by_the_body(proxy: Proxy) -> None:
    for method in ("search", "create", "read"):
        send(proxy, method)
    assert (proxy.reads, proxy.writes) == (2, 1)
    assert proxy.log == [("POST", "/rpc", 200)] * 3


def test_connections_are_kept(proxy: Proxy) -> None:
    with requests.Session() as session:
        for _ in range(3):
            session.get(proxy.url, timeout=5)
    assert len({call.peer for call in proxy.calls}) == 1


def test_a_rule_takes_what_matches_as_often_as_it_says(proxy: Proxy, system: System) -> None:
    rule = proxy.on(lambda call: call.write, faults.fail(500), times=2)
    statuses = [send(proxy, m).status_code for m in ("search", "create", "create", "create")]
    assert statuses == [200, 500, 500, 200]
    assert (rule.used, len(system.calls)) == (2, 2)


def test_clear_forgets_rules_and_counts(proxy: Proxy) -> None:
    proxy.on(anything, faults.limit(1), times=None)
    send(proxy)
    proxy.clear()
    assert (send(proxy).status_code, proxy.reads) == (200, 1)


def test_limit_answers_429_and_passes_nothing_on(proxy: Proxy, system: System) -> None:
    proxy.on(anything, faults.limit(2))
    answer = send(proxy)
    assert (answer.status_code, answer.headers["Retry-After"], system.calls) == (429, "2", [])


def test_fail_answers_a_page_and_passes_nothing_on(proxy: Proxy, system: System) -> None:
    proxy.on(anything, faults.fail(500))
    answer = send(proxy)
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/html")
    assert "<h1>" in answer.text
    assert system.calls == []


@pytest.mark.parametrize(("fault", "reached"), [(faults.refuse, 0), (faults.cut, 1)])
def test_refuse_and_cut_differ_in_what_the_system_saw(
    proxy: Proxy, system: System, fault: faults.Fault, reached: int
) -> None:
    proxy.on(anything, fault)
    with pytest.raises(requests.ConnectionError):
        send(proxy, "create")
    assert len(system.calls) == reached
    assert proxy.log == [("POST", "/rpc", None)]
    assert proxy.writes == 1


def test_delay_passes_on_at_once_and_answers_later(proxy: Proxy, system: System) -> None:
    proxy.on(anything, faults.delay(30))
    with pytest.raises(requests.ReadTimeout):
        send(proxy, timeout=0.2)
    assert len(system.calls) == 1


def test_late_passes_on_when_the_client_has_given_up(proxy: Proxy, system: System) -> None:
    proxy.on(anything, faults.late(3))  # far later than the client waits
    with pytest.raises(requests.ReadTimeout):
        send(proxy, timeout=0.1)
    assert system.calls == []
    proxy.settle()
    assert len(system.calls) == 1


def test_what_is_late_when_the_proxy_closes_is_never_passed_on(system: System) -> None:
    with LocalServer(system) as server, Proxy(server.url, anything) as proxy:
        proxy.on(anything, faults.late(30))
        with pytest.raises(requests.ReadTimeout):
            send(proxy, timeout=0.1)
    assert system.calls == []


@pytest.mark.parametrize(("fault", "seen"), [(faults.before, 0), (faults.after, 1)])
def test_a_function_runs_before_or_after_the_system_is_reached(
    proxy: Proxy, system: System, fault: object, seen: int
) -> None:
    counts: list[int] = []
    proxy.on(anything, fault(lambda: counts.append(len(system.calls))))  # type: ignore[operator] # parametrized
    assert send(proxy).status_code == 200
    assert counts == [seen]


def test_what_a_function_raises_reaches_the_test(system: System) -> None:
    def fail() -> None:
        raise LookupError("no child to kill")

    with (
        pytest.raises(LookupError, match="no child to kill"),
        LocalServer(system) as server,
        Proxy(server.url, anything) as proxy,
    ):
        proxy.on(anything, faults.before(fail))
        with pytest.raises(requests.ConnectionError):
            send(proxy)


def test_many_clients_at_once_are_all_counted(proxy: Proxy, system: System) -> None:
    def work() -> None:
        for _ in range(10):
            send(proxy, "create")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (proxy.writes, len(system.calls)) == (80, 80)


def test_a_system_that_is_down_is_a_bad_gateway(system: System) -> None:
    with LocalServer(system) as server:
        address = server.url
    with Proxy(address, anything) as proxy:
        assert send(proxy).status_code == 502


@pytest.mark.parametrize(
    "target", ["http://192.0.2.1:80", "https://127.0.0.1:80", "http://localhost"]
)
def test_it_goes_nowhere_but_to_a_port_of_this_machine(target: str) -> None:
    with pytest.raises(ValueError, match="is not http on a port of this machine"):
        Proxy(target, anything)
