"""Logins that a system counts: shared by processes, kept over a restart, one at a time."""

from __future__ import annotations

import stat
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from syncd.clock import SystemClock
from syncd.errors import AccessError, ProtocolError, RateLimitedError, UnavailableError
from syncd.http import HttpTransport, KeptGrant
from syncd.port import Facts, Flow, Grant, Request
from tests.clocks import ManualClock
from tests.http.conftest import SECRETS, Connect, Script
from tests.http.flows import READ, Plain, as_connector, each
from tests.server import Answer, Call, LocalServer

HOUR = 3600.0


class Rationed(Plain):
    """Asks at `/token`, whose answer is the token; 403 means: half an hour."""

    def __init__(self, address: str | None = None) -> None:
        self.address = address

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Grant]:
        response = yield Request("POST", "token", form={"secret": secrets["password"]})
        if response.status == 403:
            raise RateLimitedError("too many logins", 1800.0)
        token = response.body.decode()
        return Grant({"Authorization": f"Bearer {token}"}, self.address, HOUR, "RAN_OUT")


class Issuer:
    """Gives token-1, token-2 ...; `valid` are those that are taken. Others get `refusal`."""

    def __init__(self) -> None:
        self.given = 0
        self.valid: set[str] = set()
        self.refusal = b"RAN_OUT"
        self.throttled = False
        self.forms: list[bytes] = []

    def __call__(self, call: Call) -> Answer:
        if call.path == "/token":
            self.forms.append(call.body)
            if self.throttled:
                return Answer(403)
            self.given += 1
            self.valid.add(f"Bearer token-{self.given}")
            return Answer(body=f"token-{self.given}".encode())
        known = call.headers.get("authorization") in self.valid
        return Answer(200) if known else Answer(401, body=self.refusal)


@pytest.fixture
def issuer(script: Script) -> Issuer:
    issuer = Issuer()
    script.answers = [issuer]
    return issuer


def kept(folder: Path) -> KeptGrant:
    return KeptGrant(folder / "state" / "zoho.grant")


def test_a_second_process_and_a_restart_use_the_login_that_is_there(
    connect: Connect, server: LocalServer, issuer: Issuer, tmp_path: Path
) -> None:
    for _ in range(3):
        assert connect(server.url, Rationed(), kept=kept(tmp_path)).run(each(READ)) == [200]
    assert issuer.given == 1
    assert issuer.forms == [b"secret=%D0%BF%D0%B0%D1%80%D0%BE%D0%BB%D1%8C-1"]


def test_it_is_its_owners_alone_and_holds_no_secret(
    connect: Connect, server: LocalServer, issuer: Issuer, tmp_path: Path
) -> None:
    connect(server.url, Rationed(), kept=kept(tmp_path)).run(each(READ))
    for file in (tmp_path / "state").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert SECRETS["password"] not in file.read_text()


def test_one_that_ran_out_is_renewed_once_for_all(
    connect: Connect, server: LocalServer, issuer: Issuer, tmp_path: Path
) -> None:
    first, second = (connect(server.url, Rationed(), kept=kept(tmp_path)) for _ in range(2))
    assert [first.run(each(READ)), second.run(each(READ))] == [[200], [200]]
    issuer.valid.clear()
    assert [first.run(each(READ)), second.run(each(READ))] == [[200], [200]]
    assert issuer.given == 2


def test_its_time_is_over_a_minute_early(
    connect: Connect, server: LocalServer, issuer: Issuer, tmp_path: Path, clock: ManualClock
) -> None:
    connect(server.url, Rationed(), kept=kept(tmp_path)).run(each(READ))
    clock.advance(HOUR - 61)
    connect(server.url, Rationed(), kept=kept(tmp_path)).run(each(READ))
    assert issuer.given == 1
    clock.advance(2)
    connect(server.url, Rationed(), kept=kept(tmp_path)).run(each(READ))
    assert issuer.given == 2


def test_another_credential_is_another_login(
    server: LocalServer, issuer: Issuer, tmp_path: Path, clock: ManualClock
) -> None:
    for password in ("one", "two"):
        transport = HttpTransport(
            server.url,
            as_connector(Rationed()),
            {"password": password},
            clock,
            kept=kept(tmp_path),
        )
        assert transport.run(each(READ)) == [200]
        transport.close()
    assert issuer.given == 2


def test_a_refusal_for_another_reason_costs_no_login(
    connect: Connect, server: LocalServer, issuer: Issuer, tmp_path: Path
) -> None:
    transport = connect(server.url, Rationed(), kept=kept(tmp_path))
    assert transport.run(each(READ)) == [200]
    issuer.valid.clear()
    issuer.refusal = b"SCOPE"
    assert transport.run(each(READ, READ)) == [401, 401]
    assert issuer.given == 1


def test_where_too_many_logins_were_asked_for_nobody_asks_until_the_time_is_over(
    connect: Connect,
    server: LocalServer,
    issuer: Issuer,
    script: Script,
    tmp_path: Path,
    clock: ManualClock,
) -> None:
    issuer.throttled = True
    for wait in (1800.0, 1740.0):
        with pytest.raises(RateLimitedError, match="too many logins") as caught:
            connect(server.url, Rationed(), kept=kept(tmp_path)).run(each(READ))
        assert caught.value.retry_after == wait
        clock.advance(60)
    assert len(script.calls) == 1
    issuer.throttled = False
    clock.advance(1800)
    assert connect(server.url, Rationed(), kept=kept(tmp_path)).run(each(READ)) == [200]


