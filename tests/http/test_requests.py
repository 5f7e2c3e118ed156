"""What goes over the wire, and what a flow sees of the answer."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import pytest
import responses
import structlog

from syncd.errors import AccessError, ConfigError, DoubtError, ProtocolError
from syncd.http import HttpTransport
from syncd.port import Flow, Request
from tests.clocks import ManualClock
from tests.http.conftest import SECRETS, Connect, Script
from tests.http.flows import READ, WRITE, Login, Token, as_connector, each, one
from tests.server import Answer, LocalServer, json_answer


def test_a_request_is_relative_to_the_address_of_the_connection(
    transport: HttpTransport, script: Script
) -> None:
    transport.run(each(Request("GET", "/parties/"), Request("DELETE", "заказы/7", write=True)))
    assert [(call.method, call.path) for call in script.calls] == [
        ("GET", "/api/parties/"),
        ("DELETE", "/api/%D0%B7%D0%B0%D0%BA%D0%B0%D0%B7%D1%8B/7"),
    ]


def test_query_and_headers_go_out(transport: HttpTransport, script: Script) -> None:
    transport.run(one(Request("GET", "a", {"q": "a b&c", "имя": "я"}, headers={"X-Company": "1"})))
    (call,) = script.calls
    assert call.query == "q=a%20b%26c&%D0%B8%D0%BC%D1%8F=%D1%8F"
    assert call.headers["x-company"] == "1"
    assert call.headers["authorization"] == "Bearer t0ken-of-tests"
    assert "gzip" in call.headers["accept-encoding"]
    assert call.headers["user-agent"].startswith("syncd/")


def test_one_object_of_json_may_be_the_whole_query(
    transport: HttpTransport, script: Script
) -> None:
    transport.run(one(Request("GET", "deal", asks={"limit": 5, "q": "Ёлка & я"})))
    (call,) = script.calls
    assert "=" not in call.query
    assert json.loads(unquote(call.query)) == {"limit": 5, "q": "Ёлка & я"}


def test_decimals_are_exact_numbers_in_the_body(transport: HttpTransport, script: Script) -> None:
    body = {"amount": Decimal("1234567890123456.10"), "name": "株式会社さくら", "due": None}
    transport.run(one(Request("POST", "invoices", json=body, write=True)))
    (call,) = script.calls
    assert call.body.decode() == (
        '{"amount":1234567890123456.10,"name":"株式会社さくら","due":null}'
    )
    assert call.headers["content-type"] == "application/json"


def test_without_json_no_body_is_sent(transport: HttpTransport, script: Script) -> None:
    transport.run(one(READ))
    assert script.calls[0].body == b""
    assert "content-type" not in script.calls[0].headers


@responses.activate
def test_header_names_of_an_answer_are_lower_case(clock: ManualClock) -> None:
    responses.get("https://crm.example.com/customers", body=b"[]", headers={"X-Total-COUNT": "0"})
    transport = HttpTransport("https://crm.example.com", as_connector(Token()), SECRETS, clock)
    response = transport.run(one(READ))
    assert (response.status, response.headers["x-total-count"], response.body) == (200, "0", b"[]")


def test_a_compressed_answer_is_unpacked(transport: HttpTransport, script: Script) -> None:
    packed = gzip.compress(b'{"total": 100.10}')
    script.answers = [Answer(200, {"Content-Encoding": "gzip"}, packed)]
    assert transport.run(one(READ)).body == b'{"total": 100.10}'


@pytest.mark.parametrize("status", [204, 304, 400, 403, 404, 409, 422])
def test_what_is_for_the_connector_to_judge_is_handed_to_it(
    transport: HttpTransport, script: Script, status: int
) -> None:
    script.answers = [Answer(status)]
    assert transport.run(each(READ, WRITE)) == [status, status]
    assert transport.calls == 2


def test_calls_and_writes_are_counted(transport: HttpTransport) -> None:
    transport.run(each(READ, WRITE, READ))
    assert (transport.calls, transport.writes) == (3, 1)


def test_each_call_is_announced_and_can_be_stopped(
    transport: HttpTransport, script: Script
) -> None:
    announced: list[Request] = []

    def stop_writes(request: Request) -> None:
        announced.append(request)
        if request.write:
            raise AccessError("the lease is over")

    transport.before_send = stop_writes
    with pytest.raises(AccessError, match="the lease is over"):
        transport.run(each(READ, WRITE))
    assert announced == [READ, WRITE]
    assert [call.method for call in script.calls] == ["GET"]
    assert (transport.calls, transport.writes) == (1, 0)


# ------------------------------------------------------------------------------------- access


def sessions(script: Script, valid: list[str]) -> None:
    """A system whose login gives the next of `valid`, and which accepts only the last one."""
    given: list[str] = []

    def respond(call: object) -> Answer:
        last = script.calls[-1]
        if last.path.endswith("/login"):
            given.append(valid[len(given)])
            return Answer(body=given[-1].encode())
        known = last.headers.get("authorization") == f"Session {valid[-1]}"
        return Answer(200 if known else 401)

    script.answers = [respond]


def test_the_credential_is_got_with_the_first_request_and_kept(
    connect: Connect, server: LocalServer, script: Script
) -> None:
    sessions(script, ["only"])
    login = Login()
    transport = connect(server.url, login)
    assert login.times == 0
    assert transport.run(each(READ, READ)) == [200, 200]
    assert transport.run(each(READ)) == [200]
    assert login.times == 1
    assert transport.calls == 4


@pytest.mark.parametrize("request_", [READ, WRITE], ids=["read", "write"])
def test_a_credential_that_ran_out_is_renewed_and_the_request_repeated(
    connect: Connect, server: LocalServer, script: Script, request_: Request
) -> None:
    sessions(script, ["old", "new"])
    transport = connect(server.url, Login())
    assert transport.run(each(request_)) == [200]
    assert [call.path for call in script.calls] == ["/login", "/customers", "/login", "/customers"]


def test_a_second_401_is_for_the_connector(
    connect: Connect, server: LocalServer, script: Script
) -> None:
    script.answers = [Answer(401)]
    transport = connect(server.url)
    assert transport.run(each(READ)) == [401]
    assert transport.calls == 2


def test_a_401_of_the_login_itself_is_not_followed_by_another_login(
    connect: Connect, server: LocalServer, script: Script
) -> None:
    class Strict(Login):
        def authenticate(self, secrets: object) -> Flow[dict[str, str]]:
            response = yield Request("POST", "login")
            raise AccessError(f"login refused with HTTP {response.status}")

    script.answers = [Answer(401)]
    with pytest.raises(AccessError, match="login refused with HTTP 401"):
        connect(server.url, Strict()).run(one(READ))
    assert len(script.calls) == 1


def test_a_credential_that_fits_no_header_is_an_access_error_which_does_not_show_it(
    clock: ManualClock,
) -> None:
    secrets = {"token": "секрет"}
    transport = HttpTransport("http://127.0.0.1:9", as_connector(Token()), secrets, clock)
    with pytest.raises(AccessError, match="does not fit Authorization: not ASCII") as caught:
        transport.run(one(READ))
    assert "секрет" not in str(caught.value)


def test_a_netrc_file_does_not_replace_the_credential(
    transport: HttpTransport, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    transport.run(one(READ))
    assert script.calls[0].headers["authorization"] == "Bearer t0ken-of-tests"


def test_cookies_are_not_kept(transport: HttpTransport, script: Script) -> None:
    script.answers = [Answer(headers={"Set-Cookie": "session=1; Path=/"}), Answer()]
    transport.run(each(READ, READ))
    assert "cookie" not in script.calls[1].headers


def test_a_redirect_is_not_followed_but_named(transport: HttpTransport, script: Script) -> None:
    place = "https://crm.example.com/api/?key=t0ken-of-tests"
    script.answers = [Answer(301, {"Location": place})]
    expected = r"redirects to https://crm\.example\.com/api/: use that as the url$"
    with pytest.raises(ProtocolError, match=expected):
        transport.run(one(READ))


# ------------------------------------------------------------------------------------ secrecy


def test_the_log_has_one_line_a_call_without_query_or_body(
    transport: HttpTransport, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    script.answers = [json_answer({"phone": "+43 1 5330"})]
    caplog.set_level("DEBUG")
    with structlog.testing.capture_logs() as lines:
        transport.run(each(READ, WRITE))
    assert [(line["event"], line["method"], line["path"], line["status"]) for line in lines] == [
        ("call", "GET", "customers", 200),
        ("call", "POST", "customers", 200),
    ]
    told = json.dumps(lines, ensure_ascii=False) + caplog.text
    for private in ("Ромашка", "%D0%A0", "さくら", "5330", SECRETS["token"]):
        assert private not in told


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("bad token t0ken-of-tests in request", "HTTP 500$"),
        ("IntegrityError: ООО «Ромашка» is there", "HTTP 500$"),
        ("<title>502 Bad Gateway</title> nginx", "HTTP 500: 502 Bad Gateway$"),
        ("Не обнаружено свободной лицензии!", "HTTP 500: Не обнаружено свободной лицензии!$"),
    ],
)
def test_a_page_is_repeated_only_where_it_says_what_such_pages_say(
    transport: HttpTransport, script: Script, page: str, said: str
) -> None:
    """One that repeats what it was called with would carry a name into notes and logs."""
    script.answers = [Answer(500, body=page.encode())]
    with pytest.raises(DoubtError, match=said):
        transport.run(one(WRITE))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("crm.example.com", "does not begin with http"),
        ("ftp://crm.example.com", "does not begin with http"),
        ("https://", "does not begin with http"),
        ("https://crm.example.com:port", "not an address"),
        ("https://anna:geheim@crm.example.com", "holds a login"),
        ("https://crm.example.com/api?key=geheim", "has a query"),
    ],
)
def test_a_wrong_address_is_a_configuration_error(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        HttpTransport(url, as_connector(Token()), {}, ManualClock())
    assert "geheim" not in str(caught.value)
