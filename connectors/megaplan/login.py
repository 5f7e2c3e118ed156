"""The login: a refresh token that an earlier login left, else the password.

A refresh token is good once, so the next one is kept before anything is asked with this login. The
answers have no envelope.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.errors import AccessError, ProtocolError
from syncd.port import Flow, Grant, Request

from .answers import API

TOKEN = API + "auth/access_token"
REFRESH = "refresh_token"
LASTS = 172_800.0
"""Seconds, where the answer does not say."""


def log_in(secrets: Mapping[str, str]) -> Flow[Grant]:
    """AccessError where the password is refused."""
    missing = [name for name in ("username", "password") if not secrets.get(name, "").strip()]
    if missing:
        raise AccessError(f"the Megaplan connection has no secret {', '.join(missing)}")
    body: Mapping[str, Any] = {}
    if token := secrets.get(REFRESH):
        body = yield from _asked({"grant_type": REFRESH, REFRESH: token})
    if not body.get("access_token"):
        form = {name: secrets[name].strip() for name in ("username", "password")}
        body = yield from _asked({"grant_type": "password", **form})
    if not isinstance(body.get("access_token"), str):
        raise _refusal(body)
    fresh = body.get(REFRESH)
    return Grant(
        {"Authorization": f"Bearer {body['access_token']}"},
        lasts=float(body.get("expires_in") or LASTS),
        renewed={REFRESH: fresh} if isinstance(fresh, str) and fresh else {},
    )


def _asked(form: Mapping[str, str]) -> Flow[Mapping[str, Any]]:
    response = yield Request("POST", TOKEN, form=form)
    body = response.json()
    if not isinstance(body, dict):
        raise ProtocolError(f"HTTP {response.status} to a login, and no JSON object")
    return body


def _refusal(body: Mapping[str, Any]) -> AccessError:
    error = str(body.get("error") or "no token and no reason")
    if error == "invalid_grant":
        return AccessError(
            "Megaplan does not know this login and password: put those of the employee into the "
            "secrets username and password"
        )
    return AccessError(f"Megaplan gives no access token: {error}")
