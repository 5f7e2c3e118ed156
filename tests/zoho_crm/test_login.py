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


def test_secrets_that_are_missing_are_named_and_nobody_is_asked() -> None:
    with pytest.raises(AccessError, match="no secret client_secret, refresh_token"):
        drive(CRM.authenticate({"client_id": "1"}))


def test_a_page_in_front_of_it_is_no_token() -> None:
    with pytest.raises(ProtocolError, match="not JSON"):
        drive(CRM.authenticate(SECRETS), Answer(200, b"<html>"))
