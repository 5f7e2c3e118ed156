"""Each answer is tested at once; what is wrong is said in one sentence that tells what to do."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest

from syncd import registry
from syncd.http.sentences import of_failure
from syncd.http.session import NotSentError
from syncd.setup.address import folder, meant, read
from syncd.setup.kept import NAME
from syncd.setup.reach import ATTEMPTS
from tests.cli.desk import TOKEN
from tests.init.table import Table
from tests.server import Answer, Call, LocalServer, json_answer

PAGE = Answer(200, {"Content-Type": "text/html"}, b"<!doctype html><title>Web client</title>")


def told(table: Table, address: str) -> str:
    """What is said of an address; it is asked again, and then the terminal is closed."""
    said = table.init(answers=["memory_books", address, table.url])
    assert said.code == 130, said.text
    assert not table.config.exists()
    assert f"memory_books 1 answers at {table.url}" in said.out
    return said.out


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def test_nothing_listens_there(table: Table) -> None:
    port = closed_port()
    out = told(table, f"http://127.0.0.1:{port}/books/1")
    assert f"! 127.0.0.1:{port} refuses the connection. The machine is there" in out
    assert "check the port" in out


def test_a_name_that_does_not_resolve(table: Table) -> None:
    out = told(table, "https://books.invalid")
    assert "! books.invalid is not known: the name does not resolve. Check the spelling" in out


def test_what_is_no_address(table: Table) -> None:
    wrong = ["ftp://books.example", "the books", "https://anna:geheim@books.example"]
    said = table.init(answers=["memory_books", *wrong, table.url])
    assert said.out.count("is no web address; expected https://host") == 2
    assert "the address of books.example holds a login: leave out all before the @" in said.out
    assert "geheim" not in (table.folder / NAME).read_text(encoding="utf-8")


def test_a_web_page_in_place_of_the_api(table: Table) -> None:
    with LocalServer(lambda call: PAGE) as server:
        out = told(table, server.url)
    assert f"! {server.url} answers with a web page, not with the system's API" in out
    assert "Is it the address of the system itself" in out


@pytest.mark.parametrize("system, call", [("tryton", "/rpc/"), ("bottlecrm", "/api/accounts/")])
def test_another_system_behind_the_address(table: Table, system: str, call: str) -> None:
    calls: list[str] = []

    def respond(asked: Call) -> Answer:
        calls.append(asked.path)
        return Answer(404, {"Content-Type": "text/html"}, b"<h1>Not Found</h1>")

    with LocalServer(respond) as server:
        books = [] if system == "tryton" else ["memory_books", table.url, TOKEN]
        said = table.init(answers=[*books, system, f"{server.url}/a/b"])
    assert said.code == 130
    assert "HTTP 404 at" in said.out and f", where {'Tryton 8' if not books else 'Bo'}" in said.out
    assert calls == [f"{folder}{call}" for folder in ("", "/a", "/a/b")], "looked for below it too"


def test_a_redirect_names_the_address_to_use(table: Table) -> None:
    moved = Answer(301, {"Location": "https://books.example/?token=x"})
    with LocalServer(lambda call: moved) as server:
        out = told(table, server.url)
    assert "redirects to https://books.example/: use that as the url" in out


def test_a_certificate_that_is_not_valid_is_never_gone_around(table: Table) -> None:
    """Also where no scheme was typed: the same host in the clear is not tried then."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).parents[1] / "http" / "localhost.pem")
    with LocalServer(lambda call: json_answer({"version": "1"})) as server:
        server.use_tls(context)
        host = server.url.removeprefix("http://")
        said = table.syncd("-v", "init", answers=["memory_books", host])
    assert "shows a TLS certificate that is not valid" in said.out
    assert "REQUESTS_CA_BUNDLE=/path/to/ca.pem" in said.out
    assert said.err.count(f'"host": "{host}"') == ATTEMPTS


