"""The sandbox without a network, and a clock that a test sets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from syncd.sandbox.port import Answer, Asked
from syncd.sandbox.zoho_crm import Zoho
from syncd.sandbox.zoho_crm.company import fill

V8 = "/crm/v8"
Json = dict[str, Any]


class Desk:
    """One who calls the API as the integration, or as `user`."""

    def __init__(self, size: int | None = None) -> None:
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
        self.zoho = Zoho(lambda: self.now)
        fill(self.zoho.crm, None, 1, size)
        self.hello = dict(self.zoho.hello("http://127.0.0.1:1"))
        self.token = ""

    def later(self, **of: float) -> None:
        self.now += timedelta(**of)

    def switch(self, **values: object) -> None:
        for name, value in values.items():
            assert hasattr(self.zoho.switches, name), name
            setattr(self.zoho.switches, name, value)

    def log_in(self, *, form: bool = False, **changed: str) -> Json:
        given = {**self.hello, "grant_type": "refresh_token", **changed}
        given.pop("url")
        text = urlencode(given)
        asked = Asked("POST", "/oauth/v2/token", "" if form else text, {}, text.encode() * form)
        answer = self.zoho.answer(asked)
        return {"http": answer.status, **json.loads(answer.body)}

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: object = None,
        **headers: str,
    ) -> tuple[int, Any]:
        answer = self.answered(method, path, query, body, **headers)
        return answer.status, json.loads(answer.body) if answer.body else None

    def answered(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None = None,
        body: object = None,
        **headers: str,
    ) -> Answer:
        self.token = self.token or self.log_in()["access_token"]
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given.setdefault("authorization", f"Zoho-oauthtoken {self.token}")
        sent = b"" if body is None else json.dumps(body).encode()
        text = urlencode(query or {})
        root = V8 if not path.startswith("/") else ""
        line = quote(f"{root}/{path}" if root else path)
        return self.zoho.answer(Asked(method, line, text, given, sent))

    def listed(self, module: str, **query: object) -> Json:
        status, found = self.call("GET", module, {"fields": "id", **query})
        assert status == 200, found
        return dict(found)

    def wrote(self, path: str, *records: Json, method: str = "POST", **more: object) -> Any:
        """Status and results."""
        status, found = self.call(method, path, None, {"data": list(records), **more})
        return status, found.get("data", found)

    def id(self, module: str, number: int = 0) -> str:
        """Of the record that was made so many after the first."""
        return list(self.zoho.crm.rows[module])[number]

    def coql(self, text: str) -> tuple[int, Any]:
        return self.call("POST", "coql", None, {"select_query": text})


def codes(results: list[Json]) -> list[str]:
    return [one["code"] for one in results]
