"""The same files from a web server, which may give parts of a file, or a time of it, or neither."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from syncd.domain import Kind
from syncd.errors import AccessError, ProtocolError, UnavailableError
from syncd.http import HttpTransport
from syncd.port import All, Read, Since
from tests.clocks import ManualClock
from tests.server import Answer, Call, LocalServer
from tests.table.exports import COLUMNS, HEAD, OPTIONS, PAYMENTS, csv_of, described

AUTH = 'auth: {basic: {username: syncd, password: "{secret.password}"}}\n'
BODY = csv_of([COLUMNS, *((str(n), "18.11.2026", "ООО «Ёлка»", "1 234,50") for n in range(40))])
LONG_AGO = {"ETag": '"1"', "Last-Modified": "Wed, 18 Nov 2026 10:00:00 GMT"}
NOW = "Wed, 18 Nov 2026 12:00:00 GMT"


@dataclass
class Web:
    """Serves one file, `parts` where it is asked for some."""

    parts: bool = True
    headers: dict[str, str] = field(default_factory=lambda: dict(LONG_AGO))
    body: bytes = BODY
    calls: list[Call] = field(default_factory=list)

    def __call__(self, call: Call) -> Answer:
        self.calls.append(call)
        if (
            call.headers.get("authorization")
            != "Basic " + base64.b64encode(b"syncd:s3cret").decode()
        ):
            return Answer(401)
        if call.path != "/files/payments.csv":
            return Answer(404)
        headers = {**self.headers, "Date": NOW, "Content-Type": "text/csv"}
        if call.method == "HEAD":
            return Answer(200, headers, self.body)
        start, end = (int(one) for one in call.headers["range"].removeprefix("bytes=").split("-"))
        if not self.parts:
            return Answer(200, headers, self.body)
        some = self.body[start : end + 1]
        said = f"bytes {start}-{start + len(some) - 1}/{len(self.body)}"
        return Answer(206, {**headers, "Content-Range": said}, some)


class Reader:
    def __init__(self, url: str, secret: str = "s3cret") -> None:
        made = described(HEAD.replace("read:", f"{AUTH}read:") + PAYMENTS, part=500)
        self.connector = made.connector(OPTIONS)
        self.transport = HttpTransport(url, self.connector, {"password": secret}, ManualClock())

    def keys(self, scope: All | Since) -> list[str]:
        found: list[str] = []
        while True:
            read = Read(Kind.PAYMENT, "payment", ())
            page = self.transport.run(self.connector.pull(read, scope))
            found += (one.key for one in page.records)
            if page.next is None:
                return found
            scope = All(page.next)


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def url(web: Web) -> Iterator[str]:
    with LocalServer(web) as server:
        yield f"{server.url}/files"


@pytest.fixture
def reader(url: str) -> Iterator[Reader]:
    made = Reader(url)
    yield made
    made.transport.close()


@pytest.mark.parametrize("parts", [True, False])
def test_every_row_comes_whether_the_server_gives_parts_or_not(
    web: Web, reader: Reader, parts: bool
) -> None:
    web.parts = parts
    assert reader.keys(All()) == [str(n) for n in range(40)]
    gets = [call for call in web.calls if call.method == "GET"]
    assert (len(gets) > 3) if parts else (len(gets) == 1)
    assert reader.transport.run(reader.connector.identity()).id == "ООО «Ромашка»"


def test_without_a_time_of_change_it_is_read_each_time(web: Web, reader: Reader) -> None:
    web.headers.clear()
    assert len(reader.keys(All())) == len(reader.keys(Since(None))) == 40


def test_what_is_no_file(web: Web, url: str, reader: Reader) -> None:
    stranger = Reader(url, "other")
    with pytest.raises(AccessError):
        stranger.keys(All())
    stranger.transport.close()
    web.headers["Content-Type"] = "text/html"
    web.body = b"<html>Sign in</html>"
    with pytest.raises(ProtocolError, match="is a web page"):
        reader.keys(All())
    lost = Reader(f"{url}/other")
    with pytest.raises(UnavailableError, match="is not there"):
        lost.keys(All())
    lost.transport.close()
