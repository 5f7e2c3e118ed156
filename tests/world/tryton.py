"""Tryton's JSON-RPC as a person's own script would speak it."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

READING = (".search", ".read", ".search_read", ".search_count", ".fields_get", ".default_get")
SESSION = ("common.", "model.res.user.get_preferences")


class TrytonError(Exception):
    """What Tryton answered instead of a result: its kind (`UserError`, ...) and its arguments."""

    def __init__(self, kind: str, details: Any) -> None:
        super().__init__(f"{kind}: {details}")
        self.kind = kind
        self.details = details


class Tryton:
    """One database on a running server. `calls` is the server's own log of calls."""

    def __init__(
        self,
        url: str,
        database: str,
        login: str,
        password: str,
        calls: Path | None = None,
    ) -> None:
        self.url = url
        self.database = database
        self.login = login
        self.password = password
        self._calls = calls
        answer = self._post({}, "common.db.login", [login, {"password": password}, "en"])
        self.user: int = answer[0]
        token = base64.b64encode(f"{login}:{self.user}:{answer[1]}".encode()).decode()
        self._headers = {"Authorization": f"Session {token}"}
        self.context: dict[str, Any] = {}
        self.context = self.rpc("model.res.user.get_preferences", True)

    def rpc(self, method: str, *params: Any, **context: Any) -> Any:
        """The result of one call; the context goes last by itself. Raises TrytonError."""
        return self._post(self._headers, method, [*params, {**self.context, **context}])

    def search(self, model: str, domain: Sequence[Any] = (), order: Any = None) -> list[int]:
        found: list[int] = self.rpc(f"model.{model}.search", domain, 0, None, order)
        return found

    def one(self, model: str, *domain: Any) -> int:
        """The id of the single record that matches, else an error that says what was found."""
        (found,) = self.search(model, domain)
        return found

    def rows(
        self, model: str, fields: Sequence[str], *domain: Any, order: Any = None
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.rpc(
            f"model.{model}.search_read", domain, 0, None, order, fields
        )
        return found

    def row(self, model: str, key: int, *fields: str) -> dict[str, Any]:
        (found,) = self.rpc(f"model.{model}.read", [key], fields)
        record: dict[str, Any] = found
        return record

    def create(self, model: str, values: Mapping[str, Any]) -> int:
        (made,) = self.rpc(f"model.{model}.create", [values])
        key: int = made
        return key

    def write(self, model: str, key: int, **values: Any) -> None:
        self.rpc(f"model.{model}.write", [key], values)

    def delete(self, model: str, *keys: int) -> None:
        self.rpc(f"model.{model}.delete", keys)

    def call(self, model: str, button: str, *keys: int) -> None:
        """Press a button on records, saying yes to what Tryton only warns about."""
        while True:
            try:
                self.rpc(f"model.{model}.{button}", keys)
            except TrytonError as error:
                if error.kind != "UserWarning":
                    raise
                self.create(
                    "res.user.warning",
                    {"user": self.user, "name": error.details[0], "always": False},
                )
            else:
                return

    @contextmanager
    def wizard(self, name: str, model: str, *keys: int) -> Iterator[Wizard]:
        """A wizard opened on these records; closed at the end."""
        session, start, _ = self.rpc(f"wizard.{name}.create")
        chosen = {"active_model": model, "active_id": keys[0], "active_ids": keys}
        yield Wizard(self, name, session, start, chosen)
        self.rpc(f"wizard.{name}.delete", session)

    def mark(self) -> int:
        """A place in the server's log of calls, for `writes`."""
        return self._calls.stat().st_size if self._calls and self._calls.exists() else 0

    def writes(self, mark: int = 0) -> list[str]:
        """Calls since `mark` that can change this database, as the server logged them."""
        if self._calls is None:
            raise ValueError("this server's log of calls is not known here")
        with self._calls.open() as log:
            log.seek(mark)
            calls = [line.split(None, 1) for line in log]
        methods = [method.strip() for database, method in calls if database == self.database]
        return [m for m in methods if not m.endswith(READING) and not m.startswith(SESSION)]

    def _post(self, headers: Mapping[str, str], method: str, params: Sequence[Any]) -> Any:
        # Exactly these three keys: with any other the shape of the answer changes. And an answer
        # that is labelled gzip is compressed only if the request accepted it.
        body = json.dumps({"id": 0, "method": method, "params": params}, default=_encode)
        request = urllib.request.Request(
            f"{self.url}/{self.database}/rpc/",
            body.encode(),
            {"Content-Type": "application/json", "Accept-Encoding": "gzip", **headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                data = response.read()
        except urllib.error.HTTPError as error:
            with error:
                raise TrytonError(f"HTTP {error.code}", f"{method}: {error.reason}") from None
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        answer = json.loads(data, object_hook=_decode)
        if "error" in answer:
            kind, details = answer["error"][:2]
            raise TrytonError(kind, details)
        return answer["result"]


class Wizard:
    def __init__(
        self, tryton: Tryton, name: str, session: int, start: str, chosen: Mapping[str, Any]
    ) -> None:
        self._tryton, self._name, self._session, self._chosen = tryton, name, session, chosen
        self.start = start

    def execute(self, data: Mapping[str, Any], state: str) -> dict[str, Any]:
        """One step; the answer's view defaults, empty when the wizard is through."""
        answer = self._tryton.rpc(
            f"wizard.{self._name}.execute", self._session, data, state, **self._chosen
        )
        defaults = answer.get("view", {}).get("defaults", {})
        return {name: value for name, value in defaults.items() if "." not in name}


def _encode(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, dt.date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    raise TypeError(f"{value!r} has no form in JSON-RPC")


def _decode(value: dict[str, Any]) -> Any:
    kind = value.get("__class__")
    if kind == "Decimal":
        return Decimal(value["decimal"])
    if kind == "date":
        return dt.date(value["year"], value["month"], value["day"])
    if kind == "datetime":
        return dt.datetime(**{k: v for k, v in value.items() if k != "__class__"}, tzinfo=dt.UTC)
    if kind == "timedelta":
        return dt.timedelta(seconds=value["seconds"])
    return value
