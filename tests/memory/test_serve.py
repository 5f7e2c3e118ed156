"""The world behind real HTTP, with a child process that is killed in the middle of a write."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ACCOUNT = {"fields": {"name": "Фирма", "books_id": "7"}, "parents": {}}
WRITER = """
import http.client, json, sys
wire = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
sys.stdin.readline()
wire.request("POST", "/crm/account", sys.argv[2].encode())
wire.getresponse().read()
"""


class Served:
    """A world in a process of its own, and one connection to it that is kept."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "world.json"
        self.clock = folder / "clock"
        command = [sys.executable, "-m", "connectors.memory.serve"]
        files = ["--state", str(self.state), "--clock", str(self.clock)]
        self.process = subprocess.Popen([*command, *files], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        self.wire.request(method, path, None if body is None else json.dumps(body))
        answer = self.wire.getresponse()
        return answer.status, json.loads(answer.read())

    def control(self, verb: str, **body: object) -> Any:
        status, answer = self.ask("POST", f"/control/{verb}", body)
        assert status == 200, answer
        return answer

    def call(self, side: str, method: str, *args: object) -> Any:
        return self.control("call", side=side, method=method, args=args)

    def journal(self) -> Any:
        return self.control("journal")

    def wait_for(self, condition: Callable[[], object]) -> None:
        """What a killed writer sent may still be on its way."""
        until = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < until, "it never happened"

    def stop(self) -> None:
        self.wire.close()
        self.process.terminate()
        self.process.communicate(timeout=20)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    world = Served(tmp_path)
    yield world
    world.stop()


def test_a_served_world_answers_over_one_kept_connection(served: Served) -> None:
    customer = served.call("books", "add_customer", "田中")
    served.call("books", "post_invoice", customer, "100.00")
    first = served.wire.sock
    status, page = served.ask("GET", "/books/balances?ids=1")
    assert status == 200
    [row] = page["rows"][0]["rows"]
    assert row == {"currency": "EUR", "receivable": "100.00", "prepaid": "0", "credits": "0"}
    assert first is not None and served.wire.sock is first


def test_every_verb_and_route_of_the_world_is_served(served: Served) -> None:
    customer = served.call("books", "add_customer", "田中")
    order = served.call("books", "add_order", customer, "100.00")
    terms = {"terms": [["2026-12-01", "60.00"], ["2027-01-01", "40.00"]]}
    call = {"side": "books", "method": "invoice_order", "args": [order], "kwargs": terms}
    invoice = served.control("call", **call)
    served.call("books", "refund", customer, "5.00")
    backup = served.call("books", "snapshot")
    served.call("books", "unpost", "invoices", invoice)
    assert served.call("books", "figures", customer) == {"EUR": ["5.00", "0", "0"]}
    served.call("books", "restore", backup)
    served.control("habits", side="books", set={"ledger_off": {customer: "2.50"}})
    _, page = served.ask("GET", f"/books/balances?ids={customer}")
    assert page["rows"][0]["rows"][0]["receivable"] == "107.50"
    won = {"fields": {"name": "Фирма", "code": "account-7"}, "parents": {}}
    status, made = served.ask("POST", "/books/customers", won)
    assert (status, made["fields"]["code"]) == (201, "account-7")
    assert [entry["marker"] for entry in served.journal()["books_journal"]] == ["account-7"]
    account = served.call("crm", "add_account", "Фирма")
    served.call("crm", "win", served.call("crm", "open_deal", account, "Печать"))
    assert [row["account"] for row in served.ask("GET", "/crm/deals")[1]["rows"]] == [account]
    assert [row["id"] for row in served.ask("GET", "/crm/cards")[1]["rows"]] == [account]


@pytest.mark.parametrize(
    ("when", "drop", "carried_out"),
    [("before", True, 0), ("before", False, 1), ("after", False, 1)],
)
def test_a_trap_kills_the_writer_at_its_write(
    served: Served, when: str, drop: bool, carried_out: int
) -> None:
    arguments = [sys.executable, "-c", WRITER, str(served.port), json.dumps(ACCOUNT)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, text=True) as writer:
        served.control("trap", match="POST /crm/account", when=when, drop=drop, pid=writer.pid)
        writer.communicate("go\n", timeout=20)
    assert writer.returncode == -signal.SIGKILL
    served.wait_for(lambda: ["POST", "/crm/account"] in served.journal()["requests"] or drop)
    assert len(served.journal()["journal"]) == carried_out


def test_an_answer_held_back_lets_other_requests_pass(served: Served) -> None:
    served.control("trap", match="POST /crm/account", when="after", delay=5)
    slow = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    slow.request("POST", "/crm/account", json.dumps(ACCOUNT))
    served.wait_for(lambda: served.journal()["journal"])
    slow.close()
    assert [entry["marker"] for entry in served.journal()["journal"]] == ["7"]


def test_a_cut_connection_ends_without_an_answer(served: Served) -> None:
    served.control("fault", match="POST /crm/account", kind="cut_after")
    with pytest.raises(http.client.RemoteDisconnected):
        served.ask("POST", "/crm/account", ACCOUNT)
    served.wire.close()
    assert [entry["op"] for entry in served.journal()["journal"]] == ["create"]


@pytest.mark.parametrize(("kind", "status"), [("refuse", 503), ("rate_limit", 429), ("error", 500)])
def test_other_faults_are_real_answers(served: Served, kind: str, status: int) -> None:
    served.control("fault", match="GET /crm/account", kind=kind, seconds=2)
    served.wire.request("GET", "/crm/account")
    answer = served.wire.getresponse()
    answer.read()
    assert answer.status == status
    assert answer.headers["retry-after"] == ("2" if status == 429 else None)


def test_the_clock_moves_by_a_verb_and_by_a_file(served: Served) -> None:
    served.control("habits", side="crm", set={"search_lag": 3600})
    served.ask("POST", "/crm/account", ACCOUNT)
    path = "/crm/account?path=books_id&text=7"
    assert served.ask("GET", path)[1]["objects"] == []
    served.control("clock", advance=1800)
    served.clock.write_text("1801")
    assert len(served.ask("GET", path)[1]["objects"]) == 1


def test_the_state_file_is_what_another_process_looks_at(served: Served) -> None:
    served.ask("POST", "/crm/account", ACCOUNT)
    state = json.loads(served.state.read_text(encoding="utf-8"))
    assert state["crm"]["objects"]["account"][0]["fields"]["name"] == "Фирма"


def test_without_its_date_the_source_sends_none(served: Served) -> None:
    for shows in (True, False):
        served.control("habits", side="books", set={"date_header": shows})
        served.wire.request("GET", "/books/customers")
        answer = served.wire.getresponse()
        answer.read()
        assert ("date" in answer.headers) is shows


def test_a_misspelt_switch_is_refused(served: Served) -> None:
    status, answer = served.ask("POST", "/control/habits", {"side": "crm", "set": {"teir": "T1"}})
    assert (status, answer) == (400, {"error": "ValueError: CrmHabits has no teir"})
