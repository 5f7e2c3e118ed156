"""Kassa, the system of the connector guide: three answers, and what a person does there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import msgspec

from syncd.clock import Clock
from syncd.http import HttpTransport
from syncd.port import Connector, Request, Response
from tests.clocks import ManualClock
from tests.inside import InProcess

KEY = "key-1"


@dataclass
class Kassa:
    customers: dict[str, dict[str, str]] = field(default_factory=dict)
    now: dt.datetime = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
    made: int = 0

    # -- what a person does -----------------------------------------------------------------------

    def add(self, name: str) -> str:
        self.made += 1
        key = str(self.made)
        self.customers[key] = {"id": key, "name": name}
        self.save(key)
        return key

    def rename(self, key: str, name: str) -> None:
        self.customers[key]["name"] = name
        self.save(key)

    def save(self, key: str) -> None:
        self.customers[key]["changed"] = self.now.isoformat()

    def delete(self, key: str) -> None:
        del self.customers[key]

    def wait(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)

    # -- what it answers --------------------------------------------------------------------------

    def connect(
        self, connector: Connector, clock: Clock | None = None, key: str = KEY
    ) -> HttpTransport:
        return InProcess(self.shown, connector, {"key": key}, clock or ManualClock())

    def shown(self, request: Request) -> Response:
        known = request.headers.get("X-Key") == KEY
        return self.answer(request) if known else Response(401, {}, b"")

    def answer(self, request: Request) -> Response:
        if request.path == "/api/company":
            return _json({"id": "k-1", "name": "Касса № 1"})
        query = request.query
        rows = sorted(self.customers.values(), key=lambda row: (row["changed"], int(row["id"])))
        if "ids" in query:
            wanted = query["ids"].split(",")
            return _json({"items": [row for row in rows if row["id"] in wanted]})
        since, after = query.get("from", ""), int(query.get("after", "0"))
        rows = [r for r in rows if r["changed"] > since or _behind(r, since, after)]
        return _json({"items": rows[: int(query["limit"])]})


def _behind(row: dict[str, str], since: str, after: int) -> bool:
    return row["changed"] == since and int(row["id"]) > after


def _json(value: Any) -> Response:
    return Response(200, {"content-type": "application/json"}, msgspec.json.encode(value))
