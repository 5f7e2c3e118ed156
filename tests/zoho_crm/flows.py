"""Driving a flow by hand: what it asks, given what it is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from syncd.port import Flow, Op, Request, Response, Write

T = TypeVar("T")

ACCOUNT, ORDER, OTHER = "4876876000000123001", "4876876000000200001", "4876876000000123002"
DATE = {"date": "Fri, 20 Nov 2026 12:00:00 GMT"}


class Answer(NamedTuple):
    status: int
    body: object = None
    headers: Mapping[str, str] = {}

    def response(self) -> Response:
        if self.body is None:
            return Response(self.status, self.headers, b"")
        raw = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return Response(self.status, self.headers, raw)


NOTHING = Answer(204)
UNCHANGED = Answer(304)


def drive(flow: Flow[T], *answers: Answer | Exception) -> tuple[list[Request], T]:
    """The requests of the whole flow, and its result; every answer must be used."""
    asked: list[Request] = []
    left = list(answers)
    try:
        asked.append(next(flow))
        while True:
            answer = left.pop(0)
            if isinstance(answer, Exception):
                asked.append(flow.throw(answer))
            else:
                asked.append(flow.send(answer.response()))
    except StopIteration as stop:
        assert not left, f"not asked for: {left}"
        result: T = stop.value
        return asked, result


def refused(code: str, message: str = "no", status: int = 400, **details: object) -> Answer:
    """The request as a whole."""
    return Answer(status, {"code": code, "details": details, "message": message, "status": "error"})


def done(remote_id: str, **more: object) -> dict[str, Any]:
    details = {"id": remote_id, "Modified_Time": "2026-11-20T13:00:00+01:00"}
    good = {"code": "SUCCESS", "details": details, "message": "record added", "status": "success"}
    return {**good, **more}


def failed(code: str, message: str = "no", **details: object) -> dict[str, Any]:
    return {"code": code, "details": details, "message": message, "status": "error"}


def each(*elements: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(status, {"data": elements})


def rows(*data: Mapping[str, Any], more: bool = False, token: str | None = None) -> Answer:
    info = {"count": len(data), "more_records": more, "next_page_token": token}
    return Answer(200, {"data": data, "info": info}, DATE)


def write(op: Op, target: str, remote_id: str | None = None, /, **fields: Any) -> Write:
    """`cf_NAME` stands for `custom_fields.NAME`."""
    parents = {} if target == "Accounts" else {"Accounts": ACCOUNT}
    named = {
        f"custom_fields.{name[3:]}" if name.startswith("cf_") else name: value
        for name, value in fields.items()
    }
    return Write(op, target, "K-1", remote_id, parents, named)


def query_of(request: Request) -> str:
    """Of a request in the query language."""
    assert (request.method, request.path, request.write) == ("POST", "/crm/v8/coql", False)
    assert isinstance(request.json, dict)
    return str(request.json["select_query"])
