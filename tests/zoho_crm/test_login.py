"""The refresh token becomes an access token, or a sentence that says what to do."""

from __future__ import annotations

import pytest

from connectors.zoho_crm import ZohoCrm
from syncd.errors import AccessError, ProtocolError, RateLimitedError
from syncd.port import Grant
from tests.flows import Answer, drive

SECRETS = {"client_id": "1000.A", "client_secret": "b", "refresh_token": " 1000.c\n"}
CRM = ZohoCrm({})


def test_the_answer_says_where_the_api_is_and_how_long_the_token_lasts() -> None:
    body = {
        "access_token": "1000.x",
        "api_domain": "https://www.zohoapis.eu/",
        "token_type": "Bearer",
        "expires_in": 3600,
    }
    [asked], grant = drive(CRM.authenticate(SECRETS), Answer(200, body))
    assert (asked.method, asked.path, asked.write, asked.query) == (
        "POST", "/oauth/v2/token", False, {},
    )  # fmt: skip
    assert asked.form == {
        "grant_type": "refresh_token",
        "client_id": "1000.A",
        "client_secret": "b",
        "refresh_token": "1000.c",
    }
    assert grant == Grant(
        {"Authorization": "Zoho-oauthtoken 1000.x"},
        "https://www.zohoapis.eu",
        3600.0,
        "INVALID_TOKEN",
    )


@pytest.mark.parametrize(
    "told", [{"expires_in": 3_600_000}, {"expires_in": 3_600_000, "expires_in_sec": 3600}, {}]
)
def test_some_data_centres_tell_milliseconds(told: dict[str, int]) -> None:
    _, grant = drive(CRM.authenticate(SECRETS), Answer(200, {"access_token": "x", **told}))
    assert grant.lasts == 3600.0
    assert grant.address is None


@pytest.mark.parametrize(
    "error, says",
    [
        ("invalid_code", "was revoked, or it is of another data centre.*Make a new one"),
        ("invalid_client", "https://accounts.zoho.eu"),
        ("invalid_client_secret", "does not belong to this client id"),
        ("unknown_error", "no access token: unknown_error"),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_a_refusal_comes_with_a_good_status_too(error: str, says: str, status: int) -> None:
    with pytest.raises(AccessError, match=says):
        drive(CRM.authenticate(SECRETS), Answer(status, {"error": error}))


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("error", ["Access Denied", "拒绝访问"])
def test_too_many_tokens_are_a_wait_in_whatever_language(error: str, status: int) -> None:
    body = {"error": error, "error_description": "...", "status": "failure"}
    with pytest.raises(RateLimitedError, match="about 15 minutes") as caught:
        drive(CRM.authenticate(SECRETS), Answer(status, body))
    assert caught.value.retry_after == 900


def test_a_code_becomes_the_refresh_token_and_is_sent_once() -> None:
    answer = Answer(200, {"access_token": "1000.x", "refresh_token": "1000.lasting"})
    [asked], lasting = drive(CRM.exchange(SECRETS), answer)
    assert asked.form == {
        "grant_type": "authorization_code",
        "client_id": "1000.A",
        "client_secret": "b",
        "code": "1000.c",
    }
    assert lasting == "1000.lasting"


def test_a_refresh_token_in_place_of_a_code_stays_what_it_is() -> None:
    given = Answer(200, {"access_token": "1000.x"})
    asked, lasting = drive(CRM.exchange(SECRETS), Answer(200, {"error": "invalid_code"}), given)
    assert [one.form["grant_type"] for one in asked if one.form] == [
        "authorization_code",
        "refresh_token",
    ]
    assert lasting == "1000.c"


def test_a_used_code_is_told_from_a_wrong_client() -> None:
    used = Answer(200, {"error": "invalid_code"})
    with pytest.raises(AccessError, match=r"a code is good once.*Generate another one"):
        drive(CRM.exchange(SECRETS), used, used)
    with pytest.raises(AccessError, match="does not belong to this client id"):
        drive(CRM.exchange(SECRETS), Answer(200, {"error": "invalid_client_secret"}))


def test_secrets_that_are_missing_are_named_and_nobody_is_asked() -> None:
    with pytest.raises(AccessError, match="no secret client_secret, refresh_token"):
        drive(CRM.authenticate({"client_id": "1"}))


def test_a_page_in_front_of_it_is_no_token() -> None:
    with pytest.raises(ProtocolError, match="not JSON"):
        drive(CRM.authenticate(SECRETS), Answer(200, b"<html>"))