def test_a_proxy_of_the_environment_is_named(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    port = closed_port()
    monkeypatch.setenv("HTTP_PROXY", f"http://anna:geheim@127.0.0.1:{port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    out = told(table, "http://books.example")
    assert f"http goes through the proxy 127.0.0.1:{port}" in out
    assert f"asked through the proxy 127.0.0.1:{port}; NO_PROXY=books.example goes around" in out
    assert "geheim" not in out


def test_a_proxy_that_wants_a_login_is_told_apart_from_the_system() -> None:
    error = NotSentError()
    error.__cause__ = OSError("Tunnel connection failed: 407 Proxy Authentication Required")
    said = of_failure(error, (1, 1))
    assert said == "cannot be reached through the proxy: 407 Proxy Authentication Required"


def test_a_system_that_is_down_is_tried_again_with_enter(table: Table) -> None:
    table.world.fault("GET /books/hello", "refuse", times=2)  # each address is tried twice
    said = table.init(answers=["memory_books", table.url, "", TOKEN])
    assert "HTTP 503" in said.out
    assert f"Address, as in the browser [{table.url}]" in said.out
    assert "company     Books of Memory Ltd" in said.out


def test_it_breaks_off_after_the_secret_and_goes_on(table: Table) -> None:
    table.world.fault("GET /books/about", "refuse", times=2)
    said = table.init(answers=["memory_books", table.url, TOKEN, ""])
    assert "Enter tries again" in said.out
    assert "company     Books of Memory Ltd" in said.out


def test_a_wrong_secret_and_a_missing_right_are_two_things(table: Table) -> None:
    table.world.sides.books.hidden = ("orders", "balances")
    table.world.sides.books.administrator = True
    said = table.init(answers=["memory_books", table.url, "wrong", TOKEN])
    assert said.out.count("! the token is not valid") == 1
    assert "! syncd may not read orders: order records would fail" in said.out
    assert "! syncd may not read balances" in said.out
    assert "! syncd is an administrator: better a user of syncd's own" in said.out


def test_a_clock_that_differs_is_said(table: Table) -> None:
    table.world.books.habits.skew = -3660.0
    said = table.init(answers=["memory_books", table.url, TOKEN])
    assert "! its clock is 61 min behind this machine's" in said.out


class Tryton:
    """As much of it as answers before a login, and one that it refuses."""

    def __init__(self, databases: Sequence[str] | None) -> None:
        self.databases = databases
        self.logins: list[object] = []

    def __call__(self, call: Call) -> Answer:
        body = call.json()
        if call.path == "/rpc/" and body["method"] == "common.server.version":
            return json_answer({"id": 1, "result": "8.2"})
        if call.path == "/rpc/" and body["method"] == "common.db.list":
            if self.databases is None:
                return Answer(403, {"Content-Type": "text/html"}, b"Forbidden")
            return json_answer({"id": 1, "result": self.databases})
        self.logins.append((call.path, body["params"][0]))
        return Answer(401, {"Content-Type": "text/html"}, b"Unauthorized")


def test_a_wrong_database_is_answered_with_those_there_are(table: Table) -> None:
    tryton = Tryton(["erp_main", "учёт"])
    with LocalServer(tryton) as server:
        url = f"{server.url}/#erp_main/model/party.party;views=1"
        answers = ["tryton", url, "erp_mian", "", "anna", "wrong", "boris", "wrong"]
        said = table.init(answers=answers)
    assert said.code == 130
    assert "tryton 8.2 answers at" in said.out
    assert "there is no database erp_mian" in said.out
    assert "did you mean erp_main?; it has: erp_main, учёт" in said.out
    assert "Database (erp_main, учёт) [erp_main]" in said.out, "the one of the pasted address"
    assert '! Tryton refuses the login "anna" with this password' in said.out
    assert tryton.logins == [("/erp_main/rpc/", "anna"), ("/erp_main/rpc/", "boris")]


def test_a_server_that_lists_no_databases_is_asked_by_name(table: Table) -> None:
    with LocalServer(Tryton(None)) as server:
        said = table.init(answers=["tryton", server.url, "erp", "anna", "wrong"])
    assert "Database: erp" in said.out
    assert '! Tryton refuses the login "anna" with this password' in said.out


@pytest.mark.parametrize(
    "pasted, urls, word",
    [
        ("erp.example", ["https://erp.example", "http://erp.example"], None),
        (" <https://Erp.example:8000/#erp/model/x> ", ["https://erp.example:8000"], "erp"),
        ("http://h/a?b=1#!/d%20b;x", ["http://h", "http://h/a"], "d b"),
        ("https://[::1]:8/", ["https://[::1]:8"], None),
        ("https://учёт.example/1c/ru/x/y", [f"https://учёт.example{t}" for t in
            ("", "/1c", "/1c/ru", "/1c/ru/x")], None),
    ],
)  # fmt: skip
def test_an_address_is_taken_as_it_was_pasted(
    pasted: str, urls: list[str], word: str | None
) -> None:
    found = read(pasted)
    assert (list(found.urls), found.first_word) == (urls, word)


@pytest.mark.parametrize(
    "pasted, url",
    [
        ("https://crm.zoho.eu/crm/org20071998001/tab/Home/begin", "https://accounts.zoho.eu"),
        ("api-console.zoho.com.au", "https://accounts.zoho.com.au"),
        ("https://www.zohoapis.ca", "https://accounts.zohocloud.ca"),
        ("https://zoho.com", "https://accounts.zoho.com"),
        ("https://notzoho.com", "https://notzoho.com"),
    ],
)
def test_any_page_of_a_data_centre_leads_to_its_accounts_server(pasted: str, url: str) -> None:
    assert meant(read(pasted), registry.facts("zoho_crm").hosts).urls[0] == url


@pytest.mark.parametrize(
    ("pasted", "url"),
    [
        ("/srv/карточки/", "file:///srv/%D0%BA%D0%B0%D1%80%D1%82%D0%BE%D1%87%D0%BA%D0%B8"),
        (" 'file:///srv/share'", "file:///srv/share"),
        ("https://crm.example.com/srv", None),
        ("crm.example.com", None),
    ],
)
def test_a_folder_is_taken_as_it_is_typed(pasted: str, url: str | None) -> None:
    assert folder(pasted) == url
