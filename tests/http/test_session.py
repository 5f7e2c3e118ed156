"""What leaves is what requests itself would send, whatever is left out on the way."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from syncd.http.session import Session
from tests.http.conftest import Connect, Script
from tests.http.flows import READ, each
from tests.server import LocalServer

Body = bytes | Mapping[str, str] | None
WAIT = (10.0, 30.0)


class Kept(BaseAdapter):
    """Keeps what is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[requests.PreparedRequest] = []
        self.options: list[dict[str, Any]] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        self.sent.append(request)
        self.options.append(options)
        answer = requests.Response()
        answer.status_code = 200
        answer.raw = io.BytesIO()
        return answer

    def close(self) -> None:
        """Nothing is open."""


def both(
    method: str, address: str, path: str, query: str, headers: Mapping[str, str], body: Body
) -> tuple[requests.PreparedRequest, requests.PreparedRequest]:
    """As the session sends it, and as requests does with the same settings."""
    ours, theirs = Session(), requests.Session()
    sent = Kept()
    for scheme in ("http://", "https://"):
        ours.mount(scheme, sent)
        theirs.mount(scheme, sent)
    theirs.headers.update(ours.headers)
    for _ in range(2):  # the second time by what is known of the address
        ours.send(method, address, path, query, headers, body, WAIT)
    theirs.request(
        method,
        address + path,
        params=query,
        data=body,
        headers=dict(headers),
        allow_redirects=False,
        timeout=WAIT,
    )
    first, again, last = sent.sent
    assert (first.url, first.body, first.headers) == (again.url, again.body, again.headers)
    assert sent.options[1] == sent.options[2]
    return again, last


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://crm.example.com", "/crm/v8/Deals"),
        ("https://CRM.example.com:443/api", "/Deals/7.json"),
        ("http://127.0.0.1:8000", "/"),
        ("http://[::1]:8000/база", "/odata/standard.odata/Catalog_Контрагенты(guid'7')"),
        ("https://книги.example.com", "/Catalog"),
        ("https://crm.example.com/a%20b", "/one%2Ftwo"),
        ("https://crm.example.com", "/100%"),
        ("https://crm.example.com/api", "/../.hidden//./x"),
        ("https://crm.example.com", "/list?of=deals"),
        ("https://crm.example.com", "/list#top"),
        ("https://crm.example.com", "/a b;v=1/+,!&="),
    ],
)
@pytest.mark.parametrize("query", ["", "$filter=Date%20ge%20datetime'2026-01-01'&%D0%98=~,:(1)"])
def test_an_address_is_that_of_requests(address: str, path: str, query: str) -> None:
    ours, theirs = both("GET", address, path, query, {}, None)
    assert ours.url == theirs.url


@pytest.mark.parametrize("method", ["GET", "POST", "patch", "HEAD"])
@pytest.mark.parametrize("body", [None, b"", b'{"name": "\xd0\xae"}', {"grant": "a b", "имя": "я"}])
def test_headers_and_body_are_those_of_requests(method: str, body: Body) -> None:
    headers = {"Authorization": "Bearer t", "accept": "text/plain", "X-None": ""}
    ours, theirs = both(method, "https://crm.example.com", "/deals", "", headers, body)
    assert (ours.method, ours.body) == (theirs.method, theirs.body)
    assert list(ours.headers.items()) == list(theirs.headers.items())


@pytest.mark.parametrize(
    ("address", "headers"),
    [("https://exa mple", {}), ("https://*.example", {}), ("https://x.example", {"X": "a\nb"})],
)
def test_what_requests_does_not_send_is_not_sent(address: str, headers: dict[str, str]) -> None:
    with pytest.raises(requests.RequestException):
        Session().send("GET", address, "/x", "", headers, None, WAIT)


def test_the_environment_says_how_a_host_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "near.example")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ours.pem")
    session, kept = Session(), Kept()
    session.mount("https://", kept)
    for host in ("far", "near", "far"):
        session.send("GET", f"https://{host}.example", "/x", "", {}, None, WAIT)
    proxies = [one["proxies"].get("https") for one in kept.options]
    assert proxies == ["http://proxy.example:3128", None, "http://proxy.example:3128"]
    assert {one["verify"] for one in kept.options} == {"/etc/ours.pem"}


def test_a_host_is_asked_through_the_proxy(
    connect: Connect, server: LocalServer, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("no_proxy", "")
    connect("http://crm.example.com/api").run(each(READ, READ))
    assert [one.headers["host"] for one in script.calls] == ["crm.example.com"] * 2
