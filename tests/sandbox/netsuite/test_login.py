"""Logging in: a signed assertion for a token, or a signature with every request."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from syncd.sandbox.netsuite.login import ASSERTION
from tests.sandbox.netsuite.desk import SUITEQL, Desk, error


def pem(key: Any) -> str:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return str(key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode())


def test_a_token_is_given_and_works(desk: Desk) -> None:
    found = desk.log_in()
    assert (found["http"], found["expires_in"], found["token_type"]) == (200, "3600", "bearer")
    assert desk.call("GET", "customer")[0] == 200


def test_an_rsa_certificate_that_was_mapped(desk: Desk) -> None:
    key = rsa.generate_private_key(65537, 3072)
    kid = desk.do("map_certificate", pem=pem(key))
    assert desk.log_in(key, {"alg": "PS256", "kid": kid})["http"] == 200
    assert desk.log_in(key, {"alg": "RS256", "kid": kid})["error"] == "invalid_client"
    with pytest.raises(ValueError, match="3072"):
        desk.do("map_certificate", pem=pem(rsa.generate_private_key(65537, 2048)))


@pytest.mark.parametrize(
    ("header", "claims", "told"),
    [
        ({"kid": "another"}, {}, "invalid_grant"),
        ({"alg": "none"}, {}, "invalid_client"),
        ({}, {"iss": "another"}, "invalid_client"),
        ({}, {"aud": "https://elsewhere.example/token"}, "invalid_client"),
        ({}, {"scope": "email"}, "invalid_scope"),
        ({}, {"exp": 4_000_000_000}, "invalid_grant"),
        ({}, {"exp": 1}, "invalid_grant"),
    ],
)
def test_what_is_wrong_with_an_assertion(books: Desk, header: Any, claims: Any, told: str) -> None:
    found = books.log_in(None, header, **claims)
    assert (found["http"], found["error"]) == (400, told)


def test_another_key_does_not_log_in(books: Desk) -> None:
    assert books.log_in(ec.generate_private_key(ec.SECP256R1()))["error"] == "invalid_client"


def test_scopes_come_as_a_list_or_a_text(books: Desk) -> None:
    assert books.log_in(scope="restlets, rest_webservices")["http"] == 200
    assert books.log_in(scope="rest_webservices")["http"] == 200


def test_requests_for_a_token_that_are_none(books: Desk) -> None:
    wrong = {"grant_type": "password"}
    assert books.post_token(wrong)["error"] == "unsupported_grant_type"
    half = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION}
    assert books.post_token(half)["error"] == "invalid_request"
    assert books.post_token({**half, "client_assertion": "a.b"})["error"] == "invalid_request"


def test_an_hour_is_the_help_says_too_long(desk: Desk) -> None:
    desk.switch(assertion_seconds=3599)
    assert desk.log_in()["error"] == "invalid_grant"
    assert desk.log_in(exp=int(desk.now.timestamp()) + 3540)["http"] == 200


def test_a_token_ends(desk: Desk) -> None:
    assert desk.call("GET", "customer")[0] == 200
    desk.later(seconds=3600)
    answer = desk.answered("GET", "customer")
    assert answer.status == 401
    told = answer.headers["www-authenticate"]
    assert told.startswith('Bearer realm="1234567_SB1", error="invalid_token"')


def test_a_revoked_mapping_ends_tokens_too(desk: Desk) -> None:
    desk.call("GET", "customer")
    desk.switch(mapping_revoked=True)
    status, found = desk.call("GET", "customer")
    assert (status, error(found)[0]) == (401, "INVALID_LOGIN")
    assert desk.log_in()["error"] == "invalid_grant"


# Token-based authentication


def signed(desk: Desk, query: str = "", **changed: str) -> tuple[int, str]:
    """Status, and the reason that the challenge tells."""
    header = desk.signed("GET", "/services/rest/record/v1/customer", query, **changed)
    answer = desk.answered("GET", "customer", query, authorization=header)
    told = answer.headers.get("www-authenticate", "")
    return answer.status, told.partition('error="')[2].partition('"')[0]


def test_a_signed_request_is_taken_once(desk: Desk) -> None:
    assert signed(desk) == (200, "")
    assert signed(desk) == (401, "nonce_used")
    assert signed(desk, oauth_nonce="n2") == (200, "")


def test_the_query_is_signed_too(desk: Desk) -> None:
    query = "limit=2&q=companyName%20START_WITH%20%22%D0%9E%22"
    assert signed(desk, query) == (200, "")
    header = desk.signed("GET", "/services/rest/record/v1/customer", "limit=2", oauth_nonce="n3")
    assert desk.answered("GET", "customer", query, authorization=header).status == 401


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"secret": "x"}, "signature_invalid"),
        ({"oauth_consumer_key": "x"}, "consumer_key_unknown"),
        ({"oauth_token": "x"}, "token_rejected"),
        ({"realm": "1234567-sb1"}, "token_rejected"),
        ({"oauth_timestamp": "1700000000"}, "timestamp_refused"),
        ({"oauth_signature_method": "HMAC-SHA1"}, "signature_method_rejected"),
    ],
)
def test_what_is_wrong_with_a_signature(desk: Desk, changed: dict[str, str], told: str) -> None:
    assert signed(desk, **changed) == (401, told)


def test_accounts_where_signatures_are_no_more(desk: Desk) -> None:
    desk.switch(tba=False)
    assert signed(desk) == (401, "FeatureDisabled")


def test_without_any_login(books: Desk) -> None:
    status, found = books.call("POST", SUITEQL, None, {"q": "SELECT 1 FROM dual"}, authorization="")
    assert (status, found["title"], error(found)[0]) == (401, "Unauthorized", "INVALID_LOGIN")
    found = books.answered("GET", "/rest/datacenterurls", {"account": "1"}, authorization="")
    assert b"restDomain" in found.body
