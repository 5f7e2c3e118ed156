"""Logins: a password, or a refresh token that is good once. Their answers have no envelope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.parser import BytesParser
from urllib.parse import parse_qsl

from syncd.sandbox.megaplan.switches import Switches
from syncd.sandbox.megaplan.wire import Refused, asked_for, reply
from syncd.sandbox.port import Answer, Asked

PASSWORD = "sandbox-password"
"""Of every employee."""


@dataclass
class Token:
    text: str
    employee: str
    ends: datetime


@dataclass
class OAuth:
    switches: Switches
    now: Callable[[], datetime]
    logins: dict[str, str] = field(default_factory=dict)
    """Login -> id of the employee."""
    live: dict[str, Token] = field(default_factory=dict)
    refresh: dict[str, str] = field(default_factory=dict)
    """Refresh token -> id of the employee."""
    count: int = 0

    def answer(self, asked: Asked) -> Answer:
        given = form(asked)
        match given.get("grant_type"):
            case "password":
                employee = self.logins.get(given.get("username", ""))
                if given.get("password") != PASSWORD:
                    employee = None
            case "refresh_token":
                token = given.get("refresh_token", "")
                employee = self.refresh.get(token)
                if self.switches.rotates:
                    self.refresh.pop(token, None)
            case _:
                said = "Invalid grant_type parameter or parameter missing"
                return reply({"error": "invalid_request", "error_description": said}, 400)
        if employee is None or self.switches.revoked:
            said = "Invalid username and password combination"
            if given["grant_type"] == "refresh_token":
                said = "Invalid refresh token"
            return reply({"error": "invalid_grant", "error_description": said}, 400)
        return self._made(employee)

    def _made(self, employee: str) -> Answer:
        self.count += 1
        text, again = f"sandbox-access-{self.count:06d}", f"sandbox-refresh-{self.count:06d}"
        seconds = self.switches.token_seconds
        self.live[text] = Token(text, employee, self.now() + timedelta(seconds=seconds))
        self.refresh[again] = employee
        return reply(
            {
                "access_token": text,
                "expires_in": seconds,
                "token_type": "bearer",
                "scope": None,
                "refresh_token": again,
            }
        )

    def employee(self, asked: Asked) -> str:
        """Who calls."""
        token = self.live.get(_text(asked))
        if token is None or token.ends <= self.now() or self.switches.revoked:
            raise unauthorized()
        return token.employee

    def end(self, asked: Asked) -> None:
        self.live.pop(_text(asked), None)


def unauthorized() -> Refused:
    return Refused(401, "Unauthorized")


def _text(asked: Asked) -> str:
    scheme, _, text = asked.headers.get("authorization", "").partition(" ")
    if scheme.casefold() == "bearer":
        return text
    return str(asked_for(asked).get("access_token") or "")  # a token may stand in the query, too


def form(asked: Asked) -> dict[str, str]:
    """As the page of the vendor shows it, or as most clients send it."""
    kind = asked.headers.get("content-type", "")
    if not kind.startswith("multipart/"):
        return dict(parse_qsl(asked.body.decode(errors="replace"), keep_blank_values=True))
    head = f"content-type: {kind}\r\n\r\n".encode()
    found = {}
    for part in BytesParser().parsebytes(head + asked.body).walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found[name] = content.decode(errors="replace")
    return found
