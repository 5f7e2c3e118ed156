"""The credential: what every request shows, out of secrets alone or out of a login before them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from syncd.errors import AccessError, ProtocolError
from syncd.port import Flow, Grant, Response
from syncd.rest.answers import Answers
from syncd.rest.words import Absent, Call, Path, Text, Words, at, written

TOKEN = "token"
"""The word for what a login gave."""


class Login(msgspec.Struct, frozen=True):
    """`token` is where the token is in the answer, or in its header of that name; `tokens` are its
    parts by name, where there are several. `lasts` is a number of seconds, or where the answer says
    it; `address` where it names the host of the API; `refresh` where the refresh token is that
    replaces the secret of that name."""

    call: Call
    token: Path = ("access_token",)
    header: str | None = None
    lasts: Path | float | None = None
    address: Path | None = None
    refresh: Path | None = None
    tokens: Mapping[str, Path] = msgspec.field(default_factory=dict)

    def words(self, body: Any, response: Response) -> dict[str, object]:
        """The words for what this login gave."""
        if not self.tokens:
            found = response.headers.get(self.header) if self.header else at(body, self.token)
            return {TOKEN: self._checked(found, self.token, response)}
        return {
            f"{TOKEN}.{name}": self._checked(at(body, path), path, response)
            for name, path in self.tokens.items()
        }

    def _checked(self, found: Any, path: Path, response: Response) -> str:
        if not isinstance(found, str | int) or isinstance(found, bool) or found == "":
            place = f"the header {self.header}" if self.header else written(path)
            raise AccessError(f"HTTP {response.status} to the login, without a token at {place}")
        return str(found)

    def seconds(self, body: Any) -> float | None:
        if not isinstance(self.lasts, tuple):
            return self.lasts
        found = at(body, self.lasts)
        try:
            return None if found is None else float(found)
        except (TypeError, ValueError):
            raise ProtocolError("the login does not say in seconds how long it lasts") from None


class Auth(msgspec.Struct, frozen=True):
    """`over` is what an answer of 401 says when the token ran out; None: each of them may mean
    it."""

    headers: Mapping[str, Text] = msgspec.field(default_factory=dict)
    query: Mapping[str, Text] = msgspec.field(default_factory=dict)
    basic: tuple[Text, Text] | None = None
    login: Login | None = None
    over: str | None = None

    def grant(self, secrets: Mapping[str, str], answers: Answers, words: Words) -> Flow[Grant]:
        """AccessError where a secret is missing or not taken."""
        known: dict[str, object] = {
            **words,
            **{f"secret.{name}": value for name, value in secrets.items()},
        }
        if self.basic:
            user, password = (_shown(one, known) for one in self.basic)
            known["basic"] = base64.b64encode(f"{user}:{password}".encode()).decode()
        login, body = self.login, None
        lasts = address = None
        renewed: dict[str, str] = {}
        if login is not None:
            request = login.call.request(known)
            response = yield request
            if 400 <= response.status < 500 and response.status != 429:
                raise AccessError(f"the login is refused: HTTP {response.status}")
            body = answers.taken(request, response)
            known |= login.words(body, response)
            lasts = login.seconds(body)
            address = at(body, login.address) if login.address else None
            fresh = at(body, login.refresh) if login.refresh else None
            if isinstance(fresh, str) and fresh:
                renewed["refresh_token"] = fresh
        return Grant(
            {name: _shown(one, known) for name, one in self.headers.items()},
            address.rstrip("/") if isinstance(address, str) and address else None,
            lasts,
            self.over,
            {name: _shown(one, known) for name, one in self.query.items()},
            renewed,
        )


def _shown(text: Text, words: Words) -> str:
    said = text.text(words)
    if isinstance(said, Absent):
        missing = [word for word in text.words if words.get(word) is None]
        raise AccessError(f"the connection has no {', '.join(missing).replace('.', ' ')}")
    return said
