"""Set-up day with NetSuite, over HTTP: found, told, and nothing written."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from syncd.sandbox.netsuite import NetSuite as Sandbox
from syncd.sandbox.serve import Served, listen, url
from syncd.settings import load
from tests.init.table import BOOKS, CRM, Table

WRITES = ("PUT ", "PATCH ", "DELETE ")


@contextmanager
def served(table: Table) -> Iterator[tuple[Sandbox, Served, str]]:
    sandbox = Sandbox(table.clock.utc)
    behind = Served(sandbox)
    server = listen(behind)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield sandbox, behind, url(server)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("login", ["certificate", "tokens"])
def test_the_account_is_found_and_nothing_is_written(tmp_path: Path, login: str) -> None:
    with Table(tmp_path) as table, served(table) as (sandbox, behind, address):
        hello = sandbox.hello(address)
        names = ("private_key",) if login == "certificate" else (
            "consumer_key", "consumer_secret", "token_id", "token_secret",
        )  # fmt: skip
        words = ["--books-system", "netsuite", "--books-url", address]
        for name in names:
            file = table.desk.secret(f"given-{name}", hello[name])
            words += ["--books-secret", f"{name}={file}"]
        settings = {"account": hello["account"], "login": login, "zone": "America/New_York"}
        settings |= {one: hello[one] for one in ("client_id", "certificate_id")}
        for name, value in settings.items():
            words += ["--books-option", f"{name}={value}"]
        words += ["--zone", "America/New_York", *CRM]
        words += ["--crm-url", table.url, "--crm-token-file", str(table.secret()), "--yes"]
        said = table.init(*words)
        assert said.code == 0, said.text
        assert "company     Parent Company" in said.out
        assert "5 orders, 8 invoices, 6 payments" in said.out
        pair = load(table.config).pairs["main"]
        assert pair.books.options["zone"] == "America/New_York"
        doctor = table.syncd("doctor")
        assert "Parent Company (1234567_SB1), the one it is bound to" in doctor.out
        assert "0 wrong" in doctor.out, doctor.text
        assert not [one for one in behind.log if str(one["request"]).startswith(WRITES)]
        assert table.proxy.writes == 0


def test_a_key_of_another_certificate_is_told(tmp_path: Path) -> None:
    with Table(tmp_path) as table, served(table) as (sandbox, _, address):
        hello = sandbox.hello(address)
        wrong = Sandbox(seed=9).hello(address)["private_key"]
        file = table.desk.secret("given-private_key", wrong)
        words = ["--books-system", "netsuite", "--books-url", address]
        words += ["--books-secret", f"private_key={file}"]
        settings = {one: hello[one] for one in ("account", "client_id", "certificate_id")}
        for name, value in {**settings, "zone": "UTC"}.items():
            words += ["--books-option", f"{name}={value}"]
        said = table.init(*words, *CRM, "--yes")
        assert said.code == 78, said.text
        assert "compare client_id with the integration record" in said.text.replace("\n", " ")


def test_an_account_as_the_crm_is_found_with_the_fields_of_its_cards(tmp_path: Path) -> None:
    with Table(tmp_path) as table, served(table) as (sandbox, behind, address):
        hello = sandbox.hello(address)
        file = table.desk.secret("given-private_key", hello["private_key"])
        words = [*BOOKS, "--books-url", table.url, "--books-token-file", str(table.secret())]
        words += ["--crm-system", "netsuite_crm", "--crm-url", address]
        words += ["--crm-secret", f"private_key={file}"]
        settings = {one: hello[one] for one in ("account", "client_id", "certificate_id")}
        for name, value in {**settings, "zone": "America/New_York"}.items():
            words += ["--crm-option", f"{name}={value}"]
        said = table.init(*words, "--yes")
        assert said.code == 0, said.text
        assert "company     Parent Company" in said.out
        assert load(table.config).pairs["main"].crm_mapping == "netsuite_crm"
        assert not [one for one in behind.log if str(one["request"]).startswith(WRITES)]
        setup = table.syncd("connections", "setup", "crm", "--dry-run")
        assert "every field that is written is there" in setup.text
