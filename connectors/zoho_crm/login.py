"""An access token for the refresh token, and once a refresh token for the code of a self client,
both from the accounts server of the data centre
(https://www.zoho.com/accounts/protocol/oauth/self-client/authorization-code-flow.html).

Most refusals come with HTTP 200 and an `error`. Ten tokens may be asked for in ten minutes; who
asks more is refused for a quarter to half an hour, in words of the data centre's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.errors import AccessError, ProtocolError, RateLimitedError
from syncd.port import Flow, Grant, Request, Response

TOKEN = "/oauth/v2/token"
THROTTLED = 900.0
"""Seconds to be silent after too many tokens; whoever asks earlier begins anew."""
LONGEST = 86_400
"""Some data centres say how long a token lasts in milliseconds."""

_REFUSED = {
    "invalid_code": "Zoho does not know the refresh token: it was revoked, or it is of another "
    "data centre than the connection's url. Make a new one in the API console "
    "(docs/connectors/zoho_crm.md) and put it into the secret refresh_token",
    "invalid_client": "Zoho does not know the client id at this data centre: the url is the "
    "accounts server of the console where the client was made, as https://accounts.zoho.eu",
    "invalid_client_secret": "the secret client_secret does not belong to this client id",
}


_SPENT = (
    "Zoho takes this neither as a code nor as a refresh token: a code is good once, and for the "
    "minutes chosen. Generate another one"
)


class Login(msgspec.Struct, frozen=True):
    """`scopes` is None where the answer does not tell them."""

    grant: Grant
    scopes: frozenset[str] | None


def log_in(secrets: Mapping[str, str]) -> Flow[Login]:
    form = {"grant_type": "refresh_token", **_form(secrets)}
    response = yield Request("POST", TOKEN, form=form, cost=0)
    body = _body(response)
    token = body.get("access_token")
    if not isinstance(token, str) or not token:
        raise _refusal(body)
    address = body.get("api_domain")
    grant = Grant(
        {"Authorization": f"Zoho-oauthtoken {token}"},
        address.rstrip("/") if isinstance(address, str) and address else None,
        _lasts(body),
        "INVALID_TOKEN",
    )
    scopes = body.get("scope")
    told = frozenset(scopes.replace(",", " ").split()) if isinstance(scopes, str) else None
    return Login(grant, told or None)


def exchange(secrets: Mapping[str, str]) -> Flow[str]:
    """The refresh token for what was pasted: a code, or the refresh token itself. The two look
    alike, and a code that is tried is spent: so it is tried as a code first."""
    form = _form(secrets)
    code = form.pop("refresh_token")
    granted = {"grant_type": "authorization_code", **form, "code": code}
    response = yield Request("POST", TOKEN, form=granted, cost=0)
    body = _body(response)
    if token := body.get("refresh_token"):
        return str(token)
    if body.get("error") != "invalid_code":
        raise _refusal(body)
    try:
        yield from log_in(secrets)
    except AccessError:
        raise AccessError(_SPENT) from None
    return code


def _form(secrets: Mapping[str, str]) -> dict[str, str]:
    names = ("client_id", "client_secret", "refresh_token")
    form = {name: secrets.get(name, "").strip() for name in names}
    if missing := [name for name, value in form.items() if not value]:
        raise AccessError(f"the Zoho CRM connection has no secret {', '.join(missing)}")
    return form


def _body(response: Response) -> Mapping[str, Any]:
    body = response.json()
    if not isinstance(body, dict):
        raise ProtocolError(f"HTTP {response.status} to a request for a token, and no JSON object")
    return body


def _refusal(body: Mapping[str, Any]) -> AccessError | RateLimitedError:
    error = str(body.get("error") or "no token and no reason")
    if error in _REFUSED:
        return AccessError(_REFUSED[error])
    if body.get("status") == "failure" or error.casefold() == "access denied":
        minutes = int(THROTTLED / 60)
        text = f"Zoho gave out too many access tokens, and gives none for about {minutes} minutes"
        return RateLimitedError(text, THROTTLED)
    return AccessError(f"Zoho gives no access token: {error}")


def _lasts(body: Mapping[str, Any]) -> float:
    seconds = float(body.get("expires_in_sec") or body.get("expires_in") or 3600)
    return seconds / 1000 if seconds > LONGEST else seconds
