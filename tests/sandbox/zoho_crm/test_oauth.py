"""Tokens and scopes: errors with status 200, the throttle, the sixteenth token."""

from __future__ import annotations

import pytest

from syncd.sandbox.faults import Fault
from syncd.sandbox.port import Asked
from tests.sandbox.zoho_crm.desk import Desk


@pytest.mark.parametrize("form", [True, False])
def test_a_token_by_form_or_query_names_this_sandbox_alone(desk: Desk, form: bool) -> None:
    found = desk.log_in(form=form)
    assert (found["http"], found["expires_in"]) == (200, 3600)
    assert found["api_domain"] == "http://127.0.0.1:1"
    assert "refresh_token" not in found


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"refresh_token": "1000.other"}, "invalid_code"),
        ({"client_id": "1000.other"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client_secret"),
    ],
)
def test_a_wrong_credential_comes_with_status_200(
    desk: Desk, changed: dict[str, str], error: str
) -> None:
    assert desk.log_in(**changed) == {"http": 200, "error": error}


def test_a_one_time_code_is_good_once(desk: Desk) -> None:
    code = {"grant_type": "authorization_code", "code": "1000.sandbox-code"}
    assert desk.log_in(**code)["refresh_token"] == desk.hello["refresh_token"]
    assert desk.log_in(**code)["error"] == "invalid_code"


@pytest.mark.parametrize("status", [400, 200])
def test_ten_tokens_in_ten_minutes(desk: Desk, status: int) -> None:
    desk.switch(throttle_status=status)
    assert all("access_token" in desk.log_in() for _ in range(10))
    refused = desk.log_in()
    assert (refused["http"], refused["error"]) == (status, "Access Denied")
    desk.later(minutes=10)
    assert "access_token" in desk.log_in()


def test_the_sixteenth_token_ends_the_oldest(desk: Desk) -> None:
    desk.switch(tokens_per_10_minutes=100)
    assert desk.call("GET", "org")[0] == 200
    for _ in range(14):
        desk.log_in()
    assert desk.call("GET", "org")[0] == 200
    desk.log_in()
    assert desk.call("GET", "org") == (
        401,
        {"code": "INVALID_TOKEN", "details": {}, "message": "invalid oauth token"}
        | {"status": "error"},
    )


def test_a_token_ends_after_an_hour_or_when_somebody_withdraws(desk: Desk) -> None:
    assert desk.call("GET", "org")[0] == 200
    desk.later(seconds=3600)
    assert desk.call("GET", "org")[0] == 401
    desk.token = ""
    assert desk.call("GET", "org")[0] == 200
    seller = desk.zoho.refresh_token("5725767000000411002")
    assert "access_token" in desk.log_in(refresh_token=seller)
    desk.zoho.answer(Asked("POST", "/oauth/v2/token/revoke", f"token={seller}"))
    assert desk.log_in(refresh_token=seller)["error"] == "invalid_code"
    assert desk.call("GET", "org")[0] == 200
    desk.switch(revoked=True)
    assert desk.call("GET", "org")[0] == 401
    assert desk.log_in()["error"] == "invalid_code"


def test_no_credentials_bearer_and_scopes(desk: Desk) -> None:
    asked = Asked("GET", "/crm/v8/org")
    assert desk.zoho.answer(asked).status == 401
    token = desk.log_in()["access_token"]
    bearer = {"authorization": f"Bearer {token}"}
    assert desk.call("GET", "org", **bearer)[0] == 401
    desk.switch(bearer=True)
    assert desk.call("GET", "org", **bearer)[0] == 200
    desk.switch(scopes="ZohoCRM.modules.accounts.READ ZohoCRM.coql.READ")
    desk.token = ""
    assert desk.call("GET", "Accounts", {"fields": "id"})[0] == 200
    assert desk.coql("select id from Accounts where id is not null")[0] == 200
    for method, path in (("GET", "Deals"), ("POST", "Accounts"), ("GET", "settings/modules")):
        assert desk.call(method, path)[1]["code"] == "OAUTH_SCOPE_MISMATCH"


def test_a_module_that_the_profile_may_not_see(desk: Desk) -> None:
    desk.switch(forbidden="Deals,Leads")
    status, refused = desk.call("GET", "Deals", {"fields": "id"})
    assert (status, refused["code"]) == (403, "NO_PERMISSION")
    assert desk.call("GET", "Accounts", {"fields": "id"})[0] == 200


def test_a_token_that_a_fault_ended_stays_dead(desk: Desk) -> None:
    desk.call("GET", "org")
    headers = {"authorization": f"Zoho-oauthtoken {desk.token}"}
    refused = desk.zoho.refuse(Fault.EXPIRED, Asked("GET", "/crm/v8/org", headers=headers))
    assert refused is not None and refused.status == 401
    assert desk.call("GET", "org")[0] == 401


def test_how_the_vendor_refuses(desk: Desk) -> None:
    def status(fault: Fault, path: str = "/crm/v8/org") -> int | None:
        found = desk.zoho.refuse(fault, Asked("POST", path))
        return found and found.status

    assert [status(one) for one in (Fault.RATE_LIMITED, Fault.ERROR, Fault.UNAVAILABLE)] == [
        429,
        500,
        503,
    ]
    assert status(Fault.RATE_LIMITED, "/oauth/v2/token") == 400
    assert status(Fault.EXPIRED, "/oauth/v2/token") is None
