"""Credentials: shown as they are, or exchanged for what every later request shows."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from syncd.errors import AccessError, ProtocolError
from syncd.port import Grant, Request
from syncd.rest.connector import RestConnector
from tests.flows import Answer, drive
from tests.rest.shop import INVOICES, shop


def auth(lines: str, options: Mapping[str, str] | None = None) -> RestConnector:
    return shop(f"{lines}\n{INVOICES}", options)


def granted(
    one: RestConnector, secrets: Mapping[str, str], *answers: Answer
) -> tuple[list[Request], Grant]:
    return drive(one.authenticate(secrets), *answers)


def test_a_key_goes_into_a_header_or_into_the_address() -> None:
    one = auth('auth: {headers: {X-Api-Key: "{secret.key}"}}')
    assert one.facts.secrets == ("key",) and not one.facts.rationed
    assert granted(one, {"key": "k"})[1] == Grant({"X-Api-Key": "k"})
    one = auth('auth: {query: {api_key: "{secret.key}"}}')
    assert granted(one, {"key": "k"})[1] == Grant({}, query={"api_key": "k"})
    one = auth('auth: {bearer: "{secret.token}"}')
    assert granted(one, {"token": "t"})[1] == Grant({"authorization": "Bearer t"})
    with pytest.raises(AccessError, match="the connection has no secret token"):
        granted(one, {})


def test_basic_is_user_and_password_in_utf8() -> None:
    one = auth(
        'options: {user: the login}\nauth: {basic: {username: "{option.user}", '
        'password: "{secret.password}"}}',
        {"user": "иван"},
    )
    assert one.facts.needed == ("user",)
    assert granted(one, {"password": "p"})[1].headers == {"authorization": "Basic 0LjQstCw0L06cA=="}


def test_client_credentials_are_exchanged_for_a_token() -> None:
    """RFC 6749, section 4.4."""
    one = auth("auth: {client_credentials: {post: /oauth/token, scope: read}}")
    assert one.facts.secrets == ("client_id", "client_secret") and one.facts.rationed
    secrets = {"client_id": "id", "client_secret": "s"}
    asked, grant = granted(one, secrets, Answer(200, {"access_token": "t", "expires_in": 3600}))
    assert asked[0].form == {"grant_type": "client_credentials", "scope": "read", **secrets}
    assert not asked[0].write
    assert grant == Grant({"authorization": "Bearer t"}, lasts=3600.0)
    one = auth("auth: {client_credentials: {post: /oauth/token, client: basic}}")
    asked, _ = granted(one, secrets, Answer(200, {"access_token": "t"}))
    assert asked[0].form == {"grant_type": "client_credentials"}
    assert asked[0].headers == {"authorization": "Basic aWQ6cw=="}
    with pytest.raises(AccessError, match="the login is refused: HTTP 400"):
        granted(one, secrets, Answer(400, {"error": "invalid_client"}))
    with pytest.raises(ProtocolError):
        granted(one, secrets, Answer(200, b"<html>"))


def test_a_refresh_token_that_is_replaced_is_handed_on() -> None:
    """RFC 6749, section 6."""
    one = auth("auth: {refresh_token: {post: /oauth/token, address: api_domain}}")
    assert one.facts.secrets == ("client_id", "client_secret", "refresh_token")
    assert one.facts.renews and one.facts.rationed
    secrets = {"client_id": "id", "client_secret": "s", "refresh_token": "r1"}
    said = {"access_token": "t", "refresh_token": "r2", "api_domain": "https://eu.example/"}
    asked, grant = granted(one, secrets, Answer(200, said))
    assert asked[0].form == {"grant_type": "refresh_token", **secrets}
    assert grant.renewed == {"refresh_token": "r2"} and grant.address == "https://eu.example"


def test_a_login_gives_a_session() -> None:
    one = auth(
        """\
auth:
  login:
    post: /session
    body: {user: "{option.user}", password: "{secret.password}"}
    token: data.session
    lasts: 1200
  headers: {X-Session: "{token}"}
  over: session expired
options: {user: the login}
""",
        {"user": "u"},
    )
    asked, grant = granted(one, {"password": "p"}, Answer(200, {"data": {"session": "s"}}))
    assert asked[0].json == {"user": "u", "password": "p"}
    assert grant == Grant({"X-Session": "s"}, lasts=1200.0, over="session expired")
    with pytest.raises(AccessError, match=r"without a token at data\.session"):
        granted(one, {"password": "p"}, Answer(200, {"data": {}}))


def test_a_session_may_come_in_a_header() -> None:
    one = auth(
        'auth: {login: {post: /tokens, token_header: X-Subject-Token}, headers: {X: "{token}"}}'
    )
    _, grant = granted(one, {}, Answer(201, {}, {"x-subject-token": "s"}))
    assert grant.headers == {"X": "s"}