def test_several_at_once_ask_once(server: LocalServer, issuer: Issuer, tmp_path: Path) -> None:
    done: list[list[int]] = []

    def work() -> None:
        transport = HttpTransport(
            server.url, as_connector(Rationed()), SECRETS, SystemClock(), kept=kept(tmp_path)
        )
        done.append(transport.run(each(READ)))
        transport.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (done, issuer.given) == ([[200]] * 8, 1)


def test_whoever_does_not_come_to_an_end_is_not_waited_for_for_ever(
    connect: Connect, server: LocalServer, issuer: Issuer, tmp_path: Path, clock: ManualClock
) -> None:
    transport = connect(server.url, Rationed(), kept=kept(tmp_path))
    with (
        kept(tmp_path).alone(server.url, SECRETS, clock),
        pytest.raises(UnavailableError, match="another process has been logging in for 60 s"),
    ):
        transport.run(each(READ))
    assert transport.run(each(READ)) == [200]


def test_what_was_written_badly_is_asked_for_again(
    connect: Connect, server: LocalServer, issuer: Issuer, tmp_path: Path
) -> None:
    place = kept(tmp_path)
    place.path.parent.mkdir()
    place.path.write_bytes(b'{"of": 7')
    assert connect(server.url, Rationed(), kept=place).run(each(READ)) == [200]


def test_the_login_says_where_the_system_is(
    connect: Connect, server: LocalServer, issuer: Issuer, script: Script, tmp_path: Path
) -> None:
    elsewhere = Rationed(f"{server.url}/elsewhere")
    for _ in range(2):  # also out of the file
        assert connect(server.url, elsewhere, kept=kept(tmp_path)).run(each(READ)) == [200]
    assert [call.path for call in script.calls] == [
        "/token",
        "/elsewhere/customers",
        "/elsewhere/customers",
    ]


def test_no_login_leads_to_an_address_without_tls(clock: ManualClock) -> None:
    class Astray(Plain):
        def authenticate(self, secrets: Mapping[str, str]) -> Flow[Grant]:
            return Grant({}, "http://192.0.2.1")
            yield

    transport = HttpTransport("https://192.0.2.1", as_connector(Astray()), SECRETS, clock)
    with pytest.raises(AccessError, match="without TLS"):
        transport.run(each(READ))


def test_a_token_is_not_shown(connect: Connect, server: LocalServer, script: Script) -> None:
    class Told(Plain):
        def authenticate(self, secrets: Mapping[str, str]) -> Flow[Grant]:
            return Grant({"Authorization": "Zoho-oauthtoken 1000.abcdef"})
            yield

    script.answers = [Answer(503, {"Content-Type": "text/plain"}, b"no 1000.abcdef here")]
    with pytest.raises(UnavailableError) as caught:
        connect(server.url, Told()).run(each(READ))
    assert "abcdef" not in str(caught.value)


class Rotating:
    """Each login replaces the refresh token; the old one is no longer good."""

    facts = Facts("rotating", rationed=True, renews=True)

    def __init__(self) -> None:
        self.good = "first"

    def authenticate(self, secrets: Mapping[str, str]) -> Flow[Grant]:
        response = yield Request("POST", "token", form={"refresh": secrets["refresh_token"]})
        if response.status == 403:
            raise RateLimitedError("too many logins", 1800.0)
        token = response.body.decode()
        renewed = {"refresh_token": f"after {token}"}
        return Grant({"Authorization": f"Bearer {token}"}, None, HOUR, "RAN_OUT", {}, renewed)


def test_a_replaced_refresh_token_is_what_the_next_login_shows(
    server: LocalServer, issuer: Issuer, clock: ManualClock, tmp_path: Path
) -> None:
    """Also in another process, and after a refusal to wait; a new secret of a person goes first."""

    def run(refresh_token: str) -> list[int]:
        secrets = {"refresh_token": refresh_token}
        connector = as_connector(Rotating())
        transport = HttpTransport(server.url, connector, secrets, clock, kept=kept(tmp_path))
        try:
            return transport.run(each(READ))
        finally:
            transport.close()

    assert run("first") == [200]
    clock.advance(HOUR)
    issuer.throttled = True
    with pytest.raises(RateLimitedError):
        run("first")
    issuer.throttled = False
    clock.advance(HOUR)
    assert run("first") == [200]
    assert run("another") == [200]
    asked = [form.decode() for form in issuer.forms]
    assert asked[0] == "refresh=first" and set(asked[1:-1]) == {"refresh=after+token-1"}
    assert asked[-1] == "refresh=another"


def test_no_refresh_token_is_used_up_that_cannot_be_kept(
    server: LocalServer, issuer: Issuer, clock: ManualClock, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file where the folder would be")
    secrets = {"refresh_token": "first"}
    connector = as_connector(Rotating())
    transport = HttpTransport(server.url, connector, secrets, clock, kept=kept(tmp_path))
    with pytest.raises(AccessError, match="run syncd as the user of the service"):
        transport.run(each(READ))
    assert issuer.forms == []


def test_a_credential_in_the_address_is_sent_and_not_shown(
    connect: Connect, server: LocalServer, script: Script
) -> None:
    class InTheAddress:
        facts = Facts("address")

        def authenticate(self, secrets: Mapping[str, str]) -> Flow[Grant]:
            return Grant({}, query={"api_key": "hidden-key-1"})
            yield

    def quoting() -> Flow[None]:
        response = yield READ
        raise ProtocolError(f"it says {response.body.decode()}")

    script.answers = [Answer(200, {}, b"no hidden-key-1 here")]
    with pytest.raises(ProtocolError) as caught:
        connect(server.url, InTheAddress()).run(quoting())
    assert "hidden-key-1" not in str(caught.value)
    assert script.calls[0].query.endswith("api_key=hidden-key-1")
