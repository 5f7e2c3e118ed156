"""Tokens (vendor: "OAuth", "Token validity"): what is wrong comes with status 200 more often than
not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from syncd.sandbox.port import Answer, Asked
from syncd.sandbox.zoho_crm.crm import Crm, words
from syncd.sandbox.zoho_crm.wire import Refused, params, reply

CLIENT_ID = "1000.SANDBOX0CLIENT0ID0000000000000"
CLIENT_SECRET = "sandbox-client-secret"
GRANT = "1000.sandbox-code"
"""The one-time code of a self client, good once for each start."""
PREFIX = "1000.sandbox-refresh."
WINDOW = timedelta(minutes=10)
THROTTLED = {
    "error_description": "You have made too many requests continuously. "
    "Please try again after some time.",
    "error": "Access Denied",
    "status": "failure",
}


@dataclass
class Token:
    text: str
    refresh: str
    user: str
    ends: datetime
    scopes: frozenset[str]


@dataclass
class OAuth:
    crm: Crm
    url: str = ""
    live: list[Token] = field(default_factory=list)
    made: dict[str, list[datetime]] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    spent: bool = False
    count: int = 0

    def refresh_token(self, user: str) -> str:
        return PREFIX + user

    def answer(self, asked: Asked) -> Answer:
        """Parameters come in the query or as a form: clients of the vendor do both."""
        given = {**params(asked), **dict(parse_qsl(asked.body.decode(errors="replace")))}
        if asked.path.endswith("/revoke"):
            self.revoked.add(given.get("token", ""))
            self.live = [one for one in self.live if one.refresh != given.get("token")]
            return reply({"status": "success"})
        if given.get("client_id") != CLIENT_ID:
            return reply({"error": "invalid_client"})
        if given.get("client_secret") != CLIENT_SECRET:
            return reply({"error": "invalid_client_secret"})
        granted = given.get("grant_type") == "authorization_code"
        if granted:
            if self.spent or given.get("code") != GRANT:
                return reply({"error": "invalid_code"})
            self.spent = True
            refresh = self.refresh_token(next(iter(self.crm.users)))
        elif given.get("grant_type") == "refresh_token":
            refresh = given.get("refresh_token", "")
        else:
            return reply({"error": "invalid_request"})
        user = refresh.removeprefix(PREFIX)
        if self.crm.switches.revoked or refresh in self.revoked or user not in self.crm.users:
            return reply({"error": "invalid_code"})
        return self._made(refresh, user, granted)

    def _made(self, refresh: str, user: str, granted: bool) -> Answer:
        now, switches = self.crm.now(), self.crm.switches
        recent = [one for one in self.made.get(refresh, ()) if one > now - WINDOW]
        if len(recent) >= switches.tokens_per_10_minutes:
            return self.throttled()
        self.made[refresh] = [*recent, now]
        self.count += 1
        ends = now + timedelta(seconds=switches.token_seconds)
        text = f"1000.sandbox-access.{self.count:08d}"
        scopes = frozenset(words(switches.scopes))
        mine = [one for one in self.live if one.refresh == refresh]
        for old in mine[: max(0, len(mine) + 1 - switches.live_tokens)]:
            self.live.remove(old)
        self.live.append(Token(text, refresh, user, ends, scopes))
        answer = {
            "access_token": text,
            "scope": switches.scopes.replace(",", " "),
            "api_domain": self.url,
            "token_type": "Bearer",
            "expires_in": switches.token_seconds,
        }
        return reply({**answer, **({"refresh_token": refresh} if granted else {})})

    def throttled(self) -> Answer:
        return reply(THROTTLED, self.crm.switches.throttle_status)

    def token(self, asked: Asked) -> Token:
        """Of the call. Refused: there is none, or it is not valid any more."""
        scheme, _, text = asked.headers.get("authorization", "").partition(" ")
        if not text:
            raise Refused("AUTHENTICATION_FAILURE", "Authentication failed", 401)
        taken = scheme == "Zoho-oauthtoken" or (scheme == "Bearer" and self.crm.switches.bearer)
        now = self.crm.now()
        found = next((one for one in self.live if one.text == text), None)
        if not taken or found is None or found.ends <= now or self.crm.switches.revoked:
            raise invalid()
        return found

    def end(self, asked: Asked) -> None:
        """The token of this call is not valid any more."""
        text = asked.headers.get("authorization", "").partition(" ")[2]
        self.live = [one for one in self.live if one.text != text]


def invalid() -> Refused:
    return Refused("INVALID_TOKEN", "invalid oauth token", 401)


def allowed(token: Token, area: str, part: str, operation: str) -> None:
    """Scope ZohoCRM.area.ALL, ZohoCRM.area.part.ALL, or either with READ, CREATE, ..."""
    ways = {
        f"ZohoCRM.{area}.ALL",
        f"ZohoCRM.{area}.{operation}",
        f"ZohoCRM.{area}.{part}.ALL",
        f"ZohoCRM.{area}.{part}.{operation}",
    }
    if not ways & token.scopes:
        raise Refused("OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL", 401)


def need(token: Token, scope: str) -> None:
    if scope not in token.scopes:
        raise Refused("OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL", 401)
