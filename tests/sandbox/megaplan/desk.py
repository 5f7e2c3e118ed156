"""The sandbox without a network, and a clock that a test sets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from syncd.sandbox.megaplan import Megaplan
from syncd.sandbox.megaplan.company import fill
from syncd.sandbox.port import Answer, Asked

Json = dict[str, Any]
NEWEST = [{"contentType": "SortField", "fieldName": "timeUpdated", "desc": True}]


class Desk:
    """One who calls the API as the integration, or as somebody else."""

    def __init__(self, size: int | None = None, login: str = "integration@example.com") -> None:
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
        self.megaplan = Megaplan(lambda: self.now)
        fill(self.megaplan.account, None, 1, size)
        self.switches = self.megaplan.switches
        self.switches.per_second = 0
        self.login, self.token = login, ""

    def later(self, **of: float) -> None:
        self.now += timedelta(**of)

    def log_in(self, **form: str) -> Json:
        given = {"grant_type": "password", "username": self.login, "password": "sandbox-password"}
        body = urlencode({**given, **form}).encode()
        answer = self.megaplan.answer(Asked("POST", "/api/v3/auth/access_token", "", {}, body))
        return {"http": answer.status, **json.loads(answer.body)}

    def answered(
        self, method: str, path: str, asks: object = None, body: object = None, query: str = ""
    ) -> Answer:
        self.token = self.token or self.log_in()["access_token"]
        text = query or (quote(json.dumps(asks)) if asks is not None else "")
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {"authorization": f"BEARER {self.token}"}
        return self.megaplan.answer(Asked(method, f"/api/v3/{path}", text, headers, sent))

    def call(
        self, method: str, path: str, asks: object = None, body: object = None, **more: str
    ) -> tuple[int, Any]:
        answer = self.answered(method, path, asks, body, **more)
        return answer.status, json.loads(answer.body)

    def data(self, method: str, path: str, asks: object = None, body: object = None) -> Any:
        status, found = self.call(method, path, asks, body)
        assert (status, found["meta"]["status"]) == (200, 200), found["meta"]["errors"]
        return found["data"]

    def extra(self, label: str, of: str = "contractorCompany") -> str:
        rows = self.data("GET", f"{of}/extraFields")
        return next(str(one["name"]) for one in rows if one["hrName"] == label)


def term(field: str, value: object, kind: str = "String", **more: object) -> Mapping[str, object]:
    return {
        "contentType": f"FilterTerm{kind}",
        "field": field,
        "comparison": "equals",
        "value": value,
        **more,
    }


def filtered(kind: str, *terms: Mapping[str, object], join: str = "and") -> Mapping[str, object]:
    group = {"contentType": "FilterTermGroup", "join": join, "terms": list(terms)}
    return {
        "contentType": kind,
        "id": None,
        "config": {"contentType": "FilterConfig", "termGroup": group},
    }
